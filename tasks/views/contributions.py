"""Contributions: the lead asks, the coordinating agency answers, both see what became of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tasks import contributions
from tasks.forms import AnswerForm, ContributionForm
from tasks.views.officer import own_row


def contribution_list(request):
    today = timezone.localdate()
    asked = contributions.asked_of(request.user, today)
    context = {
        "waiting": [one for one in asked if not one.is_answered and one.row.report.is_writable],
        "answered": [one for one in asked if one.is_answered],
        "passed": [one for one in asked if not one.is_answered and not one.row.report.is_writable],
        "today": today,
    }
    return render(request, "tasks/contribution_list.html", context)


@require_http_methods(["GET", "POST"])
def contribution_ask(request, pk):
    now = timezone.now()
    today = timezone.localdate(now)
    row = own_row(request, pk, today)
    if not row.report.is_writable or row.is_settled:
        messages.error(request, _("The report cannot be written in now, so nobody can be asked."))
        return redirect("report_detail", pk=row.report_id)
    form = ContributionForm(request.POST or None, row=row, today=today, initial={"due_on": contributions.default_due(row, today)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            asked = contributions.ask(row, values["chosen"], values["question"], values["due_on"], request.user, now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = ngettext("{n} agency was asked.", "{n} agencies were asked.", len(asked)).format(n=len(asked))
            messages.success(request, words)
            return redirect(f"{reverse('report_edit', args=[row.report_id])}#row-{row.pk}")
    status = 409 if form.errors else 200
    return render(request, "tasks/contribution_ask.html", {"form": form, "row": row}, status=status)


@require_http_methods(["GET", "POST"])
def contribution_answer(request, pk):
    now = timezone.now()
    asked = contributions.asked_of(request.user, timezone.localdate(now))
    contribution = get_object_or_404(asked, pk=pk)
    is_open = contribution.row.report.is_writable
    form = AnswerForm(request.POST or None, initial={"answer": contribution.answer})
    if request.method == "POST" and form.is_valid():
        try:
            seen = request.POST.get("seen", "")
            contributions.answer(contribution, form.cleaned_data["answer"], request.user, now, seen)
        except ValidationError as error:
            form.add_error(None, error)
            contribution.refresh_from_db()
        else:
            messages.success(request, _("Your answer is with the lead agency. It can be changed until its report is sent in."))
            return redirect("contribution_list")
    context = {"form": form, "contribution": contribution, "is_open": is_open}
    return render(request, "tasks/contribution_answer.html", context, status=409 if form.errors else 200)
