"""The officer's forms of the programme: agreements with their commitments, people needed and taught, what blocks a target."""

from django import forms
from django.utils.translation import gettext_lazy as _

from firms.forms import formfield
from linkages.forms_links import SOURCED, OfficersForm
from linkages.models import Agreement, Commitment, SkillNeed, Target, TrainingProgramme
from linkages.partyfield import PartyField


class BlockerForm(OfficersForm):
    class Meta:
        model = Target
        fields = ["blocker"]
        formfield_callback = formfield


class AgreementForm(OfficersForm):
    """The agreement itself; its parties are named one by one on its page."""

    class Meta:
        model = Agreement
        fields = [
            "title", "title_en", "number", "kind", "signed_on", "starts_on", "ends_on", "term", "fields", "is_public", *SOURCED,
        ]  # fmt: skip
        formfield_callback = formfield


class PartyNameForm(forms.Form):
    party = PartyField(label=_("Party"), help_text=_("Firm or body: name, registry number or tax code."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)


class CommitmentForm(OfficersForm):
    owner = PartyField(label=_("Owed by"), required=False, help_text=_("Firm or body: name, registry number or tax code."))

    class Meta:
        model = Commitment
        fields = ["text", "owner", "due_on", "state", "done_on", "evidence"]
        formfield_callback = formfield

    def clean(self):
        values = super().clean()
        if values.get("state") == Commitment.State.DONE and not values.get("done_on"):
            self.add_error("done_on", _("Say on which day it was done."))
        return values


class SkillNeedForm(OfficersForm):
    party = PartyField(label=_("Firm"), help_text=_("Firm or body: name, registry number or tax code."))

    class Meta:
        model = SkillNeed
        fields = ["party", "skill", "skill_en", "level", "number", "needed_by", "stated_on", "is_public"]
        formfield_callback = formfield


class ProgrammeForm(OfficersForm):
    party = PartyField(label=_("School"), help_text=_("Firm or body: name, registry number or tax code."))

    class Meta:
        model = TrainingProgramme
        fields = ["party", "name", "name_en", "skills", "level", "places", "is_public", "source"]
        formfield_callback = formfield
