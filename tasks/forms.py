"""What officers fill in: a row of progress, the cover part, evidence and contributions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from parkportal.attachments import check_upload
from parkportal.dates import of_our_time
from parkportal.text import whole_number
from tasks.contributions import agencies_to_ask
from tasks.models import Agency, AgencyReport, Contribution, Progress
from tasks.status import REPORTABLE, State


class BoxesForm(forms.Form):
    """Boxes of one object on a page that carries many: names are prefixed, and what is not posted is not touched."""

    def written(self):
        """{box: value} of the posted boxes that could be read; the others are in `errors` and stay as stored."""
        self.full_clean()
        return {name: self.cleaned_data[name] for name in self.cleaned_data if self.add_prefix(name) in self.data}


def text_box(label, rows=3, **attrs):
    return forms.CharField(
        label=label, required=False, strip=False, widget=forms.Textarea(attrs={"rows": rows, "class": "box"} | attrs)
    )


class ProgressForm(BoxesForm):
    """One row: how far the task is and what was done, in the words of its lead agency."""

    state = forms.ChoiceField(
        label=Progress._meta.get_field("state").verbose_name,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the states in the list.")},
    )
    percent = forms.IntegerField(
        label=Progress._meta.get_field("percent").verbose_name,
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "num"}),
        error_messages=dict.fromkeys(
            ["invalid", "min_value", "max_value"], _("Write the percentage as a whole number from 0 to 100.")
        ),
    )
    completed_on = forms.DateField(
        label=Progress._meta.get_field("completed_on").verbose_name,
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        validators=[of_our_time],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day of completion as day/month/year.")},
    )
    results = text_box(Progress._meta.get_field("results").verbose_name, 4)
    obstacles = text_box(Progress._meta.get_field("obstacles").verbose_name, 2)
    causes = text_box(Progress._meta.get_field("causes").verbose_name, 2)
    proposals = text_box(Progress._meta.get_field("proposals").verbose_name, 2)
    next_directions = text_box(Progress._meta.get_field("next_directions").verbose_name, 2)

    def __init__(self, *args, row, today, **kwargs):
        super().__init__(*args, prefix=f"r{row.pk}", initial={name: getattr(row, name) for name in self.base_fields}, **kwargs)
        self.today = today
        now = [State(row.state)] if row.state and row.state not in REPORTABLE else []
        self.fields["state"].choices = [("", _("Choose a state"))] + [(s.value, s.label) for s in [*REPORTABLE, *now]]

    def written(self):
        """A state that only the consolidator gives was on the page when it was opened; posting it along is no choice."""
        written = super().written()
        if self.data.get(self.add_prefix("state")) in set(State.values) - set(REPORTABLE):
            written.pop("state", None)
            self.errors.pop("state", None)
        return written

    def clean_completed_on(self):
        day = self.cleaned_data["completed_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("Write a day that is not after today."))
        return day


class CoverForm(BoxesForm):
    """The part of an agency's report that speaks of the whole year."""

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, prefix="c", initial={name: getattr(report, name) for name in AgencyReport.COVER}, **kwargs)
        for name in AgencyReport.COVER:
            self.fields[name] = text_box(AgencyReport._meta.get_field(name).verbose_name, 3)
            self.initial[name] = getattr(report, name)


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class EvidenceForm(forms.Form):
    """Files that show a result, checked by what is in them."""

    file = forms.FileField(required=False, allow_empty_file=True, widget=SeveralFilesInput(attrs={"multiple": True}))

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, prefix=f"r{row.pk}", **kwargs)

    def checked(self):
        """[(upload, content type or None, what is wrong or None)] for every file chosen."""
        uploads = self.files.getlist(self.add_prefix("file")) if self.files else []
        checked = []
        for upload in uploads:
            try:
                checked.append((upload, check_upload(upload), None))
            except forms.ValidationError as error:
                checked.append((upload, None, error.messages[0]))
        return checked


class AgenciesField(forms.ModelMultipleChoiceField):
    """Several agencies; a value that no key can be is unknown like any other that is not offered."""

    def clean(self, value):
        for one in value or []:
            if whole_number(one) is None:
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": one})
        return super().clean(value)


class ContributionForm(forms.ModelForm):
    """What the lead asks of other agencies about one row."""

    agencies = AgenciesField(
        label=_("Coordinating agencies named by the plan"),
        queryset=Agency.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other = forms.ModelChoiceField(
        label=_("Another agency"), queryset=Agency.objects.none(), required=False, empty_label=_("none")
    )

    class Meta:
        model = Contribution
        fields = ["question", "due_on"]
        widgets = {
            "question": forms.Textarea(attrs={"rows": 4}),
            "due_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }

    def __init__(self, *args, row, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.row, self.today = row, today
        self.named, self.others = agencies_to_ask(row, today)
        self.fields["agencies"].queryset = self.named
        self.fields["other"].queryset = self.others
        self.fields["due_on"].input_formats = ["%Y-%m-%d", "%d/%m/%Y"]
        self.fields["due_on"].validators.append(of_our_time)
        self.fields["question"].required = True
        self.fields["question"].error_messages["required"] = _("Write what you want to know from them.")
        self.fields["due_on"].error_messages["required"] = _("Choose the day by which you need the answer.")

    def clean_due_on(self):
        day, last_day = self.cleaned_data["due_on"], self.row.report.cycle.agencies_last_day
        if day < self.today:
            raise forms.ValidationError(_("Choose today or a later day."))
        if day > last_day and self.today <= last_day:
            raise forms.ValidationError(_("Choose a day not after the agencies' last day, so that the answer can be used."))
        return day

    def clean(self):
        values = super().clean()
        chosen = list(values.get("agencies") or [])
        if values.get("other"):
            chosen.append(values["other"])
        if not chosen and "agencies" not in self.errors and "other" not in self.errors:
            self.add_error("agencies", _("Choose at least one agency."))
        values["chosen"] = chosen
        return values


class AnswerForm(forms.Form):
    """A coordinating agency's answer."""

    answer = forms.CharField(
        label=Contribution._meta.get_field("answer").verbose_name,
        widget=forms.Textarea(attrs={"rows": 10, "class": "box"}),
        error_messages={"required": _("Write your agency's answer, or that it has nothing to add.")},
    )
