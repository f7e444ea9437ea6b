from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from linkages import demonstration, demonstrationchains, demonstrationprogramme, demonstrationsessions, loading


class Command(BaseCommand):
    help = "Loads partners, links and what else public pages say of linkages; what is there already stays as it is."

    def handle(self, **options):
        for kind, number in loading.load_all().items():
            self.stdout.write(f"{kind}: {number} created")
        if settings.DEMONSTRATION:
            self.stdout.write(f"demonstration needs and offers: {demonstration.load_postings(timezone.now())} created")
            self.stdout.write(f"demonstration chains: {demonstrationchains.load_chains()} created")
            made = demonstrationprogramme.load_programme(timezone.localdate())
            self.stdout.write(f"demonstration agreements and training: {made} created")
            self.stdout.write(f"demonstration sessions: {demonstrationsessions.load_sessions(timezone.now())} created")
