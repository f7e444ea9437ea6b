"""Files of the consolidated report: asking for one, making it in the background, and taking up what a dead worker left.

What has been asked for, how far it is and whether it is ready stands in the database; a file of the same content is made
once. Parts of a PDF are kept by their content, so that after an edit only what changed is laid out again."""

import hashlib
import logging
import re
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from tasks.documents import docx, pdf, xlsx
from tasks.models import Rendition
from tasks.report import document_of
from tasks.yearreport import YearReport

LEASE = timedelta(seconds=60)  # progress is told every few seconds; a worker silent for longer is taken for dead
PARTS = "rendition-parts"
PARTS_KEPT = timedelta(days=14)

log = logging.getLogger(__name__)


def ask(report, format, by, today, now):
    """The file of the report's present content: the ready one if there is one, else one that is queued now."""
    document = document_of(report, today)
    with transaction.atomic():
        rendition, is_new = Rendition.objects.select_for_update().get_or_create(
            report=report,
            format=format,
            sha256=document.digest(),
            defaults={"asked_by": by, "asked_at": now, "content": document.as_json()},
        )
        if is_new:
            return rendition
        rendition.asked_by, rendition.asked_at = by, now
        if not _is_usable(rendition, now):
            rendition.state, rendition.percent, rendition.error = Rendition.State.QUEUED, 0, ""
            rendition.content, rendition.claimed_until = document.as_json(), None
        rendition.save()
    return rendition


def _is_usable(rendition, now):
    """Waiting, in the hands of a worker that is heard of, or made and still on the disk."""
    if rendition.is_ready:
        return default_storage.exists(rendition.file.name)
    return rendition.is_unfinished and not (rendition.claimed_until and rendition.claimed_until < now)


def make(pk, clock):
    """Makes the file unless another worker has it. `clock` tells the time whenever the lease is prolonged."""
    now = clock()
    claimed = Rendition.objects.claimable(now).filter(pk=pk)
    if not claimed.update(state=Rendition.State.RUNNING, claimed_until=now + LEASE, percent=1, error=""):
        return
    rendition = Rendition.objects.get(pk=pk)

    def progress(percent):
        Rendition.objects.filter(pk=pk, percent__lte=percent).update(percent=percent, claimed_until=clock() + LEASE)

    try:
        content = _made(rendition, progress)
        name = _store(f"renditions/{rendition.sha256}.{rendition.format}", content)
    except pdf.NotPossibleHere as reason:
        _fail(rendition, Rendition.Failure.LIBRARIES, reason)
    except OSError as reason:
        _fail(rendition, Rendition.Failure.STORAGE, reason)
    except Exception as reason:  # whatever goes wrong in somebody else's library is told in words and kept in the log
        _fail(rendition, Rendition.Failure.LAYOUT, reason)
    else:
        Rendition.objects.filter(pk=pk).update(
            state=Rendition.State.READY, percent=100, file=name, content=None, ready_at=clock(), claimed_until=None
        )


def _made(rendition, progress):
    document = YearReport.from_json(rendition.content)
    if rendition.format == Rendition.Format.PDF:
        return pdf.make(document, KeptParts(), progress)
    progress(30)
    return {Rendition.Format.DOCX: docx.make, Rendition.Format.XLSX: xlsx.make}[rendition.format](document)


def _fail(rendition, failure, reason):
    log.error("Rendition %s (%s) failed: %s", rendition.pk, rendition.format, reason, exc_info=reason)
    Rendition.objects.filter(pk=rendition.pk).update(state=Rendition.State.FAILED, error=failure, claimed_until=None)


def _store(name, content):
    """The file under exactly this name, in place of what a worker that died while writing may have left there."""
    if default_storage.exists(name):
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(content))


def unfinished(now):
    """Those that no worker has in hand: to be handed out again."""
    return list(Rendition.objects.claimable(now).filter(asked_at__lt=now - LEASE).values_list("pk", flat=True))


def forget_old_parts(now):
    """Deletes parts that were made long ago; one that is still needed is laid out again."""
    if not default_storage.exists(PARTS):
        return
    for name in default_storage.listdir(PARTS)[1]:
        path = f"{PARTS}/{name}"
        if default_storage.get_modified_time(path) < now - PARTS_KEPT:
            default_storage.delete(path)


class KeptParts:
    """Laid out parts on the disk. Each begins with the hash of the rest: one that was cut off while being written is no part."""

    def get(self, key):
        try:
            with default_storage.open(self._path(key)) as file:
                content = file.read()
        except FileNotFoundError:
            return None
        mark, part = content[:32], content[32:]
        return part if hashlib.sha256(part).digest() == mark else None

    def put(self, key, part):
        _store(self._path(key), hashlib.sha256(part).digest() + part)

    def _path(self, key):
        return f"{PARTS}/{key}.part"


def file_name(rendition):
    """bao-cao-05-BC-SKHCN-2026.pdf; du-thao-bao-cao-2812-KH-UBND-2026.pdf while a draft."""
    report, year = rendition.report, rendition.report.cycle.year
    words = f"bao-cao-{report.full_number}" if report.is_issued else f"du-thao-bao-cao-{report.cycle.plan.code}"
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', words)}-{year}.{rendition.format}"


def why_not(format):
    """Why this format cannot be made here, or nothing."""
    return pdf.why_not() if format == Rendition.Format.PDF else ""
