"""What editors do with entries: write them, see what somebody else wrote meanwhile, review, take rows out and put them back.

Two people may have one page open. Each form carries the version that its writer saw; what the other one changed elsewhere
stays, and where both changed the same box nothing is saved: both versions are shown and the second press decides."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from firms.fieldwords import as_json, columns, described, from_json, label_of, shown
from firms.models import Certificate, Edition, Project, Review, Zone

REASON_LENGTH = 100


# Versions ------------------------------------------------------------------------------------------------------------
def version_of(instance):
    """The number of the newest history record of an object; 0 for one that was never saved."""
    if not instance.pk:
        return 0
    return instance.history.model.objects.filter(id=instance.pk).aggregate(Max("history_id"))["history_id__max"] or 0


def version_of_rows(model, **which):
    """The number of the newest record of any row of these, removed ones too."""
    return model.history.filter(**which).aggregate(Max("history_id"))["history_id__max"] or 0


@dataclass(frozen=True)
class Clash:
    """A box that two people changed: what stands there now, and what this one typed."""

    name: str
    label: str
    theirs: str
    mine: str


@dataclass
class Saved:
    """What became of one press: `clashes` or the form's errors mean that nothing was saved."""

    instance: object = None
    is_done: bool = False
    clashes: list = field(default_factory=list)
    kept: list = field(default_factory=list)  # labels of boxes that somebody else changed meanwhile; both changes stand
    theirs: list = field(default_factory=list)  # rows as they stand now, where rows clashed
    writer: str = ""  # who changed it meanwhile


def save_entry(make_form, instance, seen, by):
    """Saves a form over the entry as it is stored now. `make_form(instance)` binds it; gives (form, Saved)."""
    with transaction.atomic():
        if instance.pk:
            instance = type(instance).objects.select_for_update(of=("self",)).get(pk=instance.pk)
        stored = {name: as_json(instance, name) for name in columns(instance)}
        form = make_form(instance)
        if not form.is_valid():
            return form, Saved(instance)
        saved = Saved(form.instance)
        if instance.pk and seen != version_of(instance):
            _merge(form, stored, seen, saved)
        if saved.clashes:
            return form, saved
        form.instance._history_user = by
        if not instance.pk or any(as_json(form.instance, name) != was for name, was in stored.items()):
            try:
                with transaction.atomic():
                    form.save()
            except IntegrityError:
                form.add_error(None, _("Somebody has just given another entry the same code. Look for it in the registry."))
                return form, saved
            if isinstance(form.instance, Zone):
                Edition.turn()
        saved.is_done = True
        return form, saved


def _merge(form, stored, seen, saved):
    """Lets boxes that only the other one changed stand; names those that both changed."""
    instance = form.instance
    base = instance.history.model.objects.filter(id=instance.pk, history_id=seen).first()
    newest = instance.history.select_related("history_user").order_by("-history_id").first()
    saved.writer = str(newest.history_user or _("the portal itself"))
    for name in form.fields:
        if name not in stored:
            continue
        mine, theirs = as_json(instance, name), stored[name]
        was = as_json(base, name) if hasattr(base, name) else object()  # a history may leave fields out
        if mine == theirs or theirs == was:
            continue
        if mine == was:
            from_json(instance, name, theirs)
            saved.kept.append(label_of(instance, name))
        else:
            typed = shown(instance, name)
            from_json(instance, name, theirs)
            saved.clashes.append(Clash(name, label_of(instance, name), shown(instance, name), typed))
            from_json(instance, name, mine)


def save_rows(kind, owner, data, seen, by, **extra):
    """Saves the rows of one kind; gives (formset, Saved). A row that somebody else wrote meanwhile stops everything."""
    with transaction.atomic():
        type(owner).objects.select_for_update(of=("self",)).get(pk=owner.pk)
        rows = kind.formset(owner, data, **extra)
        which = {f"{kind.owner}_id": owner.pk}
        if not rows.is_valid():
            return rows, Saved(owner)
        now = version_of_rows(kind.model, **which, **_ids(extra))
        if seen != now:
            newest = kind.model.history.filter(**which).select_related("history_user").order_by("-history_id").first()
            writer = str(newest.history_user or _("the portal itself")) if newest else ""
            return rows, Saved(owner, theirs=[described(row) for row in rows.rows], writer=writer, clashes=[now])
        try:
            with transaction.atomic():
                write_rows(rows, by)
        except IntegrityError:
            rows.non_form_errors().append(_("Two rows say the same. Take one of them out, save, and change the other one then."))
            return rows, Saved(owner)
        if isinstance(owner, Zone):
            Edition.turn()
        return rows, Saved(owner, is_done=True)


def save_row(page, firm, row, data, seen, rows_seen, by):
    """Saves a project or product with the rows that belong to it, both or neither; (form, rows, Saved, Saved of the rows)."""
    inner, was_there = page.inner, bool(row.pk)
    with transaction.atomic():
        form, saved = save_entry(lambda it: page.form(data, instance=it), row, seen, by)
        if inner is None:
            return form, None, saved, Saved(firm)
        if not saved.is_done:
            rows = inner.formset(firm, data, project=row)
            rows.is_valid()
            return form, rows, saved, Saved(firm)
        # The rows of a new project hang on it from now on; if they are refused, it is not written either.
        rows, rows_saved = save_rows(inner, firm, data, rows_seen, by, project=saved.instance)
        if not rows_saved.is_done:
            transaction.set_rollback(True)
            saved.is_done = False
            if not was_there:
                form.instance.pk, form.instance._state.adding = None, True
        return form, rows, saved, rows_saved


def _ids(values):
    return {f"{name}_id": value.pk for name, value in values.items()}


def write_rows(rows, by):
    """Takes out what is marked, writes what has changed, adds what is new; each with its history."""
    chosen = [form for form in rows.forms if form.instance.pk or form.has_changed()]
    for form in chosen:
        if form.cleaned_data.get("DELETE") and form.instance.pk:
            form.instance._history_user = by
            form.instance.delete()
    for form in chosen:
        if not form.cleaned_data.get("DELETE") and (form.has_changed() or not form.instance.pk):
            form.instance._history_user = by
            form.save()


# Reviewing -----------------------------------------------------------------------------------------------------------
def mark_reviewed(entry, by):
    return _set_review(entry, Review.REVIEWED, by, "")


def mark_doubted(entry, by, reason):
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError(_("Say what has to be checked: whoever takes the entry up next reads it."))
    if len(reason) > REASON_LENGTH:
        raise ValidationError(_("Say it in at most {n} characters.").format(n=REASON_LENGTH))
    return _set_review(entry, Review.DOUBTED, by, reason)


def take_review_back(entry, by):
    return _set_review(entry, Review.LOADED, by, "")


def _set_review(entry, review, by, reason):
    """False where it stands so already, or where the entry was merged meanwhile."""
    with transaction.atomic():
        entry = type(entry).objects.select_for_update(of=("self",)).get(pk=entry.pk)
        if (entry.review == review and not reason) or getattr(entry, "merged_into_id", None):
            return False
        entry.review = review
        entry._history_user, entry._change_reason = by, reason or None
        entry.save()
        return True


def doubt_of(entry):
    """The record in which somebody said what has to be checked; None where the entry is in no doubt."""
    if entry.review != Review.DOUBTED:
        return None
    said = entry.history.filter(review=Review.DOUBTED).exclude(history_change_reason=None).exclude(history_change_reason="")
    return said.select_related("history_user").order_by("-history_id").first()


# Rows taken out, and put back ----------------------------------------------------------------------------------------
def take_out(row, by):
    """Removes a row of an entry; its history keeps it, and put_back() brings it again."""
    with transaction.atomic():
        row._history_user = by
        inner = list(Certificate.objects.filter(project=row)) if isinstance(row, Project) else []
        for one in inner:
            one._history_user = by
            one.delete()
        row.delete()


@dataclass(frozen=True)
class Gone:
    """A row that was taken out, as its last record tells it."""

    key: str  # model and record, as put_back() takes it
    kind: str
    name: str
    record: object


def gone_rows(models, limit=20, **which):
    """Rows of an owner that were taken out and are not back, newest first."""
    found = []
    for model in models:
        records = model.history.filter(history_type="-", **which).select_related("history_user").order_by("-history_id")[:limit]
        there = set(model._default_manager.filter(pk__in=[record.id for record in records]).values_list("pk", flat=True))
        told = set()
        for record in records:
            if record.id not in there and record.id not in told:
                told.add(record.id)
                key = f"{model._meta.model_name}:{record.history_id}"
                found.append(Gone(key, str(model._meta.verbose_name), described(record.instance), record))
    return sorted(found, key=lambda gone: gone.record.history_date, reverse=True)[:limit]


def put_back(key, models, by, **which):
    """Brings a row again under its old number, with the certificates that went with a project."""
    name, _colon, number = key.partition(":")
    model = next((model for model in models if model._meta.model_name == name), None)
    if model is None or not (number.isascii() and number.isdigit() and len(number) < 18):
        raise ValidationError(_("There is nothing to put back."))
    with transaction.atomic():
        record = model.history.filter(history_id=int(number), history_type="-", **which).first()
        if record is None or model._default_manager.filter(pk=record.id).exists():
            raise ValidationError(_("There is nothing to put back."))
        if model is Certificate and not Project.objects.filter(pk=record.project_id).exists():
            raise ValidationError(_("Put its project back first."))
        row = record.instance
        row._history_user = by
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as taken:
            raise ValidationError(_("Another row has taken its place since. Take that one out first.")) from taken
    return row


# What a project of a stage should have -------------------------------------------------------------------------------
def gaps(project, certificates):
    """What is missing at this stage, as sentences. They warn and never block: some sources do not say it."""
    stage, said = project.stage, []
    certified = stage in (Project.Stage.CERTIFIED, Project.Stage.BUILDING, Project.Stage.OPERATING)
    numbered = any(row.number or row.kind == Certificate.Kind.NOT_NEEDED for row in certificates)
    if certified and not numbered and not project.note:
        said.append(_("Certified, but no certificate has a number: add it, or say in a note why there is none."))
    if certified and project.capital is None and not any(row.capital is not None for row in certificates):
        said.append(_("Certified, but no registered capital is stated."))
    if certified and not (project.registered_on or project.registered_year or any(row.issued_on for row in certificates)):
        said.append(_("Certified, but nobody can see since when: add a day or a year."))
    if stage == Project.Stage.ENDED and not (project.ended_on or project.note):
        said.append(_("Ended, but not since when: add the day, or say in a note what is known."))
    if project.is_interest_only and certificates:
        said.append(_("There is a certificate, yet the stage says that nothing is certified. Correct one of them."))
    if project.stage != Project.Stage.ENDED and project.ended_on:
        said.append(_("A day of the end is stated, yet the stage does not say that the project ended."))
    return said
