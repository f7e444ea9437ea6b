"""The officer's forms of the programme: agreements with their commitments, people needed and taught, what blocks a target."""

from django import forms
from django.utils.translation import gettext_lazy as _

from firms.forms import formfield
from linkages.forms_links import SOURCED, OfficersForm
from linkages.models import Agreement, Commitment, SkillNeed, Target, TrainingProgramme
from linkages.partyfield import PartyField
from parkportal.attachments import ACCEPT, check_upload, clean_name, limit_in_words


class RowsForm(OfficersForm):
    """A form that says which boxes stand beside each other; where it comes from is folded away below them."""

    rows = ()

    def wanted(self, **words):
        """What to do where a box that must be filled is blank."""
        for name, said in words.items():
            self.fields[name].error_messages["required"] = said

    @property
    def boxes_in_rows(self):
        return [[self[name] for name in row if name in self.fields] for row in self.rows]

    @property
    def boxes_of_source(self):
        return [self[name] for name in SOURCED if name in self.fields]

    @property
    def is_source_wrong(self):
        return any(name in self.errors for name in SOURCED)


class BlockerForm(OfficersForm):
    class Meta:
        model = Target
        fields = ["blocker"]
        formfield_callback = formfield

    def shape(self):
        self.fields["blocker"].widget.attrs["rows"] = 4
        self.fields["blocker"].help_text = _("Shown to everybody beside the figure, and printed in the report on the phase.")


class AgreementForm(RowsForm):
    """The agreement itself; its parties are named one by one on its page."""

    upload = forms.FileField(
        label=_("Document"), required=False, allow_empty_file=True, widget=forms.FileInput({"accept": ACCEPT})
    )
    rows = [
        ["title"], ["title_en"], ["number", "kind", "term"], ["signed_on", "starts_on", "ends_on"], ["fields"], ["upload"],
        ["is_public"],
    ]  # fmt: skip

    class Meta:
        model = Agreement
        fields = [
            "title", "title_en", "number", "kind", "signed_on", "starts_on", "ends_on", "term", "fields", "is_public", *SOURCED,
        ]  # fmt: skip
        formfield_callback = formfield

    def shape(self):
        self.wanted(title=_("Write the agreement’s title."), kind=_("Choose what kind of agreement it is."))
        self.fields["fields"].widget.attrs["rows"] = 3
        self.fields["ends_on"].help_text = _("Half a year before it, the office is told to ask whether it is to be renewed.")
        kept = _("Now: {name}. Another file takes its place.").format(name=self.instance.file_name) if self.instance.file else ""
        words = _("At most {limit}. Read by officers and by boards that are a party.").format(limit=limit_in_words())
        self.fields["upload"].help_text = f"{kept} {words}".strip()
        self.fields["is_public"].help_text = _("Everybody reads title, parties, days and commitments; never the document.")

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload:
            check_upload(upload)
            self.instance.file, self.instance.file_name = upload, clean_name(upload.name)
        return upload


class PartyNameForm(forms.Form):
    party = PartyField(label=_("Party"), help_text=_("Firm or body: name, registry number or tax code."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)


class CommitmentForm(RowsForm):
    owner = PartyField(label=_("Owed by"), required=False, help_text=_("Firm or body: name, registry number or tax code."))
    rows = [["text"], ["owner"], ["due_on", "state", "done_on"], ["evidence"]]

    class Meta:
        model = Commitment
        fields = ["text", "owner", "due_on", "state", "done_on", "evidence"]
        formfield_callback = formfield

    def shape(self):
        self.fields["text"].widget.attrs["rows"] = self.fields["evidence"].widget.attrs["rows"] = 3
        self.wanted(text=_("Write what is owed."))
        self.fields["evidence"].help_text = _("What shows that it was done: number and day of a document, or its address.")

    def clean(self):
        values = super().clean()
        is_done = values.get("state") == Commitment.State.DONE
        if is_done and not values.get("done_on") and "done_on" not in self.errors:
            self.add_error("done_on", _("Say on which day it was done."))
        if values.get("done_on") and not is_done:
            self.add_error("done_on", _("Only what is done has this day. Choose “done” or leave the day blank."))
        if is_done and not values.get("evidence"):
            self.add_error("evidence", _("Say what shows that it was done."))
        return values


class SkillNeedForm(RowsForm):
    party = PartyField(label=_("Firm"), help_text=_("Firm or body: name, registry number or tax code."))
    rows = [["party"], ["skill", "skill_en"], ["level", "number", "needed_by"], ["stated_on"], ["is_public"]]

    class Meta:
        model = SkillNeed
        fields = ["party", "skill", "skill_en", "level", "number", "needed_by", "stated_on", "is_public"]
        formfield_callback = formfield

    def shape(self):
        self.wanted(skill=_("Write which skill the firm looks for."), level=_("Choose the level."))
        self.wanted(number=_("Write how many people."), stated_on=_("Write on which day the firm stated it."))
        self.fields["skill"].help_text = _("As the firm says it: “5-axis CNC operation”. Programmes are found by these words.")
        self.fields["number"].min_value, self.fields["number"].widget.attrs["min"] = 1, 1


class ProgrammeForm(RowsForm):
    party = PartyField(label=_("School"), help_text=_("Firm or body: name, registry number or tax code."))
    rows = [["party"], ["name", "name_en"], ["skills"], ["level", "places"], ["is_public"], ["source"]]

    class Meta:
        model = TrainingProgramme
        fields = ["party", "name", "name_en", "skills", "level", "places", "is_public", "source"]
        formfield_callback = formfield

    def shape(self):
        self.wanted(name=_("Write the programme’s name."), skills=_("Write what graduates can do."), level=_("Choose the level."))
        self.fields["skills"].widget.attrs["rows"] = 3
        self.fields["skills"].help_text = _("What graduates can do, parted by commas. Needs of firms are found by these words.")
        self.fields["source"].widget.attrs["rows"] = 2
