"""The forms of needs and offers: for anybody, for the owner behind her link, for officers; and of those who are interested."""

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from firms import gatekeeper
from firms.forms import CountriesField, SectorField, formfield, sectors_in_order
from firms.forms_public import LONGEST_MESSAGE, GuardedForm, quoted, without_links
from linkages import anonymity
from linkages.models import Posting
from linkages.partyfield import PartyField
from parkportal.dates import of_our_time
from parkportal.text import nfc

LONGEST_SUMMARY = 4000
# The texts that everybody reads.
SHOWN = ["title", "title_en", "summary", "summary_en", "requirements", "process", "materials", "partner_sought"]
WHAT = ["direction", "kind", "title", "title_en", "summary", "summary_en", "requirements"]
DETAILS = [
    "sector", "process", "materials", "readiness", "protection", "transfers", "partner_sought", "countries", "deadline",
]  # fmt: skip
ADDRESS_ERRORS = {
    "invalid": gettext_lazy("Write the address as name@example.org."),
    "required": gettext_lazy("Write the address to which the mails go."),
}


class PostingForm(forms.ModelForm):
    """What all three have in common. One language is enough: the other one then shows the same words."""

    use_required_attribute = False

    sector = SectorField(queryset=None, required=False, label=gettext_lazy("Sector"), empty_label=gettext_lazy("not stated"))
    transfers = forms.MultipleChoiceField(
        label=gettext_lazy("Forms of transfer"),
        choices=Posting.Transfer.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    countries = CountriesField(
        label=gettext_lazy("Countries"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("From where a partner may come, parted by commas. Blank: from anywhere."),
    )

    class Meta:
        model = Posting
        fields = [*WHAT, *DETAILS, "owner_words", "contact_name", "contact_email", "is_anonymous", "confidential"]
        formfield_callback = formfield

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["sector"].queryset = sectors_in_order()
        self.fields["title"].label, self.fields["summary"].label = _("Title in Vietnamese"), _("Summary in Vietnamese")
        for name in ("title", "summary", "title_en", "summary_en"):
            # In the reader's language it is asked for; whether the other one stands in for it is for clean() to say.
            self.fields[name].required = name.endswith("_en") == (get_language() == "en")
            self.fields[name].validate = lambda _value: None
        for name in ("direction", "kind"):
            field = self.fields[name]
            self.fields[name] = forms.ChoiceField(
                label=field.label, choices=self.choices_of(name), widget=forms.RadioSelect, required=True,
                error_messages={"required": _("Choose one of them.")},
            )  # fmt: skip
        for name, rows in {"summary": 6, "summary_en": 6, "requirements": 4, "confidential": 4}.items():
            self.fields[name].widget.attrs["rows"] = rows
            self.fields[name].max_length = LONGEST_SUMMARY
        self.fields["summary_en"].label = _("Summary in English")
        self.fields["requirements"].help_text = _("For a need what it must fulfil, for an offer what is better about it.")
        self.fields["process"].help_text = _("As a workshop calls it: CNC milling, injection moulding, SMT assembly …")
        self.fields["materials"].help_text = _("Parted by commas: aluminium, PA66, 316L steel …")
        self.fields["partner_sought"].help_text = _("What kind of firm or body, and for which part.")
        self.fields["deadline"].help_text = _("Leave it blank where there is no day.")
        self.fields["confidential"].help_text = _("What helps the officer to find somebody and nobody else may read.")
        self.fields["is_anonymous"].help_text = _("With the tick, only the officer knows whose it is.")
        self.fields["contact_email"].error_messages |= ADDRESS_ERRORS
        if not self.is_bound and not self.instance.pk:
            self.fields["direction"].initial = self.initial.get("direction")

    @staticmethod
    def choices_of(name):
        if name == "kind":
            return Posting.Kind.choices
        return [("need", _("A need: we look for something")), ("offer", _("An offer: we can give something"))]

    @property
    def names(self):
        """Names that tell whose it is."""
        owner = self.cleaned_data.get("owner") or self.instance.owner
        known = [self.cleaned_data.get("owner_words"), self.cleaned_data.get("contact_name")]
        if owner:
            known += [str(owner), owner.name, owner.name_en, *((owner.firm.name_en, owner.firm.short_name) if owner.firm else ())]
        return [name for name in known if name]

    def clean(self):
        values = super().clean()
        self._lend_language(values)
        is_anonymous = values.get("is_anonymous", True)
        for name in SHOWN:
            is_right = name in self.fields and name not in self.errors
            if is_right and (words := anonymity.objection(values.get(name) or "", is_anonymous, self.names)):
                self.add_error(name, words)
        return {name: nfc(value).strip() if isinstance(value, str) else value for name, value in values.items()}

    def _lend_language(self, values):
        for name, words in [("title", _("Write a title.")), ("summary", _("Write a summary for everybody."))]:
            if name in self.errors or f"{name}_en" in self.errors:
                continue
            if not values.get(name):
                if values.get(f"{name}_en"):
                    values[name] = values[f"{name}_en"]
                else:
                    self.add_error(f"{name}_en" if get_language() == "en" else name, words)
        summary = values.get("summary") or ""
        if summary and len(summary) < 30 and "summary" not in self.errors:
            words = _("Say in two or three sentences what it is about: readers know nothing else of it.")
            self.add_error("summary" if values.get("summary") != values.get("summary_en") else "summary_en", words)


class OwnPostingForm(PostingForm):
    """Behind the owner's link: what she wrote; what it is, a need or an offer, stays."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["direction"]
        for name in ("owner_words", "contact_name", "contact_email"):
            self.fields[name].required = True
        self.fields["contact_name"].label = _("Your name")
        self.fields["contact_email"].label = _("Your e-mail address")
        self.fields["contact_email"].help_text = _("The mail with your own link goes there. It is shown nowhere.")
        if self.instance.owner_id:
            del self.fields["owner_words"]

    def clean_owner_words(self):
        return without_links("owner_words", _("Write a name without a web or e-mail address: {found}."))(self)

    def clean_contact_name(self):
        return without_links("contact_name", _("Write a name without a web or e-mail address: {found}."))(self)


class NewPostingForm(OwnPostingForm):
    """For anybody: guarded, and with the terms. `now` is the moment at which it came."""

    terms = forms.BooleanField(
        label=gettext_lazy("I have read these terms and agree to them."),
        error_messages={"required": gettext_lazy("Read the terms and tick the box; without it nothing can be published.")},
    )

    def __init__(self, data=None, *, now=None, **kwargs):
        self.now = now
        super().__init__(data, **kwargs)
        direction = forms.ChoiceField(
            label=_("Need or offer"), choices=self.choices_of("direction"), widget=forms.RadioSelect,
            initial=self.initial.get("direction"), error_messages={"required": _("Choose one of them.")},
        )  # fmt: skip
        self.fields = {"direction": direction} | self.fields

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"direction"}

    def clean(self):
        for words in gatekeeper.objections(self.data, self.now):
            self.add_error(None, words)
        return super().clean()

    def clean_direction(self):
        self.instance.direction = self.cleaned_data["direction"]
        return self.cleaned_data["direction"]


class OfficersPostingForm(PostingForm):
    """An officer enters or edits one for a party."""

    owner = PartyField(
        label=gettext_lazy("Of"), required=False, help_text=gettext_lazy("Firm or body: name, registry number or tax code.")
    )

    class Meta(PostingForm.Meta):
        fields = [
            *WHAT,
            *DETAILS,
            "owner",
            "owner_words",
            "contact_name",
            "contact_email",
            "is_anonymous",
            "confidential",
            "language",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["direction"]
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of its mails"), choices=[("vi", _("Vietnamese")), ("en", _("English"))], required=True
        )
        self.fields["owner_words"].label = _("Firm or body, as it calls itself")
        self.fields["owner_words"].help_text = _("Where it is not among the partners yet.")
        self.fields["contact_email"].help_text = _("The mails with the owner’s own link go there. Seen by officers only.")

    def clean(self):
        values = super().clean()
        if not self.errors and not values.get("owner") and not values.get("owner_words"):
            self.add_error("owner", _("Say whose it is: choose a partner, or write the name."))
        return values


class ReviewForm(forms.Form):
    """The officer's decision on what waits: until when it is shown, or what is to be changed."""

    expires_on = forms.DateField(
        label=gettext_lazy("Shown until"),
        validators=[of_our_time],
        widget=forms.DateInput({"type": "date", "class": "short"}, format="%Y-%m-%d"),
        required=False,
        help_text=gettext_lazy("Blank: a year from today."),
    )
    note = forms.CharField(
        label=gettext_lazy("What is to be changed"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def clean_note(self):
        return nfc(self.cleaned_data["note"]).strip()


class InterestForm(GuardedForm):
    """Who wants to know more, and why; the officer reads it first."""

    organisation = forms.CharField(
        label=gettext_lazy("Your organisation"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "invalid": gettext_lazy("Write the address as name@example.org."),
            "required": gettext_lazy("Write the address to which the answer goes."),
        },
        help_text=gettext_lazy("It is passed to the other side only when the officer introduces you to each other."),
    )
    message = forms.CharField(
        label=gettext_lazy("What you can do, or what you want to know"),
        min_length=20,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea({"rows": 6}),
        error_messages={"min_length": gettext_lazy("Say in a sentence what you want to know; %(show_value)d signs are too few.")},
    )
    terms = forms.BooleanField(
        label=gettext_lazy("If the officer introduces us, my name, organisation, address and message go to the other side."),
        error_messages={"required": gettext_lazy("Tick the box; without it nobody can be introduced to you.")},
    )

    clean_name = without_links("name", gettext_lazy("Write a name without a web or e-mail address: {found}."))
    clean_organisation = without_links("organisation", gettext_lazy("Write a name without a web or e-mail address: {found}."))

    def clean_message(self):
        text = self.cleaned_data["message"]
        if found := gatekeeper.links_in(text):
            raise forms.ValidationError(
                _("Take the web address out: {found}. If it is no address, put a space after the full stop.").format(
                    found=quoted(found)
                )
            )
        return text


class InterestDecisionForm(forms.Form):
    """What becomes of an expression of interest. The reply goes to who is interested."""

    party = PartyField(
        label=gettext_lazy("Who it is"),
        required=False,
        help_text=gettext_lazy(
            "Firm or body: name, registry number or tax code. Needed to introduce, so that the match can be followed."
        ),
    )
    reply = forms.CharField(
        label=gettext_lazy("A word to both, or why not"), max_length=3000, required=False, widget=forms.Textarea({"rows": 4})
    )

    def clean_reply(self):
        return nfc(self.cleaned_data["reply"]).strip()
