"""Reminders: those who still owe are told in time, once, on working days; nobody else is."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from parkportal import mail
from parkportal.models import OutgoingMail, User
from tasks import ladder, reminders
from tasks.models import AgencyReport, Contribution, Membership, Reminder, ReportingCycle
from tests.builders import (
    at,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_succession,
    make_user,
)

pytestmark = pytest.mark.django_db
# Working days of 2026 on which the rungs before 9 December are reached.
RUNGS = {
    30: date(2026, 11, 9),
    14: date(2026, 11, 25),
    7: date(2026, 12, 2),
    3: date(2026, 12, 4),  # the 6th is a Sunday
    1: date(2026, 12, 8),
    -1: date(2026, 12, 10),
    -3: date(2026, 12, 14),  # the 12th is a Saturday
    -7: date(2026, 12, 16),
}


def sweep(day, hour=9):
    return reminders.send_due(at(day, hour))


def rungs_of(person):
    return list(Reminder.objects.filter(person=person).order_by("created_at", "pk").values_list("rung", flat=True))


def every_day(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class TestLadder:
    def test_the_officer_is_told_on_every_rung_on_a_working_day(self):
        report = make_report()
        lan = make_member(report.agency)
        for day in every_day(date(2026, 11, 1), date(2026, 12, 31)):
            sweep(day)
        told = [(row.rung, row.created_at.date()) for row in Reminder.objects.filter(person=lan).order_by("pk")]
        assert told == list(RUNGS.items())

    def test_the_head_hears_of_it_from_three_days_on(self):
        report = make_report()
        make_member(report.agency)
        head = make_head(report.agency)
        for day in every_day(date(2026, 11, 1), date(2026, 12, 31)):
            sweep(day)
        assert rungs_of(head) == [3, 1, -1, -3, -7]

    def test_after_days_of_outage_only_the_last_rung_goes_out(self):
        report = make_report()
        lan = make_member(report.agency)
        sweep(RUNGS[30])
        sweep(date(2026, 12, 7))
        assert rungs_of(lan) == [30, 3]
        assert OutgoingMail.objects.filter(to=lan.email).count() == 2

    def test_nothing_goes_out_at_the_weekend_or_on_a_holiday(self):
        make_member(make_report().agency)
        assert sweep(date(2026, 12, 5)) == []
        assert sweep(date(2026, 12, 6)) == []
        assert not Reminder.objects.exists()

    def test_whoever_has_reported_is_left_alone(self):
        report = make_submitted_report()
        make_member(report.agency)
        assert sweep(date(2026, 12, 8)) == []

    def test_a_report_that_came_back_is_owed_again_and_the_mail_says_why(self):
        report = make_submitted_report()
        lan = make_member(report.agency)
        report.send_back(make_consolidator(), "Thiếu số liệu dòng 2", at(date(2026, 12, 1)))
        sweep(RUNGS[7])
        letter = OutgoingMail.objects.get(to=lan.email)
        assert "Thiếu số liệu dòng 2" in letter.text
        assert "Thiếu số liệu dòng 2" in letter.html

    def test_a_closed_cycle_reminds_no_agency(self):
        report = make_report(cycle=make_cycle(state=ReportingCycle.State.CLOSED))
        lan = make_member(report.agency)
        sweep(RUNGS[-1])
        assert rungs_of(lan) == []

    def test_a_moved_deadline_starts_the_ladder_again(self):
        report = make_report()
        lan = make_member(report.agency)
        sweep(RUNGS[7])
        cycle = report.cycle
        cycle.agencies_due_on, cycle.consolidation_due_on = date(2026, 12, 11), date(2026, 12, 16)
        cycle.save()
        sweep(date(2026, 12, 3))
        assert [(row.due_on, row.rung) for row in Reminder.objects.filter(person=lan).order_by("pk")] == [
            (date(2026, 12, 9), 7),
            (date(2026, 12, 10), 7),
        ]

    def test_a_second_sweep_of_the_same_day_writes_nothing(self):
        make_member(make_report().agency)
        assert len(sweep(RUNGS[7])) == 1
        assert sweep(RUNGS[7], 15) == []
        assert Reminder.objects.count() == OutgoingMail.objects.count() == 1
