"""The dossier as a workbook: firms, zones, both side by side, and the sources. A text is always text, never a formula."""

from datetime import date
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from firms.documents import html

HEAD = Font(name="Times New Roman", bold=True)
BODY = Font(name="Times New Roman")
TITLE = Font(name="Times New Roman", bold=True, size=14)
QUIET = Font(name="Times New Roman", italic=True, color="4A5558")
TINT = PatternFill("solid", fgColor="E8EEEC")
WRAP = Alignment(vertical="top", wrap_text=True)
MIDDLE = Alignment(vertical="center", horizontal="center", wrap_text=True)
SHEETS = {"firm": "Doanh nghiệp – Firms", "zone": "Khu – Zones"}
NONE = "chưa có nguồn – no source yet"
CELL = 32767  # characters that a cell holds
# Facts whose figure stands beside the words, with the unit of the figure.
FIGURES = {
    "capital": "USD", "jobs": "người – people", "year": "năm – year", "area": "ha", "leasable": "ha", "leased": "ha",
    "free": "ha", "occupancy": "%", "firms": "doanh nghiệp – firms",
}  # fmt: skip
MARKS = {"differs": "≠ khác nhau – differs", "partly": "một phần – partly", "same": "giống nhau – same", "unknown": "", "": ""}


def make(content):
    workbook = Workbook(write_only=True)
    workbook.properties.title = "Hồ sơ doanh nghiệp và khu – Dossier of firms and zones"
    workbook.properties.creator = "Ban Quản lý Khu công nghệ cao và các khu công nghiệp Đà Nẵng"
    for kind, name in SHEETS.items():
        if any(entry["kind"] == kind for entry in content["entries"]):
            _entries(workbook, kind, name, content)
    _comparison(workbook, content)
    _sources(workbook, content)
    result = BytesIO()
    workbook.save(result)
    return result.getvalue()


def _entries(workbook, kind, name, content):
    """One row an entry; a fact has a column in each language, and one for its figure where it has one."""
    entries = [entry for entry in content["entries"] if entry["kind"] == kind]
    heads = [("Mã – Code", 13), ("Tên", 40), ("Name", 40)]
    for fact in entries[0]["facts"]:
        if fact["key"] in FIGURES:
            heads.append((f"{_pair(fact['label'])} ({FIGURES[fact['key']]})", 16))
        width = 60 if fact["is_long"] else 30
        heads += [(fact["label"][0], width), (fact["label"][1], width)]
    heads += [
        ("Chưa chắc chắn – Not sure", 40), ("Nơi liên hệ – Whom to call", 40), ("Điện thoại – Telephone", 22),
        ("Thư điện tử – E-mail", 28), ("Trang trên Cổng – Page on the portal", 44),
    ]  # fmt: skip
    sheet = _sheet(workbook, name, heads, len(entries), freeze="D2")
    for entry in entries:
        values = [entry["code"], *entry["title"]]
        for fact in entry["facts"]:
            if fact["key"] in FIGURES:
                values.append(_number(fact["number"]))
            values += [_words(fact, place) for place in (0, 1)]
        officer = next((one for one in content["officers"] if one["number"] == entry["officer"]), None)
        values.append(_doubts(entry))
        values += [_pair(officer["name"]), officer["phone"][0], officer["email"][0]] if officer else [NONE, "", ""]
        values.append(entry["url"][0])
        sheet.append([_cell(sheet, value) for value in values])


def _comparison(workbook, content):
    """Properties down, entries across, in blocks by kind. Both languages in one cell: it is read, not computed with."""
    widest = max(sum(entry["kind"] == kind for entry in content["entries"]) for kind in SHEETS)
    sheet = workbook.create_sheet("So sánh – Comparison")
    sheet.freeze_panes = "C1"
    for place, width in enumerate([34, 22, *[38] * widest], start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _printed(sheet)
    for kind, words in html.KINDS.items():
        for vietnamese, english in html.comparisons(kind, content, most=widest):
            heads = [_pair(words), "So sánh – Comparison", *(profile.title for profile in vietnamese.profiles)]
            sheet.append([_cell(sheet, head, HEAD, MIDDLE, TINT) for head in heads])
            for row, other in zip(vietnamese.rows, english.rows, strict=True):
                cells = zip(row.cells, other.cells, strict=True)
                values = [_pair([row.label, other.label]), MARKS[row.mark], *(_pair_of_facts(*pair) for pair in cells)]
                sheet.append([_cell(sheet, value) for value in values])
            sheet.append([])


def _sources(workbook, content):
    heads = [
        ("Số – No.", 9),
        ("Nguồn – Source", 90),
        ("Số liệu đến – As of", 18),
        ("Đọc ngày – Read on", 18),
        ("Dùng ở – Used in", 70),
    ]
    sheet = _sheet(workbook, "Nguồn – Sources", heads, len(content["sources"]), freeze="A2")
    used = {}
    for entry in content["entries"]:
        for fact in entry["facts"]:
            for number in {number for line in fact["lines"] for number in line["refs"]}:
                used.setdefault(number, {}).setdefault(entry["title"][0], []).append(fact["label"][0])
    for source in content["sources"]:
        places = "\n".join(f"{title}: {', '.join(labels)}" for title, labels in used.get(source["number"], {}).items())
        values = [source["number"], source["text"], source["as_of"][0], source["read_on"][0], places]
        sheet.append([_cell(sheet, value) for value in values])
    sheet.append([])
    made = date.fromisoformat(content["made_on"])
    sheet.append([_cell(sheet, ""), _cell(sheet, "Lập ngày – Made on", HEAD), _cell(sheet, made)])
    sheet.append([_cell(sheet, ""), _cell(sheet, content["list_url"], QUIET)])
    if content["is_demonstration"]:
        sheet.append([_cell(sheet, ""), _cell(sheet, "DỮ LIỆU MINH HỌA – DEMONSTRATION DATA", HEAD)])


def _sheet(workbook, name, heads, rows, freeze):
    """A sheet of rows under one head: frozen, filterable, wrapped, printed on its side as wide as a page."""
    sheet = workbook.create_sheet(name)
    sheet.freeze_panes = freeze
    for place, (_head, width) in enumerate(heads, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{rows + 1}"
    sheet.print_title_rows = "1:1"
    _printed(sheet)
    sheet.append([_cell(sheet, head, HEAD, MIDDLE, TINT) for head, _width in heads])
    return sheet


def _printed(sheet):
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _cell(sheet, value, font=BODY, alignment=WRAP, fill=None):
    """A cell whose text is text: never a formula, an error value or a character that a workbook cannot hold."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL]
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "'")
    elif isinstance(value, date):
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, Decimal):
        cell.number_format = "#,##0.##"
    cell.font, cell.alignment = font, alignment
    if fill:
        cell.fill = fill
    return cell


def _number(value):
    """The figure as a number; an empty cell where there is none."""
    return None if value is None else value if isinstance(value, int) else Decimal(value)


def _words(fact, place):
    return "\n".join(line["text"][place] for line in fact["lines"]) or NONE


def _doubts(entry):
    """What of the entry is not sure, and why."""
    found = {}
    for fact in entry["facts"]:
        for line in fact["lines"]:
            if line["doubt"][0]:
                found[f"{fact['label'][0]}: {_pair(line['doubt'])}"] = True
    return "\n".join(found)


def _pair(both):
    return both[0] if both[0] == both[1] else f"{both[0]} – {both[1]}"


def _pair_of_facts(first, second):
    lines = [
        _pair([a.text, b.text]) + (f" (? {_pair([a.doubt, b.doubt])})" if a.doubt else "")
        for a, b in zip(first.lines, second.lines, strict=True)
    ]
    return "\n".join(lines) or NONE
