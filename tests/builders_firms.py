"""Builders of the registry: zones, firms and what belongs to them, in the smallest world in which each name is true."""

from itertools import count

from firms.models import Capability, Firm, Project, Zone
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
