"""Zones for those who keep the registry: their list, and each zone part by part."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firms import entrypage, registry, story
from firms.access import editors_only
from firms.forms_zone import ZONE_PARTS, ZONE_ROWS, NewZoneForm
from firms.models import LandFigures, Zone
from firms.views import entrypages
from firms.views.registry import reading_or_writing, review


@require_safe
@editors_only
def registry_zones(request):
    current = Q(firms__merged_into__isnull=True, firms__isnull=False)
    zones = list(Zone.objects.annotate(firm_count=Count("firms", filter=current, distinct=True)).in_order())
    land = LandFigures.objects.select_related("zone").latest(timezone.localdate())
    for zone in zones:
        zone.land_now = land.get(zone.pk)
    return render(request, "firms/registry_zones.html", {"zones": zones})


@reading_or_writing
@editors_only
def zone_create(request):
    form = NewZoneForm(request.POST or None)
    if request.method == "POST":
        form, saved = registry.save_entry(lambda zone: NewZoneForm(request.POST, instance=zone), Zone(), 0, request.user)
        if saved.is_done:
            messages.success(request, _("The zone is entered. Add its land and who manages it."))
            return redirect("zone_edit", saved.instance.code)
    return render(request, "firms/zone_create.html", {"form": form})


@require_safe
@editors_only
def zone_edit(request, code):
    return render(request, "firms/zone_edit.html", entrypage.zone_context(_zone(code)))


def _zone(code):
    if "\x00" in code:
        raise Http404
    return get_object_or_404(Zone.objects.select_related("parent"), code=code)


@reading_or_writing
@editors_only
def zone_part(request, code, part):
    zone = _zone(code)
    back = reverse("zone_edit", args=[zone.code])
    if part in ZONE_PARTS:
        title, form = ZONE_PARTS[part]
        return entrypages.part_page(request, zone, title, form, "firms/zone_part.html", back)
    if part in ZONE_ROWS:
        return entrypages.rows_page(request, zone, ZONE_ROWS[part], "firms/zone_part.html", back)
    raise Http404


@require_POST
@editors_only
def zone_review(request, code):
    zone = _zone(code)
    return review(request, zone, reverse("zone_edit", args=[zone.code]))


@require_POST
@editors_only
def zone_put_back(request, code):
    zone = _zone(code)
    try:
        row = registry.put_back(request.POST.get("row", ""), story.OF_ZONE, request.user, zone_id=zone.pk)
        messages.success(request, _("“{name}” is back.").format(name=row))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("zone_edit", zone.code)
