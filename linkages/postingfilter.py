"""The list of needs and offers as its address asks for it: words, groups with counts, an order.

There are hundreds of them, not hundreds of thousands: the shelf is filled anew for each look, from one query."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django_filters import CharFilter

from firms import countries
from firms.entries import NOTHING, Surroundings
from firms.faceting import PAGE_SIZE, FacetFilter, ShelfFilter, place_in
from linkages.models import Posting
from linkages.network import sum_of
from parkportal.bitsets import Shelf
from parkportal.text import fold, sort_key

CHOICES = {
    "direction": Posting.Direction, "kind": Posting.Kind, "readiness": Posting.Readiness, "transfer": Posting.Transfer,
    "protection": Posting.Protection,
}  # fmt: skip
COLUMNS = [
    "pk", "code", "direction", "kind", "title", "title_en", "search_text", "sector_id", "readiness", "protection", "transfers",
    "countries", "deadline", "published_on",
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    pk: int
    row: dict
    values: dict
    text: str


class PostingShelf(Shelf):
    orders = {
        "new": lambda it: (-it.row["published_on"].toordinal() if it.row["published_on"] else 0, -it.pk),
        "needed": lambda it: (it.row["deadline"] is None, it.row["deadline"] or 0, -it.pk),
        "title": lambda it: (sort_key(it.row["title"]), it.pk),
    }

    def __init__(self, today):
        self.clear()
        self.places = Surroundings.read()
        for row in Posting.objects.published(today).order_by().values(*COLUMNS):
            self.put(Line(row["pk"], row, self._values(row), f"{row['search_text']} {row['code'].lower()}"))

    def _values(self, row):
        return {
            "direction": (row["direction"],),
            "kind": (row["kind"],),
            "sector": self.places.sectors.get(row["sector_id"], (NOTHING,)),
            "readiness": (row["readiness"] or NOTHING,),
            "transfer": tuple(row["transfers"]) or (NOTHING,),
            "protection": (row["protection"] or NOTHING,),
            "country": tuple(row["countries"]) or (NOTHING,),
        }

    def saying(self, words):
        found = self.everything
        for word in fold(words).split()[:12]:
            found &= sum_of(entry is not None and word in entry.text for entry in self.entries)
        return found


class PostingFilter(ShelfFilter):
    q = CharFilter(label=gettext_lazy("Search"))
    direction = FacetFilter(label=gettext_lazy("Need or offer"))
    kind = FacetFilter(label=gettext_lazy("Kind"))
    sector = FacetFilter(label=gettext_lazy("Sector"))
    readiness = FacetFilter(label=gettext_lazy("Stage of development"))
    transfer = FacetFilter(label=gettext_lazy("Form of transfer"))
    protection = FacetFilter(label=gettext_lazy("Intellectual property"))
    country = FacetFilter(label=gettext_lazy("Partner from"))

    def __init__(self, data, today):
        super().__init__(QueryDict() if data is None else data, Posting.objects.none())
        self.index = PostingShelf(today)

    @property
    def sorts(self):
        return {"new": _("newest first"), "needed": _("needed soonest first"), "title": _("by title, A to Z")}

    @cached_property
    def _search(self):
        return (self.index.saying(self.words) if self.words else self.index.everything,)

    @cached_property
    def rows(self):
        """The postings of the page, with what a card shows."""
        pks = self.pks((self.number - 1) * PAGE_SIZE, PAGE_SIZE)
        found = Posting.objects.select_related("sector", "owner__firm").in_bulk(pks)
        return [found[pk] for pk in pks if pk in found]

    # Words --------------------------------------------------------------------------------------------------------------
    def _in_order(self, name, counts):
        if name == "sector":
            return self.index.places.outline(counts)
        if name in CHOICES:
            return [(value, 0) for value in sorted(counts, key=place_in(CHOICES[name].values))]
        by_count = sorted(counts, key=lambda value: (value == NOTHING, -counts[value], value))
        return [(value, 0) for value in by_count]

    def label(self, name, value):
        """A value in the reader's words; an unknown one as it stands in the address."""
        if name == "sector":
            return self.index.places.label(value, get_language())
        if name == "country":
            return _("from anywhere") if value == NOTHING else countries.country_name(value)
        known = dict(CHOICES[name].choices) if name in CHOICES else {}
        return str(known.get(value, pgettext("value", "not stated") if value == NOTHING else value))
