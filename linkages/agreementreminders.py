"""Mails to the authority's office: an agreement runs out, a commitment falls due or is late.

A ladder as for reports: what is due is the lowest rung that is reached and not yet sent, so a night without the job loses none.
The outbox is the ledger: one mail for each agreement or commitment, its day and its rung; a moved day starts anew."""

from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, override

from linkages import agreements, letters
from linkages.letters import Letter
from linkages.models import Agreement, Commitment
from parkportal.mail import LANGUAGE
from parkportal.models import OutgoingMail

ENDING = (180, 90, 30)  # days that are left; the first is when the page begins to say so
OWED = (30, 7, -1)


def rung_of(left, rungs):
    """The lowest rung that is reached with so many days left; None before the first one."""
    return min((rung for rung in rungs if left <= rung), default=None)


def remind(today, now):
    """Writes what is due today; returns how many mails."""
    due = dict([*_ending(today), *_owed(today)])
    known = OutgoingMail.objects.values_list("key", flat=True)
    sent = {key for key in due if known.filter(key__startswith=key).exists()}  # one for the office, or one for each officer
    for key, letter in due.items():
        if key not in sent:
            letters.tell_office(key, letter, now)
    return len(due) - len(sent)


def _ending(today):
    for it in Agreement.objects.filter(ends_on__gte=today, is_demonstration=False).order_by("ends_on"):
        if rung := rung_of((it.ends_on - today).days, ENDING):
            yield f"agreement:{it.pk}:ends:{it.ends_on}:{rung}:", _ends(it)


def _owed(today):
    waiting = Commitment.objects.filter(state__in=agreements.WAITING, due_on__isnull=False, agreement__is_demonstration=False)
    for it in waiting.select_related("agreement", "owner__firm").order_by("due_on"):
        if rung := rung_of((it.due_on - today).days, OWED):
            yield f"commitment:{it.pk}:due:{it.due_on}:{rung}:", _owes(it, it.due_on < today)


def _ends(agreement):
    return Letter(
        heading=format_lazy(gettext_lazy("Agreement ends on {day}"), day=_day(agreement.ends_on)),
        about=agreement.title,
        paragraphs=[gettext_lazy("Ask the parties whether it is to be renewed, and write the new last day down when it is.")],
        action=(gettext_lazy("Open the agreement"), _path(agreement)),
    )


def _owes(commitment, is_late):
    words = gettext_lazy("Commitment late since {day}") if is_late else gettext_lazy("Commitment due on {day}")
    owner = [(gettext_lazy("Owed by"), commitment.owner.title)] if commitment.owner else []
    return Letter(
        heading=format_lazy(words, day=_day(commitment.due_on)),
        about=commitment.agreement.title,
        paragraphs=[commitment.text],
        facts=[*owner, (gettext_lazy("State"), Commitment.State(commitment.state).label)],
        action=(gettext_lazy("Open the agreement"), _path(commitment.agreement)),
    )


def _day(day):
    with override(LANGUAGE):
        return date_format(day, "SHORT_DATE_FORMAT")


def _path(agreement):
    with override(LANGUAGE):
        return agreement.get_absolute_url()
