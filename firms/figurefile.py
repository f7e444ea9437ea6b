"""The figures as a file: every table in one sheet, with the day, the authority, and nothing that a spreadsheet would execute."""

import tablib
from django.http import HttpResponse
from django.utils.translation import gettext as _
from import_export.formats.base_formats import CSV, XLSX

FORMATS = {"csv": CSV, "xlsx": XLSX}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe(value):
    """Text that a spreadsheet would take for a formula gets an apostrophe before it; figures stay figures."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def dataset(page):
    """One row a line of a table; "of which" lines say so, so that nobody adds them up twice."""
    figures, authority = page.figures, page.authority.name if page.authority else ""
    heads = [_("Divided"), _("Value"), _("Of which"), *page.columns.values()]
    rows = tablib.Dataset(headers=[*heads, _("As of"), _("Managing authority"), _("Source")])

    def add(division, label, depth, count):
        cells = [cell.value for cell, _head in page.cells(count)]
        ends = [figures.on.isoformat(), authority, _("Registry of firms of this portal")]
        rows.append([safe(value) for value in (division, label, "x" if depth else "", *cells, *ends)])

    add(_("Total"), _("Total"), 0, figures.total)
    for table in figures.tables.values():
        for line in table.lines:
            add(table.title, line.label, line.depth, line.count)
    add(_("Not in the total"), _("Not known whether they stood on that day"), 0, figures.unknown)
    add(_("Not in the total"), _("Memoranda and proposals"), 0, figures.interest)
    return rows


def download(page, kind):
    """CSV opens in Excel with its Vietnamese intact because of the byte order mark."""
    file_format = FORMATS[kind]()
    data = file_format.export_data(dataset(page))
    if isinstance(data, str):
        data = data.encode("utf-8-sig")
    name = f"so-lieu-{page.figures.on.isoformat()}.{file_format.get_extension()}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=file_format.get_content_type(), headers=headers)
