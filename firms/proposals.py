"""What an outsider may propose to change in an entry: how each thing stands, what it is called, how it is taken over.

A proposal is stored as text: {key: [what stands, what it should be]}. Keys are names of fields; a firm speaking of itself may
also propose its lists ("products", "processes": one a line), its spare capacity ("spare:<capability>") and its contact."""

import hashlib
import json

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from firms.models import Capability, Confidence, Contact, Correction, Firm, Zone
from parkportal.text import nfc

FIRM_FIELDS = [
    "name", "name_en", "short_name", "native_name", "tax_code", "status", "founded_year", "address", "website", "intro",
    "intro_en",
]  # fmt: skip
ZONE_FIELDS = [
    "name", "name_en", "location", "developer", "decision", "established_year", "state", "website", "infrastructure",
    "infrastructure_en", "incentives", "incentives_en",
]  # fmt: skip
LISTS = {
    "products": [Capability.Kind.PRODUCT],
    "processes": [Capability.Kind.PROCESS, Capability.Kind.SERVICE],
}
CONTACT = ["person", "position", "email", "phone"]
SPARE = "spare:"


def plain_fields(target):
    return FIRM_FIELDS if isinstance(target, Firm) else ZONE_FIELDS


def lines(text):
    """The lines of a list, tidied, each once."""
    return list(dict.fromkeys(" ".join(line.split()) for line in nfc(text).splitlines() if line.strip()))


def current(target, key):
    """How the thing stands now, as text (a contact as a dictionary)."""
    if key in LISTS:
        return "\n".join(one.name for one in target.capabilities.all() if one.kind in LISTS[key] and one.is_public)
    if key == "contact":
        return contact_of(target)
    if key.startswith(SPARE):
        spare = next((one.spare_percent for one in target.capabilities.all() if str(one.pk) == key[len(SPARE) :]), None)
        return "" if spare is None else str(spare)
    value = getattr(target, key)
    return "" if value is None else str(value)


def contact_of(firm):
    """The firm's first contact as the firm may see and change it."""
    contact = next(iter(firm.contacts.all()), None) or Contact()
    return {name: getattr(contact, name) for name in CONTACT} | {"consent": contact.consented_on is not None}


def label(target, key):
    if key.startswith(SPARE):
        name = next((one.title for one in target.capabilities.all() if str(one.pk) == key[len(SPARE) :]), "")
        return _("Spare capacity (%): {name}").format(name=name)
    named = {"products": _("Products"), "processes": _("Processes and services"), "contact": _("Contact")}
    return named.get(key) or str(target._meta.get_field(key).verbose_name)


def shown(target, key, value):
    """The value as people read it."""
    if isinstance(value, dict):
        consent = _("may be shown") if value.get("consent") else _("not to be shown")
        told = [value.get(name) for name in CONTACT if value.get(name)]
        return "\n".join([*told, consent]) if told else ""
    if key in LISTS or key.startswith(SPARE):
        return value
    choices = dict(target._meta.get_field(key).choices or [])
    return str(choices.get(value, value))


def fingerprint(value):
    """A short sign of how a thing stood when somebody looked at it."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def changes(target, proposed):
    """{key: [what stands, what it should be]} for what differs."""
    found = {key: [current(target, key), value] for key, value in proposed.items()}
    return {key: pair for key, pair in found.items() if pair[0] != pair[1]}


def reason(words, **values):
    """A reason for the history, which is read in Vietnamese."""
    with override("vi"):
        return _(words).format(**values)[:100]


def locked(target):
    """The firm or zone under a lock, with what belongs to it read afresh."""
    rows = Firm.objects.prefetch_related("capabilities", "contacts") if isinstance(target, Firm) else Zone.objects
    return rows.select_for_update().get(pk=target.pk)


def take_over(target, fields, origin, by, why, now):
    """Writes the proposed values into a locked firm or zone, with history; ValidationError names the field that does not fit."""
    plain = {key: pair[1] for key, pair in fields.items() if key in plain_fields(target)}
    for key, text in plain.items():
        setattr(target, key, _cleaned(target, key, text))
        target.unsure.pop(key, None)
    if plain:
        others = [field.name for field in target._meta.fields if field.name not in plain]
        target.clean_fields(exclude=others)
        target.clean()
        target.validate_unique(exclude=others)
        _save(target, by, why)
    for key, (before, after) in fields.items():
        if key in LISTS:
            _take_list(target, LISTS[key], lines(before), lines(after), origin, by, why, now)
        elif key == "contact":
            _take_contact(target, after, by, why, now)
        elif key.startswith(SPARE):
            _take_spare(target, key, after, by, why)


def _cleaned(target, key, text):
    field = target._meta.get_field(key)
    options = {"assume_scheme": "https"} if isinstance(field, models.URLField) else {}
    try:
        value = field.formfield(required=not field.blank, **options).clean(text)
    except ValidationError as error:
        raise ValidationError({key: error.messages}) from None
    return nfc(value).strip() if isinstance(value, str) else value


def _save(row, by, why):
    row._history_user, row._change_reason = by, why
    row.save()


def _take_list(firm, kinds, before, after, origin, by, why, now):
    """Adds what is new and hides what is gone; what somebody else wrote into the list meanwhile stays."""
    rows = [one for one in firm.capabilities.all() if one.kind in kinds]
    for one in rows:
        if one.is_public and one.name in before and one.name not in after:
            one.is_public = False
            _save(one, by, why)
    for name in after:
        if name in before:
            continue
        hidden = next((one for one in rows if one.name == name), None)
        if hidden and not hidden.is_public:
            hidden.is_public = True
            _save(hidden, by, why)
        elif not hidden:
            sure = Confidence.HIGH if origin == Correction.Origin.FIRM else Confidence.MEDIUM
            day = timezone.localdate(now)
            new = Capability(firm=firm, kind=kinds[0], name=name[:300], source=why, as_of=day, confidence=sure)
            _save(new, by, why)


def _take_contact(firm, values, by, why, now):
    contact = next(iter(firm.contacts.all()), None) or Contact(firm=firm)
    for name in CONTACT:
        setattr(contact, name, values.get(name, ""))
    if not values.get("consent"):
        contact.consented_on = None
    elif contact.consented_on is None:
        contact.consented_on = timezone.localdate(now)
    _save(contact, by, why)


def _take_spare(firm, key, text, by, why):
    row = next((one for one in firm.capabilities.all() if str(one.pk) == key[len(SPARE) :]), None)
    if row is None:
        raise ValidationError(_("The capability whose spare capacity is told is gone; leave it out."))
    row.spare_percent = int(text) if text else None
    _save(row, by, why)
