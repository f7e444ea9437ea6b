"""Front page, search, profile, health and error pages: the only views that know all apps."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from parkportal import health


@login_not_required
def home(request):
    return render(request, "home.html")


def search(request):
    raise Http404


def audit(request):
    raise Http404


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
