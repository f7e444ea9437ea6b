from django.core.management.base import BaseCommand

from linkages import loading


class Command(BaseCommand):
    help = "Loads partners, links and what else public pages say of linkages; what is there already stays as it is."

    def handle(self, **options):
        for kind, number in loading.load_all().items():
            self.stdout.write(f"{kind}: {number} created")
