"""A field's value as its reader sees it, and as JSON keeps it."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import FieldDoesNotExist
from django.db.models import JSONField
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from firms.countries import country_name

NOT_STATED = ("unknown", "unstated")


def shown(instance, name):
    """The value of a field in words; "" where there is none."""
    field = instance._meta.get_field(name)
    value = getattr(instance, name) if field.is_relation else field.value_from_object(instance)
    if value in (None, "", [], {}):
        return ""
    if name in ("country", "other_countries"):
        return ", ".join(country_name(code) for code in ([value] if isinstance(value, str) else value))
    if field.is_relation:
        return str(getattr(value, "title", value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        return number_format(plain_number(value))
    if isinstance(value, dict):
        return "; ".join(f"{label_of(instance, key)}: {why}" for key, why in value.items())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def plain_number(value):
    """170000000.00 -> 170000000, 12.5000 -> 12.5: without the zeros that only the column's width adds."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def label_of(model, name):
    """What a field is called; the name itself where the model has none of that name."""
    try:
        return str(model._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        return name


def is_blank(instance, name):
    """True where the field says nothing: empty, not stated, or a property that nobody has claimed."""
    value = instance._meta.get_field(name).value_from_object(instance)
    return value in (None, "", [], {}, False) or value in NOT_STATED


def as_json(instance, name):
    """The value as JSON can keep it; of a foreign key the other row's number, as text. 16.05 and 16.050000 are one value."""
    field = instance._meta.get_field(name)
    value = field.value_from_object(instance)
    if isinstance(value, Decimal):
        return format(plain_number(value), "f")
    return value if value is None or isinstance(field, JSONField) else field.value_to_string(instance)


def from_json(instance, name, value):
    """Puts a kept value back into the instance."""
    field = instance._meta.get_field(name)
    setattr(instance, field.attname, value if value is None or isinstance(field, JSONField) else field.to_python(value))


def columns(instance):
    """Names of the fields that people can change."""
    return [it.name for it in instance._meta.concrete_fields if it.editable and not it.primary_key]


UNDESCRIBED = {
    "firm", "zone", "project", "source", "unsure", "note", "confidence", "retrieved_on", "is_public", "as_of", "as_of_words",
}  # fmt: skip


def described(row, names=None):
    """A row in one line, to be told from its like: "Tên cũ · former name". What it denies (no, 0) is left out."""
    names = names or [name for name in columns(row) if name not in UNDESCRIBED]
    said = [name for name in names if name != "is_public" and (name == "value" or getattr(row, name) not in (False, 0))]
    texts = [(name, " ".join(shown(row, name).split())[:80]) for name in said]
    return " · ".join(f"{label_of(row, name)} {text}" if _is_bare(row, name) else text for name, text in texts if text)


def _is_bare(row, name):
    """A figure that says nothing without its label: 423,92. A yearly figure has its kind beside it."""
    return isinstance(getattr(row, name), Decimal) and name != "value"
