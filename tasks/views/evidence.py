from django.http import Http404


def evidence_add(request, pk):
    raise Http404


def evidence_download(request, pk):
    raise Http404


def evidence_remove(request, pk):
    raise Http404


def evidence_restore(request, pk):
    raise Http404
