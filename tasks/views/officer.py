"""What officers and heads do: see what is theirs, fill in the report, read it through, sign it off."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from parkportal import timeline
from parkportal.attachments import ACCEPT, limit_in_words
from parkportal.text import whole_number
from tasks import mywork, presence, sheet, writing
from tasks.cycles import may_manage, public_path
from tasks.forms import CoverForm, ProgressForm
from tasks.models import AgencyReport, Contribution, Evidence, KeptText, Progress, agency_ids_of
from tasks.mywork import Deadline
from tasks.rowhtml import row_html
from tasks.signing import hand_over, handed_over
from tasks.views.unsent import forget_unsent, is_fetch, keep_unsent, keeps_text, page_token, unsent_boxes


def my_work(request):
    today = timezone.localdate()
    work = mywork.build(request.user, today)
    path = public_path(work.cycle, today) if work.cycle else []
    return render(request, "tasks/my_work.html", {"work": work, "path": path, "today": today})


def own_report(request, pk, today):
    """The report, if this person writes in its agency's name; a consolidator or a stranger gets 404."""
    reports = AgencyReport.objects.filter(agency_id__in=agency_ids_of(request.user, today))
    return get_object_or_404(reports.select_related("cycle__plan", "agency", "returned_by"), pk=pk)


def own_row(request, pk, today):
    rows = Progress.objects.filter(report__agency_id__in=agency_ids_of(request.user, today))
    return get_object_or_404(rows.select_related("task", "report__cycle__plan", "report__agency"), pk=pk)


# The page ------------------------------------------------------------------------------------------------------------
@keeps_text
def report_edit(request, pk):
    now = timezone.now()
    today = timezone.localdate(now)
    report = own_report(request, pk, today)
    if request.method == "POST":
        return after_page(request, report, save_posted_page(request, report, now))
    if not report.is_writable:
        return redirect("report_detail", pk=report.pk)
    unsent = unsent_boxes(request, report)
    page, evidence = sheet.build(report, today, unsent), evidence_words()
    context = {
        "report": report,
        "sheet": page,
        "page_token": page_token(request.user, report),
        "signers": report.signers(today).select_related("user"),
        "can_sign": report.can_sign(request.user, today),
        "deadline": Deadline.of(report.cycle, today),
        "rows": [row_html(row_sheet, report, evidence) for row_sheet in page.rows],
        "evidence": evidence,
    }
    return render(request, "tasks/report_edit.html", context)


def evidence_words():
    return {"limit": limit_in_words(), "accept": ACCEPT, "bytes": settings.EVIDENCE_MAX_BYTES}


def save_posted_page(request, report, now):
    """Saves the whole page; what could not be read waits in the session and is shown again with its error."""
    page = sheet.save_page(report, request.POST, request.FILES, request.user, now)
    forget_unsent(request, report)
    if page.refused:
        keep_unsent(request, request.user.pk, report.pk, page.refused)
    _say(request, page, now)
    return page


def _say(request, page, now):
    if page.is_closed:
        messages.warning(
            request,
            _("The report was sent in meanwhile. What you typed is not in it; it is kept below, beside the stored text."),
        )
    elif page.kept:
        messages.warning(
            request,
            ngettext(
                "Somebody else changed the same box while you wrote. Both versions are kept: choose between them below.",
                "Somebody else changed the same {n} boxes while you wrote. Both versions are kept: choose between them below.",
                len(page.kept),
            ).format(n=len(page.kept)),
        )
    for words in page.errors:
        messages.error(request, words)
    if page.written or page.files or not (page.errors or page.kept):
        messages.success(request, _("Saved at {time}.").format(time=date_format(timezone.localtime(now), "H:i")))


def after_page(request, report, page=None):
    """Where the button that was pressed leads: to a row, to asking for a contribution, or to reading it all through."""
    go = request.POST.get("go", "")
    if page and (page.errors or page.is_closed or page.kept):
        go = ""
    if go.startswith("ask-") and (row := whole_number(go[4:])):
        return redirect("contribution_ask", pk=row)
    if go == "review":
        return redirect("report_detail", pk=report.pk)
    return redirect(f"{reverse('report_edit', args=[report.pk])}{'#' + go if go.startswith('row-') else ''}")


# Autosave ------------------------------------------------------------------------------------------------------------
@keeps_text
@require_POST
def row_save(request, pk):
    now = timezone.now()
    today = timezone.localdate(now)
    row = own_row(request, pk, today)
    form = ProgressForm(request.POST, row=row, today=today)
    saved = writing.save_row(row, form.written(), _revision(form), request.user, now)
    if not is_fetch(request):
        return redirect(f"{reverse('report_edit', args=[row.report_id])}#row-{row.pk}")
    return _saved_json(saved, form, writing.ROW_FIELDS, sheet.build_row(saved.instance, today).boxes, now)


@keeps_text
@require_POST
def cover_save(request, pk):
    now = timezone.now()
    report = own_report(request, pk, timezone.localdate(now))
    form = CoverForm(request.POST, report=report)
    saved = writing.save_cover(report, form.written(), _revision(form), request.user, now)
    if not is_fetch(request):
        return redirect(f"{reverse('report_edit', args=[pk])}#cover")
    boxes = {box.name: box for box in sheet.build_cover(saved.instance)}
    return _saved_json(saved, form, writing.COVER_FIELDS, boxes, now)


def _revision(form):
    return whole_number(form.data.get(form.add_prefix("revision")), 0)


def _saved_json(saved, form, fields, boxes, now):
    """What the page's script shows: the boxes as stored, who has the others, and every text that waits beside one."""
    stored = saved.instance
    kept = {name: render_to_string("tasks/_kept.html", {"box": box}) for name, box in boxes.items() if box.kept}
    answer = {
        "revision": stored.revision,
        "values": {name: writing.as_text(getattr(stored, name)) for name in fields},
        "theirs": saved.merged.theirs,
        "kept": kept,
        "errors": {name: messages[0] for name, messages in form.errors.items()},
        "at": date_format(timezone.localtime(now), "H:i"),
    }
    if isinstance(stored, Progress):
        answer |= row_words(stored)
    if saved.is_closed:
        answer["closed"] = _("The report can no longer be written in. What you typed is kept beside the stored text.")
    return JsonResponse(answer, status=409 if saved.kept else 200)


def row_words(row):
    """The row's mark in the index and in its head."""
    mark = "nothing" if row.is_nothing_to_report else "answered" if row.is_answered else "missing"
    lacks = ", ".join(str(words) for words in row.lacks)
    return {"mark": mark, "lacks": lacks, "by": row.updated_by.full_name if row.updated_by else ""}


@keeps_text
@require_POST
def report_presence(request, pk):
    today = timezone.localdate()
    report = own_report(request, pk, today)
    if request.POST.get("leave"):
        presence.leave(report, request.user)
        return JsonResponse({})
    presence.note(report, request.user, whole_number(request.POST.get("row")))
    kept = list(report.kept_texts.filter(settled_at=None).order_by("pk").values_list("row_id", "pk"))
    return JsonResponse(
        {
            "people": presence.others(report, request.user, today),
            "revisions": dict(report.rows.values_list("pk", "revision")),
            "cover": report.revision,
            "kept": [[row_id, pk] for row_id, pk in kept],
            "is_open": report.is_writable,
        }
    )


# Actions on a row ----------------------------------------------------------------------------------------------------
@keeps_text
@require_POST
def row_nothing(request, pk):
    wanted = request.POST.get("nothing") != "0"
    return _act(request, pk, lambda row, now: writing.mark_nothing(row, wanted, request.user, now))


@keeps_text
@require_POST
def row_copy(request, pk):
    def act(row, now):
        if asked := whole_number(request.POST.get("contribution")):
            answered = row.contributions.exclude(answered_at=None).select_related("agency")
            contribution = get_object_or_404(answered, pk=asked)
            return writing.append_contribution(contribution, request.user, now)
        if request.POST.get("copy") == "undo":
            return writing.uncopy_earlier(row, request.user, now)
        return writing.copy_earlier(row, request.user, now)

    return _act(request, pk, act)


@keeps_text
@require_POST
def kept_text_settle(request, pk):
    today = timezone.localdate()
    texts = KeptText.objects.filter(report__agency_id__in=agency_ids_of(request.user, today))
    kept = get_object_or_404(texts.select_related("row", "report"), pk=pk)
    choice, seen = request.POST.get("choice"), request.POST.get(f"kept-{kept.pk}-seen")
    if choice not in ("mine", "theirs", "both"):
        raise Http404
    if kept.row_id:
        return _act(request, kept.row_id, lambda row, now: writing.settle(kept, choice, request.user, now, seen))
    return _act_on(request, kept.report, None, lambda row, now: writing.settle(kept, choice, request.user, now, seen))


def _act(request, pk, act):
    row = own_row(request, pk, timezone.localdate())
    return _act_on(request, row.report, row, act)


def _act_on(request, report, row, act):
    """Does one thing to a row. Without a script the button brings the whole page along, which is saved first."""
    now = timezone.now()
    page = None if is_fetch(request) else save_posted_page(request, report, now)
    try:
        act(row, now)
    except ValidationError as error:
        if is_fetch(request):
            return JsonResponse({"message": error.messages[0]}, status=409)
        messages.error(request, error.messages[0])
    if is_fetch(request):
        return JsonResponse({"html": fresh_row(row, timezone.localdate(now))} if row else {"reload": True})
    if page and (page.errors or page.kept):
        return redirect("report_edit", pk=report.pk)
    return redirect(f"{reverse('report_edit', args=[report.pk])}#{f'row-{row.pk}' if row else 'cover'}")


def fresh_row(row, today):
    """The row as it stands after what was done to it."""
    return row_html(sheet.build_row(row, today), row.report, evidence_words())


# Reading through and signing off -------------------------------------------------------------------------------------
def report_detail(request, pk):
    today = timezone.localdate()
    reports = AgencyReport.objects.visible_to(request.user, today)
    report = get_object_or_404(
        reports.select_related("cycle__plan", "agency", "submitted_by", "returned_by", "accepted_by"), pk=pk
    )
    is_own = writing.may_write(report, request.user, today)
    rows = sheet.read_rows(report)
    context = {
        "report": report,
        "rows": rows,
        "missing": [row for row in rows if not row.is_answered],
        "cover": [(AgencyReport._meta.get_field(name).verbose_name, getattr(report, name)) for name in AgencyReport.COVER],
        "kept": sheet.kept_texts(report) if is_own else [],
        "is_own": is_own,
        "handed_over_at": handed_over(report) if is_own and report.is_writable else None,
        "events": _story(report, is_own or may_manage(request.user)) if "history" in request.GET else None,
        "can_sign": report.can_sign(request.user, today),
        "signers": report.signers(today).select_related("user"),
        "deadline": Deadline.of(report.cycle, today),
    }
    return render(request, "tasks/report_detail.html", context)


def _story(report, reads_drafts):
    """Drafts are between the agency and those who consolidate; the city's leadership reads the report's steps alone."""
    if not reads_drafts:
        return [event for event in timeline.of(report) if event.is_step]
    rows = report.rows.all()
    return timeline.of(report, rows, Evidence.objects.filter(row__in=rows), Contribution.objects.filter(row__in=rows))


@require_POST
def report_ready(request, pk):
    """An officer hands the finished draft to those who sign."""
    now = timezone.now()
    today = timezone.localdate(now)
    report = own_report(request, pk, today)
    try:
        people = hand_over(report, request.user, now, today)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        names = ", ".join(person.full_name for person in people)
        messages.success(request, _("Handed over for signature; a mail goes to {names}.").format(names=names))
    return redirect("report_detail", pk=report.pk)


@require_POST
def report_submit(request, pk):
    return _sign(request, pk, "submit")


@require_POST
def report_withdraw(request, pk):
    return _sign(request, pk, "withdraw")


def _sign(request, pk, verb):
    now = timezone.now()
    report = own_report(request, pk, timezone.localdate(now))
    try:
        getattr(report, verb)(request.user, now)
    except PermissionDenied as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _sent_words(report) if verb == "submit" else _("The report is a draft again."))
    return redirect("report_detail", pk=report.pk)


def _sent_words(report):
    moment = date_format(timezone.localtime(report.submitted_at), "SHORT_DATETIME_FORMAT")
    late = report.days_late
    if late:
        return ngettext("Sent in on {moment}, {n} day late.", "Sent in on {moment}, {n} days late.", late).format(
            moment=moment, n=late
        )
    return _("Sent in on {moment}, on time. It can be taken back until it is accepted.").format(moment=moment)
