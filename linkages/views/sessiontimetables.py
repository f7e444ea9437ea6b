"""A session's timetable and what came of its meetings: officers' pages."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linkages import sessionmails, sessions, sessiontimetable
from linkages.access import officers_only
from linkages.forms_sessions import FollowUpForm, MeetingForm, PlaceForm, ResultForm
from linkages.models import FollowUp, MatchingSession, Meeting

reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])
MEETINGS = Meeting.objects.select_related("session", "first__party__firm", "second__party__firm")


def _coming(session):
    return session.participants.filter(state__in=sessions.COMING).select_related("party__firm")


@reading_or_writing
@officers_only
def session_timetable(request, code):
    """Slots by tables, and each participant's own; a POST adds a meeting by hand."""
    session = get_object_or_404(MatchingSession, code=code)
    form = MeetingForm(request.POST if request.method == "POST" else None, coming=_coming(session))
    if form.is_bound and form.is_valid():
        one = form.cleaned_data
        try:
            sessiontimetable.add(session, one["first"], one["second"], one["slot"] - 1, one["table"] - 1, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("session_timetable", code=code)
    meetings, slots = list(MEETINGS.filter(session=session)), sessiontimetable.slots_of(session)
    context = {"session": session, "form": form, "own": _own(session, meetings, slots)}
    context["rows"] = [(slot, [it for it in meetings if it.slot == slot.number]) for slot in slots]
    return render(request, "linkages/session_timetable.html", context, status=422 if form.errors else 200)


def _own(session, meetings, slots):
    """[(participant, [(slot, table, the other one)])] of everybody who comes."""
    found = {it.pk: (it, []) for it in _coming(session)}
    for it in meetings:
        for one, other in ((it.first, it.second), (it.second, it.first)):
            if one.pk in found and it.slot < len(slots):
                found[one.pk][1].append((slots[it.slot], it.table, other))
    return list(found.values())


@require_POST
@officers_only
def session_timetable_send(request, code):
    session = get_object_or_404(MatchingSession, code=code, state=MatchingSession.State.SCHEDULED)
    rows = _own(session, list(MEETINGS.filter(session=session)), sessiontimetable.slots_of(session))
    sent = sessionmails.send_timetable(session, rows, timezone.now())
    messages.success(request, _("{n} timetables go out within a minute.").format(n=sent))
    return redirect("session_timetable", code=code)


@require_POST
@officers_only
def meeting_move(request, pk):
    meeting = get_object_or_404(MEETINGS, pk=pk)
    form = PlaceForm(request.POST)
    try:
        if "remove" in request.POST:
            sessiontimetable.remove(meeting, request.user)
        elif "fix" in request.POST:
            sessiontimetable.fix(meeting, not meeting.is_fixed, request.user)
        elif form.is_valid():
            sessiontimetable.move(meeting, form.cleaned_data["slot"] - 1, form.cleaned_data["table"] - 1, request.user)
        else:
            messages.error(request, _("Say slot and table as numbers."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("session_timetable", code=meeting.session.code)


@reading_or_writing
@officers_only
def meeting_result(request, pk):
    meeting = get_object_or_404(MEETINGS, pk=pk)
    form = ResultForm(request.POST if request.method == "POST" else None, instance=meeting)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            sessions.note_result(meeting, given["result"], given["note"], given["value_vnd"], request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("session_timetable", code=meeting.session.code)
    context = {"form": form, "title": str(meeting), "back": meeting.session.get_absolute_url(), "above": meeting.session}
    return render(request, "linkages/programme_form.html", context, status=422 if form.errors else 200)


@require_safe
@officers_only
def follow_up_list(request):
    rows = FollowUp.objects.select_related("meeting__session", "meeting__first__party__firm", "meeting__second__party__firm")
    context = {"rows": rows.order_by(F("done_on").asc(nulls_first=True), "due_on")[:200], "today": timezone.localdate()}
    return render(request, "linkages/follow_up_list.html", context)


@reading_or_writing
@officers_only
def follow_up_edit(request, pk):
    row = get_object_or_404(FollowUp.objects.select_related("meeting__session"), pk=pk)
    form = FollowUpForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        sessions.follow(row, given["outcome"], given["note"], given["value_vnd"], request.user, timezone.localdate())
        return redirect("follow_up_list")
    context = {"form": form, "title": _("Follow-up"), "back": "follow_up_list"}
    return render(request, "linkages/programme_form.html", context, status=422 if form.errors else 200)
