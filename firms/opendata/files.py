"""The directory as files that anybody may take: one row a firm, written while it is read, so that a hundred thousand firms take
no more memory than a thousand."""

import csv
import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

from django.conf import settings
from django.db.models import Prefetch
from django.http import FileResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override, pgettext
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from firms.countries import country_name
from firms.models import Capability, Currency, Firm, FirmYear, LandFigures, Project, Zone

BATCH = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WORKBOOK_ROWS = 10_000  # a workbook is made as a whole before its first byte leaves
TYPES = {"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}
FORMATS = ["csv", "xlsx", "geojson"]


def capital_in(currency):
    """Registered capital of a firm in one currency: added up within it, never converted."""
    return lambda firm: sum(it.capital for it in firm.registered if it.currency == currency and it.capital is not None) or None


def newest_jobs(firm):
    return max(firm.job_years, key=lambda it: it.year, default=None)


@lru_cache(maxsize=len(settings.LANGUAGES))
def labels(_language):
    """{field: {value: its words}} in the language that is spoken now; asked for a million times in a long file."""
    fields = [field for field in Firm._meta.concrete_fields if field.choices]
    return {field.name: {value: str(words) for value, words in field.flatchoices} | {"": ""} for field in fields}


def label_of(name):
    return lambda firm: labels(get_language())[name].get(getattr(firm, name), getattr(firm, name))


# key in GeoJSON -> (head of the column, what stands in it)
COLUMNS = {
    "code": (_("Registry number"), lambda firm: firm.code),
    "tax_code": (_("Tax code"), lambda firm: firm.tax_code),
    "name": (_("Name"), lambda firm: firm.name),
    "name_en": (_("Name in English"), lambda firm: firm.name_en),
    "short_name": (_("Abbreviation"), lambda firm: firm.short_name),
    "native_name": (_("Native name"), lambda firm: firm.native_name),
    "zone_code": (_("Code of the zone"), lambda firm: firm.zone and firm.zone.code),
    "zone": (_("Zone"), lambda firm: firm.zone and firm.zone.title),
    "sector": (_("Sector"), lambda firm: firm.sector.title if firm.sector else firm.sector_words),
    "capital_type": (_("Capital"), label_of("capital_type")),
    "country": (_("Investor's country"), lambda firm: ", ".join(country_name(code) for code in firm.countries)),
    "parent_company": (_("Parent company"), lambda firm: firm.parent_company),
    "status": (_("Status"), label_of("status")),
    "status_words": (_("Status, as the source says"), lambda firm: firm.status_words),
    "high_tech": (_("High-tech field"), label_of("high_tech")),
    "is_supporting": (_("Supporting industry"), lambda firm: pgettext("table", "yes") if firm.is_supporting else ""),
    "founded_year": (_("In the zone since"), lambda firm: firm.founded_year),
    "address": (_("Address"), lambda firm: firm.address),
    "website": (_("Website"), lambda firm: firm.website),
    "projects": (_("Registered projects"), lambda firm: len(firm.registered)),
    "capital_usd": (_("Registered capital (USD)"), capital_in(Currency.USD)),
    "capital_vnd": (_("Registered capital (VND)"), capital_in(Currency.VND)),
    "capital_jpy": (_("Registered capital (JPY)"), capital_in(Currency.JPY)),
    "jobs": (_("Jobs"), lambda firm: (newest := newest_jobs(firm)) and newest.value),
    "jobs_year": (_("Jobs: year"), lambda firm: (newest := newest_jobs(firm)) and newest.year),
    "capabilities": (_("Products and capabilities"), lambda firm: "; ".join(it.title for it in firm.shown_capabilities)),
    "qualifications": (_("Certificates"), lambda firm: "; ".join(it.kind for it in firm.held)),
    "confirmed_on": (_("Confirmed by the firm on"), lambda firm: firm.confirmed_on),
    "review": (_("Review"), label_of("review")),
    "confidence": (_("Confidence"), label_of("confidence")),
    "unsure": (_("In doubt"), lambda firm: "; ".join(f"{name}: {why}" for name, why in firm.unsure.items())),
    "as_of": (_("As of"), lambda firm: firm.as_of_shown),
    "sources": (_("Sources"), lambda firm: " ; ".join(firm.sources)),
    "is_demonstration": (_("Demonstration"), lambda firm: pgettext("table", "yes") if firm.is_demonstration else ""),
    "updated_at": (_("Last changed"), lambda firm: timezone.localtime(firm.touched_at).replace(microsecond=0)),
    "page": (_("Page"), lambda firm: firm.page),
}


def batches(pks, request):
    """Firms with what a row shows of them, some hundred at a time; the number of queries for each batch is constant."""
    rows = Firm.objects.public().select_related("zone", "sector").prefetch_related(
        Prefetch("capabilities", Capability.objects.filter(is_public=True), "shown_capabilities"),
        Prefetch("projects", Project.objects.filter(is_public=True).registered(), "registered"),
        Prefetch("years", FirmYear.objects.filter(is_public=True, kind=FirmYear.Kind.JOBS), "job_years"),
        Prefetch("qualifications", to_attr="held"),
    ).defer("search_text", "intro", "intro_en", "note", "name_key", "sort_key")  # fmt: skip
    for start in range(0, len(pks), BATCH):
        some = pks[start : start + BATCH]
        found = rows.in_bulk(some)
        firms = [found[pk] for pk in some if pk in found]
        pattern = request.build_absolute_uri(reverse("firm_detail", args=["CODE"]))
        for firm in firms:
            firm.page = pattern.replace("CODE", firm.code)
        yield firms


def plain(value):
    """A value as a cell or JSON holds it."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def values(firm):
    return [plain(value(firm)) for _head, value in COLUMNS.values()]


def harmless(value):
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


class Line:
    """What csv writes into: hands the line back."""

    def write(self, line):
        return line


def csv_of(pks, request):
    """Opens in Excel with its Vietnamese intact because of the byte order mark."""
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow([str(head) for head, _value in COLUMNS.values()])
    for firms in batches(pks, request):
        yield "".join(writer.writerow([harmless(value) for value in values(firm)]) for firm in firms)


def points():
    """{pk of a zone: [longitude, latitude] of it, or of the zone that it is a part of}"""
    zones = {zone.pk: zone for zone in Zone.objects.public().only("pk", "parent_id", "latitude", "longitude")}
    found = {}
    for pk, zone in zones.items():
        for one in (zone, zones.get(zone.parent_id)):
            if pk not in found and one and one.latitude is not None and one.longitude is not None:
                found[pk] = [float(one.longitude), float(one.latitude)]
    return found


def geojson_of(pks, request):
    """Firms have no surveyed point: each stands at its zone's, and says so; without one its geometry is null (RFC 7946)."""
    known, separator = points(), ""
    yield '{"type": "FeatureCollection", "features": [\n'
    for firms in batches(pks, request):
        lines = []
        for firm in firms:
            point = known.get(firm.zone_id)
            properties = dict(zip(COLUMNS, values(firm), strict=True)) | {"point_of": "zone" if point else None}
            geometry = {"type": "Point", "coordinates": point} if point else None
            feature = {"type": "Feature", "id": firm.code, "geometry": geometry, "properties": properties}
            lines.append(separator + json.dumps(feature, ensure_ascii=False))
            separator = ",\n"
        yield "".join(lines)
    yield "\n]}\n"


def workbook_of(pks, request):
    """A workbook; text stays text, whatever it begins with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(gettext("Firms"))
    sheet.freeze_panes = "D2"

    def cell(value):
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000])
        made.data_type = "s"
        return made

    sheet.append([cell(str(head)) for head, _value in COLUMNS.values()])
    for firms in batches(pks, request):
        for firm in firms:
            sheet.append([cell(value) for value in values(firm)])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def in_language(language, parts):
    """The parts in the language in which they were asked for: they are made long after the page's own work is done."""
    parts = iter(parts)
    while True:
        with override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def response(found, format_name, request, name):
    if format_name == "xlsx":
        return FileResponse(workbook_of(found, request), as_attachment=True, filename=f"{name}.xlsx")
    parts = {"csv": csv_of, "geojson": geojson_of}[format_name](found, request)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format_name}"'}
    return StreamingHttpResponse(in_language(get_language(), parts), content_type=TYPES[format_name], headers=headers)


def zones_geojson(request):
    """Zones with their outline where one is known, else their point, else no geometry."""
    land = LandFigures.objects.latest(timezone.localdate())
    features = []
    for zone in Zone.objects.public().select_related("parent").in_order():
        geometry = zone.outline
        if not geometry and zone.latitude is not None and zone.longitude is not None:
            geometry = {"type": "Point", "coordinates": [float(zone.longitude), float(zone.latitude)]}
        features.append(
            {"type": "Feature", "id": zone.code, "geometry": geometry, "properties": zone_values(zone, land, request)}
        )
    return {"type": "FeatureCollection", "features": features}


def zone_values(zone, land, request):
    figures = land.get(zone.pk)
    if figures:
        figures.zone = zone
    amounts = ["area_ha", "leasable_ha", "leased_ha", "ready_ha", "free_ha", "occupancy"]
    found = {
        "code": zone.code, "part_of": zone.parent.code if zone.parent else None, "name": zone.name, "name_en": zone.name_en,
        "kind": zone.kind, "state": zone.state, "province": zone.province, "location": zone.location,
        "established_year": zone.established_year, "developer": zone.developer, "point_basis": zone.point_basis,
        "is_point_sourced": zone.is_point_sourced,
    } | {name: getattr(figures, name) if figures else None for name in amounts}  # fmt: skip
    found |= {"as_of": figures.as_of_shown if figures else zone.as_of_shown, "confidence": zone.confidence}
    found |= {"sources": " ; ".join([*zone.sources, *(figures.sources if figures else [])])}
    found["page"] = request.build_absolute_uri(zone.get_absolute_url())
    return {name: plain(value) for name, value in found.items()}
