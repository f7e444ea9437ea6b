"""The officer's desk of needs and offers: what waits, looking it over, entering one for a partner, and who is interested."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Count, F, IntegerField, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import registry
from firms.views.entrypages import part_page
from linkages import interests, market, postingpage
from linkages.access import officers_only
from linkages.forms_market import InterestDecisionForm, OfficersPostingForm, ReviewForm
from linkages.models import Interest, Match, Party, Posting
from parkportal import timeline
from parkportal.text import fold

PAGE = 25
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])
POSTINGS = Posting.objects.select_related("sector", "owner__firm__zone", "officer")


@require_safe
@officers_only
def posting_review(request):
    """What waits stands on top of each state; the oldest first where somebody waits, else the newest."""
    counts = dict(Posting.objects.order_by().values_list("state").annotate(n=Count("pk")))
    asked = request.GET.get("state")
    state = asked if asked in [*Posting.State.values, "all"] else Posting.State.REVIEW
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    rows = POSTINGS if state == "all" else POSTINGS.filter(state=state)
    for word in fold(words).split():
        rows = rows.filter(search_text__contains=word)
    waits = Case(When(state=Posting.State.REVIEW, then=Value(0)), default=Value(1), output_field=IntegerField())
    oldest = F("created_at").asc() if state == Posting.State.REVIEW else F("created_at").desc()
    rows = rows.annotate(waits=waits, asked=Count("interests")).order_by("waits", oldest, "-pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "words": words,
        "total": sum(counts.values()),
        "tabs": [
            *((it, label, counts.get(it, 0)) for it, label in Posting.State.choices),
            ("all", _("all"), sum(counts.values())),
        ],
        "interested": Interest.objects.filter(state=Interest.State.NEW).count(),
    }
    return render(request, "linkages/posting_review.html", context)


@reading_or_writing
@officers_only
def posting_decide(request, code):
    """Everything of one need or offer, what only the officer may read marked, and what he may do with it."""
    now = timezone.now()
    posting = get_object_or_404(POSTINGS, code=code.replace("\x00", ""))
    what = request.POST.get("what") if request.method == "POST" else ""
    form = ReviewForm(request.POST if what in ("publish", "send_back") else None, initial={"seen": registry.version_of(posting)})
    if what and (done := _decide(what, posting, form, request.user, now)):
        messages.success(request, done)
        return redirect("posting_decide", code=posting.code)
    posting = POSTINGS.get(pk=posting.pk)
    context = {
        "posting": posting, "form": form, "seen": registry.version_of(posting), **postingpage.facts_of(posting),
        "may": {step: market.can(posting, step) for step in market.FROM},
        "interests": list(posting.interests.select_related("party")),
        "matches": list(Match.objects.filter(need=posting).exclude(verdict="unfit").select_related("offer", "party__firm"))
        + list(Match.objects.filter(offer=posting).exclude(verdict="unfit").select_related("need", "party__firm")),
        "likely": _likely_owners(posting),
        "events": timeline.of(posting),
    }  # fmt: skip
    return render(request, "linkages/posting_decide.html", context, status=409 if form.errors else 200)


def _likely_owners(posting):
    """Partners that are called as a stranger calls his firm: the officer may say that it is this one."""
    if posting.owner_id or not posting.owner_words:
        return []
    return list(Party.objects.matching(posting.owner_words).select_related("firm__zone")[:3])


def _decide(what, posting, form, by, now):
    """What was done, in words; empty if nothing was, and the form says why."""
    form.is_valid()
    given = getattr(form, "cleaned_data", {})
    seen, today = given.get("seen"), timezone.localdate(now)
    steps = {
        "publish": (lambda: market.publish(posting, by, now, seen, given.get("expires_on")), _("Published.")),
        "send_back": (
            lambda: market.send_back(posting, given.get("note", ""), by, now, seen),
            _("Sent back; its owner gets your words by mail."),
        ),
        "submit": (lambda: market.submit(posting, by, now), _("It waits for review now.")),
        "withdraw": (lambda: market.withdraw(posting, by), _("Withdrawn. It can be taken up again below.")),
        "renew": (lambda: market.renew(posting, by, today), _("Renewed for a year.")),
        "connect": (lambda: market.connect(posting, by), _("Marked as being connected.")),
        "finish": (lambda: market.finish(posting, by), _("Marked as done; it is no longer shown.")),
        "reopen": (lambda: market.reopen(posting, by), _("It is shown to everybody again.")),
    }
    if what not in steps or form.errors:
        form.add_error(None, _("There is no such step.")) if what not in steps and form.is_bound else None
        return ""
    verb, words = steps[what]
    try:
        verb()
    except ValidationError as error:
        if not form.is_bound:
            form.is_bound, form.data = True, {}
            form.full_clean()
        form.add_error(None, error)
        return ""
    return words


@reading_or_writing
@officers_only
def posting_enter(request):
    """An officer enters one for a partner; it begins as a draft."""
    wanted = request.GET.get("direction")
    initial = {"direction": wanted if wanted in Posting.Direction.values else None, "language": "vi"}
    form = OfficersPostingForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        posting = form.save(commit=False)
        market.enter(posting, request.user, timezone.now())
        messages.success(request, _("Entered as a draft. Hand it in for review when it is complete."))
        return redirect("posting_decide", code=posting.code)
    return render(request, "linkages/posting_enter.html", {"form": form}, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def posting_edit(request, code):
    posting = get_object_or_404(POSTINGS, code=code.replace("\x00", ""))
    response = part_page(
        request, posting, _("Edit"), OfficersPostingForm, "linkages/posting_edit.html", postingpage.desk_path(posting)
    )
    if request.method == "POST" and response.status_code == 302:
        market.keep_link(Posting.objects.get(pk=posting.pk))
    return response


# Who is interested ---------------------------------------------------------------------------------------------------
@require_safe
@officers_only
def interest_list(request):
    asked = request.GET.get("state")
    state = asked if asked in [*Interest.State.values, "all"] else Interest.State.NEW
    rows = Interest.objects.select_related("posting", "party__firm", "handled_by")
    counts = interests.counts()
    shown = rows if state == "all" else rows.filter(state=state)
    context = {
        "page": Paginator(shown.order_by("-created_at", "-pk"), PAGE).get_page(request.GET.get("page")),
        "state": state,
        "tabs": [
            *((it, label, counts.get(it, 0)) for it, label in Interest.State.choices),
            ("all", _("all"), sum(counts.values())),
        ],
        "total": sum(counts.values()),
        "now": timezone.now(),
    }
    return render(request, "linkages/interest_list.html", context)


@reading_or_writing
@officers_only
def interest_detail(request, pk):
    now = timezone.now()
    interest = get_object_or_404(Interest.objects.select_related("posting__owner__firm", "party__firm", "handled_by"), pk=pk)
    form = InterestDecisionForm(
        request.POST if request.method == "POST" else None, initial={"party": (interest.organisation, "", "")}
    )
    if request.method == "POST" and (done := _handle(request.POST.get("what"), interest, form, request.user, now)):
        messages.success(request, done)
        return redirect("interest_detail", pk=pk)
    interest.refresh_from_db()
    context = {
        "interest": interest, "posting": interest.posting, "form": form, "match": interests.match_of(interest),
        "letters": interests.letters_of(interest),
    }  # fmt: skip
    return render(request, "linkages/interest_detail.html", context, status=409 if form.errors else 200)


def _handle(what, interest, form, by, now):
    """What was done, in words; empty if nothing was, and the form says why."""
    if what == "decline":
        form.fields.pop("party")  # whoever is declined need not be known to the registry
    if not form.is_valid():
        return ""
    try:
        if what == "introduce":
            interests.introduce(interest, form.cleaned_data["party"], form.cleaned_data["reply"], by, now)
            return _("Both get the other one’s name and address within a minute.")
        if what == "decline":
            interests.decline(interest, form.cleaned_data["reply"], by, now)
            return _("Declined.")
        form.add_error(None, _("There is no such step."))
    except ValidationError as error:
        form.add_error(None, error)
    return ""
