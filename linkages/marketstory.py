"""How the history of needs and offers, of interest in them and of matches is told (linkages.story takes it in)."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages import market
from linkages.loading import REASON as LOADED
from linkages.models import Interest, Match, Posting
from parkportal import timeline
from parkportal.timeline import turned


def reason(record, _step):
    """The reasons that processes write, in the reader's language; what people write stays as it is."""
    given = record.history_change_reason or ""
    if given == market.OWNER:
        return _("by its owner, through her own link")
    if given == market.EXPIRY:
        return _("its last day was over")
    return _("Invented for trying the portal out") if given.startswith(LOADED) else given


def posting_step(record, previous):
    state = turned(record, previous, "state")
    if not state:
        return _("renewed it") if turned(record, previous, "expires_on") else None
    before, after = state
    if after == Posting.State.PUBLISHED:
        if before in (Posting.State.CONNECTING, Posting.State.DONE):
            return _("showed it to everybody again")
        return _("renewed it") if before == Posting.State.EXPIRED else _("published it")
    return {
        Posting.State.REVIEW: _("handed it in for review"),
        Posting.State.RETURNED: _("sent it back"),
        Posting.State.CONNECTING: _("noted that talks have begun"),
        Posting.State.DONE: _("noted that it has led to something"),
        Posting.State.EXPIRED: _("let it expire"),
        Posting.State.WITHDRAWN: _("withdrew it"),
    }.get(after)


def interest_step(record, previous):
    if state := turned(record, previous, "state"):
        return _("introduced both sides") if state[1] == Interest.State.INTRODUCED else _("declined it")
    return None


def match_step(record, previous):
    if state := turned(record, previous, "state"):
        words = _("stopped it") if state[1] == Match.State.STOPPED else _("took it to “{step}”")
        return words.format(step=record.get_state_display())
    if verdict := turned(record, previous, "verdict"):
        return {Match.Verdict.UNFIT: _("said that it does not fit"), Match.Verdict.FITS: _("said that it fits")}.get(
            verdict[1], _("took the verdict back")
        )
    if turned(record, previous, "link_id"):
        return _("entered it as a link")
    return None


timeline.register(
    Posting,
    name=lambda it: f"{it.code} {it.title}",
    url=lambda it: reverse("posting_decide", args=[it.code]),
    step=posting_step,
    reason=reason,
    told_by_step={"state"},
    # What is for the officer alone is not told where others read the whole portal's history.
    untold={"confidential", "owner_words", "created_at", "language", "officer", "published_on", "code"},
    internal={"owner", "review_note"},
)
timeline.register(
    Interest,
    name=lambda it: it.posting.code,
    url=lambda it: reverse("interest_detail", args=[it.pk]),
    related=["posting"],
    entered=gettext_lazy("expressed interest"),
    step=interest_step,
    reason=reason,
    told_by_step={"state"},
    untold={"organisation", "language", "handled_by", "handled_at", "created_at", "posting", "reply"},
)
timeline.register(
    Match,
    url=lambda it: reverse("match_detail", args=[it.pk]),
    related=["need", "offer", "party__firm"],
    step=match_step,
    reason=reason,
    told_by_step={"state", "verdict", "link"},
    untold={
        "need",
        "offer",
        "party",
        "score",
        "reasons",
        "origin",
        "officer",
        "created_at",
        "changed_at",
        "stop_reason",
        "verdict_reason",
    },
    internal={"next_step", "value_vnd"},
)
