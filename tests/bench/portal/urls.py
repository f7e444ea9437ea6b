"""The portal's addresses and two pages with nothing on them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from parkportal import urls


def bare(request):
    """The least that a signed-in person can be answered: every middleware, session and account, one word."""
    return HttpResponse(f"ok {request.user.pk}")


def frame(request):
    """The portal's frame with nothing in it."""
    return render(request, "base.html")


urlpatterns = [path("bench/bare/", bare), path("bench/frame/", frame), *urls.urlpatterns]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
