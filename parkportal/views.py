"""Front page, search, profile, health and error pages: the only views that know all apps."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, JsonResponse
from django.shortcuts import render


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
def healthz(request):
    connection.ensure_connection()
    return JsonResponse({"status": "ok"})


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
