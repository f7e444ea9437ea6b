"""One board of zones: what it manages on a day, what is there in figures, and what concerns it in the linkages."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from firms.countries import country_name
from firms.models import Authority, Firm, Sector, Zone
from linkages import agreements, chains
from linkages.models import Agreement, ChainMember, Commitment, Link, Posting, SkillNeed

MOST = 8  # sectors and countries that are named


@dataclass(frozen=True)
class BoardPage:
    """`counted` are the figures on top by name; `sectors` and `countries` are (words, number of firms), most first."""

    board: Authority
    day: date
    zones: list  # with `firms_present`
    counted: dict
    sectors: list
    countries: list
    links: list
    agreements: list
    commitments: list  # (commitment, whether it is late)


def page(board, day):
    zones = list(
        Zone.objects.public()
        .managed_by(board, day)
        .in_order()
        .annotate(firms_present=Count("firms", Q(firms__is_public=True, firms__merged_into=None, firms__status__in=Firm.PRESENT)))
    )
    firms = Firm.objects.public().filter(zone__in=zones, status__in=Firm.PRESENT)
    ends = Q(source_party__firm__zone__in=zones) | Q(target_party__firm__zone__in=zones)
    links = list(Link.objects.public().filter(ends).with_parties())
    members = ChainMember.objects.filter(chains.on(day), party__firm__zone__in=zones, role__chain__is_public=True)
    counted = {
        "firms": firms.count(),
        "links": len(links),
        "members": members.values("party").distinct().count(),
        "postings": Posting.objects.published(day).filter(owner__firm__zone__in=zones, is_anonymous=False).count(),
        "people": sum(SkillNeed.objects.filter(party__firm__zone__in=zones, is_public=True).values_list("number", flat=True)),
    }
    mine = Agreement.objects.filter(parties__authority=board).prefetch_related("parties__firm")
    owed = Commitment.objects.filter(owner__authority=board).exclude(state=Commitment.State.DROPPED).select_related("agreement")
    return BoardPage(
        board,
        day,
        zones,
        counted,
        _by_sector(firms),
        _by_country(firms),
        links,
        [(it, agreements.ends_soon(it, day), agreements.is_over(it, day)) for it in mine],
        [(it, agreements.is_late(it, day)) for it in owed],
    )


def _by_sector(firms):
    counted = firms.filter(sector__isnull=False).order_by().values_list("sector").annotate(n=Count("pk")).order_by("-n", "sector")
    names = {it.pk: it.title for it in Sector.objects.all()}
    return [(names[pk], n) for pk, n in counted[:MOST]]


def _by_country(firms):
    counted = firms.exclude(country="").order_by().values_list("country").annotate(n=Count("pk")).order_by("-n", "country")
    return [(country_name(code), n) for code, n in counted[:MOST]]
