"""Entries that may be one firm: the queue, the two side by side, merging them, and taking a merge back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firms import matching, merging, pairs, unmerging
from firms.access import editors_only
from firms.models import Firm, FirmMerge, LikelyPair
from firms.views.registry import reading_or_writing
from parkportal.text import fold, whole_number

PAIRS_SHOWN, MERGES_SHOWN, FOUND_SHOWN = 20, 50, 12
COMPARED = [
    "name", "name_en", "native_name", "tax_code", "zone", "country", "sector", "status", "founded_year", "address", "website",
]  # fmt: skip


@require_safe
@editors_only
def pair_list(request):
    """?show=different: those that somebody has told apart, to ask again."""
    told_apart = request.GET.get("show") == "different"
    shown = LikelyPair.objects.filter(verdict=LikelyPair.Verdict.DIFFERENT) if told_apart else pairs.queue()
    related = ["first__zone", "second__zone", "first__sector", "second__sector", "decided_by"]
    page = Paginator(shown.select_related(*related), PAIRS_SHOWN).get_page(whole_number(request.GET.get("page", ""), 1))
    for pair in page:
        pair.told = matching.tell(pair.reasons)
        pair.lines = merging.compared(pair.first, pair.second, COMPARED)
    counts = {"open": pairs.queue().count(), "different": LikelyPair.objects.filter(verdict=LikelyPair.Verdict.DIFFERENT).count()}
    return render(request, "firms/pair_list.html", {"page": page, "told_apart": told_apart, "counts": counts})


@require_POST
@editors_only
def pair_decide(request, pk):
    pair = get_object_or_404(LikelyPair.objects.select_related("first", "second"), pk=pk)
    verdict = request.POST.get("verdict")
    if verdict not in (LikelyPair.Verdict.DIFFERENT, LikelyPair.Verdict.OPEN):
        raise Http404
    try:
        pairs.decide(pair, verdict, request.user, timezone.now())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("pair_list")
    if verdict == LikelyPair.Verdict.DIFFERENT:
        messages.success(request, _("“{one}” and “{other}” stay two firms.").format(one=pair.first, other=pair.second))
        return redirect("pair_list")
    messages.success(request, _("The question is open again."))
    return redirect(f"{reverse('pair_list')}?show=different")


@require_safe
@editors_only
def merge_create(request):
    """Two search boxes: which entry stays, and which one goes into it."""
    sides = []
    for name in ("kept", "merged"):
        words = " ".join(request.GET.get(name, "").replace("\x00", "").split())[:200]
        sides.append({"name": name, "words": words, "found": _found(words), "chosen": _chosen(words)})
    kept, merged = (side["chosen"] for side in sides)
    if kept and merged and kept != merged:
        return redirect(_preview(kept, merged))
    return render(request, "firms/merge_create.html", {"sides": sides, "is_same": kept is not None and kept == merged})


def _preview(kept, merged):
    return f"{reverse('merge_preview')}?{urlencode({'kept': kept.code, 'merged': merged.code})}"


def _chosen(words):
    return Firm.objects.current().filter(Q(code=words.upper()) | Q(tax_code=words)).first() if words else None


def _found(words):
    if not words or _chosen(words):
        return []
    found = Firm.objects.current().select_related("zone")
    for word in fold(words).split():
        found = found.filter(search_text__contains=word)
    return list(found[:FOUND_SHOWN])


@require_safe
@editors_only
def merge_preview(request):
    kept, merged = (_entry(request.GET.get(name, "")) for name in ("kept", "merged"))
    return _preview_page(request, kept, merged)


def _entry(code):
    if "\x00" in code:
        raise Http404
    return get_object_or_404(Firm.objects.select_related("zone", "sector", "moved_to", "merged_into"), code=code)


def _preview_page(request, kept, merged, refused=None, choices=None, reason=""):
    plan, obstacles = None, list(refused.messages) if refused else []
    try:
        plan = merging.plan(kept, merged)
    except ValidationError as impossible:
        obstacles += [words for words in impossible.messages if words not in obstacles]
    context = {"kept": kept, "merged": merged, "plan": plan, "obstacles": obstacles, "reason": reason}
    context["taken"] = [name for name, side in (choices or {}).items() if side == "merged"]
    return render(request, "firms/merge_preview.html", context)


@require_POST
@editors_only
def merge_confirm(request):
    kept, merged = (_entry(request.POST.get(name, "")) for name in ("kept", "merged"))
    choices = {name: request.POST.get(f"take-{name}") for name in merging.chosen_fields()}
    reason = " ".join(request.POST.get("reason", "").split())[:300]
    try:
        done = merging.merge(kept, merged, choices, request.user, timezone.now(), reason, request.POST.get("seen", ""))
    except ValidationError as refused:
        return _preview_page(request, kept, merged, refused, choices, reason)
    words = _("{merged} is merged into {kept}. Its number leads here from now on; the merge can be undone.")
    messages.success(request, words.format(merged=done.merged.code, kept=done.kept.code))
    return redirect("firm_edit", done.kept.code)


@require_safe
@editors_only
def merge_list(request):
    merges = FirmMerge.objects.select_related("kept", "merged", "by", "undone_by")
    page = Paginator(merges, MERGES_SHOWN).get_page(whole_number(request.GET.get("page", ""), 1))
    return render(request, "firms/merge_list.html", {"page": page})


@reading_or_writing
@editors_only
def merge_undo(request, pk):
    """What would come back, and the button; pressed, what came back."""
    merge = get_object_or_404(FirmMerge.objects.select_related("kept__merged_into", "merged", "by", "undone_by"), pk=pk)
    if request.method == "POST":
        try:
            found = unmerging.undo(merge, request.user, timezone.now())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect("merge_undo", pk)
        messages.success(request, _("{code} stands for itself again.").format(code=merge.merged.code))
        for words in found.remarks:
            messages.info(request, words)
        return redirect("firm_edit", merge.merged.code)
    return render(request, "firms/merge_undo.html", {"merge": merge, "found": unmerging.look(merge)})
