"""Run again (a new migration like this one) after any migration that changes a history table: SQLite rebuilds the table."""

from django.db import migrations

from parkportal.tamperproof import protect, release


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_paragraph_slots"), ("parkportal", "0002_mail_trouble")]
    operations = [migrations.RunPython(protect, release)]
