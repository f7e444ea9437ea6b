"""Whether a chain is formed on a day, and why: computed line by line from members, links and evidence, never typed.

The rule is the authority's (FormationRule, the newest of the day or before). Where none is set the default holds: at least one
firm of the high-tech park, two firms of other zones, two links in force with evidence of level 2 (memorandum) or more."""

from dataclasses import dataclass
from datetime import date

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
        ChainLink.objects.select_related("link__source_party__firm__zone", "link__target_party__firm__zone").prefetch_related(
            "link__evidence"
        ),
    ),
)


@dataclass(frozen=True)
class Condition:
    """One line of the rule: how many there must be, how many there are, and which they are."""

    words: str
    need: int
    have: tuple

    @property
    def is_met(self):
        return len(self.have) >= self.need

    @property
    def missing(self):
        return max(0, self.need - len(self.have))


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
    """A link of the chain on the day, with the level of its evidence."""

    link: Link
    level: int
    is_in_force: bool

    @property
    def level_words(self):
        return EvidenceLevel(self.level).label


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


@dataclass(frozen=True)
class Gauge:
    """How many chains are formed on a day, of the three that the programme promises."""

    day: date
    standings: tuple
    target: int = TARGET

    @property
    def formed(self):
        return sum(it.is_formed for it in self.standings)

    @property
    def marks(self):
        """One mark for each chain of the target, and for each formed one beyond: True where one is formed."""
        return [number < self.formed for number in range(max(self.target, self.formed))]


def rules():
    return list(FormationRule.objects.order_by("starts_on"))


def rule_on(day, known):
    """The rule in force on a day: the newest of the day or before, else the default."""
    held = [rule for rule in known if rule.starts_on <= day]
    return held[-1] if held else FormationRule(starts_on=day)


def _is_there(row, day, first, last):
    """Whether a row's days (both ends included) hold the day; a row without a beginning has always been."""
    starts, ends = getattr(row, first), getattr(row, last)
    return (starts is None or starts <= day) and (ends is None or ends >= day)


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


def is_in_force(link, day):
    """Under way on the day. A link that has ended since was under way until it ended."""
    if link.state == Link.State.RUNNING:
        return _is_there(link, day, "starts_on", "ends_on")
    return link.state == Link.State.ENDED and link.ends_on is not None and _is_there(link, day, "starts_on", "ends_on")


def standing(chain, day, known_rules):
    """How a chain, read with CHAINS, stands on a day."""
    rule = rule_on(day, known_rules)
    roles = tuple(
        RoleStanding(role, tuple(it for it in role.members.all() if _is_there(it, day, "starts_on", "ends_on")))
        for role in chain.roles.all()
    )
    links = tuple(
        LinkStanding(it.link, level_on(it.link, day), is_in_force(it.link, day))
        for it in chain.chain_links.all()
        if _is_there(it, day, "added_on", "removed_on")
    )
    parties = {member.party_id: member.party for role in roles for member in role.members}
    if chain.lead:
        parties.setdefault(chain.lead_id, chain.lead)
    park = tuple(party for party in parties.values() if party.is_in_park)
    zones = tuple(party for party in parties.values() if party.zone and not party.is_in_park)
    proven = tuple(it for it in links if it.is_in_force and it.level >= rule.evidence_level)
    conditions = (
        Condition(_("firms of the high-tech park"), rule.park_firms, park),
        Condition(_("firms of other zones"), rule.zone_firms, zones),
        Condition(
            _("links in force with evidence of level {level} or more").format(level=rule.evidence_level),
            rule.links,
            tuple(it.link for it in proven),
        ),
    )
    return Standing(chain, day, rule, roles, links, conditions)


def gauge(day, chains=None):
    """The gauge of a day over all chains that count (demonstration chains only where nothing else is there to be counted).

    Five queries, whatever the number of chains."""
    known = rules()
    found = CHAINS.all() if chains is None else chains
    return Gauge(day, tuple(standing(chain, day, known) for chain in found))


def formed_chains(as_of):
    """The figure that the yearly report prints: real chains formed on the day."""
    return gauge(as_of, CHAINS.filter(is_demonstration=False)).formed
