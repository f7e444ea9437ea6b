"""Agreements, needs of people and training programmes for trying the portal out: invented bodies, marked so wherever they are
seen, counted in no target. Days stand in the file as days from the day on which they are loaded."""

from datetime import timedelta

from django.db import transaction

from linkages.loading import missing, party_named, read, row, stored, without
from linkages.models import Agreement, Commitment, Party, SkillNeed, TrainingProgramme

DAYS = ["signed_on", "starts_on", "ends_on", "due_on", "done_on", "needed_by", "stated_on"]


@transaction.atomic
def load_programme(today):
    """Gives how many agreements, needs and programmes were made."""
    entries, made = read("demonstration_programme.json"), 0
    for entry in missing(Party, entries["parties"]):
        stored(row(Party, without(entry, "key"), is_demonstration=True), entry["key"])
    for entry in missing(Agreement, entries["agreements"]):
        _load_agreement(entry, today)
        made += 1
    for model, name in ((SkillNeed, "needs"), (TrainingProgramme, "programmes")):
        for entry in missing(model, entries[name]):
            stored(
                model(**_dated(without(entry, "key", "party"), today), **_of(entry, "party"), is_demonstration=True), entry["key"]
            )
            made += 1
    return made


def _load_agreement(entry, today):
    fields = _dated(without(entry, "key", "parties", "commitments"), today)
    agreement = stored(Agreement(**fields, is_public=True, is_demonstration=True), entry["key"])
    agreement.parties.set([party_named(f"party:{key}") for key in entry["parties"]])
    for number, said in enumerate(entry["commitments"], 1):
        owner = _of(said, "owner") if "owner" in said else {}
        commitment = Commitment(**_dated(without(said, "owner"), today), **owner, agreement=agreement)
        stored(commitment, f"{entry['key']} {number}")


def _dated(fields, today):
    return {name: today + timedelta(days=value) if name in DAYS else value for name, value in fields.items()}


def _of(entry, name):
    return {name: party_named(f"party:{entry[name]}")}
