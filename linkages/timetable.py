"""A timetable of one-to-one meetings: nobody in two places at once, no table with two meetings, as many meetings as fit.

A meeting is an edge between two participants and a slot its colour. Misra and Gries (1992) colour the edges of any graph with
one colour more than the most edges at one participant, and any such colouring can be evened out until no colour is used more
often than the others (de Werra, 1971). So where everybody is there all the time, every meeting gets its place as soon as there
is one slot more than the busiest participant has meetings, and as many seats as meetings; the tests hold that. Where people
come late or meetings are fixed, the same exchanges are tried as far as they are allowed, and what finds no place is told."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """`places` maps a pair to (slot, table), both counted from 0; `left_out` are pairs without a place, in the order given."""

    places: dict
    left_out: list


def most_wanted(pairs, most):
    """Of (first, second) pairs in the order of how much they are wanted, those that leave everybody at most `most` meetings."""
    count, kept = defaultdict(int), []
    for first, second in pairs:
        if first != second and count[first] < most and count[second] < most:
            count[first] += 1
            count[second] += 1
            kept.append((first, second))
    return kept


def plan(pairs, slots, tables, there=None, fixed=None):
    """A timetable of pairs, each two different participants, in the order of how much they are wanted.

    `there` maps a participant to the slots in which she is there (everybody else always is); `fixed` maps pairs to the
    (slot, table) that they keep."""
    work = _Work(slots, tables, there or {}, fixed or {})
    # A pair said twice, or the other way round, is one meeting.
    fixed_pairs = {frozenset(pair) for pair in work.fixed}
    asked = [pair for pair in {frozenset(pair): tuple(pair) for pair in pairs}.values() if frozenset(pair) not in fixed_pairs]
    left_out = [pair for pair in asked if not work.seat(pair)]
    left_out += work.fit_tables()
    return Plan(work.with_tables(), [pair for pair in asked if pair in set(left_out)])


@dataclass
class _Work:
    slots: int
    tables: int
    there: dict
    fixed: dict
    at: dict = field(default_factory=lambda: defaultdict(dict))  # participant -> {slot: partner}
    pair_of: dict = field(default_factory=dict)  # frozenset -> pair as it was given

    def __post_init__(self):
        for pair, (slot, _table) in self.fixed.items():
            self.set(*pair, slot)

    # Colours ------------------------------------------------------------------------------------------------------------
    def may(self, one, slot):
        return 0 <= slot < self.slots and (one not in self.there or slot in self.there[one])

    def free(self, one):
        return [slot for slot in range(self.slots) if slot not in self.at[one] and self.may(one, slot)]

    def set(self, one, other, slot):
        self.at[one][slot], self.at[other][slot] = other, one

    def clear(self, one, other, slot):
        del self.at[one][slot], self.at[other][slot]

    def is_fixed(self, one, other):
        return (one, other) in self.fixed or (other, one) in self.fixed

    def seat(self, pair):
        """Gives the pair a slot, moving others where that helps; False where there is none."""
        one, other = pair
        self.pair_of[frozenset(pair)] = pair
        free_one, free_other = self.free(one), self.free(other)
        if both := [slot for slot in free_one if slot in set(free_other)]:
            self.set(one, other, min(both, key=self.load))
            return True
        if self.turn_fan(one, other) or self.turn_fan(other, one):
            return True
        return any(self.exchange(one, other, mine, theirs) for mine in free_one for theirs in free_other)

    def load(self, slot):
        return sum(slot in slots for slots in self.at.values())

    def exchange(self, one, other, mine, theirs):
        """Swaps the two slots along the chain of meetings that begins at `other`, so that both are free in `mine`."""
        chain = self.chain(other, mine, theirs)
        if chain is None or one in chain:
            return False
        self.swap(chain, mine, theirs)
        self.set(one, other, mine)
        return True

    def chain(self, start, first, second):
        """The participants linked to `start` by meetings in two slots, in turn; None where somebody may not be moved."""
        chain, at, slot = [start], start, first
        while slot in self.at[at]:
            step = self.at[at][slot]
            if self.is_fixed(at, step):
                return None
            chain.append(step)
            if step == start:
                break
            at, slot = step, second if slot == first else first
        return chain if all(self.may(one, first) and self.may(one, second) for one in chain) else None

    def swap(self, chain, first, second):
        """Meetings of the chain in one slot go to the other. The chain is whole, so nobody meets two at once."""
        for one in dict.fromkeys(chain):
            mine = self.at[one]
            held = {slot: mine.pop(slot) for slot in (first, second) if slot in mine}
            for slot, partner in held.items():
                mine[second if slot == first else first] = partner

    # Misra and Gries ------------------------------------------------------------------------------------------------------
    def turn_fan(self, hub, leaf):
        """Makes room for (hub, leaf) by turning a fan of the hub's meetings; False where that is not allowed or does not help."""
        if not (free_hub := self.free(hub)):
            return False
        fan, seen = [leaf], {leaf}
        while True:
            step = next(
                (
                    (slot, partner)
                    for slot in self.free(fan[-1])
                    if (partner := self.at[hub].get(slot)) and partner not in seen and not self.is_fixed(hub, partner)
                ),
                None,
            )
            if step is None:
                break
            fan.append(step[1])
            seen.add(step[1])
        for mine in free_hub:
            for theirs in self.free(fan[-1]):
                chain = self.chain(hub, theirs, mine)
                if chain is None:
                    continue
                self.swap(chain, theirs, mine)
                if self.rotate(hub, fan, theirs):
                    return True
                self.swap(chain, theirs, mine)  # as it was
        return False

    def rotate(self, hub, fan, slot):
        """Shifts the slots of a fan back by one and gives the freed end the slot, at the first place where that is right."""
        if slot in self.at[hub] or not self.may(hub, slot):
            return False
        slots = {partner: taken for taken, partner in self.at[hub].items()}
        for end, last in enumerate(fan):
            if end and not (slots.get(last) is not None and slots[last] in self.free(fan[end - 1])):
                return False  # beyond here it is no fan any more
            if slot in self.at[last] or not self.may(last, slot):
                continue
            for before, after in zip(fan[:end], fan[1 : end + 1], strict=True):
                taken = slots[after]
                self.clear(hub, after, taken)
                self.set(hub, before, taken)
            self.set(hub, last, slot)
            return True
        return False

    # Tables ---------------------------------------------------------------------------------------------------------------
    def meetings(self, slot):
        found = {frozenset((one, slots[slot])) for one, slots in self.at.items() if slot in slots}
        return sorted(found, key=sorted)

    def fit_tables(self):
        """Evens the slots out until none has more meetings than tables; returns the pairs that still find no table."""
        left_out = []
        while True:
            sizes = {slot: len(self.meetings(slot)) for slot in range(self.slots)}
            full = max(sizes, key=sizes.get, default=None)
            if full is None or sizes[full] <= self.tables:
                return left_out
            if not any(self.lighten(full, slot) for slot in sorted(sizes, key=sizes.get) if sizes[slot] < self.tables):
                given = list(self.pair_of)
                last = max((pair for pair in self.meetings(full) if not self.is_fixed(*pair)), key=given.index, default=None)
                if last is None:
                    return left_out
                self.clear(*last, full)
                left_out.append(self.pair_of[last])

    def lighten(self, full, other):
        """Moves one meeting more out of a full slot than into it, along a chain that has one more of the full slot's."""
        for pair in self.meetings(full):
            for start in sorted(pair):
                if other in self.at[start]:
                    continue  # not the end of a chain
                chain = self.chain(start, full, other)
                if chain and full in self.at[chain[-1]] and other not in self.at[chain[-1]]:
                    self.swap(chain, full, other)
                    return True
        return False

    def with_tables(self):
        """{pair as given: (slot, table)}; whoever sat at a table before stays there where it is free."""
        places, sat = dict(self.fixed), {}
        kept = {frozenset(pair): table for pair, (_slot, table) in self.fixed.items()}
        for slot in range(self.slots):
            meetings = self.meetings(slot)
            taken = {kept[pair] for pair in meetings if pair in kept}
            for pair in (pair for pair in meetings if pair not in kept):
                given = self.pair_of[pair]
                wanted = [sat[one] for one in given if one in sat and sat[one] not in taken]
                table = wanted[0] if wanted else next(number for number in range(self.tables) if number not in taken)
                taken.add(table)
                places[given] = (slot, table)
                sat[given[0]] = table
        return places
