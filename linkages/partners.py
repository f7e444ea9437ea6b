"""Finding partners: a firm of the registry by its name, number or tax code, or a body that is not in it."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from firms import merging, taxcodes
from firms.models import Firm
from firms.names import firm_key
from linkages.models import Link, Party
from parkportal.text import fold

MOST = 8  # candidates that a person is asked to choose from


@dataclass(frozen=True)
class Candidate:
    """A partner that somebody may have meant. `key` leads back to it: firm:DN0000018, party:12."""

    key: str
    label: str
    about: str


def candidate_of(thing):
    if isinstance(thing, Party) and not thing.firm_id:
        place = ", ".join(filter(None, [str(thing.get_kind_display()), thing.place]))
        return Candidate(f"party:{thing.pk}", thing.title, place)
    firm = thing.firm if isinstance(thing, Party) else thing
    about = ", ".join(filter(None, [firm.code, firm.zone.title if firm.zone else ""]))
    return Candidate(f"firm:{firm.code}", firm.title, about)


def by_key(key):
    """What a candidate's key leads to: a firm or a party; None where there is no such thing (any more)."""
    what, _colon, number = key.partition(":")
    if "\x00" in number:
        return None
    if what == "firm" and (found := merging.resolve(number[:12])):
        return found.firm
    if what == "party" and number.isdecimal() and len(number) < 10:
        return Party.objects.filter(pk=number).select_related("firm__zone").first()
    return None


def find(text):
    """Firms and bodies that a text may mean. One alone: it is certain enough to be taken."""
    text = " ".join(text.replace("\x00", "").split())[:200]
    if not text:
        return []
    if found := merging.resolve(text.upper()[:12]):
        return [found.firm]
    read = taxcodes.read(text)
    if read.is_valid and (firm := Firm.objects.current().filter(tax_code=read.code).select_related("zone").first()):
        return [firm]
    found = _saying(text) or _saying(firm_key(text))  # "Crown Co., Ltd" is also Crown
    same = [one for one in found if firm_key(text) in {firm_key(name) for name in (one.name, one.name_en) if name}]
    return same if len(same) == 1 else found


def _saying(text):
    return [*firms_saying(text)[:MOST], *Party.objects.filter(firm__isnull=True).matching(text)[:MOST]]


def firms_saying(text):
    """Firms whose name, number or tax code says every word."""
    firms = Firm.objects.current().select_related("zone").in_order()
    for word in fold(text).split():
        firms = firms.filter(Q(search_text__contains=word) | Q(other_names__name_key__contains=word))
    return firms.distinct()


@dataclass(frozen=True)
class Asked:
    """The list of partners as its address asks for it."""

    words: str
    kind: str
    sort: str

    @classmethod
    def of(cls, data):
        words = " ".join(data.get("q", "").replace("\x00", "").split())[:200]
        kind = data.get("kind", "")
        sort = data.get("sort", "")
        return cls(words, kind if kind in Party.Kind.values else "", sort if sort in cls.sorts() else "links")

    @staticmethod
    def sorts():
        return {"links": _("most links first"), "name": _("by name, A to Z")}

    @cached_property
    def _known(self):
        parties = Party.objects.filter(Q(firm__isnull=True) | Q(firm__merged_into__isnull=True))
        return parties.matching(self.words) if self.words else parties

    @property
    def parties(self):
        """Partners with the number of their links."""
        known = self._known.filter(kind=self.kind) if self.kind else self._known
        known = known.select_related("firm__zone").annotate(links=_links("source_party") + _links("target_party"))
        name = Coalesce("firm__sort_key", "sort_key")
        return known.order_by(*(["-links"] if self.sort == "links" else []), name, "pk")

    @cached_property
    def counts(self):
        """[(kind, words, number)] of what the words find."""
        counted = dict(self._known.order_by().values_list("kind").annotate(Count("pk")))
        return [(kind, label, counted[kind]) for kind, label in Party.Kind.choices if counted.get(kind)]

    @property
    def total(self):
        return sum(number for _kind, _label, number in self.counts)

    @property
    def kind_words(self):
        return Party.Kind(self.kind).label if self.kind else ""

    @cached_property
    def firms(self):
        """Firms of the registry that the words find and that are no partners yet."""
        return list(firms_saying(self.words).filter(party__isnull=True)[:MOST]) if self.words and not self.kind else []


def _links(side):
    """How many links have a partner on one side, counted apart: two joins at once would multiply each other."""
    counted = Link.objects.filter(**{side: OuterRef("pk")}).order_by().values(side).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def alike(name):
    """Partners and firms that may be the body that somebody is about to enter."""
    key = firm_key(name)
    return [candidate_of(one) for one in find(key)] if key else []
