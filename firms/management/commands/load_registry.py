from django.core.management.base import BaseCommand

from firms import loading


class Command(BaseCommand):
    help = "Loads zones, firms and exchange rates of the registry; what is there already stays as it is."

    def handle(self, **options):
        for kind, number in loading.load_all().items():
            self.stdout.write(f"{kind}: {number} created")
