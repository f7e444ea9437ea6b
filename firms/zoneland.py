"""A zone's land as it is known on a day, each figure with the row that states it.

The newest row does not always state everything: a newer area may stand beside an older lease. So every figure is the newest
that is stated, and says of which day it is where that is not the day of the others."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from firms import doubts
from firms.models import LandFigures

LIKE = Decimal("0.01")  # percent: two figures that differ by no more are the same, rounded
FIGURES = ["area_ha", "leasable_ha", "leased_ha", "free_ha", "occupancy"]


@dataclass(frozen=True)
class Figure:
    """One figure of a zone's land and the row that states it."""

    value: Decimal
    row: LandFigures
    name: str

    @property
    def doubt(self):
        names = {"occupancy": ("leased_ha", "leasable_ha", "area_ha"), "free_ha": ("ready_ha", "leasable_ha", "leased_ha")}
        return doubts.reason(self.row, *names.get(self.name, (self.name,)))


@dataclass(frozen=True)
class Stated:
    """When and where figures were stated: the day as printed, the first source, and its address if it has one."""

    when: str
    source: str
    url: str

    @classmethod
    def of(cls, row):
        day = date_format(row.as_of, "SHORT_DATE_FORMAT") if row.as_of else ""
        source = next(iter(row.sources), "")
        return cls(row.as_of_words or day or _("day not stated"), source, source if source.startswith("http") else "")


@dataclass(frozen=True)
class Land:
    """What is known of a zone's land; a figure that nobody states is None."""

    rows: list  # the newest first
    area: Figure | None = None
    leasable: Figure | None = None
    leased: Figure | None = None
    free: Figure | None = None
    occupancy: Figure | None = None

    @property
    def newest(self):
        return self.rows[0] if self.rows else None

    @property
    def shown(self):
        """The rows whose figures are shown, each once, the newest first."""
        used = {figure.row.pk for figure in (self.area, self.leasable, self.leased, self.free, self.occupancy) if figure}
        return [Stated.of(row) for row in self.rows if row.pk in used]

    @property
    def bar(self):
        """Percent as the width of a bar."""
        return f"{self.occupancy.value:.2f}" if self.occupancy else "0"


@dataclass(frozen=True)
class Printed:
    """An occupancy that a source prints, beside the one that its own figures give (None where they do not)."""

    row: LandFigures
    printed: Decimal
    computed: Decimal | None

    @property
    def stated(self):
        return Stated.of(self.row)

    @property
    def differs(self):
        return self.computed is not None and abs(self.computed - self.printed) > LIKE


def land_of(zones, day):
    """{zone's pk: Land} of these zones as known on the day; a row without a day is the oldest. One query."""
    by_zone = {zone.pk: [] for zone in zones}
    known = {zone.pk: zone for zone in zones}
    for row in LandFigures.objects.filter(zone__in=by_zone):
        if row.as_of is None or row.as_of <= day:
            row.zone = known[row.zone_id]  # occupancy asks whether it is a part
            by_zone[row.zone_id].append(row)
    return {pk: _land(rows) for pk, rows in by_zone.items()}


def _land(rows):
    rows.sort(key=lambda row: (row.as_of is not None, row.as_of, row.pk), reverse=True)
    found = {}
    for name in FIGURES:
        found[name] = next((Figure(value, row, name) for row in rows if (value := getattr(row, name)) is not None), None)
    return Land(rows, found["area_ha"], found["leasable_ha"], found["leased_ha"], found["free_ha"], found["occupancy"])


def printed_of(land):
    """Every occupancy that a source prints, the newest first."""
    return [Printed(row, row.printed_occupancy, row.occupancy) for row in land.rows if row.printed_occupancy is not None]
