"""Celery's entry points of the linkage programme."""

from celery import shared_task
from django.utils import timezone

from linkages import agreementreminders, applications, renewals


@shared_task
def look_after_postings():
    renewals.look(timezone.now())


@shared_task
def forget_applicants():
    applications.forget(timezone.now())


@shared_task
def remind_of_agreements():
    now = timezone.now()
    agreementreminders.remind(timezone.localdate(now), now)
