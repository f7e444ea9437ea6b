"""The figures of the registry on a day: firms, projects, registered capital and jobs, by whatever divides them.

Every table divides the same rows, and every row stands in exactly one of its lines of depth 0 (what is not stated has a line
of its own), so the lines of any table add up to the total. Lines of depth 1 say "of which" and add nothing.
Capital is added up within a currency only; what all of it is worth in one currency is told where every rate is recorded."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from firms import asof
from firms.countries import country_name
from firms.models import Currency, ExchangeRate, Firm, Sector, converted
from firms.tally import Count
from firms.zonetree import ZoneTree

# The field of a row by which each division goes: who manages a project is told by its zone.
SAID_BY = {
    "capital_type": "capital_type", "authority": "zone", "zone": "zone", "country": "country", "sector": "sector", "year": "year",
}  # fmt: skip
UNSTATED = "none"  # how an address asks for what is not stated, here as in the directory


@dataclass(frozen=True)
class Line:
    """A value of a division, `key` as addresses ask for it."""

    key: str
    label: str
    count: Count
    depth: int = 0


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    lines: list


@dataclass(frozen=True)
class Worth:
    """All capital in one currency, with the rates that made it so."""

    currency: str
    amount: Decimal
    rates: list  # of ExchangeRate


@dataclass(frozen=True)
class Figures:
    on: date
    today: date
    total: Count
    unknown: Count  # rows of which nobody can say whether they stood on the day: never in the total
    undated: Count  # rows of the total that carry no date
    interest: Count  # firms and projects that are no more than a memorandum or a proposal: never in the total
    worth: list
    unrated: list  # currencies of which no rate is recorded, where there is something to convert
    tables: dict  # {name: Table}

    @property
    def is_past(self):
        return self.on < self.today

    @property
    def currencies(self):
        return [currency for currency in Currency.values if currency in self.total.capital]


class Divisions:
    """What a row's place is in every division: the keys of its lines, the one that adds up first."""

    def __init__(self, day, tree, sectors=None):
        self.day, self.tree = day, tree
        self.sectors = Sector.objects.in_bulk() if sectors is None else sectors
        self._managing = {pk: tree.management(pk, day) for pk in tree.zones}

    @property
    def titles(self):
        return {
            "capital_type": _("By source of capital"),
            "authority": _("By managing authority"),
            "zone": _("By zone"),
            "country": _("By investor's country"),
            "sector": _("By sector"),
            "year": _("By year of registration"),
        }

    def places(self, name, value):
        """[key, keys within it …] of what the rows say; [UNSTATED] where they say nothing or what is not public."""
        return getattr(self, f"_places_by_{name}")(value) or [UNSTATED]

    def _places_by_capital_type(self, kind):
        return [kind]

    def _places_by_authority(self, zone):
        management = self._managing.get(zone)
        return [management.authority.key] if management else []

    def _places_by_zone(self, zone):
        return [zone.code for zone in reversed(self.tree.path(zone))]

    def _places_by_country(self, code):
        return [code] if code else []

    def _places_by_sector(self, pk):
        sector, path = self.sectors.get(pk), []
        while sector is not None and sector.key not in path:
            path.append(sector.key)
            sector = self.sectors.get(sector.parent_id)
        return path[::-1]

    def _places_by_year(self, year):
        return [str(year)] if year else []

    def labels(self, name):
        """{key: (label, place in the table)}; countries and years are whatever the rows say."""
        if name == "capital_type":
            return {str(kind): str(kind.label) for kind in Firm.Capital}
        if name == "authority":
            return {key: authority.title for key, authority in self.tree.authorities.items()}
        if name == "zone":
            return {zone.code: zone.title for zone in self.tree.zones.values()}
        if name == "sector":
            rows = sorted(self.sectors.values(), key=lambda sector: (sector.position, sector.name))
            return {sector.key: sector.title for sector in rows}
        return {}

    def label(self, name, key):
        return country_name(key) if name == "country" else self.labels(name).get(key, key)

    def unstated(self, name):
        return {
            "authority": _("Managing authority not stated"),
            "zone": _("Zone not stated"),
            "country": _("Country not stated"),
            "sector": _("Sector not stated"),
            "year": _("Year not known"),
        }.get(name, pgettext("kind", "not stated"))

    def table(self, name, tally):
        counts, above = defaultdict(Count), {}
        for value, part in tally.by(SAID_BY[name]).items():
            for place, key in enumerate(keys := self.places(name, value)):
                counts[key].add(part)
                above[key] = keys[:place]
        labels = self.labels(name)
        if name == "country":
            labels = {key: country_name(key) for key in sorted(counts) if key != UNSTATED}
        if name == "year":
            labels = {key: key for key in sorted(counts, reverse=True) if key != UNSTATED}
        if name == "capital_type":
            counts |= {key: Count() for key in labels if key not in counts}
        lines = self._in_order(name, counts, above, labels)
        if UNSTATED in counts:
            lines.append(Line(UNSTATED, self.unstated(name), counts[UNSTATED]))
        return Table(name, self.titles[name], lines)

    def _in_order(self, name, counts, above, labels):
        """Countries, zones, authorities and sectors by their number of firms; the others in an order of their own."""
        known = [key for key in labels if key in counts]
        if name in ("country", "zone", "sector", "authority"):
            known.sort(key=lambda key: (-counts[key].firms, -counts[key].projects))
        lines = []

        def lay(keys, depth):
            for key in keys:
                lines.append(Line(key, labels[key], counts[key], min(depth, 1)))
                lay([other for other in known if above.get(other, [])[-1:] == [key]], depth + 1)

        lay([key for key in known if not above.get(key)], 0)
        return lines


def build(on, today, authority="", zone=None, tree=None, names=None):
    """The figures of a day: of all zones, of those that an authority (key) managed that day, or of one zone with its parts.

    `names`: the divisions wanted; all of them unless told."""
    tree = tree or ZoneTree()
    return of_standing(standing_on(on, today, tree, authority, zone), tree, names)


def standing_on(on, today, tree, authority="", zone=None, registry=None):
    """The rows behind the figures of a day."""
    zones = tree.managed_by(authority, on) if authority else tree.family(zone.pk) if zone else None
    return (registry or asof.current()).on(on, today, zones)


def of_standing(standing, tree, names=None):
    on, today = standing.day, standing.today
    divisions = Divisions(on, tree)
    tally = standing.tally
    total = tally.total
    values, unrated = worth(total.capital, ExchangeRate.objects.on(on))
    return Figures(
        on,
        today,
        total,
        unknown=Count(len(standing.unknown_firms), len(standing.unknown_projects)),
        undated=Count(sum(not row.year for row in standing.firms), sum(not row.year for row in standing.projects)),
        interest=Count(len(standing.interested_firms), len(standing.proposals)),
        worth=values,
        unrated=unrated,
        tables={name: divisions.table(name, tally) for name in (divisions.titles if names is None else names)},
    )


def worth(capital, rates):
    """([all capital in USD, all in VND], []), or ([], currencies without a recorded rate). One currency needs no rate."""
    values, unrated = [], set()
    for into in (Currency.USD, Currency.VND):
        total, used = Decimal(0), {}
        for currency, amount in capital.items():
            if currency == into:
                total += amount
                continue
            answer = converted(amount, currency, into, rates)
            if answer is None:
                unrated |= {it for it in (currency, into) if it != Currency.VND and it not in rates}
                break
            total += answer[0]
            used |= {it: rates[it] for it in (currency, into) if it != Currency.VND}
        else:
            if capital:
                values.append(Worth(str(into), total, list(used.values())))
    return values, sorted(unrated)
