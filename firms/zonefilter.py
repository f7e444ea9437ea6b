"""The list of zones: what is asked of it, and how many zones each further answer would leave.

Zones are few, so all are read once with their land, authority and firms, and counted here. Parts stand under their whole and
are not counted by themselves: a zone is found by what it is, or by a word that one of its parts says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django_filters import CharFilter, FilterSet

from firms import index
from firms.faceting import Chip, Facet, FacetFilter, Option
from firms.figures import UNSTATED
from firms.models import Firm, Zone
from firms.zoneland import Land, land_of
from firms.zonetree import Management, ZoneTree, firms_query
from parkportal.text import fold

KINDS = [kind for kind in Zone.Kind if kind not in Zone.PARTS]
FREE = "yes"


@dataclass(frozen=True)
class Row:
    """A zone as the list shows it; `parts` are rows of its own parts."""

    zone: Zone
    land: Land
    management: Management | None
    firms: int
    around: Zone | None  # the economic zone that it lies in
    parts: list

    @property
    def has_free_land(self):
        return bool(self.land.free and self.land.free.value > 0)

    @property
    def says(self):
        return " ".join(row.zone.search_text for row in [self, *self.parts])

    @property
    def directory_query(self):
        return firms_query(self.zone)

    @property
    def authority_key(self):
        return self.management.authority.key if self.management else UNSTATED


@dataclass(frozen=True)
class Group:
    title: str
    rows: list


class ZoneFilter(FilterSet):
    q = CharFilter(label=gettext_lazy("Search"))
    kind = FacetFilter(label=gettext_lazy("Kind"))
    province = FacetFilter(label=gettext_lazy("Province"))
    authority = FacetFilter(label=gettext_lazy("Managing authority"))
    free = FacetFilter(label=gettext_lazy("Land"))

    def __init__(self, data, today: date):
        super().__init__(QueryDict() if data is None else data, queryset=Zone.objects.public())
        self.today = today
        self.tree = ZoneTree()

    # What the rows are -------------------------------------------------------------------------------------------------
    @cached_property
    def _firms(self):
        """{zone's code: firms in it and in its parts}, as the directory counts them."""
        directory = index.current()
        return directory.counts("zone", directory.having_any("status", [str(status) for status in Firm.PRESENT]))

    @cached_property
    def rows(self):
        land = land_of(self.tree.zones.values(), self.today)
        return [self._row(zone, land) for zone in self.tree.zones.values() if self.tree.whole(zone.pk) is zone]

    def _row(self, zone, land):
        parent = self.tree.parent(zone)
        parts = [self._row(part, land) for part in self.tree.children.get(zone.pk, []) if part.is_part]
        management = self.tree.management(zone.pk, self.today)
        around = None if zone.is_part else parent
        return Row(zone, land[zone.pk], management, self._firms.get(zone.code, 0), around, parts)

    # What was asked ----------------------------------------------------------------------------------------------------
    @property
    def facet_filters(self):
        return {name: it for name, it in self.filters.items() if isinstance(it, FacetFilter)}

    @cached_property
    def asked(self):
        """{name of a group: its chosen values}, groups without any left out."""
        asked = {name: list(dict.fromkeys(it for it in self.data.getlist(name) if it)) for name in self.facet_filters}
        return {name: values for name, values in asked.items() if values}

    @cached_property
    def words(self):
        return fold(self.data.get("q", "")[:200]).split()

    def values_of(self, name, row):
        return {
            "kind": row.zone.kind,
            "province": row.zone.province or UNSTATED,
            "authority": row.authority_key,
            "free": FREE if row.has_free_land else "",
        }[name]

    def _matches(self, row, apart_from=None):
        if not all(word in row.says for word in self.words):
            return False
        return all(self.values_of(name, row) in values for name, values in self.asked.items() if name != apart_from)

    def filter_queryset(self, queryset):
        return [row for row in self.rows if self._matches(row)]

    @cached_property
    def found(self):
        found = self.filter_queryset(None)
        key = self._orders.get(self.sort)
        return sorted(found, key=key) if key else found

    # What is shown -----------------------------------------------------------------------------------------------------
    @property
    def sorts(self):
        return {
            "kind": _("by kind of zone"),
            "name": _("by name, A to Z"),
            "free": _("most free land first"),
            "area": _("largest first"),
            "occupancy": _("fullest first"),
            "firms": _("most firms first"),
        }

    @property
    def sort(self):
        asked = self.data.get("sort")
        return asked if asked in self.sorts else "kind"

    @property
    def _orders(self):
        """What nobody states comes last."""

        def down(name):
            def key(row):
                figure = getattr(row.land, name)
                return (figure is None, -figure.value if figure else 0, row.zone.sort_key)

            return key

        return {
            "name": lambda row: row.zone.sort_key,
            "free": down("free"),
            "area": down("area"),
            "occupancy": down("occupancy"),
            "firms": lambda row: (-row.firms, row.zone.sort_key),
        }

    @property
    def groups(self):
        """Under the name of each kind; in one group where another order was asked for."""
        if self.sort != "kind":
            return [Group("", self.found)] if self.found else []
        by_kind = {kind: [row for row in self.found if row.zone.kind == kind] for kind in KINDS}
        return [Group(kind_words(kind), rows) for kind, rows in by_kind.items() if rows]

    @cached_property
    def facets(self):
        facets = (self._facet(name, it) for name, it in self.facet_filters.items())
        return [facet for facet in facets if facet.options]

    def _facet(self, name, it):
        counts = Counter(self.values_of(name, row) for row in self.rows if self._matches(row, apart_from=name))
        chosen = self.asked.get(name, [])
        options = [
            Option(value, label, counts[value], value in chosen, self._toggled(name, value))
            for value, label in self.labels(name).items()
            if counts[value] or value in chosen
        ]
        return Facet(name, str(it.label), options, rest=0, more="")

    def _toggled(self, name, value):
        chosen = self.asked.get(name, [])
        return self.query(**{name: [it for it in chosen if it != value] if value in chosen else [*chosen, value]})

    def labels(self, name):
        """{value: words} in the order in which they are shown."""
        if name == "kind":
            return {str(kind): kind_words(kind) for kind in KINDS}
        if name == "authority":
            known = {key: authority.title for key, authority in self.tree.authorities.items()}
            return known | {UNSTATED: pgettext("value", "not stated")}
        if name == "free":
            return {FREE: _("with free land")}
        counts = Counter(row.zone.province for row in self.rows if row.zone.province)
        return {place: place for place, _count in counts.most_common()} | {UNSTATED: pgettext("value", "not stated")}

    @property
    def chips(self):
        chips = [Chip(_("Search"), self.data["q"], self.query(q=None))] if self.words else []
        for name, values in self.asked.items():
            labels = self.labels(name)
            for value in values:
                others = [other for other in values if other != value]
                label = str(self.filters[name].label)
                chips.append(Chip(label, labels.get(value, value), self.query(**{name: others})))
        return chips

    # Addresses ---------------------------------------------------------------------------------------------------------
    def query(self, **changes):
        """The address's query with some parts changed; None or an empty list takes a part out."""
        data = self.data.copy()
        for name, value in changes.items():
            data.setlist(name, value if isinstance(value, list) else [] if value is None else [value])
        for name in list(data):
            if kept := [value for value in data.getlist(name) if value]:
                data.setlist(name, kept)
            else:
                del data[name]
        return data.urlencode()

    @property
    def kept(self):
        """[(name, values)] of the address that the search form carries along without showing them."""
        return [(name, values) for name, values in self.data.lists() if name not in {"q", "sort"}]

    @property
    def bare_query(self):
        return self.query(q=None, **{name: [] for name in self.facet_filters})


def kind_words(kind):
    """The kind at the head of a group: a sentence's first word is written large."""
    words = str(Zone.Kind(kind).label)
    return words[:1].upper() + words[1:]
