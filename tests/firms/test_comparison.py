"""Firms and zones side by side: what differs is said in words, what no source tells is said too, and money is never mixed."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from firms import comparison, doubts, facts
from firms import shortlist as lists
from firms.codes import code_of
from firms.models import (
    Authority,
    Certificate,
    ExchangeRate,
    Firm,
    FirmYear,
    LandFigures,
    Project,
    Qualification,
    Zone,
    ZoneAuthority,
)
from firms.shortlist import Entry, Shortlist
from tests.builders import TODAY
from tests.builders_firms import make_capability, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db


def firm_profile(firm, today=TODAY):
    return facts.firm_profiles([facts.FIRMS.get(pk=firm.pk)], facts.Around(today))[0]


def zone_profile(zone, today=TODAY):
    return facts.zone_profiles([facts.ZONES.get(pk=zone.pk)], facts.Around(today))[0]


def words(profile, key):
    return [line.text for line in profile.get(key).lines]


def make_rate(currency="USD", vnd=25000, on=date(2026, 11, 1)):
    return ExchangeRate.objects.create(currency=currency, on=on, vnd=vnd, source="https://example.org/ty-gia")


# Facts of a firm ------------------------------------------------------------------------------------------------------
def test_capital_is_shown_in_both_currencies_with_rate_and_day():
    firm = make_firm()
    make_project(firm, capital=170_000_000, currency="USD")
    make_rate()
    assert words(firm_profile(firm), "capital") == [
        "170 triệu USD (khoảng 4.250 tỷ VND, theo tỷ giá 25.000 VND/USD ngày 01/11/2026)"
    ]
    with translation.override("en"):
        assert words(firm_profile(firm), "capital") == [
            "170 million USD (about 4,250 billion VND, at 25,000 VND for 1 USD, 1 Nov 2026)"
        ]


def test_without_a_recorded_rate_nothing_is_converted():
    firm = make_firm()
    make_project(firm, capital=170_000_000, currency="USD")
    make_rate(on=date(2027, 1, 1))  # tomorrow's rate is no rate of today
    assert words(firm_profile(firm), "capital") == ["170 triệu USD"]


def test_currencies_are_never_added_to_each_other():
    firm = make_firm()
    make_project(firm, capital=20_000_000, currency="USD")
    make_project(firm, "Nhà máy 2", capital=40_000_000, currency="USD")
    make_project(firm, "Nhà máy 3", capital=1_050_000_000_000, currency="VND")
    assert words(firm_profile(firm), "capital") == ["60 triệu USD", "1.050 tỷ VND"]
    assert firm_profile(firm).get("capital").amounts == (("USD", 60_000_000), ("VND", 1_050_000_000_000))


def test_a_memorandum_is_no_registered_capital():
    firm = make_firm()
    make_project(firm, capital=50_000_000, currency="USD", stage=Project.Stage.MEMORANDUM)
    assert words(firm_profile(firm), "capital") == ["50 triệu USD theo đề xuất, chưa đăng ký"]
    assert firm_profile(firm).get("capital").amounts == ()


def test_the_newest_certificate_says_the_capital():
    project = make_project(make_firm(), capital=20_000_000, currency="USD")
    for amendment, capital in ((0, 20_000_000), (1, 35_000_000)):
        Certificate.objects.create(firm=project.firm, project=project, amendment=amendment, capital=capital, currency="USD")
    assert words(firm_profile(project.firm), "capital") == ["35 triệu USD"]


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (170_000_000, "USD", "170 triệu USD"),
        (1_500, "USD", "1.500 USD"),
        (Decimal("4275.7"), "USD", "4.275,7 USD"),
        (10_576_000_000_000, "VND", "10.576 tỷ VND"),
        (900_000_000, "VND", "900 triệu VND"),
        (2_500_000_000, "JPY", "2.500 triệu JPY"),
        (0, "USD", "0 USD"),
    ],
)
def test_money_is_told_in_the_unit_in_which_people_say_it(amount, currency, shown):
    assert facts.money(amount, currency) == shown


def test_what_is_in_doubt_says_why():
    firm = make_firm(country="VN", unsure={"country": "inferred"})
    line = firm_profile(firm).get("country").lines[0]
    assert (line.text, line.doubt) == ("Việt Nam", str(doubts.words("inferred")))
    assert firm_profile(firm).get("status").lines[0].doubt == ""
    assert firm_profile(make_firm("Công ty X", confidence="low")).get("status").lines[0].doubt == "chưa chắc chắn"


def test_what_nobody_stated_is_blank_and_never_guessed():
    profile = firm_profile(make_firm(status=Firm.Status.UNKNOWN))
    told = {fact.key for fact in profile.facts if fact.lines}
    assert told == {"sources"}


def test_private_rows_are_not_told():
    firm = make_firm()
    make_capability(firm, is_public=False)
    FirmYear.objects.create(firm=firm, year=2025, kind="jobs", value=500, is_public=False)
    make_project(firm, capital=1_000_000, currency="USD", is_public=False)
    profile = firm_profile(firm)
    assert [words(profile, key) for key in ("capabilities", "jobs", "capital")] == [[], [], []]


def test_capabilities_spare_capacity_certificates_markets_and_jobs():
    firm = make_firm()
    make_capability(
        firm, process="CNC", materials="nhôm", tolerance="±0,005 mm", capacity=12000, capacity_unit="chi tiết/năm",
        spare_percent=30, certificates="IATF 16949", markets="Nhật Bản",
    )  # fmt: skip
    make_capability(firm, "Trục chính xác", kind="product", markets="Nhật Bản")
    Qualification.objects.create(firm=firm, kind="ISO 9001", expires_on=date(2027, 3, 1), confidence="high")
    for year, people in ((2024, 1000), (2025, 1200)):
        FirmYear.objects.create(firm=firm, year=year, kind="jobs", value=people, is_public=True, is_estimated=True)
    profile = firm_profile(firm)
    assert words(profile, "products") == ["Trục chính xác"]
    assert words(profile, "capabilities") == [
        "Gia công CNC 5 trục (công đoạn: CNC; vật liệu: nhôm; dung sai: ±0,005 mm; công suất: 12.000 chi tiết/năm)"
    ]
    assert words(profile, "spare") == ["Gia công CNC 5 trục: 30%"]
    assert words(profile, "certificates") == ["ISO 9001 (có giá trị đến 01/03/2027)", "IATF 16949"]
    assert words(profile, "markets") == ["Nhật Bản"]
    assert words(profile, "jobs") == ["1.200 người (năm 2025)"]
    assert profile.get("jobs").lines[0].doubt == "ước tính"


def test_a_long_list_of_products_ends_in_words():
    firm = make_firm()
    for n in range(20):
        make_capability(firm, f"Sản phẩm {n}", kind="product")
    lines = words(firm_profile(firm), "products")
    assert len(lines) == facts.CAPABILITY_ROWS
    assert lines[-1] == "và 13 mục khác"


# Facts of a zone ------------------------------------------------------------------------------------------------------
def test_occupancy_is_computed_and_land_of_tomorrow_is_not_told():
    zone = make_zone()
    LandFigures.objects.create(zone=zone, leasable_ha="423.92", leased_ha="136.35", as_of=date(2025, 9, 30), confidence="high")
    LandFigures.objects.create(zone=zone, leasable_ha="423.92", leased_ha="400", as_of=date(2027, 1, 1), confidence="high")
    profile = zone_profile(zone)
    assert words(profile, "occupancy") == ["32,16%"]
    assert words(profile, "free") == ["287,57 ha"]
    assert profile.get("occupancy").number == Decimal("32.16")


def test_a_fully_leased_zone_is_a_hundred_percent_and_an_empty_one_none():
    zones = make_zone(), make_zone("KCN Hòa Khánh")
    for zone, leased in zip(zones, ("303.93", "0"), strict=True):
        LandFigures.objects.create(zone=zone, leasable_ha="303.93", leased_ha=leased, confidence="high")
    assert [words(zone_profile(zone), "occupancy") for zone in zones] == [["100%"], ["0%"]]
    assert zone_profile(zones[1]).get("occupancy").number == 0


def test_the_officer_to_call_is_of_the_authority_that_manages_the_zone_today():
    old, new = (
        Authority.objects.create(key=key, name=name, phone=phone)
        for key, name, phone in [("cu", "Ban cũ", "1"), ("moi", "Ban mới", "2")]
    )
    zone = make_zone()
    ZoneAuthority.objects.create(zone=zone, authority=old, ends_on=date(2025, 8, 17))
    ZoneAuthority.objects.create(zone=zone, authority=new, starts_on=date(2025, 8, 18))
    part = make_zone("Khu sản xuất", kind=Zone.Kind.HIGH_TECH_PART, parent=zone)
    assert zone_profile(zone, date(2025, 8, 17)).officer.phone == "1"
    assert zone_profile(zone).officer.phone == "2"
    assert firm_profile(make_firm(zone=part)).officer.name == "Ban mới"
    assert words(zone_profile(zone), "authority") == ["Ban mới, từ ngày 18/08/2025"]


def test_firms_of_a_zones_parts_count_and_those_that_only_show_interest_do_not():
    zone = make_zone()
    part = make_zone("Khu sản xuất", kind=Zone.Kind.HIGH_TECH_PART, parent=zone)
    make_firm(zone=zone)
    make_firm("Công ty B", zone=part)
    make_firm("Công ty C", zone=zone, status=Firm.Status.INTERESTED)
    make_firm("Công ty D", zone=zone, is_public=False)
    assert zone_profile(zone).get("firms").number == 2


# Side by side ----------------------------------------------------------------------------------------------------------
def test_each_row_says_whether_it_differs():
    first = make_firm(country="JP", founded_year=2013)
    second = make_firm("Công ty B", country="KR")
    table = comparison.of([firm_profile(first), firm_profile(second)])
    marks = {row.key: row.mark for row in table.rows}
    assert (marks["country"], marks["year"], marks["status"], marks["jobs"]) == ("differs", "partly", "same", "unknown")
    assert {row.key for row in table.differences()} == {"country", "year"}


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (4, [4]), (5, [3, 2]), (9, [3, 3, 3]), (30, [4, 4, 4, 4, 4, 4, 4, 2])]
)
def test_tables_share_many_entries_evenly(count, sizes):
    profile = facts.Profile("zone", "K", "Khu", "/", (facts.Fact("kind", "Loại"),))
    assert [len(table.profiles) for table in comparison.in_groups([profile] * count)] == sizes


# The page ----------------------------------------------------------------------------------------------------------------
def compare(client, *things, **more):
    data = {
        "firm": [one.code for one in things if isinstance(one, Firm)],
        "zone": [one.code for one in things if isinstance(one, Zone)],
    }
    return client.get(reverse("compare"), data | more)


def test_a_stranger_compares_firms_and_zones(client):
    firms = [make_firm(country="JP"), make_firm("Công ty B", country="KR")]
    zones = [make_zone(), make_zone("KCN Hòa Khánh", kind=Zone.Kind.INDUSTRIAL_ZONE)]
    page = compare(client, *firms, *zones).text
    for thing in [*firms, *zones]:
        assert thing.name in page
    assert "≠ khác nhau" in page
    assert "chưa có nguồn" in page
    only = compare(client, *firms, show="differences").text
    assert "Hàn Quốc" in only
    assert "Đang hoạt động" not in only


def test_a_fifth_one_is_left_out_and_named(client):
    firms = [make_firm(f"Công ty số {n}") for n in range(5)]
    page = compare(client, *firms).text
    assert "Chỉ xếp được 4 mục cạnh nhau" in page
    assert f'<a href="{firms[4].get_absolute_url()}">Công ty số 4</a>' in page


def test_one_alone_says_how_to_add_another(client):
    assert "Một mục thì chưa so sánh được" in compare(client, make_firm()).text


def test_nothing_chosen_offers_the_shortlist_to_choose_from(client):
    firm = make_firm()
    assert "Chưa có gì để so sánh" in client.get(reverse("compare")).text
    client.cookies[lists.COOKIE] = Shortlist((Entry("firm", firm.code),)).dumps()
    page = client.get(reverse("compare")).text
    assert f'name="firm" value="{firm.code}" checked' in page


def test_an_unknown_firm_is_named_and_a_merged_one_is_followed(client):
    kept, gone = make_firm("Công ty còn lại"), make_firm("Công ty đã gộp")
    gone.merged_into = kept
    gone.save()
    page = client.get(reverse("compare"), {"firm": [gone.code, kept.code, code_of(99_999)]}).text
    assert page.count("Công ty còn lại") == 1
    assert code_of(99_999) in page


def test_a_firms_words_are_shown_as_words(client):
    firm = make_firm("<b>Công ty</b> & Cộng sự", website="https://example.org/?a=1&b=<i>")
    page = compare(client, firm, make_firm("Công ty B")).text
    assert "&lt;b&gt;Công ty&lt;/b&gt; &amp; Cộng sự" in page
    assert "<i>" not in page


@pytest.mark.parametrize("show", ["\x00", "9" * 4400, "differences", "x"])
def test_odd_addresses_are_answered(show, client):
    response = client.get(reverse("compare"), {"firm": ["x" * 3000] * 300, "zone": ["\x00", "' OR 1=1"], "show": show})
    assert response.status_code in (200, 404)


def test_the_number_of_queries_does_not_grow(client, django_assert_max_num_queries):
    make_rate()
    zone = make_zone()
    few, many = [], []
    for n in range(4):
        firm = make_firm(f"Công ty {n}", zone=zone)
        for m in range(n * 3):
            make_capability(firm, f"Năng lực {m}")
            project = make_project(firm, f"Dự án {m}", capital=1_000_000, currency="USD")
            Certificate.objects.create(firm=firm, project=project, capital=1_000_000, currency="USD")
        many.append(firm)
    few = many[:1]
    compare(client, zone, *few)
    with django_assert_max_num_queries(18):
        compare(client, zone, *few)
    with django_assert_max_num_queries(18):
        compare(client, zone, make_zone("KCN 2"), *many)
