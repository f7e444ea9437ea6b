"""Evidence files: adding, fetching, hiding and bringing back. Who may not see the row gets 404."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parkportal import attachments
from tasks import evidence
from tasks.forms import EvidenceForm
from tasks.models import Evidence, Progress, agency_ids_of
from tasks.views.officer import after_page, fresh_row, own_row, save_posted_page
from tasks.views.unsent import is_fetch, keeps_text


@keeps_text
@require_POST
def evidence_add(request, pk):
    """A script sends one file at once; a plain form brings the whole page along, files included."""
    now = timezone.now()
    row = own_row(request, pk, timezone.localdate(now))
    if not is_fetch(request):
        return after_page(request, row.report, save_posted_page(request, row.report, now))
    checked = EvidenceForm(None, request.FILES, row=row).checked()
    errors = [error for _upload, _type, error in checked if error]
    try:
        for upload, content_type, error in checked:
            if not error:
                evidence.store(row, upload, content_type, request.user, now)
    except ValidationError as error:
        errors.append(error.messages[0])
    status = 409 if errors else 200
    return JsonResponse({"errors": errors, "html": fresh_row(row, timezone.localdate(now))}, status=status)


@require_safe
def evidence_download(request, pk):
    today = timezone.localdate()
    rows = Progress.objects.visible_to(request.user, today)
    # A file that was removed is left to its own agency, which may bring it back.
    seen = Q(row__in=rows, removed_at=None) | Q(row__report__agency_id__in=agency_ids_of(request.user, today))
    file = get_object_or_404(Evidence.objects.filter(seen), pk=pk)
    return attachments.response(file.file, file.name, file.content_type)


@keeps_text
@require_POST
def evidence_remove(request, pk):
    return _hide(request, pk, evidence.remove, _("“{name}” was removed from the task. It can be brought back there."))


@keeps_text
@require_POST
def evidence_restore(request, pk):
    return _hide(request, pk, evidence.restore, _("“{name}” is back."))


def _hide(request, pk, verb, words):
    now = timezone.now()
    own = agency_ids_of(request.user, timezone.localdate(now))
    files = Evidence.objects.filter(row__report__agency_id__in=own)
    file = get_object_or_404(files.select_related("row__task", "row__report__cycle", "row__report__agency"), pk=pk)
    if not is_fetch(request):
        save_posted_page(request, file.row.report, now)
    try:
        verb(file, request.user, now)
    except ValidationError as error:
        if is_fetch(request):
            return JsonResponse({"message": error.messages[0]}, status=409)
        messages.error(request, error.messages[0])
    else:
        if is_fetch(request):
            return JsonResponse({"html": fresh_row(file.row, timezone.localdate(now))})
        messages.success(request, words.format(name=file.name))
    return redirect(f"{reverse('report_edit', args=[file.row.report_id])}#row-{file.row_id}")
