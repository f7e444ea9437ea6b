"""Zones for everybody: all of them, and one with its land, authority, parts and firms."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from firms.zonefilter import ZoneFilter
from firms.zonepage import ZonePage
from firms.zonetree import ZoneTree


@require_safe
@login_not_required
def zone_list(request):
    zones = ZoneFilter(request.GET, timezone.localdate())
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    page = "firms/_zone_rows.html" if is_fragment else "firms/zone_list.html"
    response = render(request, page, {"zones": zones, "is_fragment": is_fragment})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@login_not_required
def zone_detail(request, code):
    tree = ZoneTree()
    zone = tree.by_code(code)
    if zone is None:
        raise Http404
    if zone.code != code:
        return redirect(zone, permanent=True)
    return render(request, "firms/zone_detail.html", {"zone": zone, "page": ZonePage(zone, tree, timezone.localdate())})
