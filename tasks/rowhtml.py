"""A row of the report's page as HTML, made once for each content.

Most rows have not changed since the page was last opened, and making thirty of them anew takes longer than all queries.
What was made is remembered in this process under everything that is shown in it, so it cannot be out of date; a new start
of the server begins with nothing."""

from collections import OrderedDict
from threading import Lock

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from tasks.models import Progress

MOST = 1000  # rows, some 7 kB each
ROW = [*Progress.ANSWER, "is_settled", "updated_at"]
TASK = ["code", "title", "period_words", "deliverable_words", "printed_lead", "printed_coordinators", "printed_note"]

_made, _lock = OrderedDict(), Lock()


def row_html(row_sheet, report, evidence):
    """The row, out of memory if nothing in it has changed. Rows with two versions of a box are always made anew."""
    if row_sheet.has_kept:
        return _make(row_sheet, report, evidence)
    key = _content(row_sheet, report, evidence)
    with _lock:
        html = _made.get(key)
        if html is not None:
            _made.move_to_end(key)
    if html is None:
        html = _make(row_sheet, report, evidence)
        with _lock:
            _made[key] = html
            while len(_made) > MOST:
                _made.popitem(last=False)
    return html


def _make(row_sheet, report, evidence):
    context = {"row_sheet": row_sheet, "report": report, "evidence": evidence}
    return mark_safe(render_to_string("tasks/_row_form.html", context))


def _content(row_sheet, report, evidence):
    """Everything that the row's template shows."""
    row, task, earlier = row_sheet.row, row_sheet.row.task, row_sheet.earlier
    return (
        get_language(),
        row.pk,
        row_sheet.revision,
        row_sheet.mark,
        report.return_reason,
        evidence["limit"],
        row.updated_by and row.updated_by.full_name,
        tuple(getattr(row, name) for name in ROW),
        tuple(str(getattr(task, name)) for name in TASK),
        tuple((box.value, box.stored, box.earlier, box.error, box.is_unsent) for box in row_sheet.boxes.values()),
        earlier and (earlier.report.cycle.year, earlier.results),
        tuple(row_sheet.copyable),
        tuple(row_sheet.copied),
        tuple((file.pk, file.uploaded_by.full_name, file.removed_at) for file in [*row_sheet.evidence, *row_sheet.removed]),
        tuple(
            (it.pk, it.agency.title, it.due_on, it.answer, it.answered_at, it.answered_by and it.answered_by.full_name)
            for it in row_sheet.contributions
        ),
    )
