"""What officers see of a session: where it stands, what comes next, and each participant with what it has said."""

from dataclasses import dataclass

from linkages import sessions
from linkages.models import MatchingSession, Meeting, Participant

State, Attending = MatchingSession.State, Participant.State
PATH = [State.PLANNED, State.INVITING, State.SCHEDULED, State.HELD]


@dataclass(frozen=True)
class Count:
    """How many participants stand where; `fresh` were not invited yet and have an address."""

    all: int
    fresh: int
    no_address: int
    waiting: int
    confirmed: int
    declined: int
    came: int
    absent: int

    @property
    def coming(self):
        return self.confirmed + self.came

    @property
    def noted(self):
        return self.came + self.absent


def counted(people):
    states = [it.state for it in people]
    uninvited = [it for it in people if it.state == Attending.INVITED and not it.invited_at]
    return Count(
        all=len(people),
        fresh=sum(bool(it.email) for it in uninvited),
        no_address=sum(not it.email for it in people),
        waiting=sum(it.state == Attending.INVITED and bool(it.invited_at) for it in people),
        confirmed=states.count(Attending.CONFIRMED),
        declined=states.count(Attending.DECLINED),
        came=states.count(Attending.CAME),
        absent=states.count(Attending.ABSENT),
    )


def path_of(session):
    """[(label, is past, is now)] of a session's steps; all open where it was cancelled."""
    at = PATH.index(session.state) if session.state in PATH else -1
    return [(step.label, place < at, place == at) for place, step in enumerate(PATH)]


def officers_context(session, now):
    people = sessions.by_name(session.participants.select_related("party__firm"))
    results = list(session.meetings.values_list("result", flat=True))
    return {
        "people": people,
        "count": counted(people),
        "path": path_of(session),
        "steps": sessions.STEPS[session.state],
        "has_begun": session.starts_at <= now,
        "is_open": session.state in sessions.OPEN and session.starts_at > now,
        "is_on": session.state in sessions.ON_THE_DAY,
        "may_remove": sessions.may_remove(session),
        "meetings": len(results),
        "unnoted": results.count(Meeting.Result.NONE),
    }
