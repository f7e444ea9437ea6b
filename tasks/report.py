"""Builds the consolidated report: every figure once, into the plain values of a YearReport that all forms only format.

Keys of its counts: "total"; "state.<standing>" (they partition the assignments: every code stands in exactly one);
"time.<timeliness>" and "answer.<answer>" (each a partition too); "pair.<standing>.<timeliness>" (only those that occur).
Its tables: [0] groups by standing, [1] groups by timeliness, [2] agencies by standing, and in reviews [3] standings by year."""

from collections import Counter
from itertools import groupby

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from parkportal.text import sort_key
from tasks import figures, report_words
from tasks.models import Agency
from tasks.report_words import ALWAYS_SHOWN, ANSWERS, MISSING, STANDINGS, TIMELINESS
from tasks.yearreport import AgencyLine, Count, Paragraph, Section, Table, TaskLine, YearReport


def document_of(consolidated, today):
    """What the report says: the frozen values of an issued edition, else what would be issued today."""
    if consolidated.is_issued:
        return YearReport.from_json(consolidated.content)
    return build(consolidated, today)


def build(consolidated, today):
    """The report as it stands today, in a constant number of queries."""
    cycle = consolidated.cycle
    known = figures.load(cycle, today)
    issuing_body = Agency.objects.filter(is_consolidator=True).values_list("name", flat=True).first()
    issuing_body = issuing_body or report_words.ISSUING_BODY
    return YearReport(
        plan_code=cycle.plan.code,
        plan_title=cycle.plan.title,
        year=cycle.year,
        kind=str(cycle.kind),
        is_demonstration=cycle.is_demonstration,
        edition=consolidated.edition,
        parent_body=report_words.PARENT_BODY,
        issuing_body=issuing_body.upper(),
        number=consolidated.full_number if consolidated.is_issued else f"/{consolidated.symbol}",
        place=consolidated.place,
        issued_on=consolidated.issued_on.isoformat() if consolidated.is_issued else "",
        subject=report_words.subject(cycle),
        addressees=_lines(consolidated.addressee),
        opening=report_words.opening(cycle, issuing_body, len(known.sent), len(known.reports)),
        cutoff_on=cycle.cutoff_on.isoformat(),
        sections=sections(consolidated),
        signing_as=consolidated.signing_as,
        signing_authority="GIÁM ĐỐC" if consolidated.signing_as else "",
        signatory_title=consolidated.signatory_title,
        signatory_name=consolidated.signatory_name,
        recipients=_lines(consolidated.recipients),
        counts=counts(known.rows),
        tables=tables(known),
        appendix_1=[_task_line(task, row) for task, row in _with_rows(known)],
        appendix_2=agency_lines(known),
        verify_url=_verify_url(consolidated),
    )


def _verify_url(consolidated):
    """A draft has none: it carries no number, no date and no code, so that no print of it passes for the real one."""
    if not consolidated.is_issued:
        return ""
    with override("vi"):
        return settings.SITE_URL + reverse("verify", args=[consolidated.verification])


def _lines(text):
    """Bare names, one a line: a dash before or a semicolon after them is the document's business."""
    return [bare for line in text.splitlines() if (bare := line.strip().strip("-–;. ").strip())]


def sections(consolidated):
    """The sections in the order of the document, without the paragraphs that were taken out or are empty."""
    texts, kind = {}, consolidated.cycle.kind
    for one in consolidated.paragraphs.filter(is_removed=False).order_by("position", "pk"):
        if one.text.strip():
            codes = dict.fromkeys(source["code"] for source in one.sources if source.get("code"))
            home = report_words.home_of(one.section, kind)
            lines = [Paragraph(line.strip(), list(codes), one.is_edited) for line in one.text.splitlines() if line.strip()]
            texts.setdefault(home, []).extend(lines)
    return [
        Section(key=key, number=number, heading=heading, level=level, paragraphs=texts.get(key, []))
        for key, number, heading, level in report_words.sections(kind)
        if texts.get(key) or key != "IV.3"
    ]


# Figures --------------------------------------------------------------------------------------------------------------
def counts(rows):
    def count(key, label, chosen):
        return Count(key, label, len(chosen), figures.codes(chosen))

    pairs = Counter((row.standing, row.timeliness) for row in rows)
    return [
        count("total", "Tổng số nhiệm vụ", rows),
        *(count(f"state.{key}", words, [r for r in rows if r.standing == key]) for key, words in STANDINGS.items()),
        *(count(f"time.{key}", words, [r for r in rows if r.timeliness == key]) for key, words in TIMELINESS.items()),
        *(
            count(
                f"pair.{state}.{time}",
                report_words.label(state, time),
                [r for r in rows if (r.standing, r.timeliness) == (state, time)],
            )
            for state in STANDINGS
            for time in TIMELINESS
            if pairs[state, time]
        ),
        *(count(f"answer.{key}", words, [r for r in rows if r.answer == key]) for key, words in ANSWERS.items()),
    ]


def tables(known):
    groups = [(f"Nhóm {group}", known.in_group(group)) for group in known.groups]
    made = [
        _crossed("Kết quả theo nhóm nhiệm vụ", groups, "standing", STANDINGS),
        _crossed("Tiến độ theo thời hạn", groups, "timeliness", TIMELINESS),
        _crossed("Kết quả theo cơ quan chủ trì", _by_agency(known), "standing", STANDINGS),
    ]
    if known.cycle.kind in report_words.REVIEWS:
        made.append(_by_year(known))
    return made


def _by_agency(known):
    names = {row.agency_id: row.agency for row in known.rows}
    return [(name, known.of_agency(pk)) for pk, name in sorted(names.items(), key=lambda item: sort_key(item[1]))]


def _crossed(title, lines, axis, words):
    """Rows of assignments counted along one axis, with totals as last row and last column."""
    everything = [row for _name, rows in lines for row in rows]
    used = {getattr(row, axis) for row in everything} | ({*ALWAYS_SHOWN} if axis == "standing" else set())
    shown = [key for key in words if key in used]

    def line(name, rows):
        count = Counter(getattr(row, axis) for row in rows)
        return [name, *(count[str(key)] for key in shown), len(rows)]

    return Table(
        title=title,
        columns=[*(_capital(words[key]) for key in shown), "Tổng số"],
        rows=[*(line(name, rows) for name, rows in lines), line("Tổng số", everything)],
    )


def _by_year(known):
    """How the same assignments stood at the end of each year that the review covers; the last row is the total of each year."""
    years = known.earlier | {known.cycle.year: known.rows}
    count = {year: Counter(row.standing for row in rows) for year, rows in years.items()}
    shown = [key for key in STANDINGS if key in ALWAYS_SHOWN or any(count[year][str(key)] for year in years)]
    return Table(
        title="Kết quả qua các năm",
        columns=[*(f"Năm {year}" for year in years)],
        rows=[
            *([_capital(STANDINGS[key]), *(count[year][str(key)] for year in years)] for key in shown),
            ["Tổng số", *(len(rows) for rows in years.values())],
        ],
    )


def _capital(words):
    return words[:1].upper() + words[1:]


# Appendices -----------------------------------------------------------------------------------------------------------
def _with_rows(known):
    by_task = {row.task.pk: row for row in known.rows}
    return [(task, by_task.get(task.pk)) for task in known.tasks]


def _task_line(task, row):
    printed = {
        "code": task.code,
        "depth": task.depth,
        "is_heading": row is None,
        "number": task.printed_number,
        "content": task.printed_content,
        "lead": task.printed_lead,
        "coordinators": task.printed_coordinators,
        "period": task.printed_period,
        "deliverable": task.printed_deliverable,
        "note": task.printed_note,
    }
    if row is None:
        return TaskLine(**printed)
    return TaskLine(
        **printed,
        duty=row.agency if row.agency_id != task.lead_id else "",
        answer=row.answer,
        state="" if row.standing in (MISSING, report_words.NOTHING) else row.standing,
        timeliness=row.timeliness,
        status_label=report_words.label(row.standing, row.timeliness),
        percent=row.percent,
        results=row.results,
        obstacles=row.obstacles,
        causes=row.causes,
        proposals=row.proposals,
        next_directions=row.next_directions,
    )


def agency_lines(known):
    """Phụ lục II: every agency with a duty, whether its report is there or not."""
    lines = {report.agency_id: _agency_line(report, known) for report in known.reports}
    for pk, rows in groupby(sorted(known.rows, key=lambda row: row.agency_id), key=lambda row: row.agency_id):
        rows = list(rows)
        if pk not in lines:
            lines[pk] = AgencyLine(rows[0].agency, len(rows), 0, MISSING, report_words.REPORT_STATES[MISSING])
    return sorted(lines.values(), key=lambda line: sort_key(line.agency))


def _agency_line(report, known):
    rows = known.of_agency(report.agency_id)
    state = MISSING if known.cycle.is_closed and not report.is_sent else str(report.state)
    return AgencyLine(
        agency=report.agency_name,
        tasks=len(rows),
        answered=len([row for row in rows if row.answer != MISSING]) if report.is_sent else 0,
        state=state,
        state_label=report_words.REPORT_STATES[report.state],
        submitted_at=_moment(report.submitted_at) if report.is_sent else "",
        days_late=days_late(report, known.last_day) if report.is_sent else 0,
        accepted_at=_moment(report.accepted_at) if report.state == report.State.ACCEPTED else "",
    )


def days_late(report, last_day):
    """Days by which a report was first sent in after the last day; the last day is worked out once for all."""
    first = report.first_submitted_at
    return max(0, (timezone.localdate(first) - last_day).days) if first else 0


def _moment(moment):
    return f"{timezone.localtime(moment):%H:%M %d/%m/%Y}" if moment else ""
