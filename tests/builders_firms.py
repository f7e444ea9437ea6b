"""Builders of the registry: zones, firms and what belongs to them, in the smallest world in which each name is true."""

import io
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from firms.models import Capability, Firm, Project, Upload, Zone
from firms.uploads import steps
from parkportal.models import User
from tests.builders import make_user

_serial = count(1)


def make_editor(name="Bùi Hải Yến", **fields):
    return make_user(name, User.Role.EDITOR, **fields)


def make_zone(name="Khu công nghệ cao Đà Nẵng", code=None, kind=Zone.Kind.HIGH_TECH_PARK, **fields):
    return Zone.objects.create(code=code or f"KHU-{next(_serial)}", name=name, kind=kind, **fields)


def make_firm(name="Công ty TNHH Cơ khí chính xác Sông Hàn", zone=None, **fields):
    values = {"status": Firm.Status.OPERATING, "confidence": "high", "source": "https://example.org/nguon"} | fields
    return Firm.objects.create(name=name, zone=zone, **values)


def make_project(firm, name="Nhà máy linh kiện", **fields):
    values = {"zone": firm.zone, "stage": Project.Stage.OPERATING, "confidence": "high"} | fields
    return Project.objects.create(firm=firm, name=name, **values)


def make_capability(firm, name="Gia công CNC 5 trục", kind=Capability.Kind.PROCESS, **fields):
    return Capability.objects.create(firm=firm, name=name, kind=kind, **fields)


def make_upload(by, state=Upload.State.READY, **fields):
    """An upload without its files: enough for whoever asks only whether she may open it."""
    values = {"name": "danh-sach.xlsx", "size": 1, "sha256": "0" * 64} | fields
    return Upload.objects.create(by=by, state=state, **values)


def workbook(rows, heads=(), sheet="Danh sách"):
    """The content of a workbook with these rows of cells under the headings."""
    book = Workbook()
    book.active.title = sheet
    for row in ([heads] if heads else []) + list(rows):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def receive(content, by=None, name="danh-sach.xlsx"):
    """An upload of this content whose columns are still to be confirmed."""
    upload = steps.receive(SimpleUploadedFile(name, content), by or make_editor(), "vi")
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    return upload


def check_upload(content, by=None, name="danh-sach.xlsx", options=None, mapping=None):
    """An upload of this content as its preview has it: columns as they were recognised, every row checked."""
    upload = receive(content, by, name)
    steps.choose_columns(upload, mapping or steps.meanings(upload), options or {}, upload.by, timezone.now())
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    return upload


def import_upload(upload, leave_out=False):
    assert steps.start_import(upload, leave_out)
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    return upload
