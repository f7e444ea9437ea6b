"""An investor without an account in the directory: list, cards, map and one firm's page."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from firms.models import Confidence, ExchangeRate, Firm, Review, Zone
from tests.builders_firms import make_capability, make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    return make_zone(code="KCNC-DN", name_en="Da Nang Hi-Tech Park", latitude="16.094428", longitude="108.082203")


@pytest.fixture
def firm(park):
    firm = make_firm(zone=park, country="JP", name_en="Song Han Precision", source="https://example.org/a\nQuyết định 12/QĐ")
    make_capability(firm, "Gia công CNC 5 trục", materials="nhôm, titan", spare_percent=30)
    make_project(firm, capital=40_000_000, currency="USD", registered_year=2019)
    return firm


def get(path, client=None, **data):
    return (client or Client()).get(path, data)


# The list -----------------------------------------------------------------------------------------------------------
def test_a_stranger_searches_without_diacritics_and_sees_why_a_firm_was_found(firm):
    page = get("/firms/", q="nhom titan").text
    assert "Sông Hàn" in page and "Khớp ở" in page and "<mark>titan</mark>" in page


def test_each_filter_says_how_many_firms_it_would_leave(firm, park):
    make_firm("Công ty Khác", park, country="KR")
    page = get("/firms/", country="JP").text
    assert 'Hàn Quốc <span class="count">1</span>' in page and "?country=JP&amp;country=KR" in page


@pytest.mark.parametrize("view", ["list", "cards", "map"])
def test_every_view_shows_the_same_search(firm, park, view):
    make_firm("Công ty Khác", make_zone("Hòa Khánh", "HK", "KCN"))
    page = get("/firms/", view=view, zone="KCNC-DN").text
    assert '<b class="number">1</b>' in page and "Công ty Khác" not in page


def test_what_finds_nothing_says_so_and_shows_the_way_back(firm):
    page = get("/firms/", q="xyzzyq").text
    assert "Không có doanh nghiệp nào khớp" in page and "Xem tất cả doanh nghiệp" in page


def test_an_empty_registry_says_that_it_is_empty(db):
    assert "Chưa có doanh nghiệp nào" in get("/firms/").text


def test_a_script_gets_the_results_alone(firm):
    page = Client().get("/firms/", headers={"HX-Request": "true"})
    assert "<html" not in page.text and "firm-facets" in page.text and "HX-Request" in page.headers["Vary"]


def test_a_page_beyond_the_last_is_the_last(firm):
    for page in ("99", "-1", "x", "9" * 40):
        assert "Sông Hàn" in get("/firms/", page=page).text


def test_english_readers_get_english_names(firm):
    page = get("/en/firms/").text
    assert "Song Han Precision" in page and "Japan" in page and "40 million USD" in page


def test_a_list_of_many_firms_asks_no_more_than_a_list_of_one(firm, park):
    get("/firms/")
    with CaptureQueriesContext(connection) as few:
        get("/firms/", q="cong ty")
    for number in range(30):
        make_capability(make_firm(f"Công ty {number}", park))
    get("/firms/")
    with CaptureQueriesContext(connection) as many:
        get("/firms/", q="cong ty")
    assert len(many) == len(few)


def test_what_a_firm_calls_itself_is_never_markup(park):
    make_firm("Công ty <script>alert(1)</script>", park)
    for view in ("list", "cards"):
        assert "<script>alert" not in get("/firms/", q="alert", view=view).text


def test_nobody_posts_to_the_list(firm):
    assert Client().post("/firms/").status_code == 405


# The map ------------------------------------------------------------------------------------------------------------
def test_the_map_has_its_points_as_a_list_and_as_geojson(firm, park):
    make_firm("Công ty Đâu đó")
    make_firm("Công ty Hòa Khánh", make_zone("Hòa Khánh", "HK", "KCN"))
    page = get("/firms/", view="map").text
    assert "Khu chưa ghi vị trí" in page and "1 doanh nghiệp chưa có nguồn nêu khu" in page
    found = json.loads(get("/firms/map.json", country="JP").content)
    (point,) = found["features"]
    assert point["geometry"] == {"type": "Point", "coordinates": [108.082203, 16.094428]}
    assert point["properties"]["count"] == 1 and "country=JP" in point["properties"]["url"]
    assert len(found["coast"][0]) > 100


def test_a_zone_with_an_outline_is_drawn_with_it(firm, park):
    outline = {"type": "Polygon", "coordinates": [[[108, 16], [108.1, 16], [108.1, 16.1], [108, 16]]]}
    Zone.objects.filter(pk=park.pk).update(outline=outline)
    assert outline in [it["geometry"] for it in json.loads(get("/firms/map.json").content)["features"]]


# One firm -----------------------------------------------------------------------------------------------------------
def test_a_firm_page_says_what_it_makes_where_and_who_says_so(firm):
    ExchangeRate.objects.create(currency="USD", on="2025-12-18", vnd=25_000)
    page = get(firm.get_absolute_url()).text
    for words in (
        "Gia công CNC 5 trục",
        "nhôm, titan",
        "40 triệu USD",
        "1.000 tỷ VND",
        "18/12/2025",
        "Nhật Bản",
        "Quyết định 12/QĐ",
    ):
        assert words in page, words
    assert 'itemtype="https://schema.org/Organization"' in page and 'property="og:title"' in page


def test_without_a_rate_capital_stands_in_one_currency(firm):
    page = get(firm.get_absolute_url()).text
    assert "40 triệu USD" in page and "tỷ VND" not in page


def test_what_is_unsure_is_marked_with_the_reason(firm):
    firm.unsure, firm.confidence, firm.review = {"country": "inferred"}, Confidence.HIGH, Review.LOADED
    firm.save()
    page = get(firm.get_absolute_url()).text
    assert "suy ra, không nguồn nào nói rõ" in page and str(Review.LOADED.label) in page


def test_a_contact_without_consent_is_not_shown(firm):
    firm.contacts.create(person="Ông Kín", email="kin@example.org", phone="0905 000 001")
    firm.contacts.create(person="Bà Mở", phone="0905 000 002", email="mo@example.org", consented_on="2026-01-01")
    page = get(firm.get_absolute_url()).text
    assert "Bà Mở" in page and "Ông Kín" not in page
    assert "mo@example.org" not in page  # mail goes through the relay


def test_figures_that_are_not_public_stay_inside(firm):
    firm.years.create(year=2024, kind="revenue", value=77, is_public=False)
    firm.years.create(year=2024, kind="jobs", value=123, is_public=True)
    page = get(firm.get_absolute_url()).text
    assert "123" in page and ">77<" not in page


def test_a_hidden_firm_is_for_editors_alone(firm):
    firm.is_public = False
    firm.save()
    assert get(firm.get_absolute_url()).status_code == 404
    client = Client()
    client.force_login(make_editor())
    assert "Đang ẩn" in get(firm.get_absolute_url(), client).text


def test_an_address_of_a_merged_firm_leads_to_the_one_that_was_kept(firm, park):
    old, older = make_firm("Công ty Cũ", park), make_firm("Công ty Cũ hơn", park)
    Firm.objects.filter(pk=old.pk).update(merged_into=firm)
    Firm.objects.filter(pk=older.pk).update(merged_into=old)
    for one in (old, older):
        answer = get(reverse("firm_detail", args=[one.code]))
        assert answer.status_code == 301 and answer.url == firm.get_absolute_url()
    assert get(reverse("firm_detail", args=[firm.code.lower()])).status_code == 301


def test_a_number_that_was_never_given_is_not_found(firm):
    for code in ("DN9999999", "x", "%00", "DN" + "9" * 50):
        assert get(f"/firms/{code}/").status_code == 404


def test_one_page_asks_a_fixed_number_of_questions(firm):
    with CaptureQueriesContext(connection) as few:
        get(firm.get_absolute_url())
    for number in range(10):
        make_capability(firm, f"Sản phẩm {number}")
        make_project(firm, f"Dự án {number}")
    with CaptureQueriesContext(connection) as many:
        get(firm.get_absolute_url())
    assert len(many) <= len(few)


# Search of the portal -----------------------------------------------------------------------------------------------
def test_the_portals_search_finds_firms_and_zones(firm, park):
    page = get("/search/", q="song han").text
    assert firm.get_absolute_url() in page
    assert park.get_absolute_url() in get("/search/", q="cong nghe cao").text


def test_the_front_page_leads_an_investor_into_the_directory(firm, park):
    page = get("/").text
    assert 'action="/firms/"' in page and "<h1" in page and page.count("<h1") == 1
