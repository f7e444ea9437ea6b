"""The network of links for everybody: searched, filtered, counted, drawn."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from linkages.networkfilter import NetworkFilter
from linkages.networkpicture import picture


@require_safe
@login_not_required
def link_list(request):
    is_officer = getattr(request.user, "keeps_linkages", False)
    links = NetworkFilter(request.GET, timezone.localdate(), is_officer)
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    context = {"links": links, "picture": picture(links), "is_fragment": is_fragment, "is_officer": is_officer}
    response = render(request, "linkages/_link_results.html" if is_fragment else "linkages/link_list.html", context)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
