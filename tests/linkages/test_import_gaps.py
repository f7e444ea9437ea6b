"""What the park buys abroad, who in the region could supply it and why, and what is left as a gap."""

import csv
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from firms.models import Capability, Firm, Zone
from linkages import importgaps
from linkages.importfilter import Asked
from tests.builders_firms import make_capability, make_editor, make_firm, make_zone
from tests.builders_linkages import make_link, make_party

pytestmark = pytest.mark.django_db
INPUT, PRODUCT, PROCESS = Capability.Kind.INPUT, Capability.Kind.PRODUCT, Capability.Kind.PROCESS


@pytest.fixture
def park():
    return make_zone()


@pytest.fixture
def buyer(park):
    return make_firm("Công ty Điện tử Bà Nà", park)


def buys(firm, name, origin="Nhật Bản", **fields):
    return make_capability(firm, name, INPUT, origin=origin, **fields)


def supplier(name="Công ty Đúc Hòa Khánh", made="khuôn ép nhựa", kind=PRODUCT, **fields):
    zone = Zone.objects.filter(code="HK").first() or make_zone("Hòa Khánh", "HK", Zone.Kind.INDUSTRIAL_ZONE)
    firm = make_firm(name, zone)
    make_capability(firm, made, kind, **fields)
    return firm


def found_for(name):
    [gap] = [gap for gap in importgaps.find_gaps() if gap.row.name == name]
    return {it.firm.name: it for it in gap.candidates}


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("Nhật Bản", ("JP",)), ("nhập khẩu từ Nhật Bản", ("JP",)), ("Hàn Quốc, Trung Quốc", ("KR", "CN")),
        ("Japan / Korea", ("JP",)), ("KR", ("KR",)), ("trong nước", ()), ("Việt Nam", ()), ("Đà Nẵng", ()),
        ("nhập khẩu", ("?",)), ("nước ngoài", ("?",)), ("", ()), ("Việt Nam, Đức", ("DE",)), ("không rõ", ()),
    ],
)  # fmt: skip
def test_an_origin_is_read_as_countries_abroad_or_as_inland(origin, expected):
    assert importgaps.origins_of(origin)[: len(expected) or None] == expected


@given(st.text(max_size=80))
def test_any_words_about_an_origin_are_borne(text):
    assert all(len(code) in (1, 2) for code in importgaps.origins_of(text))


class TestCandidates:
    def test_the_same_thing_is_found_in_either_language_with_its_reason(self, buyer):
        buys(buyer, "injection mould", name_en="injection mould")
        supplier()
        one = found_for("injection mould")["Công ty Đúc Hòa Khánh"]
        assert one.score >= 60 and "khuôn" in one.reasons[0]

    def test_the_same_name_counts_most(self, buyer):
        buys(buyer, "cuộn cảm")
        supplier(made="Cuộn cảm")
        assert found_for("cuộn cảm")["Công ty Đúc Hòa Khánh"].reasons[0] == "trùng tên"

    def test_names_with_other_numbers_are_never_alike(self, buyer):
        buys(buyer, "nhôm tấm 6061")
        supplier(made="nhôm tấm 7075")
        supplier("Đúng loại", made="nhôm tấm 6061")
        assert set(found_for("nhôm tấm 6061")) == {"Đúng loại"}

    def test_nobody_supplies_itself_and_other_inputs_are_no_supply(self, buyer):
        buys(buyer, "khuôn ép nhựa")
        make_capability(buyer, "khuôn ép nhựa", PRODUCT)
        supplier(kind=INPUT)
        assert found_for("khuôn ép nhựa") == {}

    def test_hidden_gone_and_merged_firms_are_not_named(self, buyer):
        buys(buyer, "khuôn ép nhựa")
        for fields in ({"is_public": False}, {"status": Firm.Status.CLOSED}, {"merged_into": buyer}):
            firm = make_firm("Không kể", None, **fields)
            make_capability(firm, "khuôn ép nhựa", PRODUCT)
        supplier(is_public=False)
        assert found_for("khuôn ép nhựa") == {}

    def test_a_firm_stands_once_with_its_best_capability(self, buyer):
        buys(buyer, "khuôn ép nhựa", process="CNC")
        firm = supplier()
        make_capability(firm, "Khuôn ép nhựa", PRODUCT, process="cnc")
        one = found_for("khuôn ép nhựa")["Công ty Đúc Hòa Khánh"]
        assert any("CNC" in reason for reason in one.reasons)

    def test_a_link_that_there_is_stands_instead_of_the_introduction(self, buyer):
        buys(buyer, "khuôn ép nhựa")
        link = make_link(make_party(firm=supplier()), make_party(firm=buyer))
        assert found_for("khuôn ép nhựa")["Công ty Đúc Hòa Khánh"].link == link

    def test_only_the_parks_imports_are_listed(self, buyer):
        buys(supplier(), "thép tấm")
        buys(buyer, "bao bì", origin="trong nước")
        buys(buyer, "hóa chất", origin="")
        buys(buyer, "chip")
        assert [gap.row.name for gap in importgaps.find_gaps()] == ["chip"]


class TestList:
    @pytest.fixture
    def client(self):
        client = Client()
        client.force_login(make_editor())
        return client

    @pytest.fixture
    def inputs(self, buyer):
        buys(buyer, "khuôn ép nhựa", origin="Hàn Quốc")
        buys(buyer, "vòng bi chính xác", origin="Đức")
        supplier()

    def test_gaps_come_first_and_say_what_they_are(self, client, inputs):
        page = client.get(reverse("import_gaps")).text
        assert page.index("vòng bi chính xác</h2>") < page.index("khuôn ép nhựa</h2>")
        assert "2 đầu vào, 1 đầu vào chưa có" in page
        assert f"{reverse('link_create')}?source=DN" in page

    def test_filters_count_chips_and_find(self, client, inputs):
        asked = Asked(QueryDict("origin=DE&found=no"))
        assert [gap.row.name for gap in asked.found] == ["vòng bi chính xác"]
        assert [chip.words for chip in asked.chips] == ["chưa có doanh nghiệp: khoảng trống", "Đức"]
        for facet in Asked(QueryDict("")).facets:
            for it in facet.options:
                assert len(Asked(QueryDict(it.query)).found) == it.count
        assert "Không có đầu vào phù hợp" in client.get(reverse("import_gaps") + "?q=khong co").text

    def test_every_order_holds_every_input(self, inputs):
        for sort in Asked(QueryDict("")).sorts:
            assert len(Asked(QueryDict(f"sort={sort}")).found) == 2

    def test_an_empty_list_says_where_inputs_are_entered(self, client):
        page = client.get(reverse("import_gaps")).text
        assert "Chưa ghi nhận đầu vào nào" in page and reverse("registry_firms") in page

    def test_an_english_reader_reads_english_reasons(self, client, inputs):
        with translation.override("en"):
            assert found_for("khuôn ép nhựa")["Công ty Đúc Hòa Khánh"].reasons[0] == "the same name"

    def test_the_list_asks_as_much_for_many_as_for_one(self, client, inputs, buyer):
        def queries():
            client.get(reverse("import_gaps"))
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("import_gaps"))
            return len(asked)

        before = queries()
        for number in range(8):
            buys(buyer, f"khuôn dập số {number}")
            supplier(f"Công ty {number}", "khuôn dập")
        assert queries() == before


class TestFiles:
    def test_both_files_hold_a_row_a_pair_and_a_row_a_gap(self, buyer):
        client = Client()
        client.force_login(make_editor())
        buys(buyer, "=HYPERLINK(1)", materials="+nhôm")
        buys(buyer, "khuôn ép nhựa", capacity=12)
        supplier()
        answer = client.get(reverse("import_gaps_download") + "?format=csv")
        rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == 3 and "thay-the-nhap-khau.csv" in answer["Content-Disposition"]
        assert rows[1][2] == "'=HYPERLINK(1)" and rows[1][4] == "'+nhôm" and rows[1][9] == "0"
        sheet = load_workbook(BytesIO(client.get(reverse("import_gaps_download")).content)).active
        cells = list(sheet.iter_rows())
        assert len(cells) == 3 and cells[1][2].value == "=HYPERLINK(1)" and cells[1][2].data_type == "s"
        assert cells[2][7].value == 12 and cells[2][11].value == "Công ty Đúc Hòa Khánh"

    def test_a_file_holds_what_was_filtered(self, buyer):
        client = Client()
        client.force_login(make_editor())
        buys(buyer, "khuôn", origin="Đức")
        buys(buyer, "chip", origin="Hàn Quốc")
        content = client.get(reverse("import_gaps_download") + "?format=csv&origin=DE").content.decode()
        assert "khuôn" in content and "chip" not in content
