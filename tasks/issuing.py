"""Issuing the consolidated report: its values are frozen as JSON under a SHA-256 and never change again."""

import re
from dataclasses import replace

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tasks import report as building
from tasks.models import ConsolidatedReport
from tasks.yearreport import YearReport

# Filled in on the page of issue itself, so that changing them there is no change of what was looked at.
HEAD = {
    "number": "",
    "place": "",
    "issued_on": "",
    "addressees": [],
    "signing_as": "",
    "signing_authority": "",
    "signatory_title": "",
    "signatory_name": "",
    "recipients": [],
}


def fingerprint(document):
    """What a person looked at before she issued it: everything but the head, which she types at that moment."""
    return replace(document, **HEAD).digest()


def issue(consolidated, by, today, now, seen=None):
    """Freezes the draft as it stands. `seen` is the fingerprint of what the person was shown; None asks for no such check."""
    if not by.is_consolidator:
        raise PermissionDenied("Only a consolidator issues the consolidated report.")
    with transaction.atomic():
        held = ConsolidatedReport.objects.select_for_update(of=("self",)).select_related("cycle__plan").get(pk=consolidated.pk)
        if held.is_issued:
            raise ValidationError(_("Somebody else has just issued this edition. It stands as it is."), code="issued")
        if problems := lacking(held):
            raise ValidationError(problems)
        if seen is not None and seen != fingerprint(building.build(held, today)):
            raise ValidationError(
                _("The report has changed since you opened this page. Look through it again, then issue it."), code="changed"
            )
        held.state, held.issued_by, held.issued_at = ConsolidatedReport.State.ISSUED, by, now
        document = building.build(held, today)
        held.content, held.sha256 = document.as_json(), document.digest()
        held._history_user, held._history_date = by, now
        held.save()
    consolidated.refresh_from_db()
    return document


def lacking(consolidated):
    """What must be there before a report can be issued, in the words of the labels."""
    lacks = []
    if not consolidated.number:
        lacks.append(_("Enter the number under which the clerk registered the report."))
    if not consolidated.issued_on:
        lacks.append(_("Enter the date of the report."))
    if not consolidated.signatory_name.strip() or not consolidated.signatory_title.strip():
        lacks.append(_("Enter the signatory's title and name."))
    if not consolidated.recipients.strip():
        lacks.append(_("Enter the recipients, one a line."))
    if blanks := blanks_of(consolidated):
        places = "; ".join(words for _pk, words in blanks)
        lacks.append(_("Fill in or take out the places that are still open: %(places)s") % {"places": places})
    return lacks


def blanks_of(consolidated):
    """[(paragraph id, words)] of the places still to be filled in; id None for the head of the document."""
    found = [
        (paragraph.pk, words) for paragraph in consolidated.paragraphs.filter(is_removed=False) for words in paragraph.blanks
    ]
    from_head = ConsolidatedReport.blanks_in(consolidated.recipients)
    return found + [(None, words) for words in from_head]


def same_number(consolidated, number, issued_on):
    """Another issued report with this number and symbol in that year: numbers run through a year (Decree 30/2020)."""
    return (
        ConsolidatedReport.objects.issued()
        .filter(number=number, symbol=consolidated.symbol, issued_on__year=issued_on.year)
        .exclude(pk=consolidated.pk)
        .first()
    )


def newer_edition(consolidated):
    """The latest issued edition of the same cycle if it is newer than this one."""
    return (
        ConsolidatedReport.objects.issued()
        .filter(cycle_id=consolidated.cycle_id, edition__gt=consolidated.edition)
        .order_by("edition")
        .last()
    )


def is_intact(consolidated):
    """Whether the stored values still have the hash that was printed."""
    return YearReport.from_json(consolidated.content).digest() == consolidated.sha256


def bare_hash(text):
    """A hash as people paste it, without the spaces, colons or line breaks of a print."""
    return re.sub(r"[\s:.-]", "", text).lower().removeprefix("sha256")
