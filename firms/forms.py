"""The editor's forms of an entry: one part of it a page, so that nobody stands before a wall of boxes.

Whatever an editor changes herself is no longer in doubt: saving a field takes its doubt away."""

from decimal import Decimal

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from firms import doubts, merging
from firms.countries import country_codes, country_name, read_countries
from firms.fieldwords import label_of
from firms.models import Firm, Sector
from firms.problems import Refused, tell
from firms.uploads import numbers
from parkportal.dates import of_our_time
from parkportal.text import nfc

FIRST_YEAR, LAST_YEAR = 1945, 2099
SOURCED = ["source", "as_of", "as_of_words", "retrieved_on", "confidence"]


class Lines(forms.CharField):
    """Text of several lines with one kind of line end, whatever the browser sends."""

    widget = forms.Textarea

    def to_python(self, value):
        text = super().to_python(value)
        return nfc(text).replace("\r\n", "\n").replace("\r", "\n") if text else text


class NumberField(forms.DecimalField):
    """A number as people here type it; one with two readings (1.854) is refused with both, never guessed."""

    widget = forms.TextInput

    def prepare_value(self, value):
        if not isinstance(value, Decimal):
            return value
        text = numbers.canonical(value).replace(".", get_format("DECIMAL_SEPARATOR"))
        try:
            numbers.number_of(text)
        except Refused:
            return f"{text}0"  # 16,705 -> 16,7050: read back as it was meant
        return text

    def to_python(self, value):
        if isinstance(value, str) and value.strip():
            try:
                value = numbers.number_of(value)
            except Refused as refused:
                raise forms.ValidationError(tell(refused.key, {"given": value} | refused.values)) from refused
        return super().to_python(value)


class CountriesField(forms.CharField):
    """Countries by name or code, parted by commas; a list of codes."""

    def prepare_value(self, value):
        return ", ".join(country_name(code) for code in value) if isinstance(value, list) else value

    def to_python(self, value):
        if isinstance(value, list):
            return value
        codes, unknown = read_countries(super().to_python(value) or "")
        if unknown:
            message = _("Write the name of a country in Vietnamese or English, or its two letters: %(given)s is none.")
            raise forms.ValidationError(message, params={"given": ", ".join(unknown)})
        return codes

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != (initial or [])
        except forms.ValidationError:
            return True


class FirmByCode(forms.CharField):
    """Another firm by its registry number."""

    def prepare_value(self, value):
        if isinstance(value, int):
            return Firm.objects.filter(pk=value).values_list("code", flat=True).first() or ""
        return value

    def clean(self, value):
        code = (super().clean(value) or "").strip().upper()
        if not code:
            return None
        found = merging.resolve(code) if "\x00" not in code else None
        if found is None:
            raise forms.ValidationError(_("There is no firm with this registry number."))
        return found.firm

    def has_changed(self, initial, data):
        return (self.prepare_value(initial) or "") != (data or "").strip().upper()


class SectorField(forms.ModelChoiceField):
    def label_from_instance(self, sector):
        return f"– {sector.title}" if sector.parent_id else sector.title


def sectors_in_order():
    """Parents with their children after them."""
    return Sector.objects.select_related("parent").order_by(
        models.functions.Coalesce("parent__position", "position"),
        models.functions.Coalesce("parent__name", "name"),
        models.F("parent").asc(nulls_first=True),
        "position",
    )


def formfield(field, **kwargs):
    """The form's field for a model's field: what every form here has in common."""
    if isinstance(field, models.URLField):
        return field.formfield(assume_scheme="https", **kwargs)
    if isinstance(field, models.DateField):
        kwargs["widget"] = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        made = field.formfield(**kwargs)
        made.validators.append(of_our_time)
        return made
    if isinstance(field, models.TextField):
        return field.formfield(form_class=Lines, **kwargs)
    if isinstance(field, models.DecimalField):
        return field.formfield(
            form_class=NumberField, widget=forms.TextInput({"inputmode": "decimal", "class": "short"}), **kwargs
        )
    made = field.formfield(**kwargs)
    if field.choices and field.blank:
        made.choices = [("", _("not stated")), *field.choices]
    if made and field.name.endswith("_year") or field.name == "year":
        made.validators += [MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    return made


class EntryForm(forms.ModelForm):
    """A part of an entry. `seen` is the version of the entry that the editor had before her."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, why in (getattr(self.instance, "unsure", None) or {}).items():
            if name in self.fields:
                told = _("In doubt: {why}. Saving another value here settles it.").format(why=doubts.REASONS.get(why, why))
                self.fields[name].help_text = f"{self.fields[name].help_text} {told}".strip()
        self.shape()

    def shape(self):
        """What a form of one kind changes in its fields."""

    def _post_clean(self):
        super()._post_clean()
        doubts_left = dict(getattr(self.instance, "unsure", None) or {})
        if "unsure" not in self.fields:
            settled = set(self.changed_data) & set(doubts_left)
            if settled:
                self.instance.unsure = {name: why for name, why in doubts_left.items() if name not in settled}


class FirmForm(EntryForm):
    def shape(self):
        if "name" in self.fields:
            self.fields["name"].required = False
        if "tax_code" in self.fields:
            self.fields["tax_code"].max_length = None
            self.fields["tax_code"].validators = []
            self.fields["tax_code"].widget.attrs = {"class": "short", "inputmode": "numeric"}
            self.fields["tax_code"].help_text = _("10 digits, or 13 with a branch. Leave it blank where it is not known.")
        if "country" in self.fields:
            choices = [("", _("not stated")), *country_codes()]
            self.fields["country"] = forms.ChoiceField(choices=choices, required=False, label=label_of(Firm, "country"))
        if "other_countries" in self.fields:
            self.fields["other_countries"] = CountriesField(
                required=False, label=label_of(Firm, "other_countries"), help_text=_("Names or two letters, parted by commas.")
            )
        if "sector" in self.fields:
            self.fields["sector"] = SectorField(
                sectors_in_order(), required=False, label=label_of(Firm, "sector"), empty_label=_("not stated")
            )
        if "moved_to" in self.fields:
            self.fields["moved_to"] = FirmByCode(
                required=False,
                label=label_of(Firm, "moved_to"),
                help_text=_("The registry number of the entry under which the firm goes on, such as DN0000018."),
            )
        for name in ("zone", "high_tech"):
            if name in self.fields and hasattr(self.fields[name], "empty_label"):
                self.fields[name].empty_label = _("not stated")

    def clean_tax_code(self):
        return self.cleaned_data.get("tax_code") or None

    def clean(self):
        values = super().clean()
        if "name" in self.fields and not (values.get("name") or values.get("name_en")) and "name" not in self.errors:
            self.add_error("name", _("Enter the firm's name, in Vietnamese or in English."))
        elif "name" in self.fields and not values.get("name") and "name_en" in values:
            values["name"] = values["name_en"]
        if values.get("moved_to") and values["moved_to"].pk == self.instance.pk:
            self.add_error("moved_to", _("This is the firm's own number. Enter the one of the entry that follows it."))
        return values


class DoubtsForm(EntryForm):
    """Source, day and confidence; and each doubt with its reason: an emptied reason settles it."""

    def shape(self):
        self.doubt_names = []
        for name, why in (self.instance.unsure or {}).items():
            key = f"doubt-{name}"
            self.doubt_names.append((key, name, why))
            self.fields[key] = forms.CharField(
                required=False, max_length=250, initial=str(doubts.REASONS.get(why, why)),
                label=_("In doubt: {field}").format(field=label_of(self.instance, name)),
                help_text=_("Why. Empty it when it is settled."),
            )  # fmt: skip
        names = [(it.name, it.verbose_name) for it in self.instance._meta.concrete_fields if it.editable and not it.primary_key]
        left = [(name, label) for name, label in names if name not in (self.instance.unsure or {}) and name not in UNDOUBTED]
        self.fields["new_doubt"] = forms.ChoiceField(
            required=False, choices=[("", _("nothing more")), *left], label=_("Also in doubt")
        )
        self.fields["new_doubt_reason"] = forms.CharField(required=False, max_length=250, label=_("Why it is in doubt"))

    def clean(self):
        values = super().clean()
        if values.get("new_doubt") and not values.get("new_doubt_reason"):
            self.add_error("new_doubt_reason", _("Say why it is in doubt; readers see it beside the fact."))
        return values

    def _post_clean(self):
        super()._post_clean()
        kept = {}
        for key, name, why in self.doubt_names:
            said = self.cleaned_data.get(key, "")
            if self.add_prefix(key) not in self.data:  # written by somebody else since this page was opened
                kept[name] = why
            elif said:
                kept[name] = why if said == str(doubts.REASONS.get(why, why)) else said
        if self.cleaned_data.get("new_doubt") and self.cleaned_data.get("new_doubt_reason"):
            kept[self.cleaned_data["new_doubt"]] = self.cleaned_data["new_doubt_reason"]
        self.instance.unsure = kept


UNDOUBTED = {*SOURCED, "unsure", "note", "review", "is_public", "confirmed_on"}


class FirmDoubtsForm(DoubtsForm, FirmForm):
    def shape(self):
        FirmForm.shape(self)
        DoubtsForm.shape(self)


def part_form(model, form, fields):
    return forms.modelform_factory(model, form=form, fields=fields, formfield_callback=formfield)


IDENTITY = [
    "name", "name_en", "short_name", "native_name", "tax_code", "capital_type", "country", "other_countries", "parent_company",
]  # fmt: skip
WORK = [
    "zone", "sector", "sector_words", "high_tech", "is_supporting", "status", "status_words", "founded_year", "address",
    "website", "moved_to",
]  # fmt: skip

FIRM_PARTS = {
    "identity": (_("Names and numbers"), part_form(Firm, FirmForm, IDENTITY)),
    "work": (_("Place, line of business, state"), part_form(Firm, FirmForm, WORK)),
    "about": (_("About the firm"), part_form(Firm, FirmForm, ["intro", "intro_en"])),
    "source": (_("Source and visibility"), part_form(Firm, FirmDoubtsForm, [*SOURCED, "note", "is_public"])),
}
NewFirmForm = part_form(
    Firm,
    FirmForm,
    ["name", "name_en", "tax_code", "capital_type", "country", "zone", "sector", "status", "address", "website", "source",
     "as_of", "confidence", "is_public"],
)  # fmt: skip
