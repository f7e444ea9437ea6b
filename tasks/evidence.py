"""Evidence files: what they really are, how large they may be, and where they are kept."""

import os
import zipfile

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.text import nfc
from tasks.models import AgencyReport, Evidence

_OOXML = "application/vnd.openxmlformats-officedocument"
TYPES = {
    ".pdf": "application/pdf",
    ".docx": f"{_OOXML}.wordprocessingml.document",
    ".xlsx": f"{_OOXML}.spreadsheetml.sheet",
    ".pptx": f"{_OOXML}.presentationml.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}
ACCEPT = ",".join(TYPES)
# The part that makes a zip container a document of its kind.
_MAIN_PART = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx", "ppt/presentation.xml": ".pptx"}
# Streams of the old container format, in UTF-16 as its directory writes them.
_OLD_STREAMS = {".doc": ["WordDocument"], ".xls": ["Workbook", "Book"]}
_OLD_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def limit_in_words():
    return filesizeformat(settings.EVIDENCE_MAX_BYTES)


def check_upload(upload):
    """The content type of an upload whose content, name and size are in order; else an error that says what to do."""
    name = clean_name(upload.name)
    if not upload.size:
        raise ValidationError(_("“{name}” is empty. Choose the file that holds the document.").format(name=name))
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        raise ValidationError(
            _("“{name}” is larger than {limit}. Choose a smaller file.").format(name=name, limit=limit_in_words())
        )
    extension, found = os.path.splitext(name)[1].lower(), content_extensions(upload)
    if not found:
        raise ValidationError(
            _(
                "“{name}” is no file that can be attached. Choose a PDF, Word, Excel or PowerPoint file, or a JPG or PNG picture."
            ).format(name=name)
        )
    if extension not in found:
        raise ValidationError(
            _("“{name}” holds another kind of file ({found}) than its name says. Save it again under the right name.").format(
                name=name, found=", ".join(sorted(found))
            )
        )
    return TYPES[extension]


def clean_name(name):
    """The sender's file name without folders and control characters, short enough to store."""
    name = "".join(c for c in nfc(os.path.basename(name.replace("\\", "/"))) if c.isprintable())
    stem, extension = os.path.splitext(name)
    return f"{stem[: 200 - len(extension)]}{extension}"


def content_extensions(upload):
    """The extensions, among those accepted, that the content itself agrees with; empty if none."""
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(upload)
    if head.startswith(_OLD_HEAD):
        return _of_old_container(upload)
    try:
        names = {match.extension for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()
    if head.startswith(b"%PDF-"):
        return {".pdf"}
    if names & {".jpg", ".jpeg"} and head.startswith(b"\xff\xd8\xff"):
        return {".jpg", ".jpeg"}
    return {".png"} if ".png" in names and head.startswith(b"\x89PNG\r\n\x1a\n") else set()


def _of_zip(upload):
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):  # what a damaged directory of the archive raises
        return set()
    finally:
        upload.seek(0)
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return set()
    return {extension for part, extension in _MAIN_PART.items() if part in names}


def _of_old_container(upload):
    content = upload.read()
    upload.seek(0)
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        return set()
    return {e for e, streams in _OLD_STREAMS.items() if any(s.encode("utf-16-le") in content for s in streams)}


def store(row, upload, content_type, by, now):
    """Keeps a checked upload with its row. The same content twice in one row is kept once."""
    digest = Evidence.digest(upload)
    upload.seek(0)
    with transaction.atomic():
        _require_writable(row, by, now)
        same = row.evidence.filter(sha256=digest, removed_at=None).first()
        if same:
            return same
        evidence = Evidence(
            row=row,
            name=clean_name(upload.name),
            content_type=content_type,
            size=upload.size,
            sha256=digest,
            uploaded_by=by,
            uploaded_at=now,
        )
        evidence.file.save(evidence.name, upload, save=False)
        evidence._history_user = by
        evidence.save()
        return evidence


def remove(evidence, by, now):
    """Hides a file; it stays on disk and can be brought back."""
    return _hide(evidence, by, now, removed_by=by, removed_at=now)


def restore(evidence, by, now):
    return _hide(evidence, by, now, removed_by=None, removed_at=None)


def _hide(evidence, by, now, **values):
    with transaction.atomic():
        _require_writable(evidence.row, by, now)
        for name, value in values.items():
            setattr(evidence, name, value)
        evidence._history_user = by
        evidence.save(update_fields=list(values))
        return evidence


def _require_writable(row, by, now):
    report = AgencyReport.objects.held(row.report_id)
    if row.is_settled or not report.can_edit(by, timezone.localdate(now)):
        raise ValidationError(_("The report cannot be written in now, so its files stay as they are."))
