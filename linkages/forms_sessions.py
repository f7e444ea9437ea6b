"""Forms of matching sessions: the officer's, and the answer of whoever is invited."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from firms.forms import CountriesField, SectorField, formfield, sectors_in_order
from linkages import sessions
from linkages.forms_links import OfficersForm
from linkages.forms_programme import RowsForm
from linkages.models import FollowUp, Link, MatchingSession, Meeting, Participant
from linkages.partyfield import PartyField
from parkportal.dates import of_our_time

LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]


def _time():
    return forms.TimeField(required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))


class SessionForm(RowsForm):
    countries = CountriesField(
        label=_("Partner countries"), required=False, max_length=300, help_text=_("From where partners come, parted by commas.")
    )
    rows = [
        ["title"], ["title_en"], ["code", "kind", "countries"], ["topic"], ["topic_en"], ["starts_at", "ends_at"],
        ["slot_minutes", "pause_minutes", "tables", "most_meetings"], ["venue"], ["online_address"], ["organisers"],
        ["minutes"], ["is_public"],
    ]  # fmt: skip

    class Meta:
        model = MatchingSession
        fields = [
            "code", "title", "title_en", "topic", "topic_en", "countries", "kind", "starts_at", "ends_at", "slot_minutes",
            "pause_minutes", "tables", "most_meetings", "venue", "online_address", "organisers", "minutes", "is_public",
        ]  # fmt: skip
        formfield_callback = formfield

    def shape(self):
        self.fields["code"].help_text = _("Short, without blanks: it stands in the address of the page, as KN-2026-11.")
        self.fields["online_address"].help_text = _("Only those who are invited get it.")
        for name in ("topic", "topic_en", "minutes"):
            self.fields[name].widget.attrs["rows"] = 3
        if self.instance.state not in sessions.ON_THE_DAY:
            del self.fields["minutes"]
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            self.fields[name].validators.append(of_our_time)
        for name, least, most in [
            ("slot_minutes", 5, 240),
            ("pause_minutes", 0, 120),
            ("tables", 1, 100),
            ("most_meetings", 1, 50),
        ]:
            was = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=was.label, help_text=was.help_text, initial=was.initial, min_value=least, max_value=most
            )
        if self.instance.pk and self.instance.state != MatchingSession.State.PLANNED:
            # Slots are counted from the beginning: meetings would change their hour without anybody having moved them.
            for name in ("code", "starts_at", "ends_at", "slot_minutes", "pause_minutes", "tables"):
                self.fields[name].disabled = True

    def clean(self):
        values = super().clean()
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if starts and ends and timezone.localdate(starts) != timezone.localdate(ends):
            self.add_error("ends_at", _("A session ends on the day on which it begins."))
        elif starts and ends and ends > starts and ends - starts < timedelta(minutes=values.get("slot_minutes") or 5):
            self.add_error("ends_at", _("There is no time for a single meeting between beginning and end."))
        return values


class ParticipantForm(RowsForm):
    """Who comes for whom, and where the invitation goes. What it answered is noted on a page of its own once it is entered."""

    party = PartyField(label=_("Partner"), help_text=_("Firm or body: name, registry number or tax code."))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    state = forms.ChoiceField(
        label=_("State"), choices=[(it, it.label) for it in (Participant.State.INVITED, Participant.State.CONFIRMED)]
    )
    available_from, available_until = _time(), _time()
    rows = [
        ["party"], ["person", "position"], ["email", "language"], ["side", "state"], ["available_from", "available_until"],
        ["needs_interpreter"],
    ]  # fmt: skip

    class Meta:
        model = Participant
        fields = [
            "party", "person", "position", "email", "language", "needs_interpreter", "side", "state", "available_from",
            "available_until",
        ]  # fmt: skip
        formfield_callback = formfield

    def shape(self):
        self.fields["available_from"].label = _("There from")
        self.fields["available_until"].label = _("There until")
        self.fields["email"].help_text = _("The invitation and the timetable go there.")
        self.fields["email"].error_messages["invalid"] = _("Write the address as name@example.org.")
        self.fields["state"].help_text = _("“Confirmed” where it has told you already that it comes.")
        if self.instance.pk:
            del self.fields["party"], self.fields["state"]

    def clean_party(self):
        party = self.cleaned_data["party"]
        if Participant.objects.filter(session=self.instance.session, party=party).exists():
            raise forms.ValidationError(_("It is among the participants already."))
        return party

    def clean(self):
        return _right_hours(self, super().clean())


def _right_hours(form, values):
    since, until = values.get("available_from"), values.get("available_until")
    if since and until and until <= since:
        form.add_error("available_until", _("It leaves before it comes. Check the two hours."))
    return values


class ManyForm(forms.Form):
    """Several participants at once, beside those that are ticked: numbers or names, one a line."""

    pasted = forms.CharField(
        label=_("Registry numbers, tax codes or names, one a line"), required=False, max_length=20_000,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, data=None):
        super().__init__(data, label_suffix="")


class CandidateForm(forms.Form):
    """Which partners the list shows."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    sector = SectorField(queryset=None, required=False, label=_("Sector"), empty_label=_("all sectors"))

    def __init__(self, data):
        super().__init__(data, label_suffix="")
        self.fields["sector"].queryset = sectors_in_order()


class AnswerForm(forms.ModelForm):
    comes = forms.ChoiceField(
        label=_("Do you come?"), choices=[("yes", _("Yes, we come")), ("no", _("No, we cannot"))], widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you come.")},
    )  # fmt: skip
    available_from, available_until = _time(), _time()

    class Meta:
        model = Participant
        fields = ["comes", "person", "position", "needs_interpreter", "available_from", "available_until", "wishes"]
        formfield_callback = formfield

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        if self.instance.state in (Participant.State.CONFIRMED, Participant.State.DECLINED):
            self.initial.setdefault("comes", "yes" if self.instance.state == Participant.State.CONFIRMED else "no")
        self.fields["available_from"].label = _("There from")
        self.fields["available_until"].label = _("There until")
        self.fields["available_from"].help_text = _("Leave both blank if you are there all the time.")
        others = Participant.objects.filter(session=self.instance.session).exclude(pk=self.instance.pk).exclude(state="declined")
        self.others = {str(it.pk): it for it in sessions.by_name(others.select_related("party__firm"))}
        self.fields["wishes"] = forms.MultipleChoiceField(
            label=_("Whom do you want to meet?"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(pk, f"{it.party.title} ({it.get_side_display()})") for pk, it in self.others.items()],
            initial=[str(it.pk) for it in self.initial.pop("wishes", [])],
        )  # fmt: skip

    def clean_wishes(self):
        return [self.others[pk] for pk in self.cleaned_data["wishes"]]

    def clean(self):
        return _right_hours(self, super().clean())


class PlaceForm(forms.Form):
    """Where a meeting goes; counted from 1, as people do."""

    slot = forms.TypedChoiceField(label=_("Slot"), coerce=int, error_messages={"invalid_choice": _("There is no such slot.")})
    table = forms.IntegerField(
        label=pgettext_lazy("meeting", "Table"), min_value=1, max_value=999, widget=forms.NumberInput({"class": "short"})
    )

    def __init__(self, *args, slots, tables, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["slot"].choices = [(it.number + 1, it.words) for it in slots]
        self.fields["table"].help_text = _("1 to {n}").format(n=tables)


class MeetingForm(PlaceForm):
    first = forms.ModelChoiceField(Participant.objects.none(), label=_("First"), empty_label=_("choose"))
    second = forms.ModelChoiceField(Participant.objects.none(), label=_("Second"), empty_label=_("choose"))
    field_order = ["first", "second", "slot", "table"]

    def __init__(self, *args, coming, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _("choose")), *((it.pk, it.party.title) for it in sessions.by_name(coming))]
        for name in ("first", "second"):
            self.fields[name].queryset, self.fields[name].choices = coming, choices


def _takes_along(match):
    """The tick that takes a meeting's pair along in its pipeline."""
    words = _("The match {match} stands at “{state}” now and goes along: talks and samples make it “met”, a memorandum or a "
              "contract that step; no common ground stops it with your note as the reason. It never goes back.")  # fmt: skip
    return forms.BooleanField(
        label=_("Take the match along in its pipeline"), required=False, initial=True,
        help_text=words.format(match=match, state=match.get_state_display()),
    )  # fmt: skip


class ResultForm(OfficersForm):
    class Meta:
        model = Meeting
        fields = ["result", "value_vnd", "note"]
        formfield_callback = formfield

    def shape(self):
        self.fields["result"] = forms.ChoiceField(
            label=self.fields["result"].label, choices=Meeting.Result.choices, required=False, widget=forms.RadioSelect
        )
        self.fields["note"].widget.attrs["rows"] = 3
        if self.instance.match_id:
            self.fields["moves_match"] = _takes_along(self.instance.match)


class FollowUpForm(OfficersForm):
    class Meta:
        model = FollowUp
        fields = ["outcome", "value_vnd", "note"]
        formfield_callback = formfield

    def shape(self):
        self.fields["note"].widget.attrs["rows"] = 3
        self.fields["outcome"].help_text = _("Where the two stand now; blank if nothing was heard.")
        if self.instance.meeting.match_id:
            self.fields["moves_match"] = _takes_along(self.instance.meeting.match)


class MeetingLinkForm(forms.Form):
    """A signed meeting as a link: what only a person can say of it."""

    source = forms.TypedChoiceField(label=_("Who supplies"), coerce=int, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Kind"), choices=Link.Kind.choices)
    product = forms.CharField(label=_("Product or subject"), max_length=250)

    def __init__(self, data=None, *, meeting):
        super().__init__(data, label_suffix="", prefix="link")
        self.fields["source"].choices = [(it.party_id, it.party.title) for it in (meeting.first, meeting.second)]
