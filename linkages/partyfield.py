"""The box in which a partner is named: a firm by its name, registry number or tax code, or a body that is not in the registry.

Where the words may mean several, the form comes back with all of them to choose from; no script is needed for it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from linkages import partners
from linkages.models import Party
from parkportal.text import fold


class PartyInput(forms.TextInput):
    """The words, and below them whom they may mean. `candidates` are set by the field when it cannot tell."""

    template_name = "linkages/widgets/party.html"

    def __init__(self, attrs=None):
        super().__init__({"autocomplete": "off", "maxlength": 200} | (attrs or {}))
        self.candidates, self.chosen, self.is_unknown = [], None, False

    def __deepcopy__(self, memo):
        copy = super().__deepcopy__(memo)
        copy.candidates, copy.chosen, copy.is_unknown = [], None, False
        return copy

    def value_from_datadict(self, data, files, name):
        """(words, key of what was chosen, the words for which it was chosen)."""
        return tuple(str(data.get(part, "")) for part in (name, f"{name}-chosen", f"{name}-said"))

    def get_context(self, name, value, attrs):
        words, key, said = value if isinstance(value, tuple) else (value or "", "", "")
        if self.chosen:
            words = said = self.chosen.label
        context = super().get_context(name, words, attrs)
        context["widget"] |= {
            "candidates": [self.chosen] if self.chosen else self.candidates,
            "chosen": self.chosen.key if self.chosen else key,
            "said": said if self.chosen else words,
            "is_unknown": self.is_unknown,
        }
        return context


class PartyField(forms.Field):
    """Gives a saved Party; a firm of the registry becomes one the moment it is chosen."""

    widget = PartyInput
    default_error_messages = {
        "required": _("Name a firm or a body: by name, registry number or tax code."),
        "unknown": _("Nothing in the registry or among the partners is called so."),
        "several": _("Several are called so. Choose one below, or write more of the name."),
    }

    def prepare_value(self, value):
        """What stands in the box: the name of what is chosen."""
        if isinstance(value, Party | int):
            party = value if isinstance(value, Party) else Party.objects.select_related("firm__zone").get(pk=value)
            self.widget.chosen = partners.candidate_of(party)
            return (party.title, self.widget.chosen.key, party.title)
        return value

    def clean(self, value):
        words, key, said = value
        found = None
        if key and fold(words) == fold(said):
            found = partners.by_key(key)
        if found is None:
            if not words.strip():
                if self.required:
                    raise forms.ValidationError(self.error_messages["required"], "required")
                return None
            found = self._only_one(words)
        self.widget.chosen = partners.candidate_of(found)
        return found if isinstance(found, Party) else Party.objects.of_firm(found)

    def _only_one(self, words):
        found = partners.find(words)
        if len(found) == 1:
            return found[0]
        self.widget.candidates = [partners.candidate_of(one) for one in found]
        self.widget.is_unknown = not found
        code = "several" if found else "unknown"
        raise forms.ValidationError(self.error_messages[code], code)

    def has_changed(self, initial, data):
        pk = initial.pk if isinstance(initial, Party) else initial
        if not pk:
            return bool(data and data[0].strip())
        party = Party.objects.select_related("firm__zone").filter(pk=pk).first()
        return party is None or data[1] != partners.candidate_of(party).key or fold(data[0]) != fold(data[2])
