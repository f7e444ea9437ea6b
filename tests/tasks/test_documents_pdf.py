"""The PDF itself, measured on the page against Decree 30/2020/NĐ-CP, annex I: sizes, margins, faces, numbers, structure."""

import unicodedata
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from parkportal.documents import presses
from tasks.documents import html, pdf, wording
from tasks.yearreport import Paragraph, Section
from tests.tasks.printed import runs
from tests.tasks.sample_report import sample_draft, sample_report

pytestmark = [pytest.mark.pdf, pytest.mark.once]

A4 = (595.28, 841.89)
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 30, 15, 20, 20
VOWELS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
LETTERS = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES] + ["đ", "b", "c", "₫"]
ALPHABET = [*LETTERS, *(letter.upper() for letter in LETTERS[:-1])]


class Copy:
    """A PDF and what stands on its pages."""

    def __init__(self, report):
        self.report = report
        self.reader = PdfReader(BytesIO(pdf.make(report)))
        known = {}
        self.pages = [runs(page, known) for page in self.reader.pages]
        landscape = [place for place, page in enumerate(self.reader.pages) if page.mediabox.width > page.mediabox.height]
        self.body = self.pages[: landscape[0]]
        self.appendix_1 = self.pages[landscape[0] : landscape[-1] + 1]
        self.appendix_2 = self.pages[landscape[-1] + 1 :]
        self.landscape = landscape

    def text(self, pages=None):
        return " ".join(run.text for page in (pages or self.pages) for run in page)

    def first(self, words, pages=None):
        return next(run for page in (pages or self.pages) for run in page if words in run.text)


@pytest.fixture(scope="module")
def issued():
    return Copy(sample_report())


@pytest.fixture(scope="module")
def draft():
    return Copy(sample_draft(is_demonstration=True))


def own(page):
    """What the page says itself, without number and stamps."""
    return [run for run in page if not run.is_artifact]


# Paper, margins, faces ------------------------------------------------------------------------------------------------
def test_pages_are_a4_and_only_the_first_appendix_lies_on_its_side(issued):
    for place, page in enumerate(issued.reader.pages):
        expected = A4[::-1] if place in issued.landscape else A4
        assert [float(page.mediabox[2]), float(page.mediabox[3])] == pytest.approx(expected, abs=0.5)
    assert issued.landscape == list(range(issued.landscape[0], issued.landscape[-1] + 1))


def test_text_keeps_the_margins_of_the_decree(issued):
    for pages, width, height in ((issued.body, 210, 297), (issued.appendix_1, 297, 210), (issued.appendix_2, 210, 297)):
        for page in pages:
            assert min(run.left for run in own(page)) >= MARGIN_LEFT - 0.1
            assert max(run.right for run in own(page)) <= width - MARGIN_RIGHT + 0.3
            assert min(run.top for run in own(page)) >= MARGIN_TOP
            assert max(run.top for run in own(page)) <= height - MARGIN_BOTTOM


def test_text_begins_at_the_left_margin_and_fills_the_line(issued):
    body = [run for page in issued.body[1:] for run in own(page) if run.size == 14]
    assert min(run.left for run in body) == pytest.approx(MARGIN_LEFT, abs=0.2)
    assert max(run.right for run in body) == pytest.approx(210 - MARGIN_RIGHT, abs=1)


def test_every_word_is_set_in_tinos_and_every_face_is_in_the_file(issued):
    assert {run.face for page in issued.pages for run in page} <= {
        "Tinos",
        "Tinos-Bold",
        "Tinos-Italic",
        "Tinos-Bold-Italic",
    }
    for page in issued.reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert "/FontFile2" in descriptor


def test_no_two_subsets_share_a_name(issued):
    names = {}
    for page in issued.reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            program = descriptor.raw_get("/FontFile2").idnum
            assert names.setdefault(descriptor["/FontName"], program) == program


def test_every_vietnamese_letter_comes_back_as_it_was_written():
    words = " ".join(ALPHABET)
    report = replace(sample_report(), sections=[Section("I", "I.", "Bảng chữ cái", 1, [Paragraph(words)])], tables=[])
    copy = Copy(replace(report, appendix_1=report.appendix_1[:3]))
    text = copy.text(copy.body)
    assert len(ALPHABET) == 151
    assert [letter for letter in ALPHABET if letter not in text] == []
    assert "�" not in text


# Head, text and signature ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "size", "face"),
    [
        ("ỦY BAN NHÂN DÂN", 12, "Tinos"),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", 12, "Tinos-Bold"),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "Tinos-Bold"),
        ("Độc lập - Tự do - Hạnh phúc", 13, "Tinos-Bold"),
        ("Số: 05/BC-SKHCN", 13, "Tinos"),
        ("Đà Nẵng, ngày 14 tháng 12 năm 2026", 13, "Tinos-Italic"),
        ("BÁO CÁO", 14, "Tinos-Bold"),
        ("Kết quả thực hiện Kế hoạch", 14, "Tinos-Bold"),
        ("Kính gửi: Ủy ban nhân dân thành phố Đà Nẵng", 14, "Tinos"),
        ("Căn cứ Kế hoạch số", 14, "Tinos-Italic"),
        ("I. CÔNG TÁC CHỈ ĐẠO, TRIỂN KHAI", 14, "Tinos-Bold"),
        ("1. Tổng quan số liệu", 14, "Tinos-Bold"),
        ("Ngay từ đầu năm", 14, "Tinos"),
        ("KT. GIÁM ĐỐC", 14, "Tinos-Bold"),
        ("PHÓ GIÁM ĐỐC", 14, "Tinos-Bold"),
        ("Nguyễn Thị Ánh Tuyết", 14, "Tinos-Bold"),
        ("Nơi nhận:", 12, "Tinos-Bold-Italic"),
        ("- Như trên;", 11, "Tinos"),
        ("- Lưu: VT, KHTC, 03 bản.", 11, "Tinos"),
        ("Phụ lục I", 14, "Tinos-Bold"),
        ("(Kèm theo Báo cáo số 05/BC-SKHCN ngày 14 tháng 12 năm 2026", 14, "Tinos-Italic"),
    ],
)
def test_every_component_has_the_size_and_the_face_of_the_decree(issued, words, size, face):
    run = issued.first(words)
    assert (run.size, run.face) == (size, face)


def test_number_and_date_stand_on_one_line(issued):
    assert issued.first("Số: 05").top == pytest.approx(issued.first("Đà Nẵng, ngày").top, abs=0.1)


def test_first_lines_are_indented_and_paragraphs_apart(issued):
    lines = [run for run in own(issued.body[0]) if run.size == 14 and run.face == "Tinos"]
    start = next(place for place, run in enumerate(lines) if run.text.startswith("Ngay từ đầu năm"))
    assert lines[start].left == pytest.approx(MARGIN_LEFT + 12.7, abs=0.2)
    assert lines[start + 1].left == pytest.approx(MARGIN_LEFT, abs=0.2)
    spacing = (lines[start + 1].top - lines[start].top) / 25.4 * 72 / 14
    assert 1.15 <= spacing <= 1.73  # from single to one and a half, of a face whose single line is 1.15
    following = next(run for run in lines[start + 1 :] if run.left > MARGIN_LEFT + 10)
    before = lines[lines.index(following) - 1]
    assert (following.top - before.top) - (lines[start + 1].top - lines[start].top) >= 6 * 25.4 / 72 - 0.05


def test_the_text_ends_with_the_mark_and_the_signature_never_stands_alone(issued):
    last = next(page for page in issued.body if any("KT. GIÁM ĐỐC" in run.text for run in page))
    words = " ".join(run.text for run in own(last))
    assert "./." in words and words.index("./.") < words.index("Nơi nhận:")
    assert "Mã SHA-256" in words
    assert issued.text(issued.body).count("./.") == 1


# Page numbers ---------------------------------------------------------------------------------------------------------
def numbers(pages):
    return [[run for run in page if run.is_artifact and run.text.isdigit()] for page in pages]


def test_pages_count_from_one_in_the_body_and_in_each_appendix(issued):
    body, first, second = (numbers(pages) for pages in (issued.body, issued.appendix_1, issued.appendix_2))
    assert body[0] == []
    assert [page[0].text for page in body[1:]] == [str(n) for n in range(2, len(body) + 1)]
    assert [page[0].text for page in first] == [str(n) for n in range(1, len(first) + 1)]
    assert [page[0].text for page in second] == [str(n) for n in range(1, len(second) + 1)]


def test_the_number_stands_upright_in_the_middle_of_the_top_margin(issued):
    for page, width in ((issued.body[1], 210), (issued.appendix_1[2], 297)):
        number = numbers([page])[0][0]
        assert (number.size, number.face) == (14, "Tinos")
        assert number.top < MARGIN_TOP
        assert (number.left + number.right) / 2 == pytest.approx((MARGIN_LEFT + width - MARGIN_RIGHT) / 2, abs=0.3)


def test_an_appendix_of_more_pages_than_were_prepared_is_numbered_to_its_end(monkeypatch):
    monkeypatch.setattr(pdf, "NUMBERS", 2)
    report = sample_report()
    copy = Copy(replace(report, appendix_1=report.appendix_1[:12], sections=report.sections[:1], tables=[]))
    assert [page[0].text for page in numbers(copy.appendix_1)] == [str(n) for n in range(1, len(copy.appendix_1) + 1)]
    assert len(copy.appendix_1) > 2


# Appendices -----------------------------------------------------------------------------------------------------------
def test_the_head_of_the_table_is_repeated_on_every_page(issued):
    for pages, heading in ((issued.appendix_1, "STT"), (issued.appendix_2, "STT")):
        for page in pages:
            assert [run.text for run in page].count(heading) == 1


def test_every_row_of_the_plan_is_there_whole(issued):
    text = issued.text(issued.appendix_1).replace(" ", "").replace("\n", "")
    for line in issued.report.appendix_1:
        assert line.content.replace(" ", "").replace("\n", "")[:24] in text, line.code
    assert "(nay:" in issued.text(issued.appendix_1) and "Chưa báo cáo" in issued.text(issued.appendix_1)


def test_the_second_appendix_says_who_reported_when_and_how_late(issued):
    text = issued.text(issued.appendix_2)
    for line in issued.report.appendix_2:
        assert line.agency.split()[-1] in text
    assert "14:32 05/12/2026" in text and "Chưa báo cáo" in text


# Structure, stamps, verification --------------------------------------------------------------------------------------
def test_the_file_is_tagged_and_says_its_language_and_title(issued):
    root = issued.reader.trailer["/Root"]
    assert root["/Lang"] == "vi" and root["/MarkInfo"]["/Marked"]
    assert issued.reader.metadata.title == wording.title(issued.report)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_every_marked_content_of_every_page_is_in_one_structure_tree(issued):
    tree = issued.reader.trailer["/Root"]["/StructTreeRoot"]
    assert [kid.get_object()["/S"] for kid in tree["/K"]] == ["/Document"]
    document = tree["/K"][0].get_object()
    assert [kid.get_object()["/S"] for kid in document["/K"]] == ["/Part"] * 4
    entries = tree["/ParentTree"]["/Nums"]
    parents = dict(zip(map(int, entries[::2]), entries[1::2], strict=True))
    assert len(parents) == len(entries) / 2
    seen = set()
    for page in issued.reader.pages:
        key = int(page["/StructParents"])
        assert key not in seen
        seen.add(key)
        marked = page.get_contents().get_data().count(b"/MCID")
        elements = parents[key].get_object()
        assert len(elements) == marked
        owners = {element.get_object()["/Pg"].indirect_reference.idnum for element in elements if element}
        assert owners <= {page.indirect_reference.idnum}


def test_every_element_knows_its_parent_and_every_head_has_one_name(issued):
    names, waiting = [], [issued.reader.trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()]
    tags = set()
    while waiting:
        element = waiting.pop()
        tags.add(element["/S"])
        if "/ID" in element:
            names.append(str(element["/ID"]))
        for kid in element.get("/K", []):
            if not isinstance(kid, int):
                kid = kid.get_object()
                if kid.get("/Type") == "/StructElem":
                    assert kid["/P"].indirect_reference == element.indirect_reference
                    waiting.append(kid)
    assert len(names) == len(set(names)) > 20
    listed = issued.reader.trailer["/Root"]["/StructTreeRoot"]["/IDTree"]["/Names"]
    assert [str(name) for name in listed[::2]] == sorted(names)
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure", "/Link"} <= tags


def test_bookmarks_lead_through_the_whole_document(issued):
    titles = [str(item.title) for item in issued.reader.outline if not isinstance(item, list)]
    assert titles[0].startswith("BÁO CÁO") and titles[1:] == ["Phụ lục I", "Phụ lục II"]
    pages = [issued.reader.get_destination_page_number(item) for item in issued.reader.outline if not isinstance(item, list)]
    assert pages == [0, issued.landscape[0], issued.landscape[-1] + 1]


def test_charts_are_figures_with_words_for_those_who_do_not_see_them(issued):
    found, waiting = [], [issued.reader.trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()]
    while waiting:
        element = waiting.pop()
        if element["/S"] == "/Figure":
            found.append(str(element["/Alt"]))
        waiting += [kid.get_object() for kid in element.get("/K", []) if not isinstance(kid, int) and "/S" in kid.get_object()]
    assert any(words.startswith("Kết quả theo nhóm nhiệm vụ. Nhóm I: Đã hoàn thành 3") for words in found)
    assert any(words.startswith("Mã QR") for words in found)


def test_a_draft_and_demonstration_data_say_so_across_every_page(draft, issued):
    for page in draft.pages:
        slanted = [run.text for run in page if not run.is_level]
        assert slanted == ["DỰ THẢO", "SỐ LIỆU MINH HỌA"]
    assert all(run.is_level for page in issued.pages for run in page)
    assert "DỰ THẢO" not in issued.text()


def test_a_draft_leaves_room_for_number_and_date_and_carries_no_address(draft):
    assert "Số:        /BC-SKHCN" in draft.text() and "ngày      tháng      năm 2026" in draft.text()
    assert "verify" not in draft.text() and "chưa có giá trị phát hành" in draft.text()


def test_an_issued_report_carries_its_hash_and_the_address_that_verifies_it(issued):
    text = issued.text(issued.body).replace(" ", "")
    assert issued.report.digest() in text and issued.report.verify_url in text
    links = [note.get_object()["/A"]["/URI"] for page in issued.reader.pages for note in page.get("/Annots", [])]
    assert set(links) == {issued.report.verify_url}
    assert all(page["/Tabs"] == "/S" for page in issued.reader.pages)


def test_one_content_gives_one_text(issued):
    assert Copy(sample_report()).text() == issued.text()


def test_a_text_with_markup_in_it_is_printed_as_it_is():
    report = sample_report()
    nasty = '<script>alert(1)</script> & <img src="file:///etc/passwd"> {{ 7 }}'
    sections = [Section("I", "I.", "Kết quả", 1, [Paragraph(nasty)])]
    copy = Copy(replace(report, sections=sections, tables=[], appendix_1=report.appendix_1[:3]))
    assert "<script>alert(1)</script> &" in copy.text(copy.body)


# The rendering process ------------------------------------------------------------------------------------------------
def test_a_document_loads_no_file_and_no_address(tmp_path):
    picture = tmp_path / "dot.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">BÍ MẬT</text></svg>')
    page = f'<html lang="vi"><title>x</title><body>Chữ<img alt="ảnh" src="{picture.as_uri()}"><img alt="" src="http://127.0.0.1:9/a">'
    made = presses.render({"html": page, "css": pdf.style_sheet(), "variant": "pdf/ua-1"})
    text = " ".join(run.text for run in runs(PdfReader(BytesIO(made)).pages[0]))
    assert "Chữ" in text and "BÍ MẬT" not in text


def test_the_columns_fill_the_page_between_its_margins():
    assert sum(width for _heading, width in wording.APPENDIX_1_COLUMNS) == 297 - MARGIN_LEFT - MARGIN_RIGHT
    assert sum(width for _heading, width in wording.APPENDIX_2_COLUMNS) == 210 - MARGIN_LEFT - MARGIN_RIGHT


def test_the_preview_carries_no_style_and_no_script_of_its_own():
    body = html.body_html(sample_report())
    assert "style=" not in body and "<script" not in body and "onclick" not in body
