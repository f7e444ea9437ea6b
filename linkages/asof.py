"""The day that somebody asks about: today, unless the address names another one that lies behind."""

from django import forms
from django.utils.translation import gettext_lazy as _

from parkportal.dates import of_our_time


class DayForm(forms.Form):
    """`day` is the one asked for; today where none is, where it cannot be read, and where it is still to come."""

    on = forms.DateField(
        required=False, label=_("As of"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), validators=[of_our_time]
    )

    def __init__(self, data, today):
        super().__init__(data if data.get("on") else None)
        self.today = today
        self.initial = {"on": today}

    @property
    def day(self):
        asked = self.cleaned_data.get("on") if self.is_valid() else None
        return min(asked, self.today) if asked else self.today

    @property
    def is_past(self):
        return self.day < self.today
