"""Which part of the portal's history somebody asks to read."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parkportal.dates import of_our_time
from parkportal.models import User


def a_day():
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class HistoryForm(forms.Form):
    """Person, kind and days; every field may stay empty, and what cannot be read is named above its field."""

    person = forms.ModelChoiceField(User.objects.all(), required=False, label=_("Person"), empty_label=_("Everybody"))
    kind = forms.ChoiceField(required=False, label=_("Kind"))
    since = forms.DateField(required=False, label=_("From"), widget=a_day(), validators=[of_our_time])
    until = forms.DateField(required=False, label=_("Until"), widget=a_day(), validators=[of_our_time])
    object = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)  # with a kind: one object's story
    offset = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)

    def __init__(self, data, models):
        super().__init__(data)
        self.models = {model._meta.model_name: model for model in models}
        names = sorted((str(model._meta.verbose_name), key) for key, model in self.models.items())
        self.fields["kind"].choices = [("", _("Everything"))] + [(key, name[:1].upper() + name[1:]) for name, key in names]

    def one_object(self):
        """The object whose whole story is asked for, or None."""
        self.is_valid()
        model, pk = self.models.get(self.cleaned_data.get("kind")), self.cleaned_data.get("object")
        return model._default_manager.filter(pk=pk).first() if model and pk else None

    def wanted(self):
        """What parkportal.timeline.recent takes; a field that could not be read narrows nothing."""
        self.is_valid()
        given = self.cleaned_data
        until = given.get("until")
        return {
            "kinds": [self.models[given["kind"]]] if given.get("kind") else None,
            "by": given.get("person"),
            "since": _midnight(given.get("since")),
            "until": _midnight(until + timedelta(days=1)) if until else None,
            "offset": given.get("offset") or 0,
        }


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
