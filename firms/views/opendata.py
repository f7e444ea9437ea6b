"""What everybody may take away: the page that explains it, files of a search, and the list that other sites embed."""

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from firms.filters import FirmFilter
from firms.models import Zone
from firms.opendata import files, version
from firms.opendata.limits import DownloadThrottle
from firms.opendata.paging import Pages

ANYWHERE = "*"


@require_safe
@login_not_required
def open_data(request):
    zone = Zone.objects.public().in_order().first()
    embed = request.build_absolute_uri(reverse("embed_firms"))
    context = {
        "api": request.build_absolute_uri(reverse("api_root")),
        "address": f"{embed}?zone={zone.code}" if zone else embed,
        "zone": zone,
        "rates": {name: rate.split("/")[0] for name, rate in settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].items()},
        "workbook_rows": files.WORKBOOK_ROWS,
        "page_size": Pages.page_size,
        "most": Pages.max_page_size,
        "changed_at": version.of_firms()[1],
    }
    return render(request, "firms/open_data.html", context)


@require_safe
@login_not_required
def firm_download(request):
    """The firms of a search as a file; what cannot be made is refused in words, with the way back to the search."""
    firms = FirmFilter(request.GET)
    asked = request.GET.get("format", "csv")
    throttle = DownloadThrottle()
    if asked not in files.FORMATS:
        problem, status = "format", 400
    elif asked == "xlsx" and firms.count > files.WORKBOOK_ROWS:
        problem, status = "rows", 400
    elif not throttle.allow_request(request, None):
        problem, status = "rate", 429
    else:
        name = f"{'firms' if get_language() == 'en' else 'doanh-nghiep'}-{timezone.localdate():%Y-%m-%d}"
        return files.response(firms.found, asked, request, name)
    wait = round(throttle.wait() or 1) if problem == "rate" else None
    context = {"firms": firms, "problem": problem, "most": files.WORKBOOK_ROWS, "minutes": -(-wait // 60) if wait else None}
    response = render(request, "firms/firm_download.html", context, status=status)
    if wait:
        response["Retry-After"] = wait
    return response


@require_safe
@login_not_required
def zone_download(request):
    name = "zones" if get_language() == "en" else "khu"
    headers = {"Content-Disposition": f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.geojson"'}
    json = {"ensure_ascii": False}
    return JsonResponse(
        files.zones_geojson(request), content_type=files.TYPES["geojson"], headers=headers, json_dumps_params=json
    )


@require_safe
@login_not_required
@xframe_options_exempt
@csp_replace({"frame-ancestors": [ANYWHERE]})
def embed_firms(request):
    """The list alone, for a frame in a page of another site: the only page that may be framed, and all that it has is links."""
    firms = FirmFilter(request.GET)
    whole = f"{reverse('firm_list')}?{firms.whole_query}".rstrip("?")
    return render(request, "firms/embed_firms.html", {"firms": firms, "whole": request.build_absolute_uri(whole)})
