"""Tables that leave the portal: the list of tasks as a spreadsheet, with nothing in it that a spreadsheet would execute."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.formats.base_formats import CSV, XLSX

FORMATS = {"csv": CSV, "xlsx": XLSX}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class TaskResource(resources.Resource):
    """One row a task, as the list shows it. Rows come from tasks.filters, which carry status and duty."""

    code = fields.Field(attribute="code")
    content = fields.Field(attribute="content")
    printed_lead = fields.Field(attribute="printed_lead")
    duty = fields.Field(attribute="duty__name")
    coordinators = fields.Field(attribute="printed_coordinators")
    period = fields.Field(attribute="period_words")
    deliverable = fields.Field(attribute="deliverable_words")
    kind = fields.Field()
    state = fields.Field()
    timeliness = fields.Field()
    status = fields.Field()
    percent = fields.Field(attribute="percent")
    reported_year = fields.Field(attribute="reported_year")

    def __init__(self, escapes_text):
        super().__init__()
        self.escapes_text = escapes_text
        for name, head in self._heads().items():
            self.fields[name].column_name = str(head)

    def _heads(self):
        return {
            "code": _("Code"),
            "content": _("Content"),
            "printed_lead": _("Lead agency as printed"),
            "duty": _("Bears the duty today"),
            "coordinators": _("Coordinating agencies as printed"),
            "period": _("Period"),
            "deliverable": _("Deliverable goes to the city"),
            "kind": _("Kind"),
            "state": _("State"),
            "timeliness": _("Timeliness"),
            "status": _("Status"),
            "percent": _("Percent done"),
            "reported_year": _("Reported in"),
        }

    def dehydrate_kind(self, task):
        return str(task.get_effective_kind_display())

    def dehydrate_state(self, task):
        return task.state

    def dehydrate_timeliness(self, task):
        return str(task.timeliness)

    def dehydrate_status(self, task):
        return str(task.status_label)

    def export_field(self, field, instance, **kwargs):
        """Text that a spreadsheet would take for a formula gets an apostrophe before it; figures stay figures."""
        value = super().export_field(field, instance, **kwargs)
        if isinstance(value, str) and value.startswith(FORMULA_STARTS if self.escapes_text else "="):
            return f"'{value}"
        return value


def download(rows, name, format_name):
    """The rows as a file. CSV opens in Excel with its Vietnamese intact because of the byte order mark."""
    file_format = FORMATS[format_name]()
    data = file_format.export_data(TaskResource(escapes_text=format_name == "csv").export(rows))
    if isinstance(data, str):
        data = data.encode("utf-8-sig")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{file_format.get_extension()}"'}
    return HttpResponse(data, content_type=file_format.get_content_type(), headers=headers)
