"""The forms that anybody may send: corrections, a firm's own entry, questions to a firm, saved searches."""

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms import gatekeeper, proposals
from parkportal.text import nfc

LONGEST_MESSAGE = 3000
ENTRY = "entry_"  # before the names of an entry's own boxes, beside which the sender's name stands
MOST_LINKS = 3  # in a correction: a source or two prove it
MOST_PHONES = 2  # in a question: one's own


def quoted(found):
    return ", ".join(f"“{one[:60]}”" for one in found[:3])


class GuardedForm(forms.Form):
    """A form for everybody. `now` is None where the gatekeeper has nothing to say (a page behind a signed link)."""

    def __init__(self, data=None, *, now=None, **kwargs):
        super().__init__(data, **kwargs)
        self.now = now

    def clean(self):
        if self.now:
            for words in gatekeeper.objections(self.data, self.now):
                self.add_error(None, words)
        return {name: nfc(value).strip() if isinstance(value, str) else value for name, value in super().clean().items()}


def without_links(field, label_in_words):
    """A check for short fields (a name, an organisation), in which nobody needs a link."""

    def check(form):
        text = form.cleaned_data[field]
        if found := gatekeeper.links_in(text) + gatekeeper.emails_in(text):
            raise forms.ValidationError(label_in_words.format(found=quoted(found)))
        return text

    return check


class SenderForm(GuardedForm):
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}), required=False
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": gettext_lazy("Write the address as name@example.org.")},
    )

    clean_name = without_links("name", gettext_lazy("Write a name without a web or e-mail address: {found}."))


def proposed_fields(target, names):
    """Boxes with what stands in the entry. What they held when the page was opened comes back with them, so that somebody
    else's change meanwhile is not taken for a proposal."""
    made = {}
    for name in names:
        field = target._meta.get_field(name)
        options = {"required": not field.blank, "show_hidden_initial": True, "initial": proposals.current(target, name)}
        if isinstance(field, models.URLField):
            options["assume_scheme"] = "https"
        if isinstance(field, models.PositiveSmallIntegerField):
            options |= {"min_value": 1900, "max_value": 2100}
        if isinstance(field, models.TextField):
            options["widget"] = forms.Textarea({"rows": 4})
        made[f"{ENTRY}{name}"] = field.formfield(**options)
    return made


class ProposalForm(GuardedForm):
    """Boxes for an entry's public fields; `proposed` holds what was changed in them, as text."""

    def __init__(self, data=None, *, target, **kwargs):
        super().__init__(data, **kwargs)
        self.target = target
        self.fields |= proposed_fields(target, proposals.plain_fields(target))
        self.entry_names = [name for name in self.fields if name.startswith(ENTRY)]

    @property
    def proposed(self):
        changed = [name for name in self.entry_names if name in self.changed_data]
        values = {name.removeprefix(ENTRY): self.cleaned_data[name] for name in changed}
        return {name: "" if value is None else str(value) for name, value in values.items()}

    @property
    def entry(self):
        return [self[name] for name in self.entry_names]

    @property
    def entry_is_touched(self):
        """Whether the boxes of the entry must stand open."""
        return self.is_bound and any(name in self.changed_data or name in self.errors for name in self.entry_names)


class CorrectionForm(ProposalForm, SenderForm):
    message = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("Say what should stand there, and where one can read it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("Only if you want an answer. Nobody but the registry’s editors sees it.")

    def clean_message(self):
        text = self.cleaned_data["message"]
        if len(found := gatekeeper.links_in(text)) > MOST_LINKS:
            raise forms.ValidationError(
                _("Leave at most {most} web addresses in the message; it has {found}.").format(most=MOST_LINKS, found=len(found))
            )
        return text

    def clean(self):
        values = super().clean()
        if not self.errors and not values.get("message") and not self.proposed:
            self.add_error("message", _("Say what is wrong, or change a field below."))
        return values


class OwnEntryForm(ProposalForm):
    """A firm's own entry, behind its signed link: also its lists, its spare capacity and its contact."""

    products = forms.CharField(
        label=gettext_lazy("Products"), required=False, max_length=6000, widget=forms.Textarea({"rows": 5})
    )
    processes = forms.CharField(
        label=gettext_lazy("Processes and services"), required=False, max_length=6000, widget=forms.Textarea({"rows": 5})
    )
    person = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=120)
    position = forms.CharField(label=gettext_lazy("Position"), required=False, max_length=120)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        max_length=254,
        error_messages={"invalid": gettext_lazy("Write the address as name@example.org.")},
    )
    phone = forms.CharField(label=gettext_lazy("Telephone"), required=False, max_length=60)
    consent = forms.BooleanField(
        label=gettext_lazy("The directory may show this contact, and questions of visitors may be passed on to it."),
        required=False,
        help_text=gettext_lazy(
            "Without this tick the contact stays with the authority. The consent can be taken back at any time."
        ),
    )
    message = forms.CharField(
        label=gettext_lazy("A word to the editor"),
        required=False,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in proposals.LISTS:
            self.fields[name].initial = proposals.current(self.target, name)
            self.fields[name].show_hidden_initial = True
            self.fields[name].help_text = _("One a line.")
        for name, value in proposals.contact_of(self.target).items():
            self.fields[name].initial = value
        self.spare_names = {}
        for one in self.target.capabilities.all():
            if one.is_public and one.kind in [kind for kinds in proposals.LISTS.values() for kind in kinds]:
                name = f"spare_{one.pk}"
                self.spare_names[name] = f"{proposals.SPARE}{one.pk}"
                self.fields[name] = forms.IntegerField(
                    label=one.title,
                    min_value=0,
                    max_value=100,
                    required=False,
                    initial=one.spare_percent,
                    show_hidden_initial=True,
                    error_messages=dict.fromkeys(
                        ["min_value", "max_value", "invalid"], _("Write a whole number between 0 and 100 (percent).")
                    ),
                )

    @property
    def proposed(self):
        found, values = super().proposed, self.cleaned_data
        found |= {name: "\n".join(proposals.lines(values[name])) for name in proposals.LISTS if name in self.changed_data}
        for name, key in self.spare_names.items():
            if name in self.changed_data:
                found[key] = "" if values[name] is None else str(values[name])
        contact = {name: values[name] for name in [*proposals.CONTACT, "consent"]}
        if any(name in self.changed_data for name in contact):
            found["contact"] = contact
        return found

    @property
    def lists(self):
        return [self[name] for name in proposals.LISTS]

    @property
    def spare(self):
        return [self[name] for name in self.spare_names]

    @property
    def contact(self):
        return [self[name] for name in proposals.CONTACT]

    def clean(self):
        values = super().clean()
        for name in proposals.LISTS:
            if long := [line for line in proposals.lines(values.get(name, "")) if len(line) > 300]:
                self.add_error(name, _("Keep each line under 300 characters: {line}…").format(line=long[0][:40]))
        return values


class EnquiryForm(SenderForm):
    organisation = forms.CharField(
        label=gettext_lazy("Your organisation"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    message = forms.CharField(
        label=gettext_lazy("Your message"),
        min_length=20,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea({"rows": 7}),
        error_messages={"min_length": gettext_lazy("Say in a sentence what you want to know; %(show_value)d signs are too few.")},
        help_text=gettext_lazy("Without web and e-mail addresses: they are what spam is made of, so the portal passes none on."),
    )
    terms = forms.BooleanField(
        label=gettext_lazy("I have read these terms and agree to them."),
        error_messages={"required": gettext_lazy("Read the terms and tick the box; without it nothing can be passed on.")},
    )
    field_order = ["name", "organisation", "email", "message", "terms"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = self.fields["email"].required = True
        self.fields["email"].help_text = _("The answer goes there. It is passed on with your message and shown nowhere.")

    clean_organisation = without_links("organisation", gettext_lazy("Write a name without a web or e-mail address: {found}."))

    def clean_message(self):
        text = self.cleaned_data["message"]
        if found := gatekeeper.links_in(text):
            raise forms.ValidationError(
                _("Take the web address out: {found}. If it is no address, put a space after the full stop.").format(
                    found=quoted(found)
                )
            )
        if found := gatekeeper.emails_in(text):
            raise forms.ValidationError(
                _("Take the e-mail address out: {found}. Your own stands in its field and is passed on.").format(
                    found=quoted(found)
                )
            )
        if len(found := gatekeeper.phones_in(text)) > MOST_PHONES:
            raise forms.ValidationError(
                _("Leave at most {n} telephone numbers in the message; it has {found}.").format(n=MOST_PHONES, found=len(found))
            )
        return text


class AnswerForm(forms.Form):
    """The firm's answer, on the page behind its link, and the officer's."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"), required=False, max_length=6000, widget=forms.Textarea({"rows": 8})
    )

    def clean_answer(self):
        return nfc(self.cleaned_data["answer"]).strip()


class AddressForm(forms.Form):
    """Where a confirmation link or a question is sent. The page offers the registry's addresses as <datalist id="addresses">."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"list": "addresses"}),
        error_messages={
            "invalid": gettext_lazy("Write the address as name@example.org."),
            "required": gettext_lazy("Write the address to which the mail goes."),
        },
    )


class SavedSearchForm(GuardedForm):
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "invalid": gettext_lazy("Write the address as name@example.org."),
            "required": gettext_lazy("Write the address to which the mails go."),
        },
    )


class ReplyForm(forms.Form):
    """What the editor writes back to the sender of a correction."""

    reply = forms.CharField(
        label=gettext_lazy("Reply to the sender"), required=False, max_length=3000, widget=forms.Textarea({"rows": 4})
    )

    def clean_reply(self):
        return nfc(self.cleaned_data["reply"]).strip()
