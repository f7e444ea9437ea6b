"""Pages of matching sessions: an officer runs one from the first entry to its follow-ups, the invited answer by a link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms.gatekeeper import hashed
from linkages import sessionmails, sessiontimetable
from linkages.models import FollowUp, MatchingSession, Meeting
from parkportal.models import MailSource, OutgoingMail
from tests.builders_firms import make_editor
from tests.builders_linkages import make_participant, make_party, make_session

pytestmark = pytest.mark.django_db
SOON = timezone.now().replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=9)


@pytest.fixture
def officer():
    client = Client()
    client.force_login(make_editor())
    return client


def step(officer, session, name):
    officer.post(reverse("session_move", args=[session.code]), {"step": name})
    session.refresh_from_db()


def test_an_officer_enters_a_session_and_names_who_comes(officer):
    data = {
        "code": "kn-1", "title": "Phiên cơ khí", "kind": "venue", "starts_at": "2026-12-08T08:00", "ends_at": "2026-12-08T12:00",
        "slot_minutes": 20, "pause_minutes": 5, "tables": 10, "most_meetings": 6,
    }  # fmt: skip
    assert officer.post(reverse("session_create"), data | {"ends_at": "2026-12-09T12:00"}).status_code == 422
    assert officer.post(reverse("session_create"), data).status_code == 302
    session, party = MatchingSession.objects.get(), make_party("Công ty Một")
    row = {"party": party.firm.code, "language": "vi", "side": "both", "state": "invited", "email": "a@firm.test"}
    assert officer.post(reverse("participant_add", args=[session.code]), row).status_code == 302
    assert "Công ty Một" in officer.get(session.get_absolute_url()).text
    assert officer.post(reverse("participant_add", args=[session.code]), row).status_code == 422
    assert officer.get(reverse("session_edit", args=[session.code])).status_code == 200
    assert Client().get(session.get_absolute_url()).status_code == 404


def test_the_invited_answers_by_the_link_and_a_wrong_link_leads_nowhere():
    session = make_session(SOON, state="inviting")
    one, other = make_participant(session, state="invited", token_hash=hashed("moi")), make_participant(session)
    there = reverse("session_answer", args=["moi"])
    assert Client().get(there).status_code == 200
    assert Client().post(there, {}).status_code == 422
    assert Client().post(there, {"comes": "yes", "person": "Lê A", "wishes": [other.pk]}).status_code == 302
    one.refresh_from_db()
    assert one.state == "confirmed" and one.person == "Lê A" and list(one.wishes.all()) == [other]
    assert Client().get(reverse("session_answer", args=["sai"])).status_code == 404


def test_only_those_whose_meetings_changed_are_mailed_again(officer):
    session = make_session(SOON, "inviting")
    one, other, third = (make_participant(session) for _number in range(3))
    one.wishes.set([other, third])
    step(officer, session, "timetable")
    send = reverse("session_timetable_send", args=[session.code])
    officer.post(send)
    session.meetings.get(second=third).delete()
    officer.post(send)
    assert [OutgoingMail.objects.filter(to=it.email).count() for it in (one, other, third)] == [2, 1, 2]
    last = bytes(MailSource.objects.get(mail=OutgoingMail.objects.filter(to=third.email).latest("pk")).data)
    assert b"text/calendar" not in last and b"text/calendar" in bytes(MailSource.objects.get(mail__to=other.email).data)
    OutgoingMail.objects.filter(to=other.email).update(state=OutgoingMail.State.FAILED)  # she has never read it
    slots = sessiontimetable.slots_of(session)
    rows = sessiontimetable.own([one, other, third], sessiontimetable.meetings_of(session), slots)
    assert sessionmails.send_timetable(session, rows, timezone.now() + timedelta(minutes=1)) == 1


def test_forty_firms_are_scheduled_mailed_held_and_rolled_up(officer):
    session = make_session(SOON, tables=20)
    people = [make_participant(session) for _number in range(40)]
    for place, one in enumerate(people):
        one.wishes.set([people[(place + far) % 40] for far in range(1, 4)])
    step(officer, session, "invite")
    step(officer, session, "timetable")
    assert session.state == "scheduled" and session.meetings.count() == 120
    table = reverse("session_timetable", args=[session.code])
    assert officer.get(table).status_code == 200
    officer.post(reverse("session_timetable_send", args=[session.code]))
    again = officer.post(reverse("session_timetable_send", args=[session.code]), follow=True)
    assert "đã được gửi đúng lịch này" in again.text
    assert OutgoingMail.objects.count() == 40 and b"text/calendar" in bytes(MailSource.objects.first().data)
    meeting = session.meetings.first()
    officer.post(reverse("meeting_move", args=[meeting.pk]), {"fix": "1"})
    assert Meeting.objects.get(pk=meeting.pk).is_fixed
    given = {"result": "memorandum", "note": "", "value_vnd": "3"}
    assert officer.post(reverse("meeting_result", args=[meeting.pk]), given).status_code == 302
    MatchingSession.objects.update(starts_at=SOON - timedelta(days=20))
    step(officer, session, "hold")
    assert session.state == "held" and FollowUp.objects.count() == 3
    row = FollowUp.objects.first()
    assert officer.get(reverse("follow_up_list")).status_code == 200
    officer.post(reverse("follow_up_edit", args=[row.pk]), {"outcome": "contract", "value_vnd": "5", "note": ""})
    told = Client().get(session.get_absolute_url()).context["told"]
    assert (told.met, told.memoranda, told.contracts, told.value) == (1, 0, 1, 5)
    assert Client().get(reverse("session_list")).status_code == 200


def test_a_stranger_opens_no_officers_page():
    session = make_session(SOON)
    for name in ("session_edit", "participant_add", "session_timetable"):
        assert Client().get(reverse(name, args=[session.code])).status_code == 302
    assert Client().get(reverse("follow_up_list")).status_code == 302
