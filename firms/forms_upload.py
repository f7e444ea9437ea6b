"""What an editor says about an upload: the file, the meaning of its columns, the decisions."""

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from firms.problems import Refused
from firms.uploads import columns, guarding
from firms.uploads.numbers import STYLES
from parkportal.dates import of_our_time
from parkportal.text import nfc


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Excel or CSV file"),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv,.txt,.tsv"}),
        error_messages={"required": _("Choose the file that holds the list."), "empty": _("This file is empty.")},
    )

    def clean_file(self):
        """The file, looked at before anything of it is stored; a refusal is told above the field."""
        file = self.cleaned_data["file"]
        try:
            guarding.kind_of(file, guarding.clean_name(file.name))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file


def limits():
    """The limits that the page states."""
    return {
        "size": filesizeformat(guarding.MOST_BYTES),
        "rows": number_format(guarding.MOST_ROWS, force_grouping=True),
        "columns": guarding.MOST_COLUMNS,
    }


class ColumnsForm(forms.Form):
    """One choice for each column of the file, and what holds for all rows."""

    numbers = forms.ChoiceField(
        label=_("Numbers that are text"),
        required=False,
        choices=[
            ("", _("as each cell leaves no doubt; refuse the others")),
            ("vi", _("Vietnamese: 1.854,5")),
            ("en", _("English: 1,854.5")),
        ],
    )
    source = forms.CharField(
        label=_("Source of rows without one"),
        required=False,
        max_length=1000,
        help_text=_("Stands with every new firm of this file: document, number, day."),
    )
    as_of = forms.DateField(
        label=_("As of"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), validators=[of_our_time]
    )

    def __init__(self, data, upload):
        options = upload.mapping.get("options", {})
        super().__init__(data, initial={name: options.get(name, "") for name in ("numbers", "source", "as_of")})
        self.upload = upload
        self.places = []
        choices = meanings()
        for place, column in enumerate(upload.columns):
            name = f"column_{place}"
            self.fields[name] = forms.ChoiceField(
                label=column["heading"] or column_letter(place),
                required=False,
                choices=choices,
                initial=upload.mapping.get(str(place), ""),
            )
            self.places.append((place, name, column))

    def clean_numbers(self):
        value = self.cleaned_data["numbers"]
        return value if value in STYLES else ""

    def clean_source(self):
        return nfc(self.cleaned_data["source"]).strip()

    @property
    def mapping(self):
        chosen = {str(place): self.cleaned_data.get(name, "") for place, name, _column in self.places}
        return {place: meaning for place, meaning in chosen.items() if meaning}

    @property
    def options(self):
        as_of = self.cleaned_data.get("as_of")
        return {
            "numbers": self.cleaned_data.get("numbers", ""),
            "source": self.cleaned_data.get("source", ""),
            "as_of": as_of.isoformat() if as_of else "",
        }

    def rows(self):
        """Letter, heading, sample cells and the field of every column, for the page."""
        for place, name, column in self.places:
            field = self[name]
            yield {"letter": column_letter(place), "heading": column["heading"], "samples": column["samples"], "field": field}


class SheetForm(forms.Form):
    """Where the headings stand, if not where they were found."""

    sheet = forms.CharField(required=False, max_length=120)
    header_row = forms.IntegerField(required=False, min_value=1, max_value=40)


class DecisionForm(forms.Form):
    """A word about one row, or about all rows of a kind."""

    row = forms.IntegerField(required=False, min_value=1, max_value=2_000_000)
    what = forms.CharField(required=False, max_length=40)
    all = forms.ChoiceField(required=False, choices=[("", ""), ("mine", "mine"), ("file", "file")])
    kind = forms.CharField(required=False, max_length=20)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)


def column_letter(place):
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def meanings():
    """Choices for the meaning of a column, by what they belong to; money once for each unit."""
    parts = {
        columns.FIRM: (_("Firm"), []),
        columns.PRODUCTS: (_("Products"), []),
        columns.PROJECT: (_("Project"), []),
        columns.CERTIFICATE: (_("Certificate"), []),
    }
    for column in columns.COLUMNS.values():
        options, label = parts[column.part][1], column.label
        if column.key in columns.MONEY:
            options += [(f"{column.key}:{unit}", f"{label} – {words}") for unit, words in columns.UNIT_LABELS.items()]
            options.append((column.key, f"{label} – {_('the unit stands in the cells')}"))
        elif column.key == "land_ha":
            options += [("land_ha", label), ("land_ha:m2", f"{label} – m²")]
        else:
            options.append((column.key, label))
    return [("", _("– left out –")), *((str(name), options) for name, options in parts.values())]
