"""The pages on which a cycle is dated, opened, closed and reopened; and all pages of the consolidator in a real browser."""

from datetime import date

import pytest
from django.urls import reverse

from parkportal.models import User
from tasks.cycles import close_cycle, open_cycle
from tasks.models import ReportingCycle
from tests.builders import (
    NOW,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_plan,
    make_submitted_report,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
DATES = {
    "year": "2028",
    "kind": "annual",
    "opens_on": "2028-11-01",
    "cutoff_on": "2028-11-30",
    "agencies_due_on": "2028-12-10",
    "consolidation_due_on": "2028-12-15",
    "reading": "before",
}


@pytest.fixture
def hoa(client):
    hoa = make_consolidator()
    client.force_login(hoa)
    return hoa


def test_a_new_cycle_is_offered_with_the_plans_dates_and_says_what_they_come_to(client, hoa):
    make_plan()
    page = client.get(reverse("cycle_create")).content.decode()
    year = client.get(reverse("cycle_create")).context["cycle"].year
    assert f'value="{year}-12-10"' in page and f'value="{year}-11-30"' in page
    assert f"09/12/{year}" in page and "Nghị định 09/2019/NĐ-CP" in page


def test_the_consolidator_dates_a_cycle_and_opens_it(client, hoa):
    make_plan()
    made = client.post(reverse("cycle_create"), DATES)
    cycle = ReportingCycle.objects.get()
    assert made.url == reverse("cycle_detail", args=[cycle.pk]) and cycle.state == "planned"
    make_task(make_agency())
    page = client.post(reverse("cycle_open", args=[cycle.pk]), follow=True).content.decode()
    assert "Đã mở kỳ và lập 1 báo cáo" in page and cycle.reports.count() == 1
    assert cycle.history.first().history_user == hoa


def test_the_preview_computes_the_last_days_and_saves_nothing(client, hoa):
    make_plan()
    choices = DATES | {"reading": "inclusive", "preview": "1"}
    page = client.post(reverse("cycle_create"), choices).content.decode()
    assert "Chủ nhật, 10/12/2028" in page and "Rơi vào cuối tuần" in page
    part = client.post(reverse("cycle_create"), choices | {"is_rolled": "on"}, headers={"hx-request": "true"}).content.decode()
    assert "Thứ hai, 11/12/2028" in part.replace("Thứ 2", "Thứ hai") and "<form" not in part
    assert not ReportingCycle.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"year": "2044"}, "Kế hoạch thực hiện từ năm 2020 đến năm 2030"),
        ({"agencies_due_on": ""}, "Hạn của các cơ quan"),
        ({"agencies_due_on": "2028-12-16"}, "Chọn hạn tổng hợp sau hạn của các cơ quan"),
        ({"opens_on": "2028-12-11"}, "Chọn ngày mở kỳ trước hạn của các cơ quan"),
        ({"agencies_due_on": "2026-12-10"}, "không thuộc năm báo cáo"),
        ({"cutoff_on": "2028-12-20"}, "Chọn ngày chốt số liệu trước hạn tổng hợp"),
    ],
)
def test_dates_that_cannot_be_are_refused_in_words_and_what_was_typed_stays(client, hoa, change, words):
    make_plan()
    answer = client.post(reverse("cycle_create"), DATES | change)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and "error-summary" in page
    assert 'value="2028-12-15"' in page and not ReportingCycle.objects.exists()


def test_a_second_cycle_of_the_same_year_and_kind_is_refused(client, hoa):
    make_cycle(2028)
    answer = client.post(reverse("cycle_create"), DATES)
    assert answer.status_code == 422 and "Năm này đã có kỳ báo cáo loại này" in answer.content.decode()
    assert client.post(reverse("cycle_create"), DATES | {"kind": "interim"}).status_code == 302


def test_dates_of_an_open_cycle_may_move_and_the_old_ones_stay_in_its_story(client, hoa):
    cycle = make_cycle(2026)
    page = client.get(reverse("cycle_edit", args=[cycle.pk])).content.decode()
    assert "Kỳ đang mở" in page and 'name="year"' not in page
    moved = DATES | {
        "cutoff_on": "2026-11-30",
        "agencies_due_on": "2026-12-12",
        "consolidation_due_on": "2026-12-15",
        "year": "2029",
    }
    page = client.post(reverse("cycle_edit", args=[cycle.pk]), moved, follow=True).content.decode()
    cycle.refresh_from_db()
    assert (cycle.agencies_due_on, cycle.year) == (date(2026, 12, 12), 2026)
    assert "10/12/2026" in page.split("Diễn biến")[1] and hoa.full_name in page.split("Diễn biến")[1]


def test_dates_of_a_closed_cycle_stand(client, hoa):
    cycle = make_cycle(2026, "closed", closed_at=NOW)
    page = client.post(reverse("cycle_edit", args=[cycle.pk]), DATES, follow=True).content.decode()
    cycle.refresh_from_db()
    assert cycle.agencies_due_on == date(2026, 12, 10) and "các mốc thời gian giữ nguyên" in page


def test_closing_says_how_many_are_missing_and_reopening_asks_for_a_reason(client, hoa):
    cycle = make_cycle()
    make_filled_report(make_agency("Chi"), cycle)
    make_submitted_report(make_agency("Bình"), cycle)
    assert (
        "1 cơ quan chưa gửi được ghi là “chưa báo cáo”" in client.get(reverse("cycle_detail", args=[cycle.pk])).content.decode()
    )
    page = client.post(reverse("cycle_close", args=[cycle.pk]), follow=True).content.decode()
    assert "Đã đóng kỳ; 1 cơ quan" in page
    answer = client.post(reverse("cycle_reopen", args=[cycle.pk]), {"reason": " "})
    assert answer.status_code == 422 and "Ghi lý do mở lại" in answer.content.decode()
    page = client.post(reverse("cycle_reopen", args=[cycle.pk]), {"reason": "Đóng nhầm trước hạn"}, follow=True).content.decode()
    assert "Đóng nhầm trước hạn" in page and ReportingCycle.objects.get().is_open


def test_a_button_pressed_on_an_old_page_is_answered_in_words(client, hoa):
    cycle = make_cycle(2026, "closed", closed_at=NOW)
    for name in ("cycle_close", "cycle_open"):
        answer = client.post(reverse(name, args=[cycle.pk]))
        assert answer.status_code == 409 and "error-summary" in answer.content.decode()
    assert ReportingCycle.objects.get().is_closed


def test_the_list_counts_each_cycle_newest_first_with_a_constant_number_of_queries(client, hoa, django_assert_num_queries):
    def count():
        with django_assert_num_queries(6):
            return client.get(reverse("cycle_list")).content.decode()

    cycle = make_cycle(2026)
    make_submitted_report(make_agency("Bình"), cycle)
    make_filled_report(make_agency("Chi"), cycle)
    assert "1/2" in count()
    for year in range(2010, 2026):
        make_cycle(year, "closed", closed_at=NOW, is_rolled=True)
    page = count()
    assert page.index("2026") < page.index("Báo cáo năm 2025") < page.index("Báo cáo năm 2010")


def everybody(cycle):
    report = make_submitted_report(cycle=cycle)
    return {
        "officer": (make_member(report.agency), False, False),
        "head": (make_head(report.agency), False, False),
        "editor": (make_user(role=User.Role.EDITOR), False, False),
        "leadership": (make_user(role=User.Role.LEADERSHIP), True, False),
        "consolidator": (make_consolidator(), True, True),
        "administrator": (make_user(role=User.Role.ADMINISTRATOR), True, True),
    }


def test_who_reads_the_cycles_and_who_changes_them(client):
    cycle = make_cycle()
    read = [reverse("cycle_list"), reverse("cycle_detail", args=[cycle.pk])]
    write = [reverse("cycle_create"), reverse("cycle_edit", args=[cycle.pk])]
    act = [reverse(name, args=[cycle.pk]) for name in ("cycle_open", "cycle_close", "cycle_reopen")]
    assert {client.get(address).status_code for address in read + write} == {302}, "a stranger is asked to sign in"
    for who, (person, reads, writes) in everybody(cycle).items():
        client.force_login(person)
        assert {client.get(address).status_code for address in read} == {200 if reads else 404}, who
        assert {client.get(address).status_code for address in write} == {200 if writes else 404}, who
        assert {client.get(address).status_code for address in act} == {405}, who
        if not writes:
            assert {client.post(address, {"reason": "x"}).status_code for address in act} == {404}, who
    cycle.refresh_from_db()
    assert cycle.is_open and not cycle.events.exists()
    assert client.delete(reverse("cycle_create")).status_code == 405


def test_the_citys_leadership_sees_no_buttons(client):
    cycle = make_cycle()
    client.force_login(make_user(role=User.Role.LEADERSHIP))
    page = client.get(reverse("cycle_detail", args=[cycle.pk])).content.decode().split("<main")[1]
    assert "<form" not in page and reverse("cycle_edit", args=[cycle.pk]) not in page


# In the browser -----------------------------------------------------------------------------------------------------
@pytest.fixture
def year(transactional_db):
    """A cycle with a report in every state, a closed one before it and a planned one after it."""
    closed = make_cycle(2025)
    names = ["Sở Công Thương", "Báo Đà Nẵng", "Sở Y tế", "Thành đoàn Đà Nẵng"]
    agencies = [make_agency(name) for name in names]
    for agency in agencies:
        make_task(agency), make_task(agency)
    make_submitted_report(agencies[0], closed)
    hoa = make_consolidator()
    close_cycle(closed, hoa, NOW)
    cycle = make_cycle(2026, "planned", opened_at=None)
    open_cycle(cycle, hoa, NOW)
    reports = {report.agency_id: report for report in cycle.reports.all()}
    for agency in agencies[:3]:
        reports[agency.pk].rows.update(state="in_progress", percent=40, results="Đã tổ chức 03 hội nghị.")
        reports[agency.pk].submit(make_head(agency), NOW)
    reports[agencies[1].pk].accept(hoa, NOW)
    reports[agencies[2].pk].send_back(hoa, "Thiếu số liệu", NOW)
    make_cycle(2027, "planned", opened_at=None)
    return hoa, cycle, reports[agencies[0].pk]


@pytest.mark.browser
# The other two pairs are looked at in tests/test_every_page.py.
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_axe_finds_nothing_on_the_consolidators_pages(year, signed_in_page, axe, scheme, width):
    hoa, cycle, report = year
    page = signed_in_page(hoa, color_scheme=scheme, viewport={"width": width, "height": 900})
    for address in [
        reverse("board"),
        reverse("board") + "?state=returned",
        reverse("board_tasks") + "?rows=unanswered",
        reverse("report_review", args=[report.pk]),
        reverse("cycle_list"),
        reverse("cycle_create"),
        reverse("cycle_edit", args=[cycle.pk]),
        *[reverse("cycle_detail", args=[pk]) for pk in ReportingCycle.objects.values_list("pk", flat=True)],
    ]:
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"


@pytest.mark.browser
def test_the_consolidator_accepts_with_the_keyboard_alone(year, signed_in_page):
    hoa, _cycle, report = year
    page = signed_in_page(hoa, reverse("report_review", args=[report.pk]))
    page.get_by_role("button", name="Tiếp nhận báo cáo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Đã tiếp nhận báo cáo của Sở Công Thương").wait_for()
    report.refresh_from_db()
    assert report.state == "accepted"


@pytest.mark.browser
def test_without_javascript_a_report_is_sent_back_with_its_reason_and_its_ticks(year, signed_in_page):
    hoa, _cycle, report = year
    page = signed_in_page(hoa, reverse("report_review", args=[report.pk]), java_script_enabled=False)
    page.get_by_role("button", name="Trả lại").click()
    assert "Ghi lý do trả lại" in page.get_by_role("alert").inner_text()
    page.get_by_label("Yêu cầu thực hiện lại khi trả báo cáo").first.check()
    page.get_by_label("Lý do trả lại").fill("Bổ sung số liệu quý IV")
    page.get_by_role("button", name="Trả lại").click()
    report.refresh_from_db()
    assert report.return_reason == "Bổ sung số liệu quý IV" and report.rows.filter(state="redo").count() == 1


@pytest.mark.browser
def test_typing_a_name_narrows_the_board_and_the_address_keeps_it(year, signed_in_page):
    hoa, _cycle, _report = year
    page = signed_in_page(hoa, reverse("board"))
    page.get_by_label("Tên cơ quan").press_sequentially("bao da nang")
    page.get_by_role("link", name="Sở Y tế", exact=True).wait_for(state="detached")
    assert page.get_by_role("link", name="Báo Đà Nẵng", exact=True).is_visible() and "q=bao" in page.url


@pytest.mark.browser
def test_choosing_another_reading_shows_the_last_days_at_once(year, signed_in_page):
    hoa, cycle, _report = year
    page = signed_in_page(hoa, reverse("cycle_edit", args=[cycle.pk]))
    assert "09/12/2026" in page.locator("#days").inner_text()
    page.get_by_label("Chính ngày đó là ngày cuối").check()
    page.locator("#days strong").get_by_text("10/12/2026").wait_for()
