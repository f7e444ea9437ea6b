"""Celery's entry points of the reporting year."""

from celery import shared_task
from django.utils import timezone

from tasks import reminders, renditions


@shared_task
def send_reminders():
    reminders.send_due(timezone.now())


@shared_task
def make_rendition(pk):
    renditions.make(pk, timezone.now)


@shared_task
def resume_renditions():
    now = timezone.now()
    for pk in renditions.unfinished(now):
        make_rendition.delay(pk)
    renditions.forget_old_parts(now)
