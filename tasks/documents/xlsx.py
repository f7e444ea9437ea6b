"""The report as a workbook: totals, every task as a row that can be filtered, every agency as another.

Cells hold what people wrote, so a text is always stored as text: one that begins with = + - or @ must not become a formula."""

from datetime import date, datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from tasks.documents import wording

HEAD = Font(name="Times New Roman", bold=True)
BODY = Font(name="Times New Roman")
TITLE = Font(name="Times New Roman", bold=True, size=14)
TINT = PatternFill("solid", fgColor="E8EEEC")
WRAP = Alignment(vertical="top", wrap_text=True)
MIDDLE = Alignment(vertical="center", horizontal="center", wrap_text=True)

TASK_COLUMNS = [
    ("Mã", 10),
    ("Nhóm", 8),
    ("STT", 8),
    ("Nội dung nhiệm vụ", 46),
    ("Cơ quan chủ trì", 26),
    ("Cơ quan thực hiện hiện nay", 26),
    ("Cơ quan phối hợp", 30),
    ("Thời gian thực hiện", 14),
    ("Thời gian báo cáo UBND thành phố", 16),
    ("Ghi chú", 24),
    ("Trả lời", 16),
    ("Trạng thái và thời hạn", 22),
    ("Tỷ lệ hoàn thành", 12),
    ("Kết quả thực hiện", 60),
    ("Khó khăn, vướng mắc", 40),
    ("Nguyên nhân", 36),
    ("Đề xuất, kiến nghị", 40),
    ("Phương hướng, nhiệm vụ năm tới", 40),
]
AGENCY_COLUMNS = [
    ("Cơ quan", 44),
    ("Số nhiệm vụ", 12),
    ("Đã trả lời", 12),
    ("Tình trạng báo cáo", 22),
    ("Thời điểm gửi", 18),
    ("Số ngày muộn", 12),
    ("Thời điểm tiếp nhận", 18),
]


def make(report):
    workbook = Workbook(write_only=True)
    workbook.properties.title, workbook.properties.creator = wording.title(report), report.issuing_body
    _summary(workbook, report)
    _rows(workbook, "Nhiệm vụ", TASK_COLUMNS, [_task(line) for line in report.appendix_1 if not line.is_heading], freeze="E2")
    _rows(workbook, "Cơ quan", AGENCY_COLUMNS, [_agency(line) for line in report.appendix_2], freeze="B2")
    result = BytesIO()
    workbook.save(result)
    return result.getvalue()


def _summary(workbook, report):
    sheet = workbook.create_sheet("Tổng hợp")
    sheet.column_dimensions["A"].width = 46
    for column in "BCDEFGHIJK":
        sheet.column_dimensions[column].width = 16
    sheet.append([_cell(sheet, wording.title(report), TITLE)])
    for words in wording.stamps(report):
        sheet.append([_cell(sheet, words, HEAD)])
    facts = [
        ("Kế hoạch", report.plan_code),
        ("Năm báo cáo", report.year),
        ("Ngày chốt số liệu", date.fromisoformat(report.cutoff_on) if report.cutoff_on else ""),
        ("Ngày ban hành", date.fromisoformat(report.issued_on) if report.issued_on else wording.DRAFT.capitalize()),
        ("Mã SHA-256 của nội dung", report.digest()),
        ("Trang kiểm tra", report.verify_url),
    ]
    for name, value in facts:
        sheet.append([_cell(sheet, name, HEAD), _cell(sheet, value)])
    sheet.append([])
    for count in report.counts:
        sheet.append([_cell(sheet, count.label[:1].upper() + count.label[1:]), _cell(sheet, count.number)])
    for table in report.tables:
        sheet.append([])
        sheet.append([_cell(sheet, table.title, HEAD)])
        sheet.append([_cell(sheet, heading, HEAD, MIDDLE, TINT) for heading in ["Nội dung", *table.columns]])
        for row in table.rows:
            sheet.append([_cell(sheet, value) for value in row])


def _rows(workbook, name, columns, rows, freeze):
    """A sheet of rows under one head: frozen, filterable, wrapped."""
    sheet = workbook.create_sheet(name)
    sheet.freeze_panes = freeze
    for place, (_heading, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.append([_cell(sheet, heading, HEAD, MIDDLE, TINT) for heading, _width in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet, value, font=BODY, alignment=WRAP, fill=None):
    """A cell whose text is text: never a formula, an error value or a character that a workbook cannot hold."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "'")
    elif isinstance(value, datetime):
        cell.number_format = "hh:mm dd/mm/yyyy"
    elif isinstance(value, date):
        cell.number_format = "dd/mm/yyyy"
    cell.font, cell.alignment = font, alignment
    if fill:
        cell.fill = fill
    return cell


def _task(line):
    return [
        line.code,
        line.code.partition(".")[0],
        line.number,
        line.content,
        line.lead,
        line.duty or line.lead,
        line.coordinators,
        line.period,
        line.deliverable,
        line.note,
        wording.ANSWERS.get(line.answer, ""),
        line.status_label,
        line.percent,
        line.results,
        line.obstacles,
        line.causes,
        line.proposals,
        line.next_directions,
    ]


def _agency(line):
    return [
        line.agency,
        line.tasks,
        line.answered,
        line.state_label,
        _moment(line.submitted_at),
        line.days_late,
        _moment(line.accepted_at),
    ]


def _moment(words):
    """ "14:32 08/12/2026" as a date that can be sorted; anything else stays as it is written."""
    try:
        return datetime.strptime(words, "%H:%M %d/%m/%Y")
    except ValueError:
        return words
