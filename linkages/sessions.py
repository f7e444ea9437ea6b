"""What is done with a matching session: invite, take answers, hold it, note who came and what each meeting led to.

planned -> inviting -> scheduled -> held; it may be cancelled until it is held, and a cancelled one is planned anew. Each verb is
one transaction that holds the session's row, so that two people who press at once wait for each other."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from firms import registry
from firms.fieldwords import shown
from firms.gatekeeper import hashed, new_token
from firms.names import words_of
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
ON_THE_DAY = [State.SCHEDULED, State.HELD]
COMING = [Attending.CONFIRMED, Attending.CAME]
NOTED = [Attending.CAME, Attending.ABSENT]
ONE_PRESS = timedelta(minutes=1)  # two invitations closer to each other are one press that came twice
LED_SOMEWHERE = [Result.AGAIN, Result.SAMPLE, Result.MEMORANDUM, Result.CONTRACT]
INVITATION, TIMETABLE = "invitation", "timetable"  # why a row was written, told by linkages.sessionstory in the reader's words


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
def by_name(participants):
    """In the order of what tells names apart: Niwa before Tokyo Keiki, whatever their legal forms."""
    return sorted(participants, key=lambda it: (words_of(it.party.title), it.pk))


def letter_of(participant):
    """Under what it stands in the list at the door; "#" where the name has no letter at all."""
    return "".join(words_of(participant.party.title))[:1].upper() or "#"


def _participant(pk):
    return Participant.objects.select_for_update(of=("self",)).get(pk=pk)


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
            if participant.invited_at and now - participant.invited_at < ONE_PRESS:
                continue
            token = new_token()
            participant.token_hash, participant.invited_at = hashed(token), now
            written(participant, by, INVITATION)
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


def answer(participant, comes, values, wishes, now, by=None):
    """What the invited party says of itself (or told an officer), as often as it likes until the session begins."""
    with transaction.atomic():
        session = held(participant.session_id)
        if session.state not in OPEN or session.starts_at <= now:
            raise ValidationError(_("The session has begun or was cancelled; nothing was changed now. Write to the authority."))
        participant = _participant(participant.pk)
        for name in ("person", "position", "needs_interpreter", "available_from", "available_until"):
            if name in values:
                setattr(participant, name, values[name])
        participant.state = Attending.CONFIRMED if comes else Attending.DECLINED
        participant.answered_at = now
        written(participant, by)
        participant.wishes.set(wishes if comes else [])
        return participant


def may_remove(session):
    return session.state in (State.PLANNED, State.INVITING)


def remove(participant, by):
    """Takes a participant off the list while nobody counts on it; the history keeps it."""
    with transaction.atomic():
        session = held(participant.session_id)
        if not may_remove(session):
            words = _("The timetable is out, so {name} stays on the list. Note that it declines or stayed away instead.")
            raise ValidationError(words.format(name=participant))
        participant = _participant(participant.pk)
        participant._history_user = by
        participant.delete()


def attend(participant, came, by):
    """Who came (True) and who did not (False), noted on the day and afterwards; None takes it back. False: it stood so."""
    with transaction.atomic():
        session = held(participant.session_id)
        if session.state not in ON_THE_DAY:
            raise ValidationError(_("Who came is noted once the timetable is out."))
        participant = _participant(participant.pk)
        if came is None:
            state = _before_the_day(participant)
        else:
            state = Attending.CAME if came else Attending.ABSENT
        if participant.state == state:
            return False
        participant.state = state
        written(participant, by)
        return True


def _before_the_day(participant):
    """What it had answered before anybody noted whether it came."""
    if participant.state not in NOTED:
        return participant.state
    earlier = participant.history.exclude(state__in=NOTED).order_by("-history_id").values_list("state", flat=True).first()
    return earlier or Attending.CONFIRMED


# What came of it ------------------------------------------------------------------------------------------------------
def _unseen(row, seen, *names):
    """Refuses to write over what somebody else wrote while a page was open, and says what; `seen` is the version it showed."""
    if seen is not None and seen != registry.version_of(row):
        what = "; ".join(filter(None, (shown(row, name) for name in names))) or "–"
        words = _("Somebody has noted here while this page was open: {what}. Take over what is right, then save again.")
        raise ValidationError(words.format(what=what))


def note_result(meeting, result, note, value, by, seen=None):
    """What a meeting led to; what is owed afterwards follows from it once the session was held."""
    with transaction.atomic():
        session = held(meeting.session_id)
        if session.state not in ON_THE_DAY:
            raise ValidationError(_("Results are noted once the timetable is out."))
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        _unseen(meeting, seen, "result", "value_vnd", "note")
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


def follow(follow_up, outcome, note, value, by, today, seen=None):
    """What was heard of a meeting afterwards; it may be corrected later."""
    with transaction.atomic():
        follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
        _unseen(follow_up, seen, "outcome", "value_vnd", "note")
        follow_up.outcome, follow_up.note, follow_up.value_vnd = outcome, note, value
        follow_up.done_on, follow_up.done_by = follow_up.done_on or today, by
        return written(follow_up, by)
