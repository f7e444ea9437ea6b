"""The two axes of a status: a list in SQL says what Python says of one task, and the labels are the official ones."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tasks.models import AgencyReport, Progress, Task
from tasks.status import DONE, DUE_SOON, State, Timeliness, deadline, label, timeliness, tone
from tests.builders import TODAY, make_agency, make_cycle, make_report, make_task

DAYS = st.dates(date(2018, 1, 1), date(2032, 12, 31))
# The turn of the year is where "due soon" begins and "overdue" follows.
TURNS = st.builds(lambda year, days: date(year, 12, 31) + timedelta(days), st.integers(2019, 2031), st.integers(-40, 5))


class TheListAndTheTaskAgree(TestCase):
    @given(
        today=DAYS | TURNS,
        year=st.integers(2020, 2030),
        ends=st.none() | st.integers(2018, 2032),
        yearly=st.booleans(),
        state=st.sampled_from(["", *State.values]),
        completed_on=st.none() | DAYS | TURNS,
    )
    def test_timeliness_in_a_list_is_timeliness_of_the_task(self, today, year, ends, yearly, state, completed_on):
        agency = make_agency()
        task = make_task(agency, ends=ends or 2030, yearly=yearly)
        if ends is None and not yearly:
            Task.objects.filter(pk=task.pk).update(running_kind="none", running_starts=None, running_ends=None)
            task.refresh_from_db()
        report = AgencyReport.objects.create(
            cycle=make_cycle(year), agency=agency, agency_name=agency.name, state=AgencyReport.State.ACCEPTED
        )
        Progress.objects.create(report=report, task=task, state=state, completed_on=completed_on)
        listed = Task.objects.with_status(year, today).get(pk=task.pk)
        # A row without a state says nothing of completion either.
        done_on = completed_on if state else None
        assert listed.timeliness == timeliness(task.deadline(year), state, done_on, today)
        assert listed.state == state
        assert str(listed.status_label) == str(label(state, listed.timeliness))


@given(today=DAYS, due=DAYS, state=st.sampled_from(["", *State.values]))
def test_a_task_that_is_not_done_goes_from_on_time_to_due_soon_to_overdue(today, due, state):
    time = timeliness(due, state, None, today)
    if state in DONE:
        assert time == Timeliness.ON_TIME
    elif today > due:
        assert time == Timeliness.OVERDUE
    else:
        assert time == (Timeliness.DUE_SOON if due - today <= DUE_SOON else Timeliness.ON_TIME)


def test_without_a_period_nothing_is_ever_late():
    assert deadline("none", None, 2026) is None
    assert {timeliness(None, state, TODAY, TODAY) for state in State} == {Timeliness.NO_DEADLINE}


def test_a_yearly_task_is_due_at_the_end_of_each_year():
    assert deadline("yearly", None, 2026) == date(2026, 12, 31)
    assert deadline("years", 2022, 2026) == date(2022, 12, 31)


@pytest.mark.parametrize(
    ("state", "time", "vietnamese", "english"),
    [
        (State.IN_PROGRESS, Timeliness.ON_TIME, "đang thực hiện, trong hạn", "in progress, on time"),
        (State.IN_PROGRESS, Timeliness.DUE_SOON, "đang thực hiện, sắp đến hạn", "in progress, due soon"),
        (State.NOT_STARTED, Timeliness.OVERDUE, "chưa thực hiện, quá hạn", "not started, overdue"),
        (State.COMPLETED, Timeliness.OVERDUE, "đã hoàn thành quá hạn", "completed overdue"),
        (State.COMPLETED, Timeliness.ON_TIME, "đã hoàn thành trong hạn", "completed on time"),
        (State.SUSPENDED, Timeliness.NO_DEADLINE, "tạm dừng", "suspended"),
        ("", Timeliness.ON_TIME, "chưa có báo cáo", "no report yet"),
        ("", Timeliness.OVERDUE, "chưa có báo cáo, quá hạn", "no report yet, overdue"),
    ],
)
def test_the_official_label_comes_from_the_pair(state, time, vietnamese, english):
    with translation.override("vi"):
        assert label(state, time) == vietnamese
    with translation.override("en"):
        assert label(state, time) == english


def test_a_task_without_a_report_wears_a_tone_only_when_its_deadline_presses():
    assert tone("", Timeliness.ON_TIME) == Timeliness.NO_DEADLINE
    assert tone("", Timeliness.OVERDUE) == Timeliness.OVERDUE
    assert tone(State.AWAITING, Timeliness.ON_TIME) == "awaiting"
    assert tone(State.IN_PROGRESS, Timeliness.DUE_SOON) == Timeliness.DUE_SOON


@pytest.mark.django_db
class TestWhatWasReported:
    @pytest.fixture
    def agency(self):
        return make_agency()

    def report(self, agency, year, state=AgencyReport.State.ACCEPTED):
        return make_report(agency, make_cycle(year), state=state)

    def listed(self, year=2026, **options):
        return Task.objects.with_status(year, TODAY, **options).get()

    def test_a_task_over_several_years_keeps_its_latest_state(self, agency):
        Progress.objects.filter(report=self.report(agency, 2025)).update(state=State.IN_PROGRESS, percent=40)
        task = self.listed(2026)
        assert (task.state, task.percent, task.reported_year) == (State.IN_PROGRESS, 40, 2025)

    def test_a_yearly_task_begins_every_year_anew(self, agency):
        make_task(agency, yearly=True)
        Progress.objects.filter(report=self.report(agency, 2025)).update(state=State.COMPLETED)
        assert (self.listed(2025).state, self.listed(2026).state) == (State.COMPLETED, "")

    def test_a_later_report_says_nothing_of_an_earlier_year(self, agency):
        Progress.objects.filter(report=self.report(agency, 2026)).update(state=State.COMPLETED)
        assert self.listed(2025).state == ""

    @pytest.mark.parametrize("state", AgencyReport.WRITABLE)
    def test_a_draft_does_not_show(self, agency, state):
        Progress.objects.filter(report=self.report(agency, 2026, state)).update(state=State.SUSPENDED)
        assert self.listed().state == ""

    def test_the_public_sees_accepted_reports_only(self, agency):
        Progress.objects.filter(report=self.report(agency, 2026, AgencyReport.State.SUBMITTED)).update(state=State.SUSPENDED)
        assert self.listed().state == State.SUSPENDED
        assert self.listed(report_states=[AgencyReport.State.ACCEPTED]).state == ""

    def test_nothing_to_report_is_an_answer_and_not_a_missing_one(self, agency):
        make_task(agency, yearly=True)
        Progress.objects.filter(report=self.report(agency, 2026)).update(is_nothing_to_report=True)
        assert self.listed().is_nothing
        with translation.override("vi"):
            assert self.listed().status_label == "không phát sinh"

    def test_nothing_to_report_leaves_the_state_of_the_year_before(self, agency):
        Progress.objects.filter(report=self.report(agency, 2025)).update(state=State.IN_PROGRESS, percent=70)
        Progress.objects.filter(report=self.report(agency, 2026)).update(is_nothing_to_report=True)
        task = self.listed()
        assert (task.state, task.reported_year, task.is_nothing) == (State.IN_PROGRESS, 2025, True)
