"""The officer's pairs: what is suggested for a need or an offer, the verdict, and the pipeline up to a link."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linkages import matches, suggestions
from linkages.access import officers_only
from linkages.forms_matches import NextForm, PairForm, StepForm, VerdictForm
from linkages.models import Match, Posting
from linkages.reasons import Teller
from parkportal import timeline

PAGE = 25
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])
POSTINGS = Posting.objects.select_related("sector", "owner__firm__zone")


@require_safe
@officers_only
def match_list(request):
    """Pairs under way with overdue steps on top, and needs for which nobody has been looked for yet."""
    today = timezone.localdate()
    counts = dict(Match.objects.exclude(verdict="unfit").order_by().values_list("state").annotate(n=Count("pk")))
    asked = request.GET.get("state", "")
    state = asked if asked in [*Match.State.values, "unfit", "all"] else ""
    rows = {
        "": matches.under_way(Match.objects),
        "all": Match.objects.all(),
        "unfit": Match.objects.filter(verdict="unfit"),
    }.get(state)
    rows = Match.objects.exclude(verdict="unfit").filter(state=state) if rows is None else rows
    page = Paginator(matches.in_order(matches.with_sides(rows), today), PAGE).get_page(request.GET.get("page"))
    live = sum(n for it, n in counts.items() if it not in ("stopped", "contract"))
    context = {
        "page": page,
        "rows": [(it, matches.is_late(it, today)) for it in page],
        "state": state,
        "tabs": [
            ("", _("under way"), live), *((it, label, counts.get(it, 0)) for it, label in Match.State.choices),
            ("unfit", _("does not fit"), Match.objects.filter(verdict="unfit").count()),
        ],
        "late": matches.under_way(Match.objects).filter(next_due__lt=today).count(),
        "unmatched": list(_unmatched(today)[:8]),
        "total": Match.objects.count(),
    }  # fmt: skip
    return render(request, "linkages/match_list.html", context)


def _unmatched(today):
    """Published needs without a pair that somebody is at, the oldest first."""
    at_work = Count("matches_as_need", filter=~Q(matches_as_need__verdict="unfit"))
    return Posting.objects.published(today).needs().annotate(pairs=at_work).filter(pairs=0).order_by("published_on", "pk")


@reading_or_writing
@officers_only
def match_suggest(request, code):
    """Who could meet a need (or which needs an offer could meet), why, and the officer's word on each."""
    now = timezone.now()
    posting = get_object_or_404(POSTINGS, code=code.replace("\x00", ""))
    exchange = suggestions.Exchange(timezone.localdate(now), posting)
    is_need = posting.direction == Posting.Direction.NEED
    data = request.POST if request.method == "POST" else None
    what = data.get("what") if data else ""
    form, pair = VerdictForm(data if what == "verdict" else None), PairForm(data if what == "pair" else None)
    done = None
    if what == "verdict":
        done = _judge(posting, exchange, form, request.user, now)
    elif what == "pair" and is_need:
        done = _pair_up(posting, pair, request.user, now)
    if done:
        messages.success(request, _told(done))
        return redirect("match_suggest", code=posting.code) if done.verdict == "unfit" else redirect("match_detail", pk=done.pk)
    found = exchange.for_need(posting) if is_need else exchange.for_offer(posting)
    teller = Teller()
    of = Q(need=posting) if is_need else Q(offer=posting)
    known = matches.with_sides(Match.objects.filter(of)).order_by("-score", "pk")
    context = {
        "posting": posting, "is_need": is_need, "form": form, "pair": pair,
        "found": [(it, teller.lines(it.reasons), _key(it, is_need)) for it in found],
        "known": [it for it in known if it.verdict != "unfit"],
        "unfit": [it for it in known if it.verdict == "unfit"],
    }  # fmt: skip
    failed = form.errors or pair.errors
    return render(request, "linkages/match_suggest.html", context, status=409 if failed else 200)


def _key(suggestion, is_need):
    return suggestion.key if is_need else f"need:{suggestion.need.pk}"


def _judge(posting, exchange, form, by, now):
    """The match that the verdict made; None if the form says why there is none."""
    if not form.is_valid():
        return None
    what, _colon, number = form.cleaned_data["key"].partition(":")
    need, key = posting, form.cleaned_data["key"]
    if what == "need":  # the page of an offer: the other side is the need
        need = exchange.postings.get(int(number)) if number.isdecimal() and len(number) < 10 else None
        key = f"offer:{posting.pk}"
    suggestion = exchange.pair(need, key) if need and need.direction == Posting.Direction.NEED else None
    if suggestion is None:
        form.add_error(None, _("It is no longer there. Look at the suggestions once more."))
        return None
    try:
        return matches.judge(need, suggestion, form.cleaned_data["verdict"], form.cleaned_data["reason"], by, now)
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _pair_up(need, form, by, now):
    if not form.is_valid():
        return None
    try:
        return matches.pair_up(need, form.cleaned_data["offer"], form.cleaned_data["party"], by, now)
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _told(match):
    return _("It will not be suggested again.") if match.verdict == "unfit" else _("The pair is in the list of matches.")


@reading_or_writing
@officers_only
def match_detail(request, pk):
    now = timezone.now()
    match = get_object_or_404(matches.with_sides(Match.objects), pk=pk)
    kept = {"next_step": match.next_step, "next_due": match.next_due, "value_vnd": match.value_vnd}
    form = NextForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = matches.note(match, given["next_step"], given["next_due"], given["value_vnd"], request.user, now)
        messages.success(request, _("Saved.") if done else _("It stands so already; nothing was changed."))
        return redirect("match_detail", pk=pk)
    return _page(request, match, form, now)


def _page(request, match, form, now, step=None):
    """The pair's page; with a step that could not be taken, what was typed of it and why."""
    today = timezone.localdate(now)
    at = matches.PATH.index(match.state) if match.state in matches.PATH else None
    context = {
        "match": match, "form": form, "lines": Teller().lines(match.reasons), "supplier": matches.supplier_of(match),
        "path": [(it, it.label, at is not None and place < at, place == at) for place, it in enumerate(matches.PATH)],
        "is_late": matches.is_late(match, today), "can_link": match.state in matches.ENDS and not match.link_id,
        "following": matches.PATH[at + 1 :] if at is not None else matches.PATH,
        "earlier": matches.PATH[:at] if at else [], "events": timeline.of(match),
        "is_proposed": match.state == Match.State.SUGGESTED,
    }  # fmt: skip
    failed = [it for it in (form, step) if it is not None and it.errors]
    context |= {"failed": failed, "reason": step.data.get("reason", "") if step else ""}
    return render(request, "linkages/match_detail.html", context, status=422 if failed else 200)


@require_POST
@officers_only
def match_move(request, pk):
    """A step further, a stop, the verdict taken back, or the mails to both sides."""
    match, now, by = get_object_or_404(matches.with_sides(Match.objects), pk=pk), timezone.now(), request.user
    if request.POST.get("what") == "take_back":
        if matches.take_back(match, by, now):
            messages.success(request, _("The pair may be suggested again."))
        return redirect("match_suggest", code=match.need.code)
    is_proposal = request.POST.get("what") == "propose"
    data = request.POST.dict() | ({"to": Match.State.SENT} if is_proposal else {})
    form, following = StepForm(data), NextForm(data)
    if not (form.is_valid() and following.is_valid()):
        return _page(request, match, following, now, form)
    given = form.cleaned_data
    after = following.cleaned_data
    try:
        if is_proposal:
            _match, unreached = matches.propose(match, given["seen"], by, now, **after)
            _tell_unreached(request, unreached)
        else:
            matches.move(match, given["seen"], given["to"], by, now, reason=given["reason"], **after)
            messages.success(request, _("Written down."))
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, match, following, now, form)
    return redirect("match_detail", pk=pk)


def _tell_unreached(request, unreached):
    sides = {"need": _("who has the need"), "offer": _("who offers")}
    if len(unreached) < len(sides):
        messages.success(request, _("The mail goes out within a minute."))
    if unreached:
        words = _("The portal has no address of {sides}: call, and write down here what comes of it.")
        messages.warning(request, words.format(sides=", ".join(sides[it] for it in unreached)))


@require_POST
@officers_only
def match_link(request, pk):
    match = get_object_or_404(Match, pk=pk)
    now = timezone.now()
    try:
        link = matches.make_link(match, request.user, timezone.localdate(now), now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(reverse("match_detail", args=[pk]))
    messages.success(request, _("The link is entered with its evidence. Attach the document."))
    return redirect(link)
