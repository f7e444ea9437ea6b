"""Asking for a file of a choice of firms and zones, watching it being made, and taking it away: open to everybody."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from firms import dossiers, gatekeeper, jobs
from firms import shortlist as lists
from firms.models import Dossier
from firms.views.shortlist import address_of

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_not_required
@require_POST
def dossier_ask(request):
    """A file of the firms and zones that the form names; without any, of the visitor's own shortlist."""
    wanted_format, now = request.POST.get("format", ""), timezone.now()
    if wanted_format not in Dossier.Format.values:
        raise Http404
    entries = lists.asked(request.POST)[: lists.MOST] or list(request.shortlist.entries)
    if dossiers.why_not(wanted_format):
        return _refused(request, entries, dossiers.FAILURES["libraries"])
    wanted = dossiers.content(entries, timezone.localdate())
    if not wanted:
        return _refused(request, [], _("There is nothing to make a file of yet. Choose firms or zones first."))
    if not dossiers.made_before(wanted, wanted_format, now):
        wait = gatekeeper.wait_of("dossier", gatekeeper.connection_of(request), now)
        if wait:
            words = _("Many files have been asked for from your connection. The next one can be made from {time}.")
            return _refused(request, entries, words.format(time=date_format(timezone.localtime(wait), "TIME_FORMAT")))
    dossier = dossiers.ask(wanted, wanted_format, now)
    if dossier.state == Dossier.State.QUEUED:
        jobs.make_dossier.delay(dossier.pk)
    return redirect("dossier_detail", number=dossier.number)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def dossier_detail(request, number):
    """How far the file is: the page, or for htmx the part that changes."""
    dossier = Dossier.objects.filter(number=number).first()
    if dossier is None:
        return render(request, "firms/dossier_missing.html", {"days": dossiers.KEPT.days}, status=404)
    is_ready = dossier.state == Dossier.State.READY
    context = {
        "dossier": dossier,
        "is_working": dossier.state in (Dossier.State.QUEUED, Dossier.State.RUNNING),
        "size": _size(dossier) if is_ready else 0,
        "failure": dossiers.FAILURES.get(dossier.error, "") if dossier.state == Dossier.State.FAILED else "",
        "entries": _named(dossier.content),
        "formats": dossiers.formats(),
        "days": dossiers.KEPT.days,
    }
    return render(request, "firms/_dossier_state.html" if request.htmx else "firms/dossier_detail.html", context)


@login_not_required
@require_safe
def dossier_download(request, number):
    dossier = Dossier.objects.filter(number=number, state=Dossier.State.READY).first()
    if dossier is None or not _size(dossier):
        return redirect("dossier_detail", number=number)
    return FileResponse(
        dossier.file.open(),
        as_attachment=True,
        filename=dossiers.file_name(dossier),
        content_type=CONTENT_TYPES[dossier.format],
    )


def _refused(request, entries, words):
    """Back to the choice with the reason; nothing of it is lost."""
    messages.error(request, words)
    found = lists.find(entries)
    return redirect(address_of(found) if found.things and "from" in request.POST else "shortlist")


def _named(content):
    """What is in the file, in the reader's language."""
    place = 1 if translation.get_language() == "en" else 0
    return [{"kind": it["kind"], "code": it["code"], "title": it["title"][place]} for it in content.get("entries", [])]


def _size(dossier):
    """Bytes of a file that can be taken away, else 0."""
    return default_storage.size(dossier.file.name) if dossier.file and default_storage.exists(dossier.file.name) else 0
