"""How the history of partners, links and their evidence is told: registered with parkportal.timeline at the start."""

import re

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages import chainstory, marketstory, sessionstory  # noqa: F401  (registers what it tells of)
from linkages.agreements import PARTY_ADDED, PARTY_REMOVED
from linkages.loading import INVENTED
from linkages.models import Agreement, BoardMember, Commitment, Link, LinkEvidence, Party, SkillNeed, Target, TrainingProgramme
from parkportal import timeline
from parkportal.timeline import turned

# Reasons that processes write; what people write stays as it is.
CONFIRMATION = re.compile(r"confirmation (\d+)")
MERGE = re.compile(r"(un)?merge (\d+)")
LOADED = re.compile(r"fixtures/linkages\b.*")


def reason(record, _step):
    """Why it was done: the reasons that processes write, in the reader's language."""
    given = record.history_change_reason or ""
    if found := CONFIRMATION.fullmatch(given):
        return _("Answer to question {number}").format(number=found[1])
    if found := MERGE.fullmatch(given):
        return (_("Merge {number} undone") if found[1] else _("Merge {number}")).format(number=found[2])
    if given.startswith(INVENTED):
        return _("Invented for trying the portal out")
    if LOADED.fullmatch(given):
        return _("Loaded from public sources")
    return given


def link_step(record, previous):
    if state := turned(record, previous, "state"):
        return {
            Link.State.POSSIBLE: _("set it back to possible"),
            Link.State.NEGOTIATED: _("wrote down that the sides are negotiating"),
            Link.State.RUNNING: _("took it up: under way"),
            Link.State.ENDED: _("ended it"),
        }[state[1]]
    for name, confirmed, denied in [
        ("source_confirmed_on", _("confirmed by who supplies"), _("denied by who supplies")),
        ("target_confirmed_on", _("confirmed by who takes"), _("denied by who takes")),
    ]:
        if turn := turned(record, previous, name):
            return confirmed if turn[1] else denied
    if turned(record, previous, "reviewed_on"):
        return _("reviewed it")
    if public := turned(record, previous, "is_public"):
        return _("showed it to everybody") if public[1] else _("hid it")
    if MERGE.fullmatch(record.history_change_reason or ""):
        return _("moved it with a merge of firms")
    return None


def evidence_step(record, previous):
    if turn := turned(record, previous, "removed_at"):
        return _("let it no longer count") if turn[1] else _("let it count again")
    return None


def party_step(record, previous):
    if public := turned(record, previous, "is_public"):
        return _("showed it to everybody") if public[1] else _("hid it")
    if turned(record, previous, "firm_id") and MERGE.fullmatch(record.history_change_reason or ""):
        return _("moved it with a merge of firms")
    return None


def party_page(party):
    """A firm's own page; of another body the officer's."""
    return party.get_absolute_url() or reverse("partner_edit", args=[party.pk])


def agreement_step(record, previous):
    given = record.history_change_reason or ""
    for mark, words in [
        (PARTY_ADDED, _("named {party} as a party")),
        (PARTY_REMOVED, _("took {party} off the parties")),
    ]:
        if given.startswith(mark):
            return words.format(party=given.removeprefix(mark))
    return None


def agreement_reason(record, step):
    return "" if agreement_step(record, None) else reason(record, step)


ENDS = ["source_party__firm", "target_party__firm"]

timeline.register(Party, url=party_page, related=["firm"], step=party_step, reason=reason, internal={"email", "phone", "note"})
timeline.register(
    Link,
    url=Link.get_absolute_url,
    related=ENDS,
    step=link_step,
    reason=reason,
    told_by_step={"state", "reviewed_on", "source_confirmed_on", "target_confirmed_on", "is_public"},
    untold={"created_at"},
    internal={"value_band", "source", "note"},
)
timeline.register(
    LinkEvidence,
    name=lambda row: str(row.link),
    url=lambda row: row.link.get_absolute_url(),
    related=["link", *(f"link__{end}" for end in ENDS)],
    entered=gettext_lazy("added evidence"),
    step=evidence_step,
    reason=reason,
    untold={"added_by", "added_at", "removed_by", "removed_at", "file", "link"},
    internal={"title", "source", "note", "file_name"},
    actor=lambda record: record.removed_by_id or record.added_by_id,
    removed=lambda record: record.title,
)

timeline.register(Agreement, url=Agreement.get_absolute_url, step=agreement_step, reason=agreement_reason, internal={"note"})
timeline.register(Commitment, url=lambda it: it.agreement.get_absolute_url(), related=["agreement"], reason=reason)
timeline.register(BoardMember, reason=reason)
timeline.register(Target, url=lambda it: reverse("target_list"), reason=reason)
for _model in (SkillNeed, TrainingProgramme):
    timeline.register(_model, url=lambda it: reverse("training_list"), reason=reason)
