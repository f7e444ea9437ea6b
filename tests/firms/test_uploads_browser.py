"""An editor in a real Chromium: a dirty list of 500 rows goes in, comes back with remarks, is repaired and imported; later an
export comes back with a conflict."""

import random
import re
import unicodedata
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from firms.models import Firm
from tests.builders_firms import make_editor, make_firm, make_zone, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TIME = 60_000  # what a busy machine may take
HEADS = [
    "STT",
    "Tên doanh nghiệp",
    "MST",
    "Khu",
    "Quốc gia",
    "Vốn đăng ký (triệu USD)",
    "Ngày cấp",
    "Tình trạng",
    "Sản phẩm",
    "Địa chỉ",
]
WORDS = ["An", "Bình", "Châu", "Đông", "Giang", "Hải", "Khánh", "Lâm", "Minh", "Nam", "Phong", "Quang", "Sơn", "Thành", "Xuân"]


def tax_codes(count):
    number = 0
    while count:
        number += 1
        digits = f"0401{number:05d}"
        try:
            yield mst.validate(digits + mst.calc_check_digit(digits + "0"))
            count -= 1
        except ValidationError:
            continue


def dirty_rows():
    """500 rows with every kind of dirt that lists have; and how many rows have errors."""
    dice, rows = random.Random(2812), []
    for number, code in enumerate(tax_codes(495), 1):
        name = f"Công ty TNHH {' '.join(dice.sample(WORDS, 3))} {number}"
        rows.append([number, name, code, "KCNC-DN", "Nhật Bản", 5, "15/03/2019", "đang hoạt động", "van; bơm", f"Lô {number}"])
    for number in range(0, 100, 2):
        rows[number][2] = int(rows[number][2])  # a lost zero
    for number in range(100, 130):
        rows[number][1] = unicodedata.normalize("NFD", f"  {rows[number][1]} ")
    for number in range(130, 160):
        rows[number][6] = 43525 + number  # Excel's day numbers
    for number in range(160, 180):
        rows[number][3:5] = ["Khu công nghệ cao Đà Nẵng", "Hàn Quốc"]
    for number in range(200, 205):
        rows[number][2] = "0400101405"  # a wrong check digit
    for number in range(205, 210):
        rows[number][5] = "1.854"  # two readings
    for number in range(210, 213):
        rows[number][3] = "KCN Không Có"
    rows.append([496, *rows[0][1:]])  # says the same once more
    rows.append([497, *rows[1][1:9], "Địa chỉ khác"])  # says something else
    rows.append(
        [498, "Công ty TNHH Tokyo Keiki Precision Technolgy", None, "KCNC-DN", "Nhật Bản", 40, 2013, "hoạt động", None, "Lô B"]
    )
    rows.append([499, None, "0400010002", "KCNC-DN", None, None, None, None, None, None])  # no name
    rows.append(["Tổng cộng", None, None, None, None, 2500])
    return rows, 5 + 5 + 3 + 1 + 1


def repaired(content):
    """What the editor does with the workbook: every row that the sheet of errors names is put right."""
    book = load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    for number, column, *_rest, level, code, words in [[cell.value for cell in row] for row in book["Lỗi"].iter_rows(min_row=2)]:
        assert re.fullmatch(r"[EW]\d\d", code) and words
        if not code.startswith("E"):
            continue
        if column == "Mã số thuế":
            sheet.cell(number, 3).value = None
        elif column == "Vốn đăng ký":
            sheet.cell(number, 6).value = 1854
        elif column == "Khu":
            sheet.cell(number, 4).value = "KCNC-DN"
        else:
            for place in range(1, 11):
                sheet.cell(number, place).value = None
        assert level == "cần sửa"
    return saved(book)


def saved(book):
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def editor(transactional_db, signed_in_page):
    park = make_zone(code="KCNC-DN")
    make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    page = signed_in_page(make_editor(), reverse("upload_list"), accept_downloads=True)
    page.set_default_timeout(TIME)
    return page


def upload(page, content, name="danh-sach.xlsx"):
    page.goto(reverse("upload_list"))
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("button", name="Tải lên và xem").click()
    expect(page.locator("h1")).to_contain_text(name)
    page.get_by_role("button", name="Kiểm tra các dòng").click()
    expect(page.locator("#preview")).to_be_visible(timeout=TIME)


def with_remarks(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Tệp có ghi chú").click()
    return download.value.path().read_bytes()


def figure(page, words):
    return page.locator(".upload-figures > div", has_text=words).locator("dd")


def test_a_dirty_list_is_given_back_repaired_and_imported(editor, axe):
    page, (rows, errors) = editor, dirty_rows()
    upload(page, workbook(rows, HEADS))
    expect(figure(page, "Có lỗi")).to_have_text(str(errors))
    expect(figure(page, "Nghi trùng")).to_have_text("1")
    axe(page)
    back = with_remarks(page)
    upload(page, repaired(back), "danh-sach-da-sua.xlsx")
    expect(figure(page, "Có lỗi")).to_have_count(0)
    # One row looks like a stored firm; the import waits for a word about it.
    line = page.locator(".upload-line", has_text="Technolgy")
    line.locator("summary").click()
    expect(line.locator("del")).to_contain_text("Công ty TNHH Tokyo Keiki Precision Technology")
    line.get_by_role("button", name="Đúng, là một").click()
    expect(page.locator(".upload-import")).not_to_contain_text("chờ quyết định")
    page.get_by_role("button", name="Nhập 496 dòng").click()
    expect(page.locator(".upload-result")).to_contain_text("495 doanh nghiệp mới", timeout=TIME)
    assert Firm.objects.count() == 496
    assert Firm.objects.filter(tax_code__startswith="0401").count() == 490
    firm = Firm.objects.get(name__endswith=" 1")
    assert firm.history.get().history_change_reason.endswith(", row 2")
    assert unicodedata.is_normalized("NFC", "".join(Firm.objects.values_list("name", flat=True)))


def test_an_export_comes_back_with_a_conflict_that_is_decided_cell_by_cell(editor):
    page, firm = editor, Firm.objects.get()
    firm.address, firm.website = "Lô 1", "https://cu.vn"
    firm.save()
    with page.expect_download() as download:
        page.get_by_role("link", name="Xuất danh bạ").click()
    book = load_workbook(BytesIO(download.value.path().read_bytes()))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for heading, value in [("Địa chỉ", "Lô 2"), ("Trang web", "https://tep.vn"), ("Công ty mẹ", "Tokyo Keiki Inc.")]:
        sheet.cell(2, heads.index(heading) + 1).value = value
    firm.address, firm.website = "Lô 3", "https://moi.vn"  # meanwhile, somebody else
    firm.save()
    upload(page, saved(book), "xuat.xlsx")
    line = page.locator(".upload-line")
    expect(line.locator("tr.is-conflict")).to_have_count(2)
    line.locator("input[name=cell_address][value=mine]").check()
    line.locator("input[name=cell_website][value=file]").check()
    line.get_by_role("button", name="Lưu lựa chọn").click()
    expect(page.locator(".upload-import")).not_to_contain_text("chờ quyết định")
    page.get_by_role("button", name="Nhập 1 dòng").click()
    expect(page.locator(".upload-result")).to_be_visible(timeout=TIME)
    firm.refresh_from_db()
    assert (firm.address, firm.website, firm.parent_company) == ("Lô 3", "https://tep.vn", "Tokyo Keiki Inc.")


def test_without_a_script_the_same_way_is_open(editor, signed_in_page):
    page = signed_in_page(make_editor("Lê Thu"), reverse("upload_list"), java_script_enabled=False)
    page.set_default_timeout(TIME)
    upload(page, workbook([["Tokyo Keiki Precision Technolgy", "KCNC-DN", "Lô 9"]], ["Tên doanh nghiệp", "Khu", "Địa chỉ"]))
    page.get_by_role("button", name="Là một; chỉ điền chỗ còn trống").click()
    page.locator(".facets a", has_text="Tất cả các dòng").click()
    expect(page.locator(".upload-match.is-chosen")).to_have_count(1)
    page.get_by_role("button", name="Nhập 1 dòng").click()
    expect(page.locator(".upload-result")).to_be_visible()
    assert Firm.objects.get().address == "Lô 9"
