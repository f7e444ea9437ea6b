from django.http import Http404


def board(request):
    raise Http404


def report_review(request, pk):
    raise Http404


def report_accept(request, pk):
    raise Http404


def report_send_back(request, pk):
    raise Http404
