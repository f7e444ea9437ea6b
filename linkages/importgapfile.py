"""The gap list as a file: one row an input and a firm that could supply it, gaps with none."""

import csv
from io import BytesIO, StringIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from firms.countries import country_name
from firms.opendata.files import harmless
from linkages.importgaps import UNCLEAR

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def heads():
    return [
        _("Registry number"), _("Firm of the park"), _("Input it buys"), _("Process"), _("Materials"), _("Bought from"),
        _("Countries"), _("Quantity"), _("Unit"), _("Firms found"), _("Registry number"), _("Firm of the region"), _("Zone"),
        _("What it makes or does"), _("Points"), _("Reasons"), _("Link"),
    ]  # fmt: skip


def rows(gaps):
    for gap in gaps:
        row = gap.row
        quantity = float(row.capacity) if row.capacity is not None else None
        countries = ", ".join(country_name(code) for code in gap.origins if code != UNCLEAR)
        first = [
            gap.firm.code, gap.firm.title, row.title, row.process, row.materials, row.origin, countries, quantity,
            row.capacity_unit, len(gap.candidates),
        ]  # fmt: skip
        for it in gap.candidates:
            zone = it.firm.zone.title if it.firm.zone else ""
            link = it.link.get_state_display() if it.link else ""
            yield [*first, it.firm.code, it.firm.title, zone, it.row.title, it.score, "; ".join(it.reasons), link]
        if not gap.candidates:
            yield [*first, *[None] * 7]


def csv_of(gaps):
    """Opens in Excel with its Vietnamese intact because of the byte order mark; what looks like a formula is none."""
    file = StringIO()
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow([str(head) for head in heads()])
    writer.writerows([harmless(value) for value in row] for row in rows(gaps))
    return file.getvalue().encode()


def workbook_of(gaps):
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Import substitution"))
    sheet.freeze_panes = "D2"

    def cell(value):
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000])
        made.data_type = "s"  # text stays text, whatever it begins with
        return made

    for row in [heads(), *rows(gaps)]:
        sheet.append([cell(value) for value in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()
