"""Cuts the screen fonts out of the installed font package; does nothing where they are there and newer."""

from django.conf import settings
from django.core.management.base import BaseCommand

from parkportal import fonts


class Command(BaseCommand):
    help = "Builds the web fonts (Be Vietnam Pro 400 and 600, Latin and Vietnamese) into FONTS_DIR."

    def handle(self, *args, **options):
        for name in fonts.build(settings.FONTS_DIR):
            size = (settings.FONTS_DIR / name).stat().st_size
            self.stdout.write(f"{name}: {size / 1024:.0f} KB")
