"""A file as rows of cells, numbered as the spreadsheet counts them, and the place of its headings."""

import datetime
import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from firms.problems import Refused
from firms.uploads import columns, guarding
from firms.uploads.guarding import CSV, MOST_COLUMNS, MOST_ROWS, XLSX
from parkportal.text import fold, nfc

HEADING_LINES = 40  # the title, the authority and the date may stand above the headings
EMPTY_LINES = 1000  # after so many the list is taken to have ended
EXAMPLE_MARKS = ("vi du", "example")
# A formula's error, or a formula whose result was never stored: calamine hands both out as an empty cell.
FAILED_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*\bt="e"[^>]*>(?:<f[^>]*?(?:/>|>[^<]*</f>))?<v>([^<]*)</v>')
SECTION = re.compile(r"\s*([IVX]+|[A-Z])[.)]\s")
NUMBERED = re.compile(r"\(?\d{1,3}(\.0)?\)?")
TOTAL = re.compile(r"(tong( cong| so)?|cong|total|sum)\b[\s:.(]*($|\d|\()")
SNAPSHOT_SHEET = "_portal"


@dataclass
class Table:
    """One sheet: `rows` are (number as the spreadsheet counts, cells), `failed` cells whose formula ended in an error."""

    rows: list
    sheet: str = ""
    sheets: list = field(default_factory=list)
    kind: str = XLSX
    encoding: str = ""
    failed: dict = field(default_factory=dict)  # {(row number, place of the column): "#DIV/0!"}
    snapshot: list = field(default_factory=list)  # rows of the hidden sheet of an export


def open_table(file, name, sheet="", is_known=False):
    """The rows of the named sheet, else of the first that has some. `file` is seekable; refused in words. One that `is_known`
    was looked through before it was stored, and is read without a second look."""
    kind = guarding.kind_of(file, name)
    if kind == CSV:
        text, encoding = guarding.text_of(file.read())
        rows = guarding.rows_of(text)
        return Table(_bounded(rows), kind=CSV, encoding=encoding)
    if not is_known:
        guarding.check_parts(file)
    return _workbook(file, sheet)


def _workbook(file, wanted):
    try:
        book = CalamineWorkbook.from_filelike(file)
        shown = [
            one.name
            for one in book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
        rows, sheet = [], ""
        for name in [wanted] if wanted in shown else shown:
            rows, sheet = book.get_sheet_by_name(name).to_python(skip_empty_area=False), name
            if any(any(cell != "" for cell in row) for row in rows[:HEADING_LINES]):
                break
        hidden = SNAPSHOT_SHEET in book.sheet_names
        snapshot = book.get_sheet_by_name(SNAPSHOT_SHEET).to_python() if hidden else []
    except (CalamineError, OSError, ValueError) as broken:
        raise Refused("file_broken") from broken
    except BaseException as broken:  # a panic of the Rust library is no Exception
        if type(broken).__name__ != "PanicException":
            raise
        raise Refused("file_broken") from broken
    if not sheet:
        raise Refused("no_sheet")
    failed = _failed_cells(file, sheet)
    return Table(_bounded(rows), sheet, shown, XLSX, failed=failed, snapshot=snapshot)


def _failed_cells(file, sheet):
    """{(row, column): error} of the sheet of this name."""
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        part = _part_of(packed, sheet)
        content = packed.read(part) if part in packed.namelist() else b""
    if b't="e"' not in content:
        return {}
    return {
        (int(row), guarding.column_number(letters) - 1): error.decode("ascii", "replace")
        for letters, row, error in FAILED_CELL.findall(content)
    }


def _part_of(packed, sheet):
    """The part of the packed file in which a sheet lies. What could attack a parser was refused before this is read."""
    relations = {one.get("Id"): one.get("Target") for one in ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))}  # noqa: S314
    for one in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():  # noqa: S314
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            target = next((relations.get(value) for key, value in one.items() if key.endswith("}id")), None) or ""
            return target.lstrip("/") if target.startswith("/xl") else f"xl/{target}"
    return ""


def _bounded(rows):
    """Rows with their numbers, without the empty ones; after EMPTY_LINES of these nothing more is read."""
    kept, empty = [], 0
    for number, cells in enumerate(rows, 1):
        if not any(cell != "" for cell in cells):
            empty += 1
            if empty > EMPTY_LINES:
                break
            continue
        empty = 0
        kept.append((number, cells))
        if len(kept) > MOST_ROWS + HEADING_LINES:
            raise Refused("too_many_rows", limit=MOST_ROWS)
    if not kept:
        raise Refused("no_sheet")
    return kept


def heading_row(rows, wanted=0):
    """(number, headings) of the row that holds the headings: the asked one, else the one with most known headings."""
    best, found = 0, None
    for number, cells in rows[:HEADING_LINES]:
        texts = [heading_text(cell) for cell in cells]
        if number == wanted:
            return number, _headings(texts)
        known = sum(1 for text in texts if text and columns.guess(text)[0])
        words = sum(1 for cell in cells if isinstance(cell, str) and cell.strip() and not cell.strip()[0].isdigit())
        score = known * 10 + min(words, 9) if words >= 2 or known else 0
        if score > best:
            best, found = score, (number, texts)
    if wanted or not found:
        raise Refused("no_header")
    return found[0], _headings(found[1])


def _headings(texts):
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        raise Refused("too_many_columns", limit=MOST_COLUMNS)
    return texts


def heading_text(cell):
    """A heading as one line of at most 200 letters."""
    return " ".join(nfc(str(cell)).split())[:200]


def rows_under(rows, heading):
    """The rows below the headings; refused where there is none."""
    under = [row for row in rows if row[0] > heading]
    if not under:
        raise Refused("no_rows")
    if len(under) > MOST_ROWS:
        raise Refused("too_many_rows", limit=MOST_ROWS)
    return under


def no_data_row(cells, mapped):
    """Why a row below the headings is no firm: the key of a notice; `mapped` are the places of the columns in use."""
    filled = [(place, cell) for place, cell in enumerate(cells) if cell != ""]
    if filled[0][0] == 0 and isinstance(filled[0][1], str) and fold(filled[0][1][:20]).startswith(EXAMPLE_MARKS):
        return "left_out_example"
    if len(filled) > 2 and all(NUMBERED.fullmatch(str(cell).strip()) for _place, cell in filled):
        numbers = [int(re.search(r"\d+", str(cell))[0]) for _place, cell in filled]
        if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return "left_out_numbers"
    words = [cell for _place, cell in filled[:3] if isinstance(cell, str) and len(cell) < 60]
    if any(TOTAL.match(fold(word)) for word in words if word.lstrip()[:1] in "tTcCsS"):
        return "left_out_total"
    texts = [cell for _place, cell in filled if isinstance(cell, str)]
    if len(filled) <= 2 and texts and re.match(r"([IVXivx]+|[A-Z])[.)]?$", str(texts[0]).strip()):
        return "left_out_heading"
    if len(filled) == 1 and (filled[0][0] not in mapped or SECTION.match(str(filled[0][1]))):
        return "left_out_heading"
    return ""


def shown(cell):
    """A cell as a person typed it, for pages and remarks."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime.datetime):
        return cell.strftime("%d/%m/%Y") if cell.time() == datetime.time() else cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, datetime.date):
        return cell.strftime("%d/%m/%Y")
    return str(cell)


def in_memory(file):
    """The stored file as bytes that can be read from any place."""
    return io.BytesIO(file.read())
