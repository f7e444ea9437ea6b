"""What a firm's page says of its links (parkportal.annexes)."""

from django.db.models import Q

from linkages.models import Link
from parkportal import annexes

MOST = 12  # links on a firm's page; the others stand in the network


def links_of(firm, user):
    """The firm's links that this reader may see, with the firm at the other end."""
    known = Link.objects.all() if getattr(user, "keeps_linkages", False) else Link.objects.public()
    ends = Q(source_party__firm=firm) | Q(target_party__firm=firm)
    found = list(known.filter(ends).with_parties().order_by("state", "-pk")[: MOST + 1])
    if not found:
        return None
    rows = [
        (link, link.target_party, True) if link.source_party.firm_id == firm.pk else (link, link.source_party, False)
        for link in found
    ]
    party = found[0].source_party if found[0].source_party.firm_id == firm.pk else found[0].target_party
    context = {"links": rows[:MOST], "has_more": len(rows) > MOST, "party": party}
    return "linkages/_firm_links.html", context


annexes.register("firm", links_of)
