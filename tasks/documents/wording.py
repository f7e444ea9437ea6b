"""The fixed words and the order of the printed report, shared by PDF, Word and screen (Decree 30/2020/NĐ-CP, annex I).

Everything here is Vietnamese because the document is, whatever language its reader has chosen for the portal."""

from dataclasses import dataclass
from datetime import date

TYPE_NAME = "BÁO CÁO"
END_OF_TEXT = "./."
DRAFT = "DỰ THẢO"
DEMONSTRATION = "SỐ LIỆU MINH HỌA"
APPENDIX_1_TITLE = "TIẾN ĐỘ THỰC HIỆN CÁC NHIỆM VỤ CỦA KẾ HOẠCH SỐ {plan} NĂM {year}"
APPENDIX_2_TITLE = "TÌNH HÌNH GỬI BÁO CÁO CỦA CÁC CƠ QUAN NĂM {year}"

# Heading and width in millimetres of the appendices' columns; the widths add up to what the margins leave of the page.
APPENDIX_1_COLUMNS = [
    ("STT", 10),
    ("Nội dung nhiệm vụ", 39),
    ("Cơ quan chủ trì", 20),
    ("Cơ quan phối hợp", 22),
    ("Thời gian thực hiện", 17.5),
    ("Thời gian báo cáo UBND thành phố", 17.5),
    ("Ghi chú", 18),
    ("Kết quả thực hiện", 42),
    ("Tình trạng", 15),
    ("Khó khăn, vướng mắc; nguyên nhân", 25),
    ("Đề xuất, kiến nghị; phương hướng năm tới", 26),
]
APPENDIX_2_COLUMNS = [
    ("STT", 10),
    ("Cơ quan", 52),
    ("Số nhiệm vụ", 15),
    ("Đã trả lời", 15),
    ("Tình trạng báo cáo", 27),
    ("Thời điểm gửi", 31),
    ("Số ngày muộn", 15),
]

# What stands for the results where nobody had to write any.
ANSWERS = {
    "reported": "Có báo cáo",
    "nothing": "Không phát sinh",
    "settled": "Đã hoàn thành từ kỳ trước",
    "missing": "Chưa báo cáo",
}


@dataclass(frozen=True)
class Cell:
    """The lines of one cell; a line is upright or italic."""

    lines: list[tuple[str, bool]]

    @property
    def text(self):
        return "\n".join(text for text, _italic in self.lines)


def cell(*texts, note=""):
    """A cell of the texts that are not empty, then the note in italics."""
    lines = [(text, False) for text in texts if text]
    return Cell([*lines, (note, True)] if note else lines)


def is_draft(report):
    return not report.issued_on


def day(iso):
    return f"{date.fromisoformat(iso):%d/%m/%Y}" if iso else ""


def place_and_date(report):
    """Day below 10 and month below 3 take a zero (Decree 30/2020, annex I, II.4); a draft leaves room for the pen."""
    if is_draft(report):
        return f"{report.place}, ngày      tháng      năm {report.year}"
    on = date.fromisoformat(report.issued_on)
    month = f"{on.month:02d}" if on.month < 3 else on.month
    return f"{report.place}, ngày {on.day:02d} tháng {month} năm {on.year}"


def printed_number(report):
    return f"Số:        {report.number.strip()}" if is_draft(report) else f"Số: {report.number}"


def attached_to(report):
    """The line under an appendix's title that says which document it belongs to."""
    if is_draft(report):
        return f"(Kèm theo Báo cáo số        {report.number.strip()} ngày      tháng      năm {report.year} của {office(report)})"
    words = place_and_date(report).partition(", ")[2]
    return f"(Kèm theo Báo cáo số {report.number} {words} của {office(report)})"


def office(report):
    """The issuing body as it stands inside a sentence: Sở Khoa học và Công nghệ."""
    known = {"SỞ KHOA HỌC VÀ CÔNG NGHỆ": "Sở Khoa học và Công nghệ"}
    return known.get(report.issuing_body, report.issuing_body)


def parent_lines(report):
    """The parent body on two lines as the decree's samples print it: the committee, then its city."""
    committee, joint, city = report.parent_body.partition(" THÀNH PHỐ ")
    return [committee, f"THÀNH PHỐ {city}"] if joint else [committee]


def title(report):
    return f"Báo cáo {'' if is_draft(report) else f'số {report.number} '}– {report.subject}"


def stamps(report):
    """The words that lie across every page."""
    return [words for words, wanted in ((DRAFT, is_draft(report)), (DEMONSTRATION, report.is_demonstration)) if wanted]


def appendix_1_title(report):
    return APPENDIX_1_TITLE.format(plan=report.plan_code, year=report.year)


def appendix_2_title(report):
    return APPENDIX_2_TITLE.format(year=report.year)


def is_ground(text):
    """A legal ground, printed in italics."""
    return text.startswith("Căn cứ ")


def closing(sections):
    """Sections whose last sentence ends with the decree's end-of-text mark, as (section, texts)."""
    pairs = [(section, [paragraph.text for paragraph in section.paragraphs]) for section in sections]
    for _section, texts in reversed(pairs):
        if texts:
            if not texts[-1].endswith(END_OF_TEXT):
                texts[-1] = texts[-1].rstrip(" .") + END_OF_TEXT
            break
    return pairs


def signing_lines(report):
    """KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC, or the title alone."""
    authority = " ".join(filter(None, (report.signing_as, report.signing_authority)))
    return [line.upper() for line in (authority, report.signatory_title) if line]


def recipient_lines(report):
    """ "- Như trên;" … the last one ends with a full stop."""
    names = [name.strip().lstrip("-").strip().rstrip(".;") for name in report.recipients if name.strip()]
    return [f"- {name}{'.' if place == len(names) else ';'}" for place, name in enumerate(names, start=1)]


def figures_after(report):
    """Key of the section behind which the tables stand: the overview, or the last section where there is none."""
    keys = [section.key for section in report.sections]
    return "II.1" if "II.1" in keys else keys[-1] if keys else ""


def verification_lines(report):
    """What lets a reader check the copy in his hand."""
    lines = [f"Mã SHA-256 của nội dung: {report.digest()}"]
    if is_draft(report):
        return ["Bản dự thảo, chưa có giá trị phát hành.", *lines]
    return [f"Kiểm tra nội dung đã ban hành tại: {report.verify_url}", *lines] if report.verify_url else lines


def appendix_1_cells(line):
    """The eleven cells of a row of Phụ lục I."""
    status = line.status_label[:1].upper() + line.status_label[1:]
    percent = f"{line.percent}%" if line.percent is not None and line.answer == "reported" else ""
    return [
        cell(line.number),
        cell(line.content),
        cell(line.lead, note=f"(nay: {line.duty})" if line.duty and line.duty != line.lead else ""),
        cell(line.coordinators),
        cell(line.period),
        cell(line.deliverable),
        cell(line.note),
        cell(line.results, note="" if line.results or line.answer == "reported" else ANSWERS.get(line.answer, "")),
        cell(status, percent),
        cell(line.obstacles, note=f"Nguyên nhân: {line.causes}" if line.causes else ""),
        cell(line.proposals, note=f"Năm tới: {line.next_directions}" if line.next_directions else ""),
    ]


def appendix_2_cells(place, line):
    """The seven cells of a row of Phụ lục II."""
    state = line.state_label[:1].upper() + line.state_label[1:]
    late = str(line.days_late) if line.days_late else ("–" if not line.submitted_at else "0")
    texts = [str(place), line.agency, str(line.tasks), str(line.answered), state, line.submitted_at or "–", late]
    return [cell(text) for text in texts]
