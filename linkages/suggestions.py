"""Who could meet a need: published offers and what firms of the directory can do, with the officer's verdicts left out.

Nothing is written by looking. A pair becomes a row when the officer says that it fits or that it does not; from then on it is
not suggested again, so that nobody thinks the same thing through twice."""

import threading
from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from firms.entries import Surroundings
from firms.models import Capability, Edition, Firm
from linkages import matching, terms
from linkages.matching import CAPABILITY_KINDS, Weighing, profile
from linkages.models import Match, Party, Posting

LIMIT = 10
LEAST = 40  # points below which a suggestion only costs time: 19 of 20 right pairs of the labelled set have more
LEAST_WORDS = 6  # of the points for words
OFFER, FIRM = "offer", "firm"
CAPABILITY_COLUMNS = [
    "pk", "kind", "name", "name_en", "process", "materials", "certificates", "firm_id", "firm__zone_id", "firm__sector_id",
    "firm__country",
]  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """`offer`, or `firm` with the `capability` that fits best; `need` where an offer looks for needs."""

    score: int
    reasons: list
    need: Posting
    offer: Posting | None = None
    firm: Firm | None = None
    capability: Capability | None = None

    @property
    def key(self):
        return f"{OFFER}:{self.offer.pk}" if self.offer else f"{FIRM}:{self.firm.pk}"

    @property
    def party(self):
        """The firm as a partner, made when it is asked for: only where something is written."""
        return Party.objects.of_firm(self.firm) if self.firm else None


# Profiles ------------------------------------------------------------------------------------------------------------
def profile_of(posting, surroundings):
    owner = posting.owner
    firm = owner.firm if owner else None
    return profile(
        f"{OFFER}:{posting.pk}",
        dict.fromkeys([posting.title, posting.title_en]),
        dict.fromkeys([posting.summary, posting.summary_en, posting.requirements]),
        process=posting.process,
        materials=posting.materials,
        kinds=(posting.kind,),
        sectors=surroundings.sectors.get(posting.sector_id, ()),
        readiness=posting.readiness,
        transfers=frozenset(posting.transfers),
        countries=frozenset(posting.countries),
        country=(firm.country if firm else owner.country if owner else "") or ("VN" if owner else ""),
        zones=surroundings.zones.get(firm.zone_id, ()) if firm else (),
    )


def profile_of_capability(row, surroundings):
    return profile(
        f"{FIRM}:{row['firm_id']}:{row['pk']}",
        dict.fromkeys([row["name"], row["name_en"]]),
        process=row["process"],
        materials=row["materials"],
        certificates=row["certificates"],
        kinds=CAPABILITY_KINDS[row["kind"]],
        sectors=surroundings.sectors.get(row["firm__sector_id"], ()),
        country=row["firm__country"] or "VN",
        zones=surroundings.zones.get(row["firm__zone_id"], ()),
    )


class Capabilities:
    """What the firms can do, in memory: read again when the directory's edition has turned (as firms.index does)."""

    def __init__(self):
        self.lock = threading.RLock()
        self.token, self.profiles, self.saying, self.surroundings = None, [], {}, None

    def fresh(self):
        token = None if connection.in_atomic_block else Edition.current()
        if token is None or token != self.token:
            with self.lock:
                self.read()
                self.token = token
        return self

    def read(self):
        self.surroundings = Surroundings.read()
        firms = Q(firm__is_public=True, firm__merged_into__isnull=True)
        rows = Capability.objects.filter(firms, is_public=True).exclude(kind=Capability.Kind.INPUT).order_by("pk")
        self.profiles = [profile_of_capability(row, self.surroundings) for row in rows.values(*CAPABILITY_COLUMNS)]
        self.saying = defaultdict(list)
        for place, one in enumerate(self.profiles):
            for term in one.words.weights:
                self.saying[term].append(place)

    def near(self, need):
        """Those that share more than a single word of no trade with the need."""
        places = {place for term in need.words.weights if not term.startswith(terms.WORD) for place in self.saying.get(term, ())}
        return [self.profiles[place] for place in sorted(places)]


_CAPABILITIES = Capabilities()


# Suggesting ----------------------------------------------------------------------------------------------------------
class Exchange:
    """Everything that is offered and needed on a day, ready to be compared."""

    def __init__(self, today, *besides):
        self.capabilities = _CAPABILITIES.fresh()
        shown = Posting.objects.published(today).select_related("owner__firm").order_by("pk")
        self.postings = {posting.pk: posting for posting in [*shown, *besides]}
        self.profiles = {pk: profile_of(posting, self.capabilities.surroundings) for pk, posting in self.postings.items()}
        self.weighing = Weighing([*self.profiles.values(), *self.capabilities.profiles])

    def others(self, posting):
        """The postings of the other direction that are not of the same owner."""
        found = (it for it in self.postings.values() if it.direction != posting.direction)
        return [it for it in found if not _same_owner(it, posting)]

    def for_need(self, need, limit=LIMIT):
        """Offers and firms for a need, best first; of a firm what fits best."""
        one = self.profiles[need.pk]
        decided = list(
            Match.objects.filter(need=need).exclude(verdict="", state="suggested").values_list("offer_id", "party__firm_id")
        )
        offers, firms = {offer for offer, _firm in decided}, {firm for offer, firm in decided if not offer}
        if need.owner_id and need.owner.firm_id:
            firms.add(need.owner.firm_id)
        others = [self.profiles[it.pk] for it in self.others(need) if it.pk not in offers]
        near = [it for it in self.capabilities.near(one) if _firm_of(it) not in firms]
        return self._rows(need, _best_of_each(_worth(matching.ranked(self.weighing, one, [*others, *near])))[:limit])

    def for_offer(self, offer, limit=LIMIT):
        """Needs that an offer could meet."""
        decided = set(Match.objects.filter(offer=offer).exclude(verdict="", state="suggested").values_list("need_id", flat=True))
        needs = [self.profiles[it.pk] for it in self.others(offer) if it.pk not in decided]
        hits = _worth(matching.ranked(self.weighing, self.profiles[offer.pk], needs))[:limit]
        return [Suggestion(hit.score, hit.reasons, self.postings[_number(hit)], offer) for hit in hits]

    def _rows(self, need, hits):
        keys = [int(hit.profile.key.split(":")[2]) for hit in hits if hit.profile.key.startswith(FIRM)]
        capabilities = Capability.objects.select_related("firm__zone").in_bulk(keys)
        found = []
        for hit in hits:
            if hit.profile.key.startswith(OFFER):
                found.append(Suggestion(hit.score, hit.reasons, need, self.postings[_number(hit)]))
            elif it := capabilities.get(int(hit.profile.key.split(":")[2])):
                found.append(Suggestion(hit.score, hit.reasons, need, None, it.firm, it))
        return found

    def pair(self, need, key):
        """The suggestion with a key (offer:12, firm:34), however few its points; None where there is no such thing."""
        what, _colon, number = key.partition(":")
        if not number.isdecimal() or len(number) > 9:
            return None
        one = self.profiles[need.pk]
        if what == OFFER:
            other = self.postings.get(int(number))
            others = [self.profiles[other.pk]] if other and other in self.others(need) else []
        else:
            others = [it for it in self.capabilities.profiles if it.key.startswith(f"{FIRM}:{number}:")]
        hits = [matching.Hit(other, *self.weighing.compare(one, other)) for other in others]
        best = sorted(hits, key=lambda hit: (-hit.score, -hit.word_points, hit.profile.key))[:1]
        return next(iter(self._rows(need, best)), None)


def suggest(need, today, limit=LIMIT):
    return Exchange(today, need).for_need(need, limit)


def _same_owner(one, other):
    if one.owner_id or other.owner_id:
        return one.owner_id == other.owner_id
    return bool(one.contact_email) and one.contact_email.casefold() == other.contact_email.casefold()


def _worth(hits):
    return [hit for hit in hits if hit.score >= LEAST and hit.word_points >= LEAST_WORDS]


def _number(hit):
    return int(hit.profile.key.split(":")[1])


def _firm_of(one):
    return int(one.key.split(":")[1])


def _best_of_each(hits):
    """The first hit of each offer and each firm."""
    firsts = {}
    for hit in hits:
        firsts.setdefault(":".join(hit.profile.key.split(":")[:2]), hit)
    return list(firsts.values())
