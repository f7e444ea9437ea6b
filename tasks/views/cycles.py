"""Reporting cycles: their list, their dates, and opening, closing and reopening them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkportal import timeline
from tasks.cycles import close_cycle, default_dates, may_manage, may_read, open_cycle, path_of, reopen_cycle
from tasks.forms_cycle import CycleForm
from tasks.models import AgencyReport, Holiday, Plan, ReportingCycle


@require_safe
def cycle_list(request):
    if not may_read(request.user):
        raise Http404
    sent = Q(reports__state__in=AgencyReport.SENT)
    cycles = ReportingCycle.objects.annotate(
        total=Count("reports"), sent=Count("reports", filter=sent), accepted=Count("reports", filter=Q(reports__state="accepted"))
    ).order_by("-year", "kind")
    cycles = cycles.prefetch_related("consolidated_reports")
    holidays = Holiday.days()
    for cycle in cycles:
        cycle.last_days = [cycle.last_day(day, holidays) for day in (cycle.agencies_due_on, cycle.consolidation_due_on)]
    return render(request, "tasks/cycle_list.html", {"cycles": cycles, "may_manage": may_manage(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_create(request):
    if not may_manage(request.user):
        raise Http404
    plan = get_object_or_404(Plan.objects.order_by("-issued_on")[:1])
    year = _next_year(plan)
    cycle = ReportingCycle(plan=plan, year=year, **default_dates(year))
    return _form_page(request, cycle, _("New reporting cycle"))


def _next_year(plan):
    """The first year without an annual cycle, from this one on."""
    year = timezone.localdate().year
    taken = set(plan.cycles.filter(kind=ReportingCycle.Kind.ANNUAL).values_list("year", flat=True))
    while year in taken and year < plan.ends_year:
        year += 1
    return year


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_edit(request, pk):
    cycle = _managed(request, pk)
    if cycle.is_closed:
        messages.warning(request, _("This cycle is closed, so its dates stand. Reopen it, with a reason, to change them."))
        return redirect("cycle_detail", pk=pk)
    return _form_page(request, cycle, str(cycle))


def _form_page(request, cycle, heading):
    """The form with the days that its choices come to. "Preview" computes them without saving."""
    form = CycleForm(request.POST or None, instance=cycle)
    is_preview = "preview" in request.POST
    status = 200
    if request.method == "POST" and form.is_valid() and not is_preview:
        try:
            cycle = form.save()
        except ValidationError as refusal:
            messages.warning(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The dates are saved.") if form.has_changed() else _("Nothing was changed."))
        return redirect("cycle_detail", pk=cycle.pk)
    if request.method == "POST" and not is_preview:
        status = 422
    context = {"form": form, "cycle": cycle, "heading": heading, "days": _days(form.instance), "is_preview": is_preview}
    template = "tasks/_cycle_days.html" if request.htmx and is_preview else "tasks/cycle_form.html"
    return render(request, template, context, status=status)


def _days(cycle):
    """Printed dates and the last days that they come to, as far as they can be read."""
    rows = [
        (_("Agencies report"), cycle.agencies_due_on, cycle.agencies_due_on and cycle.agencies_last_day),
        (_("Consolidate and issue"), cycle.consolidation_due_on, cycle.consolidation_due_on and cycle.consolidation_last_day),
    ]
    return [(label, printed, last, last.isoweekday() > 5) for label, printed, last in rows if printed]


@require_safe
def cycle_detail(request, pk):
    if not may_read(request.user):
        raise Http404
    cycle = get_object_or_404(ReportingCycle.objects.select_related("plan"), pk=pk)
    return _detail_page(request, cycle)


def _detail_page(request, cycle, errors=None, reason="", status=200):
    today = timezone.localdate()
    states = dict(cycle.reports.order_by().values_list("state").annotate(Count("pk")))
    sent = sum(states.get(state, 0) for state in AgencyReport.SENT)
    total = sum(states.values())
    editions = list(cycle.consolidated_reports.all())
    context = {
        "cycle": cycle,
        "path": path_of(cycle, today),
        "days": _days(cycle),
        "counts": {"total": total, "sent": sent, "accepted": states.get("accepted", 0), "missing": total - sent},
        "story": timeline.of(cycle),
        "editions": editions,
        "has_draft": any(not edition.is_issued for edition in editions),
        "may_consolidate": request.user.is_consolidator,
        "may_manage": may_manage(request.user),
        "is_early": today < cycle.opens_on,
        "errors": errors,
        "reason": reason,
    }
    return render(request, "tasks/cycle_detail.html", context, status=status)


@require_POST
def cycle_open(request, pk):
    def change(cycle, now):
        open_cycle(cycle, request.user, now)
        count = cycle.reports.count()
        words = ngettext(
            "The cycle is open; %(count)s report is written.", "The cycle is open; %(count)s reports are written.", count
        )
        return words % {"count": count}

    return _change(request, pk, change)


@require_POST
def cycle_close(request, pk):
    def change(cycle, now):
        close_cycle(cycle, request.user, now)
        missing = cycle.reports.missing().count()
        words = ngettext(
            "The cycle is closed; %(count)s agency counts as “has not reported”. A mistake? Reopen it below, with a reason.",
            "The cycle is closed; %(count)s agencies count as “has not reported”. A mistake? Reopen it below, with a reason.",
            missing,
        )
        return words % {"count": missing}

    return _change(request, pk, change)


@require_POST
def cycle_reopen(request, pk):
    def change(cycle, now):
        reopen_cycle(cycle, request.user, request.POST.get("reason", ""), now)
        return _("The cycle is open again. Reports that were not sent in can be written in, and sent ones can be decided.")

    return _change(request, pk, change)


def _managed(request, pk):
    if not may_manage(request.user):
        raise Http404
    return get_object_or_404(ReportingCycle, pk=pk)


def _change(request, pk, change):
    """Does it and says so, or shows on the cycle's page in words why not."""
    cycle = _managed(request, pk)
    try:
        words = change(cycle, timezone.now())
    except PermissionDenied as refusal:
        raise Http404 from refusal
    except ValidationError as refusal:
        cycle.refresh_from_db()
        status = 422 if hasattr(refusal, "error_dict") else 409
        return _detail_page(request, cycle, refusal.messages, request.POST.get("reason", ""), status)
    messages.success(request, words)
    return redirect("cycle_detail", pk=pk)
