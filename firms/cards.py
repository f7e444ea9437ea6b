"""What a row or card of the directory shows of one firm: kept in memory with the index, so that a page asks no table."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from firms import countries, doubts, facts
from firms.models import Capability, Confidence, Firm

MADE = 4  # products and capabilities that a row names


@dataclass(slots=True)
class Card:
    """Texts in both languages; `capital` are sums of what was registered, by currency."""

    pk: int
    code: str
    name: str
    name_en: str
    short_name: str
    native_name: str
    tax_code: str
    zone: str  # code, "" where none is stated
    sector: str  # key
    sector_words: str
    country: str
    status: str
    capital: tuple  # ((currency, amount), …)
    capabilities: tuple  # ((kind, name, English name, process, materials, certificates), …)
    projects: tuple  # ((name, English name, goal, code), …)
    confidence: str
    unsure: dict

    @property
    def title(self):
        return self.named(get_language())

    def named(self, language):
        return self.name_en if self.name_en and language == "en" else self.name

    @property
    def is_unsure(self):
        return self.confidence in (Confidence.LOW, Confidence.UNSTATED)

    def get_confidence_display(self):
        return Confidence(self.confidence).label

    @property
    def status_words(self):
        return Firm.Status(self.status).label

    @property
    def doubt(self):
        """Why the status, or the whole entry, is in doubt; empty where it is not."""
        return doubts.reason(self, "status")

    @property
    def country_words(self):
        return countries.country_name(self.country) if self.country else ""

    @property
    def capital_words(self):
        """ "170 triệu USD"; amounts of different currencies stand beside each other and are never added."""
        return " + ".join(facts.money(amount, currency, 1) for currency, amount in self.capital)

    @property
    def makes(self):
        return self.made(get_language())

    def made(self, language):
        """What the firm makes or can do, in one line."""
        place = 2 if language == "en" else 1
        titles = dict.fromkeys(it[place] or it[1] for it in self.capabilities if it[0] != Capability.Kind.INPUT)
        return "; ".join(list(titles)[:MADE])

    def told(self, surroundings):
        """(where, shown text, further texts …): where a searched word may stand apart from the name."""
        place, language = (1, "en") if get_language() == "en" else (0, "vi")
        for kind, *names, process, materials, certificates in self.capabilities:
            shown = ", ".join(filter(None, [names[place] or names[0], process, materials]))
            yield Capability.Kind(kind).label, shown, *names, certificates
        for project in self.projects:
            yield _("project"), project[place] or project[0], *project
        if self.sector:
            yield _("sector"), surroundings.label(self.sector, language), *surroundings.lines[self.sector][:2], self.sector_words
        if self.zone:
            yield _("zone"), surroundings.label(self.zone, language), *surroundings.lines[self.zone][:2]
        yield _("number"), self.tax_code or self.code, self.code
