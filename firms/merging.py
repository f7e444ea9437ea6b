"""Two entries that are one firm become one: told before it is done, done as a whole, and undone as a whole.

The merged entry stays, hidden, and its number leads to the kept one. `FirmMerge.moved` holds what has to be put back:
{"rows": {"firms.project.firm": [pks]}, "fields": {name: [before, after]} of the kept entry, "merged_fields": the same of the
merged one, "names": [pks of the names written], "pairs": [[pk, verdict, decided_by, decided_at]]}."""

import hashlib
import json
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges
from simple_history.utils import bulk_update_with_history

from firms.fieldwords import as_json, from_json, is_blank, label_of, shown
from firms.models import (
    Capability,
    Certificate,
    ConfirmationLink,
    Contact,
    Correction,
    Enquiry,
    Firm,
    FirmActivity,
    FirmMerge,
    FirmName,
    FirmYear,
    LikelyPair,
    Project,
    Qualification,
)
from parkportal.text import fold

# Told by the merge itself, or of the entry rather than of the firm.
UNCHOSEN = {"source", "note", "unsure", "review", "is_public"}
NAMES = ["name", "name_en", "native_name", "short_name"]
LONGEST_CHAIN = 50


class Stale(ValidationError):
    """What the editor was shown is no longer what would happen."""


@dataclass(frozen=True)
class Relation:
    """What becomes of the rows of a model that point to a merged firm."""

    moves: bool = True  # else they stay with the merged entry: they tell of the entry, not of the firm
    once: tuple = ()  # fields of which the kept firm can have each value once: a second row stays with the merged entry
    is_single: bool = False  # a firm can have one such row alone: a second one stays with the merged entry
    through: str = ""  # the rows point to what the firm has one of by this name (its partner), not to the firm itself
    apart: str = ""  # a row of which this field names the kept one already stays: it would lead from a thing to itself
    label: str = ""  # where the model has no name for people


RELATIONS = {}


def relate(model, name, **how):
    """Says what a merge does with the rows of a model whose field `name` points to a firm. Other apps register theirs."""
    RELATIONS[model, name] = Relation(**how)


def owner_of(firm, how):
    """What the rows of a relation point to: the firm, or what it has one of; None where it has none."""
    return getattr(firm, how.through, None) if how.through else firm


def unrelate(model, name):
    RELATIONS.pop((model, name), None)


for _model in (FirmName, Contact, Qualification, Capability, Project, Certificate, ConfirmationLink, Correction, Enquiry):
    relate(_model, "firm")
relate(FirmActivity, "firm", once=("version", "code"))
relate(FirmYear, "firm", once=("year", "kind"))
relate(Firm, "moved_to")
relate(Firm, "merged_into", moves=False)  # a chain of merges is followed, and undone from its end
relate(LikelyPair, "first", moves=False)
relate(LikelyPair, "second", moves=False)
relate(FirmMerge, "kept", moves=False)
relate(FirmMerge, "merged", moves=False)


def unknown_relations():
    """Foreign keys to a firm of which nobody has said what a merge does with them."""
    found = []
    for relation in Firm._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.is_relation) or relation.concrete:
            continue
        model = relation.related_model
        if not issubclass(model, HistoricalChanges) and (model, relation.field.name) not in RELATIONS:
            found.append(f"{model._meta.label}.{relation.field.name}")
    return found


# Where a number leads -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Found:
    firm: Firm
    is_redirect: bool  # the number was another entry's, which was merged into this one


def resolve(code):
    """The firm that a registry number leads to today, through every merge; None where there never was such a number."""
    firm = Firm.objects.filter(code=code).select_related("merged_into", "zone").first()
    if firm is None:
        return None
    final = final_of(firm)
    return Found(final, final.pk != firm.pk)


def final_of(firm):
    """The entry that stands for the firm today."""
    for _step in range(LONGEST_CHAIN):
        if firm.merged_into_id is None:
            break
        firm = firm.merged_into
    return firm


# Before it is done --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One field: what the kept entry says and what the merged one says."""

    name: str
    label: str
    kept: str
    merged: str


@dataclass(frozen=True)
class Move:
    """The rows of one kind that move, and those that stay because the kept firm has the same already."""

    model: type
    name: str
    label: str
    rows: list
    stays: list = field(default_factory=list)

    @property
    def key(self):
        return f"{self.model._meta.label_lower}.{self.name}"


@dataclass(frozen=True)
class Plan:
    kept: Firm
    merged: Firm
    moves: list
    fills: list  # blank in the kept entry: filled from the merged one
    differs: list  # the editor chooses
    names: list  # that become other names of the kept firm, if the kept one's own name stays
    warnings: list

    @property
    def total(self):
        return sum(len(move.rows) for move in self.moves)

    @property
    def fingerprint(self):
        """Changes when anything changes that the editor was shown."""
        seen = [[line.name, line.kept, line.merged] for line in self.fills + self.differs]
        seen += [[move.key, [row.pk for row in move.rows], [row.pk for row in move.stays]] for move in self.moves]
        return hashlib.sha256(json.dumps([self.kept.pk, self.merged.pk, seen]).encode()).hexdigest()[:32]


def plan(kept, merged):
    """What merging `merged` into `kept` would do; ValidationError in words where it cannot be done."""
    if unknown := unknown_relations():
        message = _("Something new refers to firms, and merging does not know it yet: {names}. Nothing was changed.")
        raise ValidationError(message.format(names=", ".join(unknown)))
    _refuse_impossible(kept, merged)
    fills, differs = _lines(kept, merged)
    moves = [move for key, how in RELATIONS.items() if how.moves and (move := _move(*key, how, kept, merged))]
    return Plan(kept, merged, moves, fills, differs, _other_names(kept, merged), _warnings(kept, merged, moves))


def _refuse_impossible(kept, merged):
    if kept.pk == merged.pk:
        raise ValidationError(_("Choose two different entries: this is one and the same."))
    for firm in (kept, merged):
        if firm.merged_into_id:
            message = _("{code} was merged into {other} already. Choose {other} instead.")
            raise ValidationError(message.format(code=firm.code, other=final_of(firm).code))


def chosen_fields():
    """Fields of a firm of which a merge keeps one or the other."""
    return [it.name for it in Firm._meta.concrete_fields if it.editable and it.name not in UNCHOSEN and not it.primary_key]


def _lines(kept, merged):
    fills, differs = [], []
    for name in chosen_fields():
        if is_blank(merged, name) or as_json(kept, name) == as_json(merged, name):
            continue
        if name == "moved_to" and merged.moved_to_id == kept.pk:
            continue
        line = Line(name, label_of(Firm, name), shown(kept, name), shown(merged, name))
        (fills if is_blank(kept, name) else differs).append(line)
    return fills, differs


def compared(first, second, names):
    """Lines of two firms side by side; `differs` where both say something and not the same."""
    lines = []
    for name in names:
        one, other = shown(first, name), shown(second, name)
        if one or other:
            lines.append(
                {"label": label_of(Firm, name), "one": one, "other": other, "differs": bool(one and other and one != other)}
            )
    return lines


def _move(model, name, how, kept, merged):
    to, of = owner_of(kept, how), owner_of(merged, how)
    if to is None or of is None:  # what the kept firm lacks comes as a whole, with all that points to it
        return None
    rows = list(model._default_manager.filter(**{name: of}).order_by("pk"))
    if model is Firm:
        rows = [row for row in rows if row.pk != kept.pk]
    taken = taken_by(model, name, how, to, rows)
    stays = [row for row in rows if row in taken]
    rows = [row for row in rows if row not in stays]
    label = how.label or (_("firms that moved to it") if model is Firm else model._meta.verbose_name_plural)
    return Move(model, name, capfirst(str(label)), rows, stays) if rows or stays else None


def taken_by(model, name, how, owner, rows):
    """Those of the rows for which a firm (or its partner) has no room, since it has the same already."""
    if how.apart:
        return [row for row in rows if getattr(row, f"{how.apart}_id") == owner.pk]
    if not rows or not (how.once or how.is_single):
        return []
    theirs = model._default_manager.filter(**{name: owner})
    if how.is_single:
        return rows if theirs.exists() else []
    taken = set(theirs.values_list(*how.once))
    return [row for row in rows if tuple(getattr(row, it) for it in how.once) in taken]


def _other_names(kept, merged):
    """(name, kind) of every name of the merged entry that the kept one would lack."""
    known = {fold(text) for text in [getattr(kept, name) for name in NAMES] if text}
    known |= {fold(name) for name in FirmName.objects.filter(firm__in=[kept, merged]).values_list("name", flat=True)}
    found = []
    for name in NAMES:
        text = getattr(merged, name)
        if text and fold(text) not in known:
            known.add(fold(text))
            found.append((text, FirmName.Kind.NATIVE if name == "native_name" else FirmName.Kind.VARIANT))
    return found


def _warnings(kept, merged, moves):
    said = []
    if kept.tax_code and merged.tax_code and kept.tax_code != merged.tax_code:
        said.append(_("The two tax codes are both valid and differ: most often these are two firms, or a firm and its branch."))
    if kept.zone_id and merged.zone_id and kept.zone_id != merged.zone_id:
        said.append(_("They stand in different zones."))
    mine = {fold(project.name) for project in kept.projects.all()}
    for move in moves:
        if move.model is Project and (alike := [row.name for row in move.rows if fold(row.name) in mine]):
            said.append(_("Afterwards the firm has two projects of this name: {names}.").format(names="; ".join(alike)))
    if not merged.is_public and kept.is_public:
        said.append(_("{code} is hidden. What moves is public afterwards.").format(code=merged.code))
    return said


# Doing it -----------------------------------------------------------------------------------------------------------
def locked(*firms):
    """The firms as stored, in the order given, held until the transaction ends; always locked in the same order."""
    found = {firm.pk: firm for firm in Firm.objects.select_for_update(of=("self",)).filter(pk__in=firms).order_by("pk")}
    return [found[pk] for pk in firms]


def merge(kept, merged, choices, by, now, reason="", seen=None):
    """Merges as planned. `choices` maps a differing field to "merged" where that one's value is right; `seen` is the
    fingerprint of the plan that the editor was shown."""
    with transaction.atomic():
        kept, merged = locked(kept.pk, merged.pk)
        found = plan(kept, merged)
        if seen is not None and seen != found.fingerprint:
            raise Stale(_("One of the two entries has changed since you looked. Look at the plan once more."))
        done = FirmMerge(kept=kept, merged=merged, by=by, merged_at=now, reason=reason)
        done._history_user = by
        done.save()
        why = f"merge {done.pk}"
        taken = [line.name for line in found.fills] + [it.name for it in found.differs if choices.get(it.name) == "merged"]
        before = {firm: {name: as_json(firm, name) for name in _all_fields()} for firm in (kept, merged)}
        names = _taken_names(kept, merged, taken)
        _take(kept, merged, taken)
        rows = {move.key: [row.pk for row in move.rows] for move in found.moves if move.rows}
        for firm in (merged, kept):  # the merged one first: it gives its tax code away
            firm._history_user, firm._change_reason = by, why
            firm.save()
        for move in found.moves:
            send(move.model, move.name, move.rows, owner_of(kept, RELATIONS[move.model, move.name]), by, why)
        done.moved = {
            "rows": rows,
            "fields": _changed(kept, before[kept]),
            "merged_fields": _changed(merged, before[merged]),
            "names": [_name(kept, merged, text, kind, by, why).pk for text, kind in names],
            "pairs": _settle_pair(kept, merged, by, now),
        }
        done.save_without_historical_record()
        return done


def _all_fields():
    return [it.name for it in Firm._meta.concrete_fields if (it.editable or it.name == "merged_into") and not it.primary_key]


def _changed(firm, before):
    return {name: [was, as_json(firm, name)] for name, was in before.items() if was != as_json(firm, name)}


def _taken_names(kept, merged, taken):
    """The names to be written: the merged entry's, or those of the kept one that give way to them."""
    after = {name: getattr(merged if name in taken else kept, name) for name in NAMES}
    known = {fold(text) for text in after.values() if text}
    known |= {fold(name) for name in FirmName.objects.filter(firm__in=[kept, merged]).values_list("name", flat=True)}
    found = []
    for firm in (kept, merged):
        for name in NAMES:
            text = getattr(firm, name)
            if text and fold(text) not in known:
                known.add(fold(text))
                found.append((text, FirmName.Kind.NATIVE if name == "native_name" else FirmName.Kind.VARIANT))
    return found


def _take(kept, merged, taken):
    """Fills and chosen fields, their doubts with them; sources and notes of both stand one under the other."""
    for name in taken:
        from_json(kept, name, as_json(merged, name))
    doubts = {name: why for name, why in kept.unsure.items() if name not in taken}
    kept.unsure = doubts | {name: why for name, why in merged.unsure.items() if name in taken}
    kept.source = "\n".join(dict.fromkeys([*kept.sources, *merged.sources]))
    kept.note = "\n".join(filter(None, dict.fromkeys([kept.note.strip(), merged.note.strip()])))
    if kept.moved_to_id in (kept.pk, merged.pk):
        kept.moved_to = None
    if "tax_code" in taken:
        merged.tax_code = None
    merged.merged_into, merged.is_public = kept, False


def send(model, name, rows, to, by, why):
    """Points rows at another firm; those whose model keeps a history tell it."""
    if not rows:
        return
    for row in rows:
        setattr(row, name, to)
    if model is Firm:
        for row in rows:
            row._history_user, row._change_reason = by, why
            row.save()
    elif hasattr(model, "history"):
        bulk_update_with_history(rows, model, [name], batch_size=500, default_user=by, default_change_reason=why)
    else:
        model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**{name: to})


def _name(kept, merged, text, kind, by, why):
    name = FirmName(firm=kept, name=text[:250], kind=kind, source=merged.source, confidence=merged.confidence)
    name._history_user, name._change_reason = by, why
    name.save()
    return name


def _settle_pair(kept, merged, by, now):
    """The question whether the two are one is answered; what stood there before, to be put back."""
    first, second = sorted([kept.pk, merged.pk])
    pair = LikelyPair.objects.filter(first=first, second=second).first()
    if pair is None:
        return []
    before = [pair.pk, pair.verdict, pair.decided_by_id, pair.decided_at.isoformat() if pair.decided_at else None]
    pair.verdict, pair.decided_by, pair.decided_at = LikelyPair.Verdict.SAME, by, now
    pair.save()
    return [before]
