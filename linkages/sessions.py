"""What is done with a matching session: invite, take answers, hold it, note who came and what each meeting led to.

planned -> inviting -> scheduled -> held; it may be cancelled until it is held, and a cancelled one is planned anew. Each verb is
one transaction that holds the session's row, so that two people who press at once wait for each other."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from firms.gatekeeper import hashed, new_token
from linkages import sessionmails
from linkages.models import FollowUp, MatchingSession, Meeting, Participant
from linkages.models.sessions import FOLLOW_UP_DAYS

State, Attending, Result = MatchingSession.State, Participant.State, Meeting.Result
STEPS = {
    State.PLANNED: [State.INVITING, State.CANCELLED],
    State.INVITING: [State.SCHEDULED, State.CANCELLED],
    State.SCHEDULED: [State.INVITING, State.HELD, State.CANCELLED],
    State.HELD: [],
    State.CANCELLED: [State.PLANNED],
}
OPEN = [State.PLANNED, State.INVITING, State.SCHEDULED]
COMING = [Attending.CONFIRMED, Attending.CAME]
LED_SOMEWHERE = [Result.AGAIN, Result.SAMPLE, Result.MEMORANDUM, Result.CONTRACT]


def visible_to(user):
    """All for officers; what is published for everybody else."""
    if getattr(user, "keeps_linkages", False):
        return MatchingSession.objects.all()
    return MatchingSession.objects.filter(is_public=True)


def held(pk):
    """The session as it is stored, held until the transaction ends."""
    return MatchingSession.objects.select_for_update(of=("self",)).get(pk=pk)


def written(row, by, reason=""):
    row._history_user, row._change_reason = by, reason or None
    row.save()
    return row


def go(session, to, by):
    """A step of the session itself; ValidationError in words where there is no such step (any more)."""
    if to not in STEPS[session.state]:
        message = _("The session is “{now}” now: from there it cannot become “{then}”.")
        raise ValidationError(message.format(now=session.get_state_display(), then=dict(State.choices).get(to, to)))
    session.state = to
    return written(session, by)


def cancel(session, by):
    with transaction.atomic():
        return go(held(session.pk), State.CANCELLED, by)


def plan_anew(session, by):
    with transaction.atomic():
        return go(held(session.pk), State.PLANNED, by)


# Who comes ------------------------------------------------------------------------------------------------------------
def invite(session, participants, by, now):
    """Mails an invitation with its secret link; a second one makes the first link void. Gives those without an address."""
    with transaction.atomic():
        session = held(session.pk)
        if session.state not in OPEN or session.starts_at <= now:
            raise ValidationError(_("Nobody is invited any more: the session is over, has begun or was cancelled."))
        unreached = []
        for participant in Participant.objects.select_for_update(of=("self",)).filter(
            session=session, pk__in=[it.pk for it in participants]
        ):
            if not participant.email:
                unreached.append(participant)
                continue
            token = new_token()
            participant.token_hash, participant.invited_at = hashed(token), now
            written(participant, by)
            sessionmails.invitation(session, participant, token, now)
        if session.state == State.PLANNED:
            go(session, State.INVITING, by)
        return unreached


def find(token):
    return (
        Participant.objects.select_related("session", "party__firm", "posting").filter(token_hash=hashed(token)).first()
        if token
        else None
    )


def answer(participant, comes, values, wishes, now):
    """What the invited party says of itself, as often as it likes until the session begins."""
    with transaction.atomic():
        session = held(participant.session_id)
        if session.state not in OPEN or session.starts_at <= now:
            raise ValidationError(_("The session has begun or was cancelled; nothing was changed now. Write to the authority."))
        participant = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
        for name in ("person", "position", "needs_interpreter", "available_from", "available_until"):
            if name in values:
                setattr(participant, name, values[name])
        participant.state = Attending.CONFIRMED if comes else Attending.DECLINED
        participant.answered_at = now
        written(participant, None)
        participant.wishes.set(wishes if comes else [])
        return participant


def attend(participant, came, by):
    """Who came is noted on the day and afterwards."""
    with transaction.atomic():
        session = held(participant.session_id)
        if session.state not in (State.SCHEDULED, State.HELD):
            raise ValidationError(_("Who came is noted once the timetable is out."))
        participant = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
        state = Attending.CAME if came else Attending.ABSENT
        if participant.state == state:
            return False
        participant.state = state
        written(participant, by)
        return True


# What came of it ------------------------------------------------------------------------------------------------------
def note_result(meeting, result, note, value, by):
    """What a meeting led to; what is owed afterwards follows from it once the session was held."""
    with transaction.atomic():
        session = held(meeting.session_id)
        if session.state not in (State.SCHEDULED, State.HELD):
            raise ValidationError(_("Results are noted once the timetable is out."))
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        if (meeting.result, meeting.note, meeting.value_vnd) == (result, note, value):
            return False
        meeting.result, meeting.note, meeting.value_vnd = result, note, value
        written(meeting, by)
        if session.state == State.HELD:
            _owe(session, meeting, by)
        return True


def hold(session, by, now):
    """The session took place: from now on each meeting that led somewhere is asked about after 30, 90 and 180 days."""
    with transaction.atomic():
        session = held(session.pk)
        if session.starts_at > now:
            raise ValidationError(_("The session has not begun yet."))
        session = go(session, State.HELD, by)
        for meeting in session.meetings.all():
            _owe(session, meeting, by)
        return session


def _owe(session, meeting, by):
    """The follow-ups of a meeting; where it led nowhere after all, those that nobody has done go."""
    if meeting.result not in LED_SOMEWHERE:
        for it in meeting.follow_ups.filter(done_on=None):
            it._history_user = by
            it.delete()
        return
    there = set(meeting.follow_ups.values_list("days", flat=True))
    day = timezone.localdate(session.starts_at)
    for days in FOLLOW_UP_DAYS:
        if days not in there:
            written(FollowUp(meeting=meeting, days=days, due_on=day + timedelta(days=days)), by)


def follow(follow_up, outcome, note, value, by, today):
    """What was heard of a meeting afterwards; it may be corrected later."""
    with transaction.atomic():
        follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
        follow_up.outcome, follow_up.note, follow_up.value_vnd = outcome, note, value
        follow_up.done_on, follow_up.done_by = follow_up.done_on or today, by
        return written(follow_up, by)
