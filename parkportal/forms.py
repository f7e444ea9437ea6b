"""What people may change about themselves."""

from django import forms

from parkportal.models import User
from parkportal.text import nfc


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["position", "phone"]
        widgets = {
            "position": forms.TextInput({"autocomplete": "organization-title"}),
            "phone": forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        }

    def clean_position(self):
        return nfc(self.cleaned_data["position"]).strip()
