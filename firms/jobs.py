"""Celery's entry points of the registry."""

from celery import shared_task
from django.utils import timezone

from firms import dossiers, forgetting, searches


@shared_task
def look_at_saved_searches():
    searches.look(timezone.now())


@shared_task
def forget_what_is_over():
    forgetting.forget(timezone.now())


@shared_task
def make_dossier(pk):
    dossiers.make(pk, timezone.now)


@shared_task
def resume_dossiers():
    now = timezone.now()
    for pk in dossiers.unfinished(now):
        make_dossier.delay(pk)
    dossiers.forget_old(now)
