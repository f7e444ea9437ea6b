"""Working days and the ways in which a printed deadline can be read."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ONE_DAY = timedelta(days=1)


def is_working_day(day, holidays=frozenset()):
    """Monday to Friday, unless the day is among the public holidays given."""
    return day.weekday() < 5 and day not in holidays


def next_working_day(day, holidays=frozenset()):
    """The day itself if it is a working day, else the first one after it (Civil Code 2015, article 148 paragraph 5)."""
    while not is_working_day(day, holidays):
        day += ONE_DAY
    return day


def previous_working_day(day, holidays=frozenset()):
    """The day itself if it is a working day, else the last one before it."""
    while not is_working_day(day, holidays):
        day -= ONE_DAY
    return day


def of_our_time(day):
    """Refuses the years of a slip of the keyboard: 0026, 20266."""
    if not 1990 <= day.year <= 2099:
        raise ValidationError(_("Check the year of this day."), code="year")
