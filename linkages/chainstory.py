"""How the history of chains, of the rule and of applications is told: registered with parkportal.timeline through story.py."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages.forms_chains import DECISION, FIELD, TIER
from linkages.models import Application, Chain, ChainLink, ChainMember, ChainRole, FormationRule
from parkportal import timeline
from parkportal.timeline import turned

LOADED = "fixtures/linkages"  # only chains for demonstration are loaded
ENDS = ["link__source_party__firm", "link__target_party__firm"]


def reason(record, _step):
    given = record.history_change_reason or ""
    return _("Loaded for demonstration") if given.startswith(LOADED) else given


def chain_step(record, previous):
    if stage := turned(record, previous, "stage"):
        return _("set the stage to “{stage}”").format(stage=dict(Chain.Stage.choices)[stage[1]])
    if public := turned(record, previous, "is_public"):
        return _("published it") if public[1] else _("hid it")
    return None


def role_step(record, previous):
    if is_open := turned(record, previous, "is_open"):
        return _("published it as an opportunity") if is_open[1] else _("closed the opportunity")
    return None


def member_step(record, previous):
    if ends := turned(record, previous, "ends_on"):
        return _("ended the membership") if ends[1] else _("took the end back")
    return None


def link_step(record, previous):
    if removed := turned(record, previous, "removed_on"):
        return _("took it out of the chain") if removed[1] else _("took it into the chain again")
    return None


def application_step(record, previous):
    if state := turned(record, previous, "state"):
        return {
            Application.State.TALKING: _("took up the conversation"),
            Application.State.ACCEPTED: _("accepted it"),
            Application.State.DECLINED: _("declined it"),
            Application.State.WITHDRAWN: _("wrote down that it was withdrawn"),
        }.get(state[1])
    return None


def _chain_page(row):
    return reverse("chain_edit", args=[row.chain.code])


timeline.register(
    Chain,
    url=Chain.get_absolute_url,
    step=chain_step,
    reason=reason,
    told_by_step={"stage", "is_public"},
    untold={"created_at"},
    internal={"blocker"},
    labels={"field": FIELD, "decision": DECISION},
)
timeline.register(
    ChainRole,
    name=lambda row: row.name,
    url=_chain_page,
    related=["chain"],
    entered=gettext_lazy("described a role"),
    step=role_step,
    reason=reason,
    told_by_step={"is_open", "opened_on"},
    untold={"chain"},
    labels={"tier": TIER},
    removed=lambda record: record.name,
)
timeline.register(
    ChainMember,
    url=lambda row: _chain_page(row.role),
    related=["role__chain", "party__firm"],
    entered=gettext_lazy("named a member"),
    untold={"role"},
    internal={"note"},
    step=member_step,
    reason=reason,
)
timeline.register(
    ChainLink,
    name=lambda row: str(row.link),
    url=_chain_page,
    related=["chain", *ENDS],
    entered=gettext_lazy("took a link into the chain"),
    step=link_step,
    reason=reason,
    untold={"chain", "link"},
)
timeline.register(FormationRule, url=lambda row: reverse("rule_list"), untold={"set_by"}, entered=gettext_lazy("set the rule"))
timeline.register(
    Application,
    name=lambda row: str(row.role),
    url=lambda row: reverse("application_detail", args=[row.pk]),
    related=["role__chain"],
    entered=gettext_lazy("applied"),
    step=application_step,
    told_by_step={"state"},
    untold={"handled_by", "handled_at", "created_at", "language"},
    internal={"party", "firm_name", "tax_code", "officer_note", "reply"},
)
