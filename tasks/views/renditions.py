"""Asking for a file of the consolidated report, watching it being made, and taking it away."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tasks import jobs, renditions
from tasks.models import ConsolidatedReport, Rendition

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_http_methods(["GET", "HEAD", "POST"])
def rendition_ask(request, pk):
    """The files of one report. POST asks for one in a format."""
    report = get_object_or_404(ConsolidatedReport.objects.select_related("cycle__plan"), pk=pk)
    formats = _formats(request.user, report)
    if not formats:
        raise Http404
    if request.method == "POST":
        wanted = request.POST.get("format", "")
        if wanted not in formats:
            raise Http404
        if renditions.why_not(wanted):
            messages.error(request, Rendition.Failure.LIBRARIES.label)
        else:
            rendition = renditions.ask(report, wanted, request.user, timezone.localdate(), timezone.now())
            if rendition.state == Rendition.State.QUEUED:
                jobs.make_rendition.delay(rendition.pk)
        if not request.htmx:
            return redirect("rendition_ask", pk=pk)
    return _files(request, report, formats)


@require_safe
def rendition_status(request, pk):
    """How far one file is: the fragment that the page polls, or the page of all files."""
    rendition = get_object_or_404(Rendition.objects.visible_to(request.user).select_related("report__cycle__plan"), pk=pk)
    if not request.htmx:
        return redirect("rendition_ask", pk=rendition.report_id)
    return _files(request, rendition.report, _formats(request.user, rendition.report))


@require_safe
def rendition_download(request, pk):
    visible = Rendition.objects.visible_to(request.user).select_related("report__cycle__plan")
    rendition = get_object_or_404(visible, pk=pk, state=Rendition.State.READY)
    if not default_storage.exists(rendition.file.name):
        messages.error(request, _("The file is no longer stored. Make it again."))
        return redirect("rendition_ask", pk=rendition.report_id)
    return FileResponse(
        rendition.file.open(),
        as_attachment=True,
        filename=renditions.file_name(rendition),
        content_type=CONTENT_TYPES[rendition.format],
    )


def _formats(user, report):
    """What a person may have of a report: every format if she may read it here, the PDF of an issued one if she is signed in."""
    if ConsolidatedReport.objects.visible_to(user).filter(pk=report.pk).exists():
        return list(Rendition.Format.values)
    return [Rendition.Format.PDF.value] if report.is_issued else []


def _files(request, report, formats):
    template = "tasks/_renditions.html" if request.htmx else "tasks/renditions.html"
    return render(request, template, files_context(report, formats))


def files_context(report, formats):
    """The last file of each format, for the page and for the fragment included by other pages."""
    last, made = {}, report.renditions.filter(format__in=formats).defer("content")
    for rendition in made.filter(sha256=report.sha256) if report.is_issued else made:
        last.setdefault(rendition.format, rendition)
    files = [
        {
            "format": value,
            "label": label,
            "rendition": last.get(value),
            "size": _size(last.get(value)),
            "why_not": renditions.why_not(value),
        }
        for value, label in Rendition.Format.choices
        if value in formats
    ]
    running = next((one for one in last.values() if one.is_unfinished), None)
    return {"report": report, "files": files, "running": running}


def _size(rendition):
    """Bytes of a file that can be taken away, else 0."""
    if rendition and rendition.is_ready and default_storage.exists(rendition.file.name):
        return default_storage.size(rendition.file.name)
    return 0
