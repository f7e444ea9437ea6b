"""Whether a chain is formed on a day, and why: computed line by line from members, links and evidence, never typed.

The rule is the authority's (FormationRule, the newest of the day or before). Where none is set the default holds: at least one
firm of the high-tech park, two firms of other zones, two links in force with evidence of level 2 (memorandum) or more.

Days are those of the matter, not of the keyboard: a contract of March that is entered in May counts since March. What a link
was before it was taken up again is read from its history, so that no later step changes what held on an earlier day."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from linkages.models import Chain, ChainLink, ChainMember, ChainRole, EvidenceLevel, FormationRule, Link

TARGET = 3  # chains by 2030, Quyết định 129/QĐ-UBND: supporting industry, incubation, logistics
CHAINS = Chain.objects.select_related("lead__firm__zone", "officer").prefetch_related(
    Prefetch("roles", ChainRole.objects.order_by("tier", "position", "pk")),
    Prefetch("roles__members", ChainMember.objects.select_related("party__firm__zone", "party__firm__sector")),
    Prefetch(
        "chain_links",
        ChainLink.objects.order_by("added_on", "pk")
        .select_related("link__source_party__firm__zone", "link__target_party__firm__zone")
        .prefetch_related("link__evidence"),
    ),
)
State = Link.State


@dataclass(frozen=True)
class Condition:
    """One line of the rule: how many there must be, how many there are, and which they are (partners or links)."""

    words: str
    need: int
    have: tuple

    @property
    def is_met(self):
        return len(self.have) >= self.need

    @property
    def missing(self):
        return max(0, self.need - len(self.have))

    @property
    def shown(self):
        """Those that everybody may see."""
        return [it for it in self.have if is_shown(it)]


@dataclass(frozen=True)
class RoleStanding:
    """Who plays a role on the day, and how many are still to be found."""

    role: ChainRole
    members: tuple

    @property
    def missing(self):
        return max(0, self.role.needed - len(self.members))


@dataclass(frozen=True)
class LinkStanding:
    """A link of the chain on the day, with the level of its evidence, and whether that is enough for the rule."""

    link: Link
    level: int
    is_in_force: bool
    need: int  # the level that the rule of the day asks for

    @property
    def level_words(self):
        return EvidenceLevel(self.level).label

    @property
    def need_words(self):
        return EvidenceLevel(self.need).label if self.need in EvidenceLevel.values else ""

    @property
    def counts(self):
        return self.is_in_force and self.level >= self.need


@dataclass(frozen=True)
class Standing:
    """A chain on a day."""

    chain: Chain
    day: date
    rule: FormationRule
    roles: tuple
    links: tuple
    conditions: tuple

    @property
    def is_formed(self):
        return all(condition.is_met for condition in self.conditions)

    @property
    def gaps(self):
        """Roles for which somebody is still to be found, the required ones first."""
        return sorted((it for it in self.roles if it.missing), key=lambda it: not it.role.is_required)

    @property
    def needed(self):
        return sum(it.role.needed for it in self.roles)

    @property
    def filled(self):
        return sum(min(it.role.needed, len(it.members)) for it in self.roles)

    @property
    def short_of(self):
        """The link that does not count yet: the officer's next steps."""
        return [it for it in self.links if not it.counts]

    @property
    def overstates(self):
        """The officer's word goes beyond what the rule bears out."""
        return not self.is_formed and self.chain.stage in (Chain.Stage.FORMED, Chain.Stage.LASTING)


@dataclass(frozen=True)
class Gauge:
    """How many real chains are formed on a day, of the three that the programme promises; invented ones never count."""

    day: date
    standings: tuple
    target: int = TARGET

    @property
    def formed(self):
        return sum(it.is_formed and not it.chain.is_demonstration for it in self.standings)

    @property
    def marks(self):
        """One mark for each chain of the target, and for each formed one beyond: True where one is formed."""
        return [number < self.formed for number in range(max(self.target, self.formed))]


def is_shown(thing):
    """Whether everybody may see a partner, or a link with both its ends."""
    if isinstance(thing, Link):
        return thing.is_public and thing.source_party.is_shown and thing.target_party.is_shown
    return thing.is_shown


# Days ----------------------------------------------------------------------------------------------------------------
def rules():
    return list(FormationRule.objects.select_related("set_by").order_by("starts_on"))


def rule_on(day, known):
    """The rule in force on a day: the newest of the day or before, else the default."""
    held = [rule for rule in known if rule.starts_on <= day]
    return held[-1] if held else FormationRule(starts_on=day)


def _holds(day, first, last):
    """Whether days (both ends included) hold one; what has no first day has always been."""
    return (first is None or first <= day) and (last is None or last >= day)


def level_on(link, day):
    """The highest level of the evidence that was there and valid on the day: 0 where there is none."""
    levels = [
        it.level
        for it in link.evidence.all()
        if (it.dated_on or timezone.localdate(it.added_at)) <= day
        and (it.valid_until is None or it.valid_until >= day)
        and (it.removed_at is None or timezone.localdate(it.removed_at) > day)
    ]
    return max(levels, default=EvidenceLevel.DECLARED)


def stretches(steps):
    """[(first day, last day)] in which a link was under way, from its states in their order: (state, starts_on, ends_on).

    One that was only possible or being negotiated and then ended has never been. Saying the same state again corrects it."""
    closed, current, was = [], None, None
    for state, starts, ends in steps:
        if was == State.ENDED != state and current:
            closed.append(current)
        if state == State.RUNNING:
            current = (starts, ends)
        elif state == State.ENDED:
            has_run = was in (State.RUNNING, None) or (was == State.ENDED and current)
            current = (starts, ends) if ends and (has_run or starts) else None
        else:
            current = None
        was = state
    return [*closed, *([current] if current else [])]


def stretches_of(links):
    """{number of a link: its stretches}, in one query."""
    records = Link.history.filter(id__in=[link.pk for link in links]).order_by("id", "history_id")
    rows = records.values_list("id", "state", "starts_on", "ends_on")
    return {pk: stretches([row[1:] for row in group]) for pk, group in groupby(rows, key=itemgetter(0))}


def is_in_force(link, day, known=None):
    """Under way on the day. `known` are its stretches; without them only what the row says of today's stretch counts."""
    if known is None:
        known = stretches([(link.state, link.starts_on, link.ends_on)]) if link.state != State.ENDED or link.starts_on else []
    return any(_holds(day, first, last) for first, last in known)


# Standing ------------------------------------------------------------------------------------------------------------
def standing(chain, day, known_rules, known_stretches=None):
    """How a chain, read with CHAINS, stands on a day."""
    rule = rule_on(day, known_rules)
    tied = [it.link for it in chain.chain_links.all() if _holds(day, it.added_on, it.removed_on)]
    ran = stretches_of(tied) if known_stretches is None else known_stretches
    roles = tuple(
        RoleStanding(role, tuple(it for it in role.members.all() if _holds(day, it.starts_on, it.ends_on)))
        for role in chain.roles.all()
    )
    links = tuple(
        LinkStanding(link, level_on(link, day), is_in_force(link, day, ran.get(link.pk)), rule.evidence_level)
        for link in {link.pk: link for link in tied}.values()
    )
    # Only members count: they have days, so that naming a lead today changes nothing about yesterday.
    parties = {member.party_id: member.party for role in roles for member in role.members}
    park = tuple(party for party in parties.values() if party.is_in_park)
    zones = tuple(party for party in parties.values() if party.zone and not party.is_in_park)
    conditions = (
        Condition(_("firms of the high-tech park"), rule.park_firms, park),
        Condition(_("firms of other zones"), rule.zone_firms, zones),
        Condition(
            _("links in force with evidence of level {level} or more").format(level=rule.evidence_level),
            rule.links,
            tuple(it.link for it in links if it.counts),
        ),
    )
    return Standing(chain, day, rule, roles, links, conditions)


def gauge(day, chains=None):
    """The gauge of a day over chains (all of them unless said otherwise); so many queries whatever the number of chains."""
    known, found = rules(), list(CHAINS.all() if chains is None else chains)
    ran = stretches_of([it.link for chain in found for it in chain.chain_links.all()])
    return Gauge(day, tuple(standing(chain, day, known, ran) for chain in found))


def formed_chains(as_of):
    """The figure that the yearly report prints: real chains formed on the day."""
    return gauge(as_of, CHAINS.filter(is_demonstration=False)).formed


def indicator(as_of):
    """The same for the registry of indicators: None where nobody has ever entered a real chain, so that nothing is known."""
    is_in_use = Chain.history.filter(is_demonstration=False).exists()
    return formed_chains(as_of) if is_in_use else None
