"""Celery's entry points of the linkage programme."""

from celery import shared_task
from django.utils import timezone

from linkages import renewals


@shared_task
def look_after_postings():
    renewals.look(timezone.now())
