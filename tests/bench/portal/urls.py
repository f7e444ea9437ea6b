"""The portal's addresses and bare pages with next to nothing on them."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from firms.codes import code_of
from firms.models import Firm
from parkportal import urls

FIRST = code_of(1)


def bare(request):
    """The least that a signed-in person can be answered: every middleware, session and account, one word."""
    return HttpResponse(f"ok {request.user.pk}")


def frame(request):
    """The portal's frame with nothing in it."""
    return render(request, "base.html")


@login_not_required
def row(request):
    """The least that a stranger can be answered out of the registry: every middleware, one row, its name."""
    return HttpResponse(Firm.objects.public().get(code=FIRST).name)


urlpatterns = [path("bench/bare/", bare), path("bench/frame/", frame), path("bench/row/", row), *urls.urlpatterns]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
