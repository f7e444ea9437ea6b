"""The Word document, opened again: same form as the PDF, so that a clerk can send it on after a last change."""

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from tasks.documents import docx, wording
from tests.tasks.sample_report import sample_draft, sample_report

pytestmark = pytest.mark.once

TWIP = 635  # Word keeps lengths in twentieths of a point


@pytest.fixture(scope="module")
def report():
    return sample_report()


@pytest.fixture(scope="module")
def document(report):
    return Document(BytesIO(docx.make(report)))


def close(length, millimetres):
    return abs(length - Mm(millimetres)) <= 2 * TWIP


def paragraph(document, words):
    tables = [cell for table in document.tables[:1] for row in table.rows for cell in row.cells]
    cells = [one for cell in tables for one in cell.paragraphs]
    return next(one for one in [*cells, *document.paragraphs] if words in one.text)


def test_pages_are_a4_with_the_margins_of_the_decree(document):
    body, first, second = document.sections
    for section, width, height in ((body, 210, 297), (first, 297, 210), (second, 210, 297)):
        assert close(section.page_width, width) and close(section.page_height, height)
        margins = section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
        assert all(close(margin, wanted) for margin, wanted in zip(margins, (20, 20, 30, 15), strict=True))
    assert first.orientation == WD_ORIENT.LANDSCAPE and second.orientation == WD_ORIENT.PORTRAIT


def test_the_page_number_stands_in_the_top_margin_but_not_on_the_first_page(document):
    body, *appendices = document.sections
    header = body.header.paragraphs[0]
    assert "PAGE" in header._p.xml and header.alignment == ALIGN.CENTER and header.runs[0].font.size == Pt(14)
    assert body.different_first_page_header_footer and "PAGE" not in body.first_page_header._element.xml
    for section in appendices:
        assert not section.different_first_page_header_footer and section.header.is_linked_to_previous
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


@pytest.mark.parametrize(
    ("words", "size", "bold", "italic"),
    [
        ("ỦY BAN NHÂN DÂN", 12, False, False),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", 12, True, False),
        ("CỘNG HÒA XÃ HỘI", 12, True, False),
        ("Độc lập - Tự do - Hạnh phúc", 13, True, False),
        ("Số: 05/BC-SKHCN", 13, False, False),
        ("Đà Nẵng, ngày 14 tháng 12 năm 2026", 13, False, True),
    ],
)
def test_the_head_has_the_sizes_of_the_decree(document, words, size, bold, italic):
    run = paragraph(document, words).runs[0]
    assert (run.font.size, run.bold, run.italic) == (Pt(size), bold, italic)


def test_text_is_times_new_roman_14_justified_and_indented(document):
    normal = document.styles["Normal"].font
    assert normal.name == "Times New Roman" and normal.size == Pt(14)
    text = paragraph(document, "Ngay từ đầu năm")
    form = text.paragraph_format
    assert text.alignment == ALIGN.JUSTIFY and close(form.first_line_indent, 12.7) and form.space_before == Pt(6)
    assert 1 <= form.line_spacing <= 1.5
    assert paragraph(document, "Căn cứ Kế hoạch").runs[0].italic


def test_headings_are_real_headings(document):
    assert paragraph(document, "I. CÔNG TÁC CHỈ ĐẠO").style.name == "Heading 1"
    assert paragraph(document, "1. Tổng quan số liệu").style.name == "Heading 2"
    assert paragraph(document, "Phụ lục II").style.name == "Heading 1"
    assert document.core_properties.title == wording.title(sample_report())


def test_the_first_appendix_has_every_row_under_a_repeated_head(document, report):
    table = document.tables[-2]
    assert len(table.rows) == len(report.appendix_1) + 1
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows[1:])
    cells = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    assert cells == [[one.text for one in wording.appendix_1_cells(line)] for line in report.appendix_1]


def test_it_says_what_the_pdf_says(document, report):
    text = "\n".join(one.text for one in document.paragraphs)
    for section in report.sections:
        for said in section.paragraphs[:-1]:
            assert said.text in text
    right = document.tables[-3].rows[0].cells[1].text
    assert report.digest() in right and report.verify_url in right
    assert len(document.tables[-1].rows) == len(report.appendix_2) + 1


def test_a_draft_says_so_across_every_page():
    document = Document(BytesIO(docx.make(sample_draft(is_demonstration=True))))
    headers = document.sections[0].header._element.xml, document.sections[0].first_page_header._element.xml
    assert all("DỰ THẢO – SỐ LIỆU MINH HỌA" in xml for xml in headers)
    assert "DỰ THẢO" not in Document(BytesIO(docx.make(sample_report()))).sections[0].header._element.xml


def test_several_addressees_stand_one_under_another():
    report = replace(sample_report(), addressees=["Thành ủy", "Ủy ban nhân dân thành phố"])
    texts = [one.text for one in Document(BytesIO(docx.make(report))).paragraphs]
    assert texts[texts.index("Kính gửi:") + 1 :][:2] == ["- Thành ủy;", "- Ủy ban nhân dân thành phố."]


def test_characters_that_xml_reserves_are_text():
    report = replace(sample_report(), signatory_name="Nguyễn <b>A</b> & B")
    archive = zipfile.ZipFile(BytesIO(docx.make(report)))
    assert "&lt;b&gt;A&lt;/b&gt; &amp; B" in archive.read("word/document.xml").decode()
