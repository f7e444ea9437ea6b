"""Opening, closing and reopening a reporting cycle; the days that its dates come to; its path."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from parkportal.models import User
from tasks.cycles import close_cycle, default_dates, open_cycle, path_of, reopen_cycle
from tasks.models import AgencyReport, CycleEvent, Holiday, Progress, ReportingCycle, Succession
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
    make_member,
    make_report,
    make_submitted_report,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
PLANNED, CLOSED = ReportingCycle.State.PLANNED, ReportingCycle.State.CLOSED


def make_planned(year=2026):
    return make_cycle(year, PLANNED, opened_at=None)


def test_opening_writes_a_report_for_every_lead_agency_and_a_row_for_every_task():
    industry, press, idle = make_agency(), make_agency("Báo Đà Nẵng"), make_agency("Sở Du lịch")
    make_task(industry), make_task(industry), make_task(press), make_task(None)
    cycle, hoa = make_planned(), make_consolidator()
    open_cycle(cycle, hoa, NOW)
    assert cycle.is_open and cycle.opened_at == NOW
    assert {r.agency_name: r.rows.count() for r in cycle.reports.all()} == {"Sở Công Thương": 2, "Báo Đà Nẵng": 1}
    assert not idle.reports.exists()
    assert [(e.verb, e.by) for e in cycle.events.all()] == [("opened", hoa)]


def test_opening_leaves_who_and_when_in_the_history_of_cycle_reports_and_rows():
    make_task(make_agency())
    cycle, hoa = make_planned(), make_consolidator()
    open_cycle(cycle, hoa, NOW)
    for record in [cycle.history.first(), AgencyReport.history.get(), Progress.history.get()]:
        assert (record.history_user, record.history_date) == (hoa, NOW)


def test_opening_twice_adds_only_what_lacks():
    agency = make_agency()
    make_task(agency)
    cycle, hoa = make_planned(), make_consolidator()
    open_cycle(cycle, hoa, NOW)
    open_cycle(cycle, hoa, NOW + timedelta(hours=1))
    assert (AgencyReport.objects.count(), Progress.objects.count(), CycleEvent.objects.count()) == (1, 1, 1)
    make_task(agency)
    open_cycle(cycle, hoa, NOW)
    assert (AgencyReport.objects.count(), Progress.objects.count()) == (1, 2)


def test_inherited_tasks_go_into_the_report_of_the_agency_that_took_over():
    old, heir = make_agency("Sở Kế hoạch và Đầu tư"), make_agency("Sở Tài chính")
    make_task(old), make_task(heir)
    Succession.objects.create(predecessor=old, successor=heir, effective_on=date(2025, 3, 1))
    cycle = make_planned()
    open_cycle(cycle, make_consolidator(), NOW)
    assert [(r.agency_name, r.rows.count()) for r in cycle.reports.all()] == [("Sở Tài chính", 2)]


def test_a_succession_after_the_opening_day_does_not_count_yet():
    old, heir = make_agency("Sở Kế hoạch và Đầu tư"), make_agency("Sở Tài chính")
    make_task(old)
    Succession.objects.create(predecessor=old, successor=heir, effective_on=TODAY + timedelta(days=1))
    cycle, hoa = make_planned(), make_consolidator()
    open_cycle(cycle, hoa, NOW)
    assert [r.agency_name for r in cycle.reports.all()] == ["Sở Kế hoạch và Đầu tư"]
    open_cycle(cycle, hoa, NOW + timedelta(days=5))
    assert cycle.reports.count() == 1, "the report keeps its agency; its duty follows the successor"
    lan = make_member(heir)
    assert cycle.reports.get().can_edit(lan, TODAY + timedelta(days=5))


def test_rows_start_from_what_was_last_accepted():
    agency = make_agency()
    done, running, yearly = make_task(agency), make_task(agency), make_task(agency, yearly=True)
    report = make_accepted_report(agency, make_cycle(2024), now=at(date(2024, 12, 5)))
    report.rows.filter(task=done).update(state=State.COMPLETED, completed_on=date(2024, 10, 1))
    draft = make_filled_report(agency, make_cycle(2025))
    draft.rows.filter(task=running).update(percent=90)
    cycle = make_planned(2026)
    open_cycle(cycle, make_consolidator(), NOW)
    rows = {row.task_id: row for row in Progress.objects.filter(report__cycle=cycle)}
    settled = rows[done.pk]
    assert (settled.state, settled.percent, settled.completed_on) == (State.COMPLETED, 100, date(2024, 10, 1))
    assert settled.is_settled and settled.is_answered
    assert (rows[running.pk].state, rows[running.pk].percent) == (State.IN_PROGRESS, 60)
    assert not rows[running.pk].is_answered, "carried words would be an answer nobody gave"
    assert (rows[yearly.pk].state, rows[yearly.pk].percent) == ("", None)


@pytest.mark.parametrize("role", [User.Role.STAFF, User.Role.LEADERSHIP, User.Role.EDITOR])
def test_nobody_else_opens_closes_or_reopens(role):
    person, cycle = make_user(role=role), make_planned()
    for verb in [lambda: open_cycle(cycle, person, NOW), lambda: close_cycle(cycle, person, NOW)]:
        with pytest.raises(PermissionDenied):
            verb()
    with pytest.raises(PermissionDenied):
        reopen_cycle(cycle, person, "Nhầm", NOW)
    cycle.refresh_from_db()
    assert cycle.state == PLANNED


def test_an_administrator_may_open_it_too():
    cycle = make_planned()
    open_cycle(cycle, make_user(role=User.Role.ADMINISTRATOR), NOW)
    assert cycle.is_open


def test_closing_freezes_and_counts_those_who_did_not_report_as_missing():
    cycle, hoa = make_cycle(), make_consolidator()
    sent = make_submitted_report(make_agency("Sở Y tế"), cycle)
    filled = make_filled_report(make_agency("Sở Nội vụ"), cycle)
    close_cycle(cycle, hoa, NOW)
    sent, filled = AgencyReport.objects.get(pk=sent.pk), AgencyReport.objects.get(pk=filled.pk)
    assert cycle.is_closed and cycle.closed_at == NOW
    assert not sent.is_missing_at_close and filled.is_missing_at_close
    with pytest.raises(ValidationError):
        sent.accept(hoa, NOW)
    with pytest.raises(ValidationError):
        sent.send_back(hoa, "Thiếu số liệu", NOW)
    assert AgencyReport.objects.get(pk=sent.pk).state == AgencyReport.State.SUBMITTED


def test_reopening_needs_a_reason_and_leaves_a_trace():
    cycle, hoa = make_cycle(), make_consolidator()
    close_cycle(cycle, hoa, NOW)
    with pytest.raises(ValidationError) as refused:
        reopen_cycle(cycle, hoa, "  ", NOW)
    assert "reason" in refused.value.message_dict
    reopen_cycle(cycle, hoa, "Đóng nhầm", NOW)
    assert cycle.is_open and cycle.closed_at is None
    assert [(e.verb, e.reason) for e in cycle.events.all()] == [("closed", ""), ("reopened", "Đóng nhầm")]
    assert cycle.history.first().history_user == hoa


def test_a_cycle_moves_only_from_the_state_that_fits():
    hoa = make_consolidator()
    planned, opened, closed = make_planned(2024), make_cycle(2025), make_cycle(2026, CLOSED)
    for wrong in [
        lambda: close_cycle(planned, hoa, NOW),
        lambda: reopen_cycle(planned, hoa, "x", NOW),
        lambda: reopen_cycle(opened, hoa, "x", NOW),
        lambda: open_cycle(closed, hoa, NOW),
        lambda: close_cycle(closed, hoa, NOW),
    ]:
        with pytest.raises(ValidationError):
            wrong()
    assert not CycleEvent.objects.exists()


def test_the_plans_dates_are_read_as_the_day_before():
    cycle = make_cycle(2026, **default_dates(2026))
    assert (cycle.agencies_last_day, cycle.consolidation_last_day) == (date(2026, 12, 9), date(2026, 12, 14))
    cycle.reading = ReportingCycle.Reading.INCLUSIVE
    assert cycle.agencies_last_day == date(2026, 12, 10)


def test_a_last_day_on_a_weekend_or_holiday_moves_only_if_the_cycle_says_so():
    cycle = make_cycle(2028, reading=ReportingCycle.Reading.INCLUSIVE)
    assert cycle.agencies_last_day == date(2028, 12, 10), "a Sunday"
    cycle.is_rolled = True
    assert cycle.agencies_last_day == date(2028, 12, 11)
    Holiday.objects.create(date=date(2028, 12, 11), name="Nghỉ bù")
    assert cycle.agencies_last_day == date(2028, 12, 12)
    assert cycle.days_late(at(date(2028, 12, 12), 23, 59)) == 0
    assert cycle.days_late(at(date(2028, 12, 13), 0, 1)) == 1


def test_the_path_shows_where_we_are():
    def states(cycle, today):
        return [step.state for step in path_of(cycle, today)]

    planned = make_planned(2030)
    assert states(planned, date(2030, 10, 1)) == ["current", "todo", "todo", "todo"]
    assert states(planned, date(2030, 11, 5))[0] == "late"
    cycle, hoa = make_cycle(), make_consolidator()
    assert states(cycle, TODAY) == ["done", "done", "current", "todo"], "nobody owes anything"
    report = make_report(make_agency(), cycle)
    assert states(cycle, date(2026, 12, 9)) == ["done", "current", "todo", "todo"]
    assert states(cycle, date(2026, 12, 10)) == ["done", "late", "current", "todo"]
    assert states(cycle, date(2026, 12, 15)) == ["done", "late", "late", "todo"]
    AgencyReport.objects.filter(pk=report.pk).update(state=AgencyReport.State.SUBMITTED)
    assert states(cycle, TODAY) == ["done", "done", "current", "todo"]
    close_cycle(cycle, hoa, NOW)
    draft = cycle.consolidated_reports.create()
    assert states(cycle, TODAY) == ["done", "done", "done", "current"]
    draft.state, draft.number, draft.issued_on = "issued", 5, date(2026, 12, 14)
    draft.save()
    last = path_of(cycle, TODAY)[-1]
    assert (last.state, last.words, last.on) == ("done", "05/BC-SKHCN", date(2026, 12, 14))
