"""What every assignment of the plan came to in one cycle, read once, as plain rows that can be counted and told apart."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from parkportal.text import sort_key
from tasks.models import Agency, AgencyReport, Progress, ReportingCycle, Succession, Task
from tasks.report_words import MISSING, NOTHING, YEARS_REVIEWED
from tasks.status import State, timeliness

TEXTS = ["results", "obstacles", "causes", "proposals", "next_directions"]
_LIGHT = [
    "pk",
    "task_id",
    "report_id",
    "report__state",
    "report__agency_id",
    "state",
    "percent",
    "completed_on",
    "is_nothing_to_report",
    "is_settled",
    "results",
]


@dataclass(frozen=True)
class Row:
    """One assignment in one cycle. `standing` is its state, or "nothing" or "missing" where no state is known."""

    task: Task
    agency: str
    agency_id: int
    row: int | None = None
    report: int | None = None
    answer: str = MISSING  # reported, nothing, settled, missing
    standing: str = MISSING
    timeliness: str = ""
    percent: int | None = None
    completed_on: date | None = None
    results: str = ""
    obstacles: str = ""
    causes: str = ""
    proposals: str = ""
    next_directions: str = ""

    @property
    def code(self):
        return self.task.code

    @property
    def group(self):
        return self.code.split(".")[0]

    @property
    def source(self):
        """Where a sentence about this row comes from, as stored beside the sentence."""
        return {"row": self.row, "report": self.report, "code": self.code, "agency": self.agency}


@dataclass(frozen=True)
class Figures:
    cycle: ReportingCycle
    as_of: date
    last_day: date  # the last day on which an agency's report was on time
    tasks: list  # every row of the annex in printed order
    rows: list  # the assignments among them
    reports: list  # AgencyReport, in the order of the agencies' names
    earlier: dict  # year -> rows, for the years that a review looks back on

    @property
    def sent(self):
        return [report for report in self.reports if report.is_sent]

    @property
    def unsent(self):
        return [report for report in self.reports if not report.is_sent]

    def of_agency(self, agency_id):
        return [row for row in self.rows if row.agency_id == agency_id]

    def in_group(self, group):
        return [row for row in self.rows if row.group == group]

    @property
    def groups(self):
        """Codes of the plan's groups, in printed order."""
        return list(dict.fromkeys(row.group for row in self.rows))


def load(cycle, today):
    """The figures of a cycle as known today; timeliness is judged on the cut-off day, once it has passed."""
    as_of = min(today, cycle.cutoff_on)
    tasks = list(cycle.plan.tasks.select_related("lead").order_by("position"))
    assignments = [task for task in tasks if task.lead_id]
    heirs = Succession.objects.heirs(as_of)
    reports = list(cycle.reports.all())
    for report in reports:
        report.cycle = cycle
    # A report carries the name of its day; only a body without one goes by its name of today.
    names = dict(Agency.objects.values_list("pk", "name")) | {report.agency_id: report.agency_name for report in reports}
    reports.sort(key=lambda report: sort_key(report.agency_name))
    now = _best_by_task(Progress.objects.filter(report__cycle=cycle).values(*_LIGHT, *TEXTS[1:]))
    past = _past_rows(cycle)
    known = _known_before(past, cycle.year)
    rows = [_row(task, now.get(task.pk), known.get(task.pk), heirs, names, cycle.year, as_of) for task in assignments]
    return Figures(
        cycle=cycle,
        as_of=as_of,
        last_day=cycle.agencies_last_day,
        tasks=tasks,
        rows=rows,
        reports=reports,
        earlier=_earlier(cycle, assignments, past, heirs, names),
    )


def _past_rows(cycle):
    """{year: {task id: values}} of what was reported in earlier years; the annual cycle speaks for its year."""
    values = (
        Progress.objects.filter(report__cycle__plan=cycle.plan, report__cycle__year__lt=cycle.year)
        .order_by("report__cycle__kind")  # annual before final and interim
        .values("report__cycle__year", "report__cycle__cutoff_on", *_LIGHT)
    )
    years = defaultdict(list)
    for one in values:
        years[one["report__cycle__year"]].append(one)
    return {year: _best_by_task(rows) for year, rows in years.items()}


def _best_by_task(values):
    """{task id: its row}. Where a succession left two, the one that was sent in speaks."""
    best = {}
    for one in values:
        held = best.get(one["task_id"])
        if held is None or (one["report__state"] in AgencyReport.SENT and held["report__state"] not in AgencyReport.SENT):
            best[one["task_id"]] = one
    return best


def _known_before(past, year):
    """{task id: the last answer with a state that was sent in before `year`}."""
    known = {}
    for earlier in sorted(y for y in past if y < year):
        for task_id, one in past[earlier].items():
            if one["state"] and one["report__state"] in AgencyReport.SENT:
                known[task_id] = one
    return known


def _earlier(cycle, assignments, past, heirs, names):
    """{year: rows} of the years before this one that a review covers, oldest first; a year without a cycle is left out."""
    first = cycle.year - YEARS_REVIEWED[cycle.kind] + 1
    years = {}
    for year in sorted(y for y in past if first <= y < cycle.year):
        known, cutoff = _known_before(past, year), next(iter(past[year].values()))["report__cycle__cutoff_on"]
        years[year] = [
            _row(task, past[year].get(task.pk), known.get(task.pk), heirs, names, year, cutoff) for task in assignments
        ]
    return years


def _row(task, now, before, heirs, names, year, as_of):
    """Puts together what is known of a task. Only a report that was sent in counts; a completion once confirmed stays one."""
    heir = heirs.get(task.lead_id, task.lead_id)
    agency_id = now["report__agency_id"] if now else heir
    bearer = {"agency_id": agency_id, "agency": names[agency_id]}
    if now:
        bearer |= {"row": now["pk"], "report": now["report_id"]}
    before = None if task.is_yearly else before
    if now and now["is_settled"]:
        answer, standing = "settled", State.COMPLETED
        day = now["completed_on"] or (before["completed_on"] if before else None)
        facts = {"percent": 100, "completed_on": day, "results": now["results"] or (before["results"] if before else "")}
    elif not now or now["report__state"] not in AgencyReport.SENT:
        answer, standing, facts = MISSING, MISSING, {}
    else:
        answer = NOTHING if now["is_nothing_to_report"] else "reported"
        last = before if answer == NOTHING and not now["state"] and before else now
        standing = last["state"] or NOTHING
        facts = {"percent": last["percent"], "completed_on": last["completed_on"]}
        facts |= {name: now.get(name, "").strip() for name in TEXTS}
    state = standing if standing in State else ""
    time = timeliness(task.deadline(year), state, facts.get("completed_on"), as_of)
    return Row(task=task, answer=answer, standing=str(standing), timeliness=str(time), **bearer, **facts)


def codes(rows):
    return [row.code for row in rows]
