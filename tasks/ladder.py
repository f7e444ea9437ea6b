"""Who has to be reminded of what on a day: the rungs as data, what is still owed, whose duty it is. Reads, never writes."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal.dates import next_working_day, previous_working_day
from parkportal.models import User
from parkportal.text import sort_key
from tasks.models import (
    Agency,
    AgencyReport,
    ConsolidatedReport,
    Contribution,
    Holiday,
    Membership,
    Progress,
    Reminder,
    ReportingCycle,
    Succession,
)
from tasks.models.reminders import days_left_words

# Days left until the last day (negative after it) on which those who still owe are told.
LADDERS = {
    "report": (30, 14, 7, 3, 1, -1, -3, -7),
    "contribution": (3, 1, -1),
    "consolidation": (7, 3, 1, -1, -3),
}
# From this rung down the head and the deputies hear of their agency's report too.
HEADS_FROM = 3
# A year that was closed this long ago without an issued report here was reported on paper.
CLOSED_FOR = timedelta(days=30)

Reason = Reminder.Reason


@dataclass(frozen=True)
class Obligation:
    """Something owed by a day, by an agency (`agency` bears the duty today) or by the consolidators."""

    kind: str
    pk: int
    cycle: ReportingCycle
    last_day: object
    agency: Agency | None = None
    report: AgencyReport | None = None
    contribution: Contribution | None = None
    missing: tuple = ()  # tasks without an answer, or agencies that have not reported

    @property
    def key(self):
        return f"{self.kind}:{self.pk}"

    @property
    def for_heads(self):
        return self.kind == "report"

    @property
    def title(self):
        values = {"plan": self.cycle.plan.code, "year": self.cycle.year}
        if self.kind == "contribution":
            return _("Answer about task %(code)s") % {"code": self.contribution.row.task.code}
        if self.kind == "consolidation":
            return _("Consolidated report on Plan %(plan)s of %(year)s") % values
        return _("Report on Plan %(plan)s of %(year)s") % values

    @property
    def path(self):
        """Where it is done."""
        if self.kind == "consolidation":
            return reverse("board")
        return reverse("report_edit" if self.kind == "report" else "contribution_answer", args=[self.pk])

    @property
    def bearer_words(self):
        """Who owes it, and under which name the plan knows that duty."""
        if self.agency is None:
            return ""
        named = self.contribution.agency if self.contribution else self.report.agency
        if named.pk == self.agency.pk:
            return self.agency.name
        return _("%(heir)s (taken over from %(agency)s)") % {"heir": self.agency.name, "agency": named.name}


@dataclass(frozen=True)
class Entry:
    """One obligation in one person's mail. `is_new` is false for what she was told before and still owes."""

    obligation: Obligation
    rung: int
    reason: str
    days_left: int
    is_new: bool

    @property
    def days_words(self):
        return days_left_words(self.days_left)

    @property
    def rung_words(self):
        return days_left_words(self.rung)

    @property
    def reason_words(self):
        return Reason(self.reason).label


@dataclass
class Bundle:
    """Everything that one person is told on one day."""

    person: User
    entries: list = field(default_factory=list)

    @property
    def new(self):
        return [entry for entry in self.entries if entry.is_new]


def rung_day(last_day, rung, holidays):
    """The day on which a rung is reached: one that is no working day goes out before it, or after it once it is late."""
    day = last_day - timedelta(days=rung)
    return previous_working_day(day, holidays) if rung > 0 else next_working_day(day, holidays)


def reached(kind, last_day, today, holidays):
    """The lowest rung whose day has come, or None. Those above it that were missed are not made up for."""
    rungs = [rung for rung in LADDERS[kind] if rung_day(last_day, rung, holidays) <= today]
    return min(rungs) if rungs else None


# What is owed --------------------------------------------------------------------------------------------------------
def obligations(today, holidays):
    """Everything still owed in the open cycles, with what is missing in it; a constant number of queries."""
    heirs = Succession.objects.heirs(today)
    agencies = Agency.objects.in_bulk()
    bearer = {pk: agencies[heirs.get(pk, pk)] for pk in agencies}
    by_pk, agencies_day, consolidation_day = {}, {}, {}
    for cycle in ReportingCycle.objects.started().select_related("plan"):
        agencies_day[cycle.pk] = cycle.last_day(cycle.agencies_due_on, holidays)
        consolidation_day[cycle.pk] = cycle.last_day(cycle.consolidation_due_on, holidays)
        if cycle.is_open or today <= consolidation_day[cycle.pk] + CLOSED_FOR:
            by_pk[cycle.pk] = cycle
    open_ids = [pk for pk, cycle in by_pk.items() if cycle.is_open]
    found, missing = [], defaultdict(list)
    rows = Prefetch("rows", Progress.objects.select_related("task").order_by("task__position"))
    reports = AgencyReport.objects.missing().filter(cycle__in=by_pk).order_by("agency__sort_key")
    for report in reports.select_related("agency").prefetch_related(rows):
        report.cycle = by_pk[report.cycle_id]
        missing[report.cycle_id].append(report)
        if report.cycle.is_open:
            lacking = tuple(row for row in report.rows.all() if not row.is_answered)
            last_day = report.cycle.agencies_last_day
            found.append(
                Obligation("report", report.pk, report.cycle, last_day, bearer[report.agency_id], report, missing=lacking)
            )
    asked = Contribution.objects.filter(answered_at=None, row__report__cycle__in=open_ids)
    asked = asked.filter(row__report__state__in=AgencyReport.WRITABLE).order_by("due_on", "pk")
    for one in asked.select_related("row__task", "row__report__agency", "agency"):
        report = one.row.report
        cycle = report.cycle = by_pk[report.cycle_id]
        found.append(Obligation("contribution", one.pk, cycle, one.due_on, bearer[one.agency_id], report, one))
    issued = set(ConsolidatedReport.objects.filter(state="issued").values_list("cycle_id", flat=True))
    for pk, cycle in by_pk.items():
        if pk not in issued:
            found.append(Obligation("consolidation", pk, cycle, consolidation_day[pk], missing=tuple(missing[pk])))
    return found


# Whose duty it is ----------------------------------------------------------------------------------------------------
class People:
    """Who acts for each agency today, who consolidates and who administers; three queries for the whole city."""

    def __init__(self, today):
        self.officers, self.heads = defaultdict(list), defaultdict(list)
        for membership in Membership.objects.active(today).select_related("user").order_by("user__full_name", "pk"):
            group = self.heads if membership.duty in Membership.SIGNERS else self.officers
            group[membership.agency_id].append(membership.user)
        active = User.objects.filter(is_active=True).order_by("full_name", "pk")
        self.consolidators = list(active.filter(role=User.Role.CONSOLIDATOR))
        self.administrators = list(active.filter(role=User.Role.ADMINISTRATOR))

    def told(self, obligation, rung):
        """[(person, reason)] for an obligation on a rung: each person once, and always somebody if there is anybody."""
        if obligation.kind == "consolidation":
            return self._first((self.consolidators, Reason.CONSOLIDATOR), (self.administrators, Reason.ADMINISTRATOR_INSTEAD))
        officers, heads = self.officers[obligation.agency.pk], self.heads[obligation.agency.pk]
        if not officers:
            return self._first(
                (heads, Reason.HEAD_INSTEAD),
                (self.consolidators, Reason.CONSOLIDATOR_INSTEAD),
                (self.administrators, Reason.ADMINISTRATOR_INSTEAD),
            )
        told = [(person, Reason.OFFICER) for person in officers]
        if obligation.for_heads and rung <= HEADS_FROM:
            told += [(person, Reason.HEAD) for person in heads]
        return list({person.pk: (person, reason) for person, reason in reversed(told)}.values())[::-1]

    @staticmethod
    def _first(*choices):
        people, reason = next(((people, reason) for people, reason in choices if people), ([], ""))
        return [(person, reason) for person in people]


# What goes out --------------------------------------------------------------------------------------------------------
def bundles(today):
    """What every person would be told today, in the order of their names, those without anything new left out."""
    holidays = Holiday.days()
    owed = obligations(today, holidays)
    people = People(today)
    keys = [obligation.key for obligation in owed]
    written = set(
        Reminder.objects.filter(obligation__in=keys).values_list("obligation", "due_on", "rung", "person_id"),
    )
    found = {}
    for obligation in owed:
        rung = reached(obligation.kind, obligation.last_day, today, holidays)
        if rung is None:
            continue
        days_left = (obligation.last_day - today).days
        for person, reason in people.told(obligation, rung):
            is_new = (obligation.key, obligation.last_day, rung, person.pk) not in written
            bundle = found.setdefault(person.pk, Bundle(person))
            bundle.entries.append(Entry(obligation, rung, reason, days_left, is_new))
    for bundle in found.values():
        bundle.entries.sort(key=lambda entry: (entry.days_left, not entry.is_new, entry.obligation.key))
    told = [bundle for bundle in found.values() if bundle.new]
    return sorted(told, key=lambda bundle: (sort_key(bundle.person.full_name), bundle.person.pk))
