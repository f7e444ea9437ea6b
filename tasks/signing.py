"""Handing a finished draft to those who sign it, and telling people what is asked of them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import mail
from parkportal.models import OutgoingMail
from tasks.models import Membership, Succession


def hand_over(report, by, now, today):
    """Tells the head and the deputies that the report waits for their signature. Returns them; nobody gets it twice a day."""
    with transaction.atomic():
        if not report.can_edit(by, today):
            raise ValidationError(_("The report cannot be written in now. Nothing was changed."))
        if rows := report.unanswered():
            codes = ", ".join(row.task.code for row in rows)
            raise ValidationError(_("These tasks have no answer yet: {codes}.").format(codes=codes))
        people = list(
            {membership.user_id: membership.user for membership in report.signers(today).select_related("user")}.values()
        )
        if not people:
            raise ValidationError(_("Nobody is recorded as head or deputy of this agency. Ask the administrator to add one."))
        subject = format_lazy(gettext_lazy("To be signed: {cycle}, {agency}"), cycle=report.cycle, agency=report.agency_name)
        context = {"report": report, "cycle": report.cycle, "by": by, "now": now}
        for person in people:
            mail.queue(f"ready:{report.pk}:{today:%Y%m%d}:{person.pk}", person, subject, "report_ready", context, now=now)
        return people


def handed_over(report):
    """When the draft was last handed to its signers, or None."""
    mails = OutgoingMail.objects.filter(key__startswith=f"ready:{report.pk}:").order_by("-created_at")
    return mails.values_list("created_at", flat=True).first()


def tell_asked(contribution, today, now):
    """Writes to the people of the asked agency, or of the one that took it over."""
    heir = Succession.objects.heirs(today).get(contribution.agency_id, contribution.agency_id)
    duties = Membership.objects.active(today).filter(agency_id=heir).select_related("user")
    officers = [duty.user for duty in duties if duty.duty == Membership.Duty.OFFICER] or [duty.user for duty in duties]
    lead = contribution.row.report.agency_name
    subject = format_lazy(gettext_lazy("{lead} asks for your part in {code}"), lead=lead, code=contribution.row.task.code)
    for person in {user.pk: user for user in officers}.values():
        key = f"asked:{contribution.pk}:{person.pk}"
        mail.queue(key, person, subject, "contribution_asked", {"contribution": contribution}, now=now)


def tell_answered(contribution, now):
    """Writes to the person who asked, at the first answer only."""
    subject = format_lazy(
        gettext_lazy("{agency} has answered on {code}"), agency=contribution.agency.name, code=contribution.row.task.code
    )
    key = f"answered:{contribution.pk}"
    mail.queue(key, contribution.asked_by, subject, "contribution_answered", {"contribution": contribution}, now=now)
