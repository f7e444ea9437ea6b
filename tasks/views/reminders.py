from django.http import Http404


def reminder_ledger(request):
    raise Http404


def reminder_preview(request):
    raise Http404


def remind_now(request, pk):
    raise Http404


def mail_detail(request, pk):
    raise Http404
