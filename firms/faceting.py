"""What somebody asks of a list that is kept in memory (firms.index), and how many rows each further answer would leave.

Inside a group any chosen value will do, across groups all must hold. The figure beside a value is the number of rows that
choosing it would show while the other groups stay as they are. The address is the whole state."""

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus, urlencode

from django.forms import CheckboxSelectMultiple, MultipleChoiceField
from django.utils.translation import gettext as _
from django_filters import FilterSet, MultipleChoiceFilter

from firms.entries import NOTHING
from parkportal.text import whole_number

PAGE_SIZE = 20
PASSING = ("page", "format", "more")  # parts of an address that belong to one look at it
SHOWN_AT_FIRST = 6  # values of a long group that stand open


@dataclass(frozen=True)
class Option:
    """One value that a reader may choose, and the number of rows it would show."""

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

    def __deepcopy__(self, memo):
        """Every request's filter set copies its filters; what lies in this one is never changed."""
        return copy(self)


class ShelfFilter(FilterSet):
    """A list as its address asks for it. `data` is a QueryDict; parts that are not known are left alone.

    Whoever inherits sets `index` (a parkportal.bitsets.Shelf) and says `_search` (its first part: what the typed words find),
    `sorts` ({value: words}), `_in_order` (a group's values and how deep they stand) and `label` (of one value)."""

    # What was asked ----------------------------------------------------------------------------------------------------
    @property
    def facet_filters(self):
        return {name: it for name, it in self.filters.items() if isinstance(it, FacetFilter)}

    @property
    def counted_filters(self):
        """Those whose values stand on the page with their figures."""
        return self.facet_filters

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
        """[(name, value)] that no row has: told by the API, found empty by the page."""
        return [(name, value) for name, values in self.asked.items() for value in values if value not in self.index.values[name]]

    @cached_property
    def sort(self):
        asked = self.data.get("sort")
        return asked if asked in self.sorts else next(iter(self.sorts))

    # What was found ----------------------------------------------------------------------------------------------------
    @cached_property
    def _matching(self):
        """{name of a group: the rows that have one of its chosen values}."""
        return {name: self.index.having_any(name, values) for name, values in self.asked.items()}

    def _among(self, apart_from=None):
        """The rows that hold in every group, apart from one."""
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
        """Keys of the rows found, in the order asked for."""
        return self.index.ordered(self.bits, self.sort, (), start, count)

    @cached_property
    def found(self):
        """Keys of all rows found, in the order asked for."""
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

    # Groups ------------------------------------------------------------------------------------------------------------
    @cached_property
    def facets(self):
        facets = (self._facet(name, it) for name, it in self.counted_filters.items())
        return [facet for facet in facets if facet.options]

    def counted(self, name):
        """{value: rows that choosing it would show}, kept for whoever else needs the figures."""
        if name not in self._counted:
            self._counted[name] = self.index.counts(name, self._among(apart_from=name) if name in self.asked else self.bits)
        return self._counted[name]

    @cached_property
    def _counted(self):
        return {}

    def _facet(self, name, it):
        counts = dict(self.counted(name))
        chosen = self.asked.get(name, [])
        counts |= {value: 0 for value in chosen if value not in counts}
        values = self._in_order(name, counts)
        if len(values) == 1 and not chosen and values[0][0] == NOTHING:
            values = []
        shown = values
        if name not in self.data.getlist("more") and len(values) > SHOWN_AT_FIRST + 2:
            shown = [it for place, it in enumerate(values) if place < SHOWN_AT_FIRST or it[0] in chosen]
        address = self._toggling(name, chosen)
        options = [
            Option(value, self.label(name, value), counts[value], value in chosen, address(value), depth)
            for value, depth in shown
        ]
        return Facet(name, str(it.label), options, len(values) - len(shown), self.query(more=name))

    def _toggling(self, name, chosen):
        """A value of the group -> the query with it chosen, or no longer chosen."""
        others, parts = self.query(**{name: None}), {value: f"{name}={quote_plus(value)}" for value in chosen}

        def query(value):
            if value in parts:
                kept = [text for one, text in parts.items() if one != value]
            else:
                kept = [*parts.values(), f"{name}={quote_plus(value)}"]
            return "&".join([others, *kept] if others else kept)

        return query

    @property
    def chips(self):
        chips = [Chip(_("Search"), self.words, self.query(q=None))] if self.words else []
        for name, values in self.asked.items():
            for value in values:
                others = [other for other in values if other != value]
                chips.append(Chip(str(self.filters[name].label), self.label(name, value), self.query(**{name: others})))
        return chips

    # Addresses ---------------------------------------------------------------------------------------------------------
    @cached_property
    def _encoded(self):
        """[(name, value, the two as they stand in an address)] of what the address says, but for the page."""
        pairs = ((name, value) for name, values in self.data.lists() for value in values if value and name not in PASSING)
        return [(name, value, urlencode({name: value})) for name, value in pairs]

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


def place_in(order):
    """Sorts values as they stand in an order, unknown ones last."""
    return lambda value: order.index(value) if value in order else len(order)
