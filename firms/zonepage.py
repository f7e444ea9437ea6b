"""The page of one zone: its land over time, who manages and managed it, its parts, its firms and their figures."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from firms import doubts, figures
from firms.facts import number
from firms.figurepage import Charts
from firms.filters import FirmFilter
from firms.models import Firm, LandFigures, Zone
from firms.zonefilter import kind_words
from firms.zoneland import Stated, land_of, printed_of
from firms.zonetree import ZoneTree, firms_query

FIRMS_SHOWN = 12
DIVISIONS = ["sector", "country"]


@dataclass(frozen=True)
class Fact:
    """One fact of the zone and, where it is in doubt, why."""

    value: object
    doubt: str


@dataclass(frozen=True)
class Column:
    """A day of the chart of land: bars of the whole, of what can be leased and of what is leased, as shares of the largest."""

    row: LandFigures
    stated: Stated
    area: str
    leasable: str
    leased: str


@dataclass(frozen=True)
class LandLine:
    """One row of the table of land."""

    row: LandFigures
    stated: Stated
    doubt: str


class ZonePage:
    """Everything that the page of a zone shows on a day. The zone comes out of the tree, so nothing here is hidden."""

    def __init__(self, zone, tree: ZoneTree, today: date):
        self.zone, self.tree, self.today = zone, tree, today

    @property
    def kind_words(self):
        return kind_words(self.zone.kind)

    @property
    def summary(self):
        """One sentence for whoever links to the page."""
        words = [self.kind_words, self.zone.province]
        for text, figure in [(_("area {n} ha"), self.land.area), (_("free land {n} ha"), self.land.free)]:
            if figure:
                words.append(text.format(n=number(figure.value)))
        words.append(self.management.authority.title if self.management else "")
        return " · ".join(filter(None, words))

    # Where it stands ---------------------------------------------------------------------------------------------------
    @property
    def ancestors(self):
        return self.tree.path(self.zone.pk)[:0:-1]

    @property
    def around(self):
        """The zone that it is a part of or lies in."""
        return self.tree.parent(self.zone)

    @cached_property
    def parts(self):
        """[(part, its land)]: parts, and zones that lie inside."""
        return [(part, self.lands[part.pk]) for part in self.tree.children.get(self.zone.pk, [])]

    # Land --------------------------------------------------------------------------------------------------------------
    @cached_property
    def lands(self):
        return land_of([self.zone, *self.tree.children.get(self.zone.pk, [])], self.today)

    @property
    def land(self):
        return self.lands[self.zone.pk]

    @property
    def occupancy_base(self):
        """The figure that leased land is divided by: what can be leased; of a part without one, its whole area."""
        row = self.land.occupancy.row
        return row.leasable_ha or row.area_ha

    @property
    def is_base_area(self):
        return not self.land.occupancy.row.leasable_ha

    @cached_property
    def printed(self):
        return printed_of(self.land)

    @property
    def columns(self):
        """The chart of land over time, the oldest first; rows that state no hectares have no bar."""
        rows = [row for row in self.land.rows[::-1] if row.area_ha or row.leasable_ha or row.leased_ha]
        most = max((value for row in rows for value in (row.area_ha, row.leasable_ha) if value), default=Decimal(1))

        def width(value):
            return f"{100 * value / most:.2f}" if value else ""

        return [Column(row, Stated.of(row), width(row.area_ha), width(row.leasable_ha), width(row.leased_ha)) for row in rows]

    @property
    def land_lines(self):
        names = ["area_ha", "leasable_ha", "leased_ha", "ready_ha", "printed_occupancy"]
        return [LandLine(row, Stated.of(row), doubts.reason(row, *names)) for row in self.land.rows]

    # Who manages it ----------------------------------------------------------------------------------------------------
    @cached_property
    def management(self):
        return self.tree.management(self.zone.pk, self.today)

    @cached_property
    def managements(self):
        """Every row of its own, or of the zone of which it is a part, the newest first."""
        return self.tree.rows.get((self.management and self.management.whole or self.zone).pk, [])

    @property
    def earlier(self):
        """Those that managed it before, and those that are to come."""
        return [row for row in self.managements if not self.management or row.pk != self.management.row.pk]

    @property
    def authority_sources(self):
        """Sources of all rows shown, each once."""
        lines = (line.strip() for row in self.managements for line in row.source.splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    # Facts -------------------------------------------------------------------------------------------------------------
    def _fact(self, name, value):
        return Fact(value, doubts.reason(self.zone, name)) if value else None

    def in_language(self, name):
        return (getattr(self.zone, f"{name}_en") if get_language() == "en" else "") or getattr(self.zone, name)

    @property
    def facts(self):
        zone = self.zone
        state = zone.get_state_display() if zone.state != Zone.State.UNKNOWN else ""
        values = {
            "province": zone.province,
            "province_before": zone.province_before if zone.province_before != zone.province else "",
            "location": zone.location,
            "established_year": zone.established_year,
            "decision": zone.decision,
            "developer": zone.developer,
            "state": state or zone.state_words,
            "website": zone.website,
            "infrastructure": self.in_language("infrastructure"),
            "incentives": self.in_language("incentives"),
        }
        return {name: fact for name, value in values.items() if (fact := self._fact(name, value))}

    @property
    def has_point(self):
        return self.zone.latitude is not None and self.zone.longitude is not None

    # Firms and figures -------------------------------------------------------------------------------------------------
    @property
    def directory_query(self):
        return firms_query(self.zone)

    @cached_property
    def directory(self):
        """The directory asked for the firms of this zone and of what is in it."""
        return FirmFilter(QueryDict(self.directory_query))

    @cached_property
    def firms(self):
        """The first of them, in the order of their names."""
        pks = self.directory.pks(0, FIRMS_SHOWN)
        found = Firm.objects.select_related("sector", "zone").in_bulk(pks)
        return [found[pk] for pk in pks if pk in found]

    @cached_property
    def figures(self):
        return figures.build(self.today, self.today, zone=self.zone, tree=self.tree, names=DIVISIONS)

    @cached_property
    def charts(self):
        return Charts(self.figures, {"zone": self.zone.code})
