"""Files that people attach: what they really are, how large they may be, and how they are handed out."""

import os
import zipfile

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from parkportal.text import nfc

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


def response(file, name, content_type):
    """The file as a download that runs nowhere and is kept by no cache."""
    answer = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
