from django.http import Http404


def plan_public(request):
    raise Http404


def plan_task_public(request, code):
    raise Http404


def task_list(request):
    raise Http404


def task_detail(request, code):
    raise Http404
