"""How the history of zones and firms is told: registered with parkportal.timeline at the start."""

import re
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms.fieldwords import label_of
from firms.models import (
    Authority,
    Capability,
    Certificate,
    Contact,
    ExchangeRate,
    Firm,
    FirmActivity,
    FirmMerge,
    FirmName,
    FirmYear,
    LandFigures,
    Plot,
    Project,
    Qualification,
    Review,
    Zone,
    ZoneAuthority,
)
from parkportal import timeline
from parkportal.timeline import turned

OF_FIRM = [Project, Certificate, Capability, FirmName, FirmActivity, Qualification, FirmYear, Contact]
OF_ZONE = [LandFigures, ZoneAuthority, Plot]
ALL = [Firm, Zone, FirmMerge, *OF_FIRM, *OF_ZONE]
# What the directory tells of: not contacts, nor figures that may be confidential.
TOLD_TO_ALL = {Firm, Project, Certificate, Capability, FirmName, FirmActivity, Qualification}
INTERNAL = {"note", "is_public", "review"}
# Reasons that processes write; what people write stays as it is.
UPLOAD = re.compile(r"upload (\d+), row (\d+)")
MERGE = re.compile(r"(un)?merge (\d+)")
LOADED = re.compile(r"fixtures/registry\b.*")


def reason(record, _step):
    """Why it was done: the reasons that processes write, in the reader's language."""
    given = record.history_change_reason or ""
    if found := UPLOAD.fullmatch(given):
        return _("Imported: upload {number}, row {row}").format(number=found[1], row=found[2])
    if found := MERGE.fullmatch(given):
        return (_("Merge {number} undone") if found[1] else _("Merge {number}")).format(number=found[2])
    if LOADED.fullmatch(given):
        return _("Loaded from public sources")
    return given


def firm_step(record, previous):
    if merged := turned(record, previous, "merged_into_id"):
        return _("merged it into another entry") if merged[1] else _("took it out of the merge")
    if found := MERGE.fullmatch(record.history_change_reason or ""):
        return _("gave back what a merge had brought") if found[1] else _("merged another entry into it")
    if turned(record, previous, "confirmed_on") and record.confirmed_on:
        return _("wrote down that the firm confirmed its entry")
    if public := turned(record, previous, "is_public"):
        return _("showed it to everybody") if public[1] else _("hid it")
    return review_step(record, previous)


def review_step(record, previous):
    if review := turned(record, previous, "review"):
        return {
            Review.REVIEWED: _("marked it as reviewed"),
            Review.DOUBTED: _("marked it as to be checked"),
        }.get(review[1], _("took the review back"))
    return None


def row_step(record, previous):
    """Of what belongs to a firm: that a merge brought it from another one, or took it back."""
    if moved := turned(record, previous, "firm_id"):
        return _("moved it to another firm") if moved[1] else None
    return None


def merge_step(record, previous):
    return _("undid the merge") if turned(record, previous, "undone_at") else None


def firm_page(firm):
    """The public page; of a hidden firm the editor's, since it has no other."""
    return reverse("firm_detail" if firm.is_public else "firm_edit", args=[firm.code])


def zone_page(zone):
    return reverse("zone_detail" if zone.is_public else "zone_edit", args=[zone.code])


timeline.register(
    Firm,
    url=firm_page,
    step=firm_step,
    reason=reason,
    told_by_step={"merged_into", "review", "confirmed_on"},
    untold={"code", "created_at"},
)
timeline.register(Zone, url=zone_page, step=review_step, reason=reason, told_by_step={"review"})
for _model, _removed in {
    Project: lambda record: record.name,
    Certificate: lambda record: record.number,
    Capability: lambda record: record.name,
    FirmName: lambda record: record.name,
    FirmActivity: lambda record: record.code,
    Qualification: lambda record: record.kind,
    FirmYear: lambda record: f"{record.year} {record.get_kind_display()}",
    Contact: lambda record: record.position or record.email,
}.items():
    timeline.register(
        _model,
        name=lambda row: f"{row} ({row.firm})" if row._meta.model is not FirmYear else str(row),
        url=lambda row: firm_page(row.firm),
        related=["firm"],
        entered=gettext_lazy("added it"),
        step=row_step,
        reason=reason,
        told_by_step={"firm"},
        removed=_removed,
    )
for _model, _removed in {
    LandFigures: lambda record: str(record.as_of or record.as_of_words),
    ZoneAuthority: lambda record: str(record.starts_on or ""),
    Plot: lambda record: record.number,
}.items():
    timeline.register(
        _model,
        url=lambda row: zone_page(row.zone),
        related=["zone", "authority"] if _model is ZoneAuthority else ["zone"],
        entered=gettext_lazy("added it"),
        reason=reason,
        removed=_removed,
    )
timeline.register(Authority, reason=reason, untold={"key"})
timeline.register(ExchangeRate, reason=reason)
timeline.register(
    FirmMerge,
    url=lambda merge: reverse("merge_list"),
    related=["kept", "merged"],
    entered=gettext_lazy("merged two entries"),
    step=merge_step,
    untold={"moved", "by", "merged_at", "undone_by", "undone_at"},
    actor=lambda record: record.by_id,
)


# The story of one entry ---------------------------------------------------------------------------------------------
def of_firm(firm):
    """Everything that happened to a firm and to what belongs to it, removed rows too, newest first."""
    return timeline.events(chain(_records(Firm, id=firm.pk), *(_records(model, firm_id=firm.pk) for model in OF_FIRM)))


def of_zone(zone):
    return timeline.events(chain(_records(Zone, id=zone.pk), *(_records(model, zone_id=zone.pk) for model in OF_ZONE)))


def _records(model, **which):
    return model.history.filter(**which).select_related("history_user").order_by("history_id")


# What everybody may read ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """One day of an entry's story as everybody may read it: no names of people, no values."""

    on: date
    who: str
    sentences: list


def story_of(firm, limit=10):
    """What happened to a firm's public entry: days, the authority or the firm, and what was touched; newest first."""
    days, began = {}, None
    for model in [Firm, *(model for model in OF_FIRM if model in TOLD_TO_ALL)]:
        before = {}
        which = {"id": firm.pk} if model is Firm else {"firm_id": firm.pk}
        for record in model.history.filter(**which).order_by("history_id"):
            on = timezone.localdate(record.history_date)
            if model is Firm and record.history_type == "+":
                began = on
            who, sentence = _told(model, record, before.get(record.id))
            before[record.id] = record
            # What an entry began with is told by its beginning.
            if sentence and not (model is not Firm and on == began):
                days.setdefault((on, who), {})[sentence] = None
    lines = [Told(on, who, list(sentences)) for (on, who), sentences in days.items()]
    return sorted(lines, key=lambda line: line.on, reverse=True)[:limit]


def _told(model, record, previous):
    """(who, sentence), both in the reader's language; no sentence where nothing public happened."""
    authority = _("The authority")
    if model is not Firm and not getattr(record, "is_public", True):
        return authority, ""
    if record.history_type == "+":
        return authority, _("entered the firm") if model is Firm else _added(model, record)
    if record.history_type == "-":
        return authority, _("took out: {what}").format(what=_called(model, record))
    if previous is None:
        return authority, _added(model, record)
    names = [it.name for it in model.history.model.tracked_fields if turned(record, previous, it.attname)]
    if model is Firm and "confirmed_on" in names and record.confirmed_on:
        return _("The firm"), _("confirmed its entry")
    labels = [label_of(model, name) for name in names if name not in INTERNAL | {"firm", "merged_into"}]
    if not labels:
        return authority, ""
    if model is Firm:
        return authority, _("changed: {fields}").format(fields=", ".join(labels))
    return authority, _("changed {what}: {fields}").format(what=_called(model, record), fields=", ".join(labels))


def _added(model, record):
    return _("added: {what}").format(what=_called(model, record))


def _called(model, record):
    """ "project Nhà máy linh kiện": what kind of row it is, and its own name."""
    name = (
        getattr(record, "name", "") or getattr(record, "number", "") or getattr(record, "kind", "") or getattr(record, "code", "")
    )
    return f"{model._meta.verbose_name} {name}".strip()
