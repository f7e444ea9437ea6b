"""What stood in the registry on a day: public firms and projects as plain rows, read once, asked for any number of days.

A date is often known to the year only, or not at all. So whether a row stood on a past day has three answers: it did, it did
not, or nobody can say. The last is told apart and never counted. Today is different: a row that is in the registry and not
over stands today, whatever day it began on."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Q
from django.utils.translation import get_language

from firms.models import Certificate, Firm, FirmYear, Project

PROJECT_COLUMNS = [
    "pk", "firm_id", "name", "name_en", "zone_id", "stage", "registered_on", "registered_year", "ended_on", "capital",
    "currency", "jobs_planned",
]  # fmt: skip
GONE = [Firm.Status.CLOSED, Firm.Status.REVOKED, Firm.Status.MOVED]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something stood. It began between `first` and `last`; both are None where no source says."""

    first: date | None = None
    last: date | None = None
    ended_on: date | None = None
    is_over: bool = False

    @classmethod
    def of(cls, day, year, ended_on=None, is_over=False):
        if day:
            return cls(day, day, ended_on, is_over)
        if year and date.min.year <= year <= date.max.year:
            return cls(date(year, 1, 1), date(year, 12, 31), ended_on, is_over)
        return cls(None, None, ended_on, is_over)

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
class FirmRow:
    pk: int
    code: str
    title: str
    capital_type: str
    country: str
    zone: int | None
    sector: int | None
    status: str
    year: int | None
    span: Span
    jobs: tuple = ()  # ((year, people), …), public ones, the oldest first

    @property
    def is_interest_only(self):
        return self.status == Firm.Status.INTERESTED

    def jobs_on(self, day):
        """People employed by the newest figure of that year or before; None where none is stated."""
        return next((people for year, people in reversed(self.jobs) if year <= day.year), None)


@dataclass(frozen=True, slots=True)
class ProjectRow:
    pk: int
    firm: FirmRow
    title: str
    zone: int | None
    year: int | None
    stage: str
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
        if day >= today:
            dated = [it for it in self.certificates if it[0] is None or it[0] <= day]
        else:
            dated = [it for it in self.certificates if it[0] is not None and it[0] <= day]
        if dated:
            return dated[-1][1], dated[-1][2]
        if self.certificates or self.capital is None:
            return None, ""
        return self.capital, self.currency


@dataclass(frozen=True)
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

    @property
    def is_past(self):
        return self.day < self.today


class Registry:
    """Public firms and projects, all or those of some zones. Four queries, whatever the days asked for."""

    def __init__(self, zones=None):
        self.zones = zones

    @cached_property
    def _titles(self):
        return ("name_en", "name") if get_language() == "en" else ("name", "name_en")

    def _title(self, names):
        first, second = self._titles
        return names[first] or names[second]

    @cached_property
    def firms(self):
        """{pk: firm}; of zones: the firms in them, and those with a project in them."""
        rows = Firm.objects.public()
        if self.zones is not None:
            here = Project.objects.filter(zone__in=self.zones, is_public=True)
            rows = rows.filter(Q(zone__in=self.zones) | Q(pk__in=here.values("firm")))
        jobs, spans = self._jobs, self._project_spans
        names = ["pk", "code", "name", "name_en", "capital_type", "country", "zone_id", "sector_id", "status", "founded_year"]
        found = {}
        for row in rows.order_by("sort_key", "pk").values(*names):
            span, year = _firm_span(row["founded_year"], spans.get(row["pk"], []), row["status"] in GONE)
            found[row["pk"]] = FirmRow(
                row["pk"], row["code"], self._title(row), row["capital_type"], row["country"], row["zone_id"],
                row["sector_id"], row["status"], year, span, jobs.get(row["pk"], ()),
            )  # fmt: skip
        return found

    @cached_property
    def _project_values(self):
        rows = Project.objects.public()
        if self.zones is not None:
            rows = rows.filter(Q(firm__zone__in=self.zones) | Q(zone__in=self.zones))
        return list(rows.order_by("pk").values(*PROJECT_COLUMNS))

    @cached_property
    def _project_spans(self):
        """{firm's pk: spans of its registered projects}."""
        spans = {}
        for row in self._project_values:
            if row["stage"] not in Project.ONLY_INTEREST:
                span = Span.of(row["registered_on"], row["registered_year"], row["ended_on"])
                spans.setdefault(row["firm_id"], []).append(span)
        return spans

    @cached_property
    def _jobs(self):
        found = {}
        rows = FirmYear.objects.filter(kind=FirmYear.Kind.JOBS, is_public=True, firm__is_public=True)
        if self.zones is not None:
            rows = rows.filter(firm__zone__in=self.zones)
        for firm, year, value in rows.order_by("year").values_list("firm_id", "year", "value"):
            found[firm] = (*found.get(firm, ()), (year, int(value)))
        return found

    @cached_property
    def _certificates(self):
        found = {}
        rows = Certificate.objects.filter(capital__isnull=False, project__is_public=True)
        if self.zones is not None:
            rows = rows.filter(Q(project__zone__in=self.zones) | Q(firm__zone__in=self.zones))
        names = ["project_id", "issued_on", "issued_year", "capital", "currency"]
        for project, day, year, capital, currency in rows.order_by("amendment", "issued_on", "pk").values_list(*names):
            found.setdefault(project, []).append((Span.of(day, year).last, capital, currency))
        return found

    @cached_property
    def projects(self):
        firms, certificates = self.firms, self._certificates
        found = []
        for row in self._project_values:
            if (firm := firms.get(row["firm_id"])) is None:
                continue
            zone = row["zone_id"] or firm.zone
            is_over = row["stage"] == Project.Stage.ENDED or firm.status in (Firm.Status.CLOSED, Firm.Status.REVOKED)
            span = Span.of(row["registered_on"], row["registered_year"], row["ended_on"], is_over)
            is_untold = row["stage"] == Project.Stage.UNKNOWN and firm.is_interest_only
            found.append(
                ProjectRow(
                    row["pk"], firm, self._title(row), zone, span.first.year if span.first else None, row["stage"], span,
                    row["stage"] in Project.ONLY_INTEREST or is_untold, row["capital"], row["currency"], row["jobs_planned"],
                    tuple(certificates.get(row["pk"], ())),
                )
            )  # fmt: skip
        return found

    def on(self, day, today, zones=None):
        """What stood on a day, in some zones only if they are given (those that an authority managed that day)."""
        wanted = self.zones if zones is None else zones
        standing = Standing(day, today)
        for row in self.firms.values():
            if wanted is None or row.zone in wanted:
                _place(row, day, today, standing.firms, standing.unknown_firms, standing.interested_firms)
        for row in self.projects:
            if wanted is None or row.zone in wanted:
                _place(row, day, today, standing.projects, standing.unknown_projects, standing.proposals)
        return standing


def _place(row, day, today, stood, unknown, interested):
    answer = row.span.stood(day, today)
    if row.is_interest_only:
        if answer is not False:
            interested.append(row)
    elif answer is None:
        unknown.append(row)
    elif answer:
        stood.append(row)


def _firm_span(founded_year, projects, is_gone):
    """(span, year) of a firm: it began with the earliest of what is known, and ended with its last project."""
    begun = [span for span in [Span.of(None, founded_year), *projects] if span.last]
    earliest = min(begun, key=lambda span: (span.last, span.first), default=Span())
    ended = [span.ended_on for span in projects]
    ended_on = max(ended) if is_gone and ended and all(ended) else None
    return Span(earliest.first, earliest.last, ended_on, is_gone), earliest.first.year if earliest.first else None
