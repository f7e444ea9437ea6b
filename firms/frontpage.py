"""What the front page and the portal's search show of the registry."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from firms.filters import FirmFilter
from firms.models import Firm, LandFigures, Zone

FOUND = 8


@dataclass(frozen=True)
class Opening:
    """`free_ha` is the land that can still be leased, of the zones whose land is known; None where none is."""

    firms: int
    zones: int
    free_ha: Decimal | None
    land_zones: int


@dataclass(frozen=True)
class Found:
    """The first firms and zones that say every word, and how many there are."""

    firms: list
    count: int
    zones: list
    query: str


def opening(today):
    """None while the registry is empty."""
    zones = Zone.objects.public().wholes()
    land = LandFigures.objects.filter(zone__in=zones).select_related("zone").latest(today)
    free = [row.free_ha for row in land.values() if row.free_ha is not None]
    firms = Firm.objects.public().filter(status__in=Firm.PRESENT).count()
    count = zones.count()
    return Opening(firms, count, sum(free) if free else None, len(free)) if firms or count else None


def found(words):
    query = QueryDict(mutable=True)
    query["q"] = words
    firms = FirmFilter(query)
    pks = firms.pks(0, FOUND)
    rows = Firm.objects.select_related("zone").in_bulk(pks)
    zones = list(Zone.objects.public().matching(words).in_order()[:FOUND])
    return Found([rows[pk] for pk in pks if pk in rows], firms.count, zones, query.urlencode())
