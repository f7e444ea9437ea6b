"""Sends today's reminders, or shows what would go out: send_reminders --dry-run --today 2026-12-02 --only skhcn"""

from datetime import date, datetime, time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from parkportal.dates import is_working_day
from tasks import reminders
from tasks.models import Holiday


class Command(BaseCommand):
    help = "Writes the reminders that are due into the outbox, from where the worker sends them."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only show who would be told what")
        parser.add_argument("--today", type=date.fromisoformat, help="the day to reckon with, as 2026-12-02 (default: today)")
        parser.add_argument("--only", default="", help="an agency's key (skhcn) or a person's e-mail address")

    def handle(self, *args, dry_run, today, only, **options):
        if today and not dry_run and today > timezone.localdate():
            raise CommandError("A day that is still to come can only be looked at: add --dry-run.")
        now = timezone.make_aware(datetime.combine(today, time(9))) if today else timezone.now()
        today = timezone.localdate(now)
        with translation.override("vi"):
            if not is_working_day(today, Holiday.days()):
                self.stdout.write(_("%(day)s is no working day: nothing goes out.") % {"day": f"{today:%d/%m/%Y}"})
                return
            bundles = reminders.due(today, only)
            self.show(bundles)
            if dry_run:
                self.stdout.write(_("%(count)s mails would go out; nothing was written.") % {"count": len(bundles)})
                return
            written = reminders.send_due(now, only)
            self.stdout.write(_("%(count)s mails are in the outbox.") % {"count": len(written)})

    def show(self, bundles):
        rows = [
            (
                bundle.person.full_name,
                bundle.person.email,
                str(entry.rung_words) if entry.is_new else "·",
                str(reminders.Reason(entry.reason).label),
                " – ".join(filter(None, [entry.obligation.title, entry.obligation.bearer_words])),
            )
            for bundle in bundles
            for entry in bundle.entries
        ]
        head = (_("Person"), _("E-mail address"), _("Step"), _("Told as"), _("What for"))
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
        for row in [head, *rows]:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
