"""The preview as the page shows it: rows of one kind, their differences cell by cell, and what is still to be decided."""

from dataclasses import dataclass, field

from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from firms import matching
from firms.problems import CATALOGUE, Severity, tell
from firms.uploads import checking, deciding, shown
from firms.uploads.columns import COLUMNS
from firms.uploads.stored import Stored
from firms.uploads.vocabulary import Vocabulary

PAGE = 20
WAITING, ALL = "waiting", "all"
SEVERITIES = list(Severity)
FLAGS = {"warning": _("With remarks"), "repaired": _("Repaired"), "duplicate": _("Twice in the file")}


@dataclass
class Cell:
    key: str
    label: str
    old: str
    new: str
    is_conflict: bool = False
    choice: str = ""


@dataclass
class Match:
    """A stored firm or a row of the file that a doubtful row may be, with what taking it for that would change."""

    value: str  # what the form sends
    words: str
    score: int
    reasons: list
    firm: object = None
    cells: list = field(default_factory=list)
    problem: str = ""


@dataclass
class Line:
    number: int
    kind: str
    kind_label: str
    name: str
    firm: object = None
    cells: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    matches: list = field(default_factory=list)
    said: dict = field(default_factory=dict)
    is_open: bool = False
    is_skipped: bool = False
    is_new_project: bool = False

    @property
    def decided(self):
        """What was decided about a doubtful row: the value of the match, new, or nothing."""
        return self.said.get("what", "")

    @property
    def may_be_left_out(self):
        return self.kind not in (checking.PROBLEM, checking.LEFT_OUT, checking.SAME)


class Preview:
    """The rows of one kind on one page. `waiting` are the numbers of all rows that still wait for a word."""

    def __init__(self, upload, kept, kind="", page=1):
        self.upload, self.kept = upload, kept
        self.decisions = upload.decisions
        self.waiting = deciding.waiting(kept, self.decisions)
        self.kinds = self._kinds()
        self.kind = kind if kind in {one["key"] for one in self.kinds} else self._first_kind()
        self.page = Paginator(self._places(), PAGE).get_page(page)
        self.lines = self._lines(list(kept.rows(self.page.object_list)))

    def _kinds(self):
        counts = self.upload.counts
        kinds = [{"key": WAITING, "label": _("Still to be decided"), "count": len(self.waiting)}]
        kinds += [{"key": kind, "label": label, "count": counts.get(kind, 0)} for kind, label in shown.KIND_LABELS.items()]
        kinds += [{"key": flag, "label": label, "count": counts.get(flag, 0)} for flag, label in FLAGS.items()]
        return [*kinds, {"key": ALL, "label": _("Every row"), "count": counts.get("rows", 0)}]

    def _first_kind(self):
        """What needs a person first: open decisions, then errors, then what would change."""
        for kind in (WAITING, checking.PROBLEM, checking.CHANGED, checking.NEW):
            if any(one["key"] == kind and one["count"] for one in self.kinds):
                return kind
        return ALL

    def _places(self):
        index = self.kept.index
        if self.kind == ALL:
            return range(len(index))
        if self.kind == WAITING:
            waiting = set(self.waiting)
            return [place for place, (number, _k, _g) in enumerate(index) if number in waiting]
        return [place for place, (_n, kind, flags) in enumerate(index) if self.kind == kind or self.kind in flags]

    def _lines(self, rows):
        firms = {row["f"] for row in rows if row.get("f", 0) > 0}
        candidates = {one[0] for row in rows for one in row.get("m", ()) if one[0] > 0}
        self.names = shown.Names(self.kept, firms | candidates)
        self.stored = Stored(Vocabulary()) if candidates else None
        if self.stored:
            self.stored.load(candidates)
        return [self._line(row) for row in rows]

    def _line(self, row):
        said = deciding.decision_of(row, self.decisions)
        number = row.get("f") or 0
        name = row["v"].get("name") or row["v"].get("name_en") or ""
        line = Line(
            row["n"],
            row["k"],
            shown.kind_label(row["k"]),
            name or (self.names.firm(number).title if number > 0 and self.names.firm(number) else ""),
            firm=self.names.firm(number) if number > 0 else None,
            problems=sorted(map(self._problem, row.get("x", ())), key=lambda one: SEVERITIES.index(one["severity"])),
            matches=[self._match(row, *one) for one in row.get("m", ())],
            said=said,
            is_open=deciding.is_open(row, self.decisions),
            is_skipped=said.get("what") == deciding.SKIP,
            is_new_project=row.get("p") == 0 and number > 0,
        )
        changes = row.get("c") or ([[key, None, new, ""] for key, new in row["v"].items()] if number <= 0 else [])
        line.cells = (
            []
            if line.kind in (checking.PROBLEM, checking.LEFT_OUT)
            else [self._cell(change, said.get("cells", {})) for change in changes]
        )
        return line

    def _cell(self, change, choices):
        key, old, new, mark = change
        label = COLUMNS[key].label
        values = [shown.value(key, one, self.names) for one in (old, new)]
        return Cell(key, label, *values, bool(mark), choices.get(key, ""))

    def _problem(self, problem):
        key, column, given, values = problem
        entry = CATALOGUE[key]
        label = COLUMNS[column].label if column in COLUMNS else ""
        return {"severity": entry.severity, "number": entry.number, "column": label, "text": tell(key, {"given": given} | values)}

    def _match(self, row, one, score, reasons):
        words = shown.name_of_candidate(one, self.names)
        match = Match(f"firm:{one}" if one > 0 else f"row:{-one}", words, score, matching.tell(reasons))
        if one > 0 and one in self.stored.firms:
            match.firm = self.names.firm(one)
            said, problem = deciding.as_firm(row, one, self.stored)
            if problem:
                match.problem = tell(problem[0][0], problem[1])
            else:
                match.cells = [self._cell(change, {}) for change in said["changes"]]
        return match


def importable(upload, kept, leave_out, waiting=None):
    """(rows that the import would take, what still hinders it: "waiting", "errors" or nothing)."""
    rows = deciding.count_chosen(kept, upload.decisions)
    if deciding.waiting(kept, upload.decisions) if waiting is None else waiting:
        return rows, "waiting"
    if upload.counts.get(checking.PROBLEM) and not leave_out:
        return rows, "errors"
    return rows, "" if rows else "nothing"
