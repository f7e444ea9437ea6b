"""Everything that one task's page tells: what is printed, how it is read, who bears it, what became of it each year."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from parkportal import timeline
from tasks.models import AgencyReport, Contribution, Evidence, Progress, ReportingCycle, Task, agency_ids_of
from tasks.status import Timeliness, label, timeliness, tone


@dataclass
class YearLine:
    """What became of the task in one cycle. `row` is there only for those who may read it."""

    cycle: ReportingCycle
    year: int
    answer: str = "missing"  # reported, nothing, settled, missing
    report_state: str = ""
    agency: str = ""
    state: str = ""
    time: str = Timeliness.NO_DEADLINE
    percent: int | None = None
    completed_on: date | None = None
    row: Progress | None = None
    can_edit: bool = False
    report_pk: int | None = None  # only for those who may open the report
    texts: list = field(default_factory=list)  # (label, text) of a row that may be read
    evidence: list = field(default_factory=list)
    contributions: list = field(default_factory=list)

    @property
    def status_label(self):
        return label(self.state, self.time, self.answer == "nothing")

    @property
    def tone(self):
        return tone(self.state, self.time)


def as_of(cycle, cycles, today):
    """Today for the year in hand; an earlier year is judged on its own data cut-off."""
    return today if cycle.year >= max(other.year for other in cycles) else min(today, cycle.cutoff_on)


def started_cycles():
    return list(ReportingCycle.objects.started().order_by("-year", "-agencies_due_on"))


def public_years(task, cycles, today):
    """A line for every cycle, out of accepted reports alone and without a word of what was written."""
    rows = task.progress.filter(report__state=AgencyReport.State.ACCEPTED).select_related("report").order_by("pk")
    by_cycle = {row.report.cycle_id: row for row in rows}
    return [_line(task, cycle, by_cycle.get(cycle.pk), as_of(cycle, cycles, today)) for cycle in cycles]


@dataclass(frozen=True)
class Access:
    """What one person may know of one task's reports, found out once for the whole page."""

    rows: set[int]  # progress that she may read
    reports: list[AgencyReport]  # reports that she may open
    own: set[int]  # agencies in whose name she acts
    is_full: bool  # reads everything, drafts included

    def reads_all_of(self, report):
        return self.is_full or report.agency_id in self.own


def access(task, user, today):
    return Access(
        rows=set(task.progress.visible_to(user, today).values_list("pk", flat=True)),
        reports=list(AgencyReport.objects.visible_to(user, today).filter(rows__task=task)),
        own=agency_ids_of(user, today),
        is_full=user.is_consolidator or user.is_administrator,
    )


def years(task, cycles, reader, today):
    """A line for every cycle: state of what was sent in, and the texts, files and contributions that this person may read."""
    rows = list(task.progress.select_related("report", "report__agency").order_by("pk"))
    reports = {report.pk for report in reader.reports}
    files, questions = defaultdict(list), defaultdict(list)
    for file in Evidence.objects.filter(row__in=reader.rows, removed_at=None):
        files[file.row_id].append(file)
    for question in Contribution.objects.filter(row__in=reader.rows).select_related("agency", "answered_by"):
        questions[question.row_id].append(question)
    by_cycle = {}
    for row in rows:
        # Where a succession left two, the one that was sent in speaks.
        held = by_cycle.get(row.report.cycle_id)
        if held is None or row.report.is_sent or not held.report.is_sent:
            by_cycle[row.report.cycle_id] = row
    lines = []
    for cycle in cycles:
        row = by_cycle.get(cycle.pk)
        sent = row if row and row.report.is_sent else None
        line = _line(task, cycle, sent, as_of(cycle, cycles, today))
        if row:
            line.report_state = "missing" if cycle.is_closed and not row.report.is_sent else row.report.state
            line.agency = row.report.agency_name
            writable = cycle.is_open and row.report.state in AgencyReport.WRITABLE
            line.can_edit = writable and row.report.agency_id in reader.own and not row.is_settled
            line.report_pk = row.report_id if row.report_id in reports else None
        if row and row.pk in reader.rows:
            line.row = row
            line.texts = [(row._meta.get_field(name).verbose_name, getattr(row, name)) for name in Progress.TEXTS]
            line.texts = [(words, text) for words, text in line.texts if text.strip()]
            line.evidence = files[row.pk]
            reads_all = reader.reads_all_of(row.report)
            line.contributions = [it for it in questions[row.pk] if reads_all or it.agency_id in reader.own]
        lines.append(line)
    return lines


def _line(task, cycle, row, day):
    """The line of a cycle from a row that counts, or from none."""
    line = YearLine(cycle, cycle.year, time=timeliness(task.deadline(cycle.year), "", None, day))
    if row is None:
        return line
    line.answer = "settled" if row.is_settled else "nothing" if row.is_nothing_to_report else "reported"
    line.state, line.percent, line.completed_on = row.state, row.percent, row.completed_on
    line.time = timeliness(task.deadline(cycle.year), row.state, row.completed_on, day)
    return line


def story(task, reader):
    """The task's history as far as this person may know it: her own agency's edits, of other reports only the steps."""
    mine = [row for row in task.progress.select_related("report") if row.pk in reader.rows and reader.reads_all_of(row.report)]
    asked = Contribution.objects.filter(row__in=mine)
    told = timeline.of(task, mine, Evidence.objects.filter(row__in=mine), asked, reader.reports)
    return [event for event in told if event.model is not AgencyReport or event.is_step and not event.is_beginning]


# What is printed and how it is read -----------------------------------------------------------------------------------
def printed_cells(task):
    """[(column of the annex, the cell as printed, whether its reading is unsure)], in the order of the annex."""
    heads = {
        "number": "STT",
        "content": "Nội dung nhiệm vụ",
        "lead": "Cơ quan chủ trì",
        "coordinators": "Cơ quan phối hợp",
        "period": "Thời gian thực hiện",
        "deliverable": "Thời gian báo cáo UBND thành phố (dự kiến thời gian trình phê duyệt)",
        "note": "Ghi chú",
    }
    return [(head, getattr(task, f"printed_{name}"), name in task.unsure) for name, head in heads.items()]


@dataclass(frozen=True)
class Reading:
    """A value read out of the printed cells: inherited from a heading (its code), or unsure."""

    label: str
    words: str
    inherited_from: str = ""
    is_unsure: bool = False


def readings(task, ancestors):
    """What the portal reads out of the cells, with where each value comes from."""
    kind = Task.Kind(task.effective_kind).label if task.effective_kind else ""
    read = [
        (_("Period"), task.period_words, "period_kind", "period"),
        (_("Deliverable goes to the city"), task.deliverable_words, "deliverable_kind", "deliverable"),
        (_("Kind"), kind, "kind", "note"),
    ]
    return [Reading(head, str(words), *_origin(task, ancestors, name, cell)) for head, words, name, cell in read]


def _origin(task, ancestors, name, cell):
    """(code of the heading that gives the value, or "" for the task itself; whether the reading of that cell is unsure)."""
    givers = [row for row in [task, *ancestors] if getattr(row, name) not in ("", "none")]
    giver = givers[0] if givers else task
    return ("" if giver.pk == task.pk else giver.code), cell in task.unsure or cell in giver.unsure


def ancestors_of(task, rows):
    """Headings above a task, nearest first, out of rows that are loaded already."""
    by_pk = {row.pk: row for row in rows}
    found, at = [], task
    while at.parent_id:
        at = by_pk[at.parent_id]
        found.append(at)
    return found


def coordinators_of(task, inheritance):
    """[(printed words, agency or None, the agency that bears its duty today if that is another one)]."""
    found = []
    for one in task.coordinators.select_related("agency"):
        heir = inheritance.heir(one.agency) if one.agency else None
        found.append((one.text, one.agency, heir if heir != one.agency else None))
    return found


def outline():
    """Every row of the plan in printed order, with only what headings and neighbours need."""
    needed = ["code", "content", "content_en", "parent", "lead", "unsure", "period_kind", "deliverable_kind", "kind"]
    return list(Task.objects.order_by("position").only(*needed))


def year_in_hand(cycles, today):
    """The year of the open cycle, else of the latest one, else this year."""
    ordered = sorted(cycles, key=lambda cycle: not cycle.is_open)
    return ordered[0].year if ordered else today.year
