"""What the directory knows of one firm: its values by facet, the texts it is found by, and where it stands in each order."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from firms.cards import Card
from firms.models import Capability, Currency, ExchangeRate, Firm, FirmName, Project, Qualification, Sector, Zone, converted
from parkportal.text import fold

BATCH = 2000
CAPABILITY_TEXTS = ["name", "name_en", "process", "materials", "certificates"]
NOTHING = "none"  # the value of a firm of which nothing is recorded
# Upper ends of the bands of registered capital, in million USD.
BANDS = [("under-1", 1), ("1-10", 10), ("10-50", 50), ("50-100", 100), ("from-100", float("inf"))]
NO_RATE = "no-rate"  # in đồng or yen, and no exchange rate is recorded


@dataclass(frozen=True)
class Surroundings:
    """What lies around the firms and is read with them: which zone and sector lies in which, and the newest rates."""

    zones: dict  # pk -> codes of the zone and of those it is a part of
    zone_texts: dict
    sectors: dict  # pk -> keys of the sector and of the one above
    sector_texts: dict
    rates: dict  # currency -> its newest ExchangeRate
    lines: dict  # code or key -> (name, English name, depth), of zones and sectors, in the order of lists

    @classmethod
    def read(cls):
        zones = {zone.pk: zone for zone in Zone.objects.in_order().only("pk", "code", "name", "name_en", "parent_id")}
        sectors = {sector.pk: sector for sector in Sector.objects.order_by("position", "name")}
        return cls(
            {pk: tuple(one.code for one in _upward(zone, zones)) for pk, zone in zones.items()},
            {pk: fold(*(text for one in _upward(zone, zones) for text in (one.name, one.name_en))) for pk, zone in zones.items()},
            {pk: tuple(one.key for one in _upward(sector, sectors)) for pk, sector in sectors.items()},
            {pk: fold(sector.name, sector.name_en) for pk, sector in sectors.items()},
            {rate.currency: rate for rate in ExchangeRate.objects.on(None).values()},
            {one.code: (one.name, one.name_en, depth) for one, depth in _outline(zones)}
            | {one.key: (one.name, one.name_en, depth) for one, depth in _outline(sectors)},
        )

    def label(self, value, language):
        """A zone's or sector's name in a language; the value itself where there is no such thing."""
        name, name_en, _depth = self.lines.get(value, (value, "", 0))
        return _("not stated") if value == NOTHING else (name_en or name) if language == "en" else name

    def outline(self, values):
        """(value, depth) of these zones or sectors, parts below their whole."""
        known = [(value, line[2]) for value, line in self.lines.items() if value in values]
        return known + [(value, 0) for value in values if value not in self.lines]


def _upward(thing, things):
    """The thing and everything that it is a part of."""
    found = []
    while thing and thing not in found:
        found.append(thing)
        thing = things.get(thing.parent_id)
    return found


def _outline(things):
    """(thing, depth) of a tree, each part after its whole, else in the order given."""
    below = defaultdict(list)
    for thing in things.values():
        below[thing.parent_id if thing.parent_id in things else None].append(thing)

    def walk(parent, depth):
        for thing in below[parent]:
            yield thing, depth
            yield from walk(thing.pk, depth + 1)

    return walk(None, 0)


@dataclass(slots=True)
class Entry:
    pk: int
    card: Card
    values: dict  # facet -> tuple of values
    texts: dict  # field of firms.index.FIELDS -> folded text
    sort_key: str
    capital: float  # million USD; -1 where it is not known or cannot be compared
    year: int  # of the newest registration; 0 where it is not known
    touched: float


ORDERS = {
    "name": lambda entry: (entry.sort_key, entry.pk),
    "capital": lambda entry: (-entry.capital, entry.sort_key, entry.pk),
    "year": lambda entry: (-entry.year, entry.sort_key, entry.pk),
    "changed": lambda entry: (-entry.touched, entry.pk),
}
COLUMNS = [
    "pk", "code", "tax_code", "name", "name_en", "short_name", "native_name", "capital_type", "country", "other_countries",
    "zone_id", "sector_id", "sector_words", "high_tech", "is_supporting", "status", "founded_year", "intro", "intro_en",
    "parent_company", "sort_key", "touched_at", "confidence", "unsure",
]  # fmt: skip
CARD_COLUMNS = [
    "pk", "code", "name", "name_en", "short_name", "native_name", "sector_words", "country", "status", "confidence", "unsure",
]  # fmt: skip


def read(pks, surroundings):
    """The entries of these firms, those that are public; five queries for each batch."""
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        firms = list(Firm.objects.public().filter(pk__in=batch).order_by().values(*COLUMNS))
        projects = _by_firm(
            Project.objects.filter(is_public=True), batch, "zone_id", "capital", "currency", "registered_on", "registered_year",
            "stage", "code", "name", "name_en", "goal",
        )  # fmt: skip
        capabilities = _by_firm(
            Capability.objects.filter(is_public=True), batch, "kind", "name", "name_en", "process", "materials", "certificates",
            "spare_percent",
        )  # fmt: skip
        qualifications = _by_firm(Qualification.objects.all(), batch, "kind")
        names = _by_firm(FirmName.objects.all(), batch, "name")
        for firm in firms:
            pk = firm["pk"]
            yield _entry(firm, projects[pk], capabilities[pk], qualifications[pk], names[pk], surroundings)


def _by_firm(queryset, batch, *columns):
    found = defaultdict(list)
    for row in queryset.filter(firm__in=batch).order_by("pk").values("firm_id", *columns):
        found[row["firm_id"]].append(row)
    return found


def _entry(firm, projects, capabilities, qualifications, names, surroundings):
    registered = [it for it in projects if it["stage"] not in Project.ONLY_INTEREST]
    zones = {firm["zone_id"], *(it["zone_id"] for it in projects)} - {None}
    years = {it["registered_on"].year if it["registered_on"] else it["registered_year"] for it in registered} - {None}
    if not years and firm["founded_year"]:
        years = {firm["founded_year"]}
    capital, band = _capital(registered, surroundings.rates)
    values = {
        "zone": tuple({code for zone in zones for code in surroundings.zones[zone]}) or (NOTHING,),
        "sector": surroundings.sectors.get(firm["sector_id"], (NOTHING,)),
        "high_tech": (firm["high_tech"] or NOTHING,),
        "country": tuple({code for code in [firm["country"], *firm["other_countries"]] if code}) or (NOTHING,),
        "status": (firm["status"],),
        "capital_type": (firm["capital_type"],),
        "capital": (band,),
        "year": tuple(str(year) for year in years) or (NOTHING,),
        "qualification": tuple({it["kind"] for it in qualifications}),
        "capability": tuple({it["process"] for it in capabilities if it["process"]}),
        "supporting": ("yes",) if firm["is_supporting"] else (),
        "spare": ("yes",) if any(it["spare_percent"] for it in capabilities) else (),
    }
    texts = {
        "name": fold(
            firm["name"], firm["name_en"], firm["short_name"], firm["native_name"], firm["code"], firm["tax_code"],
            *(it["name"] for it in names), *(it["code"] for it in projects),
        ),
        "capability": fold(*(it[part] for it in capabilities for part in CAPABILITY_TEXTS)),
        "about": fold(
            firm["intro"], firm["intro_en"], firm["sector_words"], firm["parent_company"],
            *(it[part] for it in projects for part in ("name", "name_en", "goal")),
            *(surroundings.zone_texts[zone] for zone in zones), surroundings.sector_texts.get(firm["sector_id"], ""),
            *(it["kind"] for it in qualifications),
        ),
    }  # fmt: skip
    card = _card(firm, registered, projects, capabilities, surroundings)
    newest, touched = max(years, default=0), firm["touched_at"].timestamp()
    return Entry(firm["pk"], card, values, texts, firm["sort_key"], capital, newest, touched)


def _card(firm, registered, projects, capabilities, surroundings):
    sums = {}
    for it in registered:
        if it["capital"] is not None:
            sums[it["currency"]] = sums.get(it["currency"], 0) + it["capital"]
    return Card(
        **{name: firm[name] for name in CARD_COLUMNS},
        tax_code=firm["tax_code"] or "",
        zone=surroundings.zones[firm["zone_id"]][0] if firm["zone_id"] else "",
        sector=surroundings.sectors[firm["sector_id"]][0] if firm["sector_id"] else "",
        capital=tuple(sums.items()),
        capabilities=tuple((it["kind"], *(it[part] for part in CAPABILITY_TEXTS)) for it in capabilities),
        projects=tuple((it["name"], it["name_en"], it["goal"], it["code"] or "") for it in projects),
    )


def _capital(projects, rates):
    """(million USD, band) of what the projects registered; amounts in other currencies by the newest recorded rate."""
    amounts = [(it["capital"], it["currency"]) for it in projects if it["capital"] is not None]
    if not amounts:
        return -1.0, NOTHING
    dollars = 0.0
    for amount, currency in amounts:
        if currency != Currency.USD:
            answer = converted(amount, currency, Currency.USD, rates)
            if answer is None:
                return -1.0, NO_RATE
            amount = answer[0]
        dollars += float(amount) / 1e6
    return dollars, next(name for name, end in BANDS if dollars < end)
