"""Timetables: never a clash, everybody's own hours kept, and every meeting placed where the theorem says that it can be."""

from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from linkages import timetable

PEOPLE = st.integers(0, 11)
PAIRS = st.lists(st.tuples(PEOPLE, PEOPLE).filter(lambda pair: pair[0] != pair[1]), max_size=40, unique_by=frozenset)


def clashes(places):
    """What is wrong with a timetable, in words."""
    at, tables = Counter(), Counter()
    for (one, other), (slot, table) in places.items():
        at[one, slot] += 1
        at[other, slot] += 1
        tables[slot, table] += 1
    return [key for counts in (at, tables) for key, count in counts.items() if count > 1]


def busiest(pairs):
    return max(Counter(one for pair in pairs for one in pair).values(), default=0)


@given(PAIRS, st.integers(1, 8), st.integers(1, 6))
def test_nobody_is_in_two_places_and_no_table_has_two_meetings(pairs, slots, tables):
    plan = timetable.plan(pairs, slots, tables)
    assert clashes(plan.places) == []
    assert all(slot < slots and table < tables for slot, table in plan.places.values())
    assert sorted([*plan.places, *plan.left_out]) == sorted(pairs)


@given(PAIRS)
def test_one_slot_more_than_the_busiest_has_meetings_is_always_enough(pairs):
    plan = timetable.plan(pairs, busiest(pairs) + 1, tables=len(pairs) + 1)
    assert plan.left_out == []


@settings(max_examples=60)
@given(PAIRS, st.integers(1, 5))
def test_as_many_seats_as_meetings_are_enough_where_there_are_slots_enough(pairs, tables):
    slots = max(busiest(pairs) + 1, -(-len(pairs) // tables))
    assert timetable.plan(pairs, slots, tables).left_out == []


@given(PAIRS, st.dictionaries(PEOPLE, st.sets(st.integers(0, 7)), max_size=8), st.integers(1, 4))
def test_whoever_comes_late_meets_nobody_before(pairs, there, tables):
    plan = timetable.plan(pairs, 8, tables, there)
    assert clashes(plan.places) == []
    for pair, (slot, _table) in plan.places.items():
        assert all(slot in there.get(one, range(8)) for one in pair)


@given(PAIRS, st.integers(1, 5))
def test_what_is_fixed_stays_where_it_is(pairs, tables):
    first = timetable.plan(pairs, 7, tables)
    fixed = dict(list(first.places.items())[::3])
    again = timetable.plan(pairs, 7, tables, fixed=fixed)
    assert clashes(again.places) == []
    assert {pair: again.places[pair] for pair in fixed} == fixed


@given(PAIRS, st.integers(1, 4))
def test_nobody_gets_more_meetings_than_she_asked_for(pairs, most):
    assert busiest(timetable.most_wanted(pairs, most)) <= most


def test_two_hundred_participants_are_placed():
    people = range(200)
    pairs = [(one, other) for one, other in combinations(people, 2) if (one * 7 + other * 13) % 33 == 0]
    wanted = timetable.most_wanted(pairs, 6)
    plan = timetable.plan(wanted, slots=8, tables=100)
    assert len(wanted) > 500 and plan.left_out == [] and clashes(plan.places) == []
