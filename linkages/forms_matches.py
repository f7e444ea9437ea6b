"""The officer's forms of a pair: the verdict, a step with what comes next, a pair that he saw himself."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms.forms import NumberField
from linkages.models import Match, Posting
from linkages.partyfield import PartyField
from parkportal.dates import of_our_time
from parkportal.text import nfc


class CleanWords(forms.Form):
    """Texts in composed form, without blanks around them."""

    def clean(self):
        return {name: nfc(value).strip() if isinstance(value, str) else value for name, value in super().clean().items()}


class VerdictForm(CleanWords):
    key = forms.CharField(max_length=30)
    verdict = forms.ChoiceField(choices=[("fits", ""), ("unfit", "")])
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300, required=False)


class NextForm(CleanWords):
    next_step = forms.CharField(
        label=gettext_lazy("Next step"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Who does what: send a sample, call the plant manager …"),
    )
    next_due = forms.DateField(
        label=gettext_lazy("Due on"),
        required=False,
        validators=[of_our_time],
        widget=forms.DateInput({"type": "date", "class": "short"}, format="%Y-%m-%d"),
    )
    value_vnd = NumberField(
        label=gettext_lazy("Value (billion VND)"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=3,
        widget=forms.TextInput({"inputmode": "decimal", "class": "short"}),
        help_text=gettext_lazy("Of the contract or what is expected; seen by officers only."),
    )


class StepForm(CleanWords):
    """Where to, from which step the page was shown, and the reason where it stops."""

    seen = forms.ChoiceField(choices=Match.State.choices, widget=forms.HiddenInput)
    to = forms.ChoiceField(
        choices=Match.State.choices, widget=forms.HiddenInput, error_messages={"required": gettext_lazy("Choose a step.")}
    )
    reason = forms.CharField(label=gettext_lazy("Why it stops"), max_length=300, required=False)


class PairForm(CleanWords):
    """A pair that the officer saw himself: an offer by its number, or a firm or body."""

    offer = forms.CharField(
        label=gettext_lazy("Number of the offer"), max_length=12, required=False, help_text=gettext_lazy("CB00012")
    )
    party = PartyField(label=gettext_lazy("or a firm or body"), required=False)

    def clean_offer(self):
        code = self.cleaned_data["offer"].strip().upper()
        if not code:
            return None
        offer = Posting.objects.offers().filter(code=code).first()
        if offer is None:
            raise forms.ValidationError(_("There is no offer with this number."))
        return offer

    def clean(self):
        values = super().clean()
        if not self.errors and bool(values.get("offer")) == bool(values.get("party")):
            self.add_error("offer", _("Name either an offer or a firm."))
        return values
