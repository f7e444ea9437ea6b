"""Loads the registry's first zones, firms and rates out of fixtures/registry/.

Only what is missing is created: a zone or firm that was loaded once is left alone with everything that belongs to it, so
corrections that people made since stay. Whether a firm was loaded before is read from its history, which nobody can change:
its name, and whatever else could tell it, may have been corrected, and it may have been merged into another one."""

import json
from decimal import Decimal
from itertools import chain

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from firms.codes import code_of
from firms.models import (
    Authority,
    Capability,
    Certificate,
    CodeCounter,
    ExchangeRate,
    Firm,
    FirmName,
    FirmYear,
    LandFigures,
    Plot,
    Project,
    Sector,
    Zone,
    ZoneAuthority,
)
from firms.names import firm_key

FIXTURES = settings.BASE_DIR / "fixtures" / "registry"
REASON = "fixtures/registry"  # why a row was written, as its history tells it; of a firm with its key in firms.json
PROVENANCE = ("source", "as_of", "as_of_words", "retrieved_on", "confidence")


def read(name):
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"), parse_float=Decimal)


@transaction.atomic
def load_all():
    """Numbers of rows created, by what they are."""
    CodeCounter.take(0)  # holds the counter's row: two loads at once come one after the other
    return {
        "sectors": load_sectors(read("sectors.json")),
        "authorities": load_authorities(read("authorities.json")),
        **load_zones(read("zones.json")),
        **load_firms(read("firms.json")),
        "exchange rates": load_rates(read("rates.json")),
    }


def load_sectors(entries):
    known = {sector.key: sector for sector in Sector.objects.all()}
    missing = [entry for entry in entries if entry["key"] not in known]
    for entry in missing:
        fields = _only(entry, "key", "name", "name_en", "position")
        known[entry["key"]] = Sector.objects.create(parent=known.get(entry.get("parent")), **fields)
    return len(missing)


def load_authorities(entries):
    known = set(Authority.objects.values_list("key", flat=True))
    rows = [_row(Authority, entry) for entry in entries if entry["key"] not in known]
    return _store(Authority, rows)


def load_zones(entries):
    zones = {zone.code: zone for zone in Zone.objects.all()}
    authorities = {authority.key: authority for authority in Authority.objects.all()}
    missing = [entry for entry in entries if entry["code"] not in zones]
    land, managed = [], []
    for entry in missing:
        fields = _without(entry, "parent", "land", "authorities")
        zone = zones[entry["code"]] = _row(Zone, fields, parent=zones.get(entry.get("parent")))
        zone._change_reason = REASON
        zone.save()
        land += [_row(LandFigures, _inherit(entry, child), zone=zone) for child in entry.get("land", [])]
        for child in entry.get("authorities", []):
            authority = authorities[child["authority"]]
            managed.append(_row(ZoneAuthority, _without(child, "authority"), zone=zone, authority=authority))
    _store(ZoneAuthority, managed)
    return {"zones": len(missing), "land figures": _store(LandFigures, land)}


def load_firms(entries):
    loaded = set(
        Firm.history.filter(history_type="+", history_change_reason__startswith=f"{REASON} ").values_list(
            "history_change_reason", flat=True
        )
    )
    missing = [entry for entry in entries if f"{REASON} {entry['key']}" not in loaded]
    zones = {zone.code: zone for zone in Zone.objects.all()}
    sectors = {sector.key: sector for sector in Sector.objects.all()}
    firms = []
    for entry, number in zip(missing, CodeCounter.take(len(missing)), strict=True):
        fields = _without(entry, "key", "rows", "zone", "sector", "names", "projects", "capabilities", "years")
        firm = _row(Firm, fields, zone=zones.get(entry.get("zone")), sector=sectors.get(entry.get("sector")))
        firm.code = code_of(number)
        firm.prepare()
        firm._change_reason = f"{REASON} {entry['key']}"
        firms.append(firm)
    counts = {"firms": _store(Firm, firms)}
    pairs = list(zip(firms, missing, strict=True))
    _store(FirmName, _children(FirmName, pairs, "names"))
    counts |= _load_projects(pairs, zones)
    counts["products and services"] = _store(Capability, _children(Capability, pairs, "capabilities"))
    counts["yearly figures"] = _store(FirmYear, _children(FirmYear, pairs, "years"))
    return counts


def _load_projects(pairs, zones):
    plots = {(plot.zone_id, plot.number): plot for plot in Plot.objects.all()}
    projects, certificates = [], []
    for firm, entry in pairs:
        for child in entry.get("projects", []):
            fields = _inherit(entry, child)
            project = _row(Project, _without(fields, "row", "zone", "plot", "certificates"), firm=firm)
            project.zone = zones.get(child.get("zone"))
            if "plot" in child:
                project.plot = plots.get((project.zone.pk, child["plot"])) or _plot(project.zone, fields, plots)
            projects.append(project)
            certificates += [(project, _inherit(fields, certificate)) for certificate in child.get("certificates", [])]
    counts = {"projects": _store(Project, projects)}
    rows = [_row(Certificate, fields, firm=project.firm, project=project) for project, fields in certificates]
    return counts | {"certificates": _store(Certificate, rows)}


def _plot(zone, fields, plots):
    plot = _row(Plot, {"number": fields["plot"]} | _only(fields, *PROVENANCE), zone=zone)
    plot._change_reason = REASON
    plot.save()
    plots[zone.pk, plot.number] = plot
    return plot


def load_rates(entries):
    known = {(rate.currency, rate.on.isoformat()) for rate in ExchangeRate.objects.all()}
    return _store(ExchangeRate, [_row(ExchangeRate, it) for it in entries if (it["currency"], it["on"]) not in known])


def _children(model, pairs, name):
    rows = ([_row(model, _inherit(entry, child), firm=firm) for child in entry.get(name, [])] for firm, entry in pairs)
    return list(chain.from_iterable(rows))


def _inherit(entry, child):
    """The child's fields; what it does not say about its source it has from the entry that it stands in.

    A child with sources of its own has its own time too: the entry's does not speak of them."""
    mine = PROVENANCE if "source" not in child else ("retrieved_on", "confidence")
    if "as_of" in child:
        mine = [name for name in mine if not name.startswith("as_of")]
    return {name: entry[name] for name in mine if name in entry} | child


def _row(model, fields, **objects):
    """An unsaved row. Dates and numbers are read as their columns read them; sources stand one on a line."""
    values = {name: model._meta.get_field(name).to_python(value) for name, value in fields.items() if name != "source"}
    return model(source="\n".join(fields["source"]), **values, **objects)


def _store(model, rows):
    """Writes the rows with their history. What save() would derive is derived here, since many are written at once."""
    for row in rows:
        row.normalise()
        if isinstance(row, FirmName):
            row.name_key = firm_key(row.name)[:250]
    if rows:
        bulk_create_with_history(rows, model, default_change_reason=REASON)
    return len(rows)


def _only(entry, *names):
    return {name: entry[name] for name in names if name in entry}


def _without(entry, *names):
    return {name: value for name, value in entry.items() if name not in names}
