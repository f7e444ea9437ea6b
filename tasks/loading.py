"""Loads Plan 2812, its agencies with their successions, and the public holidays out of fixtures/.

Only what is missing is created: a second run changes nothing, so corrections that people made since stay."""

import json
from datetime import date

from django.conf import settings
from django.db import transaction

from parkportal.text import name_key
from tasks.models import Agency, AgencyAlias, Holiday, Plan, Succession, Task, TaskCoordinator, TaskReference

FIXTURES = settings.BASE_DIR / "fixtures"
PERIOD_FIELDS = {"period": "running", "deliverable": "effective_deliverable"}


def read(name):
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


@transaction.atomic
def load_all():
    """Numbers of agencies, successions, tasks and holidays created."""
    agencies, successions = load_agencies(read("agencies.json"))
    return {
        "agencies": agencies,
        "successions": successions,
        "tasks": load_plan(read("plan_2812.json")),
        "holidays": load_holidays(read("holidays.json")),
    }


def load_agencies(fixture):
    known = {agency.key: agency for agency in Agency.objects.all()}
    created = 0
    for entry in fixture["agencies"]:
        if entry["key"] in known:
            continue
        fields = {name: value for name, value in entry.items() if name not in ("aliases", "dissolved_on")}
        agency = Agency.objects.create(dissolved_on=_day(entry["dissolved_on"]), **fields)
        known[agency.key] = agency
        created += 1
        for alias in {name_key(alias): alias for alias in entry["aliases"]}.values():
            AgencyAlias.objects.get_or_create(key=name_key(alias), defaults={"agency": agency, "name": alias})
    return created, sum(_load_succession(entry, known) for entry in fixture["successions"])


def _load_succession(entry, agencies):
    if entry["confidence"] != "high":
        raise ValueError(f"{entry['predecessor']}: only well-sourced successions move duties.")
    fields = {name: entry[name] for name in ("change", "legal_basis", "source_url", "note")}
    _, is_new = Succession.objects.get_or_create(
        predecessor=agencies[entry["predecessor"]],
        defaults={"successor": agencies[entry["successor"]], "effective_on": _day(entry["effective_on"]), **fields},
    )
    return is_new


def load_plan(fixture):
    head = {name: value for name, value in fixture["plan"].items() if name in {f.name for f in Plan._meta.fields}}
    plan, _ = Plan.objects.get_or_create(code=head.pop("code"), defaults=head | {"issued_on": _day(fixture["plan"]["issued_on"])})
    agencies = {agency.key: agency for agency in Agency.objects.all()}
    rows = {task.code: task for task in plan.tasks.all()}
    created = 0
    for entry in fixture["rows"]:
        if entry["code"] not in rows:
            rows[entry["code"]] = _load_row(plan, entry, rows, agencies)
            created += 1
    return created


def _load_row(plan, entry, rows, agencies):
    parent = rows.get(entry["parent"])
    task = Task(
        plan=plan,
        parent=parent,
        group=(parent.group or parent) if parent else None,
        code=entry["code"],
        position=entry["position"],
        depth=parent.depth + 1 if parent else 0,
        content=entry["content"],
        content_en=entry["content_en"],
        lead=agencies[entry["lead"]] if entry["lead"] else None,
        kind=entry["kind"],
        effective_kind=entry["kind"] or (parent.effective_kind if parent else ""),
        unsure=entry.get("unsure", []),
        **{f"printed_{cell}": text for cell, text in entry["printed"].items()},
    )
    for cell, inherited in PERIOD_FIELDS.items():
        _set_years(task, cell, _years(entry[cell]))
        own = _years(entry[cell])
        _set_years(task, inherited, own if own[0] != "none" or not parent else _get_years(parent, inherited))
    task.save()
    TaskCoordinator.objects.bulk_create(
        TaskCoordinator(task=task, position=place, text=body["text"], agency=agencies.get(body["agency"]))
        for place, body in enumerate(entry["coordinators"])
    )
    TaskReference.objects.bulk_create(
        TaskReference(task=task, kind=other["kind"], number=other["number"], issued_on=_day(other["date"]), text=other["text"])
        for other in entry["references"]
    )
    return task


def _years(cell):
    """(kind, first year, last year) of a parsed cell."""
    first = cell.get("start", cell.get("year"))
    return cell["kind"], first, cell.get("end", first)


def _get_years(task, prefix):
    return tuple(getattr(task, f"{prefix}_{part}") for part in ("kind", "starts", "ends"))


def _set_years(task, prefix, years):
    for part, value in zip(("kind", "starts", "ends"), years, strict=True):
        setattr(task, f"{prefix}_{part}", value)


def load_holidays(entries):
    fields = ("name", "name_en", "is_confirmed", "source")
    return sum(
        Holiday.objects.get_or_create(date=_day(entry["date"]), defaults={name: entry[name] for name in fields})[1]
        for entry in entries
    )


def _day(text):
    return date.fromisoformat(text) if text else None
