"""The officer's forms of partners, links and their evidence, and the answer of whoever is asked to confirm one."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from firms.countries import country_codes
from firms.forms import formfield
from linkages.models import EvidenceLevel, Link, LinkConfirmation, LinkEvidence, Party
from linkages.partyfield import PartyField
from parkportal.attachments import ACCEPT, check_upload, limit_in_words
from parkportal.dates import of_our_time
from parkportal.text import nfc

SOURCED = ["source", "as_of", "as_of_words", "retrieved_on", "confidence", "note"]


class OfficersForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.shape()

    def shape(self):
        """What a form of one kind changes in its fields."""


class LinkForm(OfficersForm):
    """A link. How it goes on is said by its steps (links.move); only a new one is given a state here."""

    source_party = PartyField(label=_("Who supplies"), help_text=_("Firm or body: name, registry number or tax code."))
    target_party = PartyField(label=_("Who takes"), help_text=_("Firm or body: name, registry number or tax code."))

    class Meta:
        model = Link
        fields = [
            "source_party", "target_party", "kind", "product", "product_en", "state", "starts_on", "ends_on", "value_band",
            *SOURCED,
        ]  # fmt: skip
        formfield_callback = formfield

    def shape(self):
        if self.instance.pk:
            del self.fields["state"]
        self.fields["kind"].error_messages["required"] = _("Choose what kind of link it is.")
        self.fields["value_band"].help_text = _("Seen by officers only.")
        self.fields["note"].help_text = _("Seen by officers only.")

    def clean(self):
        values = super().clean()
        state = values.get("state", self.instance.state)
        if values.get("ends_on") and state != Link.State.ENDED:
            self.add_error("ends_on", _("Only a link that has ended has a last day. Choose “ended” or leave the day blank."))
        return values


class PartyForm(OfficersForm):
    """A body that is not in the registry: a school, an institute, a board, a firm from elsewhere."""

    class Meta:
        model = Party
        fields = ["name", "name_en", "kind", "authority", "country", "place", "website", "email", "phone", "is_public", *SOURCED]
        formfield_callback = formfield

    def shape(self):
        choices = [("", _("not stated")), *country_codes()]
        self.fields["country"] = forms.ChoiceField(choices=choices, required=False, label=self.fields["country"].label)
        self.fields["kind"].help_text = _("“Firm” is for firms from elsewhere: those of our zones stand in the registry.")
        self.fields["authority"].empty_label = pgettext_lazy("authority", "none")
        self.fields["authority"].help_text = _("For a board of zones: its people then see the agreements that it is a party of.")
        for name in ("email", "phone", "note"):
            self.fields[name].help_text = _("Seen by officers only.")

    def clean(self):
        values = super().clean()
        if values.get("authority") and values.get("kind") != Party.Kind.BOARD:
            self.add_error("authority", _("Only a board of zones manages zones. Choose that kind, or none here."))
        return values


class EvidenceForm(OfficersForm):
    """A piece of evidence: a file, or where it can be read, or both."""

    upload = forms.FileField(label=_("File"), required=False, allow_empty_file=True, widget=forms.FileInput({"accept": ACCEPT}))

    class Meta:
        model = LinkEvidence
        fields = ["level", "title", "upload", "source", "dated_on", "valid_until", "note"]
        formfield_callback = formfield

    def shape(self):
        self.fields["level"] = forms.TypedChoiceField(
            choices=EvidenceLevel.choices, coerce=int, label=self.fields["level"].label, widget=forms.RadioSelect,
            help_text=_("A chain counts links from the level on that its rule of formation names."),
        )  # fmt: skip
        self.fields["title"].error_messages["required"] = _("Name the document: its kind, number and day.")
        self.fields["upload"].help_text = _(
            "PDF, Word, Excel or PowerPoint, or a JPG or PNG picture; at most {limit}. Seen by officers only."
        ).format(limit=limit_in_words())
        self.fields["source"].widget.attrs["rows"] = 2
        self.fields["source"].help_text = _("An address or the number of a document. An address is shown to everybody.")
        self.fields["note"].help_text = _("Seen by officers only.")

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload:
            check_upload(upload)
        return upload

    def clean(self):
        values = super().clean()
        if not values.get("upload") and not values.get("source") and "upload" not in self.errors:
            self.add_error("source", _("Attach the file, or say where the document can be found."))
        if values.get("dated_on") and values.get("valid_until") and values["valid_until"] < values["dated_on"]:
            self.add_error("valid_until", _("It runs out before its own date. Check the two days."))
        return values


class MoveForm(forms.Form):
    """A step of a link: where to, from which day on, and why."""

    to = forms.ChoiceField(choices=Link.State.choices, widget=forms.HiddenInput)  # said by the button
    on = forms.DateField(
        label=_("On"), validators=[of_our_time], widget=forms.DateInput({"type": "date", "class": "short"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=_("Why"), max_length=100, required=False)

    def clean_reason(self):
        return nfc(self.cleaned_data["reason"]).strip()


class AskForm(forms.Form):
    """To which side, and to which address, the question whether a link exists is sent."""

    side = forms.ChoiceField(
        label=_("Whom to ask"), choices=LinkConfirmation.Side.choices, widget=forms.RadioSelect, initial="source"
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "invalid": _("Write the address as name@example.org."),
            "required": _("Write the address to which the mail goes."),
        },
    )


class AnswerForm(forms.Form):
    remark = forms.CharField(
        label=_("Remark"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What is not right, or what has changed. The officer reads it; nobody else does."),
    )

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.is_right = bool(data) and data.get("answer") == "yes"

    def clean(self):
        values = super().clean()
        values["remark"] = nfc(values.get("remark", "")).replace("\x00", "").strip()
        if self.data.get("answer") not in ("yes", "no"):
            self.add_error(None, _("Choose one of the two answers."))
        elif not self.is_right and not values["remark"]:
            self.add_error("remark", _("Say in a few words what is not right, so that the officer can correct it."))
        return values
