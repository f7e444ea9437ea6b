"""The two axes of a task's status (plan's own words): the state that people report, and timeliness, computed from dates."""

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

DUE_SOON = timedelta(days=30)


class State(models.TextChoices):
    NOT_STARTED = "not_started", _("not started")
    IN_PROGRESS = "in_progress", _("in progress")
    AWAITING = "awaiting", _("awaiting confirmation")
    COMPLETED = "completed", _("completed")
    SUSPENDED = "suspended", _("suspended")
    REDO = "redo", _("to be redone")


# What an officer may choose: "completed" is a claim until the consolidator confirms it.
REPORTABLE = [State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING, State.SUSPENDED]
DONE = [State.AWAITING, State.COMPLETED]


class Timeliness(models.TextChoices):
    ON_TIME = "on_time", _("on time")
    DUE_SOON = "due_soon", _("due soon")
    OVERDUE = "overdue", _("overdue")
    NO_DEADLINE = "no_deadline", _("no deadline")


# Said even of a task that nobody has reported on.
PRESSING = [Timeliness.DUE_SOON, Timeliness.OVERDUE]


def deadline(period_kind, ends_year, year):
    """The last day of a task's period: 31 December of its last year, or of `year` itself for one that recurs yearly."""
    if period_kind == "yearly":
        return date(year, 12, 31)
    return date(ends_year, 12, 31) if ends_year else None


def timeliness(due_on, state, completed_on, today):
    """Where a task stands against its deadline. One that is done is judged by the day it was done, not by today."""
    if due_on is None:
        return Timeliness.NO_DEADLINE
    if state in DONE:
        return Timeliness.OVERDUE if completed_on and completed_on > due_on else Timeliness.ON_TIME
    if today > due_on:
        return Timeliness.OVERDUE
    return Timeliness.DUE_SOON if due_on - today <= DUE_SOON else Timeliness.ON_TIME


def label(state, time, is_nothing=False):
    """The official label of the pair: "đang thực hiện, trong hạn"; "đã hoàn thành quá hạn"."""
    if not state:
        words = _("nothing to report") if is_nothing else _("no report yet")
        return f"{words}, {Timeliness(time).label}" if time in PRESSING else words
    words = State(state).label
    if time == Timeliness.NO_DEADLINE:
        return words
    joint = " " if state == State.COMPLETED else ", "
    return f"{words}{joint}{Timeliness(time).label}"


def tone(state, time):
    """Which of the five tones a status is shown in. Without a report only a pressing deadline has one of its own."""
    if state == State.AWAITING:
        return "awaiting"
    return time if state or time in PRESSING else Timeliness.NO_DEADLINE
