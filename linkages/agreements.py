"""Agreements: which run out soon, which commitments are late, and who may read them."""

from datetime import timedelta

from django.db.models import F, Q

from linkages.models import Agreement, Commitment

RENEW_WITHIN = timedelta(days=180)  # a framework takes about half a year to be agreed again


def visible_to(user):
    """All for the authority's officers; what is published, and what her own board is a party of, for everybody else."""
    agreements = Agreement.objects.prefetch_related("parties__firm", "commitments")
    if getattr(user, "keeps_linkages", False):
        return agreements
    seen = Q(is_public=True)
    if user.is_authenticated:
        seen |= Q(parties__authority__members__user=user)
    return agreements.filter(seen).distinct()


def ends_soon(agreement, today):
    """True where it runs out within half a year and can still be renewed in time."""
    return agreement.ends_on is not None and today <= agreement.ends_on <= today + RENEW_WITHIN


def is_over(agreement, today):
    return agreement.ends_on is not None and agreement.ends_on < today


def late(today):
    """Commitments past their day, the oldest first."""
    waiting = [Commitment.State.OPEN, Commitment.State.RUNNING]
    return (
        Commitment.objects.filter(state__in=waiting, due_on__lt=today)
        .select_related("agreement", "owner__firm")
        .order_by(F("due_on").asc())
    )
