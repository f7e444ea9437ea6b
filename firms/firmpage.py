"""What one firm's page shows: what it makes, its projects and capital, where it is, who says so and since when."""

from dataclasses import dataclass

from django.conf import settings

from firms import doubts, merging
from firms.facts import FIRMS, Around, in_language
from firms.models import Capability, Firm, Review, Zone
from parkportal import annexes

NEIGHBOURS = 4


@dataclass(frozen=True)
class Group:
    """Products, processes, services or inputs, each under its heading."""

    kind: str
    label: str
    rows: list


def resolve(code):
    """The firm that a registry number leads to, with what its page shows; None where the number was never given."""
    found = merging.resolve(code.upper()[:12].replace("\x00", ""))
    return found and FIRMS.get(pk=found.firm.pk)


def context(firm, today, user):
    around = Around(today)
    capabilities = [it for it in firm.capabilities.all() if it.is_public]
    return {
        "firm": firm,
        "today": today,
        "intro": in_language(firm, "intro"),
        "summary": _summary(firm, capabilities),
        "site_url": settings.SITE_URL,
        "rates": around.rates,
        "doubts": doubts.told(firm),
        "groups": [
            Group(kind, label, rows)
            for kind, label in Capability.Kind.choices
            if (rows := [it for it in capabilities if it.kind == kind])
        ],
        "projects": list(firm.projects.all()),
        "names": list(firm.other_names.all()),
        "qualifications": list(firm.qualifications.all()),
        "contacts": list(firm.contacts.filter(consented_on__isnull=False)),
        "years": list(firm.years.filter(is_public=True)),
        "activities": list(firm.activities.all()),
        "is_reviewed": firm.review == Review.REVIEWED,
        "zones": list(Zone.objects.filter(projects__firm=firm).exclude(pk=firm.zone_id).distinct()),
        "neighbours": _neighbours(firm),
        "management": around.officer(firm.zone_id),
        "moved_from": list(firm.moved_from.public()),
        "annexes": annexes.of("firm", firm, user),
    }


def _summary(firm, capabilities):
    """One line for search engines and for whoever is sent the address."""
    parts = [firm.title, firm.zone.title if firm.zone else "", "; ".join(it.title for it in capabilities[:4])]
    return " – ".join(filter(None, parts))


def _neighbours(firm):
    """A few firms of the same sector, those of the same zone first: where a reader may go on from here."""
    if firm.sector_id is None:
        return []
    others = Firm.objects.public().filter(sector=firm.sector_id).exclude(pk=firm.pk).select_related("zone").in_order()
    return sorted(others[:40], key=lambda it: it.zone_id != firm.zone_id)[:NEIGHBOURS]
