"""The public zones in memory: what is part of what, and which authority manages which zone on a day. Three queries."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from firms.models import Authority, Firm, Zone, ZoneAuthority


@dataclass(frozen=True)
class Management:
    """Who manages a zone on a day; `whole` is the zone by whose row it is known where a part has none of its own."""

    row: ZoneAuthority
    whole: Zone | None = None

    @property
    def authority(self):
        return self.row.authority


class ZoneTree:
    """A zone that is not public is not in it, and a part of such a zone stands for itself."""

    @cached_property
    def zones(self):
        """{pk: zone} in the order of lists."""
        return {zone.pk: zone for zone in Zone.objects.public().in_order()}

    @cached_property
    def children(self):
        below = {}
        for zone in self.zones.values():
            if zone.parent_id in self.zones:
                below.setdefault(zone.parent_id, []).append(zone)
        return below

    @property
    def roots(self):
        return [zone for zone in self.zones.values() if zone.parent_id not in self.zones]

    @cached_property
    def authorities(self):
        """{key: authority} of all that ever managed a public zone, by name."""
        rows = {row.authority.key: row.authority for rows in self.rows.values() for row in rows}
        return dict(sorted(rows.items(), key=lambda item: item[1].title))

    @cached_property
    def rows(self):
        """{zone's pk: its management, the newest beginning first; one without a beginning is the oldest}."""
        known = Authority.objects.in_bulk()
        found = {}
        for row in ZoneAuthority.objects.filter(zone__in=self.zones):
            row.authority = known[row.authority_id]
            found.setdefault(row.zone_id, []).append(row)
        for rows in found.values():
            rows.sort(key=lambda row: (row.starts_on is not None, row.starts_on, row.pk), reverse=True)
        return found

    def by_code(self, code):
        return next((zone for zone in self.zones.values() if zone.code.casefold() == code.casefold()), None)

    def parent(self, zone):
        return self.zones.get(zone.parent_id)

    def whole(self, pk):
        """The zone of which this one is a part, itself if it is none: a zone inside an economic zone is no part of it."""
        zone = self.zones.get(pk)
        while zone is not None and zone.is_part and zone.parent_id in self.zones:
            zone = self.zones[zone.parent_id]
        return zone

    def path(self, pk):
        """From the zone up to its root."""
        zone, path = self.zones.get(pk), []
        while zone is not None and zone not in path:
            path.append(zone)
            zone = self.zones.get(zone.parent_id)
        return path

    def family(self, pk):
        """The zone and everything in it."""
        found, waiting = {pk}, [pk]
        while waiting:
            below = [child.pk for child in self.children.get(waiting.pop(), []) if child.pk not in found]
            found.update(below)
            waiting += below
        return found

    def management(self, pk, day):
        """Who manages the zone on a day: its own row, for a part else that of its whole; None where no source says."""
        zone = self.zones.get(pk)
        while zone is not None:
            for row in self.rows.get(zone.pk, []):
                if (row.starts_on is None or row.starts_on <= day) and (row.ends_on is None or day <= row.ends_on):
                    return Management(row, zone if zone.pk != pk else None)
            zone = self.zones.get(zone.parent_id) if zone.is_part and not self.rows.get(zone.pk) else None
        return None

    def managed_by(self, key, day):
        """The zones (pk) that an authority manages on a day, parts with their wholes."""
        found = {pk: self.management(pk, day) for pk in self.zones}
        return {pk for pk, management in found.items() if management and management.authority.key == key}


def firms_query(zone):
    """The directory's query for the firms that are in a zone and in what is in it, not for those that only showed interest."""
    return urlencode([("zone", zone.code), *(("status", str(status)) for status in Firm.PRESENT)])
