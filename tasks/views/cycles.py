from django.http import Http404


def cycle_list(request):
    raise Http404


def cycle_create(request):
    raise Http404


def cycle_detail(request, pk):
    raise Http404


def cycle_edit(request, pk):
    raise Http404


def cycle_open(request, pk):
    raise Http404


def cycle_close(request, pk):
    raise Http404


def cycle_reopen(request, pk):
    raise Http404
