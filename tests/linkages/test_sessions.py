"""Matching sessions: steps, answers, a timetable without clashes, what is owed afterwards, what it all comes to."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from firms.gatekeeper import hashed
from linkages import outcomes, sessions, sessiontimetable
from linkages.models import FollowUp, MatchingSession, Meeting
from parkportal.models import OutgoingMail
from tests.builders_firms import make_editor
from tests.builders_linkages import make_participant, make_session

pytestmark = pytest.mark.django_db
BEGIN = timezone.make_aware(datetime(2026, 12, 1, 8, 0))
BEFORE, AFTER = BEGIN - timedelta(days=10), BEGIN + timedelta(hours=9)


@pytest.fixture
def by():
    return make_editor()


def scheduled(by, number=6, **fields):
    session = make_session(BEGIN, state="inviting", **fields)
    people = [make_participant(session) for _number in range(number)]
    for one in people:
        one.wishes.set([it for it in people if it != one])
    sessiontimetable.make_timetable(session, by)
    session.refresh_from_db()
    return session, people


def no_clash(session):
    seen = set()
    for it in session.meetings.all():
        for key in ((it.slot, it.first_id), (it.slot, it.second_id), (it.slot, "table", it.table)):
            assert key not in seen
            seen.add(key)
        assert it.table < session.tables and it.slot < len(sessiontimetable.slots_of(session))


def test_an_invitation_opens_the_session_and_its_link_takes_the_answer(by):
    session = make_session(BEGIN)
    one, mute = make_participant(session, state="invited"), make_participant(session, state="invited", email="")
    assert sessions.invite(session, [one, mute], by, BEFORE) == [mute]
    session.refresh_from_db()
    assert session.state == "inviting" and OutgoingMail.objects.get().to == one.email
    one.refresh_from_db()
    assert one.token_hash and mute.token_hash is None
    sessions.answer(one, True, {"person": "Lê Văn A", "available_from": time(9)}, [mute], BEFORE)
    one.refresh_from_db()
    assert one.state == "confirmed" and one.person == "Lê Văn A" and list(one.wishes.all()) == [mute]
    sessions.answer(one, False, {}, [], BEFORE)
    one.refresh_from_db()
    assert one.state == "declined" and not one.wishes.exists()


def test_nobody_answers_after_it_has_begun(by):
    one = make_participant(make_session(BEGIN, state="inviting"), state="invited", token_hash=hashed("x"))
    with pytest.raises(ValidationError):
        sessions.answer(sessions.find("x"), True, {}, [], AFTER)
    one.refresh_from_db()
    assert one.state == "invited"


def test_everybody_meets_everybody_without_a_clash(by):
    session, _people = scheduled(by)
    assert session.state == "scheduled" and session.meetings.count() == 15
    no_clash(session)


def test_nobody_has_more_meetings_than_the_session_allows(by):
    session, people = scheduled(by, 8, most_meetings=3)
    for one in people:
        assert one.meetings_first.count() + one.meetings_second.count() <= 3


def test_who_comes_late_is_not_expected_early_and_a_fixed_meeting_stays(by):
    session, people = scheduled(by)
    kept = session.meetings.last()
    sessiontimetable.fix(kept, True, by)
    late = next(it for it in people if it.pk not in (kept.first_id, kept.second_id))
    late.available_from = time(9)
    late.save()
    sessiontimetable.make_timetable(session, by)
    again = Meeting.objects.get(pk=kept.pk)
    assert (again.slot, again.table) == (kept.slot, kept.table)
    slots = sessiontimetable.slots_of(session)
    for it in [*late.meetings_first.all(), *late.meetings_second.all()]:
        assert timezone.localtime(slots[it.slot].starts_at).time() >= time(9)
    no_clash(session)


def test_a_clash_is_refused_in_words_and_a_free_place_is_taken(by):
    session, people = scheduled(by, tables=4)
    meeting = session.meetings.first()
    other = session.meetings.exclude(slot=meeting.slot).filter(first=meeting.first).first()
    with pytest.raises(ValidationError, match=str(meeting.first)):
        sessiontimetable.move(meeting, other.slot, 3, by)
    with pytest.raises(ValidationError):
        sessiontimetable.move(meeting, 999, 0, by)
    sessiontimetable.remove(other, by)
    with pytest.raises(ValidationError):
        sessiontimetable.add(session, people[0], people[0], 0, 0, by)
    last = len(sessiontimetable.slots_of(session)) - 1
    made = sessiontimetable.add(session, other.second, other.first, last, 3, by)
    assert made.is_fixed and made.first_id < made.second_id
    no_clash(session)


def test_steps_are_taken_in_their_order_only(by):
    session = make_session(BEGIN)
    with pytest.raises(ValidationError):
        sessions.hold(session, by, AFTER)
    with pytest.raises(ValidationError):
        sessiontimetable.make_timetable(session, by)
    sessions.cancel(session, by)
    assert MatchingSession.objects.get().state == "cancelled"
    sessions.plan_anew(session, by)
    assert MatchingSession.objects.get().state == "planned"


def test_a_held_session_owes_three_follow_ups_for_what_led_somewhere_and_rolls_up(by):
    session, _people = scheduled(by)
    first, second, third, *_rest = session.meetings.all()
    sessions.note_result(first, "memorandum", "", Decimal("2"), by)
    sessions.note_result(second, "nothing", "", None, by)
    with pytest.raises(ValidationError):
        sessions.hold(session, by, BEFORE)
    sessions.hold(session, by, AFTER)
    assert list(FollowUp.objects.values_list("due_on", flat=True)) == [date(2026, 12, 31), date(2027, 3, 1), date(2027, 5, 30)]
    sessions.note_result(third, "again", "", None, by)
    assert FollowUp.objects.count() == 6
    sessions.note_result(third, "nothing", "", None, by)
    assert FollowUp.objects.count() == 3
    told = outcomes.rolled_up()
    assert (told.met, told.memoranda, told.contracts, told.value) == (3, 1, 0, Decimal("2"))
    sessions.follow(FollowUp.objects.first(), "contract", "", Decimal("5"), by, date(2027, 1, 2))
    told = outcomes.rolled_up(session)
    assert (told.memoranda, told.contracts, told.value) == (0, 1, Decimal("5"))
    assert outcomes.rolled_up(until=date(2027, 1, 1)).memoranda == 1
    assert outcomes.rolled_up(until=date(2026, 11, 30)).met == 0
