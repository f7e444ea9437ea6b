"""A session of forty firms in a real Chromium: entered, invited, answered, scheduled, held, and its outcomes in the targets and
in the year's consolidated report."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from linkages import loading, sessionresults, sessions
from linkages.models import FollowUp, MatchingSession, Participant
from parkportal.models import OutgoingMail
from tasks import drafting
from tests.browser import follow
from tests.builders import TODAY, at, make_agency, make_consolidator, make_cycle, make_report
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_participant, make_session
from tests.firms.outsiders import link_in, mails_to

expect.set_options(timeout=20_000)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}}
DAY = date(2026, 11, 10)  # on which the session is said to have taken place: before the cut-off of the report


@pytest.fixture
def yen():
    return make_editor()


def takes_place(session, day=DAY):
    """The day has come: nobody waits for it in a test."""
    begins = at(day, 8)
    MatchingSession.objects.filter(pk=session.pk).update(starts_at=begins, ends_at=begins + timedelta(hours=4))


def make_firms(number):
    zone = make_zone()
    firms = [make_firm(f"Công ty Cơ khí Số {place:02}", zone) for place in range(1, number + 1)]
    for place, firm in enumerate(firms):
        firm.contacts.create(person=f"Người {place}", email=f"nguoi{place}@firm.test")
    return firms


def test_a_session_of_forty_firms_is_scheduled_held_and_rolls_up_into_the_targets_and_the_report(
    yen, signed_in_page, new_context, watch, axe
):
    loading.load_targets(loading.read("targets.json"))
    firms, begins = make_firms(40), timezone.localtime() + timedelta(days=9)

    # The officer enters it and puts forty firms on the list.
    desk = signed_in_page(yen, reverse("session_list"))
    follow(desk.get_by_role("link", name="Nhập phiên đầu tiên"))
    desk.get_by_label("Mã", exact=True).fill("KN-40")
    desk.get_by_label("Tên", exact=True).fill("Phiên kết nối cơ khí")
    desk.get_by_role("textbox", name="Chủ đề", exact=False).first.fill("Gia công cơ khí chính xác")
    desk.get_by_label("Nước đối tác").fill("Nhật Bản, Hàn Quốc")
    desk.get_by_label("Bắt đầu").fill(f"{begins:%Y-%m-%d}T08:00")
    desk.get_by_label("Kết thúc").fill(f"{begins:%Y-%m-%d}T12:00")
    desk.get_by_label("Số bàn").fill("20")
    desk.get_by_role("button", name="Lưu", exact=True).click()
    desk.get_by_label("Mã doanh nghiệp, mã số thuế hoặc tên").fill("\n".join([*(it.code for it in firms), "Không có tên này"]))
    desk.get_by_role("button", name="Xem trước").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Có thể thêm 40 đơn vị")
    expect(desk.locator(".status--due-soon")).to_have_count(1)  # the line that means nobody
    axe(desk)
    follow(desk.get_by_role("button", name="Thêm 40 đơn vị"))
    session = MatchingSession.objects.get()
    assert session.countries == ["JP", "KR"] and session.participants.count() == 40

    # Invitations; one answers without scripts, the rest by telephone.
    desk.get_by_role("button", name="Gửi 40 giấy mời").click()
    expect(desk.get_by_text("mời ngày").first).to_be_visible()
    assert OutgoingMail.objects.count() == 40
    answer = link_in(mails_to("nguoi0@firm.test")[-1], "/session-answer/")
    guest = watch(new_context(java_script_enabled=False, **PHONE).new_page())
    guest.goto(answer)
    guest.get_by_role("button", name="Gửi trả lời").click()
    expect(guest.locator(".error-summary")).to_contain_text("Cho biết đơn vị có dự hay không")
    guest.get_by_label("Có, chúng tôi tham dự").check()
    for place in (2, 3, 4):
        guest.get_by_label(f"Công ty Cơ khí Số {place:02} ").check()
    guest.get_by_role("button", name="Gửi trả lời").click()
    expect(guest.get_by_text("Cảm ơn, câu trả lời đã được ghi.")).to_be_visible()
    people = sessions.by_name(session.participants.all())
    assert people[0].state == "confirmed" and people[0].wishes.count() == 3
    desk.goto(reverse("participant_answer", args=[people[1].pk]))
    desk.get_by_label("Có, chúng tôi tham dự").check()
    desk.get_by_role("button", name="Lưu", exact=True).click()
    expect(desk.get_by_text(f"Đã ghi câu trả lời của {people[1]}")).to_be_visible()
    for place, one in enumerate(people[1:], start=1):
        sessions.answer(one, True, {}, [people[(place + far) % 40] for far in (1, 2, 3)], timezone.now(), yen)

    # The timetable, without a clash.
    follow(desk.get_by_role("button", name="Xếp lịch gặp"))
    desk.goto(reverse("session_timetable", args=[session.code]))
    expect(desk.locator(".timetable tbody tr")).to_have_count(9)
    axe(desk)
    meetings = list(session.meetings.all())
    seats = [(it.slot, one) for it in meetings for one in (it.first_id, it.second_id)]
    tables = [(it.slot, it.table) for it in meetings]
    assert len(meetings) == 120 == len(set(tables)) and len(set(seats)) == 240
    desk.get_by_role("button", name="Gửi lịch gặp cho mọi người").click()
    expect(desk.get_by_text("40 lịch gặp sẽ gửi")).to_be_visible()
    guest.goto(answer)
    expect(guest.get_by_role("row", name="Công ty Cơ khí Số 02")).to_be_visible()
    with guest.expect_download() as download:
        guest.get_by_role("link", name="Đưa vào lịch của tôi").click()
    assert download.value.suggested_filename == "phien-ket-noi-kn-40.ics"
    assert "SUMMARY:Phiên kết nối cơ khí: Công ty Cơ khí Số 02" in download.value.path().read_text().replace("\r\n ", "")

    # On the day: one press each, with undo.
    takes_place(session)
    door = signed_in_page(yen, reverse("session_attendance", args=[session.code]), **PHONE)
    door.locator(f"#participant-{people[0].pk}").get_by_role("button", name="Có mặt").click()
    expect(door.locator("#attendance-count")).to_contain_text("Có mặt: 1")
    door.locator(f"#participant-{people[0].pk}").get_by_role("button", name="Hoàn tác").click()
    expect(door.locator("#attendance-count")).to_contain_text("Có mặt: 0")
    door.get_by_label("Đơn vị hoặc người dự").fill("so 07")
    expect(door.locator(".attendance > li")).to_have_count(1)
    door.get_by_role("button", name="Vắng mặt").click()
    expect(door.locator("#attendance-count")).to_contain_text("vắng mặt: 1")
    axe(door)
    for one in Participant.objects.filter(state="confirmed"):
        sessions.attend(one, True, yen)

    # Results, and what follows.
    first, second, *rest = session.meetings.order_by("slot", "table")
    for meeting, result, value in [(first, "hợp đồng", "5"), (second, "biên bản ghi nhớ", "2,5")]:
        desk.goto(reverse("meeting_result", args=[meeting.pk]))
        desk.get_by_role("radio", name=result, exact=True).check()
        desk.get_by_label("Giá trị (tỷ đồng)").fill(value)
        desk.get_by_role("button", name="Lưu", exact=True).click()
        expect(desk.get_by_text("Đã lưu.", exact=True)).to_be_visible()
    axe(desk)
    for meeting in rest[:50]:
        sessions.note_result(meeting, "again", "", None, yen)
    desk.goto(session.get_absolute_url())
    desk.get_by_role("button", name="Phiên đã diễn ra").click()
    expect(desk.locator(".figure-tile").first).to_contain_text("52")
    expect(desk.locator(".figure-tile").last).to_contain_text("7,5")
    assert FollowUp.objects.count() == 3 * 52
    axe(desk)

    # The targets, and the year's report.
    desk.goto(reverse("target_list"))
    expect(desk.get_by_role("row", name="Kết nối cung – cầu đi đến biên bản ghi nhớ hoặc hợp đồng")).to_contain_text("2")
    hoa, cycle = make_consolidator(), make_cycle()
    make_report(make_agency("Sở Công Thương"), cycle)
    draft = drafting.start(cycle, hoa, TODAY, at(TODAY))
    report = signed_in_page(hoa, reverse("consolidated_preview", args=[draft.pk]))
    for words in [
        "Phiên kết nối doanh nghiệp tổ chức trong năm: đến ngày 23/11/2026 đạt 1 phiên",
        "đạt 52 cuộc gặp",
        "Biên bản ghi nhớ từ các phiên kết nối, lũy kế: đến ngày 23/11/2026 đạt 1 biên bản",
        "đạt 1 hợp đồng",
        "đạt 7,5 tỷ đồng",
    ]:
        expect(report.locator(".document").get_by_text(words)).to_have_count(1)


def test_without_scripts_the_door_and_the_timetable_work_as_well(yen, signed_in_page):
    session = make_session(timezone.now() + timedelta(days=3), state="inviting")
    people = [make_participant(session) for _number in range(4)]
    people[0].wishes.set(people[1:])
    desk = signed_in_page(yen, session.get_absolute_url(), java_script_enabled=False)
    follow(desk.get_by_role("button", name="Xếp lịch gặp"))
    meeting = session.meetings.first()
    desk.goto(reverse("meeting_result", args=[meeting.pk]))
    desk.get_by_label("Bàn", exact=True).fill("4")
    follow(desk.get_by_role("button", name="Chuyển", exact=True))
    expect(desk.get_by_text("bàn 4").first).to_be_visible()
    meeting.refresh_from_db()
    assert meeting.table == 3 and meeting.is_fixed
    desk.goto(reverse("session_attendance", args=[session.code]))
    desk.locator(f"#participant-{people[2].pk}").get_by_role("button", name="Có mặt").click()
    expect(desk.locator("#attendance-count")).to_contain_text("Có mặt: 1")
    follow(desk.locator(f"#participant-{people[2].pk}").get_by_role("button", name="Hoàn tác"))
    people[2].refresh_from_db()
    assert people[2].state == "confirmed"


def test_a_result_moves_its_match_and_a_person_enters_the_link(yen, signed_in_page):
    session = make_session(timezone.now() - timedelta(hours=1), state="scheduled")
    one, other = make_participant(session), make_participant(session)
    meeting = session.meetings.create(first=one, second=other, slot=0, table=0)
    desk = signed_in_page(yen, reverse("meeting_result", args=[meeting.pk]))
    desk.get_by_role("radio", name="biên bản ghi nhớ", exact=True).check()
    follow(desk.get_by_role("button", name="Lưu", exact=True))
    assert not sessionresults.links_between(one.party, other.party)
    desk.get_by_role("radio", name=str(other)).check()
    desk.get_by_label("Loại").select_option("logistics")
    desk.get_by_label("Sản phẩm, nội dung").fill("vận tải")
    desk.get_by_role("button", name="Ghi liên kết").click()
    expect(desk.get_by_text("Đính kèm").first).to_be_visible()
    link = sessionresults.links_between(one.party, other.party).get()
    assert (link.source_party, link.state, link.evidence.get().level) == (other.party, "negotiated", 2)
