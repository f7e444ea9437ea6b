"""Corrections: anybody reports an error, an editor compares and decides."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import corrections, gatekeeper
from firms.access import editors_only
from firms.confirmations import entry_of
from firms.forms_public import CorrectionForm, ReplyForm
from firms.models import Correction, Firm, Zone

PAGE = 25


def open_firm(code):
    """The firm with this number as the public sees it: of one that was merged, the one it became."""
    firm = get_object_or_404(Firm, code=code.upper())
    return get_object_or_404(Firm.objects.public().select_related("zone", "sector"), pk=entry_of(firm).pk)


def open_zone(code):
    return get_object_or_404(Zone.objects.public(), code=code)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def correction_create(request, code):
    return _correct(request, open_firm(code))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def zone_correct(request, code):
    return _correct(request, open_zone(code))


def _correct(request, target):
    now = timezone.now()
    form = CorrectionForm(request.POST if request.method == "POST" else None, target=target, now=now)
    if request.method == "POST" and gatekeeper.lets_in(request, form, "correction", now):
        if gatekeeper.is_first(request.POST):
            sender = {name: form.cleaned_data[name] for name in ("name", "email")}
            corrections.report(target, form.proposed, form.cleaned_data["message"], now, language=get_language(), **sender)
        return redirect(f"{request.path}?sent=1")
    context = {"form": form, "target": target, "is_sent": "sent" in request.GET and request.method != "POST"}
    return render(request, "firms/correction_create.html", context, status=422 if form.errors else 200)


@require_safe
@editors_only
def correction_list(request):
    rows = Correction.objects.select_related("firm", "zone", "decided_by")
    is_waiting = request.GET.get("state") != "decided"
    waiting = Correction.objects.waiting().count()
    shown = rows.waiting().order_by("created_at", "pk") if is_waiting else rows.exclude(state=Correction.State.WAITING)
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "is_waiting": is_waiting,
        "waiting": waiting,
        "decided": Correction.objects.count() - waiting,
    }
    return render(request, "firms/correction_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def correction_decide(request, pk):
    found = Correction.objects.select_related("firm__zone", "zone", "decided_by", "link")
    correction = get_object_or_404(found.prefetch_related("firm__capabilities", "firm__contacts"), pk=pk)
    form = ReplyForm(request.POST if request.method == "POST" else None)
    chosen = [key for key in request.POST.getlist("take") if key in correction.fields]
    if request.method == "POST" and form.is_valid():
        try:
            done = _decide(request, correction, chosen, form.cleaned_data["reply"])
        except ValidationError as error:
            form.add_error(None, corrections.in_words(error, corrections.target_of(correction)))
            correction = found.get(pk=pk)
        else:
            messages.success(request, _told(done))
            return redirect(_next(done))
    target = corrections.target_of(correction)
    context = {
        "correction": correction,
        "target": target,
        "rows": corrections.rows_of(correction, target),
        "chosen": chosen if request.method == "POST" else list(correction.fields),
        "form": form,
        "is_waiting": correction.state == Correction.State.WAITING,
    }
    return render(request, "firms/correction_decide.html", context, status=409 if form.errors else 200)


def _decide(request, correction, chosen, reply):
    wants = request.POST.get("what")
    if wants == "refuse":
        chosen = []
        if correction.email and not reply:
            raise ValidationError(_("Write a sentence for the sender: why is it not taken over?"))
    elif wants != "take":
        raise ValidationError(_("Choose one of the two buttons below."))
    elif correction.fields and not chosen:
        raise ValidationError(_("Tick what you take over, or press “Do not take over”."))
    elif not correction.fields:
        chosen = None
    seen = {key: request.POST.get(f"seen-{key}", "") for key in correction.fields}
    return corrections.decide(correction.pk, chosen, seen, reply, request.user, timezone.now())


def _told(correction):
    words = {
        Correction.State.ACCEPTED: _("The correction is settled."),
        Correction.State.PARTLY: _("What you ticked is taken over; the correction is settled."),
        Correction.State.REFUSED: _("The correction is not taken over."),
    }[correction.state]
    return words + (" " + _("The sender gets a mail.") if correction.email else "")


def _next(correction):
    """The oldest one that waits, so that a pile is worked off without going back each time; else the list."""
    following = Correction.objects.waiting().order_by("created_at", "pk").first()
    return reverse("correction_decide", args=[following.pk]) if following else reverse("correction_list")
