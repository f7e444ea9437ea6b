"""Which version of the data an answer shows, told without reading the data: for ETag and Last-Modified."""

import hashlib

from django.db.models import Max

from firms.models import Authority, Edition, Firm, LandFigures, Sector, Zone, ZoneAuthority


def of_firms():
    """(what changes with any firm, project or zone, the moment of the last change). Firms that are hidden count too: hiding
    one is a change."""
    touched = Firm.objects.aggregate(at=Max("touched_at"))["at"]
    moved = Zone.history.aggregate(at=Max("history_date"))["at"]
    moments = [moment for moment in (touched, moved) if moment]
    return f"{Edition.current()} {touched} {moved}", max(moments, default=None)


def of_zones():
    """Land and managing authorities change without the directory; they have histories of their own."""
    last = [model.history.aggregate(last=Max("history_id"))["last"] for model in (Zone, LandFigures, ZoneAuthority, Authority)]
    return f"{Edition.current()} {last}", None


def of_sectors():
    """A short list without a history: it is its own version."""
    return repr(list(Sector.objects.order_by("pk").values_list())), None


def etag(version, address):
    return f'"{hashlib.sha256(f"{version} {address}".encode()).hexdigest()[:32]}"'
