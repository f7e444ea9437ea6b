"""One board of zones: what it manages on a day and what concerns it in the linkages."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from firms.models import Authority, Firm, Zone
from linkages.models import Agreement, Commitment, Link


@dataclass(frozen=True)
class BoardPage:
    board: Authority
    day: date
    zones: list  # with `firms_present`
    firms: int
    links: list
    agreements: list
    commitments: list


def page(board, day):
    zones = list(
        Zone.objects.public()
        .managed_by(board, day)
        .in_order()
        .annotate(firms_present=Count("firms", Q(firms__is_public=True, firms__merged_into=None, firms__status__in=Firm.PRESENT)))
    )
    ends = Q(source_party__firm__zone__in=zones) | Q(target_party__firm__zone__in=zones)
    links = Link.objects.public().filter(ends).with_parties()
    agreements = Agreement.objects.filter(parties__authority=board).prefetch_related("parties__firm")
    owed = Commitment.objects.filter(owner__authority=board).select_related("agreement")
    return BoardPage(board, day, zones, sum(it.firms_present for it in zones), list(links), list(agreements), list(owed))
