"""Run again (a new migration like this one) after any migration that changes a history table: SQLite rebuilds the table."""

from django.db import migrations

from parkportal.tamperproof import protect, release


class Migration(migrations.Migration):
    dependencies = [("linkages", "0001_initial"), ("parkportal", "0001_initial")]
    operations = [migrations.RunPython(protect, release)]
