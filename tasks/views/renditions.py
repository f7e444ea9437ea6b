from django.http import Http404


def rendition_ask(request, pk):
    raise Http404


def rendition_status(request, pk):
    raise Http404


def rendition_download(request, pk):
    raise Http404
