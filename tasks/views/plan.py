"""The plan: the list of tasks, one task, and both for the public."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from tasks import exchange, planpage, taskpage
from tasks.filters import PublicTaskFilter, TaskFilter
from tasks.inheritance import Inheritance
from tasks.models import Plan, Task


@require_safe
def task_list(request):
    tasks = TaskFilter(request.GET, timezone.localdate())
    if request.GET.get("export") in exchange.FORMATS:
        return exchange.download(tasks.found, f"nhiem-vu-{tasks.year_shown}", request.GET["export"])
    return _page_or_rows(request, "tasks/task_list.html", "tasks/_task_rows.html", {"tasks": tasks})


@require_safe
@login_not_required
def plan_public(request):
    tasks = PublicTaskFilter(request.GET, timezone.localdate())
    context = {"tasks": tasks, "plan": Plan.objects.first(), "groups": planpage.groups(tasks)}
    return _page_or_rows(request, "tasks/plan_public.html", "tasks/_plan_rows.html", context | planpage.figures(tasks))


@require_safe
def task_detail(request, code):
    today = timezone.localdate()
    cycles = taskpage.started_cycles()
    try:
        context = _task(code, cycles, today)
    except Task.DoesNotExist:
        return render(request, "tasks/task_missing.html", {"code": code, "back": "task_list"}, status=404)
    task = context["task"]
    reader = taskpage.access(task, request.user, today)
    context["years"] = taskpage.years(task, cycles, reader, today)
    context["events"] = taskpage.story(task, reader)
    return render(request, "tasks/task_detail.html", context)


@require_safe
@login_not_required
def plan_task_public(request, code):
    today = timezone.localdate()
    cycles = taskpage.started_cycles()
    try:
        context = _task(code, cycles, today, PublicTaskFilter.report_states)
    except Task.DoesNotExist:
        return render(request, "tasks/task_missing.html", {"code": code, "back": "plan_public"}, status=404)
    context["years"] = taskpage.public_years(context["task"], cycles, today)
    return render(request, "tasks/plan_task_public.html", context)


def _page_or_rows(request, page, rows, context):
    """The whole page, or the rows alone for htmx. Going back in the browser's history always takes the whole page."""
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    response = render(request, rows if is_fragment else page, context | {"is_fragment": is_fragment})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _task(code, cycles, today, report_states=None):
    """What both pages of a task show: the task with its status, its neighbours in the plan, and who bears it."""
    year = taskpage.year_in_hand(cycles, today)
    outline = taskpage.outline()
    pk = next((row.pk for row in outline if row.code.casefold() == code.casefold()), None)
    task = Task.objects.with_status(year, today, report_states).select_related("lead", "plan").get(pk=pk)
    ancestors = taskpage.ancestors_of(task, outline)
    place = [row.pk for row in outline].index(task.pk)
    inheritance = Inheritance(today)
    return {
        "task": task,
        "year": year,
        "ancestors": ancestors[::-1],
        "children": [row for row in outline if row.parent_id == task.pk],
        "previous": outline[place - 1] if place else None,
        "next": outline[place + 1] if place + 1 < len(outline) else None,
        "cells": taskpage.printed_cells(task),
        "readings": taskpage.readings(task, ancestors),
        "passed_on": inheritance.onward(task.lead_id) if task.lead_id else [],
        "duty": inheritance.heir(task.lead) if task.lead_id else None,
        "coordinators": taskpage.coordinators_of(task, inheritance),
        "references": list(task.references.all()),
    }
