"""Drafts the consolidated report: sentences made of the agencies' own words and figures, each with the rows it came from.

Nothing is invented: what nobody reported is left as a place to fill in, "[nêu …]". A sentence keeps its slot from one
filling to the next, so that new figures reach the sentences nobody touched and never those that a person wrote."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

from parkportal import indicators
from parkportal.indicators import Reading
from parkportal.text import fold
from tasks import report_words as words
from tasks.report import days_late
from tasks.report_words import MISSING, NOTHING, STANDINGS, TIMELINESS, two
from tasks.status import State, Timeliness

# What Plan 2812 (II.6) and the linkage programme promise; an app that knows the figure registers it under the key.
TARGETS = [
    Reading(
        "startups_2020_2025",
        "Hỗ trợ phát triển doanh nghiệp khởi nghiệp đổi mới sáng tạo giai đoạn 2020 - 2025",
        50,
        "doanh nghiệp",
    ),
    Reading(
        "startups_2026_2030",
        "Hỗ trợ phát triển doanh nghiệp khởi nghiệp đổi mới sáng tạo giai đoạn 2026 - 2030",
        50,
        "doanh nghiệp",
    ),
    Reading("startups_2030", "Hỗ trợ phát triển doanh nghiệp khởi nghiệp đổi mới sáng tạo đến năm 2030", 100, "doanh nghiệp"),
    Reading(
        "linkage_chains_2030",
        "Hình thành chuỗi liên kết (công nghiệp hỗ trợ, ươm tạo, logistics) đến năm 2030",
        3,
        "chuỗi liên kết",
    ),
]
_LETTERS = "abcdđeghiklm"
_ALIKE = 0.82  # share of words in common from which two texts say the same
_TELLING = {"chua", "khong", "chang", "het"}  # a word that turns a sentence round is never a small difference


@dataclass(frozen=True)
class Suggestion:
    section: str
    slot: str
    text: str
    sources: list


@dataclass(frozen=True)
class Saying:
    """One thing said by one agency, on a row or on its cover."""

    slot: str
    text: str
    source: dict


def suggest(known):
    """Every sentence of the draft, in the order of the document."""
    sections = {
        "I": _direction(known),
        "II.1": _overview(known),
        **{section: _group(known, group, section) for group, section in words.GROUP_SECTIONS.items()},
        "II.4": _targets(known),
        "III": _shortcomings(known),
        "IV.1": _listed(
            known, "IV.1", covers=["causes_objective"], none="Các cơ quan đã báo cáo không nêu nguyên nhân khách quan."
        ),
        "IV.2": _listed(
            known, "IV.2", covers=["causes_subjective"], none="Các cơ quan đã báo cáo không nêu nguyên nhân chủ quan."
        ),
        "IV.3": _listed(known, "IV.3", rows=["causes"]),
        "lessons": _blank("lessons", f"[Nêu bài học kinh nghiệm qua {words.period(known.cycle)} thực hiện Kế hoạch …]"),
        "V": _listed(known, "V", ["next_directions"], ["next_directions"], f"[Nêu phương hướng năm {known.cycle.year + 1} …]"),
        "commendation": _blank("commendation", "[Nêu tập thể, cá nhân có thành tích và hình thức đề nghị khen thưởng …]"),
        "VI": _listed(known, "VI", ["proposals"], ["proposals"], "Các cơ quan đã báo cáo không có đề xuất, kiến nghị."),
    }
    return [one for key, *_rest in words.sections(known.cycle.kind) for one in sections.get(key, [])]


# The same thing said by several ---------------------------------------------------------------------------------------
def sayings(known, covers=(), rows=()):
    """What sent reports say in these fields of the cover and of the rows, line by line."""
    said = []
    for report in known.sent:
        source = {"row": None, "report": report.pk, "code": "", "agency": report.agency_name}
        for field in covers:
            lines = _lines(getattr(report, field))
            said += [Saying(f"{field}:agency-{report.agency_id}:{n}", line, source) for n, line in enumerate(lines)]
    for row in known.rows:
        for field in rows:
            said += [Saying(f"{field}:{row.code}:{n}", line, row.source) for n, line in enumerate(_lines(getattr(row, field)))]
    return said


def _lines(text):
    """One thing a line, without the dash, star or full stop around it."""
    return [bare for line in text.splitlines() if (bare := re.sub(r"^\s*[-–—•*+]+\s*", "", line).strip().rstrip(".;").strip())]


def merged(said):
    """[(first saying, longest text, sources)]: the same or nearly the same words of several are one, with all who said them."""
    groups = []
    for one in said:
        mine = _tokens(one.text)
        home = next((group for group in groups if _alike(mine, group["tokens"])), None)
        if home is None:
            groups.append({"first": one, "text": one.text, "tokens": mine, "sources": [one.source]})
            continue
        if one.source not in home["sources"]:
            home["sources"].append(one.source)
        home["text"] = max(home["text"], one.text, key=len)
    return [(group["first"], group["text"], group["sources"]) for group in groups]


def _tokens(text):
    return re.findall(r"\w+(?:[.,]\d+)*", fold(text))


def _alike(one, other):
    """Whether two texts differ only in wording: a different number or a "not" always makes them two."""
    if one == other:
        return True
    room = (1 - _ALIKE) * (len(one) + len(other))
    if abs(len(one) - len(other)) > room or len(set(one) ^ set(other)) > room:  # the cheap refusals first
        return False
    only = Counter(one) - Counter(other) + (Counter(other) - Counter(one))
    if sum(only.values()) > room:
        return False
    if any(token in _TELLING or any(c.isdigit() for c in token) for token in only):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def who(sources):
    """Who said it: "Sở Công Thương: I.4.3, I.9.1; Sở Tài chính"."""
    codes = defaultdict(list)
    for source in sources:
        codes[source["agency"]] += [source["code"]] if source["code"] else []
    return words.listing(f"{agency}: {', '.join(own)}" if own else agency for agency, own in codes.items())


def _listed(known, section, covers=(), rows=(), none=""):
    """One paragraph a thing said, with those who said it; `none` where nobody said anything."""
    listed = [
        Suggestion(section, f"{section}:{first.slot}", f"- {text} ({who(sources)}).", sources)
        for first, text, sources in merged(sayings(known, covers, rows))
    ]
    return listed or (_blank(section, none) if none else [])


def _blank(section, text):
    return [Suggestion(section, f"{section}:none", text, [])]


# Sections -------------------------------------------------------------------------------------------------------------
def _direction(known):
    ask = (
        f"[Nêu các văn bản chỉ đạo, điều hành của Ủy ban nhân dân thành phố và Sở Khoa học và Công nghệ trong năm "
        f"{known.cycle.year} …]"
    )
    told = [
        Suggestion("I", f"I:{first.slot}", f"- {words.listing(_names(sources))}: {text}.", sources)
        for first, text, sources in merged(sayings(known, covers=["direction"]))
    ]
    return [Suggestion("I", "I:lead", ask, []), *told]


def _names(sources):
    return list(dict.fromkeys(source["agency"] for source in sources))


def _sources(rows):
    return [row.source for row in rows]


def _overview(known):
    rows, plan = known.rows, known.cycle.plan
    groups = ", ".join(f"{two(len(known.in_group(group)))} nhiệm vụ thuộc nhóm {group}" for group in known.groups)
    agencies = len({row.agency_id for row in rows})
    lead = (
        f"Kế hoạch số {plan.code} giao {two(len(rows))} nhiệm vụ có cơ quan chủ trì ({groups}); hiện do {two(agencies)} "
        f"cơ quan, đơn vị chịu trách nhiệm báo cáo. Mã nhiệm vụ gồm số nhóm và số thứ tự trong Kế hoạch (ví dụ: I.1.1); "
        f"chi tiết tại Phụ lục I."
    )
    figures = f"Tổng số {two(len(rows))} nhiệm vụ, gồm: {standing_sentence(rows)}."
    made = [
        Suggestion("II.1", "II.1:lead", lead, []),
        Suggestion("II.1", "II.1:count", figures, _sources(rows)),
        Suggestion("II.1", "II.1:reports", *_reporting(known)),
    ]
    if missing := [row for row in rows if row.answer == MISSING]:
        text = (
            f"Chưa có số liệu của {two(len(missing))} nhiệm vụ do cơ quan chủ trì chưa gửi báo cáo; các nhiệm vụ này không được "
            f"tính là đã thực hiện."
        )
        made.append(Suggestion("II.1", "II.1:missing", text, _sources(missing)))
    if known.earlier:
        made.append(Suggestion("II.1", "II.1:years", _years(known), []))
    return made


def standing_sentence(rows):
    """ "đã hoàn thành 12 (17,6%; trong đó quá hạn 02); đang thực hiện 40 (trong hạn 30, sắp đến hạn 05, quá hạn 05); …"."""
    parts = []
    for standing, label in STANDINGS.items():
        mine = [row for row in rows if row.standing == standing]
        if not mine and standing not in (State.COMPLETED, State.IN_PROGRESS):
            continue
        times = Counter(row.timeliness for row in mine)
        inside = [words.share(len(mine), len(rows))] if standing == State.COMPLETED and mine else []
        if standing == State.IN_PROGRESS:
            inside += [f"{TIMELINESS[time]} {two(times[time])}" for time in TIMELINESS if times[time]]
        elif times[Timeliness.OVERDUE]:
            past = "đã hết hạn" if standing == MISSING else "quá hạn"
            inside.append(f"trong đó {past} {two(times[Timeliness.OVERDUE])}")
        parts.append(f"{label} {two(len(mine))}" + (f" ({', '.join(inside)})" if inside else ""))
    return "; ".join(parts)


def _reporting(known):
    late = [(report, days) for report in known.sent if (days := days_late(report, known.last_day))]
    sent, total = len(known.sent), len(known.reports)
    text = f"Có {two(sent)}/{two(total)} cơ quan, đơn vị gửi báo cáo"
    if late:
        names = words.listing(f"{report.agency_name} (muộn {two(days)} ngày)" for report, days in late)
        on_time = f"{two(sent - len(late))} đúng hạn và {two(len(late))} muộn so với hạn {words.short_date(known.last_day)}"
        text += f", trong đó {on_time}: {names}"
    elif sent:
        text += ", đều đúng hạn"
    text += "."
    if known.unsent:
        names = words.listing(report.agency_name for report in known.unsent)
        text += f" Chưa có báo cáo của {two(len(known.unsent))} cơ quan, đơn vị: {names}."
    told = [report for report, _days in late] + known.unsent
    return text, [{"row": None, "report": r.pk, "code": "", "agency": r.agency_name} for r in told]


def _by_agency(rows):
    codes = defaultdict(list)
    for row in rows:
        codes[row.agency].append(row.code)
    return [f"{agency} ({', '.join(own)})" for agency, own in codes.items()]


def _years(known):
    done = {year: [row for row in rows if row.standing == State.COMPLETED] for year, rows in known.earlier.items()}
    done[known.cycle.year] = [row for row in known.rows if row.standing == State.COMPLETED]
    each = ", ".join(f"năm {year}: {two(len(rows))}" for year, rows in done.items())
    return f"Số nhiệm vụ đã hoàn thành tính đến kỳ báo cáo của từng năm: {each}."


def _group(known, group, section):
    rows = known.in_group(group)
    if not rows:
        return []
    made = [
        Suggestion(
            section,
            f"{section}:count",
            f"Nhóm {group} có {two(len(rows))} nhiệm vụ: {standing_sentence(rows)}.",
            _sources(rows),
        )
    ]
    for place, (name, heading, items) in enumerate((n, h, i) for n, h, i in _kinds(known, rows) if i):
        made.append(Suggestion(section, f"{section}:{name}", f"{_LETTERS[place]}) {heading}:", []))
        made += [Suggestion(section, f"{section}:{name}:{row.code}", f"- {text}", [row.source]) for row, text in items]
    if missing := [row for row in rows if row.standing == MISSING]:
        made.append(Suggestion(section, f"{section}:missing", _missing(missing), _sources(missing)))
    return made


def _missing(rows):
    text = f"Chưa có báo cáo của {two(len(rows))} nhiệm vụ: {words.listing(_by_agency(rows))}."
    if past := [row.code for row in rows if row.timeliness == Timeliness.OVERDUE]:
        text += f" Trong đó đã hết thời hạn thực hiện: {', '.join(past)}."
    return text


def _kinds(known, rows):
    """(name, heading, [(row, its sentence)]) of what is told task by task: what is done, what goes on, what is late."""

    def standing(*wanted):
        return [row for row in rows if row.standing in wanted]

    told_elsewhere = (State.COMPLETED, State.AWAITING, MISSING)
    late = [row for row in rows if row.timeliness == Timeliness.OVERDUE and row.standing not in told_elsewhere]
    return [
        ("completed", "Nhiệm vụ đã hoàn thành", [(row, _done(row)) for row in standing(State.COMPLETED)]),
        (
            "awaiting",
            "Nhiệm vụ cơ quan chủ trì báo cáo hoàn thành, chờ xác nhận",
            [(row, _done(row)) for row in standing(State.AWAITING)],
        ),
        ("in_progress", "Nhiệm vụ đang thực hiện", [(row, _going_on(row)) for row in standing(State.IN_PROGRESS)]),
        (
            "others",
            "Nhiệm vụ chưa thực hiện, tạm dừng, thực hiện lại",
            [(row, _going_on(row)) for row in standing(State.NOT_STARTED, State.SUSPENDED, State.REDO)],
        ),
        ("nothing", "Nhiệm vụ không phát sinh trong kỳ", [(row, f"{_named(row)}.") for row in standing(NOTHING)]),
        ("late", "Nhiệm vụ quá hạn", [(row, _late(row, known.cycle.year)) for row in late]),
    ]


def _named(row):
    return f"Nhiệm vụ {row.code} ({row.agency}): {words.shortened(row.task.content).rstrip('.;,')}"


def _ended(text):
    text = " ".join(text.split()).rstrip(".;")
    return text if text.endswith("…") else f"{text}."


def _done(row):
    when = f"; hoàn thành ngày {words.short_date(row.completed_on)}" if row.completed_on else ""
    if row.timeliness == Timeliness.OVERDUE:
        when += " (quá hạn)"
    if row.answer == "settled":
        when += "; đã được xác nhận từ kỳ báo cáo trước"
    return _ended(f"{_named(row)}{when}. {row.results}" if row.results else f"{_named(row)}{when}")


def _going_on(row):
    label = STANDINGS[row.standing] if row.standing != State.IN_PROGRESS else ""
    much = f"đạt {row.percent}%" if row.percent is not None else ""
    stand = ", ".join(part for part in (label, much) if part)
    told = row.results or ("Không phát sinh so với kỳ trước" if row.answer == NOTHING else "")
    return _ended(". ".join(part for part in (f"{_named(row)}{'; ' + stand if stand else ''}", told) if part))


def _late(row, year):
    due = row.task.deadline(year)
    cause = f" Nguyên nhân: {row.causes}" if row.causes else ""
    return _ended(f"{_named(row)}; hạn {words.short_date(due)}, {STANDINGS[row.standing]}.{cause}")


def _targets(known):
    told = []
    for one in indicators.readings(known.as_of, TARGETS):
        if one.target is None and one.value is None:
            continue
        wanted = "" if one.target is None else f"mục tiêu ít nhất {two(one.target)} {one.unit}; "
        text = f"- {one.label}: {wanted}{_reached(one, known)}."
        told.append(Suggestion("II.4", f"II.4:{one.key}", text, []))
    return told


def _reached(reading, known):
    if reading.value is None:
        return "chưa có số liệu"
    source = f" (nguồn: {reading.source})" if reading.source else ""
    return f"đến ngày {words.short_date(known.as_of)} đạt {words.figure(reading.value)} {reading.unit}{source}"


def _shortcomings(known):
    made = []
    if late := [row for row in known.rows if row.timeliness == Timeliness.OVERDUE and row.answer != "settled"]:
        silent = len([row for row in late if row.standing == MISSING])
        inside = f" (trong đó {two(silent)} nhiệm vụ chưa có báo cáo)" if silent else ""
        text = f"- Còn {two(len(late))} nhiệm vụ quá hạn hoặc hoàn thành quá hạn{inside}: {words.listing(_by_agency(late))}."
        made.append(Suggestion("III", "III:late", text, _sources(late)))
    if known.unsent:
        names = words.listing(report.agency_name for report in known.unsent)
        text = f"- Còn {two(len(known.unsent))} cơ quan, đơn vị chưa gửi báo cáo: {names}."
        sources = [{"row": None, "report": r.pk, "code": "", "agency": r.agency_name} for r in known.unsent]
        made.append(Suggestion("III", "III:unsent", text, sources))
    none = "" if made else "Các cơ quan đã báo cáo không nêu tồn tại, hạn chế."
    return made + _listed(known, "III", ["shortcomings"], ["obstacles"], none)
