"""Matching sessions: what everybody reads of them, and how officers take one from step to step."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from firms.countries import country_name
from firms.views.entrypages import part_page
from linkages import outcomes, sessionpage, sessions, sessionstory
from linkages.access import officers_only
from linkages.forms_sessions import SessionForm
from linkages.models import FollowUp, MatchingSession, Participant
from linkages.sessiontimetable import make_timetable

FORM = "linkages/programme_form.html"
HISTORY_PAGE = 50
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_not_required
def session_list(request):
    is_officer = getattr(request.user, "keeps_linkages", False)
    rows = sessions.visible_to(request.user).annotate(people=Count("participants")).order_by("-starts_at", "-pk")
    context = {"rows": rows, "is_officer": is_officer, "told": outcomes.rolled_up()}
    if is_officer:
        context["late"] = FollowUp.objects.filter(done_on=None, due_on__lt=timezone.localdate()).count()
    return render(request, "linkages/session_list.html", context)


@require_safe
@login_not_required
def session_detail(request, code):
    session = get_object_or_404(sessions.visible_to(request.user), code=code)
    is_officer = getattr(request.user, "keeps_linkages", False)
    context = {"session": session, "is_officer": is_officer, "countries": [country_name(it) for it in session.countries]}
    if is_officer:
        context |= sessionpage.officers_context(session, timezone.now())
    if session.state == MatchingSession.State.HELD or (is_officer and session.state == MatchingSession.State.SCHEDULED):
        context["told"] = outcomes.rolled_up(session)
    return render(request, "linkages/session_detail.html", context)


@require_safe
@officers_only
def session_history(request, code):
    """Everything that was done with a session, its participants and its meetings."""
    session = get_object_or_404(MatchingSession, code=code)
    page = Paginator(sessionstory.of_session(session), HISTORY_PAGE).get_page(request.GET.get("page"))
    return render(request, "linkages/session_history.html", {"session": session, "page": page})


@reading_or_writing
@officers_only
def session_create(request):
    form = SessionForm()
    if request.method == "POST":
        fresh = MatchingSession(officer=request.user)
        form, saved = registry.save_entry(lambda it: SessionForm(request.POST, instance=it), fresh, 0, request.user)
        if saved.is_done:
            messages.success(request, _("Entered. Add the participants now."))
            return redirect("participant_add_many", code=saved.instance.code)
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
    return redirect("session_timetable", code=code) if request.POST.get("back") == "timetable" else redirect(session)


def _step(session, step, by, now):
    if step == "invite":
        new = list(session.participants.filter(invited_at=None, state=Participant.State.INVITED))
        unreached = sessions.invite(session, new, by, now)
        words = _("Invitations that go out within a minute: {n}. Participants without an address: {m}.")
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
