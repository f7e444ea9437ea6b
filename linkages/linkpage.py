"""What one link's page shows: both ends, what shows that the link exists, who confirmed it, and its story."""

from dataclasses import dataclass

from linkages import linkconfirmations, links
from linkages.models import EvidenceLevel, Link, LinkEvidence
from linkages.network import is_due
from parkportal import timeline


@dataclass(frozen=True)
class Piece:
    """A piece of evidence; everybody sees its level and day, and its name where it can be read in public."""

    row: LinkEvidence
    addresses: list
    is_valid: bool

    @property
    def is_readable(self):
        return bool(self.addresses)


@dataclass(frozen=True)
class Step:
    to: str
    label: str


def link_of(pk, sees_all):
    """The link, if this reader may see it; None otherwise."""
    known = Link.objects.with_parties() if sees_all else Link.objects.public().with_parties()
    return known.filter(pk=pk).first()


def context(link, today):
    rows = list(link.evidence.select_related("added_by", "removed_by"))
    pieces = [Piece(it, addresses_in(it.source), links.is_valid(it, today)) for it in rows]
    level = links.level_of(rows, today)
    return {
        "link": link,
        "pieces": [it for it in pieces if not it.row.removed_at],
        "level": EvidenceLevel.DECLARED if level is None else level,
        "is_due": link.state == Link.State.RUNNING and is_due(link.reviewed_on, today),
        "addresses": addresses_in(link.source),
        "levels": EvidenceLevel.choices,
    }


def officers_context(link, now):
    """What only officers see besides."""
    confirmations = linkconfirmations.sent_of(link, now)
    return {
        "removed": list(link.evidence.exclude(removed_at=None).select_related("removed_by")),
        "steps": [Step(to, Link.State(to).label) for to in links.STEPS[link.state]],
        "confirmations": confirmations,
        "denials": [it for it in confirmations if it.answer == linkconfirmations.Answer.NO],
        "chains": [it.chain for it in link.chain_links.filter(removed_on=None).select_related("chain")],
        "matches": list(link.matches.select_related("need")),
        "events": timeline.of(link, link.evidence.all()),
    }


def addresses_in(source):
    return [line.strip() for line in source.splitlines() if line.strip().startswith(("http://", "https://"))]
