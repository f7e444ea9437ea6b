"""What the registry says of a firm or a zone, as plain values in the reader's language: for comparison, PDF and Excel.

Facts of one kind come in the same order for every firm (or zone), so that they can be laid side by side. A fact without lines
is one that no source tells yet."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from firms import doubts
from firms.countries import country_name
from firms.models import Capability, Currency, ExchangeRate, Firm, FirmYear, LandFigures, Project, Zone, converted
from firms.zonetree import ZoneTree

CAPABILITY_ROWS = 8  # of each kind; how many more there are is said

FIRMS = Firm.objects.select_related("zone", "sector__parent").prefetch_related(
    Prefetch("capabilities", Capability.objects.filter(is_public=True)),
    Prefetch("projects", Project.objects.filter(is_public=True).select_related("zone", "plot").prefetch_related("certificates")),
    Prefetch("years", FirmYear.objects.filter(is_public=True)),
    "qualifications",
)
ZONES = Zone.objects.select_related("parent")


@dataclass(frozen=True)
class Origin:
    """Where a line comes from: sources one by one, the day they speak of, the day they were read."""

    sources: tuple[str, ...] = ()
    as_of: str = ""
    read_on: str = ""

    @classmethod
    def of(cls, row):
        return cls(tuple(row.sources), as_of(row), day_words(row.retrieved_on))


@dataclass(frozen=True)
class Line:
    text: str
    doubt: str = ""  # why it is not sure; empty where nothing speaks against it
    origin: Origin | None = None
    url: str = ""


@dataclass(frozen=True)
class Fact:
    key: str
    label: str
    lines: tuple[Line, ...] = ()
    number: Decimal | int | None = None  # where the fact is one figure
    amounts: tuple[tuple[str, Decimal], ...] = ()  # where it is money: (currency, total), never added to each other
    is_long: bool = False  # paragraphs instead of a few words


@dataclass(frozen=True)
class Officer:
    """Whom to call: the office of the authority that manages the zone today."""

    key: str
    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""

    @classmethod
    def of(cls, authority):
        return cls(authority.key, authority.title, authority.address, authority.phone, authority.email, authority.website)


@dataclass(frozen=True)
class Profile:
    kind: str
    code: str
    title: str
    url: str
    facts: tuple[Fact, ...]
    officer: Officer | None = None
    is_demonstration: bool = False

    def get(self, key):
        return next(fact for fact in self.facts if fact.key == key)


class Around:
    """What facts of firms and zones lie in: zones with who manages them today, and the rates recorded up to today."""

    def __init__(self, today):
        self.today = today
        self.tree = ZoneTree()
        self.rates = ExchangeRate.objects.on(today)

    def officer(self, zone_id):
        """The authority of the zone today; for what lies in no zone, or in one whose authority nobody states, our own."""
        management = self.tree.management(zone_id, self.today) if zone_id else None
        if management:
            return management.authority
        return next((one for one in self.tree.authorities.values() if one.is_ours), None)


def firm_profiles(firms, around):
    """Of firms that were read with FIRMS."""
    return [_firm(firm, around) for firm in firms]


def zone_profiles(zones, around):
    """Of zones that were read with ZONES. Two more queries: land, and firms."""
    land = LandFigures.objects.filter(zone__in=zones).select_related("zone").latest(around.today) if zones else {}
    present = Firm.objects.public().filter(status__in=Firm.PRESENT, zone__isnull=False) if zones else Firm.objects.none()
    counts = Counter(present.values_list("zone", flat=True))
    return [_zone(zone, land.get(zone.pk), counts, around) for zone in zones]


# Firms ------------------------------------------------------------------------------------------------------------------
def _firm(firm, around):
    capabilities = list(firm.capabilities.all())
    made = [it for it in capabilities if it.kind in (Capability.Kind.PRODUCT, Capability.Kind.SERVICE)]
    done = [it for it in capabilities if it.kind == Capability.Kind.PROCESS]
    spare = [it for it in capabilities if it.spare_percent is not None]
    jobs = _newest([year for year in firm.years.all() if year.kind == FirmYear.Kind.JOBS])
    capital, amounts = _capital(firm, around.rates)
    facts = [
        Fact("products", _("Products and services"), _limited([_line(it, it.title) for it in made])),
        Fact("capabilities", _("Capabilities"), _limited([_line(it, _ability(it)) for it in done])),
        Fact("spare", _("Spare capacity"), _limited([_line(it, f"{it.title}: {it.spare_percent}%") for it in spare])),
        Fact("certificates", _("Certificates of quality"), _limited(_certificates(firm, capabilities))),
        Fact("markets", _("Markets"), _distinct((it, it.markets) for it in capabilities)),
        Fact("sector", _("Sector"), _said(firm, "sector", _sector(firm))),
        Fact("zone", _("Zone"), _said(firm, "zone", firm.zone.title if firm.zone and firm.zone.is_public else "")),
        Fact("country", _("Investor's country"), _said(firm, "country", ", ".join(map(country_name, firm.countries)))),
        Fact("capital_type", _("Capital"), _choice(firm, "capital_type", Firm.Capital.UNKNOWN)),
        Fact("capital", _("Registered capital"), capital, amounts=amounts),
        Fact("year", _("In the zone since"), _said(firm, "founded_year", str(firm.founded_year or "")), firm.founded_year),
        Fact("jobs", _("Jobs"), _jobs(jobs, firm), int(jobs.value) if jobs else None),
        Fact("status", _("Status"), _choice(firm, "status", Firm.Status.UNKNOWN)),
        Fact("about", _("About the firm"), _said(firm, "intro", in_language(firm, "intro")), is_long=True),
        Fact("website", _("Website"), _said(firm, "website", firm.website, url=firm.website)),
        Fact("as_of", _("As of"), _plain(as_of(firm))),
        Fact("sources", _("Sources"), tuple(Line(one, url=one if one.startswith("http") else "") for one in firm.sources)),
        Fact("confirmed", _("Confirmed by the firm on"), _plain(day_words(firm.confirmed_on))),
    ]
    officer = around.officer(firm.zone_id)
    return Profile(
        "firm",
        firm.code,
        firm.title,
        firm.get_absolute_url(),
        tuple(facts),
        officer and Officer.of(officer),
        firm.is_demonstration,
    )


def _ability(it):
    """ "Gia công CNC 5 trục (vật liệu: nhôm; dung sai: ±0,005 mm)": what was given of process, materials, tolerance, capacity."""
    capacity = f"{number(it.capacity)} {it.capacity_unit}".strip() if it.capacity is not None else ""
    given = [
        (_("process"), it.process if it.process != it.title else ""),
        (_("materials"), it.materials),
        (_("tolerance"), it.tolerance),
        (_("capacity"), capacity),
    ]
    details = "; ".join(f"{name}: {words}" for name, words in given if words)
    return f"{it.title} ({details})" if details else it.title


def _certificates(firm, capabilities):
    lines = []
    for it in firm.qualifications.all():
        until = _("valid until {day}").format(day=day_words(it.expires_on)) if it.expires_on else ""
        lines.append(_line(it, f"{it.kind} ({until})" if until else it.kind))
    held = {line.text for line in lines}
    return lines + [line for line in _distinct((it, it.certificates) for it in capabilities) if line.text not in held]


def _sector(firm):
    words = [firm.sector.title if firm.sector else firm.sector_words]
    if firm.high_tech:
        words.append(firm.get_high_tech_display())
    if firm.is_supporting:
        words.append(_("Supporting industry").lower())
    return "; ".join(filter(None, words))


def _jobs(newest, firm):
    if newest:
        words = _("{people} (in {year})").format(people=number(newest.value), year=newest.year)
        return (_line(newest, words, _("estimated") if newest.is_estimated else ""),)
    planned = [it for it in firm.projects.all() if it.jobs_planned]
    words = _("{people} planned").format(people=number(sum(it.jobs_planned for it in planned)))
    return (_line(planned[0], words),) if planned else ()


def _capital(firm, rates):
    """(lines, ((currency, total), …)) of what was registered, each line with its value in the other currency.

    Amounts of different currencies are never added; nothing is converted without a recorded rate, which is shown with its day."""
    projects = list(firm.projects.all())
    registered = _totals(it for it in projects if not it.is_interest_only)
    proposed = _totals(it for it in projects if it.is_interest_only)
    lines = [_capital_line(*group, "{amount}", rates) for group in registered]
    lines += [_capital_line(*group, _("{amount} proposed, not registered"), rates) for group in proposed]
    return tuple(lines), tuple((currency, total) for currency, total, _projects in registered)


def _totals(projects):
    """[(currency, total, the projects that make it up)]."""
    sums = {}
    for it in projects:
        amount, currency = _amount(it)
        if amount is not None:
            sums.setdefault(currency, []).append((amount, it))
    return [(currency, sum(a for a, _it in parts), [it for _a, it in parts]) for currency, parts in sums.items()]


def _capital_line(currency, total, projects, words, rates):
    text = words.format(amount=money(total, currency))
    if value := in_other_currency(total, currency, rates):
        text = f"{text} {value}"
    doubt = next(filter(None, (_doubt(it, "capital", "currency") for it in projects)), "")
    sources = tuple(dict.fromkeys(source for it in projects for source in it.sources))
    return Line(text, doubt, Origin(sources, as_of(projects[0]), day_words(projects[0].retrieved_on)))


def _amount(project):
    """(capital, currency) by the newest certificate that states it, else the project's own figure."""
    stated = [it for it in project.certificates.all() if it.capital is not None and it.currency]
    return (stated[-1].capital, stated[-1].currency) if stated else (project.capital, project.currency)


def in_other_currency(amount, currency, rates):
    into = Currency.VND if currency != Currency.VND else Currency.USD
    answer = converted(amount, currency, into, rates)
    if answer is None:
        return ""
    value, rate = answer
    words = _("(about {value}, at {rate} VND for 1 {currency}, {day})")
    return words.format(value=money(value, into, 1), rate=number(rate.vnd), currency=rate.currency, day=day_words(rate.on))


# Zones ------------------------------------------------------------------------------------------------------------------
def _zone(zone, land, counts, around):
    management = around.tree.management(zone.pk, around.today)
    firms = sum(counts[pk] for pk in around.tree.family(zone.pk))
    place = ", ".join(filter(None, [zone.location, zone.province]))
    facts = [
        Fact("kind", _("Kind"), _said(zone, "kind", _first_upper(zone.get_kind_display()))),
        Fact("part_of", _("Part of"), _plain(zone.parent.title if zone.parent else "")),
        Fact("location", _("Location"), _said(zone, "location", place)),
        Fact("state", _("State"), _choice(zone, "state", Zone.State.UNKNOWN)),
        _hectares("area", _("Area"), land, "area_ha"),
        _hectares("leasable", _("Leasable"), land, "leasable_ha"),
        _hectares("leased", _("Leased"), land, "leased_ha"),
        _hectares("free", _("Land still free"), land, "free_ha"),
        Fact("occupancy", _("Occupancy"), _occupancy(land), _percent(land)),
        Fact("land_as_of", _("Land figures as of"), _plain(as_of(land) if land else "")),
        Fact("firms", _("Firms"), (Line(number(firms)),), firms),
        Fact("authority", _("Managing authority"), _authority(management)),
        Fact("developer", _("Infrastructure developer"), _said(zone, "developer", zone.developer)),
        Fact("year", _("Established in"), _said(zone, "established_year", str(zone.established_year or "")),
             zone.established_year),
        Fact("decision", _("Decision that established it"), _said(zone, "decision", zone.decision)),
        Fact(
            "infrastructure", _("Infrastructure"),
            _said(zone, "infrastructure", in_language(zone, "infrastructure")), is_long=True,
        ),
        Fact("incentives", _("Incentives"), _said(zone, "incentives", in_language(zone, "incentives")), is_long=True),
        Fact("website", _("Website"), _said(zone, "website", zone.website, url=zone.website)),
        Fact("as_of", _("As of"), _plain(as_of(zone))),
        Fact("sources", _("Sources"), tuple(Line(one, url=one if one.startswith("http") else "") for one in zone.sources)),
    ]  # fmt: skip
    officer = around.officer(zone.pk)
    return Profile("zone", zone.code, zone.title, zone.get_absolute_url(), tuple(facts), officer and Officer.of(officer))


def _hectares(key, label, land, name):
    value = getattr(land, name) if land else None
    if value is None:
        return Fact(key, label)
    words = _("{area} ha").format(area=number(value))
    return Fact(key, label, (_line(land, words, _doubt(land, name)),), value)


def _percent(land):
    return None if land is None or land.occupancy is None else round(land.occupancy, 2)


def _occupancy(land):
    if _percent(land) is None:
        return ()
    words = "{percent}%" if land.leasable_ha else _("{percent}% of the whole area")
    return (_line(land, words.format(percent=number(_percent(land)))),)


def _authority(management):
    if management is None:
        return ()
    since = management.row.starts_on
    title = management.authority.title
    words = _("{authority}, since {day}").format(authority=title, day=day_words(since)) if since else title
    return (Line(words, origin=Origin(tuple(management.row.source.splitlines()))),)


# Words ------------------------------------------------------------------------------------------------------------------
def number(value):
    """With separators of thousands and without zeros that say nothing."""
    value = Decimal(value).normalize()
    return number_format(value if value.as_tuple().exponent < 0 else int(value), use_l10n=True, force_grouping=True)


def money(amount, currency, decimals=3):
    """ "170 triệu USD", "10.576 tỷ VND": in the unit in which people say it, never rounded to nothing."""
    billions, millions = Decimal(10) ** 9, Decimal(10) ** 6
    amount = Decimal(amount)
    if currency == Currency.VND and abs(amount) >= billions:
        words, value = _("{amount} billion {currency}"), amount / billions
    elif abs(amount) >= millions:
        words, value = _("{amount} million {currency}"), amount / millions
    else:
        words, value = "{amount} {currency}", amount
    return words.format(amount=number(round(value, decimals)), currency=currency)


def as_of(row):
    return day_words(row.as_of) or row.as_of_words


def day_words(day):
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def in_language(row, name):
    """The text in the reader's language; the Vietnamese one where there is no other."""
    return (getattr(row, f"{name}_en") if get_language() == "en" else "") or getattr(row, name)


def _first_upper(words):
    words = str(words)
    return words[:1].upper() + words[1:]


def _newest(years):
    return max(years, key=lambda year: year.year, default=None)


def _doubt(row, *names):
    """Why a value of the row is not sure: the reason that is recorded with it, or that of the whole row."""
    reason = next((row.unsure[name] for name in names if name in row.unsure), None)
    if reason is not None:
        return str(doubts.words(reason))
    return str(row.get_confidence_display()) if row.is_unsure else ""


def _line(row, text, doubt=""):
    return Line(text, doubt or _doubt(row), Origin.of(row))


def _said(row, name, text, url=""):
    return (Line(text, _doubt(row, name), Origin.of(row), url),) if text else ()


def _plain(text):
    return (Line(text),) if text else ()


def _choice(row, name, unknown):
    """The words of a choice; of "not stated" nothing, because nothing is known."""
    value = getattr(row, name)
    return () if value == unknown else _said(row, name, _first_upper(getattr(row, f"get_{name}_display")()))


def _distinct(pairs):
    """Lines of (row, text), each text once."""
    lines = {}
    for row, text in pairs:
        if text and text not in lines:
            lines[text] = _line(row, text)
    return tuple(lines.values())


def _limited(lines):
    if len(lines) <= CAPABILITY_ROWS:
        return tuple(lines)
    more = len(lines) - CAPABILITY_ROWS + 1
    return (*lines[: CAPABILITY_ROWS - 1], Line(_("and {n} more").format(n=more)))
