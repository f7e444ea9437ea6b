"""Front page, search, profile, health and error pages: the only views that know all apps."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from parkportal import health
from parkportal.history import HistoryForm
from tasks import timeline


@login_not_required
def home(request):
    return render(request, "home.html")


def search(request):
    raise Http404


@require_GET
def audit(request):
    """Every change in the portal, newest first, for those who answer for it."""
    if not (request.user.is_consolidator or request.user.is_administrator):
        raise Http404
    form = HistoryForm(request.GET, timeline.MODELS)
    wanted = form.wanted()
    page = timeline.recent(**wanted)
    context = {"form": form, "events": page.events, "next_offset": page.next_offset, "offset": wanted["offset"]}
    return render(request, "audit.html", context)


def profile(request):
    raise Http404


@login_not_required
@never_cache
def healthz(request):
    """For monitoring; with ?only=web for the web server's own health check, which a silent worker must not fail."""
    parts = health.web() if request.GET.get("only") == "web" else health.everything(timezone.now())
    is_well = all(answer == health.OK for answer in parts.values())
    return JsonResponse({"status": "ok" if is_well else "bad", "parts": parts}, status=200 if is_well else 503)


def csrf_failure(request, reason=""):
    return render(request, "403.html", status=403)


@login_not_required
def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request, exception=None):
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request):
    return render(request, "500.html", status=500)
