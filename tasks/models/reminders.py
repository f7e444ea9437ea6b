"""The ledger of reminders: who was told what, when, on which rung, and whether it arrived."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from parkportal.models import OutgoingMail
from tasks.models.agencies import Agency
from tasks.models.cycles import ReportingCycle
from tasks.models.reports import AgencyReport, agency_ids_of

ASKED_FROM = 100


def days_left_words(days):
    """In words: "7 days left", "last day", "3 days overdue"."""
    if days == 0:
        return _("last day")
    if days < 0:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


class ReminderQuerySet(models.QuerySet):
    def visible_to(self, user, today):
        """An agency reads what its own people were told; consolidators, administrators and leadership read everything."""
        if user.is_consolidator or user.is_administrator or user.is_leadership:
            return self
        return self.filter(models.Q(agency_id__in=agency_ids_of(user, today)) | models.Q(person=user))


class Reminder(models.Model):
    """One rung of the ladder for one person and one obligation. Sent once its mail was taken by the mail server.

    The obligation is an agency's report or an answer that its lead asked for (`report` is set), or the consolidated report
    of a cycle (`report` is empty)."""

    class Reason(models.TextChoices):
        """Why it was this person who was told; the last three stand in for somebody who is missing."""

        OFFICER = "officer", _("focal officer")
        HEAD = "head", _("head or deputy")
        CONSOLIDATOR = "consolidator", _("consolidator")
        HEAD_INSTEAD = "head_instead", _("head or deputy, as there is no focal officer")
        CONSOLIDATOR_INSTEAD = "consolidator_instead", _("consolidator, as the agency has nobody")
        ADMINISTRATOR_INSTEAD = "administrator_instead", _("administrator, as there is no consolidator")

    cycle = models.ForeignKey(ReportingCycle, models.PROTECT, related_name="reminders")
    report = models.ForeignKey(AgencyReport, models.PROTECT, null=True, related_name="reminders")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="reminders")
    obligation = models.CharField(max_length=40)  # "report:12" or "consolidation:3"
    due_on = models.DateField()  # a moved deadline starts the ladder again
    rung = models.SmallIntegerField()  # days left; negative after the last day; from 100 on "remind now", one number a day
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reminders")
    reason = models.CharField(_("Told as"), max_length=30, choices=Reason)
    mail = models.ForeignKey(OutgoingMail, models.PROTECT, related_name="reminders")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["obligation", "due_on", "rung", "person"], name="one_reminder_a_rung_and_person")
        ]

    def __str__(self):
        return f"{self.obligation} {self.due_on} {self.rung} {self.person}"

    @property
    def is_asked(self):
        """Sent because a consolidator pressed "remind now", not because of the date."""
        return self.rung >= ASKED_FROM

    @property
    def rung_words(self):
        return _("at once") if self.is_asked else days_left_words(self.rung)

    @property
    def obligation_words(self):
        kind = self.obligation.partition(":")[0]
        return {"report": _("agency's report"), "contribution": _("contribution asked for")}.get(kind, _("consolidated report"))
