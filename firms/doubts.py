"""Why a stored fact is in doubt, in words. `Sourced.unsure` stores a key of REASONS, or an editor's own words."""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "ambiguous": _("the source leaves open what is meant"),
    "approximate": _("rounded by the source: about, more than"),
    "classified": _("our classification of the source's words"),
    "conflict": _("sources differ"),
    "construction_year": _("the year in which construction began, not that of a certificate"),
    "converted": _("converted from another unit"),
    "doubtful": _("printed so, but hardly right"),
    "general_knowledge": _("from general knowledge, no source"),
    "inferred": _("inferred, no source says it"),
    "opening_year": _("the year of the opening, not of the decision"),
    "our_words": _("our wording; the source gives no name"),
    "partial": _("covers one part only"),
    "point_from_memory": _("about ±3 km, from general knowledge; no source states it"),
    "point_of_box": _("computed: the middle of the limits that the source states"),
    "point_of_office": _("the authority's office on the map of its website, not the middle of the zone"),
    "press_year": _("a year named by the press, not that of a certificate"),
    "translated": _("our translation"),
}


def words(reason):
    """What a reader is told of a reason."""
    return str(REASONS.get(reason, reason))


def reason(row, *names):
    """The reason why one of these fields of a row is in doubt; the confidence of the whole row if that is low; else ""."""
    for name in names:
        if name in row.unsure:
            return words(row.unsure[name])
    return str(row.get_confidence_display()) if row.is_unsure else ""


def told(row):
    """[(name of the field, why it is in doubt)] of a row with sources, in the order of its fields."""
    return [(field.verbose_name, words(row.unsure[field.name])) for field in row._meta.fields if field.name in row.unsure]
