"""Celery's entry points of the registry."""

from celery import shared_task
from django.utils import timezone

from firms import dossiers, forgetting, pairs, searches
from firms.models import Upload
from firms.uploads import steps


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


@shared_task
def work_on_upload(pk):
    """One step of an upload; after a check the workbook with its remarks, after an import that came too late one more check."""
    steps.work(pk, timezone.now)
    if pk in steps.unannotated():
        annotate_upload.delay(pk)
    if pk in steps.unfinished(timezone.now()):
        work_on_upload.delay(pk)
    if Upload.objects.filter(pk=pk, state=Upload.State.DONE).exists():
        find_likely_pairs.delay(pk)


@shared_task
def annotate_upload(pk):
    steps.annotate(pk)


@shared_task
def resume_uploads():
    for pk in steps.unfinished(timezone.now()):
        work_on_upload.delay(pk)
    for pk in steps.unannotated():
        annotate_upload.delay(pk)


@shared_task
def find_likely_pairs(upload=None):
    """Among all firms, or, after an import, with those that were touched since its file came in."""
    since = Upload.objects.values_list("created_at", flat=True).get(pk=upload) if upload else None
    pairs.find(timezone.now(), since)
