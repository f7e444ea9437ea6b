"""Working days and the last moment of a day on the city's clock."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkportal.dates import ONE_DAY, is_working_day, next_working_day, previous_working_day

pytestmark = pytest.mark.once

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
HOLIDAYS = st.frozensets(DAYS, max_size=12)


def test_a_last_day_on_a_sunday_moves_to_the_monday():
    assert next_working_day(date(2028, 12, 10)) == date(2028, 12, 11)


def test_a_last_day_on_a_holiday_moves_past_the_whole_break():
    tet = frozenset({date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18), date(2026, 2, 19), date(2026, 2, 20)})
    assert next_working_day(date(2026, 2, 14), tet) == date(2026, 2, 23)
    assert previous_working_day(date(2026, 2, 22), tet) == date(2026, 2, 13)


@given(DAYS, HOLIDAYS)
def test_the_next_working_day_is_the_first_one_not_before_the_day(day, holidays):
    found = next_working_day(day, holidays)
    assert found >= day and is_working_day(found, holidays)
    assert not any(is_working_day(day + n * ONE_DAY, holidays) for n in range((found - day).days))


@given(DAYS, HOLIDAYS)
def test_the_previous_working_day_is_the_last_one_not_after_the_day(day, holidays):
    found = previous_working_day(day, holidays)
    assert found <= day and is_working_day(found, holidays)
    assert not any(is_working_day(day - n * ONE_DAY, holidays) for n in range((day - found).days))


@given(DAYS, HOLIDAYS)
def test_a_working_day_stays_where_it_is(day, holidays):
    if is_working_day(day, holidays):
        assert next_working_day(day, holidays) == previous_working_day(day, holidays) == day
