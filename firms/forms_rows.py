"""Rows that belong to a firm: the short ones together on a page, a project or a product on a page of its own."""

from copy import copy
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from firms.fieldwords import columns, described
from firms.forms import SOURCED, EntryForm, formfield
from firms.models import Capability, Certificate, Contact, FirmActivity, FirmName, FirmYear, Project, Qualification
from parkportal.text import whole_number

MOST_ROWS = 300


class RowForm(EntryForm):
    """One row among others of its kind."""

    main = ()  # the boxes that stand open
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stored = copy(self.instance)  # validation writes into the instance what was typed

    @property
    def legend(self):
        """The row as it is stored, in one line."""
        return described(self.stored, self.main) if self.instance.pk else ""

    @property
    def own_fields(self):
        return [self[name] for name in self.fields if name in self.main]

    @property
    def source_fields(self):
        return [self[name] for name in self.fields if name in SOURCED and name not in self.main]


class CertificateForm(RowForm):
    def clean(self):
        values = super().clean()
        if values.get("capital") is not None and not values.get("currency"):
            self.add_error("currency", _("Say in which currency the capital is."))
        return values


class ActivityForm(RowForm):
    def clean_code(self):
        code = self.cleaned_data["code"].strip().upper().replace(".", "")
        if not (code.isascii() and code.isalnum()):
            raise forms.ValidationError(_("Enter the code of the classification, such as 2592 or C2592."))
        return code


class Rows(forms.BaseFormSet):
    """All rows of one kind that an owner has, and an empty one to add. Taking a row out is told by its history."""

    def __init__(self, kind, owner, data=None, **extra):
        self.kind, self.owner, self.extra_values = kind, owner, extra
        self.rows = list(kind.rows(owner, **extra))
        self.by_pk = {row.pk: row for row in self.rows}
        super().__init__(data, prefix=kind.prefix, form_kwargs={})

    def initial_form_count(self):
        return super().initial_form_count() if self.is_bound else len(self.rows)

    def get_form_kwargs(self, index):
        if index is None or (not self.is_bound and index >= len(self.rows)):
            return {"instance": self.kind.new(self.owner, **self.extra_values)}
        if not self.is_bound:
            return {"instance": self.rows[index], "initial": {"pk": self.rows[index].pk}}
        pk = whole_number(self.data.get(f"{self.add_prefix(index)}-pk"))
        row = self.by_pk.get(pk)
        # A row that somebody took out meanwhile is written anew: what was typed into it is not lost.
        return {"instance": row, "initial": {"pk": pk}} if row else {"instance": self.kind.new(self.owner, **self.extra_values)}

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Take this row out")

    @property
    def new_form(self):
        """The last form, if it stands for a row that is still to be written."""
        return self.forms[-1] if self.forms and not self.forms[-1].instance.pk else None

    @property
    def old_forms(self):
        return self.forms[:-1] if self.new_form else self.forms

    @property
    def failed(self):
        """Forms with something to put right, for the summary on top."""
        return [form for form in self.forms if form.errors] if self.is_bound else []

    def clean(self):
        """No two rows of what there can be only once."""
        if not self.kind.once:
            return
        seen, is_twice = {}, False
        for form in self.forms:
            values = getattr(form, "cleaned_data", None)
            if not values or values.get("DELETE") or (form.empty_permitted and not form.has_changed()):
                continue
            key = tuple(values.get(name) for name in self.kind.once)
            if None in key:
                continue
            if key in seen:
                form.add_error(self.kind.once[0], self.kind.once_words)
                is_twice = True
            seen[key] = form
        if is_twice:  # what is said beside the row came too late to stop the formset by itself
            raise forms.ValidationError(_("One row is there twice."))


@dataclass(frozen=True)
class Kind:
    """A kind of rows that an owner has: how it is called, read, and filled in."""

    key: str
    title: str
    model: type
    fields: tuple
    add_words: str
    owner: str = "firm"  # the model's field
    form: type = RowForm
    once: tuple = ()
    once_words: str = ""
    own_page: bool = False
    intro: str = ""

    @property
    def prefix(self):
        return self.key

    @property
    def form_class(self):
        fields = list(dict.fromkeys([*self.fields, *(name for name in SOURCED if name in columns(self.model))]))
        made = forms.modelform_factory(self.model, form=self.form, fields=fields, formfield_callback=formfield)
        made.main = self.fields
        return made

    def rows(self, owner, **extra):
        if any(it.pk is None for it in extra.values()):
            return []
        return self.model._default_manager.filter(**{self.owner: owner}, **extra)

    def new(self, owner, **extra):
        return self.model(**{self.owner: owner}, **extra)

    def formset(self, owner, data=None, **extra):
        made = forms.formset_factory(
            self.form_class, formset=Rows, extra=1, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 50
        )
        return made(self, owner, data, **extra)


FIRM_ROWS = {
    kind.key: kind
    for kind in [
        Kind("names", _("Other names"), FirmName, ("name", "kind", "until_on"), _("Add a name")),
        Kind(
            "lines", _("Lines of business (VSIC)"), FirmActivity, ("version", "code", "is_main"), _("Add a line of business"),
            form=ActivityForm, once=("version", "code"), once_words=_("This line of business is there already."),
        ),
        Kind(
            "contacts", _("Contacts"), Contact, ("person", "position", "email", "phone", "consented_on"), _("Add a contact"),
            intro=_("Only who has agreed is shown. Without a day of consent a contact stays inside the authority."),
        ),
        Kind(
            "years", _("Yearly figures"), FirmYear, ("year", "kind", "value", "is_estimated", "is_public"), _("Add a figure"),
            once=("year", "kind"), once_words=_("This figure of this year is there already."),
            intro=_("Each figure in the unit that its kind names. Figures that are not public stay inside the authority."),
        ),
        Kind(
            "qualifications", _("Certificates of quality"), Qualification,
            ("kind", "number", "issuer", "issued_on", "expires_on"), _("Add a certificate of quality"),
        ),
    ]
}  # fmt: skip
CERTIFICATES = Kind(
    "certificates", _("Investment certificates"), Certificate,
    ("kind", "number", "issued_on", "issued_year", "issuer", "amendment", "changes", "capital", "currency"),
    _("Add a certificate or an amendment"), form=CertificateForm, once=("kind", "amendment"),
    once_words=_("This amendment is there already. Give the next one the next number."),
)  # fmt: skip


PRESET = {"confidence", "is_public"}


@dataclass(frozen=True)
class Group:
    """Boxes that belong together; all but the first ones lie folded until they are wanted."""

    title: str
    fields: list
    is_open: bool

    @property
    def has_errors(self):
        return any(box.errors for box in self.fields)

    @property
    def filled(self):
        """What of it says something, by name."""
        return ", ".join(str(box.label) for box in self.fields if box.name not in PRESET and box.value() not in (None, "", False))


class GroupedForm(EntryForm):
    GROUPS = []

    @property
    def groups(self):
        return [
            Group(title, [self[name] for name in names if name in self.fields], place == 0)
            for place, (title, names) in enumerate(self.GROUPS)
        ]


class ProjectForm(GroupedForm):
    GROUPS = [
        (_("The project"), ["name", "name_en", "stage", "code", "zone", "plot", "registered_on", "registered_year"]),
        (_("Capital, land, jobs"), ["capital", "currency", "disbursed", "land_ha", "jobs_planned"]),
        (_("Goal and remarks"), ["goal", "stage_words", "ended_on", "note"]),
        (_("Source and visibility"), [*SOURCED, "is_public"]),
    ]

    def shape(self):
        self.fields["zone"].empty_label = _("not stated")
        if self.instance.zone_id:
            self.fields["plot"].queryset = self.instance.zone.plots.all()
            self.fields["plot"].empty_label = _("not stated")
        else:
            del self.fields["plot"]
        self.fields["code"].help_text = _("As it is printed. Old licences keep their old number.")

    def clean_code(self):
        return (self.cleaned_data.get("code") or "").strip() or None

    def clean(self):
        values = super().clean()
        if values.get("capital") is not None and not values.get("currency"):
            self.add_error("currency", _("Say in which currency the capital is."))
        if values.get("plot") and values.get("zone") != values["plot"].zone:
            values["plot"] = None  # the zone was changed: its plots are other ones
        return values


class CapabilityForm(GroupedForm):
    GROUPS = [
        (_("What it is"), ["kind", "name", "name_en"]),
        (_("How it is made"), ["process", "materials", "tolerance", "machines", "certificates"]),
        (_("Capacity and markets"), ["capacity", "capacity_unit", "spare_percent", "markets", "origin"]),
        (_("Source and visibility"), [*SOURCED, "is_public"]),
    ]


PROJECT_FIELDS = [
    "name", "name_en", "code", "stage", "stage_words", "zone", "plot", "land_ha", "registered_on", "registered_year", "capital",
    "currency", "disbursed", "jobs_planned", "goal", "ended_on", "note", "is_public", *SOURCED,
]  # fmt: skip
CAPABILITY_FIELDS = [
    "kind", "name", "name_en", "process", "materials", "tolerance", "machines", "capacity", "capacity_unit", "spare_percent",
    "certificates", "markets", "origin", "is_public", *SOURCED,
]  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A kind of rows of which each has a page of its own."""

    key: str
    title: str
    one: str
    add_words: str
    model: type
    form: type
    inner: Kind | None = None  # rows on the same page

    def new(self, firm):
        """A row of the firm to be filled in; a project lies in the firm's zone until somebody says otherwise."""
        return self.model(firm=firm, zone=firm.zone) if self.model is Project else self.model(firm=firm)


PAGES = {
    page.key: page
    for page in [
        Page(
            "projects", _("Projects"), _("Project"), _("Add a project"), Project,
            forms.modelform_factory(Project, form=ProjectForm, fields=PROJECT_FIELDS, formfield_callback=formfield), CERTIFICATES,
        ),
        Page(
            "products", _("Products and capabilities"), _("Product or capability"), _("Add a product or capability"), Capability,
            forms.modelform_factory(Capability, form=CapabilityForm, fields=CAPABILITY_FIELDS, formfield_callback=formfield),
        ),
    ]
}  # fmt: skip
