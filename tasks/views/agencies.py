from django.http import Http404


def agency_list(request):
    raise Http404


def agency_detail(request, key):
    raise Http404
