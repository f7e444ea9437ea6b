"""The consolidated report: its draft and the editor, its preview, its issue, and the public page that verifies a copy."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkportal.text import whole_number
from tasks import drafting, figures, issuing, prefill, report_words
from tasks.documents.html import appendix_1_html, appendix_2_html, body_html
from tasks.forms_consolidated import HeadForm, IssueForm
from tasks.models import ConsolidatedReport, Rendition, ReportingCycle, ReportParagraph
from tasks.models.consolidated import TextChanged
from tasks.report import build, document_of
from tasks.views.renditions import files_context


# The draft ------------------------------------------------------------------------------------------------------------
@require_POST
def consolidated_start(request, pk):
    if not request.user.is_consolidator:
        raise Http404
    cycle = get_object_or_404(ReportingCycle, pk=pk)
    now, today = timezone.now(), timezone.localdate()
    try:
        draft = drafting.start(cycle, request.user, today, now)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("cycle_detail", pk=pk)
    return redirect("consolidated_detail", pk=draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def consolidated_detail(request, pk):
    """The editor of a draft; an issued edition, and a draft seen by those who do not write it, is shown as it reads."""
    today = timezone.localdate()
    if request.method == "POST":
        report = get_object_or_404(_editable(request.user), pk=pk)
        return _save_page(request, report, today)
    report = get_object_or_404(_visible(request.user), pk=pk)
    if report.is_issued or not request.user.is_consolidator:
        return _read_page(request, report, today)
    return _editor(request, report, today)


def _visible(user):
    return ConsolidatedReport.objects.visible_to(user).select_related("cycle__plan", "issued_by")


def _editable(user):
    return ConsolidatedReport.objects.editable_by(user).select_related("cycle__plan")


def _read_page(request, report, today):
    document = document_of(report, today)
    context = files_context(report, Rendition.Format.values) | {
        "document": body_html(document),
        "annexes": _annexes(document),
        "newer": issuing.newer_edition(report),
        "draft": report.cycle.consolidated_reports.drafts().first() if request.user.is_consolidator else None,
        "verify_url": request.build_absolute_uri(reverse("verify", args=[report.verification])),
    }
    return render(request, "tasks/consolidated_read.html", context)


def _annexes(document):
    return [
        {"name": "Phụ lục I", "html": appendix_1_html(document, document.appendix_1)},
        {"name": "Phụ lục II", "html": appendix_2_html(document)},
    ]


@dataclass
class Entry:
    """A paragraph as the editor shows it."""

    paragraph: ReportParagraph
    chips: list
    news: drafting.News | None = None
    mine: str | None = None  # what this person typed, where somebody else was quicker

    @property
    def text(self):
        return self.paragraph.text if self.mine is None else self.mine

    @property
    def lines(self):
        return str(min(16, max(2, sum(1 + len(line) // 88 for line in self.text.split("\n")))))


def _editor(request, report, today, head=None, mine=None, status=200):
    known = figures.load(report.cycle, today)
    suggestions = prefill.suggest(known)
    paragraphs = list(report.paragraphs.select_related("updated_by").order_by("position", "pk"))
    news, mine = drafting.news(paragraphs, suggestions), mine or {}
    entries = {}
    for one in paragraphs:
        entry = Entry(one, _chips(one.sources), news.get(one.pk), mine.get(one.pk))
        entries.setdefault(report_words.home_of(one.section, report.cycle.kind), []).append(entry)
    parts = [
        {"key": key, "number": number, "heading": heading, "level": level, "entries": entries.get(key, [])}
        for key, number, heading, level in report_words.sections(report.cycle.kind)
    ]
    last_day = report.cycle.consolidation_last_day
    context = files_context(report, Rendition.Format.values) | {
        "head": head or HeadForm(instance=report),
        "parts": parts,
        "unsent": known.unsent,
        "total": len(known.reports),
        "sent": len(known.sent),
        "blanks": issuing.blanks_of(report),
        "stale": [one for one in paragraphs if one.pk in news],
        "unplaced": drafting.unplaced(paragraphs, suggestions),
        "conflicts": list(mine),
        "last_day": last_day,
        "days_left": (last_day - today).days,
        "days_past": (today - last_day).days,
    }
    return render(request, "tasks/consolidated_detail.html", context, status=status)


def _chips(sources):
    return [
        {"label": source["code"] or source["agency"], "title": source["agency"], "url": _source_url(source)} for source in sources
    ]


def _source_url(source):
    if not source.get("report"):
        return reverse("task_detail", args=[source["code"]])
    anchor = f"#row-{source['row']}" if source.get("row") else ""
    return reverse("report_detail", args=[source["report"]]) + anchor


# Saving ---------------------------------------------------------------------------------------------------------------
def _save_page(request, report, today):
    """The whole page at once, for browsers without script; the script sends single paragraphs and the head."""
    head, mine = _save(request, report)
    if _wants_json(request):
        if head.errors:
            return JsonResponse({"errors": {name: list(words) for name, words in head.errors.items()}}, status=422)
        return JsonResponse({"saved": _clock()})
    if mine or head.errors:
        return _editor(request, report, today, head, mine, status=409 if mine else 422)
    messages.success(request, _("The draft is saved."))
    return redirect("consolidated_detail", pk=report.pk)


def _save(request, report):
    """Writes the head and every paragraph that was sent along: (head form, {paragraph id: text that found another's there})."""
    head = HeadForm(request.POST if "symbol" in request.POST else None, instance=report)
    if head.is_bound and head.is_valid():
        head.save_changed()
    mine, now = {}, timezone.now()
    for paragraph in report.paragraphs.all():
        if (text := request.POST.get(f"text-{paragraph.pk}")) is not None:
            try:
                paragraph.write(text, _number(request.POST.get(f"revision-{paragraph.pk}")), request.user, now)
            except TextChanged:
                mine[paragraph.pk] = text
    return head, mine


def _number(text):
    return whole_number(text, -1)


def _wants_json(request):
    return "application/json" in request.headers.get("Accept", "")


def _clock():
    return date_format(timezone.localtime(), "H:i")


@require_POST
def consolidated_refill(request, pk):
    report = get_object_or_404(_editable(request.user), pk=pk)
    today, now = timezone.localdate(), timezone.now()
    if refused := _save_first(request, report, today):
        return refused
    done = drafting.refill(report, request.user, today, now)
    if not (done.added or done.changed or done.dropped):
        text = _("Nothing new: the draft already says what the reports say.")
    else:
        text = _("Filled again: %(changed)s paragraphs brought up to date, %(added)s added, %(dropped)s dropped.") % {
            "changed": done.changed,
            "added": done.added,
            "dropped": done.dropped,
        }
    if done.kept:
        text += " " + ngettext(
            "%(count)s paragraph that a person wrote was left as it is; the new wording stands beside it.",
            "%(count)s paragraphs that a person wrote were left as they are; the new wording stands beside them.",
            done.kept,
        ) % {"count": done.kept}
    messages.success(request, text)
    return redirect("consolidated_detail", pk=pk)


def _save_first(request, report, today):
    """Saves what the page sent along before a button acts; the page with both texts where that fails, else None."""
    head, mine = _save(request, report)
    if mine or head.errors:
        return _editor(request, report, today, head, mine, status=409 if mine else 422)
    return None


@require_POST
def paragraph_add(request, pk):
    report = get_object_or_404(_editable(request.user), pk=pk)
    if refused := _save_first(request, report, timezone.localdate()):
        return refused
    try:
        paragraph = drafting.add(report, request.POST.get("section", ""), request.user, timezone.now())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("consolidated_detail", pk=pk)
    return _back_to(paragraph)


def _back_to(paragraph):
    return redirect(reverse("consolidated_detail", args=[paragraph.report_id]) + f"#p-{paragraph.pk}")


def _editable_paragraph(request, pk):
    drafts = ConsolidatedReport.objects.editable_by(request.user)
    return get_object_or_404(ReportParagraph.objects.select_related("report__cycle__plan").filter(report__in=drafts), pk=pk)


@require_POST
def paragraph_save(request, pk):
    """One paragraph. 409 and the text that stands there if somebody else changed it since this person's page was made."""
    paragraph = _editable_paragraph(request, pk)
    text, revision = request.POST.get("text"), _number(request.POST.get("revision"))
    if text is None:
        return JsonResponse({"error": _("No text arrived. Save again.")}, status=400)
    try:
        paragraph = paragraph.write(text, revision, request.user, timezone.now())
    except TextChanged as change:
        if not _wants_json(request):
            return _editor(request, paragraph.report, timezone.localdate(), mine={paragraph.pk: text}, status=409)
        there = change.paragraph
        return JsonResponse({"text": there.text, "by": str(there.updated_by or ""), "revision": there.revision}, status=409)
    if not _wants_json(request):
        return _back_to(paragraph)
    answer = {"revision": paragraph.revision, "saved": _clock(), "edited": paragraph.is_edited, "blanks": len(paragraph.blanks)}
    return JsonResponse(answer)


@require_POST
def paragraph_remove(request, pk):
    paragraph = _editable_paragraph(request, pk)
    if refused := _save_first(request, paragraph.report, timezone.localdate()):
        return refused
    paragraph.take_out(request.user, timezone.now())
    messages.success(request, _("The paragraph is left out of the report. “Put back” beside it undoes this."))
    return _back_to(paragraph)


@require_POST
def paragraph_restore(request, pk):
    """Puts a paragraph back, or settles which text stands in it: the drafted one, the new one, or the person's own."""
    paragraph = _editable_paragraph(request, pk)
    today, now = timezone.localdate(), timezone.now()
    if refused := _save_first(request, paragraph.report, today):
        return refused
    what = request.POST.get("what", "back")
    if what == "back":
        paragraph.put_back(request.user, now)
        messages.success(request, _("The paragraph is in the report again."))
    elif what == "prefilled" and not paragraph.is_own:
        paragraph.restore_prefilled(request.user, now)
        messages.success(request, _("The drafted text is back; the other one stays in the history."))
    else:
        _settle_news(request, paragraph, what, today, now)
    return _back_to(paragraph)


def _settle_news(request, paragraph, what, today, now):
    suggestions = {one.slot: one for one in prefill.suggest(figures.load(paragraph.report.cycle, today))}
    new = suggestions.get(paragraph.slot)
    if what == "new" and new:
        paragraph.take_suggestion(new.text, new.sources, request.user, now)
        messages.success(request, _("The paragraph now says what the reports say today."))
    elif what == "keep" and new:
        paragraph.keep_own(new.text, new.sources, request.user, now)
        messages.success(request, _("The paragraph stays as it is."))
    elif what == "keep":
        paragraph.make_own(request.user, now)
        messages.success(request, _("The paragraph stays as it is."))


@require_POST
def paragraph_move(request, pk):
    paragraph = _editable_paragraph(request, pk)
    if refused := _save_first(request, paragraph.report, timezone.localdate()):
        return refused
    if not drafting.move(paragraph, up=request.POST.get("way") == "up"):
        messages.info(request, _("The paragraph already stands at the edge of the report."))
    return _back_to(paragraph)


# Preview and issue ----------------------------------------------------------------------------------------------------
@require_safe
def consolidated_preview(request, pk):
    report = get_object_or_404(_visible(request.user), pk=pk)
    document = document_of(report, timezone.localdate())
    context = {"report": report, "document": body_html(document), "annexes": _annexes(document)}
    return render(request, "tasks/consolidated_preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def consolidated_issue(request, pk):
    """What will be frozen and who is missing, with the data of the head; issuing it is the button below."""
    visible = _visible(request.user) if request.user.is_consolidator else ConsolidatedReport.objects.none()
    report = get_object_or_404(visible, pk=pk)
    today, now = timezone.localdate(), timezone.now()
    if report.is_issued:
        messages.info(request, _("This edition is already issued. It stands as it is."))
        return redirect("consolidated_detail", pk=pk)
    form = IssueForm(request.POST or None, instance=report, initial={"issued_on": report.issued_on or today})
    if request.method == "POST" and form.is_valid():
        try:
            form.save_changed()
            issuing.issue(report, request.user, today, now, form.cleaned_data["seen"])
        except ValidationError as refusal:
            if ConsolidatedReport.objects.issued().filter(pk=pk).exists():
                messages.warning(request, " ".join(refusal.messages))
                return redirect("consolidated_detail", pk=pk)
            form.add_error(None, refusal)
            return _issue_page(request, report, form, today, status=409)
        messages.success(request, _("Issued as number %(number)s. It never changes again.") % {"number": report.full_number})
        return redirect("consolidated_detail", pk=pk)
    return _issue_page(request, report, form, today, status=422 if form.errors else 200)


def _issue_page(request, report, form, today, status):
    draft = ConsolidatedReport.objects.select_related("cycle__plan").get(pk=report.pk)
    document, known = build(draft, today), figures.load(draft.cycle, today)
    paragraphs = list(draft.paragraphs.order_by("position", "pk"))
    context = {
        "report": draft,
        "form": form,
        "document": document,
        "seen": issuing.fingerprint(document),
        "counts": {count.key.replace(".", "_"): count for count in document.counts},
        "paragraphs": sum(len(section.paragraphs) for section in document.sections),
        "unsent": known.unsent,
        "is_before_cutoff": today < draft.cycle.cutoff_on,
        "blanks": issuing.blanks_of(draft),
        "stale": drafting.news(paragraphs, prefill.suggest(known)),
        "removed": [one for one in paragraphs if one.is_removed],
    }
    return render(request, "tasks/consolidated_issue.html", context, status=status)


@login_not_required
@require_safe
def verify(request, code):
    """Public: which document this is, and whether the hash printed on a copy is the one that was issued."""
    report = get_object_or_404(ConsolidatedReport.objects.issued().select_related("cycle__plan"), verification=code)
    pasted = request.GET.get("hash", "")
    bare = issuing.bare_hash(pasted)
    verdict = ""
    if pasted:
        is_hash = len(bare) == 64 and all(letter in "0123456789abcdef" for letter in bare)
        verdict = ("same" if bare == report.sha256 else "other") if is_hash else "unreadable"
    context = {
        "report": report,
        "values": document_of(report, timezone.localdate()),
        "is_intact": issuing.is_intact(report),
        "newer": issuing.newer_edition(report),
        "pasted": pasted,
        "verdict": verdict,
    }
    return render(request, "tasks/verify.html", context)
