"""The workbook that the editor gets back: her own, with every remark where it belongs."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from firms.models import Firm, Upload
from firms.uploads import annotating, steps
from tests.builders_firms import check_upload, import_upload, make_firm, make_zone, workbook

pytestmark = pytest.mark.django_db
HEADS = ["STT", "Tên doanh nghiệp", "MST", "Khu", "Vốn đăng ký (triệu USD)"]
ROWS = [
    [1, "Công ty TNHH  A", 400101404, "KCNC-DN", 20],
    [2, "Công ty TNHH B", "123", "KCNC-DN", "1.854"],
    [3, "Công ty TNHH Tokyo Keikii Precision", None, "KCNC-DN", 5],
    [4, "Công ty TNHH A", "0400101404", "KCNC-DN", 20],
    [5, "@HYPERLINK(1)", "0400010002", "KCNC-DN", 7],
]  # fmt: skip


@pytest.fixture
def park():
    zone = make_zone(code="KCNC-DN")
    make_firm("Công ty TNHH Tokyo Keiki Precision", zone)
    return zone


def annotated(content, name="danh-sach.xlsx"):
    upload = check_upload(content, name=name)
    steps.annotate(upload.pk)
    upload.refresh_from_db()
    with upload.annotated.open() as file:
        return load_workbook(io.BytesIO(file.read()))


def colour(cell):
    return cell.fill.start_color.rgb[-6:] if cell.fill.fill_type else ""


def lines(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_cells_are_coloured_and_carry_the_remark_that_says_what_to_do(park):
    sheet = annotated(workbook(ROWS, HEADS)).worksheets[0]
    colours = {name: annotating.COLOURS[name] for name in annotating.COLOURS}
    assert colour(sheet["C2"]) == colours["repair"]
    assert "0400101404" in sheet["C2"].comment.text
    assert colour(sheet["B2"]) == colours["repair"]
    assert (colour(sheet["C3"]), colour(sheet["E3"])) == (colours["error"],) * 2
    assert "1854" in sheet["E3"].comment.text
    assert colour(sheet["B4"]) == annotating.DOUBTFUL
    assert "Tokyo Keiki" in sheet["B4"].comment.text
    assert (colour(sheet["A2"]), sheet["A2"].comment) == ("", None)
    assert sheet["B3"].value == "Công ty TNHH B"


def test_four_sheets_list_everything_by_the_spreadsheets_own_row_numbers(park):
    book = annotated(workbook(ROWS, HEADS))
    assert book.sheetnames == ["Danh sách", "Tổng hợp", "Lỗi", "Trùng", "Đã sửa"]
    summary = {row[0]: row[1] for row in lines(book["Tổng hợp"])}
    assert (summary["Có lỗi"], summary["Nghi trùng"], summary["Số dòng của danh sách"]) == (1, 1, 5)
    assert {(row[0], row[1]) for row in lines(book["Lỗi"])} >= {(3, "Mã số thuế"), (3, "Vốn đăng ký")}
    assert {row[0] for row in lines(book["Trùng"])} == {4, 5}
    assert (2, "Mã số thuế", "400101404") in {tuple(row[:3]) for row in lines(book["Đã sửa"])}


def test_what_stood_in_the_workbook_stays(park):
    book = Workbook()
    sheet = book.active
    for row in [["DANH SÁCH"], [], HEADS, *ROWS]:
        sheet.append(row)
    sheet["F4"] = "=E4*2"
    sheet["A1"].font = Font(bold=True, size=20)
    sheet.column_dimensions["B"].width = 55
    book.create_sheet("Trang khác")["A1"] = "giữ nguyên"
    out = io.BytesIO()
    book.save(out)
    back = annotated(out.getvalue())
    assert back["Trang khác"]["A1"].value == "giữ nguyên"
    assert (back.worksheets[0]["F4"].value, back.worksheets[0]["A1"].font.size) == ("=E4*2", 20)
    assert back.worksheets[0].column_dimensions["B"].width == 55
    assert {row[0] for row in lines(back["Lỗi"])} >= {5}


def test_a_csv_file_comes_back_as_a_workbook_in_which_nothing_is_executed(park):
    lines_of_text = [",".join(f'"{cell}"' for cell in row) for row in [HEADS, *ROWS]]
    text = "\n".join(lines_of_text).replace("@HYPERLINK", "=HYPERLINK")
    book = annotated(text.encode("utf-8-sig"), "danh-sach.csv")
    assert book.sheetnames[1:] == ["Tổng hợp", "Lỗi", "Trùng", "Đã sửa"]
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    assert book.worksheets[0]["C3"].value == "123"


def test_what_is_quoted_from_the_file_is_never_a_formula(park):
    book = annotated(workbook([["=1+1", "x"]], ["Tên doanh nghiệp", "MST"]))
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_the_repaired_workbook_can_be_uploaded_again(park):
    book = annotated(workbook(ROWS, HEADS))
    sheet = book.worksheets[0]
    sheet["C3"], sheet["E3"], sheet["B4"] = None, 1854, "Công ty TNHH Khác Hẳn"
    out = io.BytesIO()
    book.save(out)
    upload = check_upload(out.getvalue())
    assert (upload.counts["problem"], upload.counts["undecided"]) == (0, 0)
    import_upload(upload)
    assert Firm.objects.filter(name="Công ty TNHH Khác Hẳn").exists()


def test_the_workbook_is_made_once_and_belongs_to_its_check(park, django_assert_num_queries):
    upload = check_upload(workbook(ROWS, HEADS))
    steps.annotate(upload.pk)
    first = Upload.objects.get(pk=upload.pk).annotated.name
    with django_assert_num_queries(1):
        steps.annotate(upload.pk)
    assert Upload.objects.get(pk=upload.pk).annotated.name == first


def test_a_sheet_of_widely_spread_rows_comes_back_as_a_new_workbook(park):
    rows = [*ROWS, *([[None]] * 900), [9, "Công ty cuối", None, None, None]]
    monkey = annotating.MOST_CELLS
    try:
        annotating.MOST_CELLS = 10
        book = annotated(workbook(rows, HEADS))
    finally:
        annotating.MOST_CELLS = monkey
    assert book.worksheets[0]["B907"].value == "Công ty cuối"
    assert colour(book.worksheets[0]["C3"]) == annotating.COLOURS["error"]
