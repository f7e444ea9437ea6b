"""The board: who has reported, in which order, what the figures count, who may see it, and how many queries it takes."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from parkportal.models import OutgoingMail, User
from tasks.board import build
from tasks.models import AgencyReport, Membership, Progress, Reminder, ReportingCycle, Succession
from tasks.status import State
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_accepted_report,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
AFTER = date(2026, 12, 12)


@pytest.fixture
def hoa():
    return make_consolidator()


def line_of(board, name):
    return next(line for line in board.lines if line.name == name)


def make_reminder(report, day, state=OutgoingMail.State.SENT, rung=14):
    person = make_user()
    mail = OutgoingMail.objects.create(
        key=f"r{report.pk}{day}{rung}",
        person=person,
        to=person.email,
        subject="Nhắc",
        text="Nhắc",
        state=state,
        message_id=f"<r{report.pk}{day}{rung}@danang.test>",
    )
    return Reminder.objects.create(
        cycle=report.cycle, report=report, agency=report.agency, obligation=f"report:{report.pk}", due_on=date(2026, 12, 9),
        rung=rung, person=person, reason="officer", mail=mail, created_at=at(day),
    )  # fmt: skip


def test_those_who_have_not_reported_stand_first_then_those_who_wait_then_the_accepted(hoa):
    cycle = make_cycle()
    make_accepted_report(make_agency("An"), cycle)
    make_submitted_report(make_agency("Bình"), cycle)
    make_filled_report(make_agency("Chi"), cycle)
    make_report(make_agency("Dũng"), cycle)
    returned = make_submitted_report(make_agency("Em"), cycle)
    returned.send_back(hoa, "Thiếu số liệu", NOW)
    board = build(cycle, hoa, TODAY)
    assert [(line.name, line.state) for line in board.lines] == [
        ("Em", "returned"), ("Dũng", "empty"), ("Chi", "draft"), ("Bình", "submitted"), ("An", "accepted"),
    ]  # fmt: skip
    assert [(key, len(rows)) for key, _heading, rows in board.groups()] == [("unsent", 3), ("submitted", 1), ("accepted", 1)]
    assert (board.agencies, board.sent) == (5, 2)


def test_overdue_comes_before_everything_once_the_last_day_has_passed(hoa):
    cycle = make_cycle()
    make_report(make_agency("Dũng"), cycle)
    make_submitted_report(make_agency("Bình"), cycle, now=at(date(2026, 12, 11)))
    assert line_of(build(cycle, hoa, date(2026, 12, 9)), "Dũng").days_overdue == 0
    board = build(cycle, hoa, AFTER)
    assert line_of(board, "Dũng").days_overdue == 3
    assert (line_of(board, "Bình").days_overdue, line_of(board, "Bình").days_late) == (0, 2)
    assert [(cell.key, cell.number) for cell in board.views][0] == ("late", 1)


def test_an_agency_that_did_not_report_by_the_closing_is_missing_and_not_an_empty_success(hoa):
    cycle = make_cycle()
    make_filled_report(make_agency("Chi"), cycle)
    ReportingCycle.objects.filter(pk=cycle.pk).update(state=ReportingCycle.State.CLOSED, closed_at=NOW)
    cycle.refresh_from_db()
    line = line_of(build(cycle, hoa, AFTER), "Chi")
    assert (line.state, line.state_label, line.days_overdue) == ("missing", "chưa báo cáo", 0)


def test_figures_count_answers_and_timeliness_and_their_sums_agree(hoa):
    cycle, agency = make_cycle(), make_agency()
    for ends in (2030, 2030, 2025, 2030):
        make_task(agency, ends=ends)
    report = make_report(agency, cycle)
    running, nothing, late, _untouched = report.rows.in_order()
    Progress.objects.filter(pk=running.pk).update(state=State.IN_PROGRESS, results="Đã ban hành")
    Progress.objects.filter(pk=nothing.pk).update(is_nothing_to_report=True)
    Progress.objects.filter(pk=late.pk).update(state=State.IN_PROGRESS, results="Chậm")
    line = line_of(build(cycle, hoa, TODAY), agency.name)
    assert line.answers == {State.IN_PROGRESS: 2, "nothing": 1, "unanswered": 1}
    assert (line.answered, line.total, line.times["overdue"], line.times["on_time"]) == (3, 4, 1, 3)
    answers, times = build(cycle, hoa, TODAY).totals()
    assert sum(cell.number for cell in answers) == sum(cell.number for cell in times) == 4


def test_the_count_of_answers_is_the_one_that_lets_a_report_be_sent():
    report = make_report(tasks=6)
    texts = [
        ("", ""),
        (State.IN_PROGRESS, "  \n "),
        (State.IN_PROGRESS, "x"),
        (State.AWAITING, "x"),
        (State.REDO, "x"),
        (State.COMPLETED, "x"),
    ]
    for row, (state, results) in zip(report.rows.in_order(), texts, strict=True):
        Progress.objects.filter(pk=row.pk).update(state=state, results=results)
    rows = report.rows.with_answered()
    assert [row.answered for row in rows] == [row.is_answered for row in rows] == [False, False, True, False, False, True]


def test_a_closed_cycle_keeps_the_timeliness_of_its_closing_day(hoa):
    cycle, agency = make_cycle(2025), make_agency()
    make_task(agency, ends=2026)
    make_filled_report(agency, cycle)
    ReportingCycle.objects.filter(pk=cycle.pk).update(state="closed", closed_at=at(date(2025, 12, 16)))
    cycle.refresh_from_db()
    assert build(cycle, hoa, date(2028, 1, 1)).lines[0].times["on_time"] == 1


def test_a_successor_is_named_beside_the_agency_whose_report_it_is(hoa):
    old, heir = make_agency("Sở Kế hoạch và Đầu tư"), make_agency("Sở Tài chính")
    minh = make_member(heir, "Phạm Quang Minh")
    make_member(old, "Người cũ")
    cycle = make_cycle()
    make_report(old, cycle)
    Succession.objects.create(predecessor=old, successor=heir, effective_on=TODAY)
    line = build(cycle, hoa, TODAY).lines[0]
    assert (line.name, line.heir, line.officers) == ("Sở Kế hoạch và Đầu tư", "Sở Tài chính", [minh.full_name])
    narrowed = build(cycle, hoa, TODAY, words="tai chinh")
    assert [found.name for found in narrowed.lines] == ["Sở Kế hoạch và Đầu tư"]


def test_the_last_reminder_is_shown_with_whether_it_arrived(hoa):
    cycle = make_cycle()
    report = make_report(make_agency("Chi"), cycle)
    make_reminder(report, date(2026, 11, 9), rung=30)
    assert not line_of(build(cycle, hoa, TODAY), "Chi").told_failed
    make_reminder(report, date(2026, 11, 20), OutgoingMail.State.FAILED)
    line = line_of(build(cycle, hoa, TODAY), "Chi")
    assert (line.told_at, line.told_failed) == (at(date(2026, 11, 20)), True)


def test_the_board_is_narrowed_by_state_and_by_words_without_diacritics(client, hoa):
    cycle = make_cycle()
    make_submitted_report(make_agency("Sở Công Thương", abbreviation="SCT"), cycle)
    make_report(make_agency("Báo Đà Nẵng"), cycle)
    client.force_login(hoa)
    page = client.get(reverse("board"), {"state": "submitted"}).content.decode()
    assert "Sở Công Thương" in page and "Báo Đà Nẵng" not in page
    page = client.get(reverse("board"), {"q": "bao da nang"}).content.decode()
    assert "Báo Đà Nẵng" in page and "Sở Công Thương" not in page
    page = client.get(reverse("board"), {"q": "không có ai"}).content.decode()
    assert "Không có cơ quan nào khớp" in page
    assert client.get(reverse("board"), {"state": "nonsense"}).context["view"] == ""


def test_htmx_gets_the_lines_alone(client, hoa):
    make_report(make_agency("Chi"), make_cycle())
    client.force_login(hoa)
    page = client.get(reverse("board"), headers={"hx-request": "true"}).content.decode()
    assert "Chi" in page and "<html" not in page


def test_the_board_opens_on_the_open_cycle_and_shows_another_when_asked(client, hoa):
    closed, opened = make_cycle(2027, "closed"), make_cycle(2026)
    make_cycle(2028, "planned")
    client.force_login(hoa)
    assert client.get(reverse("board")).context["cycle"] == opened
    assert client.get(reverse("board"), {"cycle": closed.pk}).context["cycle"] == closed
    assert client.get(reverse("board"), {"cycle": "999"}).status_code == 404
    assert client.get(reverse("board"), {"cycle": "x"}).status_code == 404


def test_before_the_first_cycle_the_board_says_what_belongs_there(client, hoa):
    client.force_login(hoa)
    assert reverse("cycle_list") in client.get(reverse("board")).content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [("consolidator", 200), ("administrator", 200), ("leadership", 200), ("editor", 404), ("staff", 404)],
)
def test_only_those_who_follow_every_agency_see_the_board(client, role, status):
    make_report(make_agency("Chi"), make_cycle())
    client.force_login(make_user(role=role))
    assert client.get(reverse("board")).status_code == status


def test_officers_and_heads_do_not_see_the_board_and_a_stranger_is_sent_to_sign_in(client):
    report = make_report(make_agency("Chi"), make_cycle())
    assert client.get(reverse("board")).status_code == 302
    for person in (make_member(report.agency), make_head(report.agency)):
        client.force_login(person)
        assert client.get(reverse("board")).status_code == 404
    assert client.post(reverse("board")).status_code == 405


def test_the_citys_leadership_reads_the_board_without_buttons_and_without_ways_into_drafts(client):
    cycle = make_cycle()
    draft, sent = make_filled_report(make_agency("Chi"), cycle), make_submitted_report(make_agency("Bình"), cycle)
    client.force_login(make_user(role=User.Role.LEADERSHIP))
    page = client.get(reverse("board")).content.decode()
    assert reverse("report_detail", args=[sent.pk]) in page
    assert reverse("report_detail", args=[draft.pk]) not in page
    assert "/review/" not in page and "/remind/" not in page
    assert 'method="post"' not in page.split("<main")[1]


def test_only_unsent_reports_of_an_open_cycle_can_be_reminded(client, hoa):
    cycle = make_cycle()
    late, sent = make_report(make_agency("Chi"), cycle), make_submitted_report(make_agency("Bình"), cycle)
    client.force_login(hoa)
    page = client.get(reverse("board")).content.decode()
    assert reverse("remind_now", args=[late.pk]) in page and reverse("remind_now", args=[sent.pk]) not in page


def count_queries(client, django_assert_max_num_queries, address):
    with django_assert_max_num_queries(40) as captured:
        assert client.get(address).status_code == 200
    return len(captured.captured_queries)


def test_the_board_takes_the_same_queries_for_3_agencies_and_30_and_with_20_years_of_cycles(
    client, hoa, django_assert_max_num_queries
):
    cycle = make_cycle()
    client.force_login(hoa)

    def fill(names, cycle):
        for name in names:
            agency = make_agency(name)
            make_member(agency, f"Cán bộ {name}")
            make_reminder(make_report(agency, cycle, tasks=2), TODAY)

    fill([f"Cơ quan {n}" for n in range(3)], cycle)
    few = count_queries(client, django_assert_max_num_queries, reverse("board"))
    fill([f"Cơ quan khác {n}" for n in range(27)], cycle)
    assert count_queries(client, django_assert_max_num_queries, reverse("board")) == few
    for year in range(2027, 2046):
        older = make_cycle(year, "closed", closed_at=at(date(year, 12, 16)))
        fill([f"Cơ quan {year}"], older)
    assert count_queries(client, django_assert_max_num_queries, reverse("board")) == few
    assert few <= 16


def test_a_person_who_no_longer_acts_for_the_agency_is_not_named(hoa):
    cycle = make_cycle()
    report = make_report(make_agency("Chi"), cycle)
    gone = make_member(report.agency, "Đã chuyển")
    Membership.objects.filter(user=gone).update(ends_on=TODAY - timedelta(days=1))
    assert build(cycle, hoa, TODAY).lines[0].officers == []
    assert AgencyReport.objects.count() == 1


def test_every_total_leads_to_exactly_the_tasks_that_it_counts(client, hoa):
    cycle = make_cycle()
    make_submitted_report(make_agency("An"), cycle, tasks=2)
    make_report(make_agency("Bình"), cycle, tasks=3)
    client.force_login(hoa)
    answers, times = build(cycle, hoa, timezone.localdate()).totals()
    address = reverse("board_tasks")
    for cell in [*answers, *times]:
        rows = client.get(address, {"cycle": cycle.pk, "rows": cell.key}).context["rows"]
        assert len(rows) == cell.number, cell.key
    page = client.get(reverse("board")).content.decode()
    assert f"{address}?cycle={cycle.pk}&amp;rows=unanswered" in page
    assert client.get(address, {"rows": "nonsense"}).status_code == 404


def test_the_tasks_behind_a_total_carry_no_draft_text_and_no_way_into_a_draft_for_the_leadership(client):
    report = make_filled_report(make_agency("Chi"), make_cycle())
    client.force_login(make_user(role=User.Role.LEADERSHIP))
    page = client.get(reverse("board_tasks"), {"rows": "in_progress"}).content.decode()
    assert report.rows.get().task.code in page and "hội nghị" not in page and "/reports/" not in page
    client.force_login(make_member(report.agency))
    assert client.get(reverse("board_tasks"), {"rows": "in_progress"}).status_code == 404


def test_the_tasks_behind_a_total_take_the_same_queries_for_3_and_30(client, hoa, django_assert_max_num_queries):
    cycle = make_cycle()
    client.force_login(hoa)
    address = reverse("board_tasks") + "?rows=unanswered"
    make_report(make_agency("An"), cycle, tasks=3)
    few = count_queries(client, django_assert_max_num_queries, address)
    for name in ("Bình", "Chi", "Dũng"):
        make_report(make_agency(name), cycle, tasks=9)
    assert count_queries(client, django_assert_max_num_queries, address) == few


def test_in_english_an_agency_goes_by_its_english_name_unless_the_report_kept_an_older_one(client, hoa):
    cycle = make_cycle()
    make_report(make_agency("Sở Y tế", name_en="Department of Health"), cycle)
    renamed = make_report(make_agency("Sở Tài chính", name_en="Department of Finance"), cycle)
    AgencyReport.objects.filter(pk=renamed.pk).update(agency_name="Sở Tài chính Vật giá")
    client.force_login(hoa)
    with override("en"):
        page = client.get(reverse("board")).content.decode()
    assert "Department of Health" in page and "Sở Tài chính Vật giá" in page and "Department of Finance" not in page
