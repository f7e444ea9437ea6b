"""What somebody asks of the network of links: its groups and their words, its orders, and what only officers see of it."""

from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django_filters import CharFilter

from firms import countries
from firms.entries import NOTHING
from firms.faceting import PAGE_SIZE, FacetFilter, ShelfFilter, place_in
from linkages import network
from linkages.models import EvidenceLevel, Link, Party

FOR_OFFICERS = {"review", "value", "shown"}
CHOICES = {"kind": Link.Kind, "state": Link.State, "value": Link.Value}
WORDS = {
    "park": {
        "within": gettext_lazy("within the park"),
        "with": gettext_lazy("between the park and others"),
        "without": gettext_lazy("without the park"),
    },
    "confirmed": {
        "both": gettext_lazy("confirmed by both sides"),
        "one": gettext_lazy("confirmed by one side"),
        "none": gettext_lazy("not confirmed"),
    },
    "review": {"due": gettext_lazy("to be reviewed")},
    "shown": {"yes": gettext_lazy("public"), "no": gettext_lazy("internal")},
}


class NetworkFilter(ShelfFilter):
    """The network as its address asks for it; `is_officer` sees links that are not public and may ask for more."""

    q = CharFilter(label=gettext_lazy("Search"))
    kind = FacetFilter(label=gettext_lazy("Kind"))
    state = FacetFilter(label=gettext_lazy("State"))
    level = FacetFilter(label=gettext_lazy("Evidence"))
    park = FacetFilter(label=gettext_lazy("High-tech park"))
    zone = FacetFilter(label=gettext_lazy("Zone"))
    pair = FacetFilter(label=gettext_lazy("Pair of zones"))
    sector = FacetFilter(label=gettext_lazy("Sector"))
    country = FacetFilter(label=gettext_lazy("Country"))
    confirmed = FacetFilter(label=gettext_lazy("Confirmed"))
    review = FacetFilter(label=gettext_lazy("Review"))
    value = FacetFilter(label=gettext_lazy("Value"))
    shown = FacetFilter(label=gettext_lazy("Visibility"))
    party = FacetFilter(label=gettext_lazy("Partner"))

    def __init__(self, data, today, is_officer=False):
        # Not the framework's own way: it copies every filter for its form, which nobody asks for here.
        self.data, self.queryset, self.filters = QueryDict() if data is None else data, Link.objects.none(), self.base_filters
        self.is_officer, self.language = is_officer, get_language()
        self.index = network.current(today)

    @property
    def facet_filters(self):
        known = super().facet_filters
        return known if self.is_officer else {name: it for name, it in known.items() if name not in FOR_OFFICERS}

    @property
    def sorts(self):
        sorts = {
            "new": _("newest entry first"),
            "source": _("by who supplies, A to Z"),
            "target": _("by who takes, A to Z"),
            "level": _("strongest evidence first"),
            "begun": _("latest beginning first"),
        }
        return sorts | {"review": _("longest without a review first")} if self.is_officer else sorts

    @cached_property
    def visible(self):
        return self.index.everything if self.is_officer else self.index.having("shown", "yes")

    @cached_property
    def _search(self):
        return (self.visible & self.index.saying(self.words) if self.words else self.visible,)

    @property
    def total(self):
        return self.visible.bit_count()

    @cached_property
    def rows(self):
        """[(entry, the link's address, the address of the firm that takes)] of the page: out of memory."""
        entries = self.index.rows(self.pks((self.number - 1) * PAGE_SIZE, PAGE_SIZE))
        link, firm = reverse("link_detail", args=[0]), reverse("firm_detail", args=["CODE"])
        return [
            (it, link.replace("/0/", f"/{it.pk}/"), firm.replace("CODE", it.target.code) if it.target.code else "")
            for it in entries
        ]

    # Words --------------------------------------------------------------------------------------------------------------
    @property
    def counted_filters(self):
        """Partners are as many as there are: chosen by links on other pages, shown as a chip."""
        return {name: it for name, it in self.facet_filters.items() if name != "party"}

    def _in_order(self, name, counts):
        if name in ("zone", "sector"):
            return self.index.places.outline(counts)
        orders = {name: list(words) for name, words in WORDS.items()}
        orders |= {name: choices.values for name, choices in CHOICES.items()}
        orders["level"] = [str(level) for level in reversed(EvidenceLevel.values)]
        if name == "pair" and name not in self.asked:
            return [(pair, 0) for pair, _number in self.pairs]
        if name in orders:
            return [(value, 0) for value in sorted(counts, key=place_in(orders[name]))]
        by_count = sorted(counts, key=lambda value: (value == NOTHING, -counts[value], value))
        return [(value, 0) for value in by_count]

    def label(self, name, value):
        """A value in the reader's words; an unknown one as it stands in the address."""
        if name == "pair":
            return " – ".join(self.node_label(code) for code in value.split(network.BETWEEN))
        if name == "zone":
            return self.node_label(value)
        if name == "sector":
            return self.index.places.label(value, self.language)
        if name == "country" and value != NOTHING:
            return countries.country_name(value)
        if name == "level" and value in map(str, EvidenceLevel.values):
            return str(EvidenceLevel(int(value)).label)
        if name == "party":
            return self._party_names.get(value, value)
        known = WORDS.get(name) or (dict(CHOICES[name].choices) if name in CHOICES else {})
        return str(known.get(value, pgettext("value", "not stated") if value == NOTHING else value))

    def node_label(self, code):
        return _("outside the zones") if code == NOTHING else self.index.places.label(code, self.language)

    @cached_property
    def pairs(self):
        """[(pair of zones, number of links found)], the most first."""
        return self.index.pairs(self.bits)

    @cached_property
    def _party_names(self):
        """Of the partners asked for, those that this reader may know of."""
        pks = [int(value) for value in self.asked.get("party", []) if value.isdecimal() and len(value) < 10]
        known = {str(party.pk): party for party in Party.objects.filter(pk__in=pks).select_related("firm")}
        return {pk: party.title for pk, party in known.items() if self.is_officer or party.is_shown}
