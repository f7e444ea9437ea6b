"""History records read aloud: who did what to which object and when, with the words that changed marked.

`of(report, report.rows.all())` tells the story of some objects, `recent(...)` that of the whole portal; both give events,
newest first, with a number of queries that depends on the kinds of objects and never on how many there are.

An app's models are told, and shown at /history/, once they are registered: the app has a module `story.py` with one
`timeline.register(Model, …)` for each model that keeps a history (tasks/story.py is an example). Nothing else is to be done:
ParkportalConfig.ready() imports every app's story.py when all models are there."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from django.db.models import DateField, Model, OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import User
from parkportal.wording import marked

ONE_SITTING = timedelta(minutes=30)
# What records of any app carry for the machine's sake.
UNTOLD = frozenset({"id", "revision", "updated_by", "updated_at", "is_demonstration"})

_registry, _posts = {}, []


def nothing(*_records):
    return None


def last_writer(record):
    return getattr(record, "updated_by_id", None)


@dataclass(frozen=True)
class Subject:
    """How the history of one model is told: what register() takes. All words are lazy, but for those that functions give."""

    name: Callable = str  # object -> what it is called
    url: Callable = lambda it: ""  # object -> where its story is read
    related: Collection[str] = ()  # what has to be loaded for name and url
    entered: str = gettext_lazy("entered it")  # the words for its beginning
    step: Callable = nothing  # record, previous -> the words of a change that is more than an edit, or None
    told_by_step: Collection[str] = ()  # fields that the words of a step already tell
    untold: Collection[str] = ()  # fields for the machine's sake, or told by the verb of the event
    internal: Collection[str] = ()  # fields of which whoever does not keep the object learns that they changed, and no more
    labels: dict[str, str] = field(default_factory=dict)  # of fields whose own name says nothing to a reader
    actor: Callable = last_writer  # record -> id of whom the object itself names; a job or a command has no request
    reason: Callable = nothing  # record, words of its step -> why; None: what was kept with the record
    removed: Callable = nothing  # record -> what an object was called that is no longer there


class Post(NamedTuple):
    """Somebody acts for an agency, from one day until another or without an end."""

    agency: str  # its abbreviation
    starts_on: date
    ends_on: date | None


def register(model, **how):
    """Has the history of a model (`history = HistoricalRecords()`) told as the fields of Subject say."""
    if model in _registry:
        raise ValueError(f"The story of {model._meta.label} is registered twice.")
    _registry[model] = Subject(**how)


def unregister(model):
    _registry.pop(model, None)


def register_posts(function):
    """`function` (ids of people) gives {id: [Post, …]}, the oldest first, in one query: for whom they acted and when."""
    _posts.append(function)


def models():
    """Every model whose history is told."""
    return list(_registry)


def turned(record, previous, name):
    """(before, after) of a field that this record changed, else None."""
    if previous is None or getattr(record, name) == getattr(previous, name):
        return None
    return getattr(previous, name), getattr(record, name)


def actor_id(record):
    """Who did it: the signed-in person, else the one whom the object itself names."""
    return record.history_user_id or _registry[record.instance_type].actor(record)


def verb(record, previous):
    """The words for a record that is more than an edit: a step in the life of the object. None for a plain edit."""
    if record.history_type == "-":
        return _("deleted it")
    subject = _registry[record.instance_type]
    return str(subject.entered) if record.history_type == "+" else subject.step(record, previous)


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


def of(*things, sees_internal=True):
    """The whole story of some objects or querysets of objects, newest event first."""
    ids = defaultdict(set)
    for thing in things:
        found = [thing] if isinstance(thing, Model) else list(thing)
        for instance in found:
            ids[type(instance)].add(instance.pk)
    records = []
    for model, pks in ids.items():
        records += model.history.filter(id__in=pks).select_related("history_user").order_by("history_id")
    return events(records, sees_internal)


def recent(kinds=None, *, by=None, since=None, until=None, offset=0, limit=100, sees_internal=True):
    """The portal's newest records as events: of some models, by one person or a queryset of people, between two moments."""
    newest = []
    for model in kinds or models():
        records = model.history.all()
        if by is not None:
            records = records.filter(history_user__in=[by] if isinstance(by, User) else by)
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
    return Page(events(records, sees_internal), offset + limit if len(newest) > offset + limit else None)


def events(records, sees_internal=True):
    """Events told by history records of any models, newest first. Records before the first given one are looked up."""
    lives = defaultdict(list)
    for record in sorted(records, key=lambda it: it.history_id):
        lives[record.instance_type, record.id].append(record)
    before = _records_before(lives)
    world = _World(lives, before, sees_internal)
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
    sees_internal: bool
    subjects: dict = field(init=False)
    people: dict = field(init=False)
    posts: dict = field(init=False)
    named: dict = field(init=False)

    def __post_init__(self):
        records = [record for life in self.lives.values() for record in life]
        self.subjects = {}
        for model in {model for model, _pk in self.lives}:
            pks = [pk for kind, pk in self.lives if kind is model]
            self.subjects[model] = model._default_manager.select_related(*_registry[model].related).in_bulk(pks)
        self.people = User.objects.in_bulk({pk for record in records if (pk := actor_id(record))})
        self.posts = defaultdict(list)
        for function in _posts:
            for pk, posts in function(list(self.people)).items():
                self.posts[pk] += posts
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
            reason=_reason(model, last, step),
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
            if step and column.name in _registry[model].told_by_step:
                continue
            old, new = getattr(before, column.attname), getattr(after, column.attname)
            if old != new:
                is_told = self.sees_internal or column.name not in _registry[model].internal
                words = (self._words(column, old), self._words(column, new)) if is_told else ("", _("internal"))
                yield Change(_label(model, column), *words)

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
        if isinstance(column, DateField):
            return date_format(value, "SHORT_DATE_FORMAT")
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        if isinstance(value, int) and "percent" in column.name:
            return f"{number_format(value)}%"
        return str(value)

    def _subject(self, model, record):
        instance = self.subjects[model].get(record.id)
        if instance is None:
            return f"{model._meta.verbose_name} {_registry[model].removed(record) or record.id}", ""
        return _registry[model].name(instance), _registry[model].url(instance)

    def _agency(self, who, moment):
        """The abbreviation of the agency for which the person acted on that day, else of any."""
        posts = self.posts[who.pk] if who else []
        day = timezone.localdate(moment)
        then = [it for it in posts if it.starts_on <= day and (it.ends_on is None or it.ends_on >= day)]
        return (then or posts)[-1].agency if posts else ""


def _reason(model, record, step):
    said = _registry[model].reason(record, step)
    return (record.history_change_reason or "") if said is None else said


def _told_fields(model):
    untold = UNTOLD.union(_registry[model].untold)
    return [column for column in model.history.model.tracked_fields if column.name not in untold]


def _label(model, column):
    return str(_registry[model].labels.get(column.name) or column.verbose_name)


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
