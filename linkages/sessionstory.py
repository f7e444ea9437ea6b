"""How the history of matching sessions is told: the session, who comes, the meetings and what is asked afterwards."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages import marketstory
from linkages.models import FollowUp, MatchingSession, Meeting, Participant
from linkages.sessions import INVITATION, TIMETABLE
from parkportal import timeline
from parkportal.timeline import turned

Attending = Participant.State


def reason(record, step):
    return "" if record.history_change_reason in (INVITATION, TIMETABLE) else marketstory.reason(record, step)


def session_step(record, previous):
    if record.history_change_reason == TIMETABLE:
        return _("made the timetable")
    if state := turned(record, previous, "state"):
        return {
            MatchingSession.State.PLANNED: _("took up its preparation again"),
            MatchingSession.State.INVITING: _("sent the first invitations"),
            MatchingSession.State.HELD: _("noted that it was held"),
            MatchingSession.State.CANCELLED: _("cancelled it"),
        }.get(state[1])
    if public := turned(record, previous, "is_public"):
        return _("showed it to everybody") if public[1] else _("hid it")
    return None


def participant_step(record, previous):
    if record.history_change_reason == INVITATION:
        return _("invited it again") if previous and previous.invited_at else _("invited it")
    if state := turned(record, previous, "state"):
        return {
            Attending.CONFIRMED: _("noted that it comes"),
            Attending.DECLINED: _("noted that it cannot come"),
            Attending.CAME: _("noted that it came"),
            Attending.ABSENT: _("noted that it stayed away"),
        }.get(state[1], _("took back whether it came"))
    return _("changed its answer") if turned(record, previous, "answered_at") else None


def meeting_step(record, previous):
    if turned(record, previous, "result"):
        return _("noted the result “{result}”").format(result=record.get_result_display())
    if turned(record, previous, "slot") or turned(record, previous, "table"):
        return _("moved it to slot {slot}, table {table}").format(slot=record.slot + 1, table=record.table + 1)
    if fixed := turned(record, previous, "is_fixed"):
        return _("fixed its place") if fixed[1] else _("let it move")
    return None


def follow_up_step(record, previous):
    if turned(record, previous, "done_on") or turned(record, previous, "outcome"):
        return _("noted what was heard: {outcome}").format(outcome=record.get_outcome_display() or _("nothing"))
    return None


def of_session(session):
    """The story of a session with its participants, removed ones too, and its meetings; newest first.

    Meetings that the timetable made or dropped by itself are not told one by one."""
    records = [*MatchingSession.history.filter(id=session.pk), *Participant.history.filter(session=session.pk)]
    meetings = Meeting.history.filter(session=session.pk)
    records += [*meetings.filter(history_type="~"), *meetings.filter(history_type="+", is_fixed=True)]
    records += FollowUp.history.filter(history_type="~", meeting__in=meetings.values("id"))
    return timeline.events(records)


PARTIES = ["first__party__firm", "second__party__firm"]

timeline.register(
    MatchingSession,
    url=MatchingSession.get_absolute_url,
    step=session_step,
    reason=reason,
    told_by_step={"state", "is_public"},
    untold={"created_at", "officer"},
    internal={"minutes", "online_address"},
)
timeline.register(
    Participant,
    url=lambda it: it.session.get_absolute_url(),
    related=["session", "party__firm"],
    entered=gettext_lazy("put it on the list"),
    step=participant_step,
    reason=reason,
    told_by_step={"state", "invited_at", "answered_at"},
    # Whom to write to is for the officer alone, and the whole portal's history has other readers.
    untold={"session", "party", "person", "position", "email", "invited_at", "answered_at"},
    removed=lambda record: str(record.party),
)
timeline.register(
    Meeting,
    url=Meeting.get_absolute_url,
    related=PARTIES,
    step=meeting_step,
    reason=reason,
    told_by_step={"result", "slot", "table", "is_fixed"},
    untold={"session", "first", "second"},
    internal={"note", "value_vnd"},
)
timeline.register(
    FollowUp,
    name=lambda it: f"{it.meeting} (+{it.days})",
    url=lambda it: reverse("follow_up_edit", args=[it.pk]),
    related=[f"meeting__{it}" for it in PARTIES],
    step=follow_up_step,
    reason=reason,
    told_by_step={"outcome", "done_on"},
    untold={"meeting", "done_by"},
    internal={"note", "value_vnd"},
)
