"""Needs and offers for everybody: the list, one of them with the form of interest, entering one, and the owner's own page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import gatekeeper, registry
from firms.views.confirmations import sealed
from linkages import interests, letters, market, postingpage
from linkages.forms_market import InterestForm, NewPostingForm, OwnPostingForm
from linkages.models import Posting
from linkages.postingfilter import PostingFilter
from parkportal.text import whole_number

reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_not_required
def posting_list(request):
    found = PostingFilter(request.GET, timezone.localdate())
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    context = {
        "found": found,
        "cards": [(it, postingpage.facts_of(it)) for it in found.rows],
        "is_fragment": is_fragment,
        "is_officer": getattr(request.user, "keeps_linkages", False),
    }
    response = render(request, "linkages/_posting_results.html" if is_fragment else "linkages/posting_list.html", context)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


@reading_or_writing
@login_not_required
def posting_detail(request, code):
    """What everybody may read of it, and the form by which whoever is interested writes to the officer."""
    now = timezone.now()
    is_officer = getattr(request.user, "keeps_linkages", False)
    posting = Posting.objects.select_related("sector", "owner__firm__zone").filter(code=code.replace("\x00", "")).first()
    if posting is None or not (is_officer or postingpage.was_open(posting)):
        raise Http404
    is_open = postingpage.is_open(posting, timezone.localdate(now))
    form = InterestForm(request.POST if request.method == "POST" and is_open else None, now=now)
    if form.is_bound and gatekeeper.lets_in(request, form, "interest", now):
        if words := interests.flood(posting, form.cleaned_data["email"], now):
            form.add_error(None, words)
        else:
            if gatekeeper.is_first(request.POST):
                interests.express(posting, form.cleaned_data, get_language(), now)
            return redirect(f"{request.path}?sent=1")
    context = {
        "posting": posting, "is_open": is_open, "form": form, "is_officer": is_officer, "office": letters.office(),
        "is_sent": "sent" in request.GET and request.method != "POST", **postingpage.facts_of(posting),
    }  # fmt: skip
    status = 422 if form.errors else 200 if is_open or is_officer else 410
    return render(request, "linkages/posting_detail.html", context, status=status)


@reading_or_writing
@login_not_required
def posting_create(request):
    now = timezone.now()
    initial = {"direction": request.GET.get("direction") if request.GET.get("direction") in ("need", "offer") else None}
    form = NewPostingForm(request.POST if request.method == "POST" else None, now=now, initial=initial)
    if request.method == "POST" and gatekeeper.lets_in(request, form, "posting", now):
        if words := market.flood(form.cleaned_data["contact_email"], now):
            form.add_error(None, words)
        else:
            if gatekeeper.is_first(request.POST):
                market.hand_in(form.save(commit=False), get_language(), now)
            return redirect(f"{request.path}?sent=1")
    context = {"form": form, "is_sent": "sent" in request.GET and request.method != "POST", "office": letters.office()}
    return render(request, "linkages/posting_create.html", context, status=422 if form.errors else 200)


# The owner, behind her link ------------------------------------------------------------------------------------------
@reading_or_writing
@login_not_required
def posting_own(request, token):
    """Where it stands, and what its owner may do with it. Looking at it changes nothing."""
    now = timezone.now()
    posting = market.find(token)
    if request.method == "POST" and posting:
        _own_step(request, posting, request.POST.get("what"), now)
        return redirect("posting_own", token=token)
    context = {"posting": posting, "token": token, "office": letters.office()}
    if posting:
        today = timezone.localdate(now)
        context |= postingpage.facts_of(posting) | {
            "is_open": postingpage.is_open(posting, today),
            "may": {step: market.can(posting, step) for step in ("edit", "renew", "withdraw", "submit")},
            "interested": posting.interests.count(),
            "until": today + market.PUBLISHED_FOR,
        }
    return sealed(render(request, "linkages/posting_own.html", context, status=200 if posting else 404))


def _own_step(request, posting, what, now):
    try:
        if what == "renew":
            done = market.renew(posting, None, timezone.localdate(now))
            words = _("Renewed for a year.") if done else _("It is valid for a year already; nothing was changed.")
        elif what == "withdraw":
            market.withdraw(posting, None)
            words = _("Withdrawn. You can send it to the officer again at any time.")
        elif what == "submit":
            market.submit(posting, None, now)
            words = _("Sent. The officer reads it within a few working days.")
        else:
            return
        messages.success(request, words)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


@reading_or_writing
@login_not_required
def posting_own_edit(request, token):
    now = timezone.now()
    posting = market.find(token)
    if posting is None or not market.can(posting, "edit"):
        return (
            redirect("posting_own", token=token)
            if posting
            else sealed(render(request, "linkages/posting_own.html", {"posting": None, "office": letters.office()}, status=404))
        )
    seen = registry.version_of(posting)
    if request.method == "POST":
        seen = whole_number(request.POST.get("seen", ""), 0)
        form = OwnPostingForm(request.POST, instance=posting)
        try:
            form, what = market.edit(lambda stored: OwnPostingForm(request.POST, instance=stored), posting, seen, now)
        except ValidationError as error:
            form.add_error(None, error)
            seen, what = registry.version_of(posting), ""
        if what:
            messages.success(request, _edited(what))
            return redirect(reverse("posting_own", args=[market.token_of(form.instance)]))
    else:
        form = OwnPostingForm(instance=posting)
    context = {"form": form, "posting": posting, "token": token, "seen": seen}
    return sealed(render(request, "linkages/posting_own_edit.html", context, status=422 if form.errors else 200))


def _edited(what):
    return {
        "review": _("Saved. Until the officer has read the new words, it is not shown."),
        "same": _("Nothing was changed."),
    }.get(what) or _("Saved.")
