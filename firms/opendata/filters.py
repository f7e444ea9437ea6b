"""What may be asked of the open data. Firms are found by the directory's own filter; what pages leave alone, an interface
refuses in words: a part of the address that it does not know, a value that there cannot be."""

import re

from babel import Locale
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import CharFilter, FilterSet, ModelChoiceFilter, MultipleChoiceFilter, NumberFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

from firms.entries import NOTHING
from firms.filters import BAND_LABELS, FacetFilter, FirmFilter
from firms.models import Firm, Project, Zone

TERRITORIES = {code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code)}
# Facets whose values are a closed list. Those of capability and qualification are words of the firms: an unknown one finds none.
CLOSED = {
    "status": Firm.Status.values, "capital_type": Firm.Capital.values, "capital": list(BAND_LABELS),
    "high_tech": [*Firm.HighTech.values, NOTHING], "supporting": ["yes"], "spare": ["yes"],
}  # fmt: skip
FIRST_YEAR, LAST_YEAR = 1970, 9998
SORTS = ["relevance", "name", "year", "capital", "changed"]
FIRM_PARAMETERS = [*FirmFilter.base_filters, "sort", "changed_since"]


def moment(text):
    """A day or a moment as ISO 8601 writes it; a day begins at midnight in Da Nang. Kept within what every database can hold."""
    try:
        found = parse_datetime(text) or parse_datetime(f"{parse_date(text)}T00:00:00")
    except ValueError:
        found = None
    if found is None:
        words = _("Give a day or a moment such as 2026-01-31 or 2026-01-31T08:00:00+07:00.")
        raise ValidationError({"changed_since": words})
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        found = found.replace(year=FIRST_YEAR if found.year < FIRST_YEAR else LAST_YEAR, month=1, day=1)
    return make_aware(found) if is_naive(found) else found


def refuse_unknown(data, known):
    """Raises for parts of the address that nobody reads: a mistyped filter must not look like one that finds everything."""
    words = _("There is no such parameter. There are: {names}.").format(names=", ".join(known) or "–")
    if unknown := [name for name in data if name not in known]:
        raise ValidationError(dict.fromkeys(unknown, words))


def firms(data):
    """The directory's filter for a request's query, its values checked."""
    found = FirmFilter(data)
    wrong = {}
    for name, values in found.asked.items():
        known = may_be(found, name)
        for value in values:
            if not known(value):
                said = ", ".join(CLOSED[name]) if name in CLOSED else ""
                words = _("“{value}” is no value of this filter.").format(value=value[:60])
                wrong[name] = f"{words} {_('There are: {names}.').format(names=said)}" if said else words
    if (sort := data.get("sort")) is not None and sort not in SORTS:
        wrong["sort"] = _("There are: {names}.").format(names=", ".join(SORTS))
    if wrong:
        raise ValidationError(wrong)
    return found


def may_be(found, name):
    """Whether a value can be one of a facet, even if no firm has it today."""
    if name in CLOSED:
        return CLOSED[name].__contains__
    if name in ("zone", "sector"):
        return lambda value: value in found.index.surroundings.lines or value == NOTHING
    if name == "country":
        return lambda value: value in TERRITORIES or value == NOTHING
    if name == "year":
        return lambda value: bool(re.fullmatch(r"\d{4}", value, re.ASCII)) or value == NOTHING
    return lambda value: True


NO_SUCH = {"invalid_choice": gettext_lazy("There is nothing with this code.")}


YEAR = extend_schema_field({"type": "integer", "minimum": 1900, "maximum": 9999})


class Asked(FilterSet):
    """Parts of the address that are left empty ask for nothing."""

    def __init__(self, data=None, *args, **kwargs):
        if data is not None:
            data = data.copy()
            for name, values in list(data.lists()):
                data.setlist(name, [value for value in values if value])
        super().__init__(data, *args, **kwargs)


class ZoneFilter(Asked):
    q = CharFilter(label=gettext_lazy("Search"), method="search")
    kind = MultipleChoiceFilter(label=gettext_lazy("Kind"), choices=Zone.Kind)
    state = MultipleChoiceFilter(label=gettext_lazy("State"), choices=Zone.State)
    part_of = ModelChoiceFilter(
        label=gettext_lazy("Part of"),
        field_name="parent",
        to_field_name="code",
        queryset=Zone.objects.public(),
        error_messages=NO_SUCH,
    )

    class Meta:
        model = Zone
        fields = []

    def search(self, queryset, _name, words):
        return queryset.matching(words)


class ProjectFilter(Asked):
    firm = ModelChoiceFilter(
        label=gettext_lazy("Firm"), to_field_name="code", queryset=Firm.objects.public(), error_messages=NO_SUCH
    )
    zone = ModelChoiceFilter(
        label=gettext_lazy("Zone"), to_field_name="code", queryset=Zone.objects.public(), error_messages=NO_SUCH
    )
    stage = MultipleChoiceFilter(label=gettext_lazy("Stage"), choices=Project.Stage)
    year = YEAR(NumberFilter(label=gettext_lazy("Registered in"), field_name="registered_year", min_value=1900, max_value=9999))

    class Meta:
        model = Project
        fields = []


def firm_parameters():
    """(name, label, closed list of values or None, whether it may be given several times) of each filter of firms."""
    for name, it in FirmFilter.base_filters.items():
        yield name, it.label, CLOSED.get(name), isinstance(it, FacetFilter)
