"""Forms of the consolidated report: the data of its head, and what must be there to issue it."""

from datetime import timedelta

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from parkportal.dates import of_our_time
from tasks import issuing
from tasks.models import ConsolidatedReport

A_YEAR = timedelta(days=366)
DIRECTOR = "GIÁM ĐỐC"
SIGNING_AS = [
    ("", _("The director herself or himself")),
    ("KT.", _("KT. (a deputy for the director)")),
    ("TL.", _("TL. (by order)")),
    ("TUQ.", _("TUQ. (by delegation)")),
]


class HeadForm(forms.ModelForm):
    """The head while it is a draft: nothing is required yet. Only boxes that this person changed are written."""

    signing_as = forms.ChoiceField(label=_("Signs as"), choices=SIGNING_AS, required=False)

    class Meta:
        model = ConsolidatedReport
        fields = [
            "number",
            "symbol",
            "issued_on",
            "place",
            "addressee",
            "signing_as",
            "signatory_title",
            "signatory_name",
            "recipients",
        ]
        widgets = {
            "issued_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "number": forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
            "recipients": forms.Textarea(attrs={"rows": 4}),
        }
        labels = {"place": _("Place of issue")}
        help_texts = {
            "number": _("Given by the clerk; it can wait until the report is issued."),
            "recipients": _("One a line, without dashes; the last line is the file copy."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True
            field.required = False
        self.fields["issued_on"].validators.append(of_our_time)

    def save_changed(self):
        """Writes the changed boxes into the row as it is now, so that a colleague's other boxes stay."""
        return self._write(self.changed_data)

    def _write(self, names):
        report = ConsolidatedReport.objects.get(pk=self.instance.pk)
        for name in names:
            setattr(report, name, self.cleaned_data[name])
        if names:
            report.save()
        return report

    def clean_symbol(self):
        return self.cleaned_data["symbol"].strip() or ConsolidatedReport._meta.get_field("symbol").default


class IssueForm(HeadForm):
    """The head on the page of issue: everything that the printed document needs."""

    REQUIRED = {
        "number": _("Enter the number under which the clerk registered the report."),
        "issued_on": _("Enter the date of the report."),
        "place": _("Enter the place, such as Đà Nẵng."),
        "addressee": _("Enter to whom the report goes."),
        "signatory_title": _("Enter the signatory's title, such as GIÁM ĐỐC."),
        "signatory_name": _("Enter the signatory's name."),
        "recipients": _("Enter the recipients, one a line."),
    }

    is_number_meant = forms.BooleanField(label=_("Use this number all the same"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, words in self.REQUIRED.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = words
        self.fields["number"].help_text = _("Given by the clerk. Numbers run through a year.")
        for field in self.fields.values():
            field.show_hidden_initial = False
        self.other = None

    def save_changed(self):
        """All of it: the day that the form proposed counts as entered."""
        return self._write(self._meta.fields)

    def clean_recipients(self):
        text = self.cleaned_data["recipients"]
        if blanks := ConsolidatedReport.blanks_in(text):
            raise forms.ValidationError(
                _("Fill in or take out the places that are still open: %(places)s"), params={"places": "; ".join(blanks)}
            )
        return text

    def clean_issued_on(self):
        """A slip of the year would be frozen for good."""
        on, cycle = self.cleaned_data["issued_on"], self.instance.cycle
        if not cycle.opens_on <= on <= cycle.consolidation_due_on + A_YEAR:
            due = date_format(cycle.consolidation_due_on, "SHORT_DATE_FORMAT")
            raise forms.ValidationError(_("Check the year: this report is due by %(due)s."), params={"due": due})
        return on

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("signing_as") and cleaned.get("signatory_title", "").strip().upper() == DIRECTOR:
            self.add_error("signatory_title", _("Enter the title of whoever signs for the director, such as PHÓ GIÁM ĐỐC."))
        number, on = cleaned.get("number"), cleaned.get("issued_on")
        if number and on:
            self.other = issuing.same_number(self.instance, number, on)
            if self.other and not cleaned.get("is_number_meant"):
                self.add_error(
                    "number",
                    forms.ValidationError(
                        _("Number %(number)s was already given to a report in %(year)s. Check it, or confirm it below."),
                        params={"number": self.other.full_number, "year": on.year},
                    ),
                )
        return cleaned
