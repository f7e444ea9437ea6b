"""The programme's targets by phase, and what is there: counted from rows on a day, never typed.

Quyết định 129/QĐ-UBND states a number for one of them only, at least three chains; where the public pages read give none, the
actual figure stands alone and no share is computed. Demonstration rows never count."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from firms.models import Firm, Zone
from linkages import formation, outcomes
from linkages.models import Agreement, Link, Match, Target

PARK = [Zone.Kind.HIGH_TECH_PARK, Zone.Kind.HIGH_TECH_PART]


@dataclass(frozen=True)
class Measure:
    """How a figure is counted, in words, and the function of a day that counts it.

    Rows that carry no days of their own count from the moment they were entered: before the first of them (`entered`, their
    model) a nought says only that nobody kept count yet."""

    words: object
    count: object
    entered: object = None

    def on(self, day):
        """The figure at the end of a day; None where nobody kept count yet."""
        value = self.count(day)
        if value or self.entered is None:
            return value
        return value if self.entered.objects.filter(created_at__lt=_end_of(day)).exists() else None


@dataclass(frozen=True)
class Point:
    day: date
    value: int | None


@dataclass(frozen=True)
class Line:
    """A target with what is there on the day, and at the end of each year of its phase before it."""

    target: Target
    measure: Measure
    actual: int
    trend: tuple

    @property
    def is_met(self):
        """None where the programme states no number."""
        return None if self.target.target is None else self.actual >= self.target.target

    @property
    def missing(self):
        return None if self.target.target is None else max(0, self.target.target - self.actual)


@dataclass(frozen=True)
class Phase:
    starts: int
    ends: int
    lines: tuple


def _end_of(day):
    """The first moment after a day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _links(day, **which):
    """Links that were under way on a day, demonstration left out."""
    links = list(Link.objects.filter(is_demonstration=False, created_at__lt=_end_of(day), **which).with_parties())
    known = formation.stretches_of(links)
    return [link for link in links if formation.is_in_force(link, day, known.get(link.pk))]


def input_output_links(day):
    found = _links(day, kind__in=[Link.Kind.INPUT, Link.Kind.OUTPUT, Link.Kind.SUPPORTING])
    return sum(_crosses(link) for link in found)


def _crosses(link):
    """Between a firm of the park and one of another zone."""
    ends = [link.source_party, link.target_party]
    return all(end.zone for end in ends) and ends[0].is_in_park != ends[1].is_in_park


def _agreements(day, kinds):
    begun = Q(starts_on__lte=day) | Q(starts_on=None, signed_on__lte=day)  # signed today, in force from next year: not yet
    return Agreement.objects.filter(
        begun, Q(ends_on__isnull=True) | Q(ends_on__gte=day), kind__in=kinds, is_demonstration=False
    ).count()


def training_links(day):
    return len(_links(day, kind=Link.Kind.TRAINING)) + _agreements(day, [Agreement.Kind.TRAINING])


def frameworks(day):
    return _agreements(day, [Agreement.Kind.FRAMEWORK])


def firms_in_registry(day):
    """Firms of the park and of the zones that the portal has on record since that day."""
    firms = Firm.objects.public().filter(status__in=Firm.PRESENT, is_demonstration=False, zone__isnull=False)
    return firms.filter(created_at__lt=_end_of(day)).count()


def memoranda_and_contracts(day):
    """Matches that stood at a memorandum or a contract at the end of the day, as their history has it, and meetings of
    sessions that led there without one of these matches: each pair once."""
    reached = [Match.State.MEMORANDUM, Match.State.CONTRACT]
    then = Match.history.as_of(_end_of(day) - timedelta(microseconds=1))
    counted = {it.pk for it in then.filter(state__in=reached, need__is_demonstration=False)}
    return len(counted) + sum(it.match_id not in counted for it in outcomes.signed(day))


MEASURES = {
    "chains_formed": Measure(_("chains that meet the rule of formation"), formation.formed_chains),
    "input_output_links": Measure(
        _("links in force between a firm of the park and one of another zone: input, output, outsourcing"),
        input_output_links,
        Link,
    ),
    "training_links": Measure(_("training links in force and training agreements"), training_links, Link),
    "frameworks": Measure(_("frameworks in force with boards of other zones"), frameworks),
    "firms_in_registry": Measure(_("firms of the zones in the registry"), firms_in_registry, Firm),
    "memoranda_and_contracts": Measure(
        _("matches and meetings of sessions that led to a memorandum or a contract, each pair once"), memoranda_and_contracts
    ),
}


def line(target, day):
    measure = MEASURES[target.measure]
    ends = [date(year, 12, 31) for year in range(target.phase_starts, target.phase_ends + 1) if date(year, 12, 31) < day]
    trend = tuple(Point(end, measure.on(end)) for end in ends)
    return Line(target, measure, measure.count(day), trend)


def phases(day):
    """Every phase of the programme with its targets, as they stood on a day."""
    found = {}
    for target in Target.objects.all():
        found.setdefault((target.phase_starts, target.phase_ends), []).append(line(target, day))
    return [Phase(starts, ends, tuple(lines)) for (starts, ends), lines in sorted(found.items(), reverse=True)]
