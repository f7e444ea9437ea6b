"""What a result at a session does beyond its meeting, when the officer says so: the pair's pipeline, and a link with evidence."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages import matches, outcomes, sessions
from linkages.models import Link, Match, Meeting, Party, Posting

Result, Step = Meeting.Result, Match.State
STEPS = {
    Result.AGAIN: Step.MET,
    Result.SAMPLE: Step.MET,
    Result.MEMORANDUM: Step.MEMORANDUM,
    Result.CONTRACT: Step.CONTRACT,
    Result.NOTHING: Step.STOPPED,
}
NO_COMMON_GROUND = gettext_lazy("No common ground at the session “{session}”")


def step_after(match, result):
    """The step to which a result takes a pair, "" where it stays: never back, and a signed pair is not stopped by a talk."""
    to = result if result in Step.values else STEPS.get(result, "")
    if not to or to == match.state or match.verdict == Match.Verdict.UNFIT:
        return ""
    place = matches.PATH.index(match.state) if match.state in matches.PATH else -1
    if to == Step.STOPPED:
        return to if place < matches.PATH.index(Step.MEMORANDUM) and place >= 0 else ""
    return to if matches.PATH.index(to) > place else ""


def note(meeting, result, words, value, by, now, moves_match=True, seen=None):
    """Notes a result and takes the meeting's pair along in its pipeline; gives the step it came to, "" where it stays."""
    with transaction.atomic():
        sessions.note_result(meeting, result, words, value, by, seen)
        return _take_along(meeting, result, words, value, by, now) if moves_match else ""


def follow(follow_up, outcome, words, value, by, now, today, moves_match=True, seen=None):
    with transaction.atomic():
        sessions.follow(follow_up, outcome, words, value, by, today, seen)
        return _take_along(follow_up.meeting, outcome, words, value, by, now) if moves_match else ""


def _take_along(meeting, result, words, value, by, now):
    match = Match.objects.filter(pk=meeting.match_id).first()
    to = step_after(match, result) if match else ""
    if to:
        reason = (words or NO_COMMON_GROUND.format(session=meeting.session))[:300] if to == Step.STOPPED else ""
        kept = {} if to == Step.STOPPED else {"next_step": match.next_step, "next_due": match.next_due}
        matches.move(match, match.state, to, by, now, reason=reason, value_vnd=value, **kept)
    return to


def need_of(meeting):
    """(need, who could meet it) of a meeting in which one has published a need; (None, None) where nobody has."""
    for one, other in ((meeting.first, meeting.second), (meeting.second, meeting.first)):
        if one.posting_id and one.posting.direction == Posting.Direction.NEED:
            return one.posting, other
    return None, None


def follow_as_match(meeting, by, now):
    """The match of a meeting that had none, at the step that its result has come to; the one that is there, if there is one."""
    with transaction.atomic():
        sessions.held(meeting.session_id)
        meeting = Meeting.objects.select_related("match", "first__posting", "second__posting").get(pk=meeting.pk)
        if meeting.match:
            return meeting.match
        need, other = need_of(meeting)
        if need is None:
            raise ValidationError(_("Neither of the two has a published need, so there is nothing to follow as a match."))
        is_offer = bool(other.posting_id and other.posting.direction == Posting.Direction.OFFER)
        offer, party = (other.posting, None) if is_offer else (None, other.party)
        match = matches.pair_up(need, offer, party, by, now, matches.Origin.SESSION)
        meeting.match = match
        sessions.written(meeting, by)
        if to := step_after(match, meeting.result):
            reason = NO_COMMON_GROUND.format(session=meeting.session) if to == Step.STOPPED else ""
            match = matches.move(match, match.state, to, by, now, reason=reason[:300], value_vnd=meeting.value_vnd)
        return match


# A link --------------------------------------------------------------------------------------------------------------
def links_between(one, other):
    ends = Q(source_party=one, target_party=other) | Q(source_party=other, target_party=one)
    return Link.objects.filter(ends).with_parties()


def enter_link(meeting, source, kind, product, by, today, now):
    """The memorandum or contract of a meeting as a link between the two, with its evidence; a person has said who supplies."""
    with transaction.atomic():
        session = sessions.held(meeting.session_id)
        meeting = Meeting.objects.select_related("first__party__firm", "second__party__firm").get(pk=meeting.pk)
        ends = [meeting.first.party, meeting.second.party]
        list(Party.objects.select_for_update(of=("self",)).filter(pk__in=[it.pk for it in ends]).order_by("pk"))
        signed = outcomes.reached_by(meeting)
        if not signed:
            raise ValidationError(_("A link is entered once there is a memorandum or a contract."))
        if links_between(*ends).filter(kind=kind).exclude(state=Link.State.ENDED).exists():
            raise ValidationError(_("These two have a link of this kind already. Add the evidence on its page."))
        target = ends[1] if source == ends[0] else ends[0]
        is_invented = session.is_demonstration or any(it.is_demonstration or it.firm and it.firm.is_demonstration for it in ends)
        link = Link(source_party=source, target_party=target, kind=kind, product=product, is_demonstration=is_invented)
        return matches.enter_link(link, signed, f"{session.title} ({session.code})", by, today, now)
