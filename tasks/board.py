"""The consolidator's board: one line an agency, what it has answered, where its tasks stand, who was told and when."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import OutgoingMail
from parkportal.text import fold
from tasks.models import Agency, AgencyReport, Membership, Progress, Reminder, Succession
from tasks.status import State, Timeliness, deadline, label, timeliness

MISSING = "missing"
UNANSWERED, NOTHING = "unanswered", "nothing"
# Columns that stand even when nobody is in them; the others appear with their first task.
USUAL = [UNANSWERED, State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING, State.COMPLETED]
ANSWERS = [
    UNANSWERED,
    State.NOT_STARTED,
    State.IN_PROGRESS,
    State.AWAITING,
    State.COMPLETED,
    State.SUSPENDED,
    State.REDO,
    NOTHING,
]
# What the board can be narrowed to, in the order in which the consolidator works it off.
VIEWS = {
    "late": gettext_lazy("overdue"),
    MISSING: gettext_lazy("has not reported"),
    "returned": gettext_lazy("sent back"),
    "empty": gettext_lazy("not begun"),
    "draft": gettext_lazy("draft"),
    "submitted": gettext_lazy("waiting for acceptance"),
    "accepted": gettext_lazy("accepted"),
}
# Under which heading a line stands, and the heading's words.
GROUPS = {
    "unsent": gettext_lazy("Not sent in"),
    "submitted": gettext_lazy("Waiting for acceptance"),
    "accepted": gettext_lazy("Accepted"),
}
_RANK = {MISSING: 0, "returned": 1, "empty": 2, "draft": 3, "submitted": 4, "accepted": 5}


@dataclass(frozen=True)
class Cell:
    """One figure of the board and what it counts."""

    key: str
    label: str
    number: int


@dataclass
class Line:
    """One agency's report. `state` is the report's own, or "missing" once the cycle has closed without it."""

    report: AgencyReport
    heir: str  # the agency that bears the duty today, where it is another one
    state: str
    state_label: str
    days_overdue: int  # not sent in although the last day has passed
    days_late: int  # sent in, after the last day
    officers: list[str]
    told_at: datetime | None
    told_failed: bool
    is_readable: bool
    answers: Counter = field(default_factory=Counter)
    times: Counter = field(default_factory=Counter)

    @property
    def name(self):
        return self.report.title

    @property
    def total(self):
        return self.answers.total()

    @property
    def answered(self):
        return self.total - self.answers[UNANSWERED]

    @property
    def is_unsent(self):
        return self.state not in AgencyReport.SENT

    @property
    def group(self):
        return "unsent" if self.is_unsent else self.state

    @property
    def order(self):
        return (0 if self.days_overdue else 1, _RANK[self.state], self.report.agency.sort_key)

    def is_in(self, view):
        return bool(self.days_overdue) if view == "late" else self.state == view


@dataclass(frozen=True)
class Board:
    lines: list[Line]
    views: list[Cell]  # how many agencies are in each view, of all of them
    columns: list[tuple[str, str]]  # keys and names of the answers that are shown
    times: list[tuple[str, str]]
    states: list[str]  # of every report of the cycle, shown or not

    @property
    def agencies(self):
        return len(self.states)

    @property
    def sent(self):
        return sum(not line.is_unsent for line in self.lines)

    @property
    def answered(self):
        return sum(line.answered for line in self.lines)

    @property
    def total(self):
        return sum(line.total for line in self.lines)

    @property
    def width(self):
        """Columns of the whole table: agency, report, tasks answered, the figures, last reminder."""
        return 4 + len(self.columns) + len(self.times)

    @property
    def is_narrowed(self):
        return len(self.lines) < self.agencies

    def groups(self):
        """[(heading, its lines with their figures in the order of the columns)], without headings that nobody is under."""
        rows = [(line, self._cells(self.columns, line.answers), self._cells(self.times, line.times)) for line in self.lines]
        parts = [(key, heading, [row for row in rows if row[0].group == key]) for key, heading in GROUPS.items()]
        return [part for part in parts if part[2]]

    def totals(self):
        answers = sum((line.answers for line in self.lines), Counter())
        times = sum((line.times for line in self.lines), Counter())
        return self._cells(self.columns, answers), self._cells(self.times, times)

    @staticmethod
    def _cells(columns, counts):
        return [Cell(key, label, counts[key]) for key, label in columns]


def build(cycle, user, today, view="", words=""):
    """The board of a cycle as it stands today, narrowed to one view and to agencies whose name has all the words."""
    lines = sorted(_lines(cycle, user, today), key=lambda line: line.order)
    shown = [line for line in lines if _matches(line, words) and (not view or line.is_in(view))]
    views = [Cell(key, str(label), sum(line.is_in(key) for line in lines)) for key, label in VIEWS.items()]
    present = {key for line in lines for key, number in line.answers.items() if number}
    return Board(
        lines=shown,
        views=[cell for cell in views if cell.number or cell.key == view],
        columns=[(str(key), figure_label(key)) for key in ANSWERS if key in USUAL or key in present],
        times=[(str(key), str(key.label)) for key in Timeliness],
        states=[line.report.state for line in lines],
    )


def day_of(cycle, today):
    """The day by which timeliness is judged: a closed cycle keeps the one on which it closed."""
    return timezone.localdate(cycle.closed_at) if cycle.is_closed and cycle.closed_at else today


def figure_label(key):
    """The words of a column of the board."""
    if key in Timeliness.values:
        return str(Timeliness(key).label)
    return {UNANSWERED: _("not answered yet"), NOTHING: _("nothing to report")}.get(key) or str(State(key).label)


def _matches(line, words):
    if not words:
        return True
    text = fold(line.report.agency_name, line.heir, line.report.agency.search_text)
    return all(word in text for word in fold(words).split())


def _lines(cycle, user, today):
    reports = cycle.reports.select_related("agency")
    heirs = Succession.objects.heirs(today)
    reports = list(reports)
    names = {report.agency_id: report.agency for report in reports}
    if beyond := {heirs[pk] for pk in names if pk in heirs} - set(names):
        names |= Agency.objects.in_bulk(beyond)
    officers = _officers(names, today)
    told = _told(cycle)
    counts = _counts(cycle, today)
    last = cycle.agencies_last_day
    for report in reports:
        heir = names[heirs.get(report.agency_id, report.agency_id)]
        unsent = not report.is_sent
        missing = unsent and cycle.is_closed
        submitted = report.first_submitted_at
        answers, times = counts[report.pk]
        told_at, mail_state = told.get(report.pk, (None, ""))
        yield Line(
            report=report,
            heir=heir.title if heir.pk != report.agency_id else "",
            state=MISSING if missing else report.state,
            state_label=_("has not reported") if missing else report.get_state_display(),
            days_overdue=max(0, (today - last).days) if unsent and cycle.is_open else 0,
            days_late=max(0, (timezone.localdate(submitted) - last).days) if submitted else 0,
            officers=officers[heir.pk],
            told_at=told_at,
            told_failed=mail_state == OutgoingMail.State.FAILED,
            is_readable=not user.is_leadership or report.is_sent,
            answers=answers,
            times=times,
        )


def _told(cycle):
    """{report id: (when its people were last reminded, what became of that mail)}."""
    reminders = Reminder.objects.filter(cycle=cycle, report__isnull=False).order_by()
    last = reminders.values("report_id").annotate(last=Max("pk")).values("last")
    rows = Reminder.objects.filter(pk__in=last).order_by().values_list("report_id", "created_at", "mail__state")
    return {report_id: (created_at, state) for report_id, created_at, state in rows}


def _officers(agency_ids, today):
    officers = defaultdict(list)
    duties = Membership.objects.active(today).filter(agency_id__in=agency_ids, duty=Membership.Duty.OFFICER)
    for agency_id, name in duties.order_by("user__full_name").values_list("agency_id", "user__full_name"):
        officers[agency_id].append(name)
    return officers


def _counts(cycle, today):
    """{report id: (rows by answer, rows by timeliness)}."""
    counts = defaultdict(lambda: (Counter(), Counter()))
    for _pk, report_id, answer, time in _figures(cycle, today):
        answers, times = counts[report_id]
        answers[answer] += 1
        times[time] += 1
    return counts


def _figures(cycle, today):
    """Each row of the cycle with the two columns in which it is counted."""
    day = day_of(cycle, today)
    rows = Progress.objects.filter(report__cycle=cycle).with_answered()
    for pk, report_id, answered, state, completed_on, kind, ends in rows.values_list(
        "pk", "report_id", "answered", "state", "completed_on", "task__running_kind", "task__running_ends"
    ):
        time = timeliness(deadline(kind, ends, cycle.year), state, completed_on, day)
        yield pk, report_id, (state or NOTHING) if answered else UNANSWERED, time


def rows_of(cycle, figure, today):
    """The rows of all agencies behind one total of the board, with their `timeliness`, in the order of the plan."""
    times = {pk: time for pk, _report, answer, time in _figures(cycle, today) if figure in (answer, time)}
    rows = Progress.objects.filter(pk__in=times).in_order().select_related("task", "report__agency")
    return [(row, times[row.pk]) for row in rows.defer(*Progress.TEXTS)]


def status_of(row, time):
    """The official words of a row's state and timeliness."""
    if row.is_nothing_to_report and not row.state:
        return _("nothing to report")
    return str(label(row.state, time))
