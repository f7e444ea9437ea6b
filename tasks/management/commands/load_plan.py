from django.core.management.base import BaseCommand

from tasks import loading


class Command(BaseCommand):
    help = "Loads Plan 2812/KH-UBND, the agencies and the public holidays; what is there already stays as it is."

    def handle(self, **options):
        for kind, number in loading.load_all().items():
            self.stdout.write(f"{kind}: {number} created")
