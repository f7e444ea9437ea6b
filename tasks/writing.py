"""Writing an agency's report: two people's changes are merged box by box, and the text that finds its place taken is kept."""

from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.text import nfc
from tasks.models import AgencyReport, KeptText, Progress
from tasks.models.reports import agency_ids_of
from tasks.status import REPORTABLE, State

ROW_FIELDS = ["state", "percent", *Progress.TEXTS, "completed_on"]
COVER_FIELDS = AgencyReport.COVER
NOTHING = ("", None)


@dataclass(frozen=True)
class Merged:
    values: dict = field(default_factory=dict)  # what is written now
    theirs: list = field(default_factory=list)  # boxes in which another person's change stands and mine was none
    kept: dict = field(default_factory=dict)  # my values that found another person's change in their place


def merge(base, stored, mine):
    """Three-way merge of the boxes named in `mine`; `base` is what its writer had before her, None if nobody knows.

    Every text of either side ends in the result, or was there from the start, or is in `kept`."""
    merged = Merged()
    for name, value in mine.items():
        now, was = stored[name], base[name] if base else now_or_unknown(stored[name])
        if value == now:
            continue
        if value == was or value in NOTHING and now != was:
            merged.theirs.append(name)
        elif now == was or now in NOTHING or _holds(value, now):
            merged.values[name] = value
        elif _holds(now, value):
            merged.theirs.append(name)
        else:
            merged.kept[name] = value
    return merged


class _Unknown:
    """A base that equals nothing: each differing box counts as changed by both."""


def now_or_unknown(now):
    return now if now in NOTHING else _Unknown


def _holds(longer, shorter):
    """One text has the other inside, so writing it loses nothing (a repeated or continued save)."""
    return isinstance(longer, str) and isinstance(shorter, str) and shorter in longer


def clean(text):
    """A text as it is stored: composed characters, and one kind of line end whatever the browser sends."""
    return nfc(text.replace("\r\n", "\n").replace("\r", "\n"))


def as_text(value):
    """A box's value as the page and a kept text hold it."""
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def values_of(instance, fields):
    return {name: getattr(instance, name) for name in fields}


def base_of(instance, fields, revision):
    """What the boxes held at a revision, out of the history; None if the history does not reach there."""
    if revision == instance.revision:
        return values_of(instance, fields)
    past = instance.history.filter(revision=revision).order_by("-history_id").values(*fields).first()
    if past is None and revision == 0:
        return values_of(type(instance)(), fields)
    return past


@dataclass(frozen=True)
class Saved:
    """What became of one save. `instance` is the row, or the report for its cover part, as stored now."""

    instance: object
    merged: Merged
    kept: list = field(default_factory=list)
    is_closed: bool = False  # the report can no longer be written in; all that was new is in `kept`


def save_row(row, mine, revision, by, now):
    """Writes the boxes of one row that the writer changed since `revision`."""
    with transaction.atomic():
        report = AgencyReport.objects.held(row.report_id)
        row = Progress.objects.select_for_update(of=("self",)).select_related("task").get(pk=row.pk)
        row.report = report
        saved = _save(row, ROW_FIELDS, report, mine, revision, by, now, is_open=not row.is_settled)
        if saved.merged.values:
            row.updated_by, row.updated_at = by, now
            row.save()
            _begin(report, by)
        return saved


def save_cover(report, mine, revision, by, now):
    """Writes the boxes of the cover part that the writer changed since `revision`."""
    with transaction.atomic():
        report = AgencyReport.objects.held(report.pk)
        saved = _save(report, COVER_FIELDS, report, mine, revision, by, now)
        if saved.merged.values:
            if report.state == AgencyReport.State.EMPTY:
                report.state = AgencyReport.State.DRAFT
            report.save()
        return saved


def _save(instance, fields, report, mine, revision, by, now, is_open=True):
    """Merges into `instance` without saving it. The caller holds its lock."""
    mine = {name: clean(value) if isinstance(value, str) else value for name, value in mine.items() if name in fields}
    base, stored = base_of(instance, fields, revision), values_of(instance, fields)
    merged = merge(base, stored, mine)
    is_closed = not (is_open and report.can_edit(by, timezone.localdate(now)))
    if is_closed:
        merged = Merged(theirs=merged.theirs, kept=merged.kept | merged.values)
    kept = [_keep(report, instance, name, value, by, now) for name, value in merged.kept.items() if value not in NOTHING]
    if merged.values:
        for name, value in merged.values.items():
            setattr(instance, name, value)
        instance.revision += 1
        instance._history_user = by
    return Saved(instance, merged, kept, is_closed and bool(merged.kept))


def _begin(report, by):
    if report.state == AgencyReport.State.EMPTY:
        report.state = AgencyReport.State.DRAFT
        report._history_user = by
        report.save()


def _keep(report, instance, name, value, by, now):
    """Keeps a text beside the stored one; a longer version of what the same person had kept takes its place."""
    row, text = instance if isinstance(instance, Progress) else None, as_text(value)
    for kept in KeptText.objects.filter(report=report, row=row, field=name, by=by, settled_at=None):
        if kept.text in text:
            kept.text, kept.at = text, now
            kept.save()
            return kept
    return KeptText.objects.create(report=report, row=row, field=name, text=text, by=by, at=now)


def settle(kept, choice, by, now, seen=None):
    """Decides between a kept text and the stored one: "mine" is the kept text, "theirs" the stored, "both" joins them.

    `seen` is the stored text that the person had before her when she chose; if it has changed since, nothing happens."""
    with transaction.atomic():
        report = AgencyReport.objects.held(kept.report_id)
        if not report.can_edit(by, timezone.localdate(now)):
            raise ValidationError(_("The report cannot be written in now, so the choice must wait."))
        kept = KeptText.objects.select_for_update(of=("self",)).select_related("row").get(pk=kept.pk)
        if kept.settled_at:
            return kept
        instance = kept.row or report
        stored = getattr(instance, kept.field)
        if seen is not None and clean(seen) != as_text(stored):
            raise ValidationError(_("The stored text has just changed. Look at both versions again."))
        if choice != "theirs":
            setattr(instance, kept.field, _chosen(instance, kept, stored, choice))
            instance.revision += 1
            instance._history_user = by
            if kept.row:
                instance.updated_by, instance.updated_at = by, now
            instance.save()
        kept.settled_by, kept.settled_at = by, now
        kept.save()
        return kept


def _chosen(instance, kept, stored, choice):
    if choice == "both" and isinstance(stored, str) and kept.field != "state":
        return f"{stored}\n\n{kept.text}"
    return instance._meta.get_field(kept.field).to_python(kept.text)


def mark_nothing(row, is_nothing, by, now):
    """Answers a row with "nothing to report", or takes that back; what was typed stays."""
    return _change(row, lambda row: {"is_nothing_to_report": is_nothing}, by, now)


def append_contribution(contribution, by, now):
    """Adds a coordinating agency's answer to the end of the row's results, once."""
    text = f"{contribution.agency.name}: {contribution.answer}"

    def longer(row):
        return {} if text in row.results else {"results": f"{row.results}\n\n{text}".strip()}

    return _change(contribution.row, longer, by, now)


def _change(row, values_for, by, now):
    """Writes what `values_for` makes of the row as it is now, under its lock."""
    with transaction.atomic():
        report = AgencyReport.objects.held(row.report_id)
        row = Progress.objects.select_for_update(of=("self",)).select_related("task").get(pk=row.pk)
        row.report = report
        if row.is_settled or not report.can_edit(by, timezone.localdate(now)):
            raise ValidationError(_("The report cannot be written in now. Nothing was changed."))
        changed = {name: value for name, value in values_for(row).items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.revision += 1
            row.updated_by, row.updated_at, row._history_user = by, now, by
            row.save()
            _begin(report, by)
        return row


# Last year's answer --------------------------------------------------------------------------------------------------
def earlier_rows(report, row=None):
    """{task id: the row in which the task was last reported before this cycle}, of reports that were sent in."""
    rows = report.rows.filter(pk=row.pk) if row else report.rows
    earlier = Progress.objects.filter(
        task=OuterRef("task"),
        report__state__in=AgencyReport.SENT,
        report__cycle__agencies_due_on__lt=report.cycle.agencies_due_on,
    ).order_by("-report__cycle__agencies_due_on", "-pk")
    ids = rows.annotate(earlier=Subquery(earlier.values("pk")[:1])).values_list("earlier", flat=True)
    found = Progress.objects.filter(pk__in=[pk for pk in ids if pk]).select_related("report__cycle")
    return {earlier.task_id: earlier for earlier in found}


def earlier_report(report):
    """The same agency's last report before this cycle that was sent in, or None."""
    earlier = AgencyReport.objects.sent().filter(agency=report.agency_id, cycle__agencies_due_on__lt=report.cycle.agencies_due_on)
    return earlier.select_related("cycle").order_by("-cycle__agencies_due_on").first()


def copyable(row, earlier):
    """Boxes of last year's answer that can be taken over because this year's are still empty."""
    if earlier is None:
        return []
    names = [name for name in ["percent", *Progress.TEXTS] if getattr(row, name) in NOTHING]
    if not row.state and earlier.state in REPORTABLE and earlier.state != State.AWAITING:
        names.insert(0, "state")
    return [name for name in names if getattr(earlier, name) not in NOTHING]


def copied(row, earlier):
    """Boxes that hold exactly last year's words: what "take back" would empty."""
    if earlier is None:
        return []
    same = [name for name in Progress.TEXTS if getattr(row, name) and getattr(row, name) == getattr(earlier, name)]
    if not same:
        return []
    return same + [name for name in ["state", "percent"] if getattr(row, name) == getattr(earlier, name)]


def copy_earlier(row, by, now):
    """Fills the empty boxes of a row with last year's answer; typed text is never touched."""
    earlier = earlier_rows(row.report, row).get(row.task_id)
    return _change(row, lambda row: {name: getattr(earlier, name) for name in copyable(row, earlier)}, by, now)


def uncopy_earlier(row, by, now):
    """Empties the boxes that still hold exactly last year's words."""
    earlier, blank = earlier_rows(row.report, row).get(row.task_id), values_of(Progress(), ROW_FIELDS)
    return _change(row, lambda row: {name: blank[name] for name in copied(row, earlier)}, by, now)


def may_write(report, user, today):
    """A person of the agency that bears the duty, whether or not the report can be written in just now."""
    return report.agency_id in agency_ids_of(user, today)
