"""The reporting year: opening a cycle with every agency's report, closing it, reopening it, and its path as people see it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from simple_history.utils import bulk_create_with_history

from parkportal.text import nfc
from tasks.models import Agency, AgencyReport, ConsolidatedReport, CycleEvent, Progress, ReportingCycle, Succession, Task
from tasks.status import State

# What a row starts from where an earlier cycle accepted one: a claim or a refusal of that year is not carried on.
CARRIED = [State.NOT_STARTED, State.IN_PROGRESS, State.SUSPENDED]


def default_dates(year):
    """The plan's own dates (Part III) and the end of November as cut-off; a person may choose others."""
    return {
        "opens_on": date(year, 11, 1),
        "cutoff_on": date(year, 11, 30),
        "agencies_due_on": date(year, 12, 10),
        "consolidation_due_on": date(year, 12, 15),
    }


def may_manage(user):
    """Who opens, closes and dates the cycles."""
    return user.is_consolidator or user.is_administrator


def may_read(user):
    """Who follows the cycles of everybody: those who manage them, and the city's leadership."""
    return may_manage(user) or user.is_leadership


def open_cycle(cycle, by, now):
    """Opens the cycle and writes every agency's report, a row for each task it bears today. Again adds only what lacks."""
    _refuse_others(by)
    with transaction.atomic():
        locked = _locked(cycle)
        if locked.is_closed:
            raise ValidationError(_("This reporting cycle is closed. Reopen it, with a reason."), code="closed")
        if not locked.is_open:
            locked.opened_at = now
            _move(locked, ReportingCycle.State.OPEN, by, now)
            CycleEvent.objects.create(cycle=locked, verb="opened", by=by, at=now)
        _write_reports(locked, by, now)
    cycle.refresh_from_db()


def close_cycle(cycle, by, now):
    """Freezes what is there. Reports that were never sent in stay as they are and count as "chưa báo cáo"."""
    _refuse_others(by)
    with transaction.atomic():
        locked = _locked(cycle)
        if not locked.is_open:
            raise ValidationError(_("Only an open reporting cycle can be closed."), code="state")
        # Whoever is just sending a report in holds its row: wait for her, so that nothing changes after the closing.
        list(AgencyReport.objects.select_for_update().filter(cycle=locked).order_by("pk").values_list("pk", flat=True))
        locked.closed_at = now
        _move(locked, ReportingCycle.State.CLOSED, by, now)
        CycleEvent.objects.create(cycle=locked, verb="closed", by=by, at=now)
    cycle.refresh_from_db()


def reopen_cycle(cycle, by, reason, now):
    """Opens a closed cycle again; the reason stays on its page."""
    _refuse_others(by)
    if not reason.strip():
        raise ValidationError({"reason": _("Write why the cycle is opened again. The reason stays on this page.")})
    with transaction.atomic():
        locked = _locked(cycle)
        if not locked.is_closed:
            raise ValidationError(_("Only a closed reporting cycle can be reopened."), code="state")
        locked.closed_at = None
        reason = nfc(reason.strip())
        _move(locked, ReportingCycle.State.OPEN, by, now, reason)
        CycleEvent.objects.create(cycle=locked, verb="reopened", reason=reason, by=by, at=now)
    cycle.refresh_from_db()


def _refuse_others(by):
    if not may_manage(by):
        raise PermissionDenied("Only a consolidator or an administrator opens and closes reporting cycles.")


def _locked(cycle):
    return ReportingCycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)


def _move(cycle, state, by, now, reason=""):
    cycle.state = state
    cycle._history_user, cycle._history_date, cycle._change_reason = by, now, reason
    cycle.save()


def _write_reports(cycle, by, now):
    """Reports and rows of assignments that have none in this cycle yet."""
    written = Progress.objects.filter(report__cycle=cycle).values("task_id")
    tasks = list(Task.objects.assignments().filter(plan_id=cycle.plan_id).exclude(pk__in=written).order_by("position"))
    if not tasks:
        return
    heirs = Succession.objects.heirs(timezone.localdate(now))
    by_agency = defaultdict(list)
    for task in tasks:
        by_agency[heirs.get(task.lead_id, task.lead_id)].append(task)
    reports = {report.agency_id: report for report in cycle.reports.all()}
    fresh = [
        AgencyReport(cycle=cycle, agency=agency, agency_name=agency.name)
        for agency in Agency.objects.filter(pk__in=set(by_agency) - set(reports)).in_order()
    ]
    for report in bulk_create_with_history(fresh, AgencyReport, default_user=by, default_date=now):
        reports[report.agency_id] = report
    before = _accepted_before(cycle)
    rows = [
        Progress(report=reports[agency_id], task=task, **_carried(task, before.get(task.pk)))
        for agency_id, own in by_agency.items()
        for task in own
    ]
    bulk_create_with_history(rows, Progress, default_user=by, default_date=now)


def _accepted_before(cycle):
    """{task id: its latest accepted answer of an earlier year}."""
    rows = Progress.objects.filter(
        report__state=AgencyReport.State.ACCEPTED, report__cycle__plan_id=cycle.plan_id, report__cycle__year__lt=cycle.year
    ).order_by("report__cycle__year", "report__accepted_at")
    return {row["task_id"]: row for row in rows.values("task_id", "state", "percent", "completed_on")}


def _carried(task, earlier):
    """Where a row starts: a completed one-off task is settled, a running one keeps its state, a yearly one starts afresh."""
    if earlier is None or task.is_yearly:
        return {}
    if earlier["state"] == State.COMPLETED:
        return {"state": State.COMPLETED, "percent": 100, "completed_on": earlier["completed_on"], "is_settled": True}
    if earlier["state"] in CARRIED:
        return {"state": earlier["state"], "percent": earlier["percent"]}
    return {}


@dataclass(frozen=True)
class PathStep:
    """One station of the reporting year. `state` is done, current, late or todo."""

    key: str
    title: str
    on: date | None
    words: str
    state: str

    @property
    def state_words(self):
        return {"done": _("done"), "current": _("now"), "late": _("overdue"), "todo": _("to come")}[self.state]


def path_of(cycle, today, states=None):
    """The reporting year as four stations: opened, agencies report, consolidation, issued.

    Two queries; one where the caller has the `states` of the cycle's reports already."""
    if states is None:
        states = list(cycle.reports.order_by().values_list("state", flat=True))
    total, sent = len(states), sum(state in AgencyReport.SENT for state in states)
    editions = list(cycle.consolidated_reports.order_by("edition"))
    issued = [edition for edition in editions if edition.state == ConsolidatedReport.State.ISSUED]
    return [
        _opening(cycle, today),
        _agencies(cycle, today, total, sent),
        _consolidation(cycle, today, editions, issued, total - sent),
        _issue(cycle, today, editions, issued),
    ]


def public_path(cycle, today):
    """The reporting year without who has sent in what, which is between the agencies and the consolidator."""
    return [replace(step, words="") for step in path_of(cycle, today)]


def _opening(cycle, today):
    if cycle.opened_at:
        return PathStep("open", _("Open the cycle"), timezone.localdate(cycle.opened_at), _("opened"), "done")
    state = "late" if today > cycle.opens_on else "current"
    return PathStep("open", _("Open the cycle"), cycle.opens_on, _("planned"), state)


def _agencies(cycle, today, total, sent):
    last = cycle.agencies_last_day
    if not cycle.opened_at:
        state, words = "todo", ""
    else:
        words = _("%(sent)s of %(total)s sent in") % {"sent": sent, "total": total}
        if sent == total:
            state = "done"
        elif cycle.is_closed or today > last:
            state = "late"
            words = ngettext("%(count)s agency has not reported", "%(count)s agencies have not reported", total - sent) % {
                "count": total - sent
            }
        else:
            state = "current"
    return PathStep("agencies", _("Agencies report"), last, words, state)


def _consolidation(cycle, today, editions, issued, missing):
    last = cycle.consolidation_last_day
    if issued or (editions and cycle.is_closed):
        return PathStep("consolidation", _("Consolidate"), last, _("drawn up"), "done")
    words = _("being drawn up") if editions else ""
    if not cycle.opened_at:
        state = "todo"
    elif today > last:
        state = "late"
    elif editions or not missing or cycle.is_closed or today > cycle.agencies_last_day:
        state = "current"
    else:
        state = "todo"
    return PathStep("consolidation", _("Consolidate"), last, words, state)


def _issue(cycle, today, editions, issued):
    if issued:
        latest = issued[-1]
        return PathStep("issue", _("Issue"), latest.issued_on, latest.full_number, "done")
    if not (editions and cycle.is_closed):
        return PathStep("issue", _("Issue"), None, "", "todo")
    last = cycle.consolidation_last_day
    state = "late" if today > last else "current"
    return PathStep("issue", _("Issue"), last, "", state)
