"""Firms and zones side by side, for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from firms import comparison, dossiers, facts
from firms import shortlist as lists


@login_not_required
@require_safe
@cache_control(private=True)
def compare(request):
    """Up to four firms and up to four zones; the address is the whole choice. Without one, the shortlist to choose from."""
    asked = lists.asked(request.GET)
    found = lists.find(asked[: lists.MOST], facts.FIRMS, facts.ZONES)
    firms, zones = found.firms[: comparison.MOST], found.zones[: comparison.MOST]
    around = facts.Around(timezone.localdate())
    profiles = [facts.firm_profiles(firms, around), facts.zone_profiles(zones, around)]
    only = request.GET.get("show") == "differences"
    tables = [comparison.of(some) for some in profiles if some]
    context = {
        "tables": [(table, table.differences() if only else table.rows) for table in tables],
        "found": found,
        "only": only,
        "left_out": [*found.firms[comparison.MOST :], *found.zones[comparison.MOST :]],
        "most": comparison.MOST,
        "formats": dossiers.formats(),
    }
    if not tables:
        context["choice"] = lists.find(request.shortlist.entries)
    return render(request, "firms/compare.html", context)
