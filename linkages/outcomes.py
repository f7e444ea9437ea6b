"""What came of matching sessions, counted from meetings and their follow-ups on a day, never typed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from linkages.models import Match, MatchingSession, Meeting

Result = Meeting.Result


@dataclass(frozen=True)
class Outcome:
    """`value` in billion VND: of each meeting the figure stated last; `stated` meetings have one."""

    sessions: int
    meetings: int
    met: int
    memoranda: int
    contracts: int
    value: Decimal
    stated: int

    @property
    def tells_value(self):
        """Whether strangers may read the sum: of fewer than three it would tell what one of them agreed on."""
        return self.stated > 2 or not self.stated


def rolled_up(session=None, since=None, until=None):
    """Of one session, or of all that were held between two days; there, demonstration rows never count.

    A meeting counts once, as the furthest that it led to: a contract is not a memorandum as well."""
    sessions = [session] if session is not None else _held(since, until)
    meetings = list(_meetings(sessions))
    reached = [reached_by(it, until) for it in meetings]
    values = [value for it in meetings if (value := _value(it, until)) is not None]
    return Outcome(
        sessions=len(sessions),
        meetings=len(meetings),
        met=sum(it.result not in (Result.NONE, Result.MISSED) for it in meetings),
        memoranda=reached.count(Result.MEMORANDUM),
        contracts=reached.count(Result.CONTRACT),
        value=_short(sum(values, Decimal())),
        stated=len(values),
    )


def _short(number):
    """Without zeros at its end: 17.5, not 17.500."""
    return number.quantize(Decimal(1)) if number == number.to_integral() else number.normalize()


def _held(since, until):
    """Real sessions that took place between two days."""
    sessions = MatchingSession.objects.filter(state=MatchingSession.State.HELD, is_demonstration=False)
    days = [(it, timezone.localdate(it.starts_at)) for it in sessions]
    return [it for it, day in days if (since is None or since <= day) and (until is None or day <= until)]


def _meetings(sessions):
    return Meeting.objects.filter(session__in=sessions).prefetch_related("follow_ups")


def signed(until):
    """Meetings of real sessions that had led to a memorandum or a contract by a day."""
    return [it for it in _meetings(_held(None, until)) if reached_by(it, until)]


def _heard(meeting, until):
    return sorted(
        (it for it in meeting.follow_ups.all() if it.done_on and (until is None or it.done_on <= until)), key=lambda it: it.days
    )


def reached_by(meeting, until=None):
    """The furthest that a meeting had led to by a day: a contract, a memorandum, or ""."""
    said = {meeting.result, *(it.outcome for it in _heard(meeting, until))}
    if Match.State.CONTRACT in said:
        return Result.CONTRACT
    return Result.MEMORANDUM if Match.State.MEMORANDUM in said else ""


def _value(meeting, until):
    stated = [it.value_vnd for it in [meeting, *_heard(meeting, until)] if it.value_vnd is not None]
    return stated[-1] if stated else None


# For the yearly report: None, which is "no figure" and not zero, until a real session was entered --------------------------
def _figure(of):
    def indicator(as_of):
        is_in_use = MatchingSession.objects.filter(is_demonstration=False).exists()
        return of(as_of) if is_in_use else None

    return indicator


def _in_the_year(as_of):
    return rolled_up(since=date(as_of.year, 1, 1), until=as_of)


sessions_this_year = _figure(lambda as_of: _in_the_year(as_of).sessions)
meetings_this_year = _figure(lambda as_of: _in_the_year(as_of).met)
memoranda = _figure(lambda as_of: rolled_up(until=as_of).memoranda)
contracts = _figure(lambda as_of: rolled_up(until=as_of).contracts)
value = _figure(lambda as_of: float(rolled_up(until=as_of).value))
