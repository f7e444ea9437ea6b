"""The way of an upload: received, read, mapped, checked, decided, imported. Each step is claimed for a minute at a time, so that
what a worker left when it died is taken up by the next one; what was done twice is done with the same result.

Moves from one state to the next are compare-and-set: two editors who press at once do not both win."""

import gc
import hashlib
import logging
from contextlib import contextmanager
from datetime import timedelta

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from firms.models import RememberedColumn, Upload
from firms.problems import Refused
from firms.uploads import annotating, checking, columns, guarding, importing, kept, reading
from parkportal.text import fold

LEASE = timedelta(seconds=60)
ANNOTATES_FOR = 600  # seconds; the largest list takes one or two minutes
State = Upload.State

log = logging.getLogger(__name__)


def receive(file, by, language):
    """A new upload, or Refused: type, size and directory are looked at before anything is stored."""
    name = guarding.clean_name(file.name)
    extension = guarding.kind_of(file, name)
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    upload = Upload(name=name, size=file.size, sha256=digest.hexdigest(), by=by, mapping={"options": {"language": language}})
    upload.file.save(f"{get_random_string(24)}.{extension}", file, save=False)
    upload.save()
    return upload


def move(upload, before, after, **values):
    """True if the upload was still in one of the states and is in the next one now."""
    moved = Upload.objects.filter(pk=upload.pk, state__in=before).update(state=after, **values)
    if moved:
        upload.refresh_from_db()
    return bool(moved)


# Work in the background -------------------------------------------------------------------------------------------
def work(pk, clock):
    """Does what the upload waits for, unless another worker has it in hand. `clock` tells the time at each new lease."""
    upload = _claim(pk, clock())
    if upload is None:
        return
    before = upload.state
    try:
        {State.READING: _read, State.CHECKING: _check, State.IMPORTING: _import}[before](upload, clock)
    except Refused as refusal:
        _fail(upload, before, refusal.key, refusal.values)
    except DatabaseError as reason:
        if before != State.IMPORTING:
            raise
        log.error("Upload %s was not imported: %s", upload.pk, reason, exc_info=reason)
        _fail(upload, before, "import_failed", {})
    except Exception as reason:  # whatever a hostile file makes a library do is told in words and kept in the log
        log.error("Upload %s failed while %s: %s", upload.pk, before, reason, exc_info=reason)
        _fail(upload, before, "import_failed" if before == State.IMPORTING else "check_failed", {})


def _claim(pk, now):
    """The upload, for this worker alone. One that another worker is importing is locked, and is left to it."""
    with transaction.atomic():
        found = Upload.objects.claimable(now).filter(pk=pk).select_for_update(skip_locked=True).first()
        if found:
            found.claimed_until = now + LEASE
            found.save(update_fields=["claimed_until"])
    return found


def _fail(upload, before, key, values):
    """Nothing was changed; an import that failed may be tried again, a file that cannot be read not."""
    after = State.READY if before == State.IMPORTING else State.FAILED
    Upload.objects.filter(pk=upload.pk, state=before).update(
        state=after, problem=key, problem_values=values, claimed_until=None, percent=0
    )


def unfinished(now):
    """Uploads that wait, or whose worker is no longer heard of: to be handed out again."""
    return list(Upload.objects.claimable(now).values_list("pk", flat=True))


def unannotated():
    """Uploads whose workbook with remarks is still to be made."""
    return list(
        Upload.objects.filter(state__in=[State.READY, State.DONE], annotated="").exclude(checked="").values_list("pk", flat=True)
    )


def _teller(upload, clock):
    """Tells how far the work is and prolongs the lease, not more often than the figure changes."""
    told = [upload.percent]

    def progress(percent):
        if percent > told[0]:
            told[0] = percent
            Upload.objects.filter(pk=upload.pk, state=upload.state).update(percent=percent, claimed_until=clock() + LEASE)

    return progress


def _table(upload, sheet=""):
    if not upload.file or not default_storage.exists(upload.file.name):
        raise Refused("file_gone")
    with upload.file.open() as file:
        content = _Sized(file.read(), upload.size)
    return reading.open_table(content, upload.name, sheet or upload.sheet, is_known=upload.state != State.READING)


@contextmanager
def _no_collector():
    """Every row stays until the work is done, and none refers to itself: to look for garbage among them takes a third of the
    time and finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Sized(ContentFile):
    """The whole file in memory, with its size: it is read more than once."""

    def __init__(self, content, size):
        super().__init__(content)
        self.size = size


def _read(upload, clock):
    """Looks into the file and proposes what each column is."""
    table = _table(upload)
    number, headings = reading.heading_row(table.rows)
    reading.rows_under(table.rows, number)
    move(upload, [State.READING], State.MAPPING, **_headed(upload, table, number, headings), claimed_until=None, percent=0)


def _headed(upload, table, number, headings):
    """What is kept of the headings, and a few cells under each for the editor to recognise the column by."""
    samples = [[] for _heading in headings]
    for row, cells in table.rows:
        if row > number:
            for place, cell in enumerate(cells[: len(headings)]):
                if cell != "" and len(samples[place]) < 3:
                    samples[place].append(reading.shown(cell)[:80])
    under = sum(1 for row, _cells in table.rows if row > number)
    options = upload.mapping.get("options", {})
    options |= {"sheets": table.sheets, "rows": under, "encoding": table.encoding}
    return {
        "sheet": table.sheet,
        "header_row": number,
        "columns": [{"heading": heading, "samples": sample} for heading, sample in zip(headings, samples, strict=True)],
        "mapping": columns.propose(headings) | {"options": options},
    }


def look_elsewhere(upload, sheet, header_row):
    """The editor says that the headings stand in another sheet or row; Refused where they do not."""
    table = _table(upload, sheet)
    number, headings = reading.heading_row(table.rows, header_row)
    reading.rows_under(table.rows, number)
    return move(upload, [State.MAPPING], State.MAPPING, **_headed(upload, table, number, headings))


def choose_columns(upload, mapping, options, by, now):
    """The editor's choice of columns: remembered, and the check begins. False if somebody else was quicker."""
    checking.verify(mapping)
    mapping = mapping | {"options": upload.mapping.get("options", {}) | options}
    if not move(
        upload, [State.MAPPING, State.READY], State.CHECKING,
        mapping=mapping, decisions={}, counts={}, percent=0, problem="", claimed_until=None,
    ):  # fmt: skip
        return False
    for place, column in enumerate(upload.columns):
        if heading := fold(column["heading"])[:200]:
            values = {"field": mapping.get(str(place), ""), "by": by, "used_at": now}
            RememberedColumn.objects.update_or_create(heading=heading, defaults=values)
    return True


def meanings(upload):
    """{place: meaning} without the options."""
    return {place: meaning for place, meaning in upload.mapping.items() if place.isdecimal()}


def _check(upload, clock):
    began, seen = clock(), upload.decisions.get("seen", {})
    progress = _teller(upload, clock)
    with _no_collector():
        table = _table(upload)
        progress(5)
        seen = {int(number): values for number, values in seen.items()}
        checked = checking.check(table, upload.header_row, meanings(upload), upload.mapping.get("options", {}), seen, progress)
        content = kept.pack(checked.rows)
    name = default_storage.save(f"imports/{began:%Y}/{get_random_string(24)}.rows", ContentFile(content))
    moved = move(
        upload, [State.CHECKING], State.READY, checked=name, annotated="", percent=100, claimed_until=None,
        counts=checked.counts | {"read_at": began.isoformat()},
    )  # fmt: skip
    if not moved:
        default_storage.delete(name)


def kept_rows(upload):
    """What the check found; Refused if the file is gone."""
    if not upload.checked or not default_storage.exists(upload.checked.name):
        raise Refused("file_gone")
    with upload.checked.open() as file:
        return kept.Kept(file)


# Deciding and importing -------------------------------------------------------------------------------------------
def start_import(upload, leave_out):
    """True if the import is queued now; `leave_out`: rows with errors are left out on purpose."""
    cache.delete(_progress_key(upload.pk))
    decisions = upload.decisions | {"leave_out": True} if leave_out else upload.decisions
    return move(
        upload, [State.READY], State.IMPORTING, percent=0, claimed_until=None, problem="", problem_values={}, decisions=decisions
    )


def withdraw(upload):
    """Takes the upload back in any state in which nothing has been written yet."""
    before = [State.READING, State.MAPPING, State.CHECKING, State.READY, State.FAILED]
    return move(upload, before, State.WITHDRAWN, claimed_until=None)


def percent_of(upload):
    """How far the work is. An import is one transaction, whose progress no other connection sees: it tells it to the cache."""
    if upload.state == State.IMPORTING:
        return cache.get(_progress_key(upload.pk), 0)
    return upload.percent


def _progress_key(pk):
    return f"upload-{pk}-percent"


def _import(upload, clock):
    rows = kept_rows(upload)
    claimed = upload.claimed_until

    def progress(percent):
        cache.set(_progress_key(upload.pk), percent, 600)

    try:
        with _no_collector(), transaction.atomic():
            held = Upload.objects.select_for_update().get(pk=upload.pk)
            if held.state != State.IMPORTING or held.claimed_until != claimed:
                return
            done = importing.write(held, rows, upload.by, clock(), progress)
            held.state, held.percent, held.claimed_until, held.imported_at = State.DONE, 100, None, clock()
            held.counts |= {"done": done.counts, "new_firms": done.firms[:200], "changed_firms": done.changed[:200]}
            held.save(update_fields=["state", "percent", "claimed_until", "imported_at", "counts"])
    except importing.Stale as stale:
        _check_again(upload, stale.seen)


def _check_again(upload, seen):
    """Somebody changed what the import was to change: the file is compared once more, with what the editor saw as the base."""
    decisions = {number: said for number, said in upload.decisions.items() if number not in map(str, seen)}
    decisions["seen"] = upload.decisions.get("seen", {}) | {str(number): values for number, values in seen.items()}
    decisions.pop("leave_out", None)
    Upload.objects.filter(pk=upload.pk, state=State.IMPORTING).update(
        state=State.CHECKING, percent=0, claimed_until=None, decisions=decisions, problem="row_stale"
    )


def forget_annotated(upload):
    """The workbook with remarks is no longer stored: it is made anew."""
    cache.delete(f"upload-{upload.pk}-{upload.checked.name}")
    Upload.objects.filter(pk=upload.pk).update(annotated="")


PATH = [
    (State.READING, _("File read")),
    (State.MAPPING, _("Columns confirmed")),
    (State.CHECKING, _("Rows checked")),
    (State.READY, _("Preview and decisions")),
    (State.IMPORTING, _("Written to the registry")),
]


def path(upload):
    """The steps of an upload, each done, now, or still to come; nothing for one that leads nowhere any more."""
    states = [state for state, _label in PATH]
    if upload.state not in [*states, State.DONE]:
        return []
    now = states.index(upload.state) if upload.state in states else len(states)
    marks = ["done" if place < now else "now" if place == now else "next" for place in range(len(states))]
    return [{"label": label, "mark": mark} for (_state, label), mark in zip(PATH, marks, strict=True)]


def annotate(pk):
    """The workbook with its remarks, made once the check is ready; one that cannot be made is tried again after a while."""
    upload = Upload.objects.filter(pk=pk, state__in=[State.READY, State.DONE], annotated="").select_related("by").first()
    if upload is None or not cache.add(f"upload-{pk}-{upload.checked.name}", True, ANNOTATES_FOR):
        return
    try:
        content = annotating.annotated(upload, _table(upload), kept_rows(upload), meanings(upload))
    except Refused:
        return  # the file is gone
    name = default_storage.save(f"imports/{timezone.now():%Y}/{get_random_string(24)}.xlsx", ContentFile(content))
    if not Upload.objects.filter(pk=pk, checked=upload.checked.name).update(annotated=name):
        default_storage.delete(name)
