"""The public page of the plan: its groups as trees, and its figures as counts and a bar."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tasks.filters import NOTHING, UNREPORTED, URGENCY, Line
from tasks.models import Task
from tasks.status import State

# From what is done to what nobody has told; the five tones of timeliness stay with timeliness.
STANDINGS = [
    State.COMPLETED, State.AWAITING, State.IN_PROGRESS, State.REDO, State.SUSPENDED, State.NOT_STARTED, NOTHING, UNREPORTED,
]  # fmt: skip


@dataclass(frozen=True)
class Group:
    """A top row of the plan and the rows below it that are shown."""

    task: Task
    lines: list[Line]
    assignments: int


@dataclass(frozen=True)
class Segment:
    """A share of a bar: where it begins and how wide it is, in percent of the whole."""

    label: str
    number: int
    tone: str  # class of its shape
    start: str
    width: str


def groups(tasks):
    """The rows to show, group by group; a group without any is left out."""
    tops = {task.pk: task for task in tasks.rows if task.depth == 0}
    parents = {task.pk: task.parent_id for task in tasks.rows}
    below = {pk: [] for pk in tops}
    for line in tasks.lines:
        top = line.task.pk
        while parents[top]:
            top = parents[top]
        if line.task.pk != top or not line.is_heading:
            below[top].append(line)
    return [Group(tops[pk], lines, sum(not line.is_heading for line in lines)) for pk, lines in below.items() if lines]


def figures(tasks):
    """Counts of all assignments by state and by timeliness, as tables and as bars. The filters do not touch them."""
    states = Counter(task.standing for task in tasks.assignments)
    names = {str(state): str(state.label) for state in State}
    names |= {NOTHING: _("nothing to report"), UNREPORTED: _("no report yet")}
    times = Counter(task.timeliness for task in tasks.assignments)
    return {
        "total": len(tasks.assignments),
        "by_state": _bar([(names[str(key)], states[str(key)], f"plan-tone--{key}".replace("_", "-")) for key in STANDINGS]),
        "by_time": _bar([(str(time.label), times[str(time)], f"tone--{time}".replace("_", "-")) for time in URGENCY[::-1]]),
    }


def _bar(counts):
    """Segments of a bar that is 100 wide; what counts nothing has no place on it."""
    total = sum(number for _label, number, _tone in counts)
    segments, start = [], 0.0
    for label, number, tone in counts:
        if number:
            width = 100 * number / total
            segments.append(Segment(label, number, tone, f"{start:.3f}", f"{width:.3f}"))
            start += width
    return segments
