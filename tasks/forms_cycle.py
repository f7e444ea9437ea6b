"""The form in which a person dates a reporting cycle."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parkportal.dates import of_our_time
from tasks.models import ReportingCycle

DATES = ["opens_on", "cutoff_on", "agencies_due_on", "consolidation_due_on"]


class CycleForm(forms.ModelForm):
    """Year and kind are settled once the cycle exists in agencies' hands; its dates may move as long as it is not closed."""

    class Meta:
        model = ReportingCycle
        fields = ["year", "kind", *DATES, "reading", "is_rolled"]
        widgets = {name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}) for name in DATES} | {
            "reading": forms.RadioSelect
        }
        help_texts = {
            "opens_on": _("From this day on the cycle can be opened; opening it writes every agency's report."),
            "cutoff_on": _(
                "Figures are as of this day. The plan's dates fall before or at the end of the yearly period of Decree "
                "09/2019/NĐ-CP (15 December to 14 December), so figures reported here are provisional; choose the day."
            ),
            "agencies_due_on": _("Part III of the plan: before 10 December."),
            "consolidation_due_on": _("Part III of the plan: before 15 December."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name in DATES:
            self.fields[name].validators.append(of_our_time)
        if self.instance.pk and not self.is_planned:
            del self.fields["year"], self.fields["kind"], self.fields["opens_on"]

    def _get_validation_exclusions(self):
        """The plan is not on the form, yet one cycle a plan, year and kind is a rule that the person must hear in words."""
        return super()._get_validation_exclusions() - {"plan", "year", "kind"}

    @property
    def is_planned(self):
        return self.instance.state == ReportingCycle.State.PLANNED

    def clean_year(self):
        year, plan = self.cleaned_data["year"], self.instance.plan
        if not plan.starts_year <= year <= plan.ends_year:
            raise forms.ValidationError(
                _("The plan runs from %(first)s to %(last)s. Write a year between them."),
                params={"first": plan.starts_year, "last": plan.ends_year},
            )
        return year

    def save(self, commit=True):
        """Changed dates go into the cycle as it is now: what somebody opened or closed meanwhile stays so."""
        if not self.instance.pk:
            return super().save(commit)
        with transaction.atomic():
            cycle = ReportingCycle.objects.select_for_update().get(pk=self.instance.pk)
            if cycle.is_closed:
                raise forms.ValidationError(_("Somebody has just closed this cycle, so its dates stand."))
            for name in self.changed_data:
                setattr(cycle, name, self.cleaned_data[name])
            if self.changed_data:
                cycle.save()
        return cycle

    def clean(self):
        values = super().clean()
        year = values.get("year") or self.instance.year
        due = values.get("agencies_due_on")
        if due and year and due.year not in (year, year + 1):
            self.add_error("agencies_due_on", _("This date lies in another year than the report. Correct the date or the year."))
        cutoff, consolidation = values.get("cutoff_on"), values.get("consolidation_due_on")
        if cutoff and consolidation and cutoff > consolidation:
            self.add_error("cutoff_on", _("Set the data cut-off before the consolidation date."))
        return values
