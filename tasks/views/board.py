"""The consolidator's board of all agencies, and the review in which one report is accepted or sent back."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parkportal.models import User
from parkportal.text import whole_number
from tasks import board as the_board
from tasks import review
from tasks.cycles import may_manage, may_read, path_of
from tasks.models import AgencyReport, ReportingCycle
from tasks.status import Timeliness


@require_safe
def board(request):
    if not may_read(request.user):
        raise Http404
    cycles = list(ReportingCycle.objects.started())
    cycle = _chosen(request, cycles)
    if cycle is None:
        return render(request, "tasks/board.html", {"may_manage": may_manage(request.user)})
    today = timezone.localdate()
    view = request.GET.get("state", "")
    view = view if view in the_board.VIEWS else ""
    words = request.GET.get("q", "")
    days_left = cycle.days_left(today)
    shown = the_board.build(cycle, request.user, today, view, words)
    context = {
        "cycle": cycle,
        "cycles": cycles,
        "board": shown,
        "view": view,
        "view_label": the_board.VIEWS.get(view, ""),
        "words": words,
        "views": [(cell, _address(cycle, cell.key, words)) for cell in shown.views],
        "all_address": _address(cycle, "", words),
        # A narrowed board counts only what it shows, so its totals lead nowhere.
        "total_address": "" if shown.is_narrowed else f"{reverse('board_tasks')}?cycle={cycle.pk}&",
        "no_words_address": _address(cycle, view, ""),
        "path": path_of(cycle, today, shown.states),
        "days_left": days_left,
        "days_over": -days_left,
        "may_manage": may_manage(request.user),
        "may_decide": request.user.is_consolidator,
    }
    template = "tasks/_board_rows.html" if request.htmx and not request.htmx.boosted else "tasks/board.html"
    return render(request, template, context)


@require_safe
def board_tasks(request):
    """The tasks behind one total of the board."""
    if not may_read(request.user):
        raise Http404
    cycle = _chosen(request, list(ReportingCycle.objects.started()))
    figure = request.GET.get("rows", "")
    if cycle is None or figure not in {*the_board.ANSWERS, *Timeliness.values}:
        raise Http404
    rows = [(row, time, the_board.status_of(row, time)) for row, time in the_board.rows_of(cycle, figure, timezone.localdate())]
    context = {
        "cycle": cycle,
        "rows": rows,
        "figure_label": the_board.figure_label(figure),
        "may_manage": may_manage(request.user),
        "board_address": _address(cycle, "", ""),
    }
    return render(request, "tasks/board_tasks.html", context)


def _chosen(request, cycles):
    """The cycle that the address names, else the one people work in now, else none."""
    if wanted := request.GET.get("cycle"):
        named = [cycle for cycle in cycles if str(cycle.pk) == wanted]
        if not named:
            raise Http404
        return named[0]
    return next((cycle for cycle in cycles if cycle.is_open), cycles[0] if cycles else None)


def _address(cycle, view, words):
    values = {"cycle": cycle.pk, "state": view, "q": words}
    return f"{reverse('board')}?{urlencode({key: value for key, value in values.items() if value})}"


# One report ---------------------------------------------------------------------------------------------------------
@require_safe
def report_review(request, pk):
    return _review_page(request, _report(request, pk))


def _report(request, pk):
    """The report, for those who review: consolidators decide, administrators read."""
    if not may_manage(request.user):
        raise Http404
    return get_object_or_404(AgencyReport.objects.select_related("cycle", "agency", "submitted_by", "accepted_by"), pk=pk)


def _review_page(request, report, errors=None, reason="", redo=(), status=200):
    today = timezone.localdate()
    previous, following, waiting = review.waiting_beside(report)
    seen = review.build(report, today)
    figure = request.GET.get("rows", "")
    figure = figure if figure in {*the_board.ANSWERS, *Timeliness.values} else ""
    is_decider = request.user.is_consolidator and report.cycle.is_open
    context = {
        "report": report,
        "cycle": report.cycle,
        "review": seen,
        "rows": seen.rows_in(figure),
        "shown_words": the_board.figure_label(figure) if figure else "",
        "now_words": f"{report.cycle.year}",
        "earlier_words": f"{seen.earlier.cycle.year}" if seen.earlier else _("Not reported before"),
        "previous": previous,
        "following": following,
        "waiting": waiting,
        "days_late": report.days_late,
        "others": User.objects.filter(role=User.Role.CONSOLIDATOR, is_active=True).exclude(pk=request.user.pk),
        "seen": review.mark_of(report),
        "is_own": report.submitted_by_id == request.user.pk,
        "may_accept": is_decider and report.state == report.State.SUBMITTED and report.submitted_by_id != request.user.pk,
        "may_return": is_decider and report.is_sent,
        "errors": errors,
        "reason": reason,
        "redo": set(redo),
    }
    return render(request, "tasks/report_review.html", context, status=status)


@require_POST
def report_accept(request, pk):
    report = _report(request, pk)
    now = timezone.now()
    try:
        review.accept(report, request.user, now, timezone.localdate(now), request.POST.get("seen"))
    except PermissionDenied as refusal:
        raise Http404 from refusal
    except ValidationError as refusal:
        report.refresh_from_db()
        return _review_page(request, report, errors=refusal.messages, status=409)
    undo = format_html('<a href="{}#decide">{}</a>', reverse("report_review", args=[pk]), _("Take the acceptance back"))
    words = _("The report of %(agency)s is accepted; its people are told by mail.") % {"agency": report.agency_name}
    messages.success(request, format_html("{} {}", words, undo))
    return redirect(_next_address(report))


@require_POST
def report_send_back(request, pk):
    report = _report(request, pk)
    now = timezone.now()
    reason, redo = request.POST.get("reason", ""), [pk for pk in map(whole_number, request.POST.getlist("redo")) if pk]
    try:
        review.send_back(report, request.user, reason, now, timezone.localdate(now), redo, request.POST.get("seen"))
    except PermissionDenied as refusal:
        raise Http404 from refusal
    except ValidationError as refusal:
        report.refresh_from_db()
        status = 422 if hasattr(refusal, "error_dict") else 409
        return _review_page(request, report, refusal.messages, reason, redo, status)
    words = _("The report of %(agency)s is sent back; its people are told the reason by mail.")
    messages.success(request, words % {"agency": report.agency_name})
    return redirect(_next_address(report))


def _next_address(report):
    """On to the next report that waits; to the board after the last."""
    _previous, following, _waiting = review.waiting_beside(report)
    if following:
        return reverse("report_review", args=[following.pk])
    return _address(report.cycle, "", "")
