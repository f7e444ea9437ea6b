from django.http import Http404


def my_work(request):
    raise Http404


def report_edit(request, pk):
    raise Http404


def cover_save(request, pk):
    raise Http404


def report_presence(request, pk):
    raise Http404


def row_save(request, pk):
    raise Http404


def row_nothing(request, pk):
    raise Http404


def row_copy(request, pk):
    raise Http404


def kept_text_settle(request, pk):
    raise Http404


def report_detail(request, pk):
    raise Http404


def report_submit(request, pk):
    raise Http404


def report_withdraw(request, pk):
    raise Http404
