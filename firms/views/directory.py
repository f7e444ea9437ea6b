"""The directory for everybody: firms searched, filtered and counted, on a map, and one firm's page."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from firms import firmpage, maps
from firms.filters import FirmFilter


@require_safe
@login_not_required
def firm_list(request):
    firms = FirmFilter(request.GET)
    context = {"firms": firms}
    if firms.view == "map":
        context |= {"points": maps.points(firms), "map_tiles": settings.MAP_TILES, "map_attribution": settings.MAP_ATTRIBUTION}
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    context["is_fragment"] = is_fragment
    response = render(request, "firms/_firm_results.html" if is_fragment else "firms/firm_list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@login_not_required
def firm_map(request):
    """The points of a search as GeoJSON, with the coast line, for the map's script."""
    found = maps.geojson(maps.points(FirmFilter(request.GET)))
    return JsonResponse(found | {"coast": maps.coast()}, content_type="application/geo+json")


@require_safe
@login_not_required
def firm_detail(request, code):
    found = firmpage.resolve(code)
    if found is None or not found.is_public and not getattr(request.user, "keeps_registry", False):
        raise Http404
    if found.code != code:
        return redirect(found, permanent=True)
    return render(request, "firms/firm_detail.html", firmpage.context(found, timezone.localdate(), request.user))
