"""Who comes to a session: many at once, edited by two officers, invited again, taken off, ticked at the door."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from firms import registry
from firms.gatekeeper import hashed
from linkages import sessioncandidates, sessions, sessiontimetable
from linkages.models import Match, Meeting, Participant
from parkportal.models import MailSource, OutgoingMail
from tests.atonce import all_at_once
from tests.builders import make_agency, make_member
from tests.builders_firms import make_editor, make_firm
from tests.builders_linkages import TODAY, make_participant, make_party, make_posting, make_session

pytestmark = pytest.mark.django_db
BEGIN = timezone.make_aware(datetime(2026, 12, 1, 8, 0))
BEFORE, AFTER = BEGIN - timedelta(days=10), BEGIN + timedelta(hours=9)
SOON = timezone.now().replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=9)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def by():
    return make_editor()


@pytest.fixture
def officer(by):
    client = Client()
    client.force_login(by)
    return client


def said(response):
    return " ".join(str(message) for message in response.wsgi_request._messages)


# Many at once --------------------------------------------------------------------------------------------------------
def test_owners_of_published_postings_are_suggested_those_with_open_matches_first():
    session, there = make_session(BEGIN), make_party()
    plain, matched = make_party("Công ty A Thành Công"), make_party("Công ty B")
    make_posting(owner=plain, title="Cần đúc nhôm")
    need = make_posting(owner=matched, title="Cần tiện CNC")
    make_posting(owner=there)
    make_participant(session, there)
    Match.objects.create(need=need, party=make_party())
    assert [(it.party, it.matches) for it in sessioncandidates.suggested(session, "", None, TODAY)] == [(matched, 1), (plain, 0)]
    assert [it.party for it in sessioncandidates.suggested(session, "đúc nhom", None, TODAY)] == [plain]
    assert sessioncandidates.others(session, "", None, set()) == []
    assert [it.label for it in sessioncandidates.others(session, "thanh cong a", None, set())] == ["Công ty A Thành Công"]


def test_a_pasted_list_is_read_line_by_line_and_each_line_says_what_becomes_of_it():
    session = make_session(BEGIN)
    there, fresh = make_participant(session).party, make_firm("Công ty Tiện Nguội")
    make_firm("Công ty Sao Mai Một")
    make_firm("Công ty Sao Mai Hai")
    text = f"{fresh.code}\n\n{fresh.name}\nSao Mai\nKhông ai tên vậy\n{there.firm.code.lower()}"
    lines = sessioncandidates.read(session, [], text)
    assert [bool(it.trouble) for it in lines] == [False, True, True, True, True]
    assert "hai lần" in lines[1].trouble and "Sao Mai Một" in lines[2].trouble and "trong danh sách" in lines[4].trouble


def test_a_line_beyond_what_is_taken_at_once_says_so(monkeypatch):
    monkeypatch.setattr(sessioncandidates, "MOST", 1)
    codes = [make_firm(f"Công ty Cơ khí {number}").code for number in (1, 2)]
    lines = sessioncandidates.read(make_session(BEGIN), [], "\n".join(codes))
    assert [bool(it.trouble) for it in lines] == [False, True] and "lần sau" in lines[1].trouble


def test_added_ones_bring_the_address_of_their_posting_or_of_the_registrys_contact(by):
    session, poster, firm = make_session(BEGIN), make_party(), make_firm()
    posting = make_posting(owner=poster, contact_email="tin@firm.test", contact_name="Lê A", language="en", direction="offer")
    firm.contacts.create(person="Trần B", email="lienhe@firm.test")
    keys = [f"firm:{poster.firm.code}", f"firm:{firm.code}", "firm:KHONG", "party:99999"]
    assert sessioncandidates.add(session, keys, by, TODAY) == 2
    one, other = session.participants.order_by("pk")
    assert (one.email, one.person, one.language, one.side, one.posting) == ("tin@firm.test", "Lê A", "en", "offers", posting)
    assert (other.email, other.person, other.side) == ("lienhe@firm.test", "Trần B", "both")
    assert sessioncandidates.add(session, keys, by, TODAY) == 0
    sessions.cancel(session, by)
    with pytest.raises(ValidationError):
        sessioncandidates.add(session, keys, by, TODAY)


def test_the_officer_looks_them_over_before_they_stand_on_the_list(officer):
    session, firm = make_session(SOON), make_firm()
    there = reverse("participant_add_many", args=[session.code])
    assert officer.get(there, {"q": "song han"}).status_code == 200
    assert officer.post(there, {"pasted": ""}).status_code == 422
    page = officer.post(there, {"keys": [f"firm:{firm.code}", "x" * 40], "pasted": "Không ai"})
    assert page.context["taken"] == 1 and not session.participants.exists()
    answer = officer.post(there, {"add": "1", "keys": [f"firm:{firm.code}"]})
    assert answer.status_code == 302 and session.participants.get().party.firm == firm
    sessions.cancel(session, make_editor("Cán bộ Hai"))
    assert "đã hủy" in said(officer.post(there, {"add": "1", "keys": []}))


# Editing, inviting again, taking off ---------------------------------------------------------------------------------
def test_two_officers_at_once_lose_nothing_of_a_participant(officer, by):
    one = make_participant(make_session(SOON), person="Lê A")
    there, seen = reverse("participant_edit", args=[one.pk]), registry.version_of(one)
    row = {"person": "Lê A", "position": "", "email": one.email, "language": "vi", "side": "both"}
    assert officer.post(there, row | {"seen": seen, "person": "Lê Bình"}).status_code == 302
    assert officer.post(there, row | {"seen": seen, "position": "Giám đốc"}).status_code == 302
    one.refresh_from_db()
    assert (one.person, one.position, one.state) == ("Lê Bình", "Giám đốc", "confirmed")
    page = officer.post(there, row | {"seen": seen, "person": "Lê Chi"})
    assert page.status_code == 200 and page.context["saved"].clashes
    assert officer.post(there, row | {"available_from": "11:00", "available_until": "09:00"}).context["form"].errors


def test_an_invitation_sent_again_makes_the_link_before_it_void(officer, by):
    session = make_session(SOON)
    one, mute = make_participant(session, state="invited"), make_participant(session, state="invited", email="")
    sessions.invite(session, [one], by, timezone.now() - timedelta(days=1))
    Participant.objects.filter(pk=one.pk).update(token_hash=hashed("cu"))
    assert "không còn dùng được" in said(officer.post(reverse("participant_invite", args=[one.pk])))
    assert sessions.find("cu") is None and OutgoingMail.objects.count() == 2
    officer.post(reverse("participant_invite", args=[one.pk]))  # pressed twice
    assert OutgoingMail.objects.count() == 2
    assert "chưa có địa chỉ" in said(officer.post(reverse("participant_invite", args=[mute.pk])))
    sessions.cancel(session, by)
    officer.post(reverse("participant_invite", args=[one.pk]))
    assert OutgoingMail.objects.count() == 2


def test_one_is_taken_off_before_the_timetable_is_out_and_never_after(officer, by):
    session = make_session(SOON, state="inviting")
    people = [make_participant(session) for _number in range(3)]
    officer.post(reverse("participant_remove", args=[people[0].pk]))
    assert session.participants.count() == 2
    assert Participant.history.filter(id=people[0].pk, history_type="-", history_user=by).exists()
    people[1].wishes.add(people[2])
    sessiontimetable.make_timetable(session, by)
    assert "phải ở lại danh sách" in said(officer.post(reverse("participant_remove", args=[people[1].pk])))
    assert session.participants.count() == 2
    history = officer.get(reverse("session_history", args=[session.code])).text
    assert "đã xếp lịch gặp" in history and "đã đưa vào danh sách" in history


def test_an_officer_notes_what_was_said_on_the_telephone(officer, by):
    session = make_session(SOON, state="inviting")
    one, other = make_participant(session, state="invited"), make_participant(session)
    there = reverse("participant_answer", args=[one.pk])
    assert officer.get(there).status_code == 200
    assert officer.post(there, {}).status_code == 422
    assert officer.post(there, {"comes": "yes", "person": "Lê A", "wishes": [other.pk]}).status_code == 302
    one.refresh_from_db()
    assert one.state == "confirmed" and one.history.first().history_user == by and list(one.wishes.all()) == [other]
    form = officer.get(there).context["form"]
    assert form["wishes"].value() == [str(other.pk)] and form["comes"].value() == "yes"
    assert officer.post(there, {"comes": "yes", "wishes": ["9" * 30]}).status_code == 422


# The invited one's own page ------------------------------------------------------------------------------------------
def test_her_timetable_and_its_calendar_stand_on_her_page_once_it_is_out(by):
    session = make_session(SOON, state="inviting", code="KN-12")
    one, other = make_participant(session, token_hash=hashed("moi")), make_participant(session)
    one.wishes.add(other)
    page, file = reverse("session_answer", args=["moi"]), reverse("session_calendar", args=["moi"])
    assert Client().get(page).context["meetings"] is None and Client().get(file).status_code == 404
    sessiontimetable.make_timetable(session, by)
    assert str(other) in Client().get(page).text
    calendar = Client().get(file)
    assert 'filename="phien-ket-noi-kn-12.ics"' in calendar["Content-Disposition"] and "noindex" in calendar["X-Robots-Tag"]
    assert calendar.content.count(b"BEGIN:VEVENT") == 1
    assert Client().get(reverse("session_calendar", args=["sai"])).status_code == 404
    client = Client()
    client.force_login(by)
    client.post(reverse("session_timetable_send", args=[session.code]))
    assert b"phien-ket-noi-kn-12.ics" in bytes(MailSource.objects.first().data)


# At the door ---------------------------------------------------------------------------------------------------------
def test_a_body_whose_name_has_no_letter_stands_at_the_door_too(officer):
    session = make_session(BEGIN, state="scheduled")
    make_participant(session, make_party("???"))
    page = officer.get(reverse("session_attendance", args=[session.code]))
    assert page.status_code == 200 and "???" in page.text


def test_who_came_is_ticked_and_taken_back_to_what_was_answered_before(by):
    session = make_session(BEGIN, state="inviting")
    one = make_participant(session, state="declined")
    with pytest.raises(ValidationError):
        sessions.attend(one, True, by)
    type(session).objects.update(state="scheduled")
    assert sessions.attend(one, True, by) and not sessions.attend(one, True, by)
    assert sessions.attend(one, False, by)
    assert sessions.attend(one, None, by) and not sessions.attend(one, None, by)
    one.refresh_from_db()
    assert one.state == "declined"


def test_the_door_answers_with_a_row_for_scripts_and_the_page_without(officer):
    session = make_session(SOON, state="scheduled")
    one, other = make_participant(session, make_party("Công ty Ánh Dương")), make_participant(session, make_party("Công ty Biển"))
    page = officer.get(reverse("session_attendance", args=[session.code]))
    assert [letter for letter, _one in page.context["rows"]] == ["A", "B"]
    press = reverse("participant_attend", args=[one.pk])
    assert officer.post(press, {"note": "came"}).status_code == 302
    answer = officer.post(press, {"note": "undo"}, headers=HTMX)
    assert answer.status_code == 200 and "hx-swap-oob" in answer.text and "<html" not in answer.text
    assert officer.post(press, {"note": "xxx"}).status_code == 404
    rows = officer.get(reverse("session_attendance", args=[session.code]), {"q": "bien"}, headers=HTMX)
    assert str(other) in rows.text and str(one) not in rows.text and "<html" not in rows.text
    type(session).objects.update(state="planned")
    officer.post(press, {"note": "came"})
    assert Participant.objects.get(pk=one.pk).state == "confirmed"
    assert not officer.get(reverse("session_attendance", args=[session.code])).context["is_on"]


def test_strangers_and_other_staff_open_none_of_the_pages():
    one = make_participant(make_session(SOON, state="scheduled"))
    lan = make_member(make_agency())
    client = Client()
    client.force_login(lan)
    names = ["participant_edit", "participant_answer", "participant_invite", "participant_remove", "participant_attend"]
    for name in names:
        assert Client().post(reverse(name, args=[one.pk])).status_code == 302, name
        assert client.post(reverse(name, args=[one.pk])).status_code == 404, name
    for name in ["participant_add_many", "session_attendance", "session_history", "session_timetable"]:
        assert Client().get(reverse(name, args=[one.session.code])).status_code == 302, name
        assert client.get(reverse(name, args=[one.session.code])).status_code == 404, name


# Queries -------------------------------------------------------------------------------------------------------------
def test_the_pages_cost_no_more_queries_for_thirty_participants_than_for_three(officer, by):
    def crowd(number):
        session = make_session(SOON, state="inviting")
        people = [make_participant(session, position=f"{number}") for _number in range(number)]
        for one in people:
            one.wishes.set(people[:3])
        sessiontimetable.make_timetable(session, by)
        return session

    pages = ["session_detail", "session_timetable", "session_attendance", "session_history"]
    counts = []
    for session in (crowd(3), crowd(30)):
        counts.append([])
        for address in [*(reverse(name, args=[session.code]) for name in pages), reverse("session_list")]:
            officer.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert officer.get(address).status_code == 200
            counts[-1].append(len(queries))
    assert counts[0] == counts[1]


# Two at once ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_seat_no_two_meetings_at_one_table_and_nobody_twice():
    yen, lan = make_editor(), make_editor("Cán bộ Hai")
    session = make_session(BEGIN, state="scheduled")
    people = [make_participant(session) for _number in range(4)]
    add = sessiontimetable.add
    results = all_at_once(
        lambda: add(session, people[0], people[1], 0, 0, yen), lambda: add(session, people[2], people[3], 0, 0, lan)
    )
    assert sorted(type(it) is Meeting for it in results) == [False, True] and session.meetings.count() == 1
    results = all_at_once(
        lambda: add(session, people[0], people[2], 1, 0, yen), lambda: add(session, people[0], people[3], 1, 1, lan)
    )
    assert sorted(type(it) is Meeting for it in results) == [False, True] and session.meetings.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_add_and_invite_at_once_add_and_invite_once():
    yen, lan = make_editor(), make_editor("Cán bộ Hai")
    session, firm = make_session(BEGIN), make_firm()
    firm.contacts.create(email="a@firm.test")
    keys = [f"firm:{firm.code}"]
    added = all_at_once(*(lambda by=by: sessioncandidates.add(session, keys, by, TODAY) for by in (yen, lan)))
    assert sorted(added) == [0, 1]
    one = session.participants.get()
    assert all_at_once(*(lambda by=by: sessions.invite(session, [one], by, BEFORE) for by in (yen, lan))) == [[], []]
    assert OutgoingMail.objects.count() == 1
