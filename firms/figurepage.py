"""The page of figures: what a reader asks of it, and each figure with the address of the rows that it counts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from urllib.parse import urlencode

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from firms import asof, figures
from firms.figures import SAID_BY, UNSTATED, Divisions
from firms.models import Currency, Firm
from firms.tally import Tally
from firms.zonetree import ZoneTree
from parkportal.text import nfc

MILLION, BILLION = Decimal(10) ** 6, Decimal(10) ** 9
SCALES = {Currency.USD: MILLION, Currency.VND: BILLION, Currency.JPY: MILLION}
IN_DIRECTORY = {"zone", "sector", "country", "capital_type"}  # divisions by which the directory can be asked too
OF = ["firms", "projects", "unknown", "undated", "interest"]


@dataclass(frozen=True)
class Asked:
    """What stands in the address: a day that people can mean, else today; an authority that is known, else all."""

    on: date
    authority: str
    measure: str
    problem: str = ""  # why the day asked for is not the one shown

    @classmethod
    def of(cls, data, today, authorities):
        on, problem = today, ""
        if text := data.get("on", "").strip():
            try:
                day = parse_date(nfc(text))
            except ValueError:
                day = None
            if day is None:
                problem = _("Write “As of” as a day of the calendar, such as 2024-12-31. The figures below are today's.")
            elif day > today:
                problem = _("That day is yet to come. The figures below are today's.")
            else:
                on = day
        authority = data.get("authority", "")
        measure = data.get("measure", "")
        return cls(on, authority if authority in authorities else "", measure, problem)


@dataclass(frozen=True)
class Cell:
    value: object  # in the unit that its column's head says
    query: str  # of the page with the rows behind it; empty where there are none


@dataclass(frozen=True)
class Bar:
    label: str
    depth: int
    width: str  # percent of the longest bar
    cells: list  # one a column
    cell: Cell  # of the measure that the bar shows
    directory: str  # query of the directory with these firms; empty where it cannot be asked so


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    bars: list


def scaled(measure, value):
    """An amount in the unit of its column's head, to a hundredth."""
    return round(Decimal(value) / SCALES[measure], 2) if measure in SCALES else value


def heads():
    """{measure: words of a choice and of a column's head}."""
    return {
        "firms": _("Firms"),
        "projects": _("Projects"),
        "USD": _("Registered capital (million USD)"),
        "VND": _("Registered capital (billion VND)"),
        "JPY": _("Registered capital (million JPY)"),
        "jobs": _("People employed"),
        "planned": _("Planned jobs"),
    }


class Charts:
    """Figures as sections of bars, each figure with the address of its rows. `within`: what all of them are limited to."""

    def __init__(self, figures, within=None, authority="", measure="firms"):
        self.figures, self.within, self.authority_key, self.wanted = figures, within or {}, authority, measure

    # Columns -----------------------------------------------------------------------------------------------------------
    @cached_property
    def columns(self):
        """{measure: head}: firms and projects, and whatever else anybody states."""
        total = self.figures.total
        return {key: head for key, head in heads().items() if key in ("firms", "projects") or total.of(key)}

    @cached_property
    def measure(self):
        return self.wanted if self.wanted in self.columns else "firms"

    @property
    def measures(self):
        asked = {key: self.address(measure=key if key != "firms" else "") for key in self.columns}
        return [(self.columns[key], query, key == self.measure) for key, query in asked.items()]

    @property
    def measure_head(self):
        return self.columns[self.measure]

    # Addresses ---------------------------------------------------------------------------------------------------------
    def address(self, **changes):
        """The query of the page of figures with some parts changed."""
        parts = {"on": self.figures.on.isoformat() if self.figures.is_past else "", "authority": self.authority_key}
        parts |= {"measure": self.measure if self.measure != "firms" else ""} | changes
        return urlencode([(name, value) for name, value in parts.items() if value])

    def rows_query(self, of, **parts):
        return self.address(**{"measure": "", "of": of} | self.within | parts)

    @property
    def unknown_query(self):
        return self.rows_query("unknown")

    @property
    def undated_query(self):
        return self.rows_query("undated")

    @property
    def interest_query(self):
        return self.rows_query("interest")

    @property
    def xlsx_query(self):
        return self.address(export="xlsx")

    @property
    def csv_query(self):
        return self.address(export="csv")

    def directory_query(self, **parts):
        """The directory shows today's firms, and knows no authority: nothing else is asked of it."""
        asked = self.within | parts
        if self.figures.is_past or self.authority_key or not set(asked) <= IN_DIRECTORY:
            return ""
        return urlencode([*asked.items(), *(("status", str(status)) for status in Firm.PRESENT)])

    # What is shown -----------------------------------------------------------------------------------------------------
    def cell(self, count, measure, **parts):
        value = count.of(measure)
        of = "firms" if measure in ("firms", "jobs") else "projects"
        if measure not in ("firms", "projects"):
            parts["stated"] = measure
        return Cell(scaled(measure, value), self.rows_query(of, **parts) if value else "")

    def cells(self, count, **parts):
        """[(cell, head)], one a column."""
        return [(self.cell(count, key, **parts), head) for key, head in self.columns.items()]

    @cached_property
    def total_cells(self):
        return self.cells(self.figures.total)

    @cached_property
    def sections(self):
        return [self.section(table) for table in self.figures.tables.values()]

    def section(self, table):
        most = max((line.count.of(self.measure) for line in table.lines), default=0)
        bars = []
        for line in self.in_order(table):
            part = {table.name: line.key}
            width = f"{100 * line.count.of(self.measure) / most:.2f}" if most else "0"
            cell, cells = self.cell(line.count, self.measure, **part), self.cells(line.count, **part)
            bars.append(Bar(line.label, line.depth, width, cells, cell, self.directory_query(**part)))
        return Section(table.name, table.title, bars)

    def in_order(self, table):
        """The table's lines, the largest of the measure first where they have no order of their own; what is within a line
        stays below it, and what is not stated comes last."""
        if table.name in ("year", "capital_type"):
            return table.lines
        trees = []
        for line in table.lines:
            if line.depth == 0:
                trees.append([line])
            else:
                trees[-1].append(line)
        trees.sort(key=lambda tree: (tree[0].key == UNSTATED, -tree[0].count.of(self.measure)))
        return [line for tree in trees for line in tree]

    @property
    def worth(self):
        return [(one.currency, scaled(one.currency, one.amount)) for one in self.figures.worth]

    @property
    def rates(self):
        """The rates behind it, each once."""
        return list({rate.pk: rate for one in self.figures.worth for rate in one.rates}.values())


class FigurePage(Charts):
    """The figures of a day, divided in every way. One set of queries, whatever is shown of them."""

    divided_by = None  # in every way

    def __init__(self, data, today):
        self.data, self.today = data, today
        self.tree = ZoneTree()
        self.asked = Asked.of(data, today, self.tree.authorities)
        self.registry = asof.current()
        self.standing = figures.standing_on(self.asked.on, today, self.tree, self.asked.authority, registry=self.registry)
        shown = figures.of_standing(self.standing, self.tree, self.divided_by)
        super().__init__(shown, None, self.asked.authority, self.asked.measure)

    @property
    def authority(self):
        return self.tree.authorities.get(self.asked.authority)

    @property
    def authorities(self):
        return list(self.tree.authorities.values())

    def beside(self, printed, park):
        """[(what a newspaper printed, the registry's projects of that day, those of which nobody can say, query of the rows)].

        Zones of the board are those that the authority of the park managed on the day."""
        zone = self.tree.by_code(park)
        found = []
        for row in printed:
            zones, part = self.tree.family(zone.pk) if zone else set(), {"zone": park}
            management = self.tree.management(zone.pk, row.on) if zone else None
            if row.scope == "board" and management:
                zones = self.tree.managed_by(management.authority.key, row.on)
                part = {"authority": management.authority.key}
            day = min(row.on, self.today)
            query = urlencode({"on": day.isoformat(), **part, "of": "projects"})
            found.append((row, *self.registry.projects_on(day, self.today, zones), query))
        return found


class RowsPage(FigurePage):
    """The rows behind one figure: firms or projects, as they stood on the day."""

    divided_by = []

    @property
    def of(self):
        return self.data.get("of") if self.data.get("of") in OF else "firms"

    @property
    def shows_firms(self):
        """`unknown`, `undated` and `interest` are told of both: firms and projects."""
        return self.of != "projects"

    @property
    def shows_projects(self):
        return self.of != "firms"

    @cached_property
    def parts(self):
        """{division: key} that the address asks for; the authority of the whole page is none of them."""
        return {name: self.data[name] for name in self.divisions.titles if self.data.get(name)}

    @cached_property
    def divisions(self):
        return Divisions(self.asked.on, self.tree)

    @property
    def stated(self):
        return self.data.get("stated", "")

    def _asked_for(self, rows):
        """The rows that lie in every part asked for. What rows say is looked up once for each value, not for each row."""
        for name, key in self.parts.items():
            said = attrgetter(SAID_BY[name])
            fits = {value: key in self.divisions.places(name, value) for value in set(map(said, rows))}
            rows = [row for row in rows if fits[said(row)]]
        return [row for row in rows if not row.year] if self.of == "undated" else rows

    @cached_property
    def firms(self):
        if not self.shows_firms:
            return []
        standing = self.standing
        rows = {"unknown": standing.unknown_firms, "interest": standing.interested_firms}.get(self.of, standing.firms)
        rows = self._asked_for(rows)
        if self.stated == "jobs":
            rows = [row for row in rows if row.jobs_on(self.asked.on) is not None]
        return sorted(rows, key=attrgetter("place"))

    @cached_property
    def projects(self):
        if not self.shows_projects:
            return []
        standing = self.standing
        rows = {"unknown": standing.unknown_projects, "interest": standing.proposals}.get(self.of, standing.projects)
        rows = self._asked_for(rows)
        if self.stated in Currency.values:
            rows = [row for row in rows if row.amount_on(self.asked.on, self.today)[1] == self.stated]
        if self.stated == "planned":
            rows = [row for row in rows if row.jobs_planned is not None]
        return sorted(rows, key=attrgetter("firm.place", "pk"))

    @cached_property
    def count(self):
        """The same figure again, out of the rows that stand on the page."""
        return Tally(self.firms, self.projects, self.asked.on, self.today).total

    def people(self, firms):
        """[(firm, people it employs)] as a page shows them."""
        return [(row, row.jobs_on(self.asked.on)) for row in firms]

    def amounts(self, projects):
        """[(project, capital in its unit or None, currency)] as a page shows them."""
        told = ((row, *row.amount_on(self.asked.on, self.today)) for row in projects)
        return [(row, scaled(currency, amount) if amount is not None else None, currency) for row, amount, currency in told]

    @property
    def sums(self):
        return [(scaled(currency, amount), currency) for currency, amount in self.count.capital.items()]

    @property
    def back_query(self):
        return self.address(measure="")

    @property
    def directory(self):
        """The directory asked for the same, where it can be: it knows firms of today, not projects or capital."""
        if self.of != "firms" or self.stated or not self.parts:
            return ""
        return self.directory_query(**self.parts)

    @property
    def heading(self):
        return {
            "firms": _("Firms behind a figure"),
            "projects": _("Projects behind a figure"),
            "unknown": _("Not known whether they stood on that day"),
            "undated": _("Counted, but without a date"),
            "interest": _("Memoranda and proposals"),
        }[self.of]

    @property
    def words(self):
        """What was asked for, in words: [(division, value)]."""
        found = []
        for name, key in self.parts.items():
            label = self.divisions.unstated(name) if key == UNSTATED else self.divisions.label(name, key)
            found.append((self.divisions.titles[name], label))
        return found
