"""Compiles the message catalogues where gettext's msgfmt is not installed."""

from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


def compile_stale():
    """Writes the .mo beside each .po that is newer than it; returns the paths written."""
    written = []
    for folder in settings.LOCALE_PATHS:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                polib.pofile(str(source)).save_as_mofile(str(target))
                written.append(target)
    return written


class Command(BaseCommand):
    help = "Compiles the message catalogues (no gettext needed)."
    requires_system_checks = []

    def handle(self, **options):
        for path in compile_stale():
            if options["verbosity"]:
                self.stdout.write(f"compiled {path.parent.parent.name}")
