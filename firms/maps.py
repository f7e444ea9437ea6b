"""Where the firms of a search are: one point a zone, because a zone is as exactly as the registry knows a firm's place."""

import json
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.urls import reverse

from firms.entries import NOTHING
from firms.models import Zone

COAST = settings.BASE_DIR / "fixtures" / "registry" / "coast.json"


@dataclass(frozen=True)
class Point:
    """A zone with how many of the firms found are in it; `latitude` is None where nobody has stated a point."""

    zone: Zone
    count: int
    query: str  # of the search narrowed to the zone

    @property
    def has_place(self):
        return self.zone.latitude is not None and self.zone.longitude is not None

    @property
    def address(self):
        return f"{reverse('firm_list')}?{self.query}"


@dataclass(frozen=True)
class Points:
    placed: list[Point]
    unplaced: list[Point]  # zones without a point
    nowhere: int  # firms of which no zone is stated


def points(firms):
    """The points of a search. A zone that is part of another one is counted in its whole where it has no point of its own."""
    counts = firms.index.counts("zone", firms.bits)
    zones = Zone.objects.public().in_order().filter(code__in=counts)
    found = [Point(zone, counts[zone.code], firms.query(zone=[zone.code], view="list")) for zone in zones]
    wholes = [it for it in found if it.has_place or not it.zone.is_part]
    return Points([it for it in wholes if it.has_place], [it for it in wholes if not it.has_place], counts.get(NOTHING, 0))


def geojson(found):
    """The points as a FeatureCollection; outlines of zones where the registry has them."""
    features = []
    for it in found.placed:
        properties = {"code": it.zone.code, "name": it.zone.title, "count": it.count, "url": it.address}
        properties["sourced"] = it.zone.is_point_sourced
        place = [float(it.zone.longitude), float(it.zone.latitude)]
        features.append({"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties})
        if it.zone.outline:
            features.append(
                {"type": "Feature", "geometry": it.zone.outline, "properties": {"code": it.zone.code, "name": it.zone.title}}
            )
    return {"type": "FeatureCollection", "features": features}


@cache
def coast():
    """The coast line of the region, as [[longitude, latitude], …] lines: what the map has instead of a tile server."""
    return json.loads(COAST.read_text())["lines"]
