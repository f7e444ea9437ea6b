"""Holds the fixtures of Plan 2812/KH-UBND to the printed annex they were read from."""

import json
import re
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SOURCE = FIXTURES / "sources" / "ke-hoach-2812-kh-ubnd.txt"

CELLS = (
    "number",
    "content",
    "lead",
    "coordinators",
    "period",
    "deliverable",
    "note",
)
COLUMN_HEADS = [
    "STT",
    "Nội dung nhiệm vụ",
    "Cơ quan chủ trì",
    "Cơ quan phối hợp",
    "Thời gian thực hiện",
    "Thời gian báo cáo UBND thành phố (dự kiến thời gian trình phê duyệt)",
    "Ghi chú",
]
KIND_WORDS = {
    "new": "Nhiệm vụ mới",
    "routine": "Nhiệm vụ thường xuyên",
    "annual_plan": "Nhiệm vụ theo kế hoạch được phê duyệt hàng năm",
    "scheme": "Đề án",
}
AGENCY_KINDS = {
    "department",
    "board",
    "district_committees",
    "press",
    "association",
    "fund",
    "council",
    "institute",
    "centre",
    "ministry",
    "university",
    "other",
    "locality",
}


def load(name):
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


PLAN = load("plan_2812.json")
ROWS = PLAN["rows"]
BY_CODE = {row["code"]: row for row in ROWS}
AGENCIES = load("agencies.json")["agencies"]
SUCCESSIONS = load("agencies.json")["successions"]
HOLIDAYS = load("holidays.json")
AGENCY_KEYS = {agency["key"] for agency in AGENCIES}


def folded(text):
    return " ".join(text.split()).casefold()


def bare_words(text):
    return re.sub(r"[\s;,.]+", "", text).casefold()


def lines_after_column_heads():
    lines = [s for s in SOURCE.read_text(encoding="utf-8").split("\n") if s.strip()]
    start = lines.index("STT")
    assert lines[start : start + len(COLUMN_HEADS)] == COLUMN_HEADS
    return lines[start + len(COLUMN_HEADS) :]


def printed_lines(row):
    return [s for cell in CELLS for s in row["printed"][cell].split("\n") if s]


def agencies_by_every_name():
    names = {}
    for agency in AGENCIES:
        for name in (agency["name"], *agency["aliases"]):
            names.setdefault(folded(name), set()).add(agency["key"])
    return names


NAMES = agencies_by_every_name()


def code_from_print(row):
    """The code the numbering demands; an unnumbered row takes a letter by its turn."""
    number, parent = row["printed"]["number"].rstrip("."), row["parent"]
    if parent is None:
        return number
    if number:
        return parent.split(".")[0] + "." + number
    turn = [r["code"] for r in ROWS if r["parent"] == parent].index(row["code"])
    return f"{parent}.{'abcde'[turn]}"


def years_in(value):
    return [value[name] for name in ("start", "end", "year") if name in value]


def is_printed_yearly(text):
    return folded(text) in ("hằng năm", "hàng năm")


# The printed annex


def test_every_printed_cell_in_order_gives_back_the_annex_word_for_word():
    cells = [line for row in ROWS for line in printed_lines(row)]
    assert cells == lines_after_column_heads()[: len(cells)]


def test_below_the_last_row_of_the_annex_nothing_is_left_over():
    cells = [line for row in ROWS for line in printed_lines(row)]
    assert lines_after_column_heads()[len(cells) :] == []


def test_the_annex_has_79_rows_of_which_68_name_a_lead():
    led = Counter(row["code"].split(".")[0] for row in ROWS if row["lead"])
    assert len(ROWS) == 79
    assert led == {"I": 20, "II": 48}
    assert len({row["lead"] for row in ROWS if row["lead"]}) == 20


def test_the_department_of_science_and_technology_leads_21_rows():
    assert sum(row["lead"] == "skhcn" for row in ROWS) == 21


def test_rows_stand_in_printed_order():
    assert [row["position"] for row in ROWS] == list(range(79))


def test_no_two_rows_share_a_code():
    assert len(BY_CODE) == len(ROWS)


def test_a_parent_is_printed_before_its_children():
    seen = set()
    for row in ROWS:
        assert row["parent"] is None or row["parent"] in seen, row["code"]
        seen.add(row["code"])
    assert [row["code"] for row in ROWS if row["parent"] is None] == ["I", "II"]


def test_only_the_seven_known_rows_carry_no_number():
    unnumbered = [row["code"] for row in ROWS if not row["printed"]["number"]]
    assert unnumbered == [f"II.5.1.{c}" for c in "abcde"] + ["II.7.9.a", "II.7.9.b"]


def test_the_code_follows_from_the_printed_number():
    for row in ROWS:
        assert row["code"] == code_from_print(row), row["code"]
        if row["parent"] is not None:
            assert row["parent"] == row["code"].rsplit(".", 1)[0], row["code"]


def test_content_is_the_printed_content_with_whitespace_cleaned():
    for row in ROWS:
        assert row["content"].split("\n") == [" ".join(line.split()) for line in row["printed"]["content"].split("\n")], row[
            "code"
        ]


def test_every_row_has_one_english_paragraph_for_each_vietnamese_one():
    for row in ROWS:
        english = row["content_en"].split("\n")
        assert all(english), row["code"]
        assert len(english) == len(row["content"].split("\n")), row["code"]


def test_the_support_for_a_hundred_firms_is_one_row_of_two_paragraphs():
    two = [row["code"] for row in ROWS if "\n" in row["content"]]
    assert two == ["II.6"]


# Agencies


def test_no_two_agencies_share_a_key_or_a_name():
    assert len(AGENCY_KEYS) == len(AGENCIES)
    assert {name: keys for name, keys in NAMES.items() if len(keys) > 1} == {}


def test_every_agency_is_of_a_known_kind_and_has_both_names():
    for agency in AGENCIES:
        assert agency["kind"] in AGENCY_KINDS, agency["key"]
        assert agency["name"] and agency["name_en"], agency["key"]


def test_science_and_technology_alone_consolidates():
    assert [a["key"] for a in AGENCIES if a["is_consolidator"]] == ["skhcn"]


def test_the_printed_lead_resolves_to_the_agency_of_the_row():
    for row in ROWS:
        printed = row["printed"]["lead"]
        if printed:
            assert NAMES[folded(printed)] == {row["lead"]}, row["code"]
        else:
            assert row["lead"] is None, row["code"]


def test_a_coordinator_with_a_key_is_an_agency_of_that_name():
    for row in ROWS:
        for part in row["coordinators"]:
            if part["agency"] is not None:
                assert NAMES[folded(part["text"])] == {part["agency"]}, row["code"]


def test_a_coordinator_left_as_text_is_not_the_name_of_an_agency():
    for row in ROWS:
        for part in row["coordinators"]:
            if part["agency"] is None:
                assert folded(part["text"]) not in NAMES, row["code"]


def test_the_coordinators_together_give_back_the_printed_cell():
    for row in ROWS:
        parts = "".join(part["text"] for part in row["coordinators"])
        assert bare_words(parts) == bare_words(row["printed"]["coordinators"]), row["code"]


def test_no_agency_coordinates_a_task_twice_or_beside_leading_it():
    for row in ROWS:
        named = [p["agency"] for p in row["coordinators"] if p["agency"]]
        assert len(named) == len(set(named)), row["code"]
        assert row["lead"] not in named, row["code"]


# Period, deliverable, note


def test_a_date_cell_says_what_is_printed():
    for row, cell in product(ROWS, ("period", "deliverable")):
        printed, value = row["printed"][cell], row[cell]
        assert (value["kind"] == "none") == (printed == ""), row["code"]
        assert (value["kind"] == "yearly") == is_printed_yearly(printed), row["code"]
        # A single printed year is both ends of a period.
        printed_years = {int(year) for year in re.findall(r"\d{4}", printed)}
        assert set(years_in(value)) == printed_years, row["code"]


def test_a_period_runs_forward_and_a_single_year_is_not_a_range():
    for row in ROWS:
        if row["period"]["kind"] == "years":
            assert row["period"]["start"] <= row["period"]["end"], row["code"]
        if row["deliverable"]["kind"] == "range":
            assert row["deliverable"]["start"] < row["deliverable"]["end"], row["code"]


def test_the_kind_is_the_one_that_opens_the_note():
    for row in ROWS:
        note = row["printed"]["note"]
        kinds = [kind for kind, words in KIND_WORDS.items() if note.startswith(words)]
        assert [row["kind"]] == (kinds or [""]), row["code"]


def test_the_kinds_are_as_many_as_counted_by_hand():
    counted = Counter(row["kind"] for row in ROWS if row["kind"])
    assert counted == {"new": 13, "routine": 12, "annual_plan": 14, "scheme": 1}


def test_a_reference_stands_in_the_note_and_every_printed_number_is_a_reference():
    for row in ROWS:
        note = row["printed"]["note"]
        for reference in row["references"]:
            assert reference["text"] in note, row["code"]
        printed_numbers = re.findall(r"\b\d{4}(?=/| *$)", note.split("\n")[0])
        numbers = [r["number"].split("/")[0] for r in row["references"] if r["number"]]
        assert numbers == printed_numbers, row["code"]


def test_eight_notes_point_to_plan_4844_with_its_date():
    found = [r for row in ROWS for r in row["references"] if "4844" in r["number"]]
    assert len(found) == 8
    assert {r["date"] for r in found} == {"2019-07-18"}
    body = SOURCE.read_text(encoding="utf-8")
    assert "Kế hoạch số 4844/KH-UBND ngày 18 tháng 7 năm 2019" in body


def test_rows_with_a_lone_ambiguous_value_are_marked_and_explained():
    unsure = {row["code"] for row in ROWS if row["unsure"]}
    assert unsure == {"II.1", "II.1.1", "II.1.2", "II.2.3", "II.3", "II.7.2"}
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")
    for code in unsure:
        assert f"| {code} |" in readme
        assert set(BY_CODE[code]["unsure"]) <= set(CELLS)


def test_each_ambiguous_value_stands_where_the_readme_reads_it():
    read_as = {
        "II.1": ("", "Hằng năm"),
        "II.1.1": ("Hằng năm", ""),
        "II.1.2": ("2020-2021", ""),
        "II.2.3": ("", "2021"),
        "II.3": ("", "Hàng năm"),
        "II.7.2": ("", "Hằng năm"),
    }
    for code, cells in read_as.items():
        printed = BY_CODE[code]["printed"]
        assert (printed["period"], printed["deliverable"]) == cells, code


def test_the_readme_counts_the_unambiguous_cells_rightly():
    sure = [row for row in ROWS if not row["unsure"]]
    both = [r for r in sure if r["printed"]["period"] and r["printed"]["deliverable"]]
    yearly = [r["code"] for r in both if r["period"]["kind"] == "yearly"]
    assert yearly == ["I.1.1"]
    assert sum(r["deliverable"]["kind"] == "yearly" for r in both) == 24


# Successions


def test_only_successions_of_high_confidence_are_recorded():
    assert {s["confidence"] for s in SUCCESSIONS} == {"high"}


def test_a_succession_joins_two_known_agencies_and_is_sourced():
    for s in SUCCESSIONS:
        assert {s["predecessor"], s["successor"]} <= AGENCY_KEYS
        assert s["predecessor"] != s["successor"]
        assert s["legal_basis"] and s["source_url"].startswith("http")


def test_every_agency_has_at_most_one_successor_and_no_chain_comes_back():
    heir = {s["predecessor"]: s["successor"] for s in SUCCESSIONS}
    assert len(heir) == len(SUCCESSIONS)
    for start, key in heir.items():
        seen = {start}
        while key in heir:
            assert key not in seen
            seen.add(key)
            key = heir[key]


def test_an_agency_is_dissolved_on_the_day_its_successor_takes_over():
    taken_over = {s["predecessor"]: s["effective_on"] for s in SUCCESSIONS}
    dissolved = {a["key"]: a["dissolved_on"] for a in AGENCIES if a["dissolved_on"]}
    assert dissolved == taken_over
    for day in dissolved.values():
        date.fromisoformat(day)


# Holidays


def test_only_fixed_date_holidays_are_recorded_and_24_november_is_not_confirmed():
    fixed = {"01-01", "04-30", "05-01", "09-02"}
    expected = {f"{year}-{day}" for year in range(2025, 2029) for day in fixed}
    confirmed = [h["date"] for h in HOLIDAYS if h["is_confirmed"]]
    assert len(confirmed) == len(expected) and set(confirmed) == expected
    unconfirmed = [h["date"] for h in HOLIDAYS if not h["is_confirmed"]]
    assert unconfirmed == ["2026-11-24"]
    assert all(h["name"] and h["name_en"] and h["source"] for h in HOLIDAYS)
