"""What somebody asks of the directory, and how many firms each further answer would leave.

Inside a group any chosen value will do, across groups all must hold. The figure beside a value is the number of firms that
choosing it would show while the other groups stay as they are. Everything is counted in memory (firms.index); the address is
the whole state."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.forms import CheckboxSelectMultiple, MultipleChoiceField
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django_filters import CharFilter, FilterSet, MultipleChoiceFilter

from firms import countries, index
from firms.entries import BANDS, NO_RATE, NOTHING
from firms.models import Firm
from parkportal.text import fold, whole_number

PAGE_SIZE = 24
PASSING = ("page", "format", "more")  # parts of an address that belong to one look at it
VIEWS = ["list", "cards", "map"]
SHOWN_AT_FIRST = 8  # values of a long group that stand open
BAND_LABELS = {
    "under-1": gettext_lazy("under 1 million USD"),
    "1-10": gettext_lazy("1 to 10 million USD"),
    "10-50": gettext_lazy("10 to 50 million USD"),
    "50-100": gettext_lazy("50 to 100 million USD"),
    "from-100": gettext_lazy("100 million USD and more"),
    NO_RATE: gettext_lazy("not comparable: no exchange rate recorded"),
    NOTHING: gettext_lazy("not stated"),
}


@dataclass(frozen=True)
class Option:
    """One value that a reader may choose, and the number of firms it would show."""

    value: str
    label: str
    count: int
    is_chosen: bool
    query: str  # of the list with this value chosen, or no longer chosen
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """One group of values; `rest` of them stand on the page only when they are asked for (`more`)."""

    name: str
    label: str
    options: list[Option]
    rest: int
    more: str  # of the same search with the whole group


@dataclass(frozen=True)
class Chip:
    """A chosen value and the address of the list without it."""

    label: str
    words: str
    query: str


class AnyValueField(MultipleChoiceField):
    """Values come from addresses that people keep for years: an unknown one finds nothing instead of being refused."""

    def valid_value(self, value):
        return True


class FacetFilter(MultipleChoiceFilter):
    field_class = AnyValueField

    def __init__(self, **options):
        super().__init__(widget=CheckboxSelectMultiple, **options)


class FirmFilter(FilterSet):
    """The directory as its address asks for it. `data` is a QueryDict; parts that are not known are left alone."""

    q = CharFilter(label=gettext_lazy("Search"))
    zone = FacetFilter(label=gettext_lazy("Zone"))
    sector = FacetFilter(label=gettext_lazy("Sector"))
    country = FacetFilter(label=gettext_lazy("Investor's country"))
    status = FacetFilter(label=gettext_lazy("Status"))
    capital_type = FacetFilter(label=gettext_lazy("Capital"))
    capital = FacetFilter(label=gettext_lazy("Registered capital"))
    year = FacetFilter(label=gettext_lazy("Year of registration"))
    capability = FacetFilter(label=gettext_lazy("Capability"))
    qualification = FacetFilter(label=gettext_lazy("Certificate"))
    high_tech = FacetFilter(label=gettext_lazy("High-tech field"))
    supporting = FacetFilter(label=gettext_lazy("Supporting industry"))
    spare = FacetFilter(label=gettext_lazy("Spare capacity"))

    def __init__(self, data=None, queryset=None, **options):
        super().__init__(
            QueryDict() if data is None else data, Firm.objects.public() if queryset is None else queryset, **options
        )
        self.index = index.current()

    # What was asked ----------------------------------------------------------------------------------------------------
    @property
    def facet_filters(self):
        return {name: it for name, it in self.filters.items() if isinstance(it, FacetFilter)}

    @cached_property
    def asked(self):
        """{name of a group: its chosen values}, groups without any left out."""
        asked = {name: [it for it in self.data.getlist(name) if it] for name in self.facet_filters}
        return {name: list(dict.fromkeys(values)) for name, values in asked.items() if values}

    @cached_property
    def words(self):
        return " ".join(self.data.get("q", "").replace("\x00", "").split())[:200]

    @cached_property
    def unknown(self):
        """[(name, value)] that no firm of the directory has: told by the API, found empty by the page."""
        return [(name, value) for name, values in self.asked.items() for value in values if value not in self.index.values[name]]

    @property
    def sorts(self):
        sorts = {"name": _("by name, A to Z"), "year": _("newest registration first"), "capital": _("largest capital first")}
        sorts["changed"] = _("last changed first")
        return {"relevance": _("best hits first")} | sorts if self.words else sorts

    @property
    def sort(self):
        asked = self.data.get("sort")
        return asked if asked in self.sorts else next(iter(self.sorts))

    @property
    def view(self):
        asked = self.data.get("view")
        return asked if asked in VIEWS else VIEWS[0]

    # What was found ----------------------------------------------------------------------------------------------------
    @cached_property
    def _search(self):
        return self.index.search(self.words)

    @property
    def meant(self):
        """{typed word: the words that it was taken for}, only where they differ."""
        return {word: others for word, others in self._search[2].items() if others != (word,)}

    @cached_property
    def _matching(self):
        """{name of a group: the firms that have one of its chosen values}."""
        return {name: self.index.having_any(name, values) for name, values in self.asked.items()}

    def _among(self, apart_from=None):
        """The firms that hold in every group, apart from one."""
        found = self._search[0]
        for name, bits in self._matching.items():
            if name != apart_from:
                found &= bits
        return found

    @cached_property
    def bits(self):
        return self._among()

    @cached_property
    def count(self):
        return self.bits.bit_count()

    @property
    def total(self):
        return self.index.everything.bit_count()

    def pks(self, start=0, count=None):
        """Keys of the firms found, in the order asked for."""
        if self.sort == "relevance":
            return self.index.ordered(self.bits, "name", self._search[1], start, count)
        return self.index.ordered(self.bits, self.sort, (), start, count)

    @cached_property
    def found(self):
        """Keys of all firms found, in the order asked for."""
        return self.pks()

    def filter_queryset(self, queryset):
        return queryset.filter(pk__in=self.found)

    # One page ----------------------------------------------------------------------------------------------------------
    @property
    def pages(self):
        return max(1, -(-self.count // PAGE_SIZE))

    @property
    def number(self):
        """The page asked for; the first or last where there is no such page."""
        return min(max(1, whole_number(self.data.get("page"), 1)), self.pages)

    @property
    def page_links(self):
        """Numbers of pages to link to, None where some are left out."""
        near = {1, self.pages, *range(self.number - 2, self.number + 3)}
        shown = sorted(number for number in near if 1 <= number <= self.pages)
        links = []
        for before, number in zip([0, *shown], shown, strict=False):
            links += [None, number] if number - before > 1 else [number]
        return links

    @property
    def page_query(self):
        query = self.query()
        return f"{query}&page=" if query else "page="

    @cached_property
    def rows(self):
        """The firms of the page with what a row shows of them, in order: out of memory."""
        cards = self.index.cards(self.pks((self.number - 1) * PAGE_SIZE, PAGE_SIZE))
        pattern = reverse("firm_detail", args=["CODE"])
        return [(card, pattern.replace("CODE", card.code)) for card in cards]

    def zone_label(self, code):
        return self.index.surroundings.label(code, get_language())

    # Groups ------------------------------------------------------------------------------------------------------------
    @cached_property
    def facets(self):
        facets = (self._facet(name, it) for name, it in self.facet_filters.items())
        return [facet for facet in facets if facet.options]

    def _facet(self, name, it):
        counts = self.index.counts(name, self._among(apart_from=name) if name in self.asked else self.bits)
        chosen = self.asked.get(name, [])
        counts |= {value: 0 for value in chosen if value not in counts}
        labels = self._labels(name, counts)
        if len(labels) == 1 and not chosen and labels[0][0] == NOTHING:
            labels = []
        shown = labels
        if name not in self.data.getlist("more") and len(labels) > SHOWN_AT_FIRST + 2:
            shown = [it for place, it in enumerate(labels) if place < SHOWN_AT_FIRST or it[0] in chosen]
        options = [
            Option(value, label, counts[value], value in chosen, self._toggled(name, value), depth)
            for value, label, depth in shown
        ]
        return Facet(name, str(it.label), options, len(labels) - len(shown), self.query(more=name))

    def _toggled(self, name, value):
        chosen = self.asked.get(name, [])
        return self.query(**{name: [it for it in chosen if it != value] if value in chosen else [*chosen, value]})

    def _labels(self, name, counts):
        """(value, label, depth) of the values that are counted, in the order in which they are shown."""
        if name in ("zone", "sector"):
            return self.index.surroundings.outline(counts, get_language())
        if name == "year":
            years = sorted((value for value in counts if value != NOTHING), reverse=True)
            return [(value, self.label(name, value), 0) for value in [*years, *(NOTHING for it in [1] if NOTHING in counts)]]
        if name in ("capital", "status", "capital_type"):
            order = list({"capital": BAND_LABELS, "status": Firm.Status.values, "capital_type": Firm.Capital.values}[name])
            return [(value, self.label(name, value), 0) for value in sorted(counts, key=_place_in(order))]
        by_count = sorted(counts, key=lambda value: (value == NOTHING, -counts[value], value))
        return [(value, self.label(name, value), 0) for value in by_count]

    def label(self, name, value):
        """A value in the reader's words; an unknown one as it stands in the address."""
        if name in ("zone", "sector"):
            return self.index.surroundings.label(value, get_language())
        if name == "country" and value != NOTHING:
            return countries.country_name(value)
        if name in ("supporting", "spare"):
            return {"supporting": _("supporting industry"), "spare": _("has spare capacity")}[name]
        known = {
            "status": Firm.Status, "capital_type": Firm.Capital, "high_tech": Firm.HighTech,
        }  # fmt: skip
        labels = dict(known[name].choices) if name in known else BAND_LABELS if name == "capital" else {}
        return str(labels.get(value, pgettext("value", "not stated") if value == NOTHING else value))

    @property
    def chips(self):
        chips = [Chip(_("Search"), self.words, self.query(q=None))] if self.words else []
        for name, values in self.asked.items():
            for value in values:
                others = [other for other in values if other != value]
                chips.append(Chip(str(self.filters[name].label), self.label(name, value), self.query(**{name: others})))
        return chips

    # Why a firm was found ----------------------------------------------------------------------------------------------
    @cached_property
    def meanings(self):
        """Every folded word that counts as a hit."""
        return {word for words in self._search[2].values() for word in words}

    def covered(self, *texts):
        """How many of the typed words these texts say."""
        said = set(index.WORD.findall(fold(*texts)))
        return sum(any(one in said for one in words) for words in self._search[2].values())

    def says(self, *texts):
        """Whether these texts say every typed word."""
        return bool(self.meanings) and self.covered(*texts) == len(self._search[2])

    def reason(self, card):
        """(where, text) of what says most of the typed words; None where the firm's name says them all."""
        if not self.meanings or self.says(card.name, card.name_en, card.short_name, card.native_name):
            return None
        best = max(card.told(self.index.surroundings), key=lambda it: self.covered(*it[1:]))
        return best[:2] if self.covered(*best[1:]) else (_("description"), "")

    @cached_property
    def _encoded(self):
        """[(name, value, the two as they stand in an address)] of what the address says, but for the page."""
        pairs = ((name, value) for name, values in self.data.lists() for value in values if value and name not in PASSING)
        return [(name, value, urlencode({name: value})) for name, value in pairs]

    # Addresses ---------------------------------------------------------------------------------------------------------
    def query(self, **changes):
        """The address's query with some parts changed; None or an empty list takes a part out. The page begins anew."""
        parts = [text for name, _value, text in self._encoded if name not in changes]
        for name, value in changes.items():
            parts += [urlencode({name: one}) for one in (value if isinstance(value, list) else [value]) if one]
        return "&".join(parts)

    @property
    def kept(self):
        """[(name, values)] of the address that the search form carries along without showing them."""
        return [(name, [value]) for name, value, _text in self._encoded if name not in ("q", "sort")]

    @property
    def bare_query(self):
        """The same view of the list with nothing filtered out."""
        return self.query(q=None, sort=None, **{name: [] for name in self.facet_filters})

    @property
    def whole_query(self):
        return self.query()

    @property
    def is_narrowed(self):
        return bool(self.words or self.asked)

    @property
    def view_choices(self):
        words = {"list": _("List"), "cards": _("Cards"), "map": _("Map")}
        return [(words[name], self.query(view=name), name == self.view) for name in VIEWS]


def _place_in(order):
    return lambda value: order.index(value) if value in order else len(order)


assert [name for name, _end in BANDS] == [name for name in BAND_LABELS if name not in (NO_RATE, NOTHING)]  # noqa: S101
