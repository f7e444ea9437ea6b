"""The registry's desk: what waits for an editor, counted, each count leading to its list."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from firms import pairs
from firms.models import Correction, Enquiry, Firm, Review, Upload, Zone
from parkportal.text import fold, whole_number

A_YEAR = timedelta(days=365)
SORTS = {"name": ("sort_key", "pk"), "new": ("-created_at", "-pk"), "touched": ("-touched_at", "-pk")}


@dataclass(frozen=True)
class Waiting:
    """One kind of work: how much of it there is, and where it is done."""

    count: int
    words: str
    url: str
    help: str = ""


def unconfirmed(today):
    """Public firms that have not confirmed their entry for a year, or never."""
    long_ago = Q(confirmed_on__isnull=True) | Q(confirmed_on__lt=today - A_YEAR)
    return Firm.objects.public().filter(long_ago, status__in=Firm.PRESENT)


def work(today):
    """What somebody else waits for: uploads, pairs, corrections, enquiries."""
    return [
        Waiting(
            Enquiry.objects.filter(state=Enquiry.State.WAITING).count(),
            _("enquiries to pass on"),
            reverse("enquiry_list"),
            _("Somebody waits for an answer."),
        ),
        Waiting(
            Correction.objects.waiting().count(),
            _("corrections to decide"),
            reverse("correction_list"),
            _("A firm or a visitor says that something is wrong."),
        ),
        Waiting(
            Upload.objects.filter(state__in=Upload.OPEN).count(),
            _("uploads to finish"),
            reverse("upload_list"),
            _("Their rows are not in the registry yet."),
        ),
        Waiting(
            pairs.queue().count(), _("pairs that may be one firm"), reverse("pair_list"), _("Say whether they are one or two.")
        ),
    ]


def quality(today):
    """What the entries themselves lack. Two queries."""
    entries = reverse("registry_firms")
    firms = Firm.objects.current().aggregate(
        loaded=Count("pk", filter=Q(review=Review.LOADED)),
        doubted=Count("pk", filter=Q(review=Review.DOUBTED)),
        unplaced=Count("pk", filter=Q(zone__isnull=True)),
        untaxed=Count("pk", filter=Q(tax_code__isnull=True)),
        hidden=Count("pk", filter=Q(is_public=False)),
    )
    return [
        Waiting(firms["doubted"], _("to be checked"), f"{entries}?show=doubted"),
        Waiting(firms["loaded"], _("not reviewed yet"), f"{entries}?show=loaded"),
        Waiting(unconfirmed(today).count(), _("not confirmed by the firm for a year"), f"{entries}?show=unconfirmed"),
        Waiting(firms["untaxed"], _("without a tax code"), f"{entries}?show=untaxed"),
        Waiting(firms["unplaced"], _("without a zone"), f"{entries}?show=unplaced"),
        Waiting(firms["hidden"], _("hidden from the public"), f"{entries}?show=hidden"),
    ]


def shows(today):
    """{key: (words, condition)}: the ways in which the list of entries can be narrowed."""
    unconfirmed_pks = unconfirmed(today).values("pk")
    return {
        "doubted": (_("to be checked"), Q(review=Review.DOUBTED)),
        "loaded": (_("not reviewed yet"), Q(review=Review.LOADED)),
        "reviewed": (_("reviewed"), Q(review=Review.REVIEWED)),
        "unconfirmed": (_("not confirmed by the firm for a year"), Q(pk__in=unconfirmed_pks)),
        "untaxed": (_("without a tax code"), Q(tax_code__isnull=True)),
        "unplaced": (_("without a zone"), Q(zone__isnull=True)),
        "hidden": (_("hidden from the public"), Q(is_public=False)),
    }


@dataclass(frozen=True)
class Entries:
    """The registry's list as its address asks for it: ?q= &show= &zone= &sort=."""

    q: str
    show: str
    zone: str
    sort: str
    firms: object
    counts: list  # (key, words, how many under the other filters)
    zones: list
    total: int

    @classmethod
    def of(cls, asked, today):
        q = " ".join(asked.get("q", "").replace("\x00", "").split())[:200]
        zone = whole_number(asked.get("zone", ""))
        sort = asked.get("sort") if asked.get("sort") in SORTS else "name"
        found = Firm.objects.current()
        for word in fold(q).split():
            found = found.filter(Q(search_text__contains=word) | Q(other_names__name_key__contains=word)).distinct()
        if zone is not None:
            found = found.filter(zone=zone)
        ways = shows(today)
        totals = found.aggregate(all=Count("pk", distinct=True), **{
            key: Count("pk", filter=condition, distinct=True) for key, (_words, condition) in ways.items()
        })  # fmt: skip
        show = asked.get("show") if asked.get("show") in ways else ""
        chosen = found.filter(ways[show][1]) if show else found
        chosen = chosen.select_related("zone", "sector").order_by(*SORTS[sort])
        counts = [(key, words, totals[key]) for key, (words, _condition) in ways.items()]
        zones = list(
            Zone.objects.annotate(n=Count("firms", filter=Q(firms__merged_into__isnull=True))).filter(n__gt=0).in_order()
        )
        return cls(q, show, str(zone or ""), sort, chosen, counts, zones, totals[show or "all"])

    @property
    def zone_shown(self):
        return next((zone for zone in self.zones if str(zone.pk) == self.zone), None)
