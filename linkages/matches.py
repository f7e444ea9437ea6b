"""A need and who could meet it: the officer's verdict, and what became of the pair, step by step.

suggested -> sent -> agreed -> met -> tested -> quoted -> memorandum -> contract; steps may be left out (not everything has a
sample to test), a step too far may be taken back, and a pair may stop at any of them with the reason."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages import letters, market
from linkages.letters import Letter
from linkages.models import EvidenceLevel, Link, LinkEvidence, Match, Posting

State, Verdict, Origin = Match.State, Match.Verdict, Match.Origin
PATH = [State.SUGGESTED, State.SENT, State.AGREED, State.MET, State.TESTED, State.QUOTED, State.MEMORANDUM, State.CONTRACT]
CONNECTED = PATH[2:]  # from here on both sides talk to each other
ENDS = {
    State.MEMORANDUM: (Link.State.NEGOTIATED, EvidenceLevel.MEMORANDUM),
    State.CONTRACT: (Link.State.RUNNING, EvidenceLevel.CONTRACT),
}
PROPOSED = gettext_lazy(
    "The authority has found somebody who may fit. Answer this mail, yes or no: only if both sides say yes are you introduced to "
    "each other."
)
LINK_KINDS = {
    Posting.Kind.TECHNOLOGY: Link.Kind.RESEARCH,
    Posting.Kind.EQUIPMENT: Link.Kind.INPUT,
    Posting.Kind.PRODUCTION: Link.Kind.SUPPORTING,
    Posting.Kind.RESEARCH: Link.Kind.RESEARCH,
    Posting.Kind.SKILLS: Link.Kind.TRAINING,
}
SIDES = ("need__owner__firm__zone", "offer__owner__firm__zone", "party__firm__zone", "officer", "link")


def with_sides(matches):
    return matches.select_related(*SIDES)


def under_way(matches):
    """Pairs that somebody is at: not those that do not fit, nor those that have stopped or are concluded."""
    return matches.exclude(verdict=Verdict.UNFIT).exclude(state__in=[State.STOPPED, State.CONTRACT])


def in_order(matches, today):
    """Overdue steps on top, then by the next due day, then those without one."""
    late = Case(
        When(next_due__lt=today, then=Value(0)),
        When(next_due__isnull=False, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return matches.annotate(urgency=late).order_by("urgency", F("next_due").asc(nulls_last=True), "-changed_at", "-pk")


def is_late(match, today):
    return bool(match.next_due and match.next_due < today and match.state not in (State.STOPPED, State.CONTRACT))


def supplier_of(match):
    """Whoever gives: the offer's owner, or the firm itself; None where the officer has not said yet whose the offer is."""
    return match.party or (match.offer.owner if match.offer_id else None)


# Writing -------------------------------------------------------------------------------------------------------------
def _held(pk):
    return Match.objects.select_for_update(of=("self",)).get(pk=pk)


def _written(match, by, now, reason=""):
    match.changed_at, match._history_user, match._change_reason = now, by, reason or None
    match.save()
    return match


def _pair(need, offer, party):
    """The pair as it is stored, held; None while it is not there. The need's row is the lock of its pairs."""
    market.held(need.pk)
    which = Q(offer=offer) if offer else Q(offer=None, party=party)
    return Match.objects.select_for_update(of=("self",)).filter(which, need=need).first()


def judge(need, suggestion, verdict, reason, by, now):
    """The officer's word on a suggestion. One that does not fit never comes back by itself; gives the match."""
    if verdict == Verdict.UNFIT and not reason:
        raise ValidationError(_("Say in a few words why it does not fit, so that nobody has to think it through again."))
    with transaction.atomic():
        match = _pair(need, suggestion.offer, suggestion.party)
        if match and match.verdict == verdict:
            return match
        if match and match.state not in (State.SUGGESTED, State.STOPPED):
            raise ValidationError(
                _("Meanwhile this pair is “{state}”. Nothing was changed now.").format(state=match.get_state_display())
            )
        match = match or Match(need=need, offer=suggestion.offer, party=suggestion.party, created_at=now, officer=by)
        match.score, match.reasons = suggestion.score, [it.as_json() for it in suggestion.reasons]
        match.verdict, match.verdict_reason, match.state = verdict, reason, State.SUGGESTED
        return _written(match, by, now, reason)


def take_back(match, by, now):
    """The verdict is lifted: the pair may be suggested again."""
    with transaction.atomic():
        match = _held(match.pk)
        if match.verdict != Verdict.UNFIT:
            return False
        match.verdict, match.verdict_reason = Verdict.NONE, ""
        _written(match, by, now)
        return True


def pair_up(need, offer, party, by, now, origin=Origin.OFFICER):
    """A pair that the officer saw himself, or that met at a session; one that was there is taken up again."""
    if offer and offer.direction != Posting.Direction.OFFER:
        raise ValidationError(_("{code} is a need itself. Name an offer or a firm.").format(code=offer.code))
    with transaction.atomic():
        match = _pair(need, offer, party)
        if match and match.verdict != Verdict.UNFIT:
            return match
        match = match or Match(need=need, offer=offer, party=party, origin=origin, created_at=now, officer=by)
        match.verdict, match.verdict_reason, match.state = Verdict.FITS, "", State.SUGGESTED
        return _written(match, by, now)


def from_interest(posting, party, by, now, interest=None):
    """The pair that an introduction makes. Who is interested in an offer has a need, which is written down as a draft."""
    if posting.direction == Posting.Direction.NEED:
        need, offer, other = posting, None, party
    else:
        need, offer, other = _need_behind(posting, party, by, now), posting, None
    match = _pair(need, offer, other)
    if match and match.state in CONNECTED:
        return match
    match = match or Match(need=need, offer=offer, party=other, created_at=now)
    match.origin, match.verdict, match.verdict_reason = Origin.INTEREST, Verdict.FITS, ""
    match.state, match.officer, match.stop_reason = State.AGREED, by, ""
    return _written(match, by, now)


def _need_behind(offer, party, by, now):
    """The need of whoever is interested in an offer: not published, there to be followed and to be matched further."""
    known = Match.objects.filter(offer=offer, need__owner=party).select_related("need").first()
    if known:
        return known.need
    texts = {name: getattr(offer, name) for name in ("title", "title_en", "summary", "summary_en", "process", "materials")}
    need = Posting(
        direction=Posting.Direction.NEED, kind=offer.kind, owner=party, sector=offer.sector, is_anonymous=True, **texts
    )
    need.officer = by
    return market.enter(need, by, now)


# Steps ---------------------------------------------------------------------------------------------------------------
def move(match, seen, to, by, now, next_step="", next_due=None, reason="", value_vnd=None):
    """Takes a pair to a step. `seen` is the step at which its page stood: whoever was quicker wins."""
    with transaction.atomic():
        match = _held(match.pk)
        if match.state != seen:
            words = _("Meanwhile this pair is “{state}”. Nothing was changed now.")
            raise ValidationError(words.format(state=match.get_state_display()))
        if to == State.STOPPED and not reason:
            raise ValidationError(_("Say why it stopped: it is what the next pair can learn from."))
        if to not in State.values:
            raise ValidationError(_("There is no such step."))
        match.state = to
        match.stop_reason = reason if to == State.STOPPED else ""
        match.next_step, match.next_due = ("", None) if to == State.STOPPED else (next_step, next_due)
        match.value_vnd = match.value_vnd if value_vnd is None else value_vnd
        if to != State.STOPPED and match.verdict == Verdict.NONE:
            match.verdict = Verdict.FITS
        match.officer = match.officer or by
        _written(match, by, now, reason)
        if to in CONNECTED:
            for posting in _postings_of(match):
                if market.can(posting, "connect"):
                    market.connect(posting, by)
        return match


def _postings_of(match):
    keys = sorted(pk for pk in (match.need_id, match.offer_id) if pk)
    return [market.held(pk) for pk in keys]


def note(match, next_step, next_due, value_vnd, by, now):
    """What comes next, until when, and what it is worth; False where it stands so already."""
    with transaction.atomic():
        match = _held(match.pk)
        if (match.next_step, match.next_due, match.value_vnd) == (next_step, next_due, value_vnd):
            return False
        match.next_step, match.next_due, match.value_vnd = next_step, next_due, value_vnd
        _written(match, by, now)
        return True


def propose(match, seen, by, now, next_step="", next_due=None, value_vnd=None):
    """Sends each side what everybody may read of the other one, and asks whether it wants to be introduced.

    Gives (match, sides to which no mail goes, since the portal has no address of them)."""
    with transaction.atomic():
        match = move(match, seen, State.SENT, by, now, next_step, next_due, value_vnd=value_vnd)
        match = with_sides(Match.objects).get(pk=match.pk)
        unreached = []
        sides = [("need", match.need, match.offer), ("offer", match.offer, match.need)]
        for side, posting, other in sides:
            if posting is None or not posting.contact_email:
                unreached.append(side)
                continue
            about = other.shown_title if other else str(match.party.title)
            summary = other.shown_summary if other else ""
            letter = Letter(
                heading=gettext_lazy("Somebody may fit"),
                about=market.named(posting, posting.language),
                paragraphs=[PROPOSED],
                facts=[(gettext_lazy("The other side"), about)],
                quote=summary,
                action=market.own_action(posting),
            )
            letters.send(
                f"match:{match.pk}:proposed:{side}:{match.history.count()}", posting.contact_email, posting.language, letter, now
            )
        return match, unreached


def make_link(match, by, today, now):
    """A memorandum or a contract as a business link with its evidence; the one that was made before, if there is one."""
    with transaction.atomic():
        match = _held(match.pk)
        if match.link_id:
            return match.link
        if match.state not in ENDS:
            raise ValidationError(_("A link is entered once there is a memorandum or a contract."))
        source, target = supplier_of(match), match.need.owner
        if source is None or target is None:
            raise ValidationError(_("Say first whose the need and the offer are: choose the partner on their pages."))
        is_invented = match.need.is_demonstration or bool(match.offer_id and match.offer.is_demonstration)
        link = Link(
            source_party=source, target_party=target, kind=LINK_KINDS[match.need.kind], product=match.need.title,
            product_en=match.need.title_en, is_demonstration=is_invented,
        )  # fmt: skip
        enter_link(link, match.state, str(match), by, today, now)
        match.link = link
        _written(match, by, now)
        for posting in _postings_of(match):
            if market.can(posting, "finish"):
                market.finish(posting, by)
        return link


def enter_link(link, reached, named, by, today, now):
    """A filled-in link, saved with the evidence that a memorandum or a contract is, as of today."""
    if link.source_party == link.target_party:
        raise ValidationError(_("Both sides are one and the same partner."))
    link.state, level = ENDS[reached]
    link.starts_on = today if link.state == Link.State.RUNNING else None
    link._history_user = by
    link.save()
    title = f"{letters.said_in('vi', State(reached).label)}: {named}"
    evidence = LinkEvidence(link=link, level=level, title=title[:250], dated_on=today, added_by=by, added_at=now)
    evidence._history_user = by
    evidence.save()
    return link
