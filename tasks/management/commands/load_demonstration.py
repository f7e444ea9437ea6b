from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tasks import demonstration


class Command(BaseCommand):
    help = "Makes the demonstration's people and reporting years; if they are there, prints the accounts and changes nothing."

    def handle(self, **options):
        if settings.PRODUCTION:
            raise CommandError("PORTAL_MODE is production: demonstration accounts must not exist there.")
        if not demonstration.load(timezone.localdate()):
            self.stdout.write("The demonstration is there already; nothing was changed.")
        for user in demonstration.accounts():
            self.stdout.write(f"  {user.email:34} {user.full_name}, {user.position}")
        self.stdout.write(f"  password of all of them: {demonstration.PASSWORD}")
