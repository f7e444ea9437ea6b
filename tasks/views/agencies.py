"""The agencies: all of them, and one with its people, tasks, reports, and whose duties it took over or passed on."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tasks import agencypage
from tasks.models import Agency


@require_safe
def agency_list(request):
    words = request.GET.get("q", "").strip()
    context = agencypage.overview(words, request.user, timezone.localdate())
    return render(request, "tasks/agency_list.html", context | {"words": words})


@require_safe
def agency_detail(request, key):
    agency = get_object_or_404(Agency.objects.prefetch_related("aliases"), key=key)
    return render(request, "tasks/agency_detail.html", agencypage.page(agency, request.user, timezone.localdate()))
