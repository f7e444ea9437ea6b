"""Agreements: which run out soon, which commitments are late, and who may read them."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Prefetch, Q

from firms.registry import REASON_LENGTH
from linkages.access import boards_of
from linkages.models import Agreement, Commitment, Party

RENEW_WITHIN = timedelta(days=180)  # a framework takes about half a year to be agreed again
# Why a row was written, told by linkages.story in the reader's words.
PARTY_ADDED, PARTY_REMOVED = "party + ", "party - "
WAITING = [Commitment.State.OPEN, Commitment.State.RUNNING]


def visible_to(user, today):
    """All for the authority's officers; what is published, and what her own board is a party of, for everybody else.

    Partners that are hidden are named to officers only."""
    is_officer = getattr(user, "keeps_linkages", False)
    known = Party.objects.all() if is_officer else Party.objects.shown()
    agreements = Agreement.objects.prefetch_related(Prefetch("parties", known.select_related("firm")), "commitments")
    if is_officer:
        return agreements
    return agreements.filter(Q(is_public=True) | Q(pk__in=_of_boards(user, today)))


def with_file(user, today):
    """Agreements whose document a person may read: the authority's officers all, a board its own, nobody else any."""
    agreements = Agreement.objects.exclude(file="")
    return agreements if user.keeps_linkages else agreements.filter(pk__in=_of_boards(user, today))


def _of_boards(user, today):
    """The agreements of the boards for which a person acts today."""
    return Agreement.objects.filter(parties__authority__in=boards_of(user, today)).values("pk")


def ends_soon(agreement, today):
    """True where it runs out within half a year and can still be renewed in time."""
    return agreement.ends_on is not None and today <= agreement.ends_on <= today + RENEW_WITHIN


def is_over(agreement, today):
    return agreement.ends_on is not None and agreement.ends_on < today


def is_late(commitment, today):
    return commitment.state in WAITING and commitment.due_on is not None and commitment.due_on < today


@dataclass(frozen=True)
class Row:
    """An agreement in the list, with how its commitments stand; those dropped are not counted."""

    agreement: Agreement
    ends_soon: bool
    is_over: bool
    done: int
    owed: int
    late: int


def rows(user, today):
    """What a person may read: in force first, those that run out soonest at the top, then those that are over."""
    found = [_row(it, today) for it in visible_to(user, today)]
    return sorted(found, key=lambda it: (it.is_over, not it.ends_soon, it.agreement.ends_on is None, _nearest(it)))


def _nearest(row):
    """Days as a number: the end that comes first stands first, the one that was last stands first among those over."""
    last = row.agreement.ends_on
    return (last.toordinal() * (-1 if row.is_over else 1)) if last else 0


def _row(agreement, today):
    counted = [it for it in agreement.commitments.all() if it.state != Commitment.State.DROPPED]
    done, late_ones = (
        sum(it.state == Commitment.State.DONE for it in counted),
        sum(is_late(it, today) for it in counted),
    )
    return Row(agreement, ends_soon(agreement, today), is_over(agreement, today), done, len(counted), late_ones)


def late(today):
    """Commitments past their day, the oldest first."""
    return (
        Commitment.objects.filter(state__in=WAITING, due_on__lt=today)
        .select_related("agreement", "owner__firm")
        .order_by(F("due_on").asc())
    )


# Parties -------------------------------------------------------------------------------------------------------------
def add_party(agreement, party, by):
    with _held(agreement, f"{PARTY_ADDED}{party}", by) as stored:
        stored.parties.add(party)


def remove_party(agreement, party, by):
    with _held(agreement, f"{PARTY_REMOVED}{party}", by) as stored:
        stored.parties.remove(party)


@contextmanager
def _held(agreement, reason, by):
    """The agreement as it is stored, held: its parties write its history row, which takes the other fields from here."""
    with transaction.atomic():
        stored = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
        stored._history_user, stored._change_reason = by, reason[:REASON_LENGTH]
        yield stored
