"""Opportunities to join a chain for everybody, and the officer's desk of those who applied."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import gatekeeper
from linkages import applications, letters
from linkages.access import officers_only
from linkages.chaindrawing import tier_words
from linkages.forms_chains import ApplicationForm, HandleForm
from linkages.models import Application, Chain, ChainRole
from parkportal import timeline
from parkportal.text import whole_number

PAGE = 25
State = Application.State


@require_safe
@login_not_required
def opportunity_list(request):
    """Open roles, by field and tier; each choice says how many there are with the other one kept."""
    roles = applications.open_roles(timezone.localdate())
    field = request.GET.get("field") if request.GET.get("field") in Chain.Field.values else ""
    tier = request.GET.get("tier", "")
    tier = int(tier) if tier.isascii() and tier.isdecimal() and len(tier) < 3 else None
    in_field = [role for role in roles if not field or role.chain.field == field]
    in_tier = [role for role in roles if tier is None or role.tier == tier]
    fields, tiers = Counter(role.chain.field for role in in_tier), Counter(role.tier for role in in_field)
    context = {
        "roles": [role for role in in_field if tier is None or role.tier == tier],
        "total": len(roles),
        "places": sum(role.left for role in roles),
        "fields": [(value, label, fields[value]) for value, label in Chain.Field.choices if fields[value] or value == field],
        "tiers": [(number, tier_words(number), tiers[number]) for number in sorted({*tiers, *([] if tier is None else [tier])})],
        "field": field,
        "tier": tier,
        "is_officer": getattr(request.user, "keeps_linkages", False),
    }
    return render(request, "linkages/opportunity_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def opportunity_detail(request, pk):
    """What is wanted, and the form to apply. One that is closed or filled says so; one never published is not there."""
    now = timezone.now()
    role = applications.open_role(pk, timezone.localdate(now))
    if role is None:
        return _closed(request, pk)
    form = ApplicationForm(request.POST if request.method == "POST" else None, now=now)
    if request.method == "POST" and gatekeeper.lets_in(request, form, "application", now):
        if words := applications.flood(role, form.cleaned_data["email"], now):
            form.add_error(None, words)
        else:
            if gatekeeper.is_first(request.POST):
                applications.apply(role, form.cleaned_data, get_language(), now)
            return redirect(f"{request.path}?sent=1")
    context = {"role": role, "chain": role.chain, "form": form, "office": letters.office(), "tier": tier_words(role.tier)}
    context["is_sent"] = "sent" in request.GET and request.method != "POST"
    context["is_officer"] = getattr(request.user, "keeps_linkages", False)
    return render(request, "linkages/opportunity_detail.html", context, status=422 if form.errors else 200)


def _closed(request, pk):
    role = ChainRole.objects.filter(pk=pk, opened_on__isnull=False, chain__is_public=True).select_related("chain").first()
    if role is None:
        raise Http404
    context = {"role": role, "chain": role.chain, "is_closed": True, "is_sent": "sent" in request.GET}
    return render(request, "linkages/opportunity_detail.html", context, status=410)


# The officer's desk --------------------------------------------------------------------------------------------------
@require_safe
@officers_only
def application_list(request):
    asked, counts = request.GET.get("state"), applications.counts()
    state = asked if asked in [*State.values, "all"] else State.NEW
    rows = Application.objects.select_related("role__chain", "party__firm", "handled_by").order_by("-created_at", "-pk")
    rows = rows if state == "all" else rows.filter(state=state)
    tabs = [(value, label, counts.get(value, 0)) for value, label in State.choices]
    context = {
        "page": Paginator(rows, PAGE).get_page(whole_number(request.GET.get("page", ""), 1)),
        "state": state,
        "tabs": [*tabs, ("all", _("all"), sum(counts.values()))],
        "total": sum(counts.values()),
        "now": timezone.now(),
    }
    return render(request, "linkages/application_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def application_detail(request, pk):
    now, today = timezone.now(), timezone.localdate()
    known = Application.objects.select_related("role__chain", "party__firm__zone", "handled_by")
    application = get_object_or_404(known, pk=pk)
    party = applications.likely_party(application)
    initial = {"party": _box(party), "starts_on": today, "officer_note": application.officer_note}
    form = HandleForm(request.POST if request.method == "POST" else None, initial=initial)
    form.label_suffix = ""
    if request.method == "POST" and form.is_valid() and (done := _handle(request, application, form, now, today)):
        messages.success(request, done)
        return redirect("application_detail", pk=pk)
    application = known.get(pk=pk)
    context = {
        "application": application,
        "role": application.role,
        "chain": application.role.chain,
        "form": form,
        "may": applications.STEPS.get(application.state, []),
        "recognised": applications.recognised(application.tax_code),
        "letters": applications.letters_of(application),
        "events": timeline.of(application),
    }
    return render(request, "linkages/application_detail.html", context, status=409 if form.errors else 200)


def _box(thing):
    """What a PartyField takes to begin with: a partner, or the words and key of a firm that is none yet."""
    if thing is None or isinstance(thing, applications.Party):
        return thing
    one = applications.partners.candidate_of(thing)
    return (one.label, one.key, one.label)


def _handle(request, application, form, now, today):
    """What was done, in words; empty if nothing was, and the form says why."""
    what, was, given = request.POST.get("what"), request.POST.get("was", ""), form.cleaned_data
    try:
        if what == "talk":
            applications.talk(application, was, given, request.user, now)
            return _("The application is in conversation.")
        if what == "accept":
            applications.accept(application, was, given, request.user, now, today)
            return _("The applicant is accepted and gets a mail within a minute.")
        if what == "decline":
            applications.decline(application, was, given, request.user, now)
            return _("The application is declined.")
        if what == "withdraw":
            applications.withdraw(application, was, given, request.user, now)
            return _("The application is marked as withdrawn.")
        raise ValidationError(_("Choose one of the steps below the form."))
    except ValidationError as error:
        form.add_error(None, error)
        return ""
