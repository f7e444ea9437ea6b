"""The boxes of the report's page as HTML: label, what waits beside it, its control, and last year's answer.

A page of thirty rows has 250 of them. Written by `format_html` they take a twentieth of the time that widgets and included
templates took, and the page stays within reach of a bare one."""

from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tasks.models import AgencyReport, Progress
from tasks.status import REPORTABLE, State

LABELS = {name: Progress._meta.get_field(name).verbose_name for name in ["state", "percent", "completed_on", *Progress.TEXTS]}
COVER_LABELS = {name: AgencyReport._meta.get_field(name).verbose_name for name in AgencyReport.COVER}
LINES = {"results": 4, "obstacles": 2, "causes": 2, "proposals": 2, "next_directions": 2}

FIELD = (
    '<div class="field field--{}{}" data-box="{}"{}><label class="field__label" for="{}">{}</label>{}'
    '<div class="field__kept" data-kept>{}</div><div class="field__pair">{}{}</div></div>'
)
EARLIER = '<div class="earlier"><p class="earlier__year">{}</p><div class="quote">{}</div></div>'
ERROR = '<p class="field__error" id="{}_error">{}</p>'
UNSENT = '<p class="field__help field__unsent">{}</p>'
NONE = mark_safe("")


@dataclass(frozen=True)
class Box:
    name: str
    html_name: str  # with the prefix of its row
    label: str
    value: str  # as shown: what is stored, or what was typed and is not saved yet
    stored: str
    earlier: str = ""
    earlier_words: str = ""  # which year that is
    kept: list = field(default_factory=list)
    error: str = ""
    is_unsent: bool = False

    @property
    def html(self):
        id_ = f"id_{self.html_name}"
        notes = format_html(ERROR, id_, self.error) if self.error else NONE
        if self.is_unsent:
            notes += format_html(UNSENT, _("Typed before, not saved yet."))
        return format_html(
            FIELD,
            self.name,
            self._classes(),
            self.name,
            format_html(' data-stored="{}"', self.stored) if self.is_unsent else NONE,
            id_,
            self.label,
            notes,
            mark_safe(render_to_string("tasks/_kept.html", {"box": self})) if self.kept else NONE,
            self._control(id_),
            format_html(EARLIER, self.earlier_words, self.earlier) if self.earlier else NONE,
        )

    def _classes(self):
        more = {"field--error": self.error, "field--unsent": self.is_unsent, "field--earlier": self.earlier}
        return "".join(f" {name}" for name, is_so in more.items() if is_so)

    def _control(self, id_):
        named = format_html('name="{}" id="{}"', self.html_name, id_)
        if self.error:
            named += format_html(' aria-describedby="{}_error" aria-invalid="true"', id_)
        if self.name == "state":
            return format_html("<select {}>{}</select>", named, self._options())
        # What could not be read is shown as it was typed, which a number's or a date's own control would refuse to do.
        if self.name == "percent":
            kind = "text" if self.error else "number"
            return format_html(
                '<input type="{}" {} class="short num" inputmode="numeric" min="0" max="100" value="{}">', kind, named, self.value
            )
        if self.name == "completed_on":
            return format_html('<input type="{}" {} value="{}">', "text" if self.error else "date", named, self.value)
        # The first line end after the tag is the page's, not the text's.
        return format_html('<textarea {} class="box" rows="{}">\n{}</textarea>', named, LINES.get(self.name, 3), self.value)

    def _options(self):
        states = [*REPORTABLE, *([State(self.stored)] if self.stored and self.stored not in REPORTABLE else [])]
        options = [("", _("Choose a state")), *((state.value, state.label) for state in states)]
        chosen = mark_safe(" selected")
        return format_html_join(
            "", '<option value="{}"{}>{}</option>', ((v, chosen if v == self.value else NONE, label) for v, label in options)
        )
