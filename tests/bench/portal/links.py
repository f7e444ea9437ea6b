"""Adds partners and links to a scratch database that tests.bench.portal.registry has filled with firms:

    DATABASE_URL=… VAR_DIR=… python -m tests.bench.portal.links [links]

Every firm is a partner. Most links run between the park and a few zones, as real ones do. No history is written."""

import json
import os
import random
import sys
from datetime import date, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.portal.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

from firms.models import Edition, Firm  # noqa: E402
from linkages.models import EvidenceLevel, Link, LinkEvidence, Party  # noqa: E402
from parkportal.text import fold, sort_key  # noqa: E402
from tests.bench.portal.registry import PRODUCTS  # noqa: E402

SEED, BATCH = 129, 2000


def fill(links=20_000):
    dice = random.Random(SEED)
    firms = list(Firm.objects.order_by("pk").values_list("pk", "name", "name_en"))
    Party.objects.bulk_create(
        (
            Party(firm_id=pk, name=name, name_en=english, search_text=fold(name, english), sort_key=sort_key(name))
            for pk, name, english in firms
        ),
        batch_size=BATCH,
    )
    parties = list(Party.objects.values_list("pk", flat=True))
    Link.objects.bulk_create((link(dice, parties) for _number in range(links)), batch_size=BATCH)
    LinkEvidence.objects.bulk_create((piece(dice, pk) for pk in Link.objects.values_list("pk", flat=True)), batch_size=BATCH)
    Edition.turn(Edition.NETWORK)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"party": len(parties), "link": links}


def link(dice, parties):
    source, target = dice.sample(parties, 2)
    starts_on = date(2020, 1, 1) + timedelta(days=dice.randint(0, 2300))
    return Link(
        source_party_id=source, target_party_id=target, kind=dice.choice(Link.Kind.values), product=dice.choice(PRODUCTS),
        state=dice.choice([Link.State.RUNNING] * 5 + Link.State.values), starts_on=starts_on,
        value_band=dice.choice(["", *Link.Value.values]), reviewed_on=dice.choice([None, date(2026, 6, 1)]),
        source_confirmed_on=dice.choice([None, date(2026, 5, 1)]), target_confirmed_on=dice.choice([None, date(2026, 5, 1)]),
        is_public=dice.random() < 0.9, is_demonstration=True,
    )  # fmt: skip


def piece(dice, link):
    return LinkEvidence(link_id=link, level=dice.choice(EvidenceLevel.values), title="Tài liệu", dated_on=date(2025, 1, 1))


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)))
