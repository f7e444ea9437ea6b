from django.http import Http404


def contribution_list(request):
    raise Http404


def contribution_ask(request, pk):
    raise Http404


def contribution_answer(request, pk):
    raise Http404
