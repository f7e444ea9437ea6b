"""Canonical values, kinds of rows and candidates as a person reads them."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms.countries import country_name
from firms.models import Firm, Sector, Zone
from firms.uploads import checking
from firms.uploads.columns import COLUMNS
from firms.uploads.vocabulary import CHOICES

KIND_LABELS = {
    checking.NEW: gettext_lazy("New"),
    checking.CHANGED: gettext_lazy("Changed"),
    checking.SAME: gettext_lazy("Unchanged"),
    checking.CONFLICT: gettext_lazy("Conflict"),
    checking.UNDECIDED: gettext_lazy("Doubtful match"),
    checking.PROBLEM: gettext_lazy("With errors"),
    checking.LEFT_OUT: gettext_lazy("Passed over"),
}


def kind_label(kind):
    return str(KIND_LABELS[kind])


class Names:
    """Names of zones, sectors, stored firms and rows of the file, each kind read once and only if it is asked for."""

    def __init__(self, kept=None, firms=()):
        self.kept, self._zones, self._sectors, self._rows = kept, None, None, {}
        self._firms = {firm.pk: firm for firm in Firm.objects.filter(pk__in=set(firms)).select_related("zone")} if firms else {}

    def zone(self, code):
        if self._zones is None:
            self._zones = {zone.code: zone.title for zone in Zone.objects.only("code", "name", "name_en")}
        return self._zones.get(code, code)

    def sector(self, key):
        if self._sectors is None:
            self._sectors = {sector.key: sector.title for sector in Sector.objects.all()}
        return self._sectors.get(key, key)

    def firm(self, pk):
        if pk not in self._firms:
            self._firms[pk] = Firm.objects.filter(pk=pk).select_related("zone").first()
        return self._firms[pk]

    def row(self, number):
        if number not in self._rows:
            self._rows[number] = self.kept.row(number) if self.kept else None
        return self._rows[number]


def value(key, canonical, names):
    """A field's canonical value in the reader's language; "" for none."""
    if canonical in (None, "", []):
        return ""
    reader = COLUMNS[key].reader
    if key == "zone":
        return names.zone(canonical)
    if key == "sector":
        return names.sector(canonical)
    if key in CHOICES:
        return str(dict(CHOICES[key].choices).get(canonical, canonical))
    if reader == "country":
        return country_name(canonical)
    if reader == "countries":
        return ", ".join(map(country_name, canonical))
    if reader == "date":
        return date_format(date.fromisoformat(canonical), "SHORT_DATE_FORMAT")
    if reader in ("money", "hectares"):
        return number_format(Decimal(canonical), use_l10n=True, force_grouping=True)
    if isinstance(canonical, bool):
        return _("yes") if canonical else _("no")
    if isinstance(canonical, list):
        return "; ".join(map(str, canonical))
    return str(canonical)


def name_of_candidate(one, names):
    """A stored firm by its name and number, a row of the file by its own."""
    if one > 0:
        firm = names.firm(one)
        return f"{firm.title} ({firm.code})" if firm else "?"
    row = names.row(-one)
    name = (row["v"].get("name") or row["v"].get("name_en") or "") if row else ""
    return _("row {number}: {name}").format(number=-one, name=name)
