"""Celery's entry points of the frame."""

from celery import shared_task
from django.utils import timezone

from parkportal import mail
from parkportal.models import Heartbeat


@shared_task
def beat_heart():
    Heartbeat.objects.update_or_create(name="schedule", defaults={"at": timezone.now()})


@shared_task(bind=True)
def deliver_mail(self):
    mail.deliver_due(timezone.now(), self.request.hostname or "worker")
