"""What an officer prints for a matching session: the page with the files, the badges, the sheets."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linkages import sessionsheets
from linkages.access import officers_only
from linkages.models import MatchingSession
from parkportal.documents import pdf
from parkportal.text import whole_number


@require_safe
@officers_only
def session_sheets(request, code):
    """The page that lists what can be printed; with a part, that part as PDF."""
    session = get_object_or_404(MatchingSession, code=code)
    part = request.GET.get("part", "")
    if part not in sessionsheets.PARTS:
        context = {"session": session, "printed": sessionsheets.printed(session), "why_no_pdf": pdf.why_not()}
        return render(request, "linkages/session_sheets.html", context)
    refusal = _("There is no timetable yet, so there are no sheets to print. Make it on the session’s page first.")
    return _file(request, session, lambda *which: sessionsheets.sheets(session, part, *which), f"sheets-{part}", refusal)


@require_safe
@officers_only
def session_badges(request, code):
    session = get_object_or_404(MatchingSession, code=code)
    refusal = _("Nobody has said yet that they come, so there are no badges to print.")
    return _file(request, session, lambda *which: sessionsheets.badges(session, *which), "badges", refusal)


def _file(request, session, make, name, refusal):
    """A PDF from the first-th on or of one participant alone; back to the page of files with the reason where there is none."""
    first, only = whole_number(request.GET.get("first", ""), 1), whole_number(request.GET.get("only", ""), None)
    try:
        made = make(max(first, 1), only)
    except pdf.NotPossibleHere as reason:
        made, refusal = None, str(reason)
    if made is None:
        messages.error(request, refusal)
        return redirect("session_sheets", code=session.code)
    headers = {"Content-Disposition": f'inline; filename="{session.code}-{name}-{only or first}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)
