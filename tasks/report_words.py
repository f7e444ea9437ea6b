"""The consolidated report's own Vietnamese: headings, labels and turns of phrase. Content of a document, not of the portal.

They stand here as plain strings because the document is Vietnamese for every reader and must read the same when it is
rendered again in ten years, whatever the catalogues say by then."""

import re

from tasks.models import ReportingCycle
from tasks.status import State, Timeliness

ANNUAL, INTERIM, FINAL = ReportingCycle.Kind.ANNUAL, ReportingCycle.Kind.INTERIM, ReportingCycle.Kind.FINAL
REVIEWS = (INTERIM, FINAL)
YEARS_REVIEWED = {ANNUAL: 1, INTERIM: 3, FINAL: 5}

PARENT_BODY = "ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG"
ISSUING_BODY = "Sở Khoa học và Công nghệ"
RECIPIENTS = "Như trên\nCác cơ quan chủ trì nhiệm vụ thuộc Kế hoạch\nLưu: VT, [ký hiệu đơn vị soạn thảo …]"

NOTHING, MISSING = "nothing", "missing"
STANDINGS = {
    State.COMPLETED: "đã hoàn thành",
    State.AWAITING: "chờ xác nhận",
    State.IN_PROGRESS: "đang thực hiện",
    State.NOT_STARTED: "chưa thực hiện",
    State.SUSPENDED: "tạm dừng",
    State.REDO: "thực hiện lại",
    NOTHING: "không phát sinh",
    MISSING: "chưa báo cáo",
}
# Columns that a table always shows; the others only where they count something.
ALWAYS_SHOWN = [State.COMPLETED, State.IN_PROGRESS, State.NOT_STARTED, MISSING]
TIMELINESS = {
    Timeliness.ON_TIME: "trong hạn",
    Timeliness.DUE_SOON: "sắp đến hạn",
    Timeliness.OVERDUE: "quá hạn",
    Timeliness.NO_DEADLINE: "không hạn",
}
ANSWERS = {
    "reported": "có báo cáo trong kỳ",
    "nothing": "báo cáo không phát sinh",
    "settled": "đã hoàn thành từ kỳ trước, không phải báo cáo lại",
    "missing": "chưa có báo cáo",
}
REPORT_STATES = {
    "empty": "chưa báo cáo",
    "draft": "chưa báo cáo",
    "returned": "chưa báo cáo lại (đã trả lại)",
    "submitted": "đã gửi, chờ tiếp nhận",
    "accepted": "đã tiếp nhận",
    "missing": "chưa báo cáo",
}

# (key, level, heading, whether only a review has it), in the order of the document.
_SECTIONS = [
    ("I", 1, "Công tác chỉ đạo, triển khai", False),
    ("II", 1, "Kết quả thực hiện", False),
    ("II.1", 2, "Tổng quan số liệu", False),
    ("II.2", 2, "Nhóm I: Phát triển công nghiệp công nghệ cao", False),
    ("II.3", 2, "Nhóm II: Xây dựng Đà Nẵng trở thành trung tâm khởi nghiệp đổi mới sáng tạo", False),
    ("II.4", 2, "Chỉ tiêu", False),
    ("III", 1, "Tồn tại, hạn chế", False),
    ("IV", 1, "Nguyên nhân", False),
    ("IV.1", 2, "Nguyên nhân khách quan", False),
    ("IV.2", 2, "Nguyên nhân chủ quan", False),
    ("IV.3", 2, "Nguyên nhân cơ quan chủ trì nêu theo từng nhiệm vụ", False),
    ("lessons", 1, "Bài học kinh nghiệm", True),
    ("V", 1, "Phương hướng, nhiệm vụ năm tới", False),
    ("commendation", 1, "Đề nghị khen thưởng", True),
    ("VI", 1, "Đề xuất, kiến nghị", False),
]
GROUP_SECTIONS = {"I": "II.2", "II": "II.3"}  # group of the plan -> section
_ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]


def sections(kind):
    """[(key, printed number, heading, level)] of a report of this kind."""
    printed, top, below = [], 0, 0
    for key, level, heading, only_review in _SECTIONS:
        if only_review and kind not in REVIEWS:
            continue
        if level == 1:
            top, below = top + 1, 0
            printed.append((key, f"{_ROMAN[top - 1]}.", heading, level))
        else:
            below += 1
            printed.append((key, f"{below}.", heading, level))
    return printed


def home_of(key, kind):
    """The section itself, or the last one where this kind of report has no such section (the cycle's kind was changed)."""
    known = [one for one, *_rest in sections(kind)]
    return key if key in known else known[-1]


def label(standing, timeliness):
    """The official label of the pair: "đang thực hiện, trong hạn"; "đã hoàn thành quá hạn"."""
    words = STANDINGS[standing]
    if timeliness == Timeliness.NO_DEADLINE or standing in (NOTHING, MISSING):
        return words
    joint = " " if standing == State.COMPLETED else ", "
    return f"{words}{joint}{TIMELINESS[timeliness]}"


def two(number):
    """A number as documents write it: two digits below ten, and a bare 0."""
    return f"{number:02d}" if number else "0"


def share(part, whole):
    """A part of a whole as a percentage: "17,6%"."""
    return f"{100 * part / whole:.1f}%".replace(".", ",") if whole else "0%"


def figure(value):
    """A number of a target: "83", "1.128,4"."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def short_date(day):
    return f"{day:%d/%m/%Y}"


def long_date(day):
    """ngày 09 tháng 12 năm 2026: days below ten and the months 1 and 2 carry a zero (Decree 30/2020, annex I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def listing(names):
    """Names one after another: "A; B; C"."""
    return "; ".join(names)


def shortened(text, length=140):
    """The first words of a long text, cut between words."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0].rstrip(",;.:–-") + "…"


def plan_name(plan):
    """The plan as a report names it first: kind, number, date, issuer."""
    return f"Kế hoạch số {plan.code} {long_date(plan.issued_on)} của {plan.issuer}"


def period(cycle):
    """Which years are reported: "năm 2026", "03 năm (2024 - 2026)"."""
    years = YEARS_REVIEWED[cycle.kind]
    return f"năm {cycle.year}" if years == 1 else f"{two(years)} năm ({cycle.year - years + 1} - {cycle.year})"


def subject(cycle):
    name = plan_name(cycle.plan)
    if cycle.kind == INTERIM:
        return f"Sơ kết {period(cycle)} thực hiện {name}"
    if cycle.kind == FINAL:
        return f"Tổng kết {period(cycle)} thực hiện {name}"
    return f"Kết quả thực hiện {name} năm {cycle.year}"


def opening(cycle, issuing_body, sent, expected):
    """Căn cứ and what is reported; the first mention of the plan carries its whole title."""
    title = re.sub(r"^Kế hoạch ", "", cycle.plan.title)
    grounds = [
        f"Căn cứ {plan_name(cycle.plan)} {title};",
        f"Căn cứ báo cáo của {two(sent)}/{two(expected)} cơ quan, đơn vị được giao chủ trì nhiệm vụ, số liệu chốt đến "
        f"{long_date(cycle.cutoff_on)}.",
    ]
    number = f"Kế hoạch số {cycle.plan.code}"
    what = {
        ANNUAL: f"kết quả thực hiện {number} {period(cycle)}",
        INTERIM: f"sơ kết {period(cycle)} thực hiện {number}",
        FINAL: f"tổng kết {period(cycle)} thực hiện {number}",
    }[cycle.kind]
    return [*grounds, f"{issuing_body} tổng hợp, báo cáo Ủy ban nhân dân thành phố {what} như sau:"]
