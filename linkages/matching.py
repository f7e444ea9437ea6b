"""How well an offer, or a firm's capability, meets a need: 0 to 100, criterion by criterion, each in words.

What one side does not say counts half: silence is no fault, and no merit either. The weights are tuned on one half of the
labelled set (tests/bench/matching.py) and measured on the other. The score is the same whichever side asks."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from linkages import terms

# Points of each criterion; together 100.
POINTS = {
    "words": 50, "sector": 12, "process": 10, "materials": 8, "kind": 8, "readiness": 3, "transfer": 3, "country": 2, "zone": 2,
    "certificates": 2,
}  # fmt: skip
FULL_LIKENESS = 0.5  # of the words: two people hardly ever describe one thing more alike
TITLE, DETAILS = 2.0, 1.0
UNSAID = 0.5
MOST_TOLD = 4  # words that are named as a reason
STAGES = ["idea", "laboratory", "prototype", "proven"]
# How a need of one kind is met by an offer of another; the same both ways, whatever is not here not at all.
KINDS = {
    frozenset(["technology", "equipment"]): 0.7, frozenset(["technology", "research"]): 0.6,
    frozenset(["technology", "production"]): 0.4, frozenset(["equipment", "production"]): 0.5,
    frozenset(["research", "production"]): 0.2, frozenset(["technology", "skills"]): 0.2, frozenset(["research", "skills"]): 0.2,
}  # fmt: skip
# What a firm's capability is, as kinds of offers.
CAPABILITY_KINDS = {
    "process": ("production",), "product": ("production", "equipment", "technology"),
    "service": ("production", "technology", "skills"),
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """One side of a pair, reduced to what is compared."""

    key: str
    words: terms.Terms
    process: frozenset = frozenset()  # keys of the glossary, or words that it does not know
    materials: frozenset = frozenset()
    certificates: frozenset = frozenset()
    kinds: tuple = ()
    sectors: tuple = ()  # the sector and the one above
    readiness: str = ""
    transfers: frozenset = frozenset()
    countries: frozenset = frozenset()  # from where a partner may come; empty: from anywhere
    country: str = ""  # where it is itself
    zones: tuple = ()  # the zone and those it is a part of


def profile(key, title, details=(), process="", materials="", certificates="", **facts):
    """A profile out of texts: `title` in every language, `details` likewise; the rest as Profile has it."""
    read = terms.read(
        *((text, TITLE) for text in title if text), *((text, DETAILS) for text in details if text),
        (process, DETAILS), (materials, DETAILS),
    )  # fmt: skip
    return Profile(
        key,
        read,
        process=terms.read((process, 1)).named or read.of_sort("process"),
        materials=terms.read((materials, 1)).of_sort("material") or read.of_sort("material"),
        certificates=read.of_sort("certificate") | terms.read((certificates, 1)).of_sort("certificate"),
        **facts,
    )


@dataclass(frozen=True)
class Reason:
    """One criterion: `points` of `of`, why (`key` within the criterion), and the values of its sentence."""

    criterion: str
    points: float
    of: int
    key: str
    values: dict

    def as_json(self):
        return {
            "criterion": self.criterion,
            "points": round(self.points, 1),
            "of": self.of,
            "key": self.key,
            "values": self.values,
        }


class Weighing:
    """Knows how rare each word is among all that can be offered or needed, and compares two profiles."""

    def __init__(self, profiles):
        self.count = 0
        self.seen = Counter()
        for one in profiles:
            self.count += 1
            self.seen.update(one.words.weights.keys())
        self._vectors = {}

    def rarity(self, term):
        return math.log(1 + (self.count + 1) / (self.seen[term] + 1))

    def vector(self, one):
        """Weights of the words, each by its rarity, of length one."""
        if one.key not in self._vectors:
            raw = {term: weight * self.rarity(term) for term, weight in sorted(one.words.weights.items())}
            length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
            self._vectors[one.key] = {term: value / length for term, value in raw.items()}
        return self._vectors[one.key]

    def common(self, need, other):
        """{term: its share of the likeness} of what both say."""
        one, two = self.vector(need), self.vector(other)
        if len(two) < len(one):
            one, two = two, one
        return {term: value * two[term] for term, value in one.items() if term in two}

    def compare(self, need, other):
        """(score, reasons) of a pair."""
        reasons = [criterion(self, need, other) for criterion in CRITERIA]
        return min(100, max(0, round(sum(it.points for it in reasons)))), reasons


# Criteria ------------------------------------------------------------------------------------------------------------
def _reason(criterion, share, key, **values):
    return Reason(criterion, POINTS[criterion] * share, POINTS[criterion], key, values)


def _words(weighing, need, other):
    common = weighing.common(need, other)
    likeness = math.fsum(sorted(common.values()))
    if not common:
        return _reason("words", 0, "none")
    best = sorted(common, key=lambda term: (-common[term], term))
    said = [
        term
        for term in best
        if not (term.startswith(terms.WORD) and any(term[2:] in other for other in best if other[:2] == terms.PAIR))
    ]
    return _reason(
        "words", min(1.0, likeness / FULL_LIKENESS), "both", terms=[need.words.said.get(it, it) for it in said[:MOST_TOLD]]
    )


def _sector(_weighing, need, other):
    if not need.sectors or not other.sectors:
        return _reason("sector", UNSAID, "unsaid")
    if need.sectors[0] == other.sectors[0]:
        return _reason("sector", 1, "same", sector=need.sectors[0])
    shared = [one for one in need.sectors if one in other.sectors]
    if shared:
        is_above = shared[0] in (need.sectors[0], other.sectors[0])
        return _reason("sector", 0.8 if is_above else 0.6, "near", sector=shared[0])
    return _reason("sector", 0, "apart", one=need.sectors[0], other=other.sectors[0])


def _overlap(criterion, one, other):
    """Of two sets of things: how much of the smaller one the other has; the broader thing above counts in part."""
    if not one or not other:
        return _reason(criterion, UNSAID, "unsaid")
    small, large = sorted([one, other], key=lambda it: (len(it), sorted(it)))
    known = terms.glossary()
    above = {key for it in large for key in known.above(it)}
    share = sum(
        1.0 if it in large else 0.5 if it in above or set(known.above(it)) & large else 0.0 for it in sorted(small)
    ) / len(small)
    both = sorted(one & other)
    key = "both" if both else "near" if share else "apart"
    return _reason(criterion, share, key, terms=[terms.CONCEPT + it for it in both[:MOST_TOLD]])


def _process(_weighing, need, other):
    return _overlap("process", need.process, other.process)


def _materials(_weighing, need, other):
    return _overlap("materials", need.materials, other.materials)


def _kind(_weighing, need, other):
    pairs = [
        (1.0 if one == two else KINDS.get(frozenset([one, two]), 0.0), one, two) for one in need.kinds for two in other.kinds
    ]
    if not pairs:
        return _reason("kind", UNSAID, "unsaid")
    share, one, two = max(pairs, key=lambda it: it[0])
    return _reason("kind", share, "same" if one == two else "near" if share else "apart", one=one, other=two)


def _readiness(_weighing, need, other):
    """One that is further on than asked for fits too."""
    if need.readiness not in STAGES or other.readiness not in STAGES:
        return _reason("readiness", UNSAID, "unsaid")
    lacks = STAGES.index(need.readiness) - STAGES.index(other.readiness)
    key = "enough" if lacks <= 0 else "almost" if lacks == 1 else "lacks"
    return _reason("readiness", {"enough": 1, "almost": 0.5}.get(key, 0), key, need=need.readiness, other=other.readiness)


def _transfer(_weighing, need, other):
    if not need.transfers or not other.transfers:
        return _reason("transfer", UNSAID, "unsaid")
    both = sorted(need.transfers & other.transfers)
    return _reason("transfer", 1 if both else 0, "both" if both else "apart", transfers=both)


def _country(_weighing, need, other):
    if not need.countries and not other.countries:
        return _reason("country", 1, "anywhere")
    asked = [(one.countries, two.country) for one, two in ((need, other), (other, need)) if one.countries]
    if any(not country for _countries, country in asked):
        return _reason("country", UNSAID, "unsaid")
    fits = all(country in countries for countries, country in asked)
    return _reason("country", 1 if fits else 0, "fits" if fits else "apart", countries=sorted({country for _c, country in asked}))


def _zone(_weighing, need, other):
    if not need.zones or not other.zones:
        return _reason("zone", UNSAID, "unsaid")
    if need.zones[0] == other.zones[0]:
        return _reason("zone", 1, "same", zone=need.zones[0])
    shared = [zone for zone in need.zones if zone in other.zones]
    return _reason("zone", 0.8, "near", zone=shared[0]) if shared else _reason("zone", 0.4, "apart")


def _certificates(_weighing, need, other):
    if not need.certificates:
        return _reason("certificates", UNSAID, "unasked")
    both = sorted(need.certificates & other.certificates)
    share = len(both) / len(need.certificates)
    lacking = sorted(need.certificates - other.certificates)
    return _reason(
        "certificates", share, "all" if share == 1 else "some" if both else "none",
        terms=[terms.CONCEPT + it for it in both], lacking=[terms.CONCEPT + it for it in lacking],
    )  # fmt: skip


CRITERIA = [_words, _sector, _process, _materials, _kind, _readiness, _transfer, _country, _zone, _certificates]


# Ranking -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Hit:
    profile: Profile
    score: int
    reasons: list

    @cached_property
    def word_points(self):
        return next(it.points for it in self.reasons if it.criterion == "words")


def ranked(weighing, need, others):
    """Those who share at least a word with the need, best first; equal ones by their key."""
    hits = [Hit(other, *weighing.compare(need, other)) for other in others if weighing.common(need, other)]
    return sorted(hits, key=lambda it: (-it.score, -it.word_points, it.profile.key))
