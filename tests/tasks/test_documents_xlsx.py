"""The workbook, opened again: all rows, filterable, dates as dates, and nothing that a spreadsheet would run."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tasks.documents import xlsx
from tests.tasks.sample_report import sample_draft, sample_report

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def report():
    return sample_report()


@pytest.fixture(scope="module")
def workbook(report):
    return load_workbook(BytesIO(xlsx.make(report)))


def test_every_task_with_a_lead_is_a_row_under_a_frozen_filtered_head(workbook, report):
    sheet = workbook["Nhiệm vụ"]
    codes = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert codes == [line.code for line in report.appendix_1 if not line.is_heading] and len(codes) == 68
    assert sheet.auto_filter.ref == f"A1:R{len(codes) + 1}" and sheet.freeze_panes == "E2"
    assert all(cell.alignment.wrap_text for cell in sheet[2])
    assert sheet.column_dimensions["N"].width == 60


def test_columns_carry_what_was_reported(workbook, report):
    sheet = workbook["Nhiệm vụ"]
    heads = [cell.value for cell in sheet[1]]
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)}
    line = next(line for line in report.appendix_1 if line.obstacles and line.percent)
    row = rows[line.code]
    assert (row["Kết quả thực hiện"], row["Khó khăn, vướng mắc"]) == (line.results, line.obstacles)
    assert row["Tỷ lệ hoàn thành"] == line.percent and row["Trả lời"] == "Có báo cáo"
    heir = next(line for line in report.appendix_1 if line.duty)
    assert (rows[heir.code]["Cơ quan chủ trì"], rows[heir.code]["Cơ quan thực hiện hiện nay"]) == (heir.lead, heir.duty)


def test_moments_are_dates_and_counts_are_numbers(workbook, report):
    sheet = workbook["Cơ quan"]
    assert sheet.max_row == len(report.appendix_2) + 1 and sheet.auto_filter.ref
    sent = next(row for row in sheet.iter_rows(min_row=2) if row[4].value)
    assert isinstance(sent[4].value, datetime) and sent[4].number_format == "hh:mm dd/mm/yyyy"
    assert isinstance(sent[1].value, int)


def test_the_summary_has_the_totals_and_the_hash(workbook, report):
    values = [cell for row in workbook["Tổng hợp"].iter_rows(values_only=True) for cell in row if cell is not None]
    assert report.digest() in values and report.verify_url in values
    for table in report.tables:
        assert table.title in values
        assert all(number in values for number in table.rows[-1])


def test_a_draft_says_so():
    values = [
        cell for row in load_workbook(BytesIO(xlsx.make(sample_draft())))["Tổng hợp"].iter_rows(values_only=True) for cell in row
    ]
    assert "DỰ THẢO" in values


@settings(max_examples=40, deadline=None)
@given(st.sampled_from("=+-@'\t\r|%"), st.text(max_size=40))
def test_no_text_becomes_a_formula(sign, text):
    report = sample_report()
    line = replace(report.appendix_1[2], results=sign + text, lead=sign + text)
    made = xlsx.make(replace(report, appendix_1=[line], appendix_2=[], tables=[], counts=[]))
    row = load_workbook(BytesIO(made))["Nhiệm vụ"][2]
    assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
    assert not any(cell.data_type == "f" for cell in row)


def test_a_dangerous_text_keeps_its_letters_and_is_marked_as_text():
    report = sample_report()
    line = replace(report.appendix_1[2], results='=HYPERLINK("http://x.test";"bấm")', obstacles="- chưa có mặt bằng")
    row = load_workbook(BytesIO(xlsx.make(replace(report, appendix_1=[line]))))["Nhiệm vụ"][2]
    assert row[13].value == line.results and row[13].data_type == "s" and row[13].quotePrefix
    assert row[14].value == line.obstacles and row[14].quotePrefix


def test_characters_that_a_workbook_cannot_hold_are_left_out():
    report = sample_report()
    line = replace(report.appendix_1[2], results="Kết\x07 quả")
    assert load_workbook(BytesIO(xlsx.make(replace(report, appendix_1=[line]))))["Nhiệm vụ"]["N2"].value == "Kết quả"
