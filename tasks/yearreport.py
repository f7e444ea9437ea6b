"""The consolidated report as plain values: what is shown on screen, printed as PDF, Word and Excel, and frozen as JSON.

Every text in it is Vietnamese, because the document is; every value is a string, a number, a boolean or a list of such, so
that one edition always renders the same content. `digest` is the SHA-256 of the canonical JSON (sorted keys, UTF-8)."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from dacite import Config, from_dict


@dataclass(frozen=True)
class TaskLine:
    """A row of Phụ lục I: the plan's seven printed columns and what was reported."""

    code: str
    depth: int  # 0 group, 1 heading or task, 2 and 3 below
    is_heading: bool  # names no lead, so nothing is reported
    number: str
    content: str
    lead: str
    coordinators: str
    period: str
    deliverable: str
    note: str
    duty: str = ""  # agency that bears the duty on the day of the report, where it differs from the printed lead
    answer: str = ""  # reported, nothing, settled, missing; empty on headings
    state: str = ""  # tasks.status.State
    timeliness: str = ""  # tasks.status.Timeliness
    status_label: str = ""
    percent: int | None = None
    results: str = ""
    obstacles: str = ""
    causes: str = ""
    proposals: str = ""
    next_directions: str = ""


@dataclass(frozen=True)
class AgencyLine:
    """A row of Phụ lục II: one agency's report."""

    agency: str
    tasks: int
    answered: int
    state: str  # AgencyReport.State, or "missing" once the cycle is closed
    state_label: str  # "đã tiếp nhận", "chưa báo cáo" …
    submitted_at: str = ""  # "14:32 08/12/2026"
    days_late: int = 0
    accepted_at: str = ""


@dataclass(frozen=True)
class Count:
    """One figure with the codes of the rows behind it."""

    key: str
    label: str
    number: int
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """Counts side by side: one row a group or agency, one column a state or timeliness. The last row and column are totals."""

    title: str
    columns: list[str]  # heads of the figures; the names of the rows have none
    rows: list[list[str | int]]  # first cell is the row's name


@dataclass(frozen=True)
class Paragraph:
    text: str
    sources: list[str] = field(default_factory=list)  # codes of rows
    is_edited: bool = False


@dataclass(frozen=True)
class Section:
    key: str  # "I", "II.1" …
    number: str  # as printed: "I.", "1."
    heading: str
    level: int  # 1: bold capitals; 2: bold
    paragraphs: list[Paragraph] = field(default_factory=list)


@dataclass(frozen=True)
class YearReport:
    """The whole document in the order of design §5: head, opening, sections I–VI, signature, recipients, two appendices."""

    plan_code: str
    plan_title: str
    year: int
    kind: str  # annual, interim, final
    is_demonstration: bool
    edition: int
    parent_body: str  # ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG
    issuing_body: str  # SỞ KHOA HỌC VÀ CÔNG NGHỆ
    number: str  # "05/BC-SKHCN", or "/BC-SKHCN" while a draft
    place: str
    issued_on: str  # ISO date, empty while a draft
    subject: str  # trích yếu
    addressees: list[str]
    opening: list[str]  # căn cứ and the sentence that says what is reported, over which period, figures as of when
    cutoff_on: str  # ISO date
    sections: list[Section]
    signing_as: str  # "", "KT." …
    signing_authority: str  # second line for KT./TL., e.g. "GIÁM ĐỐC"
    signatory_title: str
    signatory_name: str
    recipients: list[str]  # bare names: dashes and semicolons are the form's
    counts: list[Count]  # totals by state, then by timeliness, then answers
    tables: list[Table]
    appendix_1: list[TaskLine]
    appendix_2: list[AgencyLine]
    verify_url: str  # empty while a draft

    def as_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, values):
        return from_dict(cls, values, Config(strict=True))

    def digest(self):
        canonical = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
