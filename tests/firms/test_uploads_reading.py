"""A file on its way in: hostile and broken ones are refused in words, and every sound one is read as its author sees it."""

import io
import struct
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from firms import taxcodes
from firms.models import Firm, RememberedColumn, Upload
from firms.problems import CATALOGUE, Refused, tell
from firms.uploads import columns, guarding, kept, numbers, reading
from parkportal.text import fold
from tests.builders_firms import check_upload, make_editor, receive, workbook

HEADS = ["STT", "Tên doanh nghiệp", "MST"]
ROWS = [[1, "Công ty A", "0400101404"], [2, "Công ty B", None]]
once = pytest.mark.once
db = pytest.mark.django_db


def opened(content, name="danh-sach.xlsx"):
    file = ContentFile(content)
    file.size = len(content)
    return reading.open_table(file, name)


def refused(content, name="danh-sach.xlsx"):
    with pytest.raises(Refused) as caught:
        opened(content, name)
    assert str(caught.value)  # every refusal can be told
    return caught.value.key


def repacked(content, changes=None, added=None):
    """The workbook with parts changed by a function of their text, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for part in packed.infolist():
            text = packed.read(part)
            again.writestr(part.filename, (changes or {}).get(part.filename, lambda same: same)(text))
        for name, text in (added or {}).items():
            again.writestr(name, text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SOUND = workbook(ROWS, HEADS)


# Refused -------------------------------------------------------------------------------------------------------------
@once
@pytest.mark.parametrize(
    ("content", "name", "key"),
    [
        (b"", "a.xlsx", "file_empty"),
        (b"%PDF-1.7\n%%EOF", "a.xlsx", "file_disguised"),
        (b"%PDF-1.7\n%%EOF", "a.csv", "file_type"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "a.csv", "file_type"),
        (b"ten,mst\nA,1\n", "a.xlsx", "file_disguised"),
        (b"<html><table></table>", "a.xlsx", "file_disguised"),
        (SOUND, "a.csv", "file_disguised"),
        (SOUND, "a.xlsm", "file_disguised"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.xls", "file_old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "file_locked"),
        (b"ten,mst\nA,1\n", "a.exe", "file_type"),
    ],
)
def test_a_file_of_another_kind_is_named_for_what_it_is(content, name, key):
    assert refused(content, name) == key


@once
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_workbook_cut_off_on_its_way_is_told_so(share):
    assert refused(SOUND[: int(len(SOUND) * share)]) == "file_broken"


@once
def test_a_workbook_whose_parts_are_damaged_inside_is_told_so():
    place = SOUND.index(b"PK\x03\x04", 10) + 60
    assert refused(SOUND[:place] + b"\x00\xff" * 20 + SOUND[place + 40 :]) == "file_broken"


@once
def test_a_csv_cut_through_a_letter_or_a_quotation_is_told_so():
    assert refused("Tên doanh nghiệp\nCông ty Đạ".encode()[:-1], "a.csv") == "file_broken"
    assert refused(b'ten,mst\n"Cong ty A,1\n', "a.csv") == "file_quotes"


@once
def test_a_zip_bomb_is_refused_by_its_directory_alone(monkeypatch):
    bomb = repacked(SOUND, added={"xl/media/image1.bin": b"\x00" * (60 * 1024 * 1024)})
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing of it may be unpacked
    assert len(bomb) < 200_000
    assert refused(bomb) == "file_bomb"


@once
def test_a_directory_that_lies_about_the_size_does_not_get_through():
    bomb = repacked(SOUND, {SHEET: lambda text: text.replace(b"<sheetData>", b"<sheetData>" + b" " * 30_000_000)})
    place = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(SHEET.encode()))
    lying = bomb[: place + 24] + struct.pack("<I", 1000) + bomb[place + 28 :]
    assert refused(lying) in ("file_broken", "file_bomb")


@once
def test_too_many_parts_are_refused():
    assert refused(repacked(SOUND, added={f"xl/x{n}.bin": b"" for n in range(guarding.MOST_PARTS)})) == "file_bomb"


@once
@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml", "[Content_Types].xml"])
def test_external_entities_are_refused_wherever_they_stand(part):
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    late = b"<!--" + b"x" * 3_000_000 + b"-->" + entity
    for text in (entity, late):
        assert refused(repacked(SOUND, {part: lambda old, text=text: text + old})) == "file_entities"


@once
def test_a_part_in_utf_16_that_would_hide_them_is_refused_too():
    hidden = repacked(SOUND, {SHEET: lambda text: "<!DOCTYPE x>".encode("utf-16")})
    assert refused(hidden) == "file_broken"


@once
def test_macros_and_passwords_are_refused_in_words():
    assert refused(repacked(SOUND, added={"xl/vbaProject.bin": b"x"})) == "file_macros"
    types = {"[Content_Types].xml": lambda text: text.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")}
    assert refused(repacked(SOUND, types)) == "file_macros"
    locked = bytearray(SOUND)
    locked[SOUND.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(locked)) == "file_locked"


@once
def test_two_cells_in_far_corners_do_not_fill_the_memory():
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "Tên doanh nghiệp", "x"
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue()) == "file_spread"


@once
def test_a_million_empty_rows_are_read_like_none():
    empty = b"".join(b'<row r="%d" ht="15"/>' % n for n in range(4, 1_000_001))
    table = opened(repacked(SOUND, {SHEET: lambda text: text.replace(b"</sheetData>", empty + b"</sheetData>")}))
    assert [number for number, _cells in table.rows] == [1, 2, 3]


@once
def test_reading_stops_after_a_long_gap_and_at_the_limit_of_rows(monkeypatch):
    far = [*ROWS, *([[None]] * 1500), [9, "Công ty cuối", None]]
    assert len(opened(workbook(far, HEADS)).rows) == 3
    monkeypatch.setattr(reading, "MOST_ROWS", 1)
    table = opened(SOUND)
    with pytest.raises(Refused) as caught:
        reading.rows_under(table.rows, 1)
    assert caught.value.key == "too_many_rows"


@once
def test_a_workbook_without_a_row_or_a_heading_is_told_what_is_missing():
    assert refused(workbook([])) == "no_sheet"
    for rows, key in [([HEADS], "no_rows"), ([[1, 2], [3, 4]], "no_header")]:
        with pytest.raises(Refused) as caught:
            table = opened(workbook(rows))
            reading.rows_under(table.rows, reading.heading_row(table.rows)[0])
        assert caught.value.key == key


@once
def test_every_problem_can_be_told_and_has_a_number_of_its_own():
    assert len({problem.number for problem in CATALOGUE.values()}) == len(CATALOGUE)
    for key in CATALOGUE:
        assert "{" not in tell(key, {"given": "x"})


# Read ----------------------------------------------------------------------------------------------------------------
@once
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_every_letters_and_with_every_separator(encoding, separator):
    text = f'Tên doanh nghiệp{separator}Ngành\nCông ty Đại Việt{separator}"Cơ khí{separator} chính xác"\n'
    if encoding == "cp1258":  # that code page writes some marks as signs of their own
        content = b"".join(_windows(letter) for letter in text)
    else:
        content = text.encode(encoding)
    rows = opened(content, "a.csv").rows
    assert rows[1] == (2, ["Công ty Đại Việt", f"Cơ khí{separator} chính xác"])


def _windows(letter):
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        for mark in "\u0300\u0309\u0303\u0301\u0323":
            for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY":
                if reading.nfc(base + mark) == letter:
                    return (base + mark).encode("cp1258")
        raise


@once
def test_rows_are_numbered_as_the_spreadsheet_counts_them():
    book = [["DANH SÁCH DOANH NGHIỆP"], [], HEADS, *ROWS, [], [3, "Công ty C", None]]
    table = opened(workbook(book))
    number, headings = reading.heading_row(table.rows)
    assert (number, headings) == (3, HEADS)
    assert [number for number, _cells in reading.rows_under(table.rows, number)] == [4, 5, 7]


@once
@pytest.mark.parametrize(
    ("cells", "key"),
    [
        (["Ví dụ – xóa dòng này", "Công ty Mẫu", "1"], "left_out_example"),
        (["(1)", "(2)", "(3)"], "left_out_numbers"),
        ([1.0, 2.0, 3.0], "left_out_numbers"),
        (["", "Tổng cộng:", 12.0], "left_out_total"),
        (["Total", "", 12.0], "left_out_total"),
        (["II", "Doanh nghiệp FDI", ""], "left_out_heading"),
        ([1.0, "Tổng công ty Sông Thu", "0400101404"], ""),
        ([1.0, "Công ty Cộng Hưởng", ""], ""),
        (["", "Công ty A", ""], ""),
    ],
)
def test_totals_headings_and_numbers_of_columns_are_no_firms(cells, key):
    assert reading.no_data_row(cells, {1}) == key


@once
@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("Tên DN", ("name", "")),
        ("  TÊN   DOANH NGHIỆP * ", ("name", "")),
        ("MST", ("tax_code", "")),
        ("Tax Code", ("tax_code", "")),
        ("Vốn đăng ký (triệu USD)", ("capital", "mUSD")),
        ("Tổng vốn đầu tư (tỷ đồng)", ("capital", "bVND")),
        ("Vốn đầu tư, USD", ("capital", "USD")),
        ("Diện tích (ha)", ("land_ha", "")),
        ("STT", ("", "")),
        ("Người liên hệ", ("", "")),
    ],
)
def test_headings_are_recognised_with_their_unit(heading, meaning):
    assert columns.guess(heading) == meaning


@once
def test_kept_rows_are_found_again_one_by_one():
    rows = [{"n": n, "k": "new" if n % 2 else "same", "g": [], "v": {"name": f"Công ty {n}"}} for n in range(2, 1200)]
    found = kept.Kept(io.BytesIO(kept.pack(rows)))
    assert list(found.rows()) == rows
    assert found.row(777)["v"] == {"name": "Công ty 777"}
    assert found.row(9999) is None
    assert [row["n"] for row in found.rows([0, 600, 1000])] == [2, 602, 1002]


# Numbers and dates ---------------------------------------------------------------------------------------------------
@once
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1854", "1854"), ("1.854,5", "1854.5"), ("1,854.5", "1854.5"), ("1854,5", "1854.5"), ("1854.5", "1854.5"),
        ("1.854.000", "1854000"), ("1,854,000", "1854000"), ("1 854,5", "1854.5"), ("0,854", "0.854"), ("0.854", "0.854"),
        ("1854,123", "1854.123"), ("12.5", "12.5"), ("1\u00a0854", "1854"), ("-5", "-5"),
    ],
)  # fmt: skip
def test_numbers_with_one_reading_are_read(text, number):
    assert numbers.number_of(text) == Decimal(number)


@once
@pytest.mark.parametrize("text", ["1.854", "1,854", "12.000", "999,999"])
def test_numbers_with_two_readings_are_refused_unless_the_editor_says_how_they_are_written(text):
    with pytest.raises(Refused) as caught:
        numbers.number_of(text)
    assert caught.value.key == "number_ambiguous"
    assert {numbers.number_of(text, style) for style in ("vi", "en")} == {
        Decimal(text.replace(".", "").replace(",", "")),
        Decimal(text.replace(",", ".")),
    }


@once
@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "12 34", "1,2.3,4", "1..2", "12.34.567"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Refused):
        numbers.number_of(text)


@once
@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_every_amount_written_the_vietnamese_or_the_english_way_comes_back(amount):
    english = f"{amount:,.2f}"
    vietnamese = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert numbers.number_of(english) == numbers.number_of(vietnamese) == amount
    assert Decimal(numbers.canonical(amount)) == amount


@once
@given(st.text(alphabet="0123456789.,- ", max_size=12))
def test_no_text_of_digits_and_marks_breaks_the_reader(text):
    try:
        numbers.number_of(text)
    except Refused as refusal:
        assert tell(refusal.key, {"given": text} | refusal.values)


@once
@given(st.dates(min_value=date(1945, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_comes_back_in_every_form(day):
    forms = [f"{day:%d/%m/%Y}", f"{day:%d-%m-%Y}", f"{day:%Y-%m-%d}", f"ngày {day.day} tháng {day.month} năm {day.year}"]
    assert {numbers.date_of(text, fold(text))[0] for text in forms} == {day}
    serial = float((day - numbers.EXCEL_EPOCH).days)
    if day > date(1945, 1, 1) + timedelta(days=1):
        assert numbers.date_of(serial, "") == (day, "date_serial")


@once
@pytest.mark.parametrize("text", ["31/02/2019", "15/13/2019", "1/2/19", "hôm qua", "01/01/1200", "99999"])
def test_days_that_cannot_be_are_refused(text):
    with pytest.raises(Refused):
        numbers.date_of(text, fold(text))


@once
@given(st.integers(min_value=0, max_value=10**7 - 1))
def test_a_tax_code_that_lost_its_zero_comes_back_and_no_other_number_becomes_one(number):
    digits = f"04{number:07d}"
    right = [digits + str(last) for last in range(10) if taxcodes.read(digits + str(last)).is_valid]
    for last in range(10):
        found = taxcodes.read(float(digits + str(last)))
        assert found.code in ("", *right)
        assert found.is_valid == (digits + str(last) in right)


# Memory of columns ---------------------------------------------------------------------------------------------------
@db
def test_what_a_column_was_taken_for_is_remembered_for_the_next_file():
    lan = make_editor()
    content = workbook([["Công ty A", "x", 5]], ["Đơn vị", "Ghi gì đó", "Vốn"])
    upload = receive(content, lan)
    assert upload.mapping.get("1") is None
    chosen = {"0": "name", "1": "address", "2": "capital:mUSD"}
    check_upload(content, lan, mapping=chosen)
    again = receive(workbook([["Công ty B", "y", 6]], ["ĐƠN VỊ", "ghi gì  đó", "VỐN"]), lan)
    assert {place: meaning for place, meaning in again.mapping.items() if place != "options"} == chosen
    assert RememberedColumn.objects.count() == 3


@db
def test_a_broken_file_becomes_a_failed_upload_and_changes_nothing():
    upload = receive(repacked(SOUND, {SHEET: lambda text: b"<!DOCTYPE x>" + text}))
    assert (upload.state, upload.problem) == (Upload.State.FAILED, "file_entities")
    assert not Firm.objects.exists()


@db
def test_a_workbook_that_makes_the_library_stumble_is_told_in_words():
    upload = receive(repacked(SOUND, {"xl/workbook.xml": lambda text: b"<workbook/>"}))
    assert upload.state == Upload.State.FAILED
    assert str(tell(upload.problem, upload.problem_values))


@db
def test_a_formula_counts_by_its_value_and_one_that_failed_is_reported():
    cell = b'<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    content = workbook([["Công ty A", 5, "x"]], ["Tên doanh nghiệp", "Lao động", "Địa chỉ"])
    inside = repacked(
        content, {SHEET: lambda text: text.replace(text[text.index(b'<c r="C2"') : text.index(b"</row></sheetData>")], cell)}
    )
    upload = check_upload(inside)
    assert upload.counts["problem"] == 1


@db
def test_an_upload_keeps_a_harmless_name():
    upload = receive(SOUND, name="../../etc/danh\u0000 sách.xlsx")
    assert "/" not in upload.name
    assert upload.file.name.startswith("imports/")
    assert SimpleUploadedFile(upload.name, b"x").name == upload.name
