"""Celery's entry points of the reporting year."""

from celery import shared_task


@shared_task
def send_reminders():
    """Filled in by tasks.reminders."""


@shared_task
def resume_renditions():
    """Filled in by tasks.renditions."""
