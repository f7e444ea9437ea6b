"""Who comes to a session: put on the list, invited, answered for, ticked on the day; and the invited one's own page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from firms.views.confirmations import sealed
from firms.views.entrypages import part_page
from linkages import sessioncandidates, sessionmails, sessionpage, sessions, sessiontimetable
from linkages.access import officers_only
from linkages.forms_sessions import AnswerForm, CandidateForm, ManyForm, ParticipantForm
from linkages.models import MatchingSession, Participant
from parkportal.text import fold

FORM = "linkages/programme_form.html"
PARTICIPANTS = Participant.objects.select_related("session", "party__firm")
NOTES = {"came": True, "absent": False, "undo": None}
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


# Putting them on the list --------------------------------------------------------------------------------------------
@reading_or_writing
@officers_only
def participant_add(request, code):
    session = get_object_or_404(MatchingSession, code=code)
    form = ParticipantForm(instance=Participant(session=session))
    if request.method == "POST":
        fresh = Participant(session=session)
        form, saved = registry.save_entry(lambda it: ParticipantForm(request.POST, instance=it), fresh, 0, request.user)
        if saved.is_done:
            messages.success(request, _("{name} is on the list.").format(name=saved.instance.party.title))
            return redirect(session)
    context = {"form": form, "title": _("Add a participant"), "back": session.get_absolute_url(), "above": session}
    return render(request, FORM, context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def participant_add_many(request, code):
    """Chosen from what is published, or pasted; looked over once, then put on the list."""
    session, today = get_object_or_404(MatchingSession, code=code), timezone.localdate()
    if request.method == "POST" and "add" in request.POST:
        return _add_many(request, session, today)
    asked = CandidateForm(request.GET)
    chosen = asked.cleaned_data if asked.is_valid() else {"q": "", "sector": None}
    found = sessioncandidates.suggested(session, chosen["q"], chosen["sector"], today)
    others = sessioncandidates.others(session, chosen["q"], chosen["sector"], {it.key for it in found})
    context = {"session": session, "asked": asked, "found": found, "others": others, "is_asked": any(chosen.values())}
    if request.method != "POST":
        return render(request, "linkages/participant_add_many.html", context | {"form": ManyForm()})
    keys = [it for it in dict.fromkeys(request.POST.getlist("keys")) if len(it) < 30]
    form = ManyForm(request.POST)
    lines = []
    if form.is_valid():
        lines = sessioncandidates.read(session, keys, form.cleaned_data["pasted"])
        if not lines:
            form.add_error("pasted", _("Tick partners in the list, or paste their numbers."))
    if form.errors:
        return render(request, "linkages/participant_add_many.html", context | {"form": form, "keys": keys}, status=422)
    context |= {"lines": lines, "form": form, "keys": keys, "taken": sum(not it.trouble for it in lines)}
    return render(request, "linkages/participant_preview.html", context)


def _add_many(request, session, today):
    try:
        number = sessioncandidates.add(session, request.POST.getlist("keys"), request.user, today)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = ngettext("{n} participant is on the list now.", "{n} participants are on the list now.", number)
        messages.success(request, words.format(n=number))
    return redirect(session)


@reading_or_writing
@officers_only
def participant_edit(request, pk):
    one = get_object_or_404(PARTICIPANTS, pk=pk)
    return part_page(request, one, one.party.title, ParticipantForm, FORM, one.session.get_absolute_url())


@require_POST
@officers_only
def participant_remove(request, pk):
    one = get_object_or_404(PARTICIPANTS, pk=pk)
    try:
        sessions.remove(one, request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = _("{name} is off the list; nobody was told. Its link no longer works.") if one.invited_at else _(
            "{name} is off the list."
        )  # fmt: skip
        messages.success(request, words.format(name=one.party.title))
    return redirect(one.session)


@require_POST
@officers_only
def participant_invite(request, pk):
    """The invitation to one, the first or a further time."""
    one = get_object_or_404(PARTICIPANTS, pk=pk)
    try:
        unreached = sessions.invite(one.session, [one], request.user, timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if unreached:
            messages.error(request, _("{name} has no e-mail address. Enter one first.").format(name=one.party.title))
        else:
            words = _("The invitation goes to {address} within a minute.").format(address=one.email)
            void = _("The link of the earlier one no longer works.") if one.invited_at else ""
            messages.success(request, f"{words} {void}".strip())
    return redirect(one.session)


# Answers -------------------------------------------------------------------------------------------------------------
@reading_or_writing
@officers_only
def participant_answer(request, pk):
    """What a participant told an officer, by telephone say."""
    one = get_object_or_404(PARTICIPANTS, pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None, instance=one)
    form.fields["comes"].label = _("Does it come?")
    if form.is_bound and form.is_valid() and _answered(form, one, timezone.now(), request.user):
        messages.success(request, _("The answer of {name} is noted.").format(name=one.party.title))
        return redirect(one.session)
    title = _("Note the answer of {name}").format(name=one.party.title)
    context = {"form": form, "title": title, "back": one.session.get_absolute_url(), "above": one.session}
    return render(request, FORM, context, status=422 if form.errors else 200)


def _answered(form, participant, now, by=None):
    """True if the answer is noted; else the form says why not."""
    given = form.cleaned_data
    try:
        sessions.answer(participant, given["comes"] == "yes", given, given["wishes"], now, by)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@reading_or_writing
@login_not_required
def session_answer(request, token):
    """The invited one's own page: her answer until the day, her own timetable once it is out."""
    participant = sessions.find(token)
    if participant is None:
        raise Http404
    now, session = timezone.now(), participant.session
    is_open = session.state in sessions.OPEN and session.starts_at > now
    form = AnswerForm(request.POST if request.method == "POST" and is_open else None, instance=participant)
    if form.is_bound and form.is_valid() and _answered(form, participant, now):
        messages.success(request, _("Thank you, your answer is noted."))
        return redirect("session_answer", token=token)
    participant.refresh_from_db(fields=["state"])  # a form that was refused has changed nothing
    context = {"participant": participant, "session": session, "form": form, "is_open": is_open, "token": token}
    context["meetings"] = _own_meetings(participant)
    return sealed(render(request, "linkages/session_answer.html", context, status=422 if form.errors else 200))


def _own_meetings(participant):
    """Her meetings once the timetable is out; None before."""
    if participant.session.state not in sessions.ON_THE_DAY:
        return None
    slots = sessiontimetable.slots_of(participant.session)
    return sessiontimetable.own([participant], sessiontimetable.meetings_of(participant.session), slots)[0][1]


@require_safe
@login_not_required
def session_calendar(request, token):
    """Her own meetings as a calendar file."""
    participant = sessions.find(token)
    meetings = _own_meetings(participant) if participant else None
    if not meetings:
        raise Http404
    content = sessionmails.calendar_of(participant.session, participant, meetings, timezone.now())
    name = sessionmails.calendar_name(participant.session, participant.language)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return sealed(HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers))


# On the day ----------------------------------------------------------------------------------------------------------
@require_safe
@officers_only
def session_attendance(request, code):
    """Everybody by name, to be ticked at the door; for htmx the rows alone."""
    session = get_object_or_404(MatchingSession, code=code)
    people = sessions.by_name(session.participants.select_related("party__firm"))
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    found = [it for it in people if all(word in fold(it.party.title, it.person) for word in fold(asked).split())]
    context = {"session": session, "asked": asked, "rows": [(sessions.letter_of(it), it) for it in found]}
    context |= {"count": sessionpage.counted(people), "is_on": session.state in sessions.ON_THE_DAY, "total": len(people)}
    is_fragment = request.htmx and not request.htmx.boosted
    return render(request, f"linkages/{'_attendance' if is_fragment else 'session_attendance'}.html", context)


@require_POST
@officers_only
def participant_attend(request, pk):
    """One press: came, stayed away, or neither. For htmx its row comes back with the numbers, else the page."""
    one, note = get_object_or_404(PARTICIPANTS, pk=pk), request.POST.get("note", "")
    if note not in NOTES:
        raise Http404
    try:
        sessions.attend(one, NOTES[note], request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("session_attendance", code=one.session.code)
    if not request.htmx:
        return redirect(f"{reverse('session_attendance', args=[one.session.code])}#participant-{one.pk}")
    one.refresh_from_db(fields=["state"])
    count = sessionpage.counted(one.session.participants.all())
    context = {"it": one, "session": one.session, "is_on": True, "count": count, "is_answer": True}
    return render(request, "linkages/_attendance_row.html", context)
