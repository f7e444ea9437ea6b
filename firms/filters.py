"""What somebody asks of the directory: its groups and their words, its orders, and why a firm was found."""

from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django_filters import CharFilter

from firms import countries, index
from firms.entries import BANDS, NO_RATE, NOTHING
from firms.faceting import PAGE_SIZE, FacetFilter, ShelfFilter, place_in
from firms.models import Firm
from parkportal.text import folded_words

VIEWS = ["list", "cards", "map"]
BAND_LABELS = {
    "under-1": gettext_lazy("under 1 million USD"),
    "1-10": gettext_lazy("1 to 10 million USD"),
    "10-50": gettext_lazy("10 to 50 million USD"),
    "50-100": gettext_lazy("50 to 100 million USD"),
    "from-100": gettext_lazy("100 million USD and more"),
    NO_RATE: gettext_lazy("not comparable: no exchange rate recorded"),
    NOTHING: gettext_lazy("not stated"),
}
LABELS = {
    "capital": BAND_LABELS,
    "status": dict(Firm.Status.choices),
    "capital_type": dict(Firm.Capital.choices),
    "high_tech": dict(Firm.HighTech.choices),
}


class FirmFilter(ShelfFilter):
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

    @cached_property
    def language(self):
        """The reader's, asked for once: a page has hundreds of words in it."""
        return get_language()

    @cached_property
    def sorts(self):
        sorts = {"name": _("by name, A to Z"), "year": _("newest registration first"), "capital": _("largest capital first")}
        sorts["changed"] = _("last changed first")
        return {"relevance": _("best hits first")} | sorts if self.words else sorts

    @property
    def view(self):
        asked = self.data.get("view")
        return asked if asked in VIEWS else VIEWS[0]

    @cached_property
    def _search(self):
        return self.index.search(self.words)

    @property
    def meant(self):
        """{typed word: the words that it was taken for}, only where they differ."""
        return {word: others for word, others in self._search[2].items() if others != (word,)}

    def pks(self, start=0, count=None):
        """Keys of the firms found, in the order asked for."""
        if self.sort == "relevance":
            return self.index.ordered(self.bits, "name", self._search[1], start, count)
        return self.index.ordered(self.bits, self.sort, (), start, count)

    @cached_property
    def rows(self):
        """The firms of the page with what a row shows of them, in order: out of memory."""
        cards = self.index.cards(self.pks((self.number - 1) * PAGE_SIZE, PAGE_SIZE))
        pattern = reverse("firm_detail", args=["CODE"])
        return [(card, pattern.replace("CODE", card.code)) for card in cards]

    def zone_label(self, code):
        return self.index.surroundings.label(code, self.language)

    def _in_order(self, name, counts):
        """(value, depth) of the values that are counted, in the order in which they are shown."""
        if name in ("zone", "sector"):
            return self.index.surroundings.outline(counts)
        if name == "year":
            years = sorted((value for value in counts if value != NOTHING), reverse=True)
            return [(value, 0) for value in [*years, *(NOTHING for it in [1] if NOTHING in counts)]]
        if name in ("capital", "status", "capital_type"):
            order = list({"capital": BAND_LABELS, "status": Firm.Status.values, "capital_type": Firm.Capital.values}[name])
            return [(value, 0) for value in sorted(counts, key=place_in(order))]
        by_count = sorted(counts, key=lambda value: (value == NOTHING, -counts[value], value))
        return [(value, 0) for value in by_count]

    def label(self, name, value):
        """A value in the reader's words; an unknown one as it stands in the address."""
        if name in ("zone", "sector"):
            return self.index.surroundings.label(value, self.language)
        if name == "country" and value != NOTHING:
            return countries.country_name(value)
        if name in ("supporting", "spare"):
            return {"supporting": _("supporting industry"), "spare": _("has spare capacity")}[name]
        words = LABELS.get(name, {}).get(value)
        return str(words) if words else pgettext("value", "not stated") if value == NOTHING else value

    # Why a firm was found ----------------------------------------------------------------------------------------------
    @cached_property
    def meanings(self):
        """Every folded word that counts as a hit."""
        return {word for words in self._search[2].values() for word in words}

    def covered(self, *texts):
        """How many of the typed words these texts say."""
        said = {word for text in texts for _start, _end, word in folded_words(text)}
        return sum(not said.isdisjoint(words) for words in self._search[2].values())

    def says(self, *texts):
        """Whether these texts say every typed word."""
        return bool(self.meanings) and self.covered(*texts) == len(self._search[2])

    def reason(self, card):
        """(where, text) of what says most of the typed words; None where the firm's name says them all."""
        if not self.meanings or self.says(card.name, card.name_en, card.short_name, card.native_name):
            return None
        best = max(card.told(self.index.surroundings), key=lambda it: self.covered(*it[1:]))
        return best[:2] if self.covered(*best[1:]) else (_("description"), "")

    @property
    def view_choices(self):
        words = {"list": _("List"), "cards": _("Cards"), "map": _("Map")}
        return [(words[name], self.query(view=name), name == self.view) for name in VIEWS]


assert [name for name, _end in BANDS] == [name for name in BAND_LABELS if name not in (NO_RATE, NOTHING)]  # noqa: S101
