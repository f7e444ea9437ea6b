"""What a result does: the pair's pipeline, a link that a person confirms, the figures of the targets and of the report."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms import registry
from linkages import demonstrationsessions, outcomes, sessionresults, sessions, sessiontimetable, targets
from linkages.models import FollowUp, Match, MatchingSession, Meeting, Participant
from parkportal import indicators, timeline
from parkportal.models import OutgoingMail
from tasks import figures, prefill
from tests.builders import TODAY, make_cycle
from tests.builders_firms import make_editor
from tests.builders_linkages import make_link, make_participant, make_party, make_posting, make_session

pytestmark = pytest.mark.django_db
BEGIN = timezone.make_aware(datetime(2026, 11, 3, 8, 0))
AFTER = BEGIN + timedelta(hours=9)
SESSIONS = [f"matching_{name}" for name in ("sessions_this_year", "meetings_this_year", "memoranda", "contracts", "value")]


@pytest.fixture
def by():
    return make_editor()


@pytest.fixture
def officer(by):
    client = Client()
    client.force_login(by)
    return client


def make_meeting(state="scheduled", match_state=None, **fields):
    """Two who meet; with a state of the match, with the pair that they are."""
    session = make_session(BEGIN, state=state, **fields)
    one, other = make_participant(session), make_participant(session)
    match = match_state and Match.objects.create(need=make_posting(owner=one.party), party=other.party, state=match_state)
    place = session.meetings.count()
    return Meeting.objects.create(session=session, first=one, second=other, slot=place, table=0, match=match or None)


def noted(meeting, result, by, words="", value=None, **how):
    step = sessionresults.note(meeting, result, words, value, by, AFTER, **how)
    return step, Match.objects.get(pk=meeting.match_id)


# The pipeline --------------------------------------------------------------------------------------------------------
def test_a_result_takes_its_match_along_with_the_same_actor_and_never_back(by):
    meeting = make_meeting(match_state="sent")
    step, match = noted(meeting, "sample", by)
    assert (step, match.state, match.history.first().history_user) == ("met", "met", by)
    step, match = noted(meeting, "contract", by, value=Decimal("4"))
    assert (step, match.state, match.value_vnd) == ("contract", "contract", Decimal("4"))
    step, match = noted(meeting, "again", by)
    assert (step, match.state) == ("", "contract")
    step, match = noted(meeting, "nothing", by)
    assert (step, match.state) == ("", "contract")


def test_no_common_ground_stops_the_pair_with_the_reason(by):
    meeting = make_meeting(match_state="agreed")
    assert noted(meeting, "missed", by)[0] == ""
    _step, match = noted(meeting, "nothing", by)
    assert match.state == "stopped" and str(meeting.session) in match.stop_reason
    _step, match = noted(meeting, "again", by)
    assert match.state == "met"


def test_the_tick_taken_out_or_a_pair_that_does_not_fit_leaves_the_match_alone(by):
    assert noted(make_meeting(match_state="sent"), "contract", by, moves_match=False)[1].state == "sent"
    unfit = make_meeting(match_state="suggested")
    Match.objects.filter(pk=unfit.match_id).update(verdict="unfit")
    assert noted(unfit, "contract", by)[1].state == "suggested"


def test_the_page_explains_moves_and_says_what_became_of_the_match(officer):
    meeting = make_meeting(match_state="agreed")
    there = reverse("meeting_result", args=[meeting.pk])
    assert "Chuyển bước cặp" in officer.get(there).text
    seen = registry.version_of(meeting)
    given = {"result": "memorandum", "note": "", "value_vnd": "2,5", "moves_match": "on", "seen": seen}
    answer = officer.post(there, given, follow=True)
    assert "nay ở bước “biên bản ghi nhớ”" in answer.text and answer.context["match_links"]
    late = officer.post(there, given | {"result": "nothing"})
    assert late.status_code == 422 and "người khác đã ghi" in late.text
    meeting.refresh_from_db()
    assert (meeting.result, meeting.value_vnd, meeting.match.state) == ("memorandum", Decimal("2.5"), "memorandum")


def test_what_is_heard_afterwards_moves_the_match_too(officer, by):
    meeting = make_meeting(match_state="agreed")
    sessionresults.note(meeting, "again", "", None, by, AFTER)
    sessions.hold(meeting.session, by, AFTER)
    row = FollowUp.objects.first()
    there = reverse("follow_up_edit", args=[row.pk])
    assert officer.get(there).status_code == 200
    assert officer.post(there, {"outcome": "quoted", "note": "", "value_vnd": "", "moves_match": "on"}).status_code == 302
    assert Match.objects.get().state == "quoted"
    assert officer.post(there, {"outcome": "quoted", "note": "x", "seen": "0"}).status_code == 422
    assert officer.get(reverse("follow_up_list"), {"state": "done"}).context["page"].object_list
    assert [it.sentence for it in timeline.of(row)][0].startswith("đã ghi tin theo dõi")


def test_a_meeting_without_a_match_is_followed_as_one_where_somebody_has_published_a_need(officer):
    meeting = make_meeting()
    press = reverse("meeting_match", args=[meeting.pk])
    officer.post(press)
    assert not Match.objects.exists()
    meeting.second.posting = make_posting(owner=meeting.second.party)
    meeting.second.save()
    sessions.note_result(meeting, "sample", "", None, make_editor("Cán bộ Hai"))
    assert officer.get(reverse("meeting_result", args=[meeting.pk])).context["can_match"]
    officer.post(press)
    officer.post(press)
    match = Match.objects.get()
    assert (match.origin, match.state, match.party) == ("session", "met", meeting.first.party)


# A link --------------------------------------------------------------------------------------------------------------
def test_a_signed_meeting_becomes_a_link_of_its_real_level_only_when_a_person_says_so(officer, by):
    meeting = make_meeting()
    press, ends = reverse("meeting_link", args=[meeting.pk]), (meeting.first.party, meeting.second.party)
    given = {"link-source": ends[1].pk, "link-kind": "input", "link-product": "phôi nhôm"}
    assert officer.post(press, given).status_code == 422
    sessions.note_result(meeting, "memorandum", "", None, by)
    assert not sessionresults.links_between(*ends).exists()
    assert officer.post(press, given | {"link-product": ""}).status_code == 422
    assert officer.post(press, given).status_code == 302
    link = sessionresults.links_between(*ends).get()
    assert (link.source_party, link.target_party, link.state) == (ends[1], ends[0], "negotiated")
    assert link.evidence.get().get_level_display() == "biên bản ghi nhớ" and not link.is_public
    assert "liên kết loại này" in officer.post(press, given).text
    assert sessionresults.links_between(*ends).count() == 1


def test_a_link_out_of_a_demonstration_is_one_itself(by):
    meeting = make_meeting()
    type(meeting.session).objects.update(is_demonstration=True)
    sessions.note_result(meeting, "contract", "", None, by)
    link = sessionresults.enter_link(meeting, meeting.first.party, "input", "nhôm", by, TODAY, AFTER)
    assert link.is_demonstration and link.state == "running" and link.evidence.get().level == 3
    with pytest.raises(ValidationError):
        sessionresults.enter_link(make_meeting(), make_party(), "input", "nhôm", by, TODAY, AFTER)


# The timetable's leftovers -------------------------------------------------------------------------------------------
def reasons(session):
    people = list(sessiontimetable.coming(session))
    found = sessiontimetable.unplaced(session, people, sessiontimetable.meetings_of(session), sessiontimetable.slots_of(session))
    return {(it.first.pk, it.second.pk): it for it in found}


def test_whoever_finds_no_place_is_told_why():
    session = make_session(BEGIN, state="scheduled", tables=1, most_meetings=1)
    one, two, three, early, late = (make_participant(session) for _number in range(5))
    one.wishes.set([two, three])
    early.wishes.set([late])
    early.available_until, late.available_from = "09:00", "10:00"
    early.save(), late.save()
    Meeting.objects.create(session=session, first=one, second=two, slot=0, table=0)
    found = reasons(session)
    assert "1 cuộc gặp" in found[one.pk, three.pk].why and found[one.pk, three.pk].slot is None
    assert "giờ khác nhau" in found[early.pk, late.pk].why and found[early.pk, late.pk].slot is None
    type(session).objects.update(most_meetings=5)
    session.refresh_from_db()
    room = reasons(session)[one.pk, three.pk]
    assert room.why == "Còn chỗ." and (room.slot.number, room.table) == (1, 0)
    session.ends_at = session.starts_at + timedelta(minutes=20)
    session.save()
    assert "đang gặp đơn vị khác" in reasons(session)[one.pk, three.pk].why
    Meeting.objects.update(first=two, second=late)
    assert "không còn bàn trống" in reasons(session)[one.pk, three.pk].why


def test_one_press_gives_a_pair_the_room_that_there_is(officer):
    session = make_session(BEGIN, state="scheduled")
    one, other, gone = make_participant(session), make_participant(session), make_participant(session, state="declined")
    one.wishes.set([other])
    Meeting.objects.create(session=session, first=one, second=gone, slot=0, table=0)
    there = reverse("session_timetable", args=[session.code])
    page = officer.get(there)
    assert len(page.context["unplaced"]) == 1 and len(page.context["away"]) == 1
    given = {"first": one.pk, "second": other.pk, "slot": 2, "table": 1}
    assert officer.post(there, given).status_code == 302
    assert officer.get(there).context["unplaced"] == []
    assert officer.post(there, given | {"slot": 999}).status_code == 422
    meeting = session.meetings.get(second=other)
    move = reverse("meeting_move", args=[meeting.pk])
    assert officer.post(move, {"slot": 1, "table": 1})["Location"] == reverse("meeting_result", args=[meeting.pk])
    officer.post(move, {"slot": 3, "table": 2})
    meeting.refresh_from_db()
    assert (meeting.slot, meeting.table) == (2, 1)
    officer.post(move, {"remove": "1"})
    assert session.meetings.count() == 1


# The figures ---------------------------------------------------------------------------------------------------------
def readings(day=TODAY):
    return {it.key: it.value for it in indicators.readings(day) if it.key in SESSIONS}


def said(day=TODAY):
    return [it.text for it in prefill.suggest(figures.load(make_cycle(), day)) if it.section == "II.4"]


def test_the_report_says_nothing_of_sessions_before_one_was_entered_and_nothing_of_demonstration():
    assert set(readings().values()) == {None} and not any("phiên kết nối" in it for it in said())
    make_session(BEGIN, state="held", is_demonstration=True)
    assert set(readings().values()) == {None}
    make_session(BEGIN, state="held")
    assert readings()["matching_sessions_this_year"] == 1 and readings()["matching_contracts"] == 0


def test_sessions_are_counted_in_their_year_and_what_they_led_to_for_good(by):
    meeting = make_meeting(state="held")
    sessions.note_result(meeting, "memorandum", "", Decimal("2.5"), by)
    assert list(readings().values()) == [1, 1, 1, 0, 2.5]
    assert list(readings(date(2026, 11, 2)).values()) == [0, 0, 0, 0, 0.0]
    assert list(readings(date(2027, 3, 1)).values()) == [0, 0, 1, 0, 2.5]
    sessions.follow(meeting.follow_ups.first(), "contract", "", Decimal("3"), by, date(2026, 12, 20))
    assert list(readings(date(2026, 12, 31)).values()) == [1, 1, 0, 1, 3.0]
    text = "- Biên bản ghi nhớ từ các phiên kết nối, lũy kế: đến ngày 23/11/2026 đạt 1 biên bản ghi nhớ (nguồn: Ban Quản lý"
    assert any(it.startswith(text) for it in said())


def test_each_signed_pair_counts_once_in_the_targets(by):
    count = targets.MEASURES["memoranda_and_contracts"].count
    alone, paired = make_meeting(state="held"), make_meeting(state="held", match_state="agreed")
    for meeting in (alone, paired):
        sessionresults.note(meeting, "memorandum", "", None, by, timezone.now())
    assert Match.objects.get().state == "memorandum"
    day = timezone.localdate()
    assert count(day) == 2
    type(alone.session).objects.filter(pk=alone.session_id).update(is_demonstration=True)
    assert count(day) == 1
    make_link()
    assert count(day) == 1 and outcomes.rolled_up().value == 0


def test_the_targets_page_tells_what_the_sessions_came_to_by_the_day(by, officer):
    sessions.note_result(make_meeting(state="held"), "contract", "", Decimal("7.5"), by)
    page = officer.get(reverse("target_list"), {"on": "2026-11-05"})
    assert page.context["told"].contracts == 1 and "7,5" in page.text
    assert Client().get(reverse("target_list"), {"on": "2026-11-02"}).context["told"].sessions == 0


def test_the_demonstrations_sessions_are_invented_all_through_and_counted_nowhere():
    now = timezone.now()
    assert demonstrationsessions.load_sessions(now) == 2 and demonstrationsessions.load_sessions(now) == 0
    held = MatchingSession.objects.get(state="held")
    told = outcomes.rolled_up(held)
    assert told.met and told.memoranda and told.contracts and FollowUp.objects.filter(meeting__session=held).exists()
    assert outcomes.rolled_up().sessions == 0 and set(readings().values()) == {None}
    assert not Participant.objects.filter(party__is_demonstration=False).exists()
    assert not OutgoingMail.objects.exists()


def test_a_stranger_reads_no_sum_that_tells_what_two_have_agreed_on(by, officer):
    session, words = make_session(BEGIN, "held"), "tỷ đồng do hai bên nêu"
    for number in range(3):
        assert words not in Client().get(session.get_absolute_url()).text or not number
        one, other = make_participant(session), make_participant(session)
        meeting = Meeting.objects.create(session=session, first=one, second=other, slot=number, table=0)
        sessions.note_result(meeting, "contract", "", Decimal("2.5"), by)
        assert words in officer.get(session.get_absolute_url()).text
    assert words in Client().get(session.get_absolute_url()).text
