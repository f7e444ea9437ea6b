"""The read interface: what a program gets, what it is refused and in which words, and what never leaves the registry."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms.models import Authority, Contact, FirmName, FirmYear, LandFigures, Qualification, Sector, ZoneAuthority
from firms.opendata.limits import BurstThrottle
from tests.builders_firms import make_capability, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db
PROBLEM = {"status", "code", "detail", "errors"}


@pytest.fixture(autouse=True)
def nobody_has_asked_before():
    cache.clear()


@pytest.fixture
def program():
    return Client(headers={"Accept-Language": "en"})


def get(program, name, *args, expect=200, **query):
    response = program.get(reverse(name, args=args), query)
    assert response.status_code == expect, response.text
    return response.json()


# What is there ------------------------------------------------------------------------------------------------------
def test_a_program_finds_firms_as_a_reader_of_the_directory_does(program):
    park, other = make_zone(code="KCNC-DN"), make_zone("Khu công nghiệp Hòa Khánh", code="KCN-HK")
    firm = make_firm(zone=park, country="JP", name_en="Song Han Precision")
    make_firm("Công ty Cổ phần Khuôn mẫu Bà Nà", zone=other)
    found = get(program, "api_firm_list", q="co khi chinh xac", zone="KCNC-DN", country=["JP", "KR"])
    assert [it["code"] for it in found["results"]] == [firm.code]
    assert found["count"] == found["page"] == found["pages"] == 1
    only = found["results"][0]
    assert only["zone"] == {"code": "KCNC-DN", "name": park.name, "name_en": ""}
    assert only["sources"] == ["https://example.org/nguon"]
    assert only["pages"]["en"].endswith(f"/en/firms/{firm.code}/")


def test_one_firm_tells_all_that_is_public_of_it_and_nothing_else(program):
    firm = make_firm(zone=make_zone(), note="Nội bộ: hai nguồn nói khác nhau", unsure={"country": "inferred from the name"})
    make_project(firm, "Nhà máy A", capital="40000000", currency="USD")
    make_project(firm, "Nhà máy mật", is_public=False)
    make_capability(firm)
    make_capability(firm, "Quy trình mật", is_public=False)
    FirmName.objects.create(firm=firm, name="Sông Hàn cũ", kind=FirmName.Kind.FORMER)
    Qualification.objects.create(firm=firm, kind="ISO 9001")
    FirmYear.objects.create(firm=firm, year=2024, kind=FirmYear.Kind.JOBS, value=120, is_public=True)
    FirmYear.objects.create(firm=firm, year=2024, kind=FirmYear.Kind.REVENUE, value=7, is_public=False)
    Contact.objects.create(firm=firm, person="Trần Thị Hoa", email="hoa@example.org", consented_on=timezone.localdate())
    Contact.objects.create(firm=firm, person="Lê Văn Kín", phone="0905 000 000")
    told = get(program, "api_firm_detail", firm.code)
    assert [it["capital"] for it in told["projects"]] == ["40000000.00"]
    assert [it["name"] for it in told["capabilities"]] == ["Gia công CNC 5 trục"]
    assert [it["kind"] for it in told["qualifications"]] == ["ISO 9001"]
    assert [(it["kind"], it["value"]) for it in told["years"]] == [("jobs", "120.000")]
    assert [it["person"] for it in told["contacts"]] == ["Trần Thị Hoa"]
    assert told["unsure"] == {"country": "inferred from the name"}
    whole = program.get(reverse("api_firm_detail", args=[firm.code])).text
    for secret in ["Nội bộ", "mật", "Kín", "hoa@example.org", "0905"]:
        assert secret not in whole


def test_a_zone_tells_its_newest_land_with_computed_occupancy_and_who_manages_it(program):
    zone = make_zone(code="KCNC-DN")
    LandFigures.objects.create(zone=zone, leasable_ha="100", leased_ha="10", as_of="2020-01-01")
    LandFigures.objects.create(zone=zone, leasable_ha="423.92", leased_ha="136.35", as_of="2025-09-30")
    board = Authority.objects.create(key="dseza", name="Ban Quản lý")
    ZoneAuthority.objects.create(zone=zone, authority=board, starts_on="2025-08-18")
    told = get(program, "api_zone_detail", "KCNC-DN")
    assert (told["land"]["occupancy_percent"], told["land"]["free_ha"]) == ("32.16", "287.5700")
    assert [(it["key"], it["starts_on"]) for it in told["authorities"]] == [("dseza", "2025-08-18")]


def test_projects_and_sectors_are_found_by_their_filters(program):
    firm = make_firm(zone=make_zone(code="KCN-HK"))
    wanted = make_project(firm, registered_year=2019)
    make_project(firm, "Nhà máy B", registered_year=2020)
    query = {"firm": firm.code, "zone": "KCN-HK", "stage": "operating", "year": 2019}
    assert [it["id"] for it in get(program, "api_project_list", **query)["results"]] == [wanted.pk]
    assert get(program, "api_project_detail", wanted.pk)["name"] == wanted.name
    parent = Sector.objects.create(key="co-khi", name="Cơ khí", name_en="Mechanical engineering")
    Sector.objects.create(key="khuon", parent=parent, name="Khuôn mẫu", name_en="Moulds", position=1)
    assert get(program, "api_sector_detail", "khuon")["parent"] == "co-khi"
    assert get(program, "api_sector_list")["count"] == 2


def test_the_root_leads_to_everything(program):
    for address in get(program, "api_root").values():
        assert program.get(address).status_code == 200


def test_only_what_changed_since_a_moment_is_listed(program):
    make_firm()
    assert get(program, "api_firm_list", changed_since="2020-01-01")["count"] == 1
    assert get(program, "api_firm_list", changed_since="2999-01-01T00:00:00+07:00")["count"] == 0


# Pages --------------------------------------------------------------------------------------------------------------
def test_a_list_leads_from_page_to_page(program):
    for number in range(5):
        make_firm(f"Công ty {number}")
    address, seen = reverse("api_firm_list") + "?page_size=2&sort=name", []
    while address:
        response = program.get(address)
        seen += [it["name"] for it in response.json()["results"]]
        address = response.json()["next"]
        assert (f'<{address}>; rel="next"' in response.headers.get("Link", "")) == bool(address)
    assert seen == [f"Công ty {number}" for number in range(5)]


def test_the_number_of_queries_does_not_grow_with_the_firms(program, django_assert_num_queries, django_assert_max_num_queries):
    def fill():
        for _ in range(4):
            firm = make_firm(zone=make_zone())
            make_project(firm)
            make_capability(firm)

    counts = []
    for _ in range(2):
        fill()
        with django_assert_max_num_queries(40) as captured:
            get(program, "api_firm_list")
        program.get(reverse("api_firm_list"))
        with django_assert_max_num_queries(20) as captured:
            get(program, "api_firm_list", page_size=100)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# Refusals -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "query", "wrong"),
    [
        ("api_firm_list", {"zoen": "KCNC-DN"}, "zoen"),
        ("api_firm_list", {"zone": "KHONG-CO"}, "zone"),
        ("api_firm_list", {"country": "XQ"}, "country"),
        ("api_firm_list", {"status": "closd"}, "status"),
        ("api_firm_list", {"year": "twenty"}, "year"),
        ("api_firm_list", {"sort": "best"}, "sort"),
        ("api_firm_list", {"changed_since": "yesterday"}, "changed_since"),
        ("api_firm_list", {"page": "0"}, "page"),
        ("api_firm_list", {"page": "9" * 30}, "page"),
        ("api_firm_list", {"page_size": "101"}, "page_size"),
        ("api_zone_list", {"kind": "KHU"}, "kind"),
        ("api_project_list", {"zone": "KHONG-CO"}, "zone"),
        ("api_project_list", {"year": "9" * 30}, "year"),
        ("api_sector_list", {"q": "x"}, "q"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(program, name, query, wrong):
    answer = get(program, name, expect=400, **query)
    assert set(answer) == PROBLEM
    assert list(answer["errors"]) == [wrong]
    assert all(len(words) > 10 for words in answer["errors"][wrong])


def test_refusals_speak_the_language_of_the_asker():
    asked = reverse("api_firm_list") + "?country=XQ"
    english = Client().get(asked, headers={"Accept-Language": "en"})
    vietnamese = Client().get(asked, headers={"Accept-Language": "vi"})
    assert "is no value" in english.text and english["Content-Language"] == "en"
    assert "không có giá trị" in vietnamese.text and vietnamese["Content-Language"] == "vi"


@pytest.mark.parametrize("path", ["firms/DN0000000/", "nothing/", "projects/99/", "firms/?page=2"])
def test_what_is_not_there_is_told_as_json(program, path):
    response = program.get(f"/api/v1/{path}")
    assert response.status_code == 404
    assert set(response.json()) == PROBLEM


def test_hidden_firms_and_zones_are_not_there(program):
    firm, zone = make_firm(is_public=False), make_zone(code="AN", is_public=False)
    project = make_project(firm)
    for name, key in [("api_firm_detail", firm.code), ("api_zone_detail", zone.code), ("api_project_detail", project.pk)]:
        get(program, name, key, expect=404)
    assert get(program, "api_firm_list")["count"] == get(program, "api_project_list")["count"] == 0


def test_the_number_of_a_merged_firm_leads_to_the_one_that_was_kept(program):
    kept = make_firm()
    middle = make_firm("Công ty TNHH Sông Hàn", merged_into=kept)
    merged = make_firm("Song Han", merged_into=middle)
    response = program.get(reverse("api_firm_detail", args=[merged.code]))
    assert response.status_code == 301
    assert response["Location"].endswith(reverse("api_firm_detail", args=[kept.code]))
    kept.is_public = False
    kept.save()
    get(program, "api_firm_detail", merged.code, expect=404)


@pytest.mark.parametrize("way", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(program, way):
    response = getattr(program, way)(reverse("api_firm_list"))
    assert response.status_code == 405
    assert set(response.json()) == PROBLEM


def test_whoever_asks_too_often_is_told_when_to_come_back(program, monkeypatch):
    monkeypatch.setitem(BurstThrottle.THROTTLE_RATES, "burst", "2/min")
    for _ in range(2):
        get(program, "api_sector_list")
    response = program.get(reverse("api_sector_list"))
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in response
    assert set(response.json()) == PROBLEM


# Versions -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["api_firm_list", "api_zone_list", "api_project_list", "api_sector_list"])
def test_an_answer_that_is_known_already_is_not_sent_again(program, name):
    make_project(make_firm(zone=make_zone()))
    first = program.get(reverse(name))
    again = program.get(reverse(name), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"
    assert program.get(reverse(name) + "?page_size=1", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_change_makes_a_new_version(program):
    firm = make_firm()
    project = make_project(firm)
    zone, sector = make_zone(), Sector.objects.create(key="a", name="A", name_en="A")
    land = LandFigures.objects.create(zone=zone, area_ha=1)
    changes = [
        ("api_firm_list", firm, "address"), ("api_firm_list", project, "goal"), ("api_project_list", project, "goal"),
        ("api_firm_list", zone, "name"), ("api_zone_list", zone, "location"), ("api_zone_list", land, "note"),
        ("api_sector_list", sector, "name_en"),
    ]  # fmt: skip
    for name, row, field in changes:
        before = program.get(reverse(name))["ETag"]
        setattr(row, field, "Mới")
        row.save()
        assert program.get(reverse(name), headers={"If-None-Match": before}).status_code == 200, (name, field)


def test_hiding_a_firm_makes_a_new_version_by_its_date_too(program):
    firm = make_firm()
    make_firm("Công ty khác")
    first = program.get(reverse("api_firm_list"))
    assert program.get(reverse("api_firm_list"), headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    firm.is_public = False
    firm.save()
    assert program.get(reverse("api_firm_list"), headers={"If-None-Match": first["ETag"]}).json()["count"] == 1


def test_a_page_of_any_site_may_ask(program):
    response = program.options(reverse("api_firm_list"), headers={"Origin": "https://example.org"})
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]
    assert program.get(reverse("api_firm_list"))["Access-Control-Allow-Origin"] == "*"


def test_the_description_comes_as_json_or_yaml(program):
    assert get(program, "api_schema")["openapi"].startswith("3.1")
    assert program.get(reverse("api_schema"), headers={"Accept": "application/yaml"}).text.startswith("openapi: 3.1")
