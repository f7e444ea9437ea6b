"""What came of matching sessions, counted from meetings and their follow-ups on a day, never typed."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from linkages.models import Match, MatchingSession, Meeting

Result = Meeting.Result


@dataclass(frozen=True)
class Outcome:
    """`value` in billion VND: of each meeting the figure stated last."""

    sessions: int
    meetings: int
    met: int
    memoranda: int
    contracts: int
    value: Decimal


def rolled_up(session=None, until=None):
    """Of one session, or of all that were held up to a day; there, demonstration rows never count.

    A meeting counts once, as the furthest that it led to: a contract is not a memorandum as well."""
    meetings = Meeting.objects.select_related("session").prefetch_related("follow_ups")
    if session is not None:
        meetings = meetings.filter(session=session)
    else:
        meetings = meetings.filter(session__state=MatchingSession.State.HELD, session__is_demonstration=False)
    meetings = [it for it in meetings if until is None or timezone.localdate(it.session.starts_at) <= until]
    reached = [_reached(it, until) for it in meetings]
    return Outcome(
        sessions=len({it.session_id for it in meetings}),
        meetings=len(meetings),
        met=sum(it.result not in (Result.NONE, Result.MISSED) for it in meetings),
        memoranda=reached.count(Result.MEMORANDUM),
        contracts=reached.count(Result.CONTRACT),
        value=sum((_value(it, until) for it in meetings), Decimal()),
    )


def _heard(meeting, until):
    return sorted(
        (it for it in meeting.follow_ups.all() if it.done_on and (until is None or it.done_on <= until)), key=lambda it: it.days
    )


def _reached(meeting, until):
    said = {meeting.result, *(it.outcome for it in _heard(meeting, until))}
    if Match.State.CONTRACT in said:
        return Result.CONTRACT
    return Result.MEMORANDUM if Match.State.MEMORANDUM in said else ""


def _value(meeting, until):
    stated = [it.value_vnd for it in [meeting, *_heard(meeting, until)] if it.value_vnd is not None]
    return stated[-1] if stated else Decimal()
