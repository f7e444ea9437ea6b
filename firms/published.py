"""Totals that newspapers printed of the park and of all zones of its authority, as they printed them, each with its source.

They are no figures of the registry: they stand beside them, and where the printed parts do not add up to the printed total,
the difference is told and nothing is put right."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

FILE = settings.BASE_DIR / "fixtures" / "registry" / "published.json"
PARK = "KCNC-DN"  # the code of the high-tech park


@dataclass(frozen=True)
class Published:
    """What one source printed. Capital in billion VND (domestic) and million USD (foreign), as printed."""

    scope: str  # park, or board: every zone that the park's authority managed on the day
    on: date  # the last day of the time that the source speaks of
    as_of: str
    as_of_en: str
    source: str
    total: int | None = None
    domestic: int | None = None
    foreign: int | None = None
    domestic_vnd: Decimal | None = None
    foreign_usd: Decimal | None = None
    workers: int | None = None
    is_workers_minimum: bool = False
    note: str = ""
    note_en: str = ""

    @classmethod
    def of(cls, values):
        amounts = {name: Decimal(values[name]) for name in ("domestic_vnd", "foreign_usd") if name in values}
        return cls(**values | amounts | {"on": date.fromisoformat(values["on"])})

    @property
    def difference(self):
        """How much the printed parts exceed the printed total; None where they agree or where one of the three is missing."""
        if None in (self.total, self.domestic, self.foreign):
            return None
        return (self.domestic + self.foreign - self.total) or None

    @property
    def gap(self):
        """The difference without its sign."""
        return abs(self.difference or 0)

    @property
    def site(self):
        return urlsplit(self.source).hostname.removeprefix("www.")

    @property
    def scope_words(self):
        return _("High-tech park") if self.scope == "park" else _("All zones of the authority")

    @property
    def when(self):
        return self.as_of_en if get_language() == "en" else self.as_of

    @property
    def remark(self):
        return self.note_en if get_language() == "en" else self.note


@lru_cache(maxsize=1)
def printed():
    """All of them, the newest first."""
    rows = [Published.of(values) for values in json.loads(FILE.read_text(encoding="utf-8"))]
    return sorted(rows, key=lambda row: row.on, reverse=True)
