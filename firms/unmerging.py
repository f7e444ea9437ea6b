"""A merge taken back: everything that moved returns. What since prevents it, or stays as it is now, is said in words first."""

from dataclasses import dataclass, field

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firms.fieldwords import as_json, from_json, label_of
from firms.merging import RELATIONS, Relation, final_of, locked, owner_of, send, taken_by
from firms.models import Firm, FirmMerge, FirmName, LikelyPair


@dataclass
class Return:
    """What undoing a merge would do today."""

    merge: FirmMerge
    obstacles: list = field(default_factory=list)  # it cannot be undone
    remarks: list = field(default_factory=list)  # it can, but this stays as somebody left it since
    rows: dict = field(default_factory=dict)  # {(model, field): rows that go back}
    fields: dict = field(default_factory=dict)  # {name: value before} of the kept entry

    @property
    def total(self):
        return sum(len(rows) for rows in self.rows.values())


def look(merge):
    """What would return, what prevents it and what would not."""
    found = Return(merge)
    if merge.undone_at:
        day = date_format(localtime(merge.undone_at), "SHORT_DATE_FORMAT")
        found.obstacles.append(_("This merge was undone on {day} already.").format(day=day))
        return found
    if merge.kept.merged_into_id:
        message = _("{kept} itself was merged into {other} since. Undo that merge first.")
        found.obstacles.append(message.format(kept=merge.kept.code, other=final_of(merge.kept).code))
    for key, pks in merge.moved.get("rows", {}).items():
        _look_at_rows(found, key, pks)
    _look_at_fields(found)
    _look_at_codes(found)
    return found


def _look_at_rows(found, key, pks):
    label, name = key.rsplit(".", 1)
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        found.obstacles.append(_("Rows of a kind that the portal no longer has were moved ({name}).").format(name=label))
        return
    how = RELATIONS.get((model, name), Relation())
    kept, merged = owner_of(found.merge.kept, how), owner_of(found.merge.merged, how)
    rows = list(model._default_manager.filter(pk__in=pks).order_by("pk"))
    back = [row for row in rows if kept and merged and getattr(row, f"{name}_id") == kept.pk]
    if lacking := len(pks) - len(back):
        words = ngettext(
            "{n} row of {kind} was removed or moved on since and does not come back.",
            "{n} rows of {kind} were removed or moved on since and do not come back.",
            lacking,
        )
        found.remarks.append(words.format(n=lacking, kind=model._meta.verbose_name_plural))
    for row in taken_by(model, name, how, merged, back):
        message = _("The merged entry has got “{row}” of its own since. Remove it first.")
        found.obstacles.append(message.format(row=row))
    found.rows[model, name] = back


def _look_at_fields(found):
    for name, (before, after) in found.merge.moved.get("fields", {}).items():
        if as_json(found.merge.kept, name) == after:
            found.fields[name] = before
        else:
            words = _("“{field}” of the kept entry was changed since and stays as it is.")
            found.remarks.append(words.format(field=label_of(Firm, name)))


def _look_at_codes(found):
    """Tax codes are unique: one that goes back must not have been given to a third firm meanwhile."""
    merge = found.merge
    back = [found.fields.get("tax_code"), merge.moved.get("merged_fields", {}).get("tax_code", [None])[0]]
    others = Firm.objects.filter(tax_code__in=[code for code in back if code]).exclude(pk__in=[merge.kept_id, merge.merged_id])
    for firm in others:
        message = _("The tax code {tax_code} was given to {firm} ({code}) since. Correct that first.")
        found.obstacles.append(message.format(tax_code=firm.tax_code, firm=firm, code=firm.code))


def undo(merge, by, now):
    """Puts everything back; ValidationError in words where something prevents it. Gives what was found."""
    with transaction.atomic():
        merge = FirmMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        merge.kept, merge.merged = kept, merged = locked(merge.kept_id, merge.merged_id)
        found = look(merge)
        if found.obstacles:
            raise ValidationError(found.obstacles)
        why = f"unmerge {merge.pk}"
        for (model, name), rows in found.rows.items():
            send(model, name, rows, owner_of(merged, RELATIONS.get((model, name), Relation())), by, why)
        for name in FirmName.objects.filter(pk__in=merge.moved.get("names", []), firm=kept):
            name._history_user, name._change_reason = by, why
            name.delete()
        for name, before in found.fields.items():
            from_json(kept, name, before)
        for name, (before, _after) in merge.moved.get("merged_fields", {}).items():
            from_json(merged, name, before)
        for firm in (kept, merged):  # the kept one first: it gives the tax code back
            firm._history_user, firm._change_reason = by, why
            firm.save()
        _ask_again(merge)
        merge.undone_by, merge.undone_at = by, now
        merge._history_user = by
        merge.save()
        return found


def _ask_again(merge):
    """The pair's verdict as it was before the merge, unless somebody has said something else since."""
    for pk, verdict, decided_by, decided_at in merge.moved.get("pairs", []):
        LikelyPair.objects.filter(pk=pk, verdict=LikelyPair.Verdict.SAME).update(
            verdict=verdict, decided_by=decided_by, decided_at=parse_datetime(decided_at) if decided_at else None
        )
