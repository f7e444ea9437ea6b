"""What firms of the high-tech park buy abroad, and which firms of the region say that they make or do it.

An input without any firm is a gap: a place for an investor. Likeness is told in words, and names in which the numbers differ
(nhôm 6061, nhôm 7075) are never alike, as in firms.matching."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms.countries import read_countries
from firms.models import Capability, Firm, Zone
from firms.names import numbers_of
from linkages import terms
from linkages.models import Link
from parkportal.text import fold

HOME = "VN"
UNCLEAR = "?"
# How an origin says that it lies in the country, or only that it does not; folded.
INLAND = ("trong nuoc", "noi dia", "viet nam", "vietnam", "da nang", "quang nam", "quang ngai", "tp hcm", "ha noi", "domestic")
ABROAD = ("nhap khau", "nuoc ngoai", "import", "abroad", "overseas")
LIKELY, MOST = 40, 8  # points from which on a firm is named; firms named of one input
COMMON = 0.1  # a word pair in more of the capabilities than this says little
POINTS = {"same_name": 70, "same_thing": 60, "broader": 40, "same_words": 40, "process": 20, "material": 10}
REASONS = {
    "same_name": gettext_lazy("the same name"),
    "same_thing": gettext_lazy("both name: {words}"),
    "broader": gettext_lazy("it is a kind of: {words}"),
    "same_words": gettext_lazy("the same words: {words}"),
    "process": gettext_lazy("the same process: {words}"),
    "material": gettext_lazy("the same material: {words}"),
}


@dataclass(frozen=True)
class Candidate:
    """A capability that may replace an input, with its firm, points of 100 and the reasons in words."""

    row: Capability
    score: int
    reasons: list
    link: Link | None = None  # from this firm to the buyer, if there is one already

    @property
    def firm(self):
        return self.row.firm


@dataclass(frozen=True)
class Gap:
    """An input that a firm of the park buys, and who could supply it."""

    row: Capability
    origins: tuple  # codes of countries; (UNCLEAR,) where the words name none
    candidates: list = field(default_factory=list)

    @property
    def firm(self):
        return self.row.firm

    @property
    def origin_words(self):
        return self.row.origin or _("not stated")


# Where an input comes from --------------------------------------------------------------------------------------------
def origins_of(text):
    """Countries abroad that an origin names, (UNCLEAR,) where it says no more than that it is abroad, () where it is inland."""
    countries, unread = read_countries(text.replace("/", ",").replace(";", ","))
    abroad = [code for code in countries if code != HOME]
    said = fold(text)
    for words in unread:  # "nhập khẩu từ Nhật Bản": a name inside other words
        abroad += [code for code in _named_in(fold(words)) if code not in abroad]
    if abroad:
        return tuple(abroad)
    if HOME in countries or any(word in said for word in INLAND):
        return ()
    return (UNCLEAR,) if any(word in said for word in ABROAD) else ()


def _named_in(said):
    """Countries whose name ends a text: after "from", whole words only."""
    words = said.split()
    for start in range(len(words)):
        codes, unread = read_countries(" ".join(words[start:]))
        if codes and not unread:
            return [code for code in codes if code != HOME and len(" ".join(words[start:])) > 2]
    return []


# Who could supply it --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Known:
    """A capability, or an input, reduced to what is compared."""

    row: Capability
    names: tuple
    numbers: frozenset
    terms: terms.Terms

    @classmethod
    def of(cls, row):
        read = terms.read((row.name, 2), (row.name_en, 2), (row.process, 1), (row.materials, 1))
        names = tuple(fold(text) for text in (row.name, row.name_en) if text)
        return cls(row, names, frozenset(numbers_of(row.name) + numbers_of(row.name_en)), read)


def likeness(one, other, common=frozenset()):
    """(points of 100, [[reason, words]]) of an input and a capability; (0, []) where they are certainly two things."""
    if one.numbers and other.numbers and not one.numbers & other.numbers:
        return 0, []
    found = []
    if set(one.names) & set(other.names):
        found.append(["same_name", ""])
    shared = one.terms.named & other.terms.named
    things = {key for key in shared if _sort(key) not in ("material", "certificate", "trade")}
    if things:
        found.append(["same_thing", _labels(things)])
    elif broader := _above(other, one):
        found.append(["broader", _labels(broader)])
    pairs = _pairs(one) & _pairs(other) - common
    if pairs and not found:
        found.append(["same_words", ", ".join(sorted(pairs)[:3])])
    if one.row.process and fold(one.row.process) == fold(other.row.process):
        found.append(["process", one.row.process])
    if materials := {key for key in shared if _sort(key) == "material"}:
        found.append(["material", _labels(materials)])
    return min(100, sum(POINTS[reason] for reason, _words in found)), found


def _sort(key):
    return terms.glossary().concepts[key].sort


def _labels(keys):
    return ", ".join(terms.glossary().concepts[key].label for key in sorted(keys))


def _above(one, other):
    """Things that the one names and that lie above what the other names: who machines parts can make a mould, not the reverse."""
    above = {key for own in other.terms.named for key in terms.glossary().above(own)}
    return {key for key in one.terms.named & above if _sort(key) not in ("material", "certificate", "trade")}


def _pairs(known):
    return {term[2:] for term in known.terms.weights if term.startswith(terms.PAIR)}


def told(reasons):
    return [str(REASONS[reason]).format(words=words) for reason, words in reasons]


def find_gaps():
    """Every input that a firm of the park buys abroad, with its candidates: four queries however many there are."""
    inputs = inputs_of_the_park()
    known = [Known.of(row) for row in capabilities_of_the_region()]
    common, by_term = _common(known), defaultdict(set)
    for place, one in enumerate(known):
        for term in [*one.names, *one.terms.weights]:
            by_term[term].add(place)
    links = _links_to({row.firm_id for row, _origins in inputs})
    gaps = []
    for row, origins in inputs:
        one = Known.of(row)
        places = set().union(*(by_term.get(term, ()) for term in [*one.names, *one.terms.weights]))
        found = [_candidate(one, known[place], common, links) for place in places if known[place].row.firm_id != row.firm_id]
        gaps.append(Gap(row, origins, _best(it for it in found if it)))
    return gaps


def inputs_of_the_park():
    park = Q(firm__zone__kind__in=[Zone.Kind.HIGH_TECH_PARK, Zone.Kind.HIGH_TECH_PART])
    rows = Capability.objects.filter(park, kind=Capability.Kind.INPUT, firm__merged_into__isnull=True).exclude(origin="")
    rows = rows.select_related("firm__zone", "firm__sector").order_by("firm__sort_key", "pk")
    return [(row, origins) for row in rows if (origins := origins_of(row.origin))]


def capabilities_of_the_region():
    present = Capability.objects.filter(firm__in=Firm.objects.public().filter(status__in=Firm.PRESENT), is_public=True)
    return present.exclude(kind=Capability.Kind.INPUT).select_related("firm__zone").order_by("pk")


def _common(known):
    """Word pairs that too many capabilities share."""
    counted = defaultdict(int)
    for one in known:
        for pair in _pairs(one):
            counted[pair] += 1
    return {pair for pair, number in counted.items() if number > max(3, COMMON * len(known))}


def _links_to(buyers):
    """{(who supplies, who takes): link} of firms, of whatever state."""
    rows = Link.objects.filter(target_party__firm__in=buyers, source_party__firm__isnull=False)
    return {(it.source_party.firm_id, it.target_party.firm_id): it for it in rows.select_related("source_party", "target_party")}


def _candidate(one, other, common, links):
    score, reasons = likeness(one, other, common)
    if score < LIKELY:
        return None
    return Candidate(other.row, score, told(reasons), links.get((other.row.firm_id, one.row.firm_id)))


def _best(candidates):
    """Of each firm its best capability, the best firms first."""
    ordered = sorted(candidates, key=lambda it: (-it.score, -len(it.reasons), it.firm.sort_key, it.row.pk))
    firms = {}
    for it in ordered:
        firms.setdefault(it.row.firm_id, it)
    return list(firms.values())[:MOST]
