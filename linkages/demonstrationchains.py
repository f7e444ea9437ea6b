"""Chains for trying the portal out: invented, marked so wherever they are seen, and counted nowhere.

Firms of the registry stand in them with what they publish of themselves; between two real firms a link is never more than
possible, unless a public page tells of it (fixtures/linkages/links.json)."""

from django.db import transaction

from linkages import chains
from linkages.loading import REASON, missing, party_named, read, row, stored, without
from linkages.models import Chain, ChainLink, ChainMember, ChainRole, Link, LinkEvidence, Party


@transaction.atomic
def load_chains():
    """Gives how many chains were made. One whose lead was not loaded is left for the next time; members likewise."""
    entries = read("demonstration.json")
    for entry in missing(Party, entries["parties"]):
        stored(row(Party, without(entry, "key"), is_demonstration=True), entry["key"])
    for entry in missing(Link, entries["links"]):
        _load_link(entry)
    made = [_load_chain(entry) for entry in missing(Chain, entries["chains"])]
    return sum(made)


def _load_link(entry):
    ends = {side: party_named(entry[side]) for side in ("source_party", "target_party")}
    if None in ends.values():
        return
    link = stored(
        row(Link, without(entry, "key", "evidence", *ends), is_public=True, is_demonstration=True, **ends), entry["key"]
    )  # fmt: skip
    for number, piece in enumerate(entry["evidence"], 1):
        stored(row(LinkEvidence, piece, link=link), f"{entry['key']} {number}")


def _load_chain(entry):
    lead = party_named(entry["lead"])
    if lead is None:
        return 0
    chain = _plain(Chain, without(entry, "key", "lead", "roles", "links"), code=chains.next_code(), lead=lead)
    chain.is_public = chain.is_demonstration = True
    stored(chain, entry["key"])
    for place, said in enumerate(entry["roles"]):
        key = f"{entry['key']} {place + 1}"
        role = stored(_plain(ChainRole, without(said, "members"), chain=chain, position=place), key)
        for number, member in enumerate(said["members"], 1):
            if party := party_named(member["party"]):
                stored(_plain(ChainMember, without(member, "party"), role=role, party=party), f"{key} {number}")
    for said in entry["links"]:
        if link := _link_named(said["link"]):
            stored(_plain(ChainLink, without(said, "link"), chain=chain, link=link), f"{entry['key']} {said['link']}")
    return 1


def _link_named(key):
    record = Link.history.filter(history_type="+", history_change_reason=f"{REASON} {key}").first()
    return record and Link.objects.filter(pk=record.id).first()


def _plain(model, fields, **objects):
    """An unsaved row of a model that names no source."""
    return model(**{name: model._meta.get_field(name).to_python(value) for name, value in fields.items()}, **objects)
