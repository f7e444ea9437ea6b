"""What stood in the registry on a day: public firms and projects as plain rows, kept in memory, asked for any day.

A date is often known to the year only, or not at all. So whether a row stood on a past day has three answers: it did, it did
not, or nobody can say. The last is told apart and never counted. Today is different: a row that is in the registry and not
over stands today, whatever day it began on."""

import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from operator import attrgetter

from django.db import connection
from django.utils.translation import get_language

from firms.models import Certificate, Edition, Firm, FirmYear, Project
from firms.tally import Tally

FIRM_COLUMNS = [
    "pk", "code", "name", "name_en", "capital_type", "country", "zone_id", "sector_id", "status", "founded_year",
]  # fmt: skip
PROJECT_COLUMNS = [
    "pk", "firm_id", "name", "name_en", "zone_id", "stage", "registered_on", "registered_year", "ended_on", "capital",
    "currency", "jobs_planned",
]  # fmt: skip
GONE = [Firm.Status.CLOSED, Firm.Status.REVOKED, Firm.Status.MOVED]
OVER = [Firm.Status.CLOSED, Firm.Status.REVOKED]  # a firm that moved away may have left its project to another one
KEPT = 16  # days (and zones) whose rows stay counted
READ_AGAIN = 300  # seconds after which rows are read again even if no edition was turned (a process died in between)


class Titled:
    """A row with its name in both languages."""

    __slots__ = ()

    @property
    def title(self):
        names = (self.name_en, self.name) if get_language() == "en" else (self.name, self.name_en)
        return names[0] or names[1]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something stood. It began between `first` and `last`; both are None where no source says."""

    first: date | None = None
    last: date | None = None
    ended_on: date | None = None
    is_over: bool = False

    @classmethod
    @lru_cache(maxsize=20_000)
    def of(cls, day, year, ended_on=None, is_over=False):
        if day:
            return cls(day, day, ended_on, is_over)
        if year and date.min.year <= year <= date.max.year:
            return cls(date(year, 1, 1), date(year, 12, 31), ended_on, is_over)
        return cls(None, None, ended_on, is_over)

    @classmethod
    @lru_cache(maxsize=20_000)
    def between(cls, first, last, ended_on, is_over):
        return cls(first, last, ended_on, is_over)

    @property
    def year(self):
        return self.first.year if self.first else None

    def stood(self, day, today):
        """True, False, or None where the dates do not tell. On the day on which it ends a thing no longer stands."""
        if self.ended_on and self.ended_on <= day:
            return False
        if self.first and self.first > day:
            return False
        ends_unknown = self.is_over and not self.ended_on
        if day >= today:
            return not ends_unknown
        return None if ends_unknown or self.last is None or self.last > day else True


@dataclass(frozen=True, slots=True)
class FirmRow(Titled):
    pk: int
    code: str
    name: str
    name_en: str
    capital_type: str
    country: str
    zone: int | None
    sector: int | None
    status: str
    year: int | None
    span: Span
    place: int  # in the order of names
    is_interest_only: bool
    jobs: tuple = ()  # ((year, people), …), public ones, the oldest first

    def jobs_on(self, day):
        """People employed by the newest figure of that year or before; None where none is stated."""
        return next((people for year, people in reversed(self.jobs) if year <= day.year), None)


@dataclass(frozen=True, slots=True)
class ProjectRow(Titled):
    """A project; what divides firms divides it by its own firm."""

    pk: int
    firm: FirmRow
    capital_type: str
    country: str
    sector: int | None
    name: str
    name_en: str
    zone: int | None
    year: int | None
    span: Span
    is_interest_only: bool
    capital: Decimal | None
    currency: str
    jobs_planned: int | None
    certificates: tuple = ()  # ((last possible day or None, capital, currency), …) in the order of amendments

    def amount_on(self, day, today):
        """(capital, currency) by the certificate in force on the day; (None, "") where it was not known then.

        Without a certificate that states capital the project's own figure counts. If the only certificates that state it are
        younger than the day, the figure of that day is not known: today's must not stand for it."""
        if not self.certificates:
            return (self.capital, self.currency) if self.capital is not None else (None, "")
        if day >= today:
            dated = [it for it in self.certificates if it[0] is None or it[0] <= day]
        else:
            dated = [it for it in self.certificates if it[0] is not None and it[0] <= day]
        return dated[-1][1:] if dated else (None, "")


@dataclass
class Standing:
    """What stood on a day, what nobody can say of, and what is no more than an interest."""

    day: date
    today: date
    firms: list = field(default_factory=list)
    projects: list = field(default_factory=list)
    unknown_firms: list = field(default_factory=list)
    unknown_projects: list = field(default_factory=list)
    interested_firms: list = field(default_factory=list)
    proposals: list = field(default_factory=list)

    @cached_property
    def tally(self):
        return Tally(self.firms, self.projects, self.day, self.today)

    @property
    def is_past(self):
        return self.day < self.today


class Registry:
    """All public firms and projects. Four queries, whatever the days asked for.

    Rows that began and ended on the same days share one Span, and are placed together."""

    def __init__(self, firms=(), projects=()):
        self.firms, self.projects = list(firms), list(projects)
        self._asked = {}

    @classmethod
    def read(cls):
        values = list(Project.objects.public().order_by("pk").values_list(*PROJECT_COLUMNS))
        firms = _read_firms(values)
        return cls(firms.values(), _read_projects(values, firms))

    @cached_property
    def _firms_by_span(self):
        return _grouped(self.firms)

    @cached_property
    def _projects_by_span(self):
        return _grouped(self.projects)

    @cached_property
    def _tally(self):
        """How many registered projects share a span and a zone."""
        return Counter(map(attrgetter("span", "zone"), (row for row in self.projects if not row.is_interest_only)))

    def on(self, day, today, zones=None):
        """What stood on a day, in some zones only if they are given. The days asked for last are kept, and what was counted."""
        key = (day, today, None if zones is None else frozenset(zones))
        standing = self._asked.get(key)
        if standing is None:
            standing = self._on(day, today, zones)
            for oldest in list(self._asked)[: max(0, len(self._asked) - KEPT + 1)]:
                self._asked.pop(oldest, None)
            self._asked[key] = standing
        return standing

    def _on(self, day, today, zones):
        standing = Standing(day, today)
        for rows, answer in _answered(self._firms_by_span, day, today):
            _place(rows, answer, zones, standing.firms, standing.unknown_firms, standing.interested_firms)
        for rows, answer in _answered(self._projects_by_span, day, today):
            _place(rows, answer, zones, standing.projects, standing.unknown_projects, standing.proposals)
        return standing

    def projects_on(self, day, today, zones):
        """(how many projects stood in the zones, of how many nobody can say)."""
        counts = Counter()
        for (span, zone), number in self._tally.items():
            if zone in zones:
                counts[span.stood(day, today)] += number
        return counts[True], counts[None]


_lock = threading.Lock()
_kept = (None, 0.0, None)  # the directory's edition, when it was read, the rows


def current():
    """The rows as the database has them. One small query where nothing has changed since they were read."""
    global _kept
    if connection.in_atomic_block:  # what is seen inside a transaction may still be taken back
        return Registry.read()
    edition = Edition.current()
    with _lock:
        if edition is None or edition != _kept[0] or time.monotonic() - _kept[1] > READ_AGAIN:
            _kept = (edition, time.monotonic(), Registry.read())
        return _kept[2]


def _grouped(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.span].append(row)
    return groups


def _answered(groups, day, today):
    """(rows, whether they stood), those left out that did not."""
    answers = ((rows, span.stood(day, today)) for span, rows in groups.items())
    return ((rows, answer) for rows, answer in answers if answer is not False)


def _place(rows, answer, zones, stood, unknown, interested):
    sure = stood if answer else unknown
    for row in rows:
        if zones is None or row.zone in zones:
            (interested if row.is_interest_only else sure).append(row)


# Reading ---------------------------------------------------------------------------------------------------------------
def _read_firms(project_values):
    """{pk: firm} in the order of their names."""
    jobs, spans = defaultdict(list), defaultdict(list)
    years = FirmYear.objects.filter(kind=FirmYear.Kind.JOBS, is_public=True)
    for firm, year, value in years.order_by("year").values_list("firm_id", "year", "value"):
        jobs[firm].append((year, int(value)))
    for _pk, firm, _name, _name_en, _zone, stage, day, year, ended_on, *_money in project_values:
        if stage not in Project.ONLY_INTEREST:
            spans[firm].append(Span.of(day, year, ended_on))
    firms = {}
    rows = Firm.objects.public().order_by("sort_key", "pk").values_list(*FIRM_COLUMNS)
    for place, (pk, code, name, name_en, capital_type, country, zone, sector, status, founded_year) in enumerate(rows):
        span = _firm_span(founded_year, spans[pk], status in GONE)
        firms[pk] = FirmRow(
            pk, code, name, name_en, capital_type, country, zone, sector, status, span.year, span, place,
            status == Firm.Status.INTERESTED, tuple(jobs[pk]),
        )  # fmt: skip
    return firms


def _read_projects(values, firms):
    certificates = defaultdict(list)
    rows = Certificate.objects.filter(capital__isnull=False).order_by("amendment", "issued_on", "pk")
    for project, day, year, capital, currency in rows.values_list(
        "project_id", "issued_on", "issued_year", "capital", "currency"
    ):
        certificates[project].append((Span.of(day, year).last, capital, currency))
    for pk, firm_pk, name, name_en, zone, stage, day, year, ended_on, capital, currency, planned in values:
        if (firm := firms.get(firm_pk)) is None:
            continue
        span = Span.of(day, year, ended_on, stage == Project.Stage.ENDED or firm.status in OVER)
        is_untold = stage == Project.Stage.UNKNOWN and firm.is_interest_only
        yield ProjectRow(
            pk, firm, firm.capital_type, firm.country, firm.sector, name, name_en, zone or firm.zone, span.year, span,
            stage in Project.ONLY_INTEREST or is_untold, capital, currency, planned, tuple(certificates[pk]),
        )  # fmt: skip


def _firm_span(founded_year, projects, is_gone):
    """A firm began with the earliest of what is known, and ended with its last project."""
    begun = [span for span in [Span.of(None, founded_year), *projects] if span.last]
    earliest = min(begun, key=lambda span: (span.last, span.first), default=Span.of(None, None))
    ended = [span.ended_on for span in projects]
    ended_on = max(ended) if is_gone and ended and all(ended) else None
    return Span.between(earliest.first, earliest.last, ended_on, is_gone)
