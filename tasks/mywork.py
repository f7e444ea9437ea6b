"""What is on a person's desk: her agencies' reports, what they lack, what waits for her signature or her answer."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from tasks.contributions import waiting_for
from tasks.models import Agency, AgencyReport, Membership, Progress, ReportingCycle, agency_ids_of


@dataclass(frozen=True)
class Deadline:
    """The agencies' last day as printed and as it works, and how far away it is."""

    printed: date
    last_day: date
    is_before: bool
    left: int
    past: int

    @classmethod
    def of(cls, cycle, today):
        left = cycle.days_left(today)
        is_before = cycle.reading == cycle.Reading.BEFORE
        return cls(cycle.agencies_due_on, cycle.agencies_last_day, is_before, max(left, 0), max(-left, 0))

    @property
    def tone(self):
        return "overdue" if self.past else "due-soon" if self.left <= 7 else "on-time"


@dataclass(frozen=True)
class Desk:
    """One report as its people see it."""

    report: AgencyReport
    to_answer: int
    answered: int
    missing: list
    cover_filled: int
    cover_boxes: int
    is_inherited: bool
    is_mine_to_sign: bool
    settled: int

    @property
    def can_be_sent(self):
        return self.report.is_writable and not self.missing


@dataclass(frozen=True)
class MyWork:
    cycle: ReportingCycle | None
    deadline: Deadline | None
    desks: list
    agencies: list
    to_sign: list
    contributions: list

    @property
    def is_all_sent(self):
        return bool(self.desks) and all(desk.report.is_sent for desk in self.desks)


def build(user, today):
    ids = agency_ids_of(user, today)
    signing = agency_ids_of(user, today, Membership.SIGNERS)
    cycle = ReportingCycle.objects.select_related("plan").current()
    own = set(Membership.objects.active(today).filter(user=user).values_list("agency_id", flat=True))
    desks = [_desk(report, own, signing) for report in _reports(ids, cycle)] if cycle else []
    return MyWork(
        cycle,
        Deadline.of(cycle, today) if cycle else None,
        desks,
        list(Agency.objects.filter(pk__in=own).in_order()),
        [desk for desk in desks if desk.is_mine_to_sign and desk.can_be_sent],
        list(waiting_for(user, today)),
    )


def _reports(ids, cycle):
    """Reports of the agencies in the current cycle and in any other that is still open."""
    rows = Progress.objects.in_order().select_related("task")
    cycles = ReportingCycle.objects.open().values("pk")
    reports = AgencyReport.objects.filter(agency_id__in=ids)
    reports = reports.filter(cycle__in=cycles) | reports.filter(cycle=cycle)
    reports = reports.select_related("cycle__plan", "agency", "submitted_by", "returned_by", "accepted_by")
    return reports.order_by("-cycle__year", "agency__sort_key").prefetch_related(Prefetch("rows", rows, to_attr="all_rows"))


def _desk(report, own, signing):
    to_answer = [row for row in report.all_rows if not row.is_settled]
    missing = [row for row in to_answer if not row.is_answered]
    return Desk(
        report,
        len(to_answer),
        len(to_answer) - len(missing),
        missing,
        sum(bool(getattr(report, name).strip()) for name in AgencyReport.COVER),
        len(AgencyReport.COVER),
        report.agency_id not in own,
        report.agency_id in signing,
        len(report.all_rows) - len(to_answer),
    )
