"""Cooperation frameworks and memoranda: what was agreed, by whom, what is owed until when."""

import os
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from firms.views.entrypages import part_page
from linkages import agreements
from linkages.access import officers_only
from linkages.forms_programme import AgreementForm, CommitmentForm, PartyNameForm
from linkages.models import Agreement, Commitment, Party
from parkportal import attachments, timeline

reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_not_required
def agreement_list(request):
    today = timezone.localdate()
    is_officer = getattr(request.user, "keeps_linkages", False)
    context = {"rows": agreements.rows(request.user, today), "is_officer": is_officer}
    context["late"] = list(agreements.late(today)) if is_officer else []
    return render(request, "linkages/agreement_list.html", context)


@require_safe
@login_not_required
def agreement_detail(request, pk):
    agreement = get_object_or_404(agreements.visible_to(request.user, timezone.localdate()), pk=pk)
    return render(request, "linkages/agreement_detail.html", _told(request, agreement))


def _told(request, agreement, party_form=None):
    today = timezone.localdate()
    is_officer = getattr(request.user, "keeps_linkages", False)
    commitments = [(it, agreements.is_late(it, today)) for it in agreement.commitments.select_related("owner__firm")]
    context = {"agreement": agreement, "today": today, "is_officer": is_officer, "commitments": commitments}
    context |= {"ends_soon": agreements.ends_soon(agreement, today), "is_over": agreements.is_over(agreement, today)}
    if is_officer:
        context |= {"party_form": party_form or PartyNameForm(), "story": timeline.of(agreement, agreement.commitments.all())}
    may_read = request.user.is_authenticated and agreement.file
    context["has_file"] = may_read and agreements.with_file(request.user, today).filter(pk=agreement.pk).exists()
    return context


@require_safe
def agreement_file(request, pk):
    """The signed document, for officers and for the boards that are a party."""
    agreement = get_object_or_404(agreements.with_file(request.user, timezone.localdate()), pk=pk)
    kind = attachments.TYPES[os.path.splitext(agreement.file_name)[1].lower()]
    return attachments.response(agreement.file, agreement.file_name, kind)


def _form(request):
    """The form with the file that may have been sent along."""
    return partial(AgreementForm, files=request.FILES or None)


@reading_or_writing
@officers_only
def agreement_create(request):
    form, make = AgreementForm(), _form(request)
    if request.method == "POST":
        form, saved = registry.save_entry(lambda it: make(request.POST, instance=it), Agreement(), 0, request.user)
        if saved.is_done:
            messages.success(request, _("Entered. Name the parties now."))
            return redirect(saved.instance)
    context = {"form": form, "title": _("Enter an agreement"), "back": "agreement_list"}
    return render(request, "linkages/agreement_form.html", context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def agreement_edit(request, pk):
    agreement = get_object_or_404(Agreement, pk=pk)
    back = agreement.get_absolute_url()
    return part_page(request, agreement, _("Edit the agreement"), _form(request), "linkages/agreement_form.html", back)


@require_POST
@officers_only
def agreement_party_add(request, pk):
    agreement = get_object_or_404(Agreement, pk=pk)
    form = PartyNameForm(request.POST)
    if not form.is_valid():
        return render(request, "linkages/agreement_detail.html", _told(request, agreement, form), status=422)
    agreements.add_party(agreement, form.cleaned_data["party"], request.user)
    return redirect(agreement)


@require_POST
@officers_only
def agreement_party_remove(request, pk, party):
    agreement = get_object_or_404(Agreement, pk=pk)
    found = get_object_or_404(Party, pk=party, agreements=agreement)
    agreements.remove_party(agreement, found, request.user)
    messages.success(request, _("{name} is no party of it any more. Name it again to put it back.").format(name=found.title))
    return redirect(agreement)


@reading_or_writing
@officers_only
def commitment_create(request, pk):
    agreement = get_object_or_404(Agreement, pk=pk)
    if request.method == "POST":
        make = lambda it: CommitmentForm(request.POST, instance=it)  # noqa: E731
        form, saved = registry.save_entry(make, Commitment(agreement=agreement), 0, request.user)
        if saved.is_done:
            return redirect(agreement)
    else:
        form = CommitmentForm()
    context = {"form": form, "title": _("Enter a commitment"), "back": agreement.get_absolute_url(), "entry": agreement}
    return render(request, "linkages/agreement_form.html", context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def commitment_edit(request, pk):
    commitment = get_object_or_404(Commitment.objects.select_related("agreement"), pk=pk)
    back = commitment.agreement.get_absolute_url()
    return part_page(request, commitment, _("Commitment"), CommitmentForm, "linkages/agreement_form.html", back)
