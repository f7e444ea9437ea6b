"""The directory in memory: which firms have which property, which words say it, and in what order they stand.

A set of firms is one whole number with a bit for each firm, so that combining filters and counting a value take microseconds
at a hundred thousand firms, on SQLite as on PostgreSQL and with the same answers. Every process holds its own copy, reads it
from the database the first time it is asked, and afterwards only those firms whose `touched_at` is another one, whenever the
directory's Edition has turned. Nothing is stored here that the database does not say."""

import re
import threading
import time
from array import array
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from heapq import nsmallest
from itertools import islice, pairwise

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from firms import entries
from firms.models import Edition, Firm
from parkportal.text import fold

WORD = re.compile(r"\w+")
# Where a word may stand, the heaviest first: what a hit there is called stands in firms.filters.
FIELDS = ("name", "capability", "about")
PHRASES = FIELDS[:2]  # there, each pair of neighbours ("co khi") is kept as a word: a phrase is a chain of such pairs
LOOK_AGAIN = 300  # seconds after which every firm's stamp is compared even if no edition was turned (a process died in between)
MOST_SLIPS = 8  # spellings that one mistyped word may stand for


class Slots:
    """A set of firms that grows by one at a time: cheap to add to, turned into a number when it is asked for."""

    __slots__ = ("members", "_bits")

    def __init__(self):
        self.members, self._bits = set(), None

    def add(self, slot):
        self.members.add(slot)
        self._bits = None

    def discard(self, slot):
        self.members.discard(slot)
        self._bits = None

    def bits(self, size):
        if self._bits is None:
            self._bits = to_bits(self.members, size)
        return self._bits


def to_bits(slots, size):
    """A set of firms as a whole number."""
    field = bytearray((size >> 3) + 1)
    for slot in slots:
        field[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(field, "little")


def to_slots(bits):
    """The firms of a set, in no order that means anything."""
    found = []
    for place, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) >> 3, "little")):
        if byte:
            base = place << 3
            found += [base + bit for bit in range(8) if byte >> bit & 1]
    return found


class Index:
    """One process's copy. `entry` of a firm is what firms.entries.read() gives: its values by facet, its texts, its ranks."""

    def __init__(self):
        self.lock = threading.RLock()
        self.edition, self.looked_at = None, 0.0
        self.clear()

    def clear(self):
        self.pks, self.slot_of, self.touched = [], {}, {}
        self.entries = []
        self.alive = Slots()
        self.values = defaultdict(lambda: defaultdict(Slots))
        self.postings = {field: defaultdict(lambda: array("I")) for field in FIELDS}
        self.forgotten = 0  # postings of firms that changed since: they are passed over, and swept when they become many
        self.surroundings = None
        self.settle()

    def settle(self):
        """What is derived from everything, made when it is next needed."""
        self._orders, self._vocabulary, self._bits = {}, None, {}
        self.standing_for.cache_clear()

    # Keeping up ---------------------------------------------------------------------------------------------------------
    def fresh(self):
        """This index, as the database stands. One small query where nothing has changed."""
        token = None if connection.in_atomic_block else Edition.current()
        if token is not None and token == self.edition and time.monotonic() - self.looked_at < LOOK_AGAIN:
            return self
        with self.lock:
            self.catch_up()
            # What is seen inside a transaction may still be taken back.
            self.edition, self.looked_at = token, time.monotonic()
        return self

    def catch_up(self):
        """Reads the firms whose stamp is another one, and forgets those that are no longer public."""
        surroundings = entries.Surroundings.read()
        if surroundings != self.surroundings or self.forgotten > len(self.pks):
            self.clear()
            self.surroundings = surroundings
        stamps = dict(Firm.objects.public().order_by().values_list("pk", "touched_at"))
        if stamps == self.touched:
            return
        gone = [pk for pk in self.touched if pk not in stamps]
        changed = [pk for pk, stamp in stamps.items() if self.touched.get(pk) != stamp]
        for pk in gone + [pk for pk in changed if pk in self.slot_of]:
            self.forget(pk)
        for entry in entries.read(changed, surroundings):
            self.add(entry)
        self.touched = {pk: stamp for pk, stamp in stamps.items() if pk in self.slot_of}
        self.settle()

    def forget(self, pk):
        slot = self.slot_of.pop(pk)
        self.alive.discard(slot)
        for facet, values in self.entries[slot].values.items():
            for value in values:
                self.values[facet][value].discard(slot)
        self.entries[slot] = None
        self.forgotten += 1

    def add(self, entry):
        slot = len(self.pks)
        self.pks.append(entry.pk)
        self.slot_of[entry.pk] = slot
        self.entries.append(entry)
        self.alive.add(slot)
        for facet, values in entry.values.items():
            for value in values:
                self.values[facet][value].add(slot)
        for field in FIELDS:
            postings = self.postings[field]
            words = WORD.findall(entry.texts[field])
            if field in PHRASES:
                words += [f"{one} {two}" for one, two in pairwise(words)]
            for word in set(words):
                postings[word].append(slot)
        entry.texts.clear()  # kept as postings; the page reads its own firms' texts

    # Asking -------------------------------------------------------------------------------------------------------------
    @property
    def everything(self):
        return self.alive.bits(len(self.pks))

    def having(self, facet, value):
        """The firms that have a value."""
        known = self.values[facet]
        return known[value].bits(len(self.pks)) if value in known else 0

    def having_any(self, facet, values):
        bits = 0
        for value in values:
            bits |= self.having(facet, value)
        return bits

    def counts(self, facet, among):
        """{value: firms of the set that have it}, values that none has left out."""
        size = len(self.pks)
        counted = ((value, (slots.bits(size) & among).bit_count()) for value, slots in self.values[facet].items())
        return {value: count for value, count in counted if count}

    def saying(self, word, field=None):
        """The firms in whose texts (or one of them) a word stands exactly so."""
        key = (word, field)
        if key not in self._bits:
            size, bits = len(self.pks), 0
            for one in [field] if field else FIELDS:
                if slots := self.postings[one].get(word):
                    bits |= to_bits(slots, size)
            if len(self._bits) > 500:
                self._bits.clear()
            self._bits[key] = bits & self.everything
        return self._bits[key]

    @property
    def vocabulary(self):
        """Every single word that stands anywhere, sorted."""
        if self._vocabulary is None:
            words = {word for postings in self.postings.values() for word in postings if " " not in word}
            self._vocabulary = sorted(words)
        return self._vocabulary

    @lru_cache(maxsize=2000)  # noqa: B019 (there is one index, and it lives as long as the process)
    def standing_for(self, word):
        """What a typed word is taken for: (itself,) if it stands anywhere, else words that begin so, else words one slip away.

        Numbers are taken as they are: a code that is nearly right is another firm's code."""
        vocabulary = self.vocabulary
        place = bisect_left(vocabulary, word)
        if vocabulary[place : place + 1] == [word]:
            return (word,)
        begun = []
        while place < len(vocabulary) and vocabulary[place].startswith(word) and len(begun) < 50:
            begun.append(vocabulary[place])
            place += 1
        if begun or len(word) < 3 or not word.isalpha():
            return tuple(begun)
        slips = 1 if len(word) < 8 else 2
        near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=MOST_SLIPS)
        return tuple(found for found, _distance, _place in near)

    def search(self, query):
        """(the firms that say every word, [sets of the better hits, the best first], {typed word: words it was taken for})."""
        typed = WORD.findall(fold(query))[:12]
        if not typed:
            return self.everything, [], {}
        meant = {word: self.standing_for(word) for word in typed}
        found = in_name = in_capability = self.everything
        for word in typed:
            anywhere = name = capability = 0
            for one in meant[word]:
                anywhere |= self.saying(one)
                name |= self.saying(one, "name")
                capability |= self.saying(one, "capability")
            found, in_name, in_capability = found & anywhere, in_name & name, in_capability & capability
        tiers = []
        if len(typed) > 1:
            pairs = [f"{one} {two}" for one, two in pairwise(typed)]
            for field in PHRASES:
                phrase = found
                for pair in pairs:
                    phrase &= self.saying(pair, field)
                tiers.append(phrase)
            tiers = [tiers[0], in_name, tiers[1], in_capability]
        else:
            tiers = [in_name, in_capability]
        return found, [tier for tier in tiers if tier], meant

    def order(self, sort):
        """(all firms in an order of firms.entries.ORDERS, the place of each in it)."""
        if sort not in self._orders:
            key = entries.ORDERS[sort]
            slots = sorted(self.slot_of.values(), key=lambda slot: key(self.entries[slot]))
            places = array("I", bytes(4 * len(self.entries)))
            for place, slot in enumerate(slots):
                places[slot] = place
            self._orders[sort] = slots, places
        return self._orders[sort]

    def ordered(self, found, sort, tiers=(), start=0, count=None):
        """Keys of the firms of a set, in order; with tiers, the better hits before the others. `count` of them from `start`."""
        answer, end = [], None if count is None else start + count
        for tier in [*tiers, found]:
            part = found & tier
            number = part.bit_count()
            found &= ~part
            if not number or (start and start >= number):
                start, end = max(0, start - number), end if end is None else end - number
                continue
            answer += self._slice(part, number, sort, start, end)
            start, end = 0, end if end is None else end - number
            if end is not None and end <= 0:
                break
        return [self.pks[slot] for slot in answer]

    def cards(self, pks):
        """What a row shows of these firms."""
        return [self.entries[self.slot_of[pk]].card for pk in pks]

    def _slice(self, part, number, sort, start, end):
        """Firms number `start` to `end` of a set: of a small one all are sorted, of a large one the order is walked along."""
        slots, places = self.order(sort)
        if end is not None and number > len(slots) // 8:
            field = part.to_bytes((len(self.pks) >> 3) + 1, "little")
            return list(islice((slot for slot in slots if field[slot >> 3] >> (slot & 7) & 1), start, end))
        if end is not None and end < number // 4:
            return nsmallest(end, to_slots(part), key=places.__getitem__)[start:]
        return sorted(to_slots(part), key=places.__getitem__)[start:end]


_INDEX = Index()


def current():
    """The directory as it stands now."""
    return _INDEX.fresh()
