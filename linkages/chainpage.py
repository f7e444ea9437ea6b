"""What the pages of one chain show: for everybody its standing and picture, for officers what they work with."""

from linkages import chaindrawing, chains, formation
from linkages.models import Chain, ChainMember
from parkportal import timeline

STAGES = Chain.Stage.choices


def chain_of(code, is_officer):
    """The chain with all that its standing needs, if this reader may see it; None otherwise."""
    chain = formation.CHAINS.filter(code=code.replace("\x00", "")).first()
    return chain if chain and (chain.is_public or is_officer) else None


def reading(chain, day, is_officer):
    """What everybody reads of a chain."""
    standing = formation.standing(chain, day, formation.rules())
    picture = chaindrawing.draw(standing, is_officer)
    return {"chain": chain, "standing": standing, "picture": picture, "is_officer": is_officer}


def editing(chain, today):
    """What an officer works with. Ended memberships stand below those of today."""
    standing = formation.standing(chain, today, formation.rules())
    levels = {it.link.pk: it for it in standing.links}
    return {
        "chain": chain,
        "standing": standing,
        "today": today,
        "stages": [(value, label, value == chain.stage) for value, label in STAGES],
        "missing_lines": chains.missing_lines(standing),
        "roles": [(it, _members(it, today)) for it in standing.roles],
        "tied": [(it, levels.get(it.link_id)) for it in chain.chain_links.all()],
        "may_tie": list(chains.may_tie(chain)),
        "gone": chains.gone(chain),
        "events": timeline.of(chain, *_rows(chain)),
        "lead_is_no_member": bool(chain.lead_id)
        and not any(member.party_id == chain.lead_id for role in standing.roles for member in role.members),
    }


def _members(role, today):
    """[(membership, whether it holds today)]."""
    there = {it.pk for it in role.members}
    rows = sorted(role.role.members.all(), key=lambda it: (it.pk not in there, it.starts_on))
    return [(it, it.pk in there) for it in rows]


def _rows(chain):
    return [chain.roles.all(), ChainMember.objects.filter(role__chain=chain), chain.chain_links.all()]
