"""Why a pair was suggested, in the reader's words: one line for each criterion, made of what is stored with the match."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from firms.models import Sector, Zone
from linkages import terms
from linkages.models import Posting

CRITERIA = [
    "words", "sector", "process", "materials", "kind", "readiness", "transfer", "country", "zone", "certificates",
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    criterion: str
    label: str
    words: str
    points: float
    of: int

    @property
    def tone(self):
        """Whether it speaks for the pair, against it, or neither."""
        return "for" if self.points > self.of * 0.55 else "against" if self.points < self.of * 0.45 else "open"


def labels():
    return {
        "words": _("Words"),
        "sector": _("Sector"),
        "process": _("Process"),
        "materials": _("Materials"),
        "kind": _("Kind"),
        "readiness": _("Stage of development"),
        "transfer": _("Form of transfer"),
        "country": _("Country"),
        "zone": _("Nearness"),
        "certificates": _("Certificates"),
    }


class Teller:
    """Names sectors and zones of any number of pairs with two queries."""

    def __init__(self):
        self.sectors = {it.key: it for it in Sector.objects.all()}
        self.zones = {it.code: it for it in Zone.objects.only("code", "name", "name_en")}
        self.labels = labels()

    def lines(self, reasons):
        """`reasons` as Match stores them, or as linkages.matching gives them."""
        stored = [it if isinstance(it, dict) else it.as_json() for it in reasons]
        known = [it for it in stored if it.get("criterion") in self.labels]
        return [
            Line(it["criterion"], self.labels[it["criterion"]], self.words(it), it["points"], it["of"])
            for it in sorted(known, key=lambda it: CRITERIA.index(it["criterion"]))
        ]

    def words(self, reason):
        values = reason.get("values", {})
        said = _listed(terms.shown(it) for it in values.get("terms", []) if _is_known(it))
        told = {
            "words": {"both": _("Both speak of {terms}."), "none": _("They share no word.")},
            "sector": {
                "same": _("Both are in {sector}."),
                "near": _("Both belong to {sector}."),
                "apart": _("One is in {one}, the other in {other}."),
                "unsaid": _("One side does not say its sector."),
            },
            "process": {
                "both": _("Same process: {terms}."),
                "near": _("Processes of one kind."),
                "apart": _("Different processes."),
                "unsaid": _("One side names no process."),
            },
            "materials": {
                "both": _("Same material: {terms}."),
                "near": _("Materials of one kind."),
                "apart": _("Different materials."),
                "unsaid": _("One side names no material."),
            },
            "kind": {
                "same": _("Sought and offered alike: {one}."),
                "near": _("Sought: {one}; offered: {other}. One can serve the other."),
                "apart": _("Sought: {one}; offered: {other}."),
                "unsaid": _("One side does not say of what kind it is."),
            },
            "readiness": {
                "enough": _("As far developed as asked, or further: {stage}."),
                "almost": _("One stage short of what is asked: {stage}."),
                "lacks": _("Less developed than asked: {stage}."),
                "unsaid": _("One side does not say how far developed it is."),
            },
            "transfer": {
                "both": _("Both can do: {transfers}."),
                "apart": _("They name different forms."),
                "unsaid": _("One side names no form."),
            },
            "country": {
                "anywhere": _("Partners from anywhere are welcome."),
                "fits": _("It comes from a country that is asked for."),
                "apart": _("It comes from another country than asked for."),
                "unsaid": _("It is not said from where one side is."),
            },
            "zone": {
                "same": _("Both are in {zone}."),
                "near": _("Both belong to {zone}."),
                "apart": _("They are in different zones."),
                "unsaid": _("One side is in no zone of the region, or does not say so."),
            },
            "certificates": {
                "all": _("Everything asked for is there: {terms}."),
                "some": _("There is {terms}; {lacking} is not mentioned."),
                "none": _("{lacking} is asked for and not mentioned."),
                "unasked": _("No certificate is asked for."),
            },
        }
        sentence = told[reason["criterion"]].get(reason.get("key"), "")
        return sentence.format(
            terms=said,
            lacking=_listed(terms.shown(it) for it in values.get("lacking", []) if _is_known(it)),
            sector=self.sector(values.get("sector")),
            one=self._either(reason, values.get("one")),
            other=self._either(reason, values.get("other")),
            stage=_choice(Posting.Readiness, values.get("other")),
            transfers=_listed(_choice(Posting.Transfer, it) for it in values.get("transfers", [])),
            zone=self.zones[values["zone"]].title if values.get("zone") in self.zones else values.get("zone"),
        )

    def sector(self, key):
        return self.sectors[key].title if key in self.sectors else key

    def _either(self, reason, value):
        return self.sector(value) if reason["criterion"] == "sector" else _choice(Posting.Kind, value)


def _choice(choices, value):
    return str(dict(choices.choices).get(value, value))


def _is_known(term):
    """The glossary may have changed since the reasons were stored."""
    return not term.startswith(terms.CONCEPT) or term[2:] in terms.glossary().concepts


def _listed(words):
    return pgettext("between things of a list", ", ").join(f"“{word}”" for word in words) or "–"
