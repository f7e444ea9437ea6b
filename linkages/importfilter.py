"""What somebody asks of the list of inputs bought abroad, and how many each further answer would leave."""

from collections import defaultdict
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms.countries import country_name
from firms.faceting import Chip, Facet, Option
from linkages.importgaps import UNCLEAR, find_gaps
from parkportal.text import fold


class Asked:
    """The list as its address asks for it. Inside a group any value will do, across groups all must hold."""

    LABELS = {"found": gettext_lazy("Firms found"), "origin": gettext_lazy("Bought from"), "firm": gettext_lazy("Firm")}

    def __init__(self, data):
        self.data = data
        self.words = " ".join(data.get("q", "").replace("\x00", "").split())[:200]
        asked = {name: list(dict.fromkeys(it for it in data.getlist(name) if it and "\x00" not in it)) for name in self.LABELS}
        self.asked = {name: values for name, values in asked.items() if values}
        self.all = find_gaps()

    def values_of(self, name, gap):
        if name == "found":
            return ("yes",) if gap.candidates else ("no",)
        return gap.origins if name == "origin" else (gap.firm.code,)

    def _fits(self, gap, apart_from=None):
        said = fold(gap.row.name, gap.row.name_en, gap.row.process, gap.row.materials, gap.firm.search_text, gap.row.origin)
        if not all(word in said for word in fold(self.words).split()):
            return False
        return all(set(values) & set(self.values_of(name, gap)) for name, values in self.asked.items() if name != apart_from)

    @cached_property
    def found(self):
        gaps = [gap for gap in self.all if self._fits(gap)]
        orders = {
            "gaps": lambda gap: (len(gap.candidates), gap.firm.sort_key, gap.row.pk),
            "firm": lambda gap: (gap.firm.sort_key, gap.row.pk),
            "best": lambda gap: (-max((it.score for it in gap.candidates), default=0), gap.firm.sort_key, gap.row.pk),
        }
        return sorted(gaps, key=orders[self.sort])

    @property
    def sorts(self):
        return {"gaps": _("without any firm first"), "best": _("best fit first"), "firm": _("by firm, A to Z")}

    @property
    def sort(self):
        asked = self.data.get("sort")
        return asked if asked in self.sorts else "gaps"

    @property
    def open_gaps(self):
        return sum(not gap.candidates for gap in self.found)

    def label(self, name, value):
        if name == "found":
            return {"yes": _("with firms of the region"), "no": _("without any firm: a gap")}.get(value, value)
        if name == "origin":
            return _("abroad, country not stated") if value == UNCLEAR else country_name(value)
        return self._firms.get(value, value)

    @cached_property
    def _firms(self):
        return {gap.firm.code: gap.firm.title for gap in self.all}

    @cached_property
    def facets(self):
        return [facet for name in self.LABELS if (facet := self._facet(name)).options]

    def _facet(self, name):
        counts = defaultdict(int)
        for gap in self.all:
            if self._fits(gap, apart_from=name):
                for value in self.values_of(name, gap):
                    counts[value] += 1
        chosen = self.asked.get(name, [])
        for value in chosen:
            counts[value] += 0
        options = [
            Option(value, self.label(name, value), counts[value], value in chosen, self._toggled(name, value))
            for value in sorted(counts, key=lambda value: (-counts[value], value))
        ]
        return Facet(name, str(self.LABELS[name]), options, rest=0, more="")

    def _toggled(self, name, value):
        chosen = self.asked.get(name, [])
        return self.query(**{name: [it for it in chosen if it != value] if value in chosen else [*chosen, value]})

    @property
    def chips(self):
        chips = [Chip(_("Search"), self.words, self.query(q=None))] if self.words else []
        for name, values in self.asked.items():
            for value in values:
                others = [other for other in values if other != value]
                chips.append(Chip(str(self.LABELS[name]), self.label(name, value), self.query(**{name: others})))
        return chips

    def query(self, **changes):
        """The address's query with some parts changed; the page begins anew."""
        data = self.data.copy()
        data.pop("page", None)
        for name, value in changes.items():
            data.setlist(name, value if isinstance(value, list) else [] if value is None else [value])
        for name in list(data):
            data.setlist(name, [value for value in data.getlist(name) if value])
        return data.urlencode()

    @property
    def kept(self):
        return [(name, values) for name, values in self.data.lists() if name not in ("q", "sort", "page")]

    @property
    def bare_query(self):
        return self.query(q=None, **{name: [] for name in self.LABELS})
