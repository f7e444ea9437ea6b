"""Matching sessions: what everybody reads of them, what officers prepare, the answer of whoever is invited."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from firms.views.confirmations import sealed
from firms.views.entrypages import part_page
from linkages import outcomes, sessions
from linkages.access import officers_only
from linkages.forms_sessions import AnswerForm, ParticipantForm, SessionForm
from linkages.models import MatchingSession, Participant
from linkages.sessiontimetable import make_timetable

FORM = "linkages/programme_form.html"
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_not_required
def session_list(request):
    is_officer = getattr(request.user, "keeps_linkages", False)
    context = {"rows": sessions.visible_to(request.user), "is_officer": is_officer, "told": outcomes.rolled_up()}
    return render(request, "linkages/session_list.html", context)


@require_safe
@login_not_required
def session_detail(request, code):
    session = get_object_or_404(sessions.visible_to(request.user), code=code)
    is_officer = getattr(request.user, "keeps_linkages", False)
    context = {"session": session, "is_officer": is_officer, "steps": sessions.STEPS[session.state]}
    if is_officer:
        context["participants"] = session.participants.select_related("party__firm")
    if is_officer or session.state == MatchingSession.State.HELD:
        context["told"] = outcomes.rolled_up(session)
    return render(request, "linkages/session_detail.html", context)


@reading_or_writing
@officers_only
def session_create(request):
    form = SessionForm()
    if request.method == "POST":
        fresh = MatchingSession(officer=request.user)
        form, saved = registry.save_entry(lambda it: SessionForm(request.POST, instance=it), fresh, 0, request.user)
        if saved.is_done:
            messages.success(request, _("Entered. Add the participants now."))
            return redirect(saved.instance)
    context = {"form": form, "title": _("Enter a matching session"), "back": "session_list"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def session_edit(request, code):
    session = get_object_or_404(MatchingSession, code=code)
    return part_page(request, session, session.shown_title, SessionForm, FORM, session.get_absolute_url())


@require_POST
@officers_only
def session_move(request, code):
    """The next step of a session: invite, make the timetable, hold, cancel, plan anew."""
    session, now = get_object_or_404(MatchingSession, code=code), timezone.now()
    try:
        words = _step(session, request.POST.get("step", ""), request.user, now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, words)
    return redirect(session)


def _step(session, step, by, now):
    if step == "invite":
        new = list(session.participants.filter(invited_at=None, state=Participant.State.INVITED))
        unreached = sessions.invite(session, new, by, now)
        words = _("{n} invitations go out within a minute; {m} participants have no address.")
        return words.format(n=len(new) - len(unreached), m=len(unreached))
    if step == "timetable":
        left_out = make_timetable(session, by)
        return _("The timetable is made. Pairs without a place: {n}.").format(n=len(left_out))
    verbs = {"hold": lambda: sessions.hold(session, by, now), "cancel": lambda: sessions.cancel(session, by)}
    verbs["plan"] = lambda: sessions.plan_anew(session, by)
    if step not in verbs:
        raise ValidationError(_("There is no such step."))
    verbs[step]()
    return _("Saved.")


@reading_or_writing
@officers_only
def participant_add(request, code):
    session = get_object_or_404(MatchingSession, code=code)
    form = ParticipantForm(instance=Participant(session=session))
    if request.method == "POST":
        fresh = Participant(session=session)
        form, saved = registry.save_entry(lambda it: ParticipantForm(request.POST, instance=it), fresh, 0, request.user)
        if saved.is_done:
            return redirect(session)
    context = {"form": form, "title": _("Add a participant"), "back": session.get_absolute_url(), "above": session}
    return render(request, FORM, context, status=422 if form.errors else 200)


@reading_or_writing
@login_not_required
def session_answer(request, token):
    participant = sessions.find(token)
    if participant is None:
        raise Http404
    now, session = timezone.now(), participant.session
    is_open = session.state in sessions.OPEN and session.starts_at > now
    form = AnswerForm(request.POST if request.method == "POST" and is_open else None, instance=participant)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            sessions.answer(participant, values["comes"] == "yes", values, values["wishes"], now)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Thank you, your answer is noted."))
        return redirect("session_answer", token=token)
    context = {"participant": participant, "session": session, "form": form, "is_open": is_open}
    return sealed(render(request, "linkages/session_answer.html", context, status=422 if form.errors else 200))
