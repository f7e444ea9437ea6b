"""History records read aloud: who did what to which object and when, with the words that changed marked.

`of(report, report.rows.all())` tells the story of some objects, `recent(...)` that of the whole portal; both give events,
newest first, with a number of queries that depends on the kinds of objects and never on how many there are."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from django.db import models
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import User
from parkportal.wording import marked
from tasks.deeds import TOLD_BY_STEP, actor_id, verb
from tasks.models import (
    Agency,
    AgencyReport,
    ConsolidatedReport,
    Contribution,
    Evidence,
    Membership,
    Progress,
    ReportingCycle,
    ReportParagraph,
    Succession,
    Task,
)

ONE_SITTING = timedelta(minutes=30)

# What every record carries for the machine's sake, or what the verb of the event already says.
UNTOLD = {
    "id", "revision", "updated_by", "updated_at", "submitted_by", "submitted_at", "first_submitted_at", "returned_by",
    "returned_at", "accepted_by", "accepted_at", "uploaded_by", "uploaded_at", "removed_by", "removed_at", "asked_by", "asked_at",
    "answered_by", "answered_at", "issued_by", "issued_at", "opened_at", "closed_at", "prepared_at", "is_demonstration",
    "date_joined", "content_type", "size", "sha256", "file", "verification", "sources", "prefilled", "key", "depth",
    "plan", "cycle", "report", "row", "task",
}  # fmt: skip
UNTOLD_OF = {ConsolidatedReport: {"content"}}
# Fields whose own name says nothing to a reader.
LABELS = {
    "period_kind": gettext_lazy("Period"),
    "period_starts": gettext_lazy("Period starts"),
    "period_ends": gettext_lazy("Period ends"),
    "running_kind": gettext_lazy("Period after inheritance"),
    "running_starts": gettext_lazy("Period starts"),
    "running_ends": gettext_lazy("Period ends"),
    "deliverable_kind": gettext_lazy("Deliverable"),
    "deliverable_starts": gettext_lazy("Deliverable from"),
    "deliverable_ends": gettext_lazy("Deliverable until"),
    "effective_deliverable_kind": gettext_lazy("Deliverable"),
    "effective_deliverable_starts": gettext_lazy("Deliverable from"),
    "effective_deliverable_ends": gettext_lazy("Deliverable until"),
    "effective_kind": gettext_lazy("Kind"),
    "unsure": gettext_lazy("What is not verified"),
    "position": gettext_lazy("Place"),
    "parent": gettext_lazy("Heading above"),
    "group": gettext_lazy("Group"),
    "agency_name": gettext_lazy("Agency's name in the report"),
    "is_settled": gettext_lazy("Completed in an earlier cycle"),
    "is_removed": gettext_lazy("Left out"),
    "is_superuser": gettext_lazy("All rights"),
    "section": gettext_lazy("Section"),
    "text": gettext_lazy("Text"),
    "edition": gettext_lazy("Edition"),
}

# What an object is called in its events, where its story is told, and what has to be loaded for that in one query.
SUBJECTS = {
    Task: ((), str, lambda task: reverse("task_detail", args=[task.code])),
    AgencyReport: (("cycle",), str, lambda report: reverse("report_detail", args=[report.pk])),
    Progress: (
        ("task", "report__cycle"),
        lambda row: f"{row.task.code}, {row.report.agency_name}, {row.report.cycle}",
        lambda row: reverse("task_detail", args=[row.task.code]),
    ),
    ReportingCycle: ((), str, lambda cycle: reverse("cycle_detail", args=[cycle.pk])),
    Agency: ((), str, lambda agency: reverse("agency_detail", args=[agency.key])),
    Succession: (("predecessor", "successor"), str, lambda it: reverse("agency_detail", args=[it.predecessor.key])),
    Membership: (("user", "agency"), str, lambda it: reverse("agency_detail", args=[it.agency.key])),
    User: ((), str, None),
    ConsolidatedReport: (("cycle",), str, lambda report: reverse("consolidated_detail", args=[report.pk])),
    ReportParagraph: (
        ("report__cycle",),
        lambda it: f"{it.report}, {it.section}",
        lambda it: reverse("consolidated_detail", args=[it.report_id]),
    ),
    Evidence: (("row__task",), str, lambda it: reverse("task_detail", args=[it.row.task.code])),
    Contribution: (
        ("row__task", "agency"),
        lambda it: f"{it.row.task.code}, {it.agency.short}",
        lambda it: reverse("task_detail", args=[it.row.task.code]),
    ),
}
MODELS = list(SUBJECTS)


@dataclass(frozen=True)
class Change:
    """One field before and after, as its reader would see it."""

    label: str
    before: str
    after: str

    @cached_property
    def diff(self):
        return marked(self.before, self.after)


@dataclass(frozen=True)
class Event:
    """One line of a timeline: `at`, `who` (`agency`) `sentence`, and what changed in it."""

    at: datetime  # of the last record; `began_at` of the first, where several were merged
    began_at: datetime
    who: str
    agency: str
    sentence: str
    subject: str = ""
    url: str = ""
    kind: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = ()
    user_id: int | None = None
    object_id: int | None = None
    merged: int = 1
    model: type | None = None
    is_beginning: bool = False  # the object was made
    is_step: bool = False  # a step in the object's life (sent in, accepted …), not an edit


@dataclass(frozen=True)
class Page:
    """Events of some of the newest records, and where the next page of records begins (None at the end)."""

    events: list[Event]
    next_offset: int | None


def of(*things):
    """The whole story of some objects or querysets of objects, newest event first."""
    ids = defaultdict(set)
    for thing in things:
        found = [thing] if isinstance(thing, models.Model) else list(thing)
        for instance in found:
            ids[type(instance)].add(instance.pk)
    records = []
    for model, pks in ids.items():
        records += model.history.filter(id__in=pks).select_related("history_user").order_by("history_id")
    return events(records)


def recent(kinds=None, *, by=None, agency=None, since=None, until=None, offset=0, limit=100):
    """The portal's newest records as events: of some models, by one person or an agency's people, between two moments."""
    newest = []
    for model in kinds or MODELS:
        records = model.history.all()
        if by:
            records = records.filter(history_user=by)
        if agency:
            records = records.filter(history_user__memberships__agency=agency).distinct()
        if since:
            records = records.filter(history_date__gte=since)
        if until:
            records = records.filter(history_date__lt=until)
        first = records.order_by("-history_date", "-history_id").values_list("history_date", "history_id")[: offset + limit + 1]
        newest += [(moment, pk, model) for moment, pk in first]
    newest.sort(key=lambda it: (it[0], it[1], it[2].__name__), reverse=True)
    chosen = defaultdict(list)
    for _moment, pk, model in newest[offset : offset + limit]:
        chosen[model].append(pk)
    records = []
    for model, pks in chosen.items():
        records += model.history.filter(history_id__in=pks).select_related("history_user").order_by("history_id")
    return Page(events(records), offset + limit if len(newest) > offset + limit else None)


def events(records):
    """Events told by history records of any models, newest first. Records before the first given one are looked up."""
    lives = defaultdict(list)
    for record in sorted(records, key=lambda it: it.history_id):
        lives[record.instance_type, record.id].append(record)
    before = _records_before(lives)
    world = _World(lives, before)
    told = []
    for (model, pk), life in lives.items():
        previous = before.get((model, pk))
        for sitting in _sittings(life, previous):
            if event := world.event(model, sitting, previous):
                told.append(event)
            previous = sitting[-1]
    return sorted(reversed(told), key=lambda event: event.at, reverse=True)


def _records_before(lives):
    """{(model, id): the record just before the first given one}, for objects whose story does not begin here."""
    first = defaultdict(list)
    for (model, _pk), life in lives.items():
        if life[0].history_type != "+":
            first[model].append(life[0].history_id)
    found = {}
    for model, pks in first.items():
        history = model.history.model.objects
        earlier = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
        wanted = history.filter(history_id__in=pks).annotate(earlier=Subquery(earlier.values("history_id")[:1]))
        for record in history.filter(history_id__in=list(wanted.values_list("earlier", flat=True))):
            found[model, record.id] = record
    return found


def _sittings(life, previous):
    """Consecutive plain edits by one person within half an hour, together; everything else by itself."""
    sitting = []
    for record in life:
        plain = record.history_type == "~" and not verb(record, previous)
        if sitting and not (
            plain and actor_id(record) == actor_id(sitting[0]) and record.history_date - sitting[0].history_date <= ONE_SITTING
        ):
            yield sitting
            sitting = []
        sitting.append(record)
        if not plain:
            yield sitting
            sitting = []
        previous = record
    if sitting:
        yield sitting


@dataclass
class _World:
    """Everything that the records refer to, loaded once: people, their agencies, objects' names, foreign keys."""

    lives: dict
    before: dict
    subjects: dict = field(init=False)
    people: dict = field(init=False)
    posts: dict = field(init=False)
    named: dict = field(init=False)

    def __post_init__(self):
        records = [record for life in self.lives.values() for record in life]
        self.subjects = {}
        for model in {model for model, _pk in self.lives}:
            related, _name, _url = SUBJECTS[model]
            pks = [pk for kind, pk in self.lives if kind is model]
            self.subjects[model] = model._default_manager.select_related(*related).in_bulk(pks)
        self.people = User.objects.in_bulk({pk for record in records if (pk := actor_id(record))})
        self.posts = defaultdict(list)
        for post in Membership.objects.filter(user__in=self.people).select_related("agency").order_by("starts_on"):
            self.posts[post.user_id].append(post)
        self.named = _names_of_foreign_keys(self.lives, self.before)

    def event(self, model, sitting, previous):
        last = sitting[-1]
        step = verb(last, previous) if len(sitting) == 1 else None
        changes = () if last.history_type != "~" else tuple(self._changes(model, previous, last, step))
        if not step and not changes:
            if not self._wavered(model, sitting, previous):
                return None
            sentence = _("edited it and put everything back")
        else:
            sentence = step or _("edited %(fields)s") % {"fields": "; ".join(change.label for change in changes)}
        subject, url = self._subject(model, last)
        who = self.people.get(actor_id(last))
        return Event(
            at=last.history_date,
            began_at=sitting[0].history_date,
            who=str(who) if who else _("the portal itself"),
            agency=self._agency(who, last.history_date),
            sentence=sentence,
            subject=subject,
            url=url,
            kind=str(model._meta.verbose_name),
            reason=self._reason(model, last, previous, step),
            changes=changes,
            user_id=who.pk if who else None,
            object_id=last.id,
            merged=len(sitting),
            model=model,
            is_beginning=last.history_type == "+",
            is_step=bool(step),
        )

    def _changes(self, model, before, after, step=None):
        if before is None:
            return
        for column in _told_fields(model):
            if step and column.name in TOLD_BY_STEP:
                continue
            old, new = getattr(before, column.attname), getattr(after, column.attname)
            if old != new:
                yield Change(_label(column), self._words(column, old), self._words(column, new))

    def _wavered(self, model, sitting, previous):
        """True if somebody changed something and changed it back within one sitting."""
        steps = zip([previous, *sitting], sitting, strict=False)
        return any(next(self._changes(model, before, after), None) for before, after in steps)

    def _words(self, column, value):
        if value is None or value == "":
            return ""
        if column.is_relation:
            return str(self.named.get(column.related_model, {}).get(value, value))
        if column.flatchoices:
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        if isinstance(column, models.DateField):
            return date_format(value, "SHORT_DATE_FORMAT")
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        if isinstance(value, int) and "percent" in column.name:
            return f"{number_format(value)}%"
        return str(value)

    def _subject(self, model, record):
        _related, name, url = SUBJECTS[model]
        instance = self.subjects[model].get(record.id)
        if instance is None:
            return f"{model._meta.verbose_name} {record.id}", ""
        return name(instance), url(instance) if url else ""

    def _agency(self, who, moment):
        """The abbreviation of the agency for which the person acted on that day, else of any."""
        posts = self.posts[who.pk] if who else []
        day = timezone.localdate(moment)
        then = [it for it in posts if it.starts_on <= day and (it.ends_on is None or it.ends_on >= day)]
        return (then or posts)[-1].agency.short if posts else ""

    def _reason(self, model, record, previous, step):
        if step and model is AgencyReport and record.state == AgencyReport.State.RETURNED:
            return record.return_reason
        return record.history_change_reason or ""


def _told_fields(model):
    untold = UNTOLD | UNTOLD_OF.get(model, set())
    return [column for column in model.history.model.tracked_fields if column.name not in untold]


def _label(column):
    return str(LABELS.get(column.name) or column.verbose_name)


def _names_of_foreign_keys(lives, before):
    """{model: {id: object}} for every foreign key that changed within the lives told."""
    wanted = defaultdict(set)
    for (model, pk), life in lives.items():
        links = [column for column in _told_fields(model) if column.is_relation]
        for old, new in pairwise([before.get((model, pk)), *life]):
            for column in links:
                values = {getattr(record, column.attname) for record in (old, new) if record}
                if old and len(values) > 1:
                    wanted[column.related_model] |= values - {None}
    return {model: model._default_manager.in_bulk(ids) for model, ids in wanted.items()}
