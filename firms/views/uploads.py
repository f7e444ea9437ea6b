"""Excel in: an editor uploads a list, says what its columns are, looks at what it would change, decides, and imports it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firms import exchange, jobs
from firms.access import editors_only
from firms.forms_upload import ColumnsForm, DecisionForm, FileForm, SheetForm, limits
from firms.models import Firm, Upload
from firms.problems import Refused, tell
from firms.uploads import choices, preview, steps

State = Upload.State
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED = 30
SHOWN_FIRMS = 50


@require_safe
@editors_only
def upload_list(request):
    return _list(request, FileForm())


@require_POST
@editors_only
def upload_create(request):
    """Takes a file and looks into it in the background."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form)
    upload = steps.receive(form.cleaned_data["file"], request.user, get_language())
    jobs.work_on_upload.delay(upload.pk)
    return redirect("upload_detail", pk=upload.pk)


def _list(request, form):
    uploads = Paginator(Upload.objects.select_related("by"), LISTED)
    context = {"form": form, "page": uploads.get_page(request.GET.get("page")), "limits": limits()}
    return render(request, "firms/upload_list.html", context, status=422 if form.errors else 200)


@require_safe
@editors_only
def upload_detail(request, pk):
    """The page of one upload, as far as it is: columns, progress, preview, result, or what went wrong."""
    upload = get_object_or_404(Upload.objects.select_related("by"), pk=pk)
    if request.htmx and not request.htmx.boosted:
        return _progress(request, upload)
    return _detail(request, upload)


def _progress(request, upload):
    """The bar alone while somebody watches; the whole page once the step is over."""
    if upload.state not in Upload.WORKING:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    return render(request, "firms/_upload_progress.html", {"upload": upload, "percent": steps.percent_of(upload)})


def _detail(request, upload, form=None, status=200):
    context = {"upload": upload, "percent": steps.percent_of(upload), "path": steps.path(upload)}
    if upload.problem:
        context["problem"] = tell(upload.problem, upload.problem_values)
    try:
        if upload.state == State.MAPPING:
            context |= {"form": form or ColumnsForm(None, upload), "options": upload.mapping.get("options", {})}
        elif upload.state in (State.READY, State.DONE):
            context |= _preview(request, upload)
    except Refused as refusal:
        context["problem"] = str(refusal)
    if upload.state == State.DONE:
        context |= _result(upload)
    return render(request, "firms/upload_detail.html", context, status=status)


def _preview(request, upload, words=None):
    words = words or request.GET
    kept = steps.kept_rows(upload)
    shown = preview.Preview(upload, kept, words.get("kind", ""), words.get("page"))
    leaves_out = bool(upload.decisions.get("leave_out"))
    rows, hindrance = preview.importable(upload, kept, leaves_out, shown.waiting)
    return {
        "upload": upload, "preview": shown, "page": shown.page, "rows": rows, "hindrance": hindrance,
        "is_decidable": upload.state == State.READY, "errors": upload.counts.get("problem", 0),
    }  # fmt: skip


def _result(upload):
    firms = Firm.objects.in_order()
    new, changed = (upload.counts.get(name, []) for name in ("new_firms", "changed_firms"))
    return {
        "done": upload.counts.get("done", {}),
        "new_firms": firms.filter(pk__in=new)[:SHOWN_FIRMS],
        "changed_firms": firms.filter(pk__in=changed)[:SHOWN_FIRMS],
    }


@require_safe
@editors_only
def upload_rows(request, pk):
    """Rows of one kind: the fragment for htmx, else the page that holds it."""
    upload = get_object_or_404(Upload, pk=pk, state__in=[State.READY, State.DONE])
    if not request.htmx:
        return redirect(f"{reverse('upload_detail', args=[pk])}?{request.GET.urlencode()}")
    try:
        return render(request, "firms/_upload_preview.html", _preview(request, upload))
    except Refused as refusal:
        raise Http404 from refusal


@require_POST
@editors_only
def upload_map(request, pk):
    """The editor's word on the columns: the check begins. With "look": the headings stand elsewhere."""
    upload = get_object_or_404(Upload.objects.select_related("by"), pk=pk)
    if "again" in request.POST:
        steps.move(upload, [State.READY, State.FAILED], State.READING, problem="", decisions={}, percent=0, claimed_until=None)
        jobs.work_on_upload.delay(pk)
        return redirect("upload_detail", pk=pk)
    if upload.state != State.MAPPING:
        return _too_late(request, pk)
    if "look" in request.POST:
        return _look_elsewhere(request, upload)
    form = ColumnsForm(request.POST, upload)
    try:
        if form.is_valid():
            if not steps.choose_columns(upload, form.mapping, form.options, request.user, timezone.now()):
                return _too_late(request, pk)
            jobs.work_on_upload.delay(pk)
            return redirect("upload_detail", pk=pk)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    return _detail(request, upload, form, 422)


def _look_elsewhere(request, upload):
    form = SheetForm(request.POST)
    try:
        words = form.cleaned_data if form.is_valid() else {}
        steps.look_elsewhere(upload, words.get("sheet", ""), words.get("header_row") or 0)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("upload_detail", pk=upload.pk)


def _too_late(request, pk):
    messages.error(request, _("Somebody else has taken this upload further. This is how it stands now."))
    return redirect("upload_detail", pk=pk)


@require_POST
@editors_only
def upload_decide(request, pk):
    """A word about a row, or about all rows of a kind; the page comes back where it was."""
    upload = get_object_or_404(Upload, pk=pk)
    form = DecisionForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    try:
        problem = choices.decide(upload, said, request.POST) if said else tell("row_stale")
    except Refused as refusal:
        problem = str(refusal)
    if problem:
        messages.error(request, problem)
    where = {name: said[name] for name in ("kind", "page") if said.get(name)}
    upload.refresh_from_db()
    if request.htmx and upload.state == State.READY:
        return render(request, "firms/_upload_preview.html", _preview(request, upload, where))
    anchor = f"#row-{said['row']}" if said.get("row") else "#preview"
    return redirect(f"{reverse('upload_detail', args=[pk])}?{urlencode(where)}{anchor}")


@require_POST
@editors_only
def upload_import(request, pk):
    """Imports everything that was decided, in the background; refused while something is still open."""
    upload = get_object_or_404(Upload, pk=pk)
    if upload.state != State.READY:
        return _too_late(request, pk)
    leaves_out = "leave_out" in request.POST
    try:
        _rows, hindrance = preview.importable(upload, steps.kept_rows(upload), leaves_out)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("upload_detail", pk=pk)
    if hindrance:
        messages.error(request, HINDRANCES[hindrance]())
    elif not steps.start_import(upload, leaves_out):
        return _too_late(request, pk)
    else:
        jobs.work_on_upload.delay(pk)
    return redirect("upload_detail", pk=pk)


@require_safe
@editors_only
def registry_export(request):
    """The registry, or the firms whose numbers are asked for, as a workbook that finds its way back."""
    firms = Firm.objects.current().in_order()
    if codes := request.GET.getlist("firm"):
        firms = firms.filter(code__in=codes[:5000])
    try:
        content = exchange.export(firms, get_language())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("upload_list")
    return _workbook(content, f"so-doanh-nghiep-{timezone.localdate():%Y-%m-%d}.xlsx")


@require_safe
@editors_only
def registry_template(request):
    return _workbook(exchange.template(get_language()), "mau-danh-sach-doanh-nghiep.xlsx")


def _workbook(content, name):
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


HINDRANCES = {
    "waiting": lambda: _("Some rows are still to be decided. Decide them, then import."),
    "errors": lambda: _("Some rows have errors. Put them right in the file and upload it again, or say that they are left out."),
    "nothing": lambda: _("No row is left that would change anything."),
}


@require_POST
@editors_only
def upload_withdraw(request, pk):
    upload = get_object_or_404(Upload, pk=pk)
    if not steps.withdraw(upload):
        return _too_late(request, pk)
    messages.success(request, _("The upload was withdrawn. Nothing was changed."))
    return redirect("upload_list")


@require_safe
@editors_only
def upload_annotated(request, pk):
    """The editor's own workbook with its remarks."""
    upload = get_object_or_404(Upload, pk=pk, state__in=[State.READY, State.DONE])
    if not upload.annotated or not default_storage.exists(upload.annotated.name):
        if upload.annotated:
            steps.forget_annotated(upload)
        jobs.annotate_upload.delay(pk)
        messages.info(request, _("The workbook is being made. Ask for it again in a moment."))
        return redirect("upload_detail", pk=pk)
    name = f"{upload.name.rpartition('.')[0]}-{pk}.xlsx"
    return FileResponse(upload.annotated.open(), as_attachment=True, filename=name, content_type=XLSX)
