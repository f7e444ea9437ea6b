"""The network of links in memory: which link has which property, and in what order they stand (parkportal.bitsets).

Every process holds its own copy. When an edition has turned, or the day is another one (evidence runs out, reviews fall due),
all rows are read again, which takes a fraction of a second for twenty thousand links, and those that read otherwise than
before are taken in anew. So whatever wrote them, and whichever firm got another zone or was merged, nothing is overlooked."""

import threading
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max, Q

from firms.entries import NOTHING, Surroundings
from firms.matching import whole_zones
from firms.models import Edition, Zone
from linkages.models import Link, LinkEvidence, Party
from linkages.models.links import REVIEW_EVERY
from parkportal.bitsets import Shelf
from parkportal.text import fold

BETWEEN = "~"  # between the two zones of a pair
MOST_KEPT = 2000  # figures
LINK_COLUMNS = [
    "pk", "source_party", "target_party", "kind", "state", "product", "product_en", "starts_on", "ends_on", "value_band",
    "reviewed_on", "source_confirmed_on", "target_confirmed_on", "is_public", "is_demonstration",
]  # fmt: skip
PARTY_COLUMNS = [
    "pk", "kind", "name", "name_en", "country", "is_public", "search_text", "sort_key", "firm", "firm__name", "firm__name_en",
    "firm__zone", "firm__sector", "firm__country", "firm__other_countries", "firm__is_public", "firm__merged_into",
    "firm__code", "firm__search_text", "firm__sort_key",
]  # fmt: skip


@dataclass(frozen=True)
class End:
    """One end of a link, as rows show it."""

    pk: int
    kind: str
    name: str
    name_en: str
    code: str  # of the firm; "" of another body
    zone: str  # code of its zone; NOTHING where it is in none
    node: str  # code of the whole zone
    zones: tuple
    sectors: tuple
    countries: tuple
    is_in_park: bool
    is_public: bool
    text: str
    sort_key: str

    def called(self, language):
        return self.name_en if self.name_en and language == "en" else self.name


@dataclass(slots=True)
class Entry:
    """One link."""

    pk: int
    source: End
    target: End
    row: dict
    level: int
    values: dict
    text: str

    def subject(self, language):
        return self.row["product_en"] if self.row["product_en"] and language == "en" else self.row["product"]


def _old_first(entry):
    return (entry.row["reviewed_on"] is not None, entry.row["reviewed_on"] or 0, entry.pk)


def _late_first(entry):
    starts_on = entry.row["starts_on"]
    return (starts_on is None, -starts_on.toordinal() if starts_on else 0, -entry.pk)


class Network(Shelf):
    orders = {
        "new": lambda entry: -entry.pk,
        "source": lambda entry: (entry.source.sort_key, entry.target.sort_key, entry.pk),
        "target": lambda entry: (entry.target.sort_key, entry.source.sort_key, entry.pk),
        "level": lambda entry: (-entry.level, -entry.pk),
        "begun": _late_first,
        "review": _old_first,
    }

    def __init__(self):
        self.lock = threading.RLock()
        self.token = None
        self.clear()

    def clear(self):
        self.read, self.surroundings, self.parks = {}, None, None
        super().clear()

    def settle(self):
        super().settle()
        self._said, self._counted, self._texts = {}, {}, None

    # Keeping up ---------------------------------------------------------------------------------------------------------
    def fresh(self, today):
        """This network, as the database stands today. One small query where nothing has changed."""
        token = None if connection.in_atomic_block else (today, Edition.all_current())
        if token is not None and token == self.token:
            return self
        with self.lock:
            self.catch_up(today)
            self.token = token  # what is seen inside a transaction may still be taken back
        return self

    def catch_up(self, today):
        surroundings, wholes, parks = Surroundings.read(), whole_zones(), park_zones()
        if (surroundings, wholes, parks) != self.surroundings or self.forgotten > len(self.pks):
            self.clear()
            self.surroundings = (surroundings, wholes, parks)
        levels = levels_on(today)
        ends = {row["pk"]: row for row in Party.objects.order_by().values(*PARTY_COLUMNS)}
        read = {}
        for row in Link.objects.order_by().values(*LINK_COLUMNS):
            due = row["state"] == Link.State.RUNNING and is_due(row["reviewed_on"], today)
            read[row["pk"]] = (row, levels.get(row["pk"], 0), ends[row["source_party"]], ends[row["target_party"]], due)
        if read == self.read:
            return
        made = {}
        for pk in [pk for pk, seen in self.read.items() if read.get(pk) != seen]:
            self.forget(pk)
        for pk, (row, level, source, target, due) in read.items():
            if pk not in self.slot_of:
                for end in (source, target):
                    if end["pk"] not in made:
                        made[end["pk"]] = self.end(end)
                self.put(entry_of(row, level, made[source["pk"]], made[target["pk"]], due))
        self.read = read
        self.settle()

    def end(self, row):
        surroundings, wholes, parks = self.surroundings
        is_firm, zone = row["firm"] is not None, row["firm__zone"]
        name, name_en = (row["firm__name"], row["firm__name_en"]) if is_firm else (row["name"], row["name_en"])
        countries = [row["firm__country"], *(row["firm__other_countries"] or [])] if is_firm else [row["country"]]
        return End(
            pk=row["pk"],
            kind=row["kind"],
            name=name,
            name_en=name_en,
            code=row["firm__code"] or "",
            zone=surroundings.zones[zone][0] if zone else NOTHING,
            node=wholes[zone] if zone else NOTHING,
            zones=surroundings.zones[zone] if zone else (NOTHING,),
            sectors=surroundings.sectors.get(row["firm__sector"], (NOTHING,)),
            countries=tuple(dict.fromkeys(code for code in countries if code)) or (NOTHING,),
            is_in_park=zone in parks,
            is_public=row["is_public"] and (not is_firm or (row["firm__is_public"] and row["firm__merged_into"] is None)),
            text=fold(row["search_text"], row["firm__search_text"], row["firm__code"]),
            sort_key=row["firm__sort_key"] if is_firm else row["sort_key"],
        )

    # Asking -------------------------------------------------------------------------------------------------------------
    @property
    def places(self):
        """Names of zones and sectors in both languages."""
        return self.surroundings[0]

    @property
    def texts(self):
        """What each link is found by, in the order of the slots."""
        if self._texts is None:
            self._texts = [entry.text if entry else "" for entry in self.entries]
        return self._texts

    def saying(self, words):
        """The links whose ends or subject say every word."""
        found = self.everything
        for word in fold(words).split()[:12]:
            if word not in self._said:
                if len(self._said) > 500:
                    self._said.clear()
                self._said[word] = sum_of([word in text for text in self.texts])
            found &= self._said[word]
        return found

    def counts(self, facet, among):
        """As Shelf.counts, kept while nothing changes: whoever turns a page asks the same again."""
        return self._kept((facet, among), lambda: super(Network, self).counts(facet, among))

    def pairs(self, among):
        """[(pair of zones, links of the set between them)], the most first."""
        counts = self.counts("pair", among)
        return self._kept(("pairs", among), lambda: sorted(counts.items(), key=lambda it: (-it[1], it[0])))

    def kinds_of(self, pair, among):
        """[(kind, links of the set between two zones that are of it)], the most first."""
        return self._kept((pair, among), lambda: self._kinds_of(self.having("pair", pair) & among))

    def _kinds_of(self, bits):
        counted = ((kind, (bits & self.having("kind", kind)).bit_count()) for kind in Link.Kind.values)
        return sorted((it for it in counted if it[1]), key=lambda it: -it[1])

    def _kept(self, key, counted):
        if key not in self._counted:
            if len(self._counted) > MOST_KEPT:
                self._counted.clear()
            self._counted[key] = counted()
        return self._counted[key]

    def rows(self, pks):
        return [self.entries[self.slot_of[pk]] for pk in pks]


def sum_of(answers):
    """The set of those slots whose answer is yes, as a number: its binary digits are written down and read."""
    digits = "".join(["1" if yes else "0" for yes in answers])
    return int(digits[::-1] or "0", 2)


def entry_of(row, level, source, target, due):
    parks = source.is_in_park + target.is_in_park
    confirmed = bool(row["source_confirmed_on"]) + bool(row["target_confirmed_on"])
    is_public = row["is_public"] and source.is_public and target.is_public
    values = {
        "kind": (row["kind"],),
        "state": (row["state"],),
        "level": (str(level),),
        "pair": (pair_of(source.node, target.node),),
        "node": tuple(dict.fromkeys((source.node, target.node))),
        "zone": tuple(dict.fromkeys(source.zones + target.zones)),
        "sector": tuple(dict.fromkeys(source.sectors + target.sectors)),
        "country": tuple(dict.fromkeys(source.countries + target.countries)),
        "park": (("without", "with", "within")[parks],),
        "confirmed": (("none", "one", "both")[confirmed],),
        "review": ("due",) if due else (),
        "value": (row["value_band"] or NOTHING,),
        "shown": ("yes" if is_public else "no",),
        "party": (str(source.pk), str(target.pk)),
    }
    text = f"{source.text} | {target.text} | {fold(row['product'], row['product_en'])}"
    return Entry(row["pk"], source, target, row, level, values, text)


def pair_of(one, other):
    """ "KCN-LC~KCNC-DN": the pair does not ask who supplies."""
    return BETWEEN.join(sorted([one, other]))


def is_due(reviewed_on, today):
    return reviewed_on is None or reviewed_on < today - REVIEW_EVERY


def levels_on(day):
    """{link: the highest level of its evidence that was there and valid on a day}, links without any left out."""
    valid = (Q(dated_on=None) | Q(dated_on__lte=day)) & (Q(valid_until=None) | Q(valid_until__gte=day))
    found = LinkEvidence.objects.filter(valid, removed_at=None).order_by().values_list("link")
    return dict(found.annotate(Max("level")))


def park_zones():
    """Keys of the high-tech park and its parts."""
    return frozenset(
        Zone.objects.filter(kind__in=[Zone.Kind.HIGH_TECH_PARK, Zone.Kind.HIGH_TECH_PART]).values_list("pk", flat=True)
    )


_NETWORK = Network()


def current(today):
    """The network as it stands now."""
    return _NETWORK.fresh(today)
