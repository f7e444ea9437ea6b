"""The figures of the consolidated report, every one counted by hand in a small world."""

from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tasks import loading, report
from tasks.models import AgencyReport, ConsolidatedReport, Plan, Progress, ReportingCycle, Succession, Task
from tasks.status import State
from tasks.yearreport import YearReport
from tests.builders import (
    TODAY,
    at,
    make_agency,
    make_cycle,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db


def answer(agency_report, code, state="", **fields):
    """Writes what an agency says of one of its tasks."""
    row = agency_report.rows.get(task__code=code)
    row.state = state
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def send(agency_report, on=TODAY):
    """Sends a report in as its agency would have, without asking whether every row is filled in."""
    agency_report.state = AgencyReport.State.SUBMITTED
    agency_report.submitted_at = agency_report.first_submitted_at = at(on, 14, 32)
    agency_report.save()
    return agency_report


@pytest.fixture
def world():
    """Three agencies, eight assignments under two groups:

    Sở Công Thương, sent in on time: I.1.1 completed in time, I.1.2 running and overdue since 2025, I.2 running to 2030,
    II.2 nothing to report; Sở Tài chính, sent in three days late: II.1.1 claims completion, II.1.2 suspended;
    Báo Đà Nẵng has only a draft: II.3 and II.4 (over since 2024) count as not reported, although the draft says completed."""
    for code, content in (("I", "Nhóm một"), ("I.1", "Cơ chế"), ("II", "Nhóm hai"), ("II.1", "Truyền thông")):
        make_task(None, code, content)
    trade, finance, paper = make_agency("Sở Công Thương"), make_agency("Sở Tài chính"), make_agency("Báo Đà Nẵng")
    make_task(trade, "I.1.1")
    make_task(trade, "I.1.2", ends=2025)
    make_task(trade, "I.2")
    make_task(trade, "II.2", yearly=True)
    make_task(finance, "II.1.1")
    make_task(finance, "II.1.2")
    make_task(paper, "II.3")
    make_task(paper, "II.4", ends=2024)
    cycle = make_cycle()
    first = make_report(trade, cycle)
    answer(first, "I.1.1", State.COMPLETED, results="Đã ban hành.", completed_on=date(2026, 5, 12), percent=100)
    answer(first, "I.1.2", State.IN_PROGRESS, results="Đang lấy ý kiến.", percent=40, causes="Vướng thủ tục")
    answer(first, "I.2", State.IN_PROGRESS, results="Đã chọn nhà thầu.", percent=60)
    answer(first, "II.2", is_nothing_to_report=True)
    send(first)
    second = make_report(finance, cycle)
    answer(second, "II.1.1", State.AWAITING, results="Đã phát sóng.", completed_on=date(2026, 6, 1))
    answer(second, "II.1.2", State.SUSPENDED, results="Chờ hướng dẫn.")
    send(second, date(2026, 12, 12))
    third = make_report(paper, cycle, state=AgencyReport.State.DRAFT)
    answer(third, "II.3", State.AWAITING, results="Chưa gửi thì chưa tính.", completed_on=date(2026, 1, 1))
    return ConsolidatedReport.objects.create(cycle=cycle)


def figures_of(made):
    return {count.key: count.codes for count in made.counts if count.codes}


def test_every_assignment_is_counted_where_it_belongs(world):
    made = report.build(world, date(2026, 12, 14))
    assert figures_of(made) == {
        "total": ["I.1.1", "I.1.2", "I.2", "II.2", "II.1.1", "II.1.2", "II.3", "II.4"],
        "state.completed": ["I.1.1"],
        "state.awaiting": ["II.1.1"],
        "state.in_progress": ["I.1.2", "I.2"],
        "state.suspended": ["II.1.2"],
        "state.nothing": ["II.2"],
        "state.missing": ["II.3", "II.4"],
        "time.on_time": ["I.1.1", "I.2", "II.2", "II.1.1", "II.1.2", "II.3"],
        "time.overdue": ["I.1.2", "II.4"],
        "pair.completed.on_time": ["I.1.1"],
        "pair.awaiting.on_time": ["II.1.1"],
        "pair.in_progress.on_time": ["I.2"],
        "pair.in_progress.overdue": ["I.1.2"],
        "pair.suspended.on_time": ["II.1.2"],
        "pair.nothing.on_time": ["II.2"],
        "pair.missing.on_time": ["II.3"],
        "pair.missing.overdue": ["II.4"],
        "answer.reported": ["I.1.1", "I.1.2", "I.2", "II.1.1", "II.1.2"],
        "answer.nothing": ["II.2"],
        "answer.missing": ["II.3", "II.4"],
    }
    assert all(count.number == len(count.codes) for count in made.counts)


def test_tables_name_groups_and_agencies_and_end_in_totals(world):
    by_group, by_time, by_agency = report.build(world, date(2026, 12, 14)).tables
    assert by_group.columns == [
        "Đã hoàn thành",
        "Chờ xác nhận",
        "Đang thực hiện",
        "Chưa thực hiện",
        "Tạm dừng",
        "Không phát sinh",
        "Chưa báo cáo",
        "Tổng số",
    ]
    assert by_group.rows == [
        ["Nhóm I", 1, 0, 2, 0, 0, 0, 0, 3],
        ["Nhóm II", 0, 1, 0, 0, 1, 1, 2, 5],
        ["Tổng số", 1, 1, 2, 0, 1, 1, 2, 8],
    ]
    assert by_time.columns == ["Trong hạn", "Quá hạn", "Tổng số"]
    assert by_time.rows == [["Nhóm I", 2, 1, 3], ["Nhóm II", 4, 1, 5], ["Tổng số", 6, 2, 8]]
    assert [row[0] for row in by_agency.rows] == ["Báo Đà Nẵng", "Sở Công Thương", "Sở Tài chính", "Tổng số"]
    assert by_agency.rows[0] == ["Báo Đà Nẵng", 0, 0, 0, 0, 0, 0, 2, 2]


def test_an_agency_that_sent_nothing_in_is_not_reported_and_never_an_empty_success(world):
    made = report.build(world, date(2026, 12, 14))
    paper, trade, finance = made.appendix_2
    assert (paper.agency, paper.state, paper.state_label, paper.answered) == ("Báo Đà Nẵng", "draft", "chưa báo cáo", 0)
    assert (paper.submitted_at, paper.days_late) == ("", 0)
    assert (trade.tasks, trade.answered, trade.days_late, trade.state_label) == (4, 4, 0, "đã gửi, chờ tiếp nhận")
    assert (finance.submitted_at, finance.days_late) == ("14:32 12/12/2026", 3)  # the last day was 9 December
    line = next(one for one in made.appendix_1 if one.code == "II.3")
    assert (line.answer, line.status_label, line.results, line.state, line.percent) == ("missing", "chưa báo cáo", "", "", None)


def test_a_closed_cycle_calls_it_missing(world):
    world.cycle.state = ReportingCycle.State.CLOSED
    world.cycle.save()
    assert report.build(world, date(2026, 12, 14)).appendix_2[0].state == "missing"


def test_the_annex_keeps_its_printed_order_and_cells(world):
    lines = report.build(world, TODAY).appendix_1
    assert [line.code for line in lines][:4] == ["I", "I.1", "II", "II.1"]
    assert len(lines) == Task.objects.count()
    assert [line.is_heading for line in lines] == [True] * 4 + [False] * 8
    late = next(line for line in lines if line.code == "I.1.2")
    assert (late.lead, late.status_label, late.percent, late.causes) == (
        "Sở Công Thương",
        "đang thực hiện, quá hạn",
        40,
        "Vướng thủ tục",
    )


def test_the_real_plan_has_79_rows_and_68_assignments_20_and_48():
    loading.load_all()
    cycle = ReportingCycle(plan=Plan.objects.get(), year=2026, opens_on=date(2026, 11, 1), cutoff_on=date(2026, 11, 30))
    cycle.agencies_due_on, cycle.consolidation_due_on = date(2026, 12, 10), date(2026, 12, 15)
    cycle.save()
    made = report.build(ConsolidatedReport.objects.create(cycle=cycle), TODAY)
    assert len(made.appendix_1) == 79
    assert [row[-1] for row in made.tables[0].rows] == [20, 48, 68]
    assert len(figures_of(made)["state.missing"]) == 68
    assert sum(line.tasks for line in made.appendix_2) == 68
    inherited = next(line for line in made.appendix_1 if line.code == "II.2.3")
    assert (inherited.lead, inherited.duty) == ("Sở Kế hoạch và Đầu tư", "Sở Tài chính")


def test_a_draft_has_no_number_no_date_and_no_code(world):
    world.number, world.issued_on = 5, date(2026, 12, 14)
    made = report.build(world, TODAY)
    assert (made.number, made.issued_on, made.verify_url) == ("/BC-SKHCN", "", "")


def test_the_head_reads_as_the_decree_asks(world):
    make_agency("Sở Khoa học và Công nghệ", is_consolidator=True)
    made = report.build(world, TODAY)
    assert made.parent_body == "ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG"
    assert made.issuing_body == "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    assert made.subject == (
        "Kết quả thực hiện Kế hoạch số 2812/KH-UBND ngày 29 tháng 4 năm 2020 của UBND thành phố Đà Nẵng năm 2026"
    )
    assert made.opening[1] == (
        "Căn cứ báo cáo của 02/03 cơ quan, đơn vị được giao chủ trì nhiệm vụ, số liệu chốt đến ngày 30 tháng 11 năm 2026."
    )
    assert made.opening[-1] == (
        "Sở Khoa học và Công nghệ tổng hợp, báo cáo Ủy ban nhân dân thành phố kết quả thực hiện Kế hoạch số 2812/KH-UBND "
        "năm 2026 như sau:"
    )


def test_a_task_confirmed_in_an_earlier_year_stays_completed_though_its_agency_is_silent_now():
    agency = make_agency()
    make_task(agency, "I.1")
    before = make_report(agency, make_cycle(2025))
    answer(before, "I.1", State.COMPLETED, results="Đã xong năm 2025.", completed_on=date(2025, 8, 1))
    send(before)
    now = make_report(agency, make_cycle(2026))
    answer(now, "I.1", State.COMPLETED, is_settled=True)
    made = report.build(ConsolidatedReport.objects.create(cycle=now.cycle), TODAY)
    assert figures_of(made)["answer.settled"] == ["I.1"]
    line = made.appendix_1[0]
    assert (line.answer, line.status_label, line.percent, line.results) == (
        "settled",
        "đã hoàn thành trong hạn",
        100,
        "Đã xong năm 2025.",
    )
    assert made.appendix_2[0].answered == 0


def test_nothing_to_report_on_a_long_task_keeps_the_state_of_the_year_before():
    agency = make_agency()
    make_task(agency, "I.1")
    before = make_report(agency, make_cycle(2025))
    answer(before, "I.1", State.IN_PROGRESS, results="Đang làm.", percent=30)
    send(before)
    now = make_report(agency, make_cycle(2026))
    answer(now, "I.1", is_nothing_to_report=True)
    send(now)
    made = report.build(ConsolidatedReport.objects.create(cycle=now.cycle), TODAY)
    assert figures_of(made)["state.in_progress"] == ["I.1"]
    assert figures_of(made)["answer.nothing"] == ["I.1"]
    assert made.appendix_1[0].percent == 30


def test_the_heir_of_an_agency_stands_in_for_it_by_its_name_of_that_day():
    old, new = make_agency("Sở Kế hoạch và Đầu tư"), make_agency("Sở Tài chính")
    Succession.objects.create(predecessor=old, successor=new, effective_on=date(2025, 3, 1))
    task = make_task(old, "I.1")
    cycle = make_cycle()
    heirs = AgencyReport.objects.create(cycle=cycle, agency=new, agency_name="Sở Tài chính")
    Progress.objects.create(report=heirs, task=task, state=State.IN_PROGRESS, results="Đang làm.")
    send(heirs)
    new.name = "Sở Tài chính và Kế hoạch"
    new.save()
    made = report.build(ConsolidatedReport.objects.create(cycle=cycle), TODAY)
    line = made.appendix_1[0]
    assert (line.lead, line.duty) == ("Sở Kế hoạch và Đầu tư", "Sở Tài chính")
    assert [one.agency for one in made.appendix_2] == ["Sở Tài chính"]


def test_a_duty_without_any_report_object_is_still_listed_as_not_reported():
    agency = make_agency("Thành đoàn")
    make_task(agency, "II.1")
    made = report.build(ConsolidatedReport.objects.create(cycle=make_cycle()), TODAY)
    assert [(one.agency, one.tasks, one.state_label) for one in made.appendix_2] == [("Thành đoàn", 1, "chưa báo cáo")]


def test_figures_are_those_of_the_cut_off_even_if_written_down_in_january():
    agency = make_agency()
    make_task(agency, "I.1", yearly=True)
    sent = make_report(agency, make_cycle())
    answer(sent, "I.1", State.IN_PROGRESS, results="Đang làm.")
    send(sent)
    made = report.build(ConsolidatedReport.objects.create(cycle=sent.cycle), date(2027, 1, 20))
    assert figures_of(made)["time.on_time"] == ["I.1"]


def test_an_interim_review_sets_the_years_side_by_side():
    agency = make_agency()
    make_task(agency, "I.1")
    make_task(agency, "I.2")
    for year, first, second in ((2024, State.IN_PROGRESS, State.NOT_STARTED), (2025, State.COMPLETED, State.IN_PROGRESS)):
        sent = make_report(agency, make_cycle(year))
        answer(sent, "I.1", first, results="…")
        answer(sent, "I.2", second, results="…")
        send(sent, date(year, 11, 20))
    cycle = make_cycle(2026, kind=ReportingCycle.Kind.INTERIM)
    now = make_report(agency, cycle)
    answer(now, "I.1", State.COMPLETED, is_settled=True)
    answer(now, "I.2", State.COMPLETED, results="…", completed_on=date(2026, 3, 3))
    send(now)
    made = report.build(ConsolidatedReport.objects.create(cycle=cycle), TODAY)
    years = made.tables[3]
    assert years.columns == ["Năm 2024", "Năm 2025", "Năm 2026"]
    assert years.rows == [
        ["Đã hoàn thành", 0, 1, 2],
        ["Đang thực hiện", 1, 1, 0],
        ["Chưa thực hiện", 1, 0, 0],
        ["Chưa báo cáo", 0, 0, 0],
        ["Tổng số", 2, 2, 2],
    ]
    assert made.subject.startswith("Sơ kết 03 năm (2024 - 2026) thực hiện Kế hoạch số 2812/KH-UBND")
    headings = [f"{section.number} {section.heading}" for section in made.sections if section.level == 1]
    assert headings[4:] == [
        "V. Bài học kinh nghiệm",
        "VI. Phương hướng, nhiệm vụ năm tới",
        "VII. Đề nghị khen thưởng",
        "VIII. Đề xuất, kiến nghị",
    ]


def test_a_report_survives_the_way_into_json_and_back(world):
    made = report.build(world, TODAY)
    again = YearReport.from_json(made.as_json())
    assert again == made
    assert again.digest() == made.digest()


def test_the_document_is_vietnamese_for_an_english_reader(world):
    with override("en"):
        for_english_reader = report.build(world, TODAY)
    with override("vi"):
        assert for_english_reader == report.build(world, TODAY)


def test_twenty_agencies_cost_no_more_queries_than_three(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as few:
        report.build(ConsolidatedReport.objects.select_related("cycle__plan").get(pk=world.pk), TODAY)
    for _n in range(20):
        agency = make_agency(f"Cơ quan thứ {_n}")
        send(make_report(agency, world.cycle, tasks=3))
    with django_assert_max_num_queries(len(few)):
        report.build(ConsolidatedReport.objects.select_related("cycle__plan").get(pk=world.pk), TODAY)


@given(
    answers=some.lists(
        some.tuples(
            some.sampled_from([*State, ""]),
            some.sampled_from(AgencyReport.State.values),
            some.booleans(),  # nothing to report
            some.booleans(),  # settled
            some.sampled_from([2020, 2025, 2026, 2030, None]),  # last year of the period, None: not stated
            some.booleans(),  # yearly
        ),
        min_size=1,
        max_size=6,
    ),
    day=some.dates(date(2026, 11, 1), date(2027, 2, 1)),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_reported_every_code_stands_in_exactly_one_state_one_timeliness_and_one_answer(answers, day):
    Progress.objects.all().delete()
    ConsolidatedReport.objects.all().delete()
    AgencyReport.objects.all().delete()
    Task.objects.all().delete()
    cycle = ReportingCycle.objects.first() or make_cycle()
    for n, (state, report_state, nothing, settled, ends, yearly) in enumerate(answers):
        agency = make_agency(f"Cơ quan {n} {id(answers)} {make_task(None, f'X.{n}').pk}")
        task = make_task(agency, f"I.{n}", ends=ends, yearly=yearly)
        sent = AgencyReport.objects.create(cycle=cycle, agency=agency, agency_name=agency.name, state=report_state)
        Progress.objects.create(report=sent, task=task, state=state, is_nothing_to_report=nothing, is_settled=settled)
    made = report.build(ConsolidatedReport.objects.create(cycle=cycle), day)
    expected = sorted(f"I.{n}" for n in range(len(answers)))
    for axis in ("state.", "time.", "answer.", "pair."):
        assert sorted(code for count in made.counts if count.key.startswith(axis) for code in count.codes) == expected
    for table in made.tables:
        assert table.rows[-1][-1] == len(expected)
        assert all(sum(row[1:-1]) == row[-1] for row in table.rows)
