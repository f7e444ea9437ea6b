"""Things kept in memory by their values: a set of them is one whole number with a bit for each.

Combining filters and counting a value so take microseconds at a hundred thousand things. What the things are, and how they
are read and kept fresh, is the business of whoever inherits from Shelf (the directory of firms, the network of links)."""

from array import array
from collections import defaultdict
from heapq import nsmallest
from itertools import islice


class Slots:
    """A set of things that grows by one at a time: cheap to add to, turned into a number when it is asked for."""

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
    """A set of things as a whole number."""
    field = bytearray((size >> 3) + 1)
    for slot in slots:
        field[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(field, "little")


def to_slots(bits):
    """The things of a set, in rising order: the places of the ones in its binary digits."""
    digits, found = bin(bits)[:1:-1], []
    place = digits.find("1")
    while place >= 0:
        found.append(place)
        place = digits.find("1", place + 1)
    return found


class Shelf:
    """Entries with `pk` and `values` ({facet: values}), each in a slot of its own; `orders` maps a name to a sorting key."""

    orders = {}

    def clear(self):
        self.pks, self.slot_of = [], {}
        self.entries = []
        self.alive = Slots()
        self.values = defaultdict(lambda: defaultdict(Slots))
        self.forgotten = 0  # slots of things that changed since or are gone
        self.settle()

    def settle(self):
        """What is derived from everything, made when it is next needed."""
        self._orders = {}

    def put(self, entry):
        """The slot that an entry is given."""
        slot = len(self.pks)
        self.pks.append(entry.pk)
        self.slot_of[entry.pk] = slot
        self.entries.append(entry)
        self.alive.add(slot)
        for facet, values in entry.values.items():
            for value in values:
                self.values[facet][value].add(slot)
        return slot

    def forget(self, pk):
        slot = self.slot_of.pop(pk)
        self.alive.discard(slot)
        for facet, values in self.entries[slot].values.items():
            for value in values:
                self.values[facet][value].discard(slot)
        self.entries[slot] = None
        self.forgotten += 1

    # Asking -------------------------------------------------------------------------------------------------------------
    @property
    def everything(self):
        return self.alive.bits(len(self.pks))

    def having(self, facet, value):
        """The things that have a value."""
        known = self.values[facet]
        return known[value].bits(len(self.pks)) if value in known else 0

    def having_any(self, facet, values):
        bits = 0
        for value in values:
            bits |= self.having(facet, value)
        return bits

    def counts(self, facet, among):
        """{value: things of the set that have it}, values that none has left out."""
        size = len(self.pks)
        counted = ((value, (slots.bits(size) & among).bit_count()) for value, slots in self.values[facet].items())
        return {value: count for value, count in counted if count}

    def order(self, sort):
        """(all things in an order, the place of each in it)."""
        if sort not in self._orders:
            key = self.orders[sort]
            slots = sorted(self.slot_of.values(), key=lambda slot: key(self.entries[slot]))
            places = array("I", bytes(4 * len(self.entries)))
            for place, slot in enumerate(slots):
                places[slot] = place
            self._orders[sort] = slots, places
        return self._orders[sort]

    def ordered(self, found, sort, tiers=(), start=0, count=None):
        """Keys of the things of a set, in order; with tiers, the better hits before the others. `count` of them from `start`."""
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

    def _slice(self, part, number, sort, start, end):
        """Things number `start` to `end` of a set: the order is walked along for as long as that costs less than sorting them."""
        slots, places = self.order(sort)
        if end is not None:
            field = part.to_bytes((len(self.pks) >> 3) + 1, "little")
            walk = islice(slots, number)
            found = list(islice((slot for slot in walk if field[slot >> 3] >> (slot & 7) & 1), start, end))
            if len(found) == end - start or number >= len(slots):
                return found
            if end < number // 4:
                return nsmallest(end, to_slots(part), key=places.__getitem__)[start:]
        return sorted(to_slots(part), key=places.__getitem__)[start:end]
