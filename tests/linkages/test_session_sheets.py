"""Badges and sheets of a matching session on paper, in both languages, however long a name is."""

import re
import shutil
import subprocess
from datetime import datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from linkages import sessionsheets, sessiontimetable
from linkages.models import Party
from parkportal.documents import fitting
from tests.builders import make_agency, make_member
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_participant, make_party, make_posting, make_session

pytestmark = pytest.mark.django_db
BEGIN = timezone.make_aware(datetime(2026, 12, 8, 8, 0))
LONG_NAME = "Công Tằng Tôn Nữ Thị Hoàng Bảo Châu Phương Quỳnh Trâm Nguyệt Minh"
LONG_FIRM = (
    "Công ty Cổ phần Đầu tư Xây dựng Thương mại Dịch vụ Kỹ thuật Điện, Tự động hóa và Thiết bị Công nghiệp Minh Họa Miền Trung"
)
MM = 72 / 25.4


@pytest.fixture
def session():
    """Six who come, one of them Korean, with a timetable; and one who has not answered."""
    session = make_session(
        BEGIN, "inviting", title="Phiên cơ khí Đà Nẵng – Hàn Quốc", title_en="Da Nang – Korea machinery session", venue="Tầng 2"
    )
    zone = make_zone("Khu công nghiệp Hòa Khánh", "HK")
    firm = make_firm("Công ty TNHH Cơ khí Minh Họa", zone, name_en="Illustrative Mechanics Co., Ltd")
    need = make_posting("Cần gia công nhôm", title_en="Aluminium machining wanted", is_anonymous=False)
    people = [
        make_participant(session, make_party(firm=firm), person="Lê Thị An", position="Giám đốc", side="seeks", posting=need),
        make_participant(
            session, make_party("Hanbit", kind=Party.Kind.OTHER, country="KR"), person="Kim Seong-ho", needs_interpreter=True
        ),
        make_participant(session, make_party(LONG_FIRM), person=LONG_NAME, side="offers"),
        *(make_participant(session) for _number in range(3)),
    ]
    make_participant(session, make_party("Công ty Chưa Trả Lời"), state="invited")
    for one in people:
        one.wishes.set([it for it in people if it != one])
    session.guest = people[0]
    return session


@pytest.fixture
def planned(session):
    sessiontimetable.make_timetable(session, make_editor())
    session.refresh_from_db()
    return session


@pytest.fixture
def officer():
    client = Client()
    client.force_login(make_editor())
    return client


def text_of(made, layout="-layout"):
    """What a reader finds in a PDF; the tool that readers use, where it is there."""
    if not shutil.which("pdftotext"):
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    return subprocess.run(["pdftotext", layout, "-", "-"], input=made, capture_output=True, check=True).stdout.decode()


def pages_of(made):
    return len(PdfReader(BytesIO(made)).pages)


# What a person reads ----------------------------------------------------------------------------------------------------
@pytest.mark.pdf
@pytest.mark.once
def test_a_badge_says_in_both_languages_who_somebody_is(session):
    made = sessionsheets.badges(session)
    text = " ".join(text_of(made, "-raw").split())
    for words in ("Lê Thị An", "Công ty TNHH Cơ khí Minh Họa", "Illustrative Mechanics Co., Ltd", "Việt Nam Vietnam"):
        assert words in text, words
    for words in ("Kim Seong-ho", "Hàn Quốc South Korea", "Tìm Seeks", "Chào Offers", "Da Nang – Korea machinery session", "06"):
        assert words in text, words
    assert "Chưa Trả Lời" not in text and pages_of(made) == 1
    assert text.count("Họ và tên Name") == 5  # three have named nobody yet, two badges are left


@pytest.mark.pdf
@pytest.mark.once
def test_forty_badges_take_five_pages(session):
    for _number in range(34):
        make_participant(session)
    assert pages_of(sessionsheets.badges(session)) == 5


@pytest.mark.pdf
@pytest.mark.once
@pytest.mark.poppler
def test_a_long_name_stays_inside_its_badge(session):
    text = text_of(sessionsheets.badges(session), "-bbox")
    words = [
        (word, *map(float, box))
        for *box, word in re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', text)
    ]
    # The third badge: left column, second row.
    left, top, right, bottom = 15 * MM, 88.5 * MM, 105 * MM, 148.5 * MM
    inside = [it for it in words if left <= it[1] and it[3] <= right and top <= it[2] and it[4] <= bottom]
    found = " ".join(it[0] for it in inside)
    assert LONG_NAME in found and LONG_FIRM in found
    name = [it for it in inside if it[0] in LONG_NAME.split()]
    assert max(it[4] for it in name) < bottom - 12 * MM  # above the country and the side


@pytest.mark.pdf
@pytest.mark.once
def test_each_participant_has_a_page_with_whom_when_where_and_what(planned):
    made = sessionsheets.sheets(planned, "people", 1, planned.guest.pk)
    text = " ".join(text_of(made).split())
    assert pages_of(made) == 1
    for words in (
        "Các cuộc gặp: 5",
        "Meetings: 5",
        "Thứ 3, 08/12/2026",
        "Tuesday, 8 Dec 2026",
        "Kim Seong-ho",
        "Có yes",
        "Tầng 2",
    ):
        assert words in text, words
    assert "08:00–08:20" in text and "Cần gia công nhôm" in text and "Aluminium machining wanted" in text
    assert pages_of(sessionsheets.sheets(planned, "people")) == 6


@pytest.mark.pdf
@pytest.mark.once
def test_each_table_has_a_page_and_the_door_knows_everybody(planned):
    used = set(planned.meetings.values_list("table", flat=True))
    made = sessionsheets.sheets(planned, "tables")
    assert pages_of(made) == len(used) and "Bàn 1 Table 1" in " ".join(text_of(made).split())
    door = " ".join(text_of(sessionsheets.sheets(planned, "door")).split())
    for words in ("Sơ đồ phiên", "Plan of the session", "Hanbit", "PD"):
        assert words in door, words
    names = " ".join(text_of(sessionsheets.sheets(planned, "names")).split())
    assert "Participants by name" in names and "Hanbit" in names and names.count("08:00 →") >= 2


@pytest.mark.pdf
@pytest.mark.once
def test_the_files_together_hold_everybody_once(planned, monkeypatch):
    monkeypatch.setitem(sessionsheets.A_FILE, "people", 4)
    files = sessionsheets.printed(planned).people
    assert files == [(1, 3), (4, 6)]
    assert [pages_of(sessionsheets.sheets(planned, "people", first)) for first, _last in files] == [3, 3]


@pytest.mark.pdf
@pytest.mark.once
def test_what_is_demonstration_says_so_on_every_sheet(planned):
    planned.is_demonstration = True
    for made in (sessionsheets.badges(planned), sessionsheets.sheets(planned, "door")):
        assert all("DEMONSTRATION DATA" in page.extract_text() for page in PdfReader(BytesIO(made)).pages)


def test_a_number_stays_when_somebody_else_stays_away(session):
    before = {it.pk: it.number for it in sessionsheets.guests_of(session)}
    session.participants.filter(pk=session.guest.pk).update(state="declined")
    assert {it.pk: it.number for it in sessionsheets.guests_of(session)} == before


def test_two_hundred_are_printed_in_files_that_nobody_waits_long_for():
    assert sessionsheets.stretches(200, "people")[-1] == (176, 200)
    assert sessionsheets.stretches(26, "people") == [(1, 13), (14, 26)]
    assert sessionsheets.stretches(200, "badges") == [(1, 67), (68, 134), (135, 200)]
    assert sessionsheets.stretches(0, "tables") == []


@pytest.mark.pdf
def test_letters_get_smaller_until_a_text_fits_and_no_further():
    sizes = (26, 20, 14, 9)
    assert fitting.size("Lê An", sizes, 230, 46) == 26
    assert fitting.size("Nguyễn Thị Ngọc Huyền Trân", sizes, 230, 46, alone=14) == 14
    assert fitting.size(LONG_FIRM * 3, sizes, 230, 46) == 9
    assert fitting.size("", sizes, 230, 46) == 26 and fitting.height("", 26, 230) == 0


# Pages ------------------------------------------------------------------------------------------------------------------
def test_before_the_timetable_the_page_says_so_and_a_sheet_leads_back_to_it(session, officer):
    page = officer.get(reverse("session_sheets", args=[session.code]))
    assert "Chưa có lịch gặp" in page.text and f"{reverse('session_badges', args=[session.code])}?first=1" in page.text
    for part in sessionsheets.PARTS:
        answer = officer.get(reverse("session_sheets", args=[session.code]), {"part": part}, follow=True)
        assert answer.redirect_chain and "Chưa có lịch gặp" in answer.text


def test_with_nobody_coming_there_is_no_badge_and_the_page_says_why(officer):
    session = make_session(BEGIN)
    answer = officer.get(reverse("session_badges", args=[session.code]), follow=True)
    assert answer.redirect_chain and "Chưa có ai" in answer.text


@pytest.mark.pdf
def test_an_officer_takes_the_files(planned, officer):
    page = officer.get(reverse("session_sheets", args=[planned.code])).text
    addresses = re.findall(r'href="([^"]*/(?:badges|sheets)/\?[^"]*)"', page)
    assert len(addresses) == 5 + 2 * 6
    for address in (*addresses[:6], addresses[-1]):
        answer = officer.get(address.replace("&amp;", "&"))
        assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")


def test_odd_addresses_lead_to_the_page(planned, officer):
    for query in ("part=x", "part=people&first=9999", "part=people&only=0", "part=tables&first=-3x"):
        answer = officer.get(f"{reverse('session_sheets', args=[planned.code])}?{query}", follow=True)
        assert answer.status_code == 200


def test_a_page_of_many_participants_asks_no_more(session, officer, django_assert_max_num_queries):
    for _number in range(20):
        make_participant(session)
    with django_assert_max_num_queries(14):
        assert officer.get(reverse("session_sheets", args=[session.code])).status_code == 200


def test_only_officers_print(session):
    other = Client()
    other.force_login(make_member(make_agency()))
    for name in ("session_badges", "session_sheets"):
        address = reverse(name, args=[session.code])
        assert Client().get(address).status_code == 302
        assert other.get(address).status_code == 404
        assert other.post(address).status_code in (404, 405)


def test_an_anonymous_need_gets_no_name_from_a_sheet(session):
    posting = session.guest.posting
    assert "Cần gia công nhôm" in str(sessionsheets.guests_of(session)[0])
    posting.is_anonymous = True
    posting.save()
    assert "Cần gia công nhôm" not in str(sessionsheets.guests_of(session)[0])
