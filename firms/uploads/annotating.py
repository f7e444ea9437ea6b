"""The editor's own workbook given back: cells coloured, remarks on them, and four sheets that list everything.

A CSV file, and a workbook too spread out to be opened whole, are given back as a new workbook with the same rows in the same
places. The remarks are in the language in which the file was uploaded."""

import io

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from firms import matching
from firms.problems import CATALOGUE, Severity, tell
from firms.uploads import shown
from firms.uploads.checking import KINDS
from firms.uploads.columns import COLUMNS
from firms.uploads.guarding import CSV
from firms.uploads.reading import SNAPSHOT_SHEET

# Worst first: a cell takes the colour of the worst thing said of it.
COLOURS = {Severity.ERROR: "FFC7CE", Severity.WARNING: "FFEB9C", Severity.REPAIR: "C6E0F5", Severity.NOTICE: "EDEDED"}
DOUBTFUL = "E4D7F5"
RANK = list(COLOURS)
MOST_REMARKS = 5000  # remarks that open over a cell; beyond, the sheet of errors alone tells
MOST_CELLS = 2_000_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BOLD, WRAP = Font(bold=True), Alignment(wrap_text=True, vertical="top")


def safe(value):
    """A text that no spreadsheet executes and that a workbook can hold."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:32000]
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def annotated(upload, table, kept, mapping):
    """The content of the workbook."""
    with translation.override(upload.mapping.get("options", {}).get("language", "vi")):
        return _Annotation(upload, table, kept, mapping).content()


class _Annotation:
    def __init__(self, upload, table, kept, mapping):
        self.upload, self.table, self.kept = upload, table, kept
        self.places = {meaning.partition(":")[0]: int(place) for place, meaning in mapping.items()}
        self.headings = [column["heading"] for column in upload.columns]
        self.remarks = 0
        self.book, self.sheet = self._book()

    def _book(self):
        rows = self.table.rows
        if self.table.kind != CSV and len(rows) * max(len(rows[0][1]), 1) <= MOST_CELLS and rows[-1][0] <= 2 * len(rows) + 5000:
            with self.upload.file.open() as file:
                book = load_workbook(io.BytesIO(file.read()), rich_text=False)
            return book, book[self.table.sheet]
        book = Workbook()
        sheet = book.active
        sheet.title = (self.table.sheet or _("List"))[:31]
        for number, cells in rows:
            for place, value in enumerate(cells, 1):
                if value != "":
                    sheet.cell(number, place, safe(value))
        return book, sheet

    def content(self):
        rows = list(self.kept.rows())
        for row in rows:
            self._mark(row)
        self._summary()
        self._errors(rows)
        self._duplicates(rows)
        self._repairs(rows)
        if SNAPSHOT_SHEET in self.book.sheetnames:
            self.book.move_sheet(SNAPSHOT_SHEET, len(self.book.sheetnames))
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()

    # Cells ------------------------------------------------------------------------------------------------------------
    def _mark(self, row):
        said = {}
        for key, column, given, values in row.get("x", ()):
            place = self._place(column)
            said.setdefault(place, []).append((CATALOGUE[key], tell(key, {"given": given} | values)))
        for place, things in said.items():
            worst = min((problem.severity for problem, _text in things), key=RANK.index)
            self._colour(row["n"], place, COLOURS[worst])
            if worst != Severity.NOTICE:
                self._remark(row["n"], place, "\n".join(f"{problem.number} {text}" for problem, text in things))
        if row.get("m"):
            place = self._place("name")
            self._colour(row["n"], place, DOUBTFUL)
            self._remark(row["n"], place, self._doubt(row))

    def _place(self, column):
        """Where a field stands; what is said of the whole row goes to the name."""
        for key in (column, "name", "name_en", "tax_code", "code"):
            if key in self.places:
                return self.places[key] + 1
        return 1

    def _colour(self, number, place, colour):
        self.sheet.cell(number, place).fill = PatternFill("solid", start_color=colour)

    def _remark(self, number, place, text):
        if self.remarks < MOST_REMARKS:
            self.remarks += 1
            self.sheet.cell(number, place).comment = Comment(text[:2000], str(_("Registry of firms")), height=110, width=320)

    def _doubt(self, row):
        return "\n".join(
            _("Perhaps {name}: {reasons}").format(
                name=shown.name_of_candidate(one, self.names), reasons=", ".join(matching.tell(reasons))
            )
            for one, _score, reasons in row["m"]
        )

    @property
    def names(self):
        if not hasattr(self, "_names"):
            self._names = shown.Names(self.kept)
        return self._names

    # Sheets -----------------------------------------------------------------------------------------------------------
    def _new_sheet(self, title, heads, widths):
        while title in self.book.sheetnames:
            title = f"{title} (2)"
        sheet = self.book.create_sheet(title)
        sheet.append(heads)
        for place, width in enumerate(widths, 1):
            sheet.cell(1, place).font = BOLD
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.freeze_panes = "A2"
        return sheet

    def _summary(self):
        sheet = self._new_sheet(_("Summary"), [_("What"), _("Rows")], [60, 14])
        counts = self.upload.counts
        sheet.append([_("File"), safe(self.upload.name)])
        sheet.append([_("Uploaded on"), date_format(self.upload.created_at, "SHORT_DATE_FORMAT")])
        sheet.append([_("Rows of the list"), counts.get("rows", 0)])
        for kind in KINDS:
            sheet.append([shown.kind_label(kind), counts.get(kind, 0)])
        sheet.append([_("Rows with something repaired"), counts.get("repaired", 0)])
        sheet.append([_("Rows that occur twice in the file, or look like it"), counts.get("duplicate", 0)])
        sheet.append([])
        for severity, colour in COLOURS.items():
            sheet.append([str(severity.label)])
            sheet.cell(sheet.max_row, 1).fill = PatternFill("solid", start_color=colour)
        sheet.append([_("doubtful match")])
        sheet.cell(sheet.max_row, 1).fill = PatternFill("solid", start_color=DOUBTFUL)
        if self.remarks >= MOST_REMARKS:
            sheet.append(
                [_("Only the first {count} cells carry a remark; the sheet of errors lists all.").format(count=MOST_REMARKS)]
            )

    def _errors(self, rows):
        heads = [_("Row"), _("Column"), _("Given"), _("Severity"), _("Number"), _("What to do")]
        sheet = self._new_sheet(_("Errors"), heads, [8, 28, 32, 20, 10, 90])
        self._problems(sheet, rows, {Severity.ERROR, Severity.WARNING})

    def _problems(self, sheet, rows, severities):
        for row in rows:
            for key, column, given, values in row.get("x", ()):
                problem = CATALOGUE[key]
                if problem.severity in severities:
                    label = COLUMNS[column].label if column in COLUMNS else ""
                    text = tell(key, {"given": given} | values)
                    sheet.append([row["n"], label, safe(given), str(problem.severity.label), problem.number, safe(text)])
                    sheet.cell(sheet.max_row, 4).fill = PatternFill("solid", start_color=COLOURS[problem.severity])
                    sheet.cell(sheet.max_row, 6).alignment = WRAP

    def _duplicates(self, rows):
        heads = [_("Row"), _("Name"), _("Twice with"), _("Why")]
        sheet = self._new_sheet(_("Duplicates"), heads, [8, 48, 60, 60])
        for row in rows:
            name = safe(row["v"].get("name") or row["v"].get("name_en") or "")
            if row.get("r"):
                words = " ".join(tell(k, {"given": g} | v) for k, _c, g, v in row["x"] if k.startswith("duplicate"))
                sheet.append([row["n"], name, _("row {number}").format(number=row["r"]), words])
            for one, _score, reasons in row.get("m", ()):
                who = shown.name_of_candidate(one, self.names)
                sheet.append([row["n"], name, safe(who), ", ".join(matching.tell(reasons))])

    def _repairs(self, rows):
        heads = [_("Row"), _("Column"), _("Given"), _("Severity"), _("Number"), _("What was done")]
        sheet = self._new_sheet(_("Repaired"), heads, [8, 28, 32, 20, 10, 90])
        self._problems(sheet, rows, {Severity.REPAIR})
