"""The dossier as a workbook: firms, zones, both side by side, and the sources. A text is always text, never a formula."""

from datetime import date, datetime
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
# Facts that are one figure, with its unit; those of WORDY stand beside it in words too.
FIGURES = {
    "jobs": "người – people", "year": "năm – year", "area": "ha", "leasable": "ha", "leased": "ha",
    "free": "ha", "occupancy": "%", "firms": "doanh nghiệp – firms",
}  # fmt: skip
WORDY = {"jobs"}
DAYS = {"as_of", "land_as_of", "confirmed"}
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
    """One row an entry. A fact has one column where both languages say the same of all, else two; figures have their own."""
    entries = [entry for entry in content["entries"] if entry["kind"] == kind]
    columns = [
        ("Mã – Code", 13, [entry["code"] for entry in entries]),
        ("Tên", 40, [entry["title"][0] for entry in entries]),
        ("Name", 40, [entry["title"][1] for entry in entries]),
    ]
    for facts in zip(*(entry["facts"] for entry in entries), strict=True):
        columns += _columns(facts)
    officers = {one["number"]: one for one in content["officers"]}
    called = [officers.get(entry["officer"]) for entry in entries]
    columns += [
        ("Chưa chắc chắn – Not sure", 40, [_doubts(entry) for entry in entries]),
        ("Nơi liên hệ – Whom to call", 40, [_pair(one["name"]) if one else NONE for one in called]),
        ("Điện thoại – Telephone", 22, [one["phone"][0] if one else NONE for one in called]),
        ("Thư điện tử – E-mail", 28, [one["email"][0] if one else NONE for one in called]),
        ("Trang trên Cổng – Page on the portal", 44, [entry["url"][0] for entry in entries]),
    ]
    sheet = _sheet(workbook, name, [column[:2] for column in columns], len(entries), freeze="D2")
    for values in zip(*(column[2] for column in columns), strict=True):
        sheet.append([_cell(sheet, value) for value in values])


def _columns(facts):
    """[(head, width, values)] of one fact of all entries."""
    key, label = facts[0]["key"], facts[0]["label"]
    columns = []
    for currency in sorted({currency for fact in facts for currency, _amount in fact["amounts"]}):
        amounts = [dict(fact["amounts"]).get(currency) for fact in facts]
        columns.append((f"{_pair(label)} ({currency})", 20, [_number(amount) for amount in amounts]))
    if key in FIGURES:
        columns.append((f"{_pair(label)} ({FIGURES[key]})", 16, [_number(fact["number"]) for fact in facts]))
        if key not in WORDY:
            return columns
    if key in DAYS:
        return [(_pair(label), 14, [_day(_words(fact, 0)) for fact in facts])]
    width = 60 if facts[0]["is_long"] else 30
    words = [[_words(fact, place) for fact in facts] for place in (0, 1)]
    if words[0] == words[1]:
        return [*columns, (_pair(label), width, words[0])]
    return [*columns, *((label[place], width, words[place]) for place in (0, 1))]


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
        values = [source["number"], source["text"], _day(source["as_of"][0]), _day(source["read_on"][0]), places]
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


def _day(words):
    """A day as a date that can be sorted; other words ("Q3/2025") as they are."""
    try:
        return datetime.strptime(words, "%d/%m/%Y").date()
    except ValueError:
        return words


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
