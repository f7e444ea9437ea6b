"""Questions to firms and about zones: anybody asks, the firm answers on a page of its own, editors see that none is lost."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import enquiries, gatekeeper
from firms.access import editors_only
from firms.forms_public import AddressForm, AnswerForm, EnquiryForm
from firms.models import Enquiry
from firms.views.confirmations import sealed
from firms.views.corrections import open_firm, open_zone

PAGE = 25
LATE_AFTER = timedelta(days=7)  # a question without an answer is marked in the list


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def enquiry_create(request, code):
    return _ask(request, open_firm(code))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def zone_enquiry(request, code):
    return _ask(request, open_zone(code))


def _ask(request, aim):
    now = timezone.now()
    form = EnquiryForm(request.POST if request.method == "POST" else None, now=now)
    if request.method == "POST" and gatekeeper.lets_in(request, form, "enquiry", now):
        if words := enquiries.flood(aim, form.cleaned_data["email"], now):
            form.add_error(None, words)
        else:
            if gatekeeper.is_first(request.POST):
                enquiries.ask(aim, form.cleaned_data, get_language(), now)
            return redirect(f"{request.path}?sent=1")
    context = {
        "form": form,
        "aim": aim,
        "is_sent": "sent" in request.GET and request.method != "POST",
        "goes_straight": bool(enquiries.agreed_address(aim)),
        "office": enquiries.office(),
    }
    return render(request, "firms/enquiry_create.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def enquiry_answer(request, token):
    """The firm's page behind its link: the question, and a box for the answer."""
    now = timezone.now()
    enquiry = enquiries.find(token)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    is_open = bool(enquiry) and enquiries.is_open(enquiry, now)
    if request.method == "POST" and is_open and form.is_valid():
        by_itself = request.POST.get("what") == "done"
        text = "" if by_itself else form.cleaned_data["answer"]
        if text or by_itself:
            try:
                enquiries.answer(enquiry, text, now)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            return redirect("enquiry_answer", token=token)
        form.add_error("answer", _("Write the answer, or press “I have answered already”."))
    context = {"enquiry": enquiry, "aim": enquiry and enquiries.aim_of(enquiry), "is_open": is_open, "form": form}
    context["office"] = enquiries.office()
    status = 404 if enquiry is None else 422 if form.errors and is_open else 200
    return sealed(render(request, "firms/enquiry_answer.html", context, status=status))


@require_safe
@editors_only
def enquiry_list(request):
    now = timezone.now()
    rows = Enquiry.objects.select_related("firm", "zone", "handled_by")
    asked = request.GET.get("state")
    state = asked if asked in [*Enquiry.State.values, "all"] else Enquiry.State.WAITING
    counts = enquiries.counts()
    shown = rows if state == "all" else rows.filter(state=state)
    median = enquiries.median_time(now)
    tabs = [(value, label, counts.get(value, 0)) for value, label in Enquiry.State.choices]
    context = {
        "page": Paginator(shown.order_by("-created_at", "-pk"), PAGE).get_page(request.GET.get("page")),
        "state": state,
        "tabs": [*tabs, ("all", _("all"), sum(counts.values()))],
        "since_median": now - median if median is not None else None,
        "now": now,
        "late_before": now - LATE_AFTER,
        "total": sum(counts.values()),
    }
    return render(request, "firms/enquiry_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def enquiry_detail(request, pk):
    now = timezone.now()
    enquiry = get_object_or_404(Enquiry.objects.select_related("firm__zone", "zone", "handled_by"), pk=pk)
    addresses = enquiries.addresses_of(enquiry, timezone.localdate(now))
    data, what = (request.POST, request.POST.get("what")) if request.method == "POST" else (None, "")
    where = AddressForm(data if what == "forward" else None, initial={"email": addresses[0][0] if addresses else ""})
    words = AnswerForm(data if what in ("answer", "refuse") else None)
    if what == "again":
        _send_again(request, enquiry, now)
        return redirect("enquiry_detail", pk=pk)
    if data and (done := _handle(what, enquiry, where, words, request.user, now)):
        messages.success(request, done)
        return redirect("enquiry_detail", pk=pk)
    enquiry.refresh_from_db()
    letters = enquiries.letters_of(enquiry)
    context = {
        "enquiry": enquiry,
        "aim": enquiries.aim_of(enquiry),
        "letters": letters,
        "has_failed": any(letter.state == letter.State.FAILED for letter in letters),
        "addresses": addresses,
        "where": where,
        "words": words,
        "form": where if where.errors else words,
    }
    return render(request, "firms/enquiry_detail.html", context, status=409 if where.errors or words.errors else 200)


def _send_again(request, enquiry, now):
    """Mails of this question that the mail server did not take, once more after it was mended."""
    if any([letter.try_again(now) for letter in enquiries.letters_of(enquiry) if letter.state == letter.State.FAILED]):
        messages.success(request, _("What could not be delivered goes out again within a minute."))


def _handle(what, enquiry, where, words, by, now):
    """What was done, in words; empty if nothing was, and the form says why."""
    form = where if what == "forward" else words
    if not form.is_valid():
        return ""
    try:
        if what == "forward":
            enquiries.forward(enquiry, where.cleaned_data["email"], by, now)
            return _("The question goes to {email} within a minute.").format(email=where.cleaned_data["email"])
        if what == "answer" and not words.cleaned_data["answer"]:
            raise ValidationError({"answer": _("Write the answer; it goes to the asker as it stands here.")})
        done = enquiries.answer if what == "answer" else enquiries.refuse
        arguments = (now, by) if what == "answer" else (by, now)
        done(enquiry, words.cleaned_data["answer"], *arguments)
    except ValidationError as error:
        form.add_error(None, error)
        return ""
    return _("The answer goes to the asker within a minute.") if what == "answer" else _("The question is not passed on.")
