"""Loads what public pages say of linkages out of fixtures/linkages/.

As with the registry (firms.loading) only what is missing is created, and whether a row was loaded before is read from its
history, which nobody can change. A firm is named by its key in fixtures/registry/firms.json and found under whatever name and
number it has today, through every merge; where the registry was not loaded, what hangs on its firms is left for the next time."""

import json
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from firms import merging
from firms.loading import REASON as REGISTRY
from firms.models import Authority, Capability, Firm, Zone
from linkages.models import Link, LinkEvidence, Party, Target

FIXTURES = settings.BASE_DIR / "fixtures" / "linkages"
# The pages that tell of the scheme; the decision itself was not found in public.
SCHEME = ["https://bnews.vn/da-nang-lien-ket-voi-cac-khu-kinh-te-khu-cong-nghiep-mien-trung/281564.html"]
REASON = "fixtures/linkages"  # why a row was written, as its history tells it, with its key
INVENTED = f"{REASON} demo-"  # how that begins for rows of the demonstration: no public source says them


def read(name):
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"), parse_float=Decimal)


@transaction.atomic
def load_all():
    """Numbers of rows created, by what they are."""
    counts = load_links(read("links.json")) | {"targets": len(load_targets(read("targets.json")))}
    return counts | (load_inputs(read("imports.json")) if settings.DEMONSTRATION else {})


def load_targets(entries):
    """What the programme promises; the decision's number and the pages that tell of it stand with each."""
    common = {"document": "Quyết định 129/QĐ-UBND", "confidence": "high", "retrieved_on": "2026-11-22", "source": SCHEME}
    return [
        stored(row(Target, common | without(entry, "key"), key=entry["key"]), entry["key"]) for entry in missing(Target, entries)
    ]


def load_links(entries):
    """Bodies outside the registry, links, and what shows that they exist."""
    bodies = load_parties(entries["parties"])
    counts = {"partners": len(bodies), "links": 0, "pieces of evidence": 0}
    for entry in missing(Link, entries["links"]):
        ends = {side: party_named(entry[side]) for side in ("source_party", "target_party")}
        if None in ends.values():
            continue
        link = stored(row(Link, without(entry, "key", "evidence", *ends), is_public=True, **ends), entry["key"])
        for number, piece in enumerate(entry["evidence"], 1):
            stored(row(LinkEvidence, piece, link=link), f"{entry['key']} {number}")
        counts["links"] += 1
        counts["pieces of evidence"] += len(entry["evidence"])
    return counts


def load_inputs(entries):
    """Invented firms of the park and what they buy: nobody has told it of a real one. The directory does not show them."""
    park = Zone.objects.filter(kind=Zone.Kind.HIGH_TECH_PARK).first()
    firms = missing(Firm, entries) if park else []
    for entry in firms:
        status = {"status": Firm.Status.OPERATING, "is_public": False, "is_demonstration": True}
        firm = stored(row(Firm, without(entry, "key", "inputs"), zone=park, **status), entry["key"])
        for number, fields in enumerate(entry["inputs"], 1):
            stored(row(Capability, fields, firm=firm, kind=Capability.Kind.INPUT), f"{entry['key']} {number}")
    return {"inputs (demonstration)": sum(len(entry["inputs"]) for entry in firms)}


def load_parties(entries):
    authorities = {authority.key: authority for authority in Authority.objects.all()}
    found = []
    for entry in missing(Party, entries):
        authority = authorities.get(entry.get("authority"))
        if authority and Party.objects.filter(authority=authority).exists():
            continue
        found.append(stored(row(Party, without(entry, "key", "authority"), authority=authority), entry["key"]))
    return found


# What every part of the fixtures needs ------------------------------------------------------------------------------
def missing(model, entries):
    """The entries that were never loaded."""
    loaded = set(
        model.history.filter(history_type="+", history_change_reason__startswith=f"{REASON} ").values_list(
            "history_change_reason", flat=True
        )
    )
    return [entry for entry in entries if f"{REASON} {entry['key']}" not in loaded]


def party_named(name):
    """firm:F047 (a key of the registry's fixture), party:sabeco (of ours) or authority:dseza; None where it was not loaded."""
    what, key = name.split(":", 1)
    if what == "firm":
        record = Firm.history.filter(history_type="+", history_change_reason=f"{REGISTRY} {key}").first()
        firm = record and Firm.objects.filter(pk=record.id).first()
        return Party.objects.of_firm(merging.final_of(firm)) if firm else None
    if what == "authority":
        return Party.objects.filter(authority__key=key).first()
    record = Party.history.filter(history_type="+", history_change_reason=f"{REASON} {key}").first()
    party = record and Party.objects.filter(pk=record.id).first()
    return party or Party.objects.filter(authority__key=key).first()


def row(model, fields, **objects):
    """An unsaved row. Dates and numbers are read as their columns read them; sources stand one on a line."""
    values = {name: model._meta.get_field(name).to_python(value) for name, value in fields.items() if name != "source"}
    return model(source="\n".join(fields.get("source", [])), **values, **objects)


def stored(instance, key):
    instance._change_reason = f"{REASON} {key}"
    instance.save()
    return instance


def without(entry, *names):
    return {name: value for name, value in entry.items() if name not in names}
