"""The check: what is repaired, refused and recognised, and what each row would change; nothing is written."""

import pytest

from firms import matching
from firms.matching import Entry
from firms.models import Firm, FirmName, Project, Sector, Zone
from firms.names import firm_key
from firms.problems import tell
from firms.uploads import steps
from firms.uploads.preview import Preview
from tests.builders_firms import check_upload, make_editor, make_firm, make_project, make_zone, workbook

pytestmark = pytest.mark.django_db
NAME, MST, ZONE = "Tên doanh nghiệp", "MST", "Khu"


@pytest.fixture
def park():
    return make_zone(code="KCNC-DN")


def rows_of(upload):
    return {row["n"]: row for row in steps.kept_rows(upload).rows()}


def checked(rows, heads, **more):
    """{row number: what was found} of a workbook with these rows."""
    return rows_of(check_upload(workbook(rows, heads), **more))


def one(values, heads, **more):
    return checked([values], heads, **more)[2]


def keys(row):
    return {problem[0] for problem in row.get("x", ())}


def told(row, key):
    return next(tell(key, {"given": given} | values) for found, _c, given, values in row["x"] if found == key)


# Cells ---------------------------------------------------------------------------------------------------------------
def test_a_lost_zero_is_put_back_and_reported():
    row = one(["Công ty A", 400101404], [NAME, MST])
    assert row["v"]["tax_code"] == "0400101404"
    assert (row["k"], keys(row)) == ("new", {"tax_code_zero"})
    assert "400101404" in told(row, "tax_code_zero")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("0400101405", "check_digit"),
        ("048099001234", "personal_id"),
        ("4.0E+08", "rounded"),
        ("04001A1404", "letters"),
        ("12", "length"),
    ],
)
def test_a_wrong_tax_code_is_refused_and_said_what_to_do(given, key):
    row = one(["Công ty A", given], [NAME, MST])
    assert (row["k"], keys(row)) == ("problem", {key})


def test_spaces_and_letters_of_two_signs_are_put_right_and_reported():
    row = one(["  Công ty\u00a0 Đa\u0300 Nẵng ", "Lô 1\u200b"], [NAME, "Địa chỉ"])
    assert row["v"]["name"] == "Công ty Đà Nẵng"
    assert row["v"]["address"] == "Lô 1"
    assert keys(row) == {"nfc", "spaces"}


def test_what_means_nothing_is_taken_as_empty():
    row = one(["Công ty A", "-", "n/a", "chưa có"], [NAME, MST, "Địa chỉ", "Website"])
    assert set(row["v"]) == {"name"}


@pytest.mark.parametrize(
    ("heading", "given", "amount", "currency"),
    [
        ("Vốn đăng ký (triệu USD)", 20, "20000000", "USD"),
        ("Vốn đăng ký (tỷ đồng)", "1.854,5", "1854500000000", "VND"),
        ("Vốn đăng ký", "20 triệu USD", "20000000", "USD"),
        ("Vốn đăng ký", "USD 5,000,000", "5000000", "USD"),
        ("Vốn đăng ký", "500 tỷ đồng", "500000000000", "VND"),
        ("Vốn đăng ký (USD)", 1234567.89, "1234567.89", "USD"),
    ],
)
def test_money_is_read_with_the_unit_of_its_heading_or_its_cell(heading, given, amount, currency):
    row = one(["Công ty A", given], [NAME, heading])
    assert (row["v"]["capital"], row["v"]["currency"]) == (amount, currency)


def test_the_currency_may_stand_in_a_column_of_its_own():
    assert one(["Công ty A", 5e6, "USD"], [NAME, "Vốn đăng ký", "Loại tiền"])["v"]["currency"] == "USD"
    assert keys(one(["Công ty B", 5e6, None], [NAME, "Vốn đăng ký", "Loại tiền"])) >= {"unit_missing"}
    assert keys(one(["Công ty C", 5, "VND"], [NAME, "Vốn đăng ký (triệu USD)", "Loại tiền"])) >= {"currency_differs"}


def test_an_ambiguous_amount_is_refused_and_an_unusual_one_remarked():
    assert keys(one(["Công ty A", "1.854"], [NAME, "Vốn đăng ký (triệu USD)"])) >= {"number_ambiguous"}
    assert keys(one(["Công ty A", 20], [NAME, "Vốn đăng ký (USD)"])) >= {"capital_odd"}
    row = one(["Công ty A", "1.854"], [NAME, "Vốn đăng ký (triệu USD)"], options={"numbers": "vi"})
    assert row["v"]["capital"] == "1854000000"


def test_days_are_read_from_serials_texts_and_bare_years():
    heads = [NAME, "Ngày cấp"]
    assert one(["Công ty A", 43525], heads)["v"]["registered_on"] == "2019-03-01"
    assert one(["Công ty A", "05/06/2019"], heads)["v"]["registered_on"] == "2019-06-05"
    year = one(["Công ty A", 2019], heads)
    assert (year["v"]["registered_year"], "registered_on" in year["v"]) == (2019, False)
    assert keys(one(["Công ty A", "1/2/19"], heads)) >= {"date_two_digits"}


def test_zones_sectors_and_countries_are_known_by_their_names(park):
    make_zone("Khu công nghiệp Hòa Khánh", "KCN-HK", Zone.Kind.INDUSTRIAL_ZONE)
    Sector.objects.create(key="co-khi", name="Cơ khí chính xác", name_en="Precision engineering")
    heads = [NAME, ZONE, "Ngành", "Quốc gia"]
    for values in [
        ["A", "KCN Hòa Khánh", "cơ khí chính xác", "Nhật"],
        ["A", "kcn-hk", "Precision Engineering", "Japan"],
        ["A", "KHU CÔNG NGHIỆP HÒA KHÁNH", "co-khi", "JP"],
    ]:
        row = one(values, heads)
        assert (row["v"]["zone"], row["v"]["sector"], row["v"]["country"]) == ("KCN-HK", "co-khi", "JP")
    wrong = one(["A", "KCN Hoà Khanhh", "Nghề lạ", "Atlantis"], heads)
    assert keys(wrong) == {"zone_unknown", "sector_words", "country_unknown"}
    assert "KCN-HK" in told(wrong, "zone_unknown")
    assert wrong["v"]["sector_words"] == "Nghề lạ"


def test_a_firm_without_a_name_is_refused():
    assert "name_needed" in keys(one([None, "0400101404"], [NAME, MST]))


# Recognising ---------------------------------------------------------------------------------------------------------
def test_the_tax_code_decides_before_everything_else(park):
    firm = make_firm("Công ty TNHH Sông Hàn", park, tax_code="0400101404")
    row = one(["Cty TNHH Sông Hàn", "0400101404", "Lô 5"], [NAME, MST, "Địa chỉ"])
    assert row["f"] == firm.pk
    assert [change[0] for change in row["c"]] == ["name", "address"]


def test_an_equal_tax_code_with_quite_another_name_is_put_before_a_person(park):
    firm = make_firm("Công ty TNHH Sông Hàn", park, tax_code="0400101404")
    row = one(["Xí nghiệp Dệt Bàu Tràm", "0400101404"], [NAME, MST])
    assert row["k"] == "undecided"
    assert row["m"][0][0] == firm.pk


def test_then_the_project_code(park):
    project = make_project(make_firm("Công ty TNHH Sông Hàn", park), code="4312345678")
    row = one(["Tên khác hẳn", "4312345678", 12], [NAME, "Mã số dự án", "Diện tích (ha)"])
    assert (row["f"], row["p"]) == (project.firm_id, project.pk)


def test_then_name_and_zone_without_legal_form_and_diacritics(park):
    firm = make_firm("Công ty TNHH Cơ khí Sông Hàn", park)
    assert one(["CTY TNHH CO KHI SONG HAN", "KCNC-DN"], [NAME, ZONE])["f"] == firm.pk


def test_an_equal_name_without_the_zone_is_only_likely(park):
    firm = make_firm("Công ty TNHH Cơ khí Sông Hàn", park)
    row = one(["Cơ khí Sông Hàn"], [NAME])
    assert (row["k"], row["m"][0][0]) == ("undecided", firm.pk)


def test_another_name_of_a_firm_leads_to_it_too(park):
    firm = make_firm("Công ty TNHH Dentium Việt Nam", park)
    FirmName.objects.create(firm=firm, name="ICT Vina")
    assert one(["Công ty TNHH ICT Vina", "KCNC-DN"], [NAME, ZONE])["f"] == firm.pk


def test_a_slip_in_the_name_is_put_before_a_person_with_the_reasons(park):
    firm = make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    row = one(["Tokyo Keiki Precision Technolgy", "KCNC-DN"], [NAME, ZONE])
    assert row["m"][0][0] == firm.pk
    assert {reason[0] for reason in row["m"][0][2]} == {"similar_name", "same_zone"}


@pytest.mark.parametrize("name", ["ICT Vina II", "ICT Vina III", "ICT Vina 2"])
def test_firms_that_differ_in_a_number_are_never_taken_for_each_other(park, name):
    make_firm("Công ty TNHH ICT Vina", park)
    assert one([name, "KCNC-DN"], [NAME, ZONE])["k"] == "new"


def test_a_merged_firm_leads_to_the_one_it_was_merged_into(park):
    kept = make_firm("Công ty TNHH Sông Hàn", park)
    make_firm("Sông Hàn cũ", park, tax_code="0400101404", merged_into=kept)
    assert one(["Công ty Sông Hàn", "0400101404"], [NAME, MST])["f"] == kept.pk


def test_a_firm_with_several_projects_must_say_which_one(park):
    firm = make_firm("Công ty TNHH Sông Hàn", park, tax_code="0400101404")
    one_project, other = make_project(firm, "Nhà máy 1"), make_project(firm, "Nhà máy 2")
    heads = [NAME, MST, "Tên dự án", "Lao động"]
    assert keys(one(["Sông Hàn", "0400101404", None, 5], heads)) == {"project_unclear"}
    assert one(["Sông Hàn", "0400101404", "Nhà máy 2", 5], heads)["p"] == other.pk
    assert one(["Sông Hàn", "0400101404", "Nhà máy 3", 5], heads)["p"] == 0
    assert one_project.pk != other.pk


# Duplicates in the file ----------------------------------------------------------------------------------------------
def test_a_row_that_says_the_same_twice_is_passed_over_and_one_that_differs_refused():
    heads = [NAME, MST, "Địa chỉ"]
    found = checked([["A", "0400101404", "Lô 1"], ["A", "0400101404", "Lô 1"], ["A", "0400101404", "Lô 2"]], heads)
    assert [row["k"] for row in found.values()] == ["new", "out", "problem"]
    assert "2" in told(found[4], "duplicate_differs")


def test_two_projects_of_one_new_firm_are_two_rows_and_no_duplicate():
    heads = [NAME, MST, "Tên dự án", "Địa chỉ"]
    found = checked([["A", "0400101404", "Nhà máy 1", "Lô 1"], ["A", "0400101404", "Nhà máy 2", "Lô 9"]], heads)
    assert [row["k"] for row in found.values()] == ["new", "new"]
    assert "rows_disagree" in keys(found[3])


def test_rows_that_look_alike_are_put_before_a_person(park):
    found = checked([["Công ty CP Sao Mai Xanh", "KCNC-DN"], ["Công ty CP Sao Mai Xamh", "KCNC-DN"]], [NAME, ZONE])
    assert (found[3]["k"], found[3]["m"][0][0]) == ("undecided", -2)


def test_the_preview_counts_every_kind_and_nothing_is_written(park):
    make_firm("Công ty TNHH Sông Hàn", park, tax_code="0400101404", address="Lô 1")
    make_firm("Công ty TNHH Tokyo Keiki", park)
    rows = [
        ["Công ty TNHH Sông Hàn", 400101404, "KCNC-DN", "Lô 1"],
        ["Công ty mới", None, "KCNC-DN", "Lô 3"],
        ["Tokyo Keikii", None, "KCNC-DN", None],
        ["Công ty lỗi", "123", "KCNC-DN", None],
        ["Tổng cộng", None, None, None],
    ]
    before = Firm.history.count()
    upload = check_upload(workbook(rows, [NAME, MST, ZONE, "Địa chỉ"]))
    counted = {name: upload.counts[name] for name in ("new", "same", "undecided", "problem", "out", "repaired", "rows")}
    assert counted == {"new": 1, "same": 1, "undecided": 1, "problem": 1, "out": 1, "repaired": 1, "rows": 5}
    assert (Firm.objects.count(), Firm.history.count()) == (2, before)


def test_the_number_of_queries_does_not_grow_with_the_rows(park, django_assert_max_num_queries):
    for number in range(30):
        make_project(make_firm(f"Doanh nghiệp {number} Sao", park), f"Dự án {number}")
    rows = [[f"Doanh nghiệp {number} Sao", "KCNC-DN", f"Lô {number}"] for number in range(30)]
    upload = check_upload(workbook(rows, [NAME, ZONE, "Địa chỉ"]), make_editor())
    steps.move(upload, ["ready"], "checking")
    with django_assert_max_num_queries(45):  # progress takes some, rows take none
        steps.work(upload.pk, lambda: upload.created_at)
    upload.refresh_from_db()
    assert upload.counts["changed"] == 30
    with django_assert_max_num_queries(8):
        preview = Preview(upload, steps.kept_rows(upload))
        assert len(preview.lines) == 20


# Likeness for others -------------------------------------------------------------------------------------------------
def entry(pk, name, zone="", tax_code=""):
    return Entry(pk, (firm_key(name),), zone, tax_code)


def test_likely_pairs_are_found_in_a_list_each_once():
    names = [
        "Công ty TNHH Foster Đà Nẵng",
        "Fostr Da Nang Co., Ltd",
        "ICT Vina",
        "ICT Vina II",
        "Niwa Foundry Việt Nam",
        "Niwa Foundry",
    ]
    pairs = {(a, b) for a, b, _likeness in matching.candidates(entry(n, name) for n, name in enumerate(names))}
    assert pairs == {(0, 1), (4, 5)}


def test_different_tax_codes_part_and_equal_ones_join():
    alike = matching.similarity(entry(1, "A", tax_code="0400101404"), entry(2, "Z", tax_code="0400101404"))
    assert alike.score == 100
    assert (
        matching.similarity(entry(1, "Sông Hàn", tax_code="0400101404"), entry(2, "Sông Hàn", tax_code="0401234567")).score == 0
    )
    assert matching.tell(alike.reasons)


def test_stored_firms_are_compared_by_all_their_names(park, django_assert_num_queries):
    first, second = make_firm("Dentium Việt Nam", park), make_firm("Công ty TNHH ICT Vina", park)
    FirmName.objects.create(firm=first, name="ICT Vina Co., Ltd")
    firms = list(Firm.objects.prefetch_related("other_names"))
    with django_assert_num_queries(1):
        [(one, other, likeness)] = matching.pairs_of_stored(firms)
    assert (one, other) == (first.pk, second.pk)
    assert likeness.score == 100
    assert Project.objects.count() == 0
