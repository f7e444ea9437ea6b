"""Asking coordinating agencies for their part in a row, and answering."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.dates import ONE_DAY, previous_working_day
from parkportal.text import nfc
from tasks.models import Agency, AgencyReport, Contribution, Holiday, Membership, Succession, agency_ids_of
from tasks.signing import tell_answered, tell_asked
from tasks.writing import clean


def agencies_to_ask(row, today):
    """(agencies that the plan names beside the lead, every other with somebody to answer) who were not asked yet.

    An agency that was succeeded stands under its own name: the plan's. Its heir's people answer for it."""
    asked = row.contributions.values("agency_id")
    heirs = Succession.objects.heirs(today)
    lead = {row.report.agency_id, heirs.get(row.report.agency_id, row.report.agency_id)}
    same = lead | {old for old, new in heirs.items() if new in lead}
    free = Agency.objects.exclude(pk__in=asked).exclude(pk__in=same)
    named = free.filter(coordinated__task=row.task_id).distinct()
    staffed = Exists(Membership.objects.active(today).filter(agency=OuterRef("pk")))
    others = free.filter(staffed).exclude(pk__in=named.values("pk"))
    return named.order_by("sort_key"), others.order_by("sort_key")


def default_due(row, today):
    """Three working days before the agencies' last day, or today if that has passed."""
    day = row.report.cycle.agencies_last_day
    for _step in range(3):
        day = previous_working_day(day - ONE_DAY, Holiday.days())
    return max(day, today)


def ask(row, agencies, question, due_on, by, now):
    """Asks each agency once. Returns the new contributions."""
    with transaction.atomic():
        report = AgencyReport.objects.held(row.report_id)
        if not report.can_edit(by, timezone.localdate(now)):
            raise ValidationError(_("The report cannot be written in now, so nobody can be asked."))
        asked = []
        for agency in agencies:
            contribution = Contribution(
                row=row, agency=agency, question=nfc(question.strip()), due_on=due_on, asked_by=by, asked_at=now
            )
            contribution.full_clean()
            contribution._history_user = by
            contribution.save()
            tell_asked(contribution, timezone.localdate(now), now)
            asked.append(contribution)
        return asked


def answer(contribution, text, by, now, seen=None):
    """Writes an agency's answer; it may be changed until the lead's report is sent in.

    `seen` is the answer that its writer had before her: a colleague's that came meanwhile is not written over."""
    with transaction.atomic():
        report = AgencyReport.objects.held(contribution.row.report_id)
        related = ["row__report__cycle", "row__task", "agency", "asked_by"]
        contribution = Contribution.objects.select_related(*related).get(pk=contribution.pk)
        if not report.is_writable:
            raise ValidationError(_("The lead agency's report has been sent in, so the answer can no longer change."))
        if seen is not None and clean(seen) != contribution.answer:
            raise ValidationError(_("A colleague has changed the answer meanwhile. Take what you need from it and send again."))
        contribution.answer, contribution.answered_by, contribution.answered_at = clean(text.strip()), by, now
        contribution._history_user = by
        contribution.save()
        tell_answered(contribution, now)
        return contribution


def asked_of(user, today):
    """Contributions that a person's agencies (and those that they took over from) were asked for."""
    return (
        Contribution.objects.filter(agency_id__in=agency_ids_of(user, today))
        .select_related("agency", "row__task", "row__report__agency", "row__report__cycle", "asked_by", "answered_by")
        .order_by("answered_at", "due_on")
    )


def waiting_for(user, today):
    """Those of them that still need an answer and can still get one."""
    return asked_of(user, today).filter(
        answered_at=None, row__report__state__in=AgencyReport.WRITABLE, row__report__cycle__state="open"
    )
