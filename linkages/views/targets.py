"""The programme's targets for everybody, and the report on a phase in the official form for officers."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms.views.entrypages import part_page
from linkages import outcomes, phasereport, targets
from linkages.access import officers_only
from linkages.asof import DayForm
from linkages.forms_programme import BlockerForm
from linkages.models import Target
from parkportal import timeline
from parkportal.documents import pdf


@require_safe
@login_not_required
def target_list(request):
    form = DayForm(request.GET, timezone.localdate())
    context = {"form": form, "phases": targets.phases(form.day), "why_no_pdf": pdf.why_not()}
    context["is_officer"] = getattr(request.user, "keeps_linkages", False)
    context["told"] = outcomes.rolled_up(until=form.day)
    return render(request, "linkages/target_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def target_edit(request, key):
    """What stands in the way of a target; the figures themselves are counted."""
    target = get_object_or_404(Target, key=key)
    target.story = timeline.of(target)
    return part_page(request, target, target.shown_name, BlockerForm, "linkages/target_edit.html", "target_list")


@require_safe
@officers_only
def phase_report(request, starts):
    """The report on a phase as PDF. Officers print, sign and send it; the portal keeps no copy."""
    day = DayForm(request.GET, timezone.localdate()).day
    phase = next((it for it in targets.phases(day) if it.starts == starts), None)
    if phase is None:
        raise Http404
    try:
        made = phasereport.make(phase, day)
    except pdf.NotPossibleHere as reason:
        context = {"form": DayForm({}, day), "phases": targets.phases(day), "why_no_pdf": str(reason), "is_officer": True}
        return render(request, "linkages/target_list.html", context, status=503)
    name = _("programme-report") + f"-{phase.starts}-{phase.ends}.pdf"
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
