"""A list of tax codes examined line by line: repaired where that is certain, explained where it is not. Nothing is stored."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError
from python_calamine import CalamineError, CalamineWorkbook

from firms import taxcodes
from firms.models import Firm
from parkportal.text import nfc

MOST_LINES = 5000
MOST_BYTES = 1024 * 1024
# An .xlsx is a packed file: a small one may unpack to gigabytes.
MOST_UNPACKED = 60 * 1024 * 1024
CELLS = re.compile(r"[\t;|,]")
CODE_LIKE = re.compile(r"(?:\D*\d){6}")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 500


@dataclass(frozen=True)
class Line:
    """One line of the list; `number` as its reader counts, `first` the line that gave the same code before."""

    number: int
    found: taxcodes.TaxCode
    beside: str = ""  # what stood in the line's other cells
    first: int | None = None
    firm: Firm | None = None
    parent_firm: Firm | None = None

    @property
    def verdict(self):
        """right, repaired, or wrong."""
        if not self.found.is_valid:
            return "wrong"
        return "repaired" if self.found.repair == "tax_code_zero" else "right"

    @property
    def words(self):
        """What was wrong, or was put right, as sentences."""
        said = [str(self.found.message)] if self.found.problem else []
        if self.found.repair == "tax_code_zero":
            said.append(_("The zero in front was lost; with it the check digit fits."))
        elif self.found.repair:
            said.append(_("Written as it is stored: digits alone, a hyphen before the branch."))
        if self.first:
            said.append(_("The same code stands in line {line}.").format(line=self.first))
        if self.found.is_branch:
            said.append(_("A branch of {code}.").format(code=self.found.parent))
        return said

    @property
    def is_plain(self):
        """Nothing has to be told about it but that it is right."""
        return self.verdict == "right" and not self.first


@dataclass(frozen=True)
class Examined:
    lines: list

    @property
    def counts(self):
        """How many lines are right, repaired, wrong, repeated, and firms of the registry."""
        verdicts = [line.verdict for line in self.lines]
        return {
            "all": len(self.lines),
            "right": verdicts.count("right"),
            "repaired": verdicts.count("repaired"),
            "wrong": verdicts.count("wrong"),
            "repeated": sum(1 for line in self.lines if line.first),
            "registered": sum(1 for line in self.lines if line.firm),
        }

    @property
    def telling(self):
        return [line for line in self.lines if not line.is_plain]

    @property
    def plain(self):
        return [line for line in self.lines if line.is_plain]


def examine(text):
    """The examined list, or ValidationError in words where it is empty or too long."""
    rows = _rows(text)
    if not rows:
        raise ValidationError(_("Paste a list of tax codes, one on a line, or choose a file."))
    if len(rows) > MOST_LINES:
        message = _("This list has %(count)s lines. Examine at most %(most)s at a time.")
        raise ValidationError(message, params={"count": len(rows), "most": MOST_LINES})
    lines, seen = [], {}
    for number, given, beside in rows:
        found = taxcodes.read(given)
        first = seen.setdefault(found.code, number) if found.is_valid else None
        lines.append((number, found, beside, first if first != number else None))
    firms = _firms({code for _n, found, _b, _f in lines if found.is_valid for code in (found.code, found.parent)})
    return Examined([_line(*line, firms) for line in lines])


def _line(number, found, beside, first, firms):
    firm = firms.get(found.code) if found.is_valid else None
    parent = firms.get(found.parent) if found.is_branch else None
    return Line(number, found, beside, first, firm, parent)


def _rows(text):
    """(line number, what reads as a code, the rest) of every line; a heading and empty lines are left out."""
    rows = []
    lines = nfc(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip() or (not rows and not re.search(r"\d", line)):
            continue
        for given, beside in _entries(line):
            rows.append((number, given[:200], beside[:200]))
    return rows


def _entries(line):
    """The codes of one line: usually one, beside it the cells that a table has."""
    cells = [cell.strip() for cell in CELLS.split(line)]
    if len(cells) < 2 or taxcodes.read(line).is_valid:
        return [(line.strip(), "")]
    valid = [cell for cell in cells if taxcodes.read(cell).is_valid]
    like = valid or [cell for cell in cells if CODE_LIKE.match(cell)][:1]
    if not like:
        return [(line.strip(), "")]
    beside = " · ".join(cell for cell in cells if cell and cell not in like)
    return [(cell, beside) for cell in like]


def _firms(codes):
    """{tax code: the public firm that has it, or into which the firm that had it was merged}."""
    found, codes = {}, sorted(codes)
    for start in range(0, len(codes), AT_ONCE):
        chosen = Firm.objects.filter(tax_code__in=codes[start : start + AT_ONCE]).select_related("merged_into")
        for firm in chosen:
            target = firm.merged_into or firm
            if target.is_public and not target.merged_into_id:
                found[firm.tax_code] = target
    return found


def text_of(upload):
    """The lines of an uploaded .xlsx, .csv or .txt, as if they had been pasted; ValidationError in words otherwise."""
    if upload.size > MOST_BYTES:
        raise ValidationError(_("This file is larger than 1 MB. Copy the column of tax codes and paste it here."))
    data = upload.read()
    if data[:2] == b"PK":
        return _text_of_workbook(data)
    if data[:4] == b"\xd0\xcf\x11\xe0" or b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValidationError(_("Save the file as .xlsx, .csv or .txt and choose it again."))
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1258"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _text_of_workbook(data):
    unreadable = ValidationError(_("This workbook cannot be opened. Save it in Excel once more and choose it again."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise ValidationError(_("This workbook is too large. Copy the column of tax codes and paste it here."))
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False) if book.sheet_names else []
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError, IndexError) as broken:
        raise unreadable from broken
    return "\n".join("\t".join(filter(None, map(_cell, row))) for row in rows)


def _cell(value):
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return " ".join(str(value).split()) if value is not None else ""


def _heads():
    return [
        _("Line"), _("As given"), _("Tax code"), _("What was found"), _("Beside it"), _("Firm in the registry"),
        _("Registry number"),
    ]  # fmt: skip


def _row(line):
    firm = line.firm or line.parent_firm
    return [
        line.number, line.found.given, line.found.code, " ".join(line.words) or _("right"), line.beside,
        firm.title if firm else "", firm.code if firm else "",
    ]  # fmt: skip


def as_csv(examined):
    """With the byte order mark by which Excel knows UTF-8; codes stay text there only in the .xlsx."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_heads())
    for line in examined.lines:
        writer.writerow([_unexecuted(value) for value in _row(line)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(examined):
    """Every cell but the line's number is text, so that no zero is lost again."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Tax codes")[:31])
    sheet.freeze_panes = "A2"
    for place, width in zip("ABCDEFG", (8, 22, 18, 60, 40, 40, 16), strict=True):
        sheet.column_dimensions[place].width = width
    sheet.append(_heads())
    for line in examined.lines:
        try:
            sheet.append([_unexecuted(value) for value in _row(line)])
        except IllegalCharacterError:
            sheet.append([line.number, "", line.found.code, " ".join(line.words)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _unexecuted(value):
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
