"""The ledger of reminders: who was told what, when, on which rung, and whether it arrived."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from parkportal.models import OutgoingMail
from tasks.models.agencies import Agency
from tasks.models.cycles import ReportingCycle
from tasks.models.reports import AgencyReport, agency_ids_of


class ReminderQuerySet(models.QuerySet):
    def visible_to(self, user, today):
        """An agency reads what its own people were told; consolidators, administrators and leadership read everything."""
        if user.is_consolidator or user.is_administrator or user.is_leadership:
            return self
        return self.filter(models.Q(agency_id__in=agency_ids_of(user, today)) | models.Q(person=user))


class Reminder(models.Model):
    """One rung of the ladder for one person and one obligation. Sent once its mail was taken by the mail server.

    The obligation is an agency's report (`report` is set) or the consolidated report of a cycle (`report` is empty)."""

    cycle = models.ForeignKey(ReportingCycle, models.PROTECT, related_name="reminders")
    report = models.ForeignKey(AgencyReport, models.PROTECT, null=True, related_name="reminders")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="reminders")
    obligation = models.CharField(max_length=40)  # "report:12" or "consolidation:3"
    due_on = models.DateField()  # a moved deadline starts the ladder again
    rung = models.SmallIntegerField()  # days left; negative after the last day; 99 for "remind now"
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reminders")
    reason = models.CharField(_("Told as"), max_length=20)  # officer, head, consolidator, administrator
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
