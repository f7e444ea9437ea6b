"""The page on which an agency fills in its whole report: its rows with their boxes, and saving all of it at once."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.text import whole_number
from tasks.boxes import COVER_LABELS, LABELS, Box
from tasks.evidence import store
from tasks.forms import CoverForm, EvidenceForm, ProgressForm
from tasks.models import AgencyReport, KeptText, Progress
from tasks.status import State
from tasks.writing import (
    COVER_FIELDS,
    NOTHING,
    ROW_FIELDS,
    as_text,
    base_of,
    clean,
    copied,
    copyable,
    earlier_report,
    earlier_rows,
    save_cover,
    save_row,
    values_of,
)


@dataclass(frozen=True)
class KeptSheet:
    """A text that found its box taken, beside the stored one and who wrote that."""

    kept: KeptText
    words: str
    stored: str  # as the box holds it
    stored_words: str
    stored_by: str
    stored_at: object
    is_text: bool


@dataclass(frozen=True)
class RowSheet:
    row: Progress
    boxes: dict
    earlier: Progress | None
    copyable: list
    copied: list
    evidence: list
    removed: list
    contributions: list
    revision: int

    @property
    def texts(self):
        return [self.boxes[name] for name in Progress.TEXTS]

    @property
    def is_redo(self):
        return self.row.state == State.REDO

    @property
    def has_kept(self):
        return any(box.kept for box in self.boxes.values())

    @property
    def is_unsent(self):
        return any(box.is_unsent for box in self.boxes.values())

    @property
    def is_open(self):
        """Open on the page: something is to be done here."""
        return not self.row.is_answered or self.has_kept or self.is_unsent

    @property
    def mark_words(self):
        """The mark as people read it, in the row's head and in the index."""
        row, mark = self.row, self.mark
        if mark == "missing":
            return _("still missing: {names}").format(names=", ".join(str(name) for name in row.lacks))
        if mark != "answered":
            return {
                "kept": _("two versions: choose"),
                "settled": _("completion confirmed in an earlier cycle"),
                "nothing": _("nothing to report"),
            }[mark]
        percent = "" if row.percent is None else f" · {row.percent}%"
        return f"{_('answered')}: {row.get_state_display()}{percent}"

    @property
    def mark(self):
        row = self.row
        if self.has_kept:
            return "kept"
        if row.is_settled:
            return "settled"
        if row.is_nothing_to_report:
            return "nothing"
        return "answered" if row.is_answered else "missing"


@dataclass(frozen=True)
class Sheet:
    report: AgencyReport
    rows: list
    cover: list
    cover_revision: int
    is_restored: bool  # some boxes show text that was typed before and is not saved yet

    @property
    def to_answer(self):
        return [sheet for sheet in self.rows if not sheet.row.is_settled]

    @property
    def answered(self):
        return [sheet for sheet in self.to_answer if sheet.row.is_answered]

    @property
    def missing(self):
        return [sheet for sheet in self.to_answer if not sheet.row.is_answered]


def build(report, today, unsent=None):
    """The whole page in a fixed number of queries (a few more while kept or unsent texts wait)."""
    rows = list(_rows_of(report))
    kept = _kept_of(report)
    earlier = earlier_rows(report)
    sheets = [_row_sheet(row, earlier.get(row.task_id), kept, today, unsent) for row in rows]
    before = earlier_report(report)
    cover, cover_revision = _cover(report, before, kept, unsent)
    is_restored = any(sheet.is_unsent for sheet in sheets) or any(box.is_unsent for box in cover)
    return Sheet(report, sheets, cover, cover_revision, is_restored)


def build_row(row, today):
    """One row of the page, as it is now."""
    row = _rows_of(row.report).get(pk=row.pk)
    kept = _kept_of(row.report, row)
    return _row_sheet(row, earlier_rows(row.report, row).get(row.task_id), kept, today, None)


def _rows_of(report):
    rows = report.rows.in_order().select_related("task__lead", "updated_by", "report__cycle")
    return rows.prefetch_related("evidence__uploaded_by", "contributions__agency", "contributions__answered_by")


def _kept_of(report, row=None):
    """{(row id or None, box): its kept texts}, newest last."""
    texts = report.kept_texts.filter(settled_at=None).select_related("by", "row")
    grouped = {}
    for kept in texts.filter(row=row) if row else texts:
        grouped.setdefault((kept.row_id, kept.field), []).append(_kept_sheet(kept, report))
    return grouped


def _kept_sheet(kept, report):
    instance = kept.row or report
    stored = getattr(instance, kept.field)
    by, at = writer_of(instance, kept.field)
    return KeptSheet(
        kept,
        words(kept.field, kept.text),
        as_text(stored),
        words(kept.field, as_text(stored)),
        by,
        at,
        kept.field in Progress.TEXTS or kept.field in COVER_FIELDS,
    )


def words(name, text):
    """A stored text as people read it: a state by its label."""
    return str(State(text).label) if name == "state" and text in State.values else text


def writer_of(instance, name):
    """(name, moment) of the person whose words a box holds now, read from the history."""
    versions = instance.history.order_by("-history_id").values_list(name, "history_user__full_name", "history_date")[:200]
    now, by, at = getattr(instance, name), "", None
    for value, person, moment in versions:
        if value != now:
            break
        by, at = person or "", moment
    return by, at


def _row_sheet(row, earlier, kept, today, unsent):
    prefix = f"r{row.pk}"
    changed = _unsent_changes(row, ROW_FIELDS, prefix, unsent)
    errors = ProgressForm(_overlay(row, ROW_FIELDS, prefix, changed), row=row, today=today).errors if changed else {}
    before = values_of(earlier, ROW_FIELDS) if earlier else {}
    earlier_words = _year_words(earlier.report.cycle) if earlier else ""
    boxes = {}
    for name in ROW_FIELDS:
        stored = as_text(getattr(row, name))
        boxes[name] = Box(
            name,
            f"{prefix}-{name}",
            LABELS[name],
            changed.get(name, stored),
            stored,
            words(name, as_text(before[name])) if earlier else "",
            earlier_words,
            kept.get((row.pk, name), []),
            errors[name][0] if name in errors else "",
            name in changed,
        )
    files = list(row.evidence.all())
    return RowSheet(
        row,
        boxes,
        earlier,
        copyable(row, earlier),
        copied(row, earlier),
        [file for file in files if not file.removed_at],
        [file for file in files if file.removed_at],
        list(row.contributions.all()),
        _revision(row, prefix, changed, unsent),
    )


def build_cover(report):
    """The boxes of the cover part, as they are now."""
    return _cover(report, None, _kept_of(report), None)[0]


def read_rows(report):
    """The rows for reading, with their files and contributions."""
    return list(_rows_of(report))


def kept_texts(report):
    """Every text that waits for a decision."""
    return [kept for texts in _kept_of(report).values() for kept in texts]


def _year_words(cycle):
    return _("Answer of {year}").format(year=cycle.year)


def _cover(report, before, kept, unsent):
    changed = _unsent_changes(report, COVER_FIELDS, "c", unsent)
    earlier_words = _year_words(before.cycle) if before else ""
    boxes = [
        Box(
            name,
            f"c-{name}",
            COVER_LABELS[name],
            changed.get(name, getattr(report, name)),
            getattr(report, name),
            getattr(before, name) if before else "",
            earlier_words,
            kept.get((None, name), []),
            is_unsent=name in changed,
        )
        for name in COVER_FIELDS
    ]
    return boxes, _revision(report, "c", changed, unsent)


def _unsent_changes(instance, fields, prefix, unsent):
    """The boxes that were typed in and not saved, without those that were only posted along."""
    posted = {name: clean(unsent[f"{prefix}-{name}"]) for name in fields if f"{prefix}-{name}" in (unsent or {})}
    if not posted:
        return {}
    base = base_of(instance, fields, whole_number(unsent.get(f"{prefix}-revision"), 0)) or {}
    stored = values_of(instance, fields)
    return {name: text for name, text in posted.items() if text != as_text(stored[name]) and text != as_text(base.get(name, ""))}


def _overlay(instance, fields, prefix, changed):
    """What the boxes show, as a form takes it."""
    return {f"{prefix}-{name}": changed.get(name, as_text(getattr(instance, name))) for name in fields}


def _revision(instance, prefix, changed, unsent):
    return whole_number(unsent.get(f"{prefix}-revision"), 0) if changed else instance.revision


# Saving --------------------------------------------------------------------------------------------------------------
@dataclass
class PageSaved:
    written: int = 0  # boxes
    kept: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)  # boxes that could not be read, as typed, with their revisions
    errors: list = field(default_factory=list)  # in words, with the task's code
    files: list = field(default_factory=list)
    is_closed: bool = False


def save_page(report, data, files, by, now):
    """Saves everything that the page posted. What cannot be read stays with the person; all else is written."""
    page, today = PageSaved(), timezone.localdate(now)
    for row in report.rows.in_order().select_related("task", "report__cycle"):
        prefix = f"r{row.pk}"
        if f"{prefix}-revision" not in data or row.is_settled:
            continue
        form = ProgressForm(data, row=row, today=today)
        _note(page, form, row, ROW_FIELDS, save_row, by, now)
        _save_files(page, row, files, by, now)
    if "c-revision" in data:
        _note(page, CoverForm(data, report=report), report, COVER_FIELDS, save_cover, by, now)
    return page


def _note(page, form, instance, fields, save, by, now):
    mine = form.written()
    revision = whole_number(form.data[form.add_prefix("revision")], 0)
    for name, messages in form.errors.items():
        page.refused[form.add_prefix(name)] = form.data[form.add_prefix(name)]
        page.errors.append(_named(instance, messages[0]))
    stored = values_of(instance, fields)
    if any(not _same(mine[name], stored[name]) for name in mine):
        saved = save(instance, mine, revision, by, now)
        page.written += len(saved.merged.values)
        page.kept += saved.kept
        page.is_closed |= saved.is_closed
        revision = saved.instance.revision
    if form.errors:
        page.refused[form.add_prefix("revision")] = str(revision)


def _named(instance, words):
    return f"{instance.task.code}: {words}" if isinstance(instance, Progress) else words


def _same(mine, stored):
    return (clean(mine) if isinstance(mine, str) else mine) == stored or (mine in NOTHING and stored in NOTHING)


def _save_files(page, row, files, by, now):
    for upload, content_type, error in EvidenceForm(None, files, row=row).checked():
        if error:
            page.errors.append(_named(row, error))
        else:
            page.files.append(store(row, upload, content_type, by, now))
