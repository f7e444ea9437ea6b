"""Needs and offers for trying the portal out: some of the labelled set, invented and marked so wherever they are seen."""

from datetime import timedelta

from django.utils import timezone

from firms.models import Sector
from linkages import loading, market
from linkages.models import Posting

PLAIN = ["direction", "kind", "title", "title_en", "summary", "summary_en", "requirements", "process", "materials", "readiness",
         "protection", "transfers", "countries", "language"]  # fmt: skip


def load_postings(now):
    """The pairs that the file names for it, once; gives how many were made."""
    data = loading.read("matching.json")
    named = [it for it in [*data["needs"], *data["offers"]] if it["key"] in data["demonstration"]]
    sectors = {sector.key: sector for sector in Sector.objects.all()}
    today, made = timezone.localdate(now), 0
    for place, entry in enumerate(loading.missing(Posting, named)):
        posting = Posting(sector=sectors.get(entry.get("sector")), is_demonstration=True, is_anonymous=True)
        for name in PLAIN:
            if name in entry:
                setattr(posting, name, entry[name])
        posting.state = Posting.State.PUBLISHED
        posting.published_on = today - timedelta(days=3 * place)
        posting.expires_on = posting.published_on + market.PUBLISHED_FOR
        market.create(posting, None, now, reason=f"{loading.REASON} {entry['key']}")
        made += 1
    return made
