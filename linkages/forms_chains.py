"""The officer's forms of chains, roles, members and the rule; and the application of whoever wants to join."""

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from firms import gatekeeper, taxcodes
from firms.forms import formfield
from firms.forms_public import LONGEST_MESSAGE, GuardedForm, quoted, without_links
from linkages.forms_links import OfficersForm
from linkages.models import Chain, ChainRole, EvidenceLevel, FormationRule
from linkages.partyfield import PartyField
from parkportal.dates import of_our_time
from parkportal.models import User
from parkportal.text import nfc

MOST = 50  # firms or links that a rule may ask for
DEEPEST = 9  # tiers
# Words that mean something else elsewhere in the portal.
FIELD, TIER, DECISION = pgettext_lazy("chain", "Field"), pgettext_lazy("chain", "Tier"), pgettext_lazy("chain", "Decision")


def day_field(label, **options):
    return forms.DateField(
        label=label,
        validators=[of_our_time],
        widget=forms.DateInput({"type": "date", "class": "short"}, format="%Y-%m-%d"),
        **options,
    )


class ChainForm(OfficersForm):
    lead = PartyField(
        label=gettext_lazy("Lead firm"), required=False,
        help_text=gettext_lazy("Firm or body: name, registry number or tax code. Blank while nobody leads yet."),
    )  # fmt: skip

    class Meta:
        model = Chain
        fields = ["name", "name_en", "field", "summary", "summary_en", "lead"]
        labels = {"field": FIELD}
        formfield_callback = formfield


class WorkForm(OfficersForm):
    """Who looks after the chain, what stands in its way, and on what decision it rests."""

    class Meta:
        model = Chain
        fields = ["officer", "blocker", "decision"]
        labels = {"decision": DECISION}
        formfield_callback = formfield

    def shape(self):
        keepers = User.objects.filter(role__in=[User.Role.EDITOR, User.Role.ADMINISTRATOR], is_active=True)
        self.fields["officer"].queryset = keepers | User.objects.filter(pk=self.instance.officer_id)
        self.fields["officer"].empty_label = _("nobody yet")
        self.fields["officer"].help_text = _("Gets the applications of firms by mail.")
        self.fields["blocker"].help_text = _("Seen by officers only.")
        self.fields["decision"].help_text = _("Number and day of the decision or plan that names the chain.")


class RoleForm(OfficersForm):
    class Meta:
        model = ChainRole
        fields = ["name", "name_en", "description", "description_en", "tier", "needed", "is_required", "position"]
        labels = {"tier": TIER}
        formfield_callback = formfield

    def shape(self):
        self.fields["tier"].help_text = _("0 leads the chain, 1 supplies the lead, 2 supplies tier 1, and so on.")
        self.fields["tier"].max_value = DEEPEST
        self.fields["tier"].widget.attrs |= {"max": DEEPEST, "class": "short"}
        self.fields["needed"].widget.attrs |= {"min": 1, "max": MOST, "class": "short"}
        self.fields["position"].label = _("Place among the roles of its tier")
        self.fields["position"].required = False
        self.fields["position"].widget.attrs["class"] = "short"
        self.fields["description"].help_text = _("What a firm must be able to do. Everybody reads it once the role is published.")

    def clean_tier(self):
        return self._at_most("tier", 0, DEEPEST)

    def clean_needed(self):
        return self._at_most("needed", 1, MOST)

    def clean_position(self):
        return self.cleaned_data["position"] or 0

    def _at_most(self, name, least, most):
        number = self.cleaned_data[name]
        if not least <= number <= most:
            raise forms.ValidationError(_("Enter a number from {least} to {most}.").format(least=least, most=most))
        return number


class MemberForm(forms.Form):
    party = PartyField(label=gettext_lazy("Partner"), help_text=gettext_lazy("Firm or body: name, registry number or tax code."))
    starts_on = day_field(gettext_lazy("From"), help_text=gettext_lazy("The first day on which it plays the role."))
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=250, required=False, help_text=gettext_lazy("Seen by officers only.")
    )

    def clean_note(self):
        return nfc(self.cleaned_data["note"]).replace("\x00", "").strip()


class LastDayForm(forms.Form):
    last_day = day_field(gettext_lazy("Last day"))


class TieForm(forms.Form):
    """Which of the links that may be taken belongs to the chain, and from which day on."""

    link = forms.ModelChoiceField(
        label=gettext_lazy("Link"), queryset=None, empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a link.")},
    )  # fmt: skip
    added_on = day_field(gettext_lazy("From"))

    def __init__(self, *args, links, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["link"].queryset = links
        self.fields["link"].label_from_instance = self.words

    @staticmethod
    def words(link):
        about = [link.get_kind_display(), link.subject, link.get_state_display()]
        return f"{link.source_party.title} → {link.target_party.title} ({', '.join(filter(None, about))})"


class RuleForm(OfficersForm):
    class Meta:
        model = FormationRule
        fields = ["starts_on", "park_firms", "zone_firms", "links", "evidence_level", "basis"]
        formfield_callback = formfield

    def __init__(self, *args, today, **kwargs):
        self.today = today
        super().__init__(*args, **kwargs)

    def shape(self):
        self.fields["evidence_level"] = forms.TypedChoiceField(
            choices=EvidenceLevel.choices, coerce=int, label=self.fields["evidence_level"].label, widget=forms.RadioSelect
        )
        for name in ("park_firms", "zone_firms", "links"):
            self.fields[name].widget.attrs |= {"max": MOST, "class": "short"}
        self.fields["starts_on"].help_text = _("Today or later: how earlier days were judged does not change.")
        self.fields["basis"].help_text = _("Number and day of the document that sets it.")

    def clean_starts_on(self):
        day = self.cleaned_data["starts_on"]
        if day < self.today:
            words = _("Choose {today} or a later day: past days keep the rule that held then.")
            raise forms.ValidationError(words.format(today=date_format(self.today, "SHORT_DATE_FORMAT")))
        return day

    def clean(self):
        values = super().clean()
        for name in ("park_firms", "zone_firms", "links"):
            if values.get(name) is not None and values[name] > MOST:
                self.add_error(name, _("Enter a number from {least} to {most}.").format(least=0, most=MOST))
        if not any(values.get(name) for name in ("park_firms", "zone_firms", "links")) and not self.errors:
            self.add_error(None, _("A rule that asks for nothing would call every chain formed. Ask for at least one thing."))
        return values

    def validate_unique(self):
        """A second rule of one day takes the first one's place (rules.set_rule)."""


# Joining -------------------------------------------------------------------------------------------------------------
class ApplicationForm(GuardedForm):
    """What a firm without an account says that wants to play an open role."""

    firm_name = forms.CharField(
        label=gettext_lazy("Firm or organisation"), max_length=250, widget=forms.TextInput({"autocomplete": "organization"})
    )
    tax_code = forms.CharField(
        label=gettext_lazy("Tax code"), max_length=40, required=False, widget=forms.TextInput({"class": "short"}),
        help_text=gettext_lazy("10 or 13 digits; blank for a firm that is not registered in Vietnam."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"}),
        help_text=gettext_lazy("The officer answers there. It is shown nowhere."),
        error_messages={
            "invalid": gettext_lazy("Write the address as name@example.org."),
            "required": gettext_lazy("Write the address to which the mails go."),
        },
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "class": "short"}),
    )
    message = forms.CharField(
        label=gettext_lazy("What you can contribute"), max_length=LONGEST_MESSAGE, widget=forms.Textarea({"rows": 6}),
        help_text=gettext_lazy("What you make or do, how much of it, and with which machines and certificates."),
    )  # fmt: skip
    clean_firm_name = without_links("firm_name", gettext_lazy("Write a name without a web or e-mail address: {found}."))
    clean_name = without_links("name", gettext_lazy("Write a name without a web or e-mail address: {found}."))

    def clean_tax_code(self):
        given = self.cleaned_data["tax_code"].strip()
        read = taxcodes.read(given)
        if given and not read.is_valid:
            raise forms.ValidationError(read.message)
        return read.code

    def clean_message(self):
        text = self.cleaned_data["message"]
        if found := gatekeeper.links_in(text):
            words = _("Take the web address out: {found}. If it is no address, put a space after the full stop.")
            raise forms.ValidationError(words.format(found=quoted(found)))
        return text


class HandleForm(forms.Form):
    """What the officer makes of an application."""

    party = PartyField(
        label=gettext_lazy("Partner"), required=False,
        help_text=gettext_lazy("Whom the application comes from: firm or body by name, registry number or tax code."),
    )  # fmt: skip
    joins = forms.BooleanField(label=gettext_lazy("It becomes a member of the chain"), required=False, initial=True)
    starts_on = day_field(gettext_lazy("From"), required=False)
    reply = forms.CharField(
        label=gettext_lazy("Reply to the applicant"), required=False, max_length=3000, widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("Goes out by mail as it stands here."),
    )  # fmt: skip
    officer_note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=3000, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Seen by officers only."),
    )  # fmt: skip

    def clean(self):
        values = super().clean()
        return {
            name: nfc(value).replace("\x00", "").strip() if isinstance(value, str) else value for name, value in values.items()
        }
