"""The firms and zones that everybody may read, for search engines."""

from django.db.models import Max
from django.urls import reverse

from firms.models import Firm, Zone
from parkportal.crawlers import RowSitemap


class FirmSitemap(RowSitemap):
    def items(self):
        return Firm.objects.public().order_by("pk").values_list("code", "touched_at")

    def location(self, row):
        return reverse("firm_detail", args=[row[0]])

    def lastmod(self, row):
        return row[1]

    def get_latest_lastmod(self):
        return Firm.objects.public().aggregate(at=Max("touched_at"))["at"]


class ZoneSitemap(RowSitemap):
    def items(self):
        return Zone.objects.public().order_by("pk").values_list("code", flat=True)

    def location(self, code):
        return reverse("zone_detail", args=[code])
