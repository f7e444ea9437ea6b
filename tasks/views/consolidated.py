from django.http import Http404


def consolidated_start(request, pk):
    raise Http404


def consolidated_detail(request, pk):
    raise Http404


def consolidated_refill(request, pk):
    raise Http404


def consolidated_preview(request, pk):
    raise Http404


def consolidated_issue(request, pk):
    raise Http404


def paragraph_add(request, pk):
    raise Http404


def paragraph_save(request, pk):
    raise Http404


def paragraph_remove(request, pk):
    raise Http404


def paragraph_restore(request, pk):
    raise Http404


def verify(request, code):
    raise Http404
