"""Tax codes: a right one survives every dressing, a wrong one never becomes another firm's, a list is examined for anybody."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from stdnum.vn import mst

from firms import merging, taxcodes, taxdoctor
from firms.names import numbers_of, words_of
from tests.builders import NOW
from tests.builders_firms import make_editor, make_firm

RIGHT, OTHER, BRANCH = "0100112437", "0100233488", "0100112437-001"
PREFIXES = st.integers(1, 999_999_999).map(lambda number: f"{number:09d}")


def checked(prefix):
    return prefix + mst.calc_check_digit(prefix)


CODES = PREFIXES.map(checked).filter(mst.is_valid)
BRANCHES = st.tuples(CODES, st.integers(1, 999)).map(lambda it: f"{it[0]}-{it[1]:03d}")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
PARTED = [
    lambda code: code,
    lambda code: ".".join([code[:2], code[2:4], code[4:]]),
    lambda code: " ".join([code[:4], code[4:7], code[7:]]),
    lambda code: code.replace("-", "\u2013"),
    lambda code: code.replace("-", " - "),
    lambda code: code.replace("-", ""),
    lambda code: code.translate(WIDE),
]
AROUND = [
    lambda code: f"  {code}\u00a0",
    lambda code: f"MST: {code}",
    lambda code: f"Mã số thuế (MST): {code}",
    lambda code: f"'{code}",
    lambda code: f"\u200b{code}\ufeff",
    lambda code: f"({code})",
]


@given(code=CODES | BRANCHES, parted=st.sampled_from(PARTED), first=st.sampled_from(AROUND), second=st.sampled_from(AROUND))
def test_a_right_code_survives_every_dressing(code, parted, first, second):
    assert taxcodes.read(first(second(parted(code)))).code == code


@given(code=CODES)
def test_a_right_code_survives_excel(code):
    for given_cell in (int(code), float(code), f"{int(code)}.0"):
        found = taxcodes.read(given_cell)
        # With two zeros in front one of them stays lost: that is no repair that could be certain.
        assert found.code == code or code.startswith("00")


@given(text=st.text(alphabet="0123456789", min_size=1, max_size=14) | st.integers(0, 10**14).map(str))
def test_nothing_wrong_becomes_another_code_but_by_the_lost_zero(text):
    found = taxcodes.read(text)
    if found.is_valid:
        digits = found.code.replace("-", "")
        assert digits == text or (digits == f"0{text}" and len(text) in (9, 12) and found.repair == "tax_code_zero")
        assert mst.is_valid(found.code)


@given(code=CODES, place=st.integers(0, 9), digit=st.integers(0, 9))
def test_one_wrong_digit_is_noticed_or_is_a_code_by_chance_and_never_mended(code, place, digit):
    wrong = code[:place] + str(digit) + code[place + 1 :]
    assume(wrong != code)
    found = taxcodes.read(wrong)
    assert found.code in ("", wrong)


@given(st.text(max_size=40) | st.integers() | st.floats())
def test_any_cell_is_answered(cell):
    found = taxcodes.read(cell)
    assert bool(found.code) != bool(found.problem)
    assert found.is_valid or str(found.message)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (None, "empty"), ("", "empty"), ("MST:", "empty"), ("048123456789", "personal_id"), ("123", "length"), ("abc", "letters"),
        ("4.0E+08", "rounded"), ("0100112438", "check_digit"), ("0100112437-000", "branch"), ("-100112437", "letters"),
        ("100233489123", "length"), ("0100112437,001", "letters"), ("012345678", "length"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_kind(cell, problem):
    assert taxcodes.read(cell).problem == problem


def test_a_zero_that_is_still_there_is_not_put_back_a_second_time():
    personal = next(f"0{n:011d}" for n in range(48_00000_0000, 48_00010_0000, 1001) if mst.is_valid(f"00{n:011d}"))
    assert taxcodes.read(personal).problem == "personal_id"


def test_names_share_their_words_and_differ_by_their_numbers():
    assert words_of("Công ty TNHH MTV ICT Vina II") == words_of("ICT Vina II Co., Ltd")
    assert words_of("Công ty TNHH 2 thành viên trở lên Phú Tài") == ["phu", "tai"]
    assert words_of("Công ty cổ phần Việt Nam") == ["cong", "ty", "co", "phan", "viet", "nam"]
    assert numbers_of("ICT Vina II") == numbers_of("ICT Vina 02") == ("2",)
    assert numbers_of("Lô A17") != numbers_of("Lô A18")
    assert numbers_of("ICT Vina IV") == ("4",)


# The list ------------------------------------------------------------------------------------------------------------
pytest_db = pytest.mark.django_db


@pytest_db
def test_a_list_is_examined_line_by_line():
    firm = make_firm("Công ty TNHH Sông Hàn", tax_code=RIGHT)
    make_firm("Công ty ẩn", tax_code=OTHER, is_public=False)
    text = f"Mã số thuế\tTên\n{RIGHT}\tSông Hàn\n\n100112437\t\n{BRANCH}\n0100112438\n{OTHER}\n"
    examined = taxdoctor.examine(text)
    told = [(line.number, line.verdict, line.first, line.firm) for line in examined.lines]
    assert told == [
        (2, "right", None, firm),
        (4, "repaired", 2, firm),
        (5, "right", None, None),
        (6, "wrong", None, None),
        (7, "right", None, None),
    ]
    assert examined.lines[0].beside == "Sông Hàn"
    assert examined.lines[2].parent_firm == firm
    assert examined.counts == {"all": 5, "right": 3, "repaired": 1, "wrong": 1, "repeated": 1, "registered": 2}


@pytest_db
def test_a_code_of_a_merged_entry_leads_to_the_firm_of_today():
    kept, merged = make_firm("Một", tax_code=OTHER), make_firm("Hai", tax_code=RIGHT)
    merging.merge(kept, merged, {}, make_editor(), NOW)
    assert taxdoctor.examine(RIGHT).lines[0].firm == kept


@pytest_db
@pytest.mark.parametrize("separator", [",", ", ", ";", "\t", " | "])
def test_two_codes_on_one_line_are_two(separator):
    assert [line.found.code for line in taxdoctor.examine(f"{RIGHT}{separator}{OTHER}").lines] == [RIGHT, OTHER]


@pytest_db
def test_an_empty_or_endless_list_is_refused_in_words():
    with pytest.raises(ValidationError):
        taxdoctor.examine(" \n \n")
    with pytest.raises(ValidationError, match="5001"):
        taxdoctor.examine(f"{RIGHT}\n" * 5001)
    assert len(taxdoctor.examine(f"{RIGHT}\n" * 5000).lines) == 5000


@pytest_db
def test_a_long_list_costs_few_queries(django_assert_max_num_queries):
    codes = [code for n in range(100_000, 103_000) if mst.is_valid(code := checked(f"{n:09d}"))]
    with django_assert_max_num_queries(6):
        assert taxdoctor.examine("\n".join(codes)).counts["right"] == len(codes)


def workbook(rows):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def file(data, name="danh-sach.xlsx"):
    return SimpleUploadedFile(name, data)


@pytest_db
def test_a_workbook_or_a_text_file_is_read_as_if_it_had_been_pasted():
    numbers = workbook([["STT", "Doanh nghiệp", "MST"], [1, "Sông Hàn", 100112437], [2, "Ngũ Hành", OTHER]])
    assert [line.found.code for line in taxdoctor.examine(taxdoctor.text_of(file(numbers))).lines] == [RIGHT, OTHER]
    for data in (
        f"MST\n{RIGHT}\n".encode("utf-8-sig"),
        f"Mã\r\n{RIGHT}\r\n".encode("utf-16"),
        "Ma\n".encode("cp1258") + RIGHT.encode(),
    ):
        assert [line.found.code for line in taxdoctor.examine(taxdoctor.text_of(file(data, "a.csv"))).lines] == [RIGHT]


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 old", b"\x00" * 50, workbook([["a"]])[:300]])
def test_a_file_that_cannot_be_read_is_refused_in_words(data):
    with pytest.raises(ValidationError):
        taxdoctor.text_of(file(data))


def test_a_large_file_is_refused_in_words():
    with pytest.raises(ValidationError, match="1 MB"):
        taxdoctor.text_of(file(b"1" * (1024 * 1024 + 1), "a.txt"))


# The page ------------------------------------------------------------------------------------------------------------
@pytest_db
def test_a_stranger_pastes_a_list_and_is_told(client):
    firm = make_firm("Công ty TNHH Sông Hàn", tax_code=RIGHT)
    assert client.get(reverse("tax_code_doctor")).status_code == 200
    page = client.post(reverse("tax_code_doctor"), {"codes": f"100112437\n0100112438\n{OTHER}"}).text
    assert firm.get_absolute_url() in page
    assert "Số 0 ở đầu bị mất" in page
    assert (
        "<script"
        not in client.post(reverse("tax_code_doctor"), {"codes": "<script>alert(1)</script> 1"})
        .text.split("<main")[1]
        .split("</main")[0]
    )


@pytest_db
def test_the_result_is_downloaded_with_every_zero_and_without_formulas(client):
    codes = f"100112437\t=cmd|1\n{BRANCH}"
    table = client.post(reverse("tax_code_doctor"), {"codes": codes, "format": "csv"})
    assert table.content.startswith(b"\xef\xbb\xbf")
    assert "'=cmd" in table.content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(client.post(reverse("tax_code_doctor"), {"codes": codes, "format": "xlsx"}).content))
    rows = list(book.active.values)
    assert [row[2] for row in rows[1:]] == [RIGHT, BRANCH]
    assert rows[1][4].startswith("'=cmd")


@pytest_db
@pytest.mark.parametrize("posted", [{}, {"codes": "\x00"}, {"codes": "1\n" * 5001}, {"codes": "12", "format": "exe"}])
def test_odd_lists_are_answered_on_the_page(client, posted):
    assert client.post(reverse("tax_code_doctor"), posted).status_code == 200


@pytest_db
def test_a_file_goes_through_the_page_and_stands_in_the_box_afterwards(client):
    page = client.post(reverse("tax_code_doctor"), {"file": file(f"MST\n{RIGHT}".encode(), "a.txt")})
    assert RIGHT in page.text
    assert page.context["counts"]["right"] == 1
