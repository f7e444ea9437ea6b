"""Forms of matching sessions: the officer's, and the answer of whoever is invited."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from firms.forms import formfield
from linkages.forms_links import OfficersForm
from linkages.models import FollowUp, MatchingSession, Meeting, Participant
from linkages.partyfield import PartyField
from parkportal.dates import of_our_time

LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]


def _time():
    return forms.TimeField(required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))


class SessionForm(OfficersForm):
    class Meta:
        model = MatchingSession
        fields = [
            "code", "title", "title_en", "topic", "topic_en", "kind", "starts_at", "ends_at", "slot_minutes", "pause_minutes",
            "tables", "most_meetings", "venue", "online_address", "organisers", "is_public",
        ]  # fmt: skip
        formfield_callback = formfield

    def shape(self):
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            self.fields[name].validators.append(of_our_time)
        for name, least, most in [
            ("slot_minutes", 5, 240),
            ("pause_minutes", 0, 120),
            ("tables", 1, 100),
            ("most_meetings", 1, 50),
        ]:
            self.fields[name] = forms.IntegerField(label=self.fields[name].label, min_value=least, max_value=most)
        if self.instance.pk and self.instance.state != MatchingSession.State.PLANNED:
            # Slots are counted from the beginning: meetings would change their hour without anybody having moved them.
            for name in ("code", "starts_at", "ends_at", "slot_minutes", "pause_minutes", "tables"):
                self.fields[name].disabled = True

    def clean(self):
        values = super().clean()
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if starts and ends and timezone.localdate(starts) != timezone.localdate(ends):
            self.add_error("ends_at", _("A session ends on the day on which it begins."))
        elif starts and ends and ends - starts < timedelta(minutes=values.get("slot_minutes") or 5):
            self.add_error("ends_at", _("There is no time for a single meeting between beginning and end."))
        return values


class ParticipantForm(OfficersForm):
    party = PartyField(label=_("Partner"), help_text=_("Firm or body: name, registry number or tax code."))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    available_from, available_until = _time(), _time()

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
        if self.instance.pk:
            del self.fields["party"]

    def clean_party(self):
        party = self.cleaned_data["party"]
        if Participant.objects.filter(session=self.instance.session, party=party).exists():
            raise forms.ValidationError(_("It is among the participants already."))
        return party


class AnswerForm(forms.ModelForm):
    comes = forms.ChoiceField(
        label=_("Do you come?"), choices=[("yes", _("Yes, we come")), ("no", _("No, we cannot"))], widget=forms.RadioSelect
    )
    available_from, available_until = _time(), _time()

    class Meta:
        model = Participant
        fields = ["comes", "person", "position", "needs_interpreter", "available_from", "available_until", "wishes"]
        formfield_callback = formfield

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["available_from"].label = _("There from")
        self.fields["available_until"].label = _("There until")
        others = Participant.objects.filter(session=self.instance.session).exclude(pk=self.instance.pk).exclude(state="declined")
        wishes = self.fields["wishes"] = forms.ModelMultipleChoiceField(
            others.select_related("party__firm"), label=_("Whom do you want to meet?"), required=False,
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        wishes.label_from_instance = lambda it: it.party.title


class PlaceForm(forms.Form):
    """Where a meeting goes; counted from 1, as people do."""

    slot = forms.IntegerField(label=_("Slot"), min_value=1, max_value=999)
    table = forms.IntegerField(label=_("Table"), min_value=1, max_value=999)


class MeetingForm(PlaceForm):
    first = forms.ModelChoiceField(Participant.objects.none(), label=_("First"))
    second = forms.ModelChoiceField(Participant.objects.none(), label=_("Second"))
    field_order = ["first", "second", "slot", "table"]

    def __init__(self, *args, coming, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["first"].queryset = self.fields["second"].queryset = coming


class ResultForm(OfficersForm):
    class Meta:
        model = Meeting
        fields = ["result", "note", "value_vnd"]
        formfield_callback = formfield


class FollowUpForm(OfficersForm):
    class Meta:
        model = FollowUp
        fields = ["outcome", "value_vnd", "note"]
        formfield_callback = formfield
