"""Celery's entry points of the frame."""

from celery import shared_task
from django.utils import timezone

from parkportal.models import Heartbeat


@shared_task
def beat_heart():
    Heartbeat.objects.update_or_create(name="schedule", defaults={"at": timezone.now()})


@shared_task
def deliver_mail():
    """Filled in by parkportal.mail."""
