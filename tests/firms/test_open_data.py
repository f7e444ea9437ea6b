"""What everybody may take away: the files of a search, the list for other sites, and what search engines are told."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook

from firms.models import FirmYear, LandFigures, Qualification
from firms.opendata import files
from firms.opendata.limits import DownloadThrottle
from tests.builders_firms import make_capability, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db
NAMES = {"x": "http://www.sitemaps.org/schemas/sitemap/0.9", "link": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(autouse=True)
def nobody_has_asked_before():
    cache.clear()


@pytest.fixture
def firm():
    zone = make_zone(code="KCNC-DN", latitude="16.0944277", longitude="108.0822033")
    firm = make_firm(zone=zone, country="JP", name_en="Song Han Precision", website="https://song-han.example")
    make_project(firm, capital="40000000", currency="USD")
    make_project(firm, "Bản ghi nhớ", stage="memorandum", capital="9000000", currency="USD")
    make_capability(firm)
    Qualification.objects.create(firm=firm, kind="ISO 9001")
    FirmYear.objects.create(firm=firm, year=2024, kind=FirmYear.Kind.JOBS, value=120, is_public=True)
    return firm


def content(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def download(client, language="vi", **query):
    return client.get(("/en" if language == "en" else "") + "/firms/download/", query)


# Files of a search --------------------------------------------------------------------------------------------------
def test_a_search_is_taken_away_as_csv(client, firm):
    make_firm("Công ty Cổ phần Khuôn mẫu Bà Nà")
    make_firm("Công ty Cơ khí chính xác giấu kín", is_public=False)
    raw = content(download(client, "en", q="co khi chinh xac", format="csv"))
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    assert row["Registry number"] == firm.code
    assert (row["Name"], row["Name in English"]) == (firm.name, firm.name_en)
    assert row["Investor's country"] == "Japan"
    assert row["Registered capital (USD)"] == "40000000"  # a memorandum has registered nothing
    assert (row["Jobs"], row["Jobs: year"]) == ("120", "2024")
    assert row["Sources"] == "https://example.org/nguon"
    assert row["Page"].endswith(f"/en/firms/{firm.code}/")


def test_the_heads_are_in_the_readers_language_from_the_first_to_the_last_line(client, firm):
    lines = content(download(client, format="csv")).decode("utf-8-sig").splitlines()
    assert "Tên" in lines[0] and "Registry" not in lines[0]
    assert "Nhật Bản" in lines[1]


def test_a_search_is_taken_away_as_a_workbook(client, firm):
    book = load_workbook(io.BytesIO(content(download(client, "en", format="xlsx"))))
    head, row = book.active.iter_rows(values_only=True)
    values = dict(zip(head, row, strict=True))
    assert values["Registry number"] == firm.code
    assert values["Registered capital (USD)"] == 40_000_000


@pytest.mark.parametrize("text", ["=1+1", "+84 905", "-2", "@SUM(A1)", '=HYPERLINK("http://example.org")'])
def test_no_spreadsheet_executes_what_a_firm_wrote(client, text):
    make_firm(text, address=text)
    (row,) = csv.DictReader(io.StringIO(content(download(client, "en", format="csv")).decode("utf-8-sig")))
    assert row["Name"] == row["Address"] == f"'{text}"
    sheet = load_workbook(io.BytesIO(content(download(client, "en", format="xlsx")))).active
    assert [(cell.value, cell.data_type) for cell in sheet[2] if cell.value == text] == [(text, "s")] * 2


def test_a_search_is_taken_away_as_geojson_with_each_firm_at_its_zone(client, firm):
    part = make_zone("Phân khu", parent=firm.zone, kind="KCNC-PART")
    inside, nowhere = make_firm("Công ty trong phân khu", zone=part), make_firm("Công ty chưa rõ khu")
    found = json.loads(content(download(client, format="geojson")))
    assert found["type"] == "FeatureCollection"
    at = {it["id"]: it["geometry"] for it in found["features"]}
    assert at[firm.code] == at[inside.code] == {"type": "Point", "coordinates": [108.082203, 16.094428]}
    assert at[nowhere.code] is None
    assert all(it["type"] == "Feature" and it["properties"]["code"] == it["id"] for it in found["features"])


def test_an_empty_search_is_a_file_too(client):
    assert json.loads(content(download(client, format="geojson")))["features"] == []
    assert content(download(client, format="csv")).count(b"\n") == 1


def test_the_number_of_queries_grows_by_batches_alone(client, firm, django_assert_max_num_queries, monkeypatch):
    for number in range(10):
        make_capability(make_firm(f"Công ty {number}", zone=firm.zone))
    content(download(client, format="csv"))
    with django_assert_max_num_queries(9) as one_batch:
        content(download(client, format="csv"))
    monkeypatch.setattr(files, "BATCH", 4)
    with django_assert_max_num_queries(9 + 2 * 6):
        assert content(download(client, format="csv")).count(b"\n") == 12
    assert len(one_batch) <= 9


def test_what_cannot_be_made_is_refused_with_the_way_back(client, firm, monkeypatch):
    response = download(client, "en", q="cơ khí", format="pdf")
    assert response.status_code == 400
    assert "three formats" in response.text and "?q=c%C6%A1+kh%C3%AD&amp;format=csv" in response.text
    monkeypatch.setattr(files, "WORKBOOK_ROWS", 0)
    assert "holds at most" in download(client, "en", format="xlsx").text
    assert content(download(client, "en", format="csv"))


def test_whoever_fetches_files_all_the_time_is_told_to_wait(client, firm, monkeypatch):
    monkeypatch.setitem(DownloadThrottle.THROTTLE_RATES, "download", "1/hour")
    content(download(client, format="csv"))
    response = download(client, "en", format="csv")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert "minutes" in response.text


@pytest.mark.parametrize("name", ["firm_download", "zone_download", "open_data", "embed_firms"])
def test_only_reading_is_answered(client, name):
    assert client.post(reverse(name)).status_code == 405


def test_zones_are_taken_away_with_outline_point_or_neither(client):
    square = {"type": "Polygon", "coordinates": [[[108, 16], [108.1, 16], [108.1, 16.1], [108, 16]]]}
    outlined = make_zone(code="A", outline=square, latitude="16", longitude="108")
    make_zone(code="B", latitude="16", longitude="108")
    make_zone(code="C")
    make_zone(code="D", is_public=False)
    LandFigures.objects.create(zone=outlined, leasable_ha="100", leased_ha="40", as_of_words="Q3/2025")
    response = client.get(reverse("zone_download"))
    assert response["Content-Type"] == "application/geo+json"
    found = {it["id"]: it for it in response.json()["features"]}
    assert {code: it["geometry"] and it["geometry"]["type"] for code, it in found.items()} == {
        "A": "Polygon",
        "B": "Point",
        "C": None,
    }
    assert (found["A"]["properties"]["occupancy"], found["A"]["properties"]["as_of"]) == (40, "Q3/2025")


# The list for other sites -------------------------------------------------------------------------------------------
def test_the_embedded_list_may_be_framed_anywhere_and_no_other_page_may(client, firm):
    response = client.get(reverse("embed_firms"), {"zone": "KCNC-DN"})
    assert firm.name in response.text
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]
    other = client.get(reverse("open_data"))
    assert other["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in other["Content-Security-Policy"]


def test_the_embedded_list_sets_no_cookie_and_leads_out_of_the_frame(client, firm):
    response = client.get(reverse("embed_firms"))
    assert not response.cookies
    assert '<base target="_blank">' in response.text


def test_the_page_of_open_data_gives_away_a_list_to_copy_and_invents_no_licence(client, firm):
    page = client.get("/en/open-data/").text
    (address,) = re.findall(r"iframe src=&quot;(.*?)&quot;|iframe src=\"(.*?)\"", page)
    assert client.get("".join(address).removeprefix("http://testserver")).status_code == 200
    assert "not yet stated under which licence" in page


# Search engines -----------------------------------------------------------------------------------------------------
def test_search_engines_find_every_public_page_in_both_languages(client, firm):
    make_firm("Công ty giấu kín", is_public=False)
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [it.text.removeprefix("http://testserver") for it in index.iterfind("x:sitemap/x:loc", NAMES)]
    found = {}
    for part in parts:
        for url in ElementTree.fromstring(client.get(part).content).iterfind("x:url", NAMES):
            others = {it.get("hreflang"): it.get("href") for it in url.iterfind("link:link", NAMES)}
            found[url.find("x:loc", NAMES).text.removeprefix("http://testserver")] = others
    assert {f"/firms/{firm.code}/", f"/en/firms/{firm.code}/", "/zones/KCNC-DN/", "/", "/en/figures/"} <= set(found)
    assert sum("/firms/DN" in path for path in found) == 2
    for path, others in found.items():
        assert set(others) == {"vi", "en", "x-default"} and others["x-default"] == others["vi"]
        assert client.get(path).status_code == 200, path


def test_long_sitemaps_are_read_page_by_page(client, monkeypatch):
    for number in range(5):
        make_firm(f"Công ty {number}")
    monkeypatch.setattr("firms.sitemaps.FirmSitemap.limit", 3)
    seen = []
    for page in range(1, 5):
        urls = ElementTree.fromstring(client.get("/sitemap-firms.xml", {"p": page}).content)
        seen += [it.text for it in urls.iterfind("x:url/x:loc", NAMES)]
    assert len(seen) == len(set(seen)) == 10


@pytest.mark.parametrize("path", ["/sitemap-nothing.xml", "/sitemap-firms.xml?p=99", "/sitemap-firms.xml?p=x"])
def test_a_sitemap_that_is_not_there_is_none(client, path):
    assert client.get(path).status_code == 404


def test_robots_are_led_to_the_map_and_kept_from_endless_variants(client):
    text = client.get("/robots.txt").text
    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /en/firms/download/" in text


def test_every_page_names_itself_and_its_other_language(client):
    for path in ["/open-data/", "/en/open-data/"]:
        page = client.get(path + "?page=2").text
        assert f'<link rel="canonical" href="http://testserver{path}">' in page
        for language, href in [("vi", "/open-data/"), ("en", "/en/open-data/"), ("x-default", "/open-data/")]:
            assert f'hreflang="{language}" href="http://testserver{href}?page=2"' in page
