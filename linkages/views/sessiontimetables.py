"""A session's timetable and what came of its meetings: officers' pages."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from linkages import matches, outcomes, sessionmails, sessionresults, sessions, sessiontimetable
from linkages.access import officers_only
from linkages.forms_sessions import FollowUpForm, MeetingForm, MeetingLinkForm, PlaceForm, ResultForm
from linkages.models import FollowUp, MatchingSession, Meeting
from parkportal import timeline
from parkportal.text import whole_number

PAGE = 50
SIDES = ("first__party__firm", "second__party__firm")
PAIR = ("match__need", "match__offer", "match__party__firm")
MEETINGS = Meeting.objects.select_related("session", *SIDES, "first__posting", "second__posting", *PAIR)
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


# The timetable -------------------------------------------------------------------------------------------------------
@reading_or_writing
@officers_only
def session_timetable(request, code):
    """Slots by tables, each participant's own, and who found no place; a POST adds a meeting by hand."""
    session = get_object_or_404(MatchingSession, code=code)
    slots, people = sessiontimetable.slots_of(session), sessiontimetable.coming(session)
    form = MeetingForm(request.POST if request.method == "POST" else None, coming=people, slots=slots, tables=session.tables)
    if form.is_bound and form.is_valid():
        one = form.cleaned_data
        try:
            made = sessiontimetable.add(session, one["first"], one["second"], one["slot"] - 1, one["table"] - 1, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(f"{reverse('session_timetable', args=[code])}#meeting-{made.pk}")
    meetings, people = sessiontimetable.meetings_of(session), sessions.by_name(people)
    tables, rows = sessiontimetable.grid(meetings, slots)
    context = {"session": session, "form": form, "meetings": meetings, "tables": [it + 1 for it in tables], "rows": rows}
    context |= {
        "own": sessiontimetable.own(people, meetings, slots),
        "unplaced": sessiontimetable.unplaced(session, people, meetings, slots),
        "away": [it for it in meetings if any(one.state not in sessions.COMING for one in (it.first, it.second))],
        "is_changeable": session.state == MatchingSession.State.SCHEDULED,
        "may_make": session.state in (MatchingSession.State.INVITING, MatchingSession.State.SCHEDULED),
    }
    return render(request, "linkages/session_timetable.html", context, status=422 if form.errors else 200)


@require_POST
@officers_only
def session_timetable_send(request, code):
    session = get_object_or_404(MatchingSession, code=code, state=MatchingSession.State.SCHEDULED)
    slots = sessiontimetable.slots_of(session)
    rows = sessiontimetable.own(sessiontimetable.coming(session), sessiontimetable.meetings_of(session), slots)
    sent = sessionmails.send_timetable(session, rows, timezone.now())
    if sent:
        words = ngettext("{n} timetable goes out within a minute.", "{n} timetables go out within a minute.", sent)
        messages.success(request, words.format(n=sent))
    else:
        messages.info(request, _("Whoever has an address and meetings has been sent this very timetable already."))
    return redirect("session_timetable", code=code)


# One meeting ---------------------------------------------------------------------------------------------------------
@require_POST
@officers_only
def meeting_move(request, pk):
    meeting = get_object_or_404(MEETINGS, pk=pk)
    back = f"{reverse('session_timetable', args=[meeting.session.code])}#meeting-{pk}"
    slots = sessiontimetable.slots_of(meeting.session)
    form = PlaceForm(request.POST, slots=slots, tables=meeting.session.tables)
    try:
        if "remove" in request.POST:
            sessiontimetable.remove(meeting, request.user)
            messages.success(request, _("Taken off: {meeting}.").format(meeting=meeting))
        elif "fix" in request.POST:
            sessiontimetable.fix(meeting, request.POST["fix"] == "1", request.user)
        elif form.is_valid():
            given = form.cleaned_data
            sessiontimetable.move(meeting, given["slot"] - 1, given["table"] - 1, request.user)
            words = _("Moved: {meeting}, {hours}, table {table}.")
            place = {"hours": slots[given["slot"] - 1].hours, "table": given["table"]}
            messages.success(request, words.format(meeting=meeting, **place))
        else:
            messages.error(request, _("Say slot and table as numbers."))
            back = reverse("meeting_result", args=[pk])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        back = reverse("meeting_result", args=[pk])
    return redirect(back)


@reading_or_writing
@officers_only
def meeting_result(request, pk):
    """One meeting: what it led to, what follows from that, and its place."""
    meeting = get_object_or_404(MEETINGS, pk=pk)
    form = ResultForm(request.POST if request.method == "POST" else None, instance=meeting)
    if form.is_bound and form.is_valid():
        given, seen = form.cleaned_data, whole_number(request.POST.get("seen", ""))
        moves = given.get("moves_match", False)
        try:
            step = sessionresults.note(
                meeting, given["result"], given["note"], given["value_vnd"], request.user, timezone.now(), moves, seen
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _tell_step(request, meeting.match, step)
            return redirect("meeting_result", pk=pk)
    return _meeting_page(request, pk, form)


def _tell_step(request, match, step):
    messages.success(request, _("Saved."))
    if step:
        words = _("The match {match} is “{state}” now.")
        messages.info(request, words.format(match=match, state=dict(type(match).State.choices)[step]))


def _meeting_page(request, pk, form=None, link_form=None):
    meeting = get_object_or_404(MEETINGS, pk=pk)  # as it is stored: a refused form has written its words over the other one
    session, slots = meeting.session, sessiontimetable.slots_of(meeting.session)
    links = list(sessionresults.links_between(meeting.first.party, meeting.second.party))
    signed, match = outcomes.reached_by(meeting), meeting.match
    place = PlaceForm(initial={"slot": meeting.slot + 1, "table": meeting.table + 1}, slots=slots, tables=session.tables)
    is_fresh = form is None
    form = form or ResultForm(instance=meeting)
    context = {
        "meeting": meeting, "session": session, "form": form, "place": place, "links": links, "signed": signed,
        "slot": slots[meeting.slot] if meeting.slot < len(slots) else None,
        "level": matches.ENDS[signed][1].label if signed else "",
        "match_links": bool(match and match.state in matches.ENDS and not match.link_id),
        "can_match": not match and sessionresults.need_of(meeting)[0] is not None,
        "link_form": link_form or MeetingLinkForm(meeting=meeting), "follow_ups": list(meeting.follow_ups.all()),
        "is_changeable": session.state == MatchingSession.State.SCHEDULED, "is_on": session.state in sessions.ON_THE_DAY,
        "seen": registry.version_of(meeting), "today": timezone.localdate(), "events": timeline.of(meeting),
    }  # fmt: skip
    failed = not is_fresh and form.errors or link_form is not None
    return render(request, "linkages/meeting_result.html", context, status=422 if failed else 200)


@require_POST
@officers_only
def meeting_link(request, pk):
    """A memorandum or contract as a link between the two, once a person has said who supplies what."""
    meeting, now = get_object_or_404(MEETINGS, pk=pk), timezone.now()
    form = MeetingLinkForm(request.POST, meeting=meeting)
    if form.is_valid():
        given = form.cleaned_data
        source = next(it.party for it in (meeting.first, meeting.second) if it.party_id == given["source"])
        today = timezone.localdate(now)
        try:
            link = sessionresults.enter_link(meeting, source, given["kind"], given["product"], request.user, today, now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The link is entered with its evidence. Attach the document."))
            return redirect(link)
    return _meeting_page(request, pk, link_form=form)


@require_POST
@officers_only
def meeting_match(request, pk):
    """A meeting without a match is followed as one from now on: its need is one that a participant has published."""
    meeting = get_object_or_404(MEETINGS, pk=pk)
    try:
        match = sessionresults.follow_as_match(meeting, request.user, timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("meeting_result", pk=pk)
    messages.success(request, _("The pair is in the list of matches."))
    return redirect("match_detail", pk=match.pk)


# Afterwards ----------------------------------------------------------------------------------------------------------
@require_safe
@officers_only
def follow_up_list(request):
    """What is owed and late on top, then what comes, then what is done."""
    today = timezone.localdate()
    rows = FollowUp.objects.select_related("meeting__session", *(f"meeting__{it}" for it in SIDES))
    is_done = request.GET.get("state") == "done"
    rows = rows.filter(done_on__isnull=not is_done).order_by(*(["-done_on", "-pk"] if is_done else ["due_on", "pk"]))
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "today": today, "is_done": is_done,
        "open": FollowUp.objects.filter(done_on=None).count(), "done": FollowUp.objects.exclude(done_on=None).count(),
        "late": FollowUp.objects.filter(done_on=None, due_on__lt=today).count(),
    }  # fmt: skip
    return render(request, "linkages/follow_up_list.html", context)


@reading_or_writing
@officers_only
def follow_up_edit(request, pk):
    rows = FollowUp.objects.select_related("meeting__session", *(f"meeting__{it}" for it in (*SIDES, *PAIR)))
    row = get_object_or_404(rows, pk=pk)
    seen = registry.version_of(row)
    form = FollowUpForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_bound and form.is_valid():
        given, now = form.cleaned_data, timezone.now()
        said = (given["outcome"], given["note"], given["value_vnd"])
        shown = whole_number(request.POST.get("seen", ""))
        try:
            step = sessionresults.follow(
                row, *said, request.user, now, timezone.localdate(now), given.get("moves_match", False), shown
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _tell_step(request, row.meeting.match, step)
            return redirect("follow_up_list")
    words = _("After {n} days: {meeting}").format(n=row.days, meeting=row.meeting)
    context = {"form": form, "title": words, "back": "follow_up_list", "above": row.meeting, "seen": seen}
    return render(request, "linkages/programme_form.html", context, status=422 if form.errors else 200)
