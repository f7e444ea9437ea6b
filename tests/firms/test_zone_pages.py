"""Zones as investors see them: land that is free, how full a zone is and by what formula, who manages it, and whom to ask."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import escape

from firms.models import Authority, LandFigures, Zone, ZoneAuthority
from firms.zonefilter import ZoneFilter
from firms.zoneland import land_of, printed_of
from firms.zonetree import ZoneTree
from tests.builders import make_agency, make_consolidator, make_member
from tests.builders_firms import make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
LANGUAGES = ["", "/en"]


def land(zone, as_of=date(2025, 9, 30), words="", **figures):
    source = figures.pop("source", f"https://example.org/{zone.code.lower()}")
    return LandFigures.objects.create(zone=zone, as_of=as_of, as_of_words=words, source=source, confidence="high", **figures)


def manage(zone, key, name, **days):
    authority, _made = Authority.objects.get_or_create(key=key, defaults={"name": name})
    return ZoneAuthority.objects.create(zone=zone, authority=authority, basis="Quyết định 1012/QĐ-UBND", **days)


def industrial(name, code, **fields):
    return make_zone(name, code, Zone.Kind.INDUSTRIAL_ZONE, **{"province": "Đà Nẵng", "confidence": "high"} | fields)


@pytest.fixture
def world():
    park = make_zone(
        code="KCNC-DN", name_en="Da Nang Hi-Tech Park", province="Đà Nẵng", confidence="high", rank=10,
        state=Zone.State.OPERATING, latitude="16.094428", longitude="108.082203", is_point_sourced=True, established_year=2010,
        decision="Quyết định 1979/QĐ-TTg", infrastructure="Điện 110 kV", infrastructure_en="Power 110 kV",
        incentives="Miễn thuế 4 năm", source="https://example.org/kcnc", unsure={"established_year": "conflict"},
    )  # fmt: skip
    part = make_zone("Khu sản xuất", "KCNC-DN-SX", Zone.Kind.HIGH_TECH_PART, parent=park, rank=11)
    economic = make_zone("Khu kinh tế mở Chu Lai", "KKT-CL", Zone.Kind.ECONOMIC_ZONE, province="Đà Nẵng", rank=50)
    inside = industrial("Khu công nghiệp Tam Hiệp", "KCN-TH", parent=economic, rank=51)
    full = industrial("Khu công nghiệp Hòa Khánh", "KCN-HK", rank=20)
    moved = industrial("Khu công nghiệp Điện Nam", "KCN-DN", rank=21, confidence="low")
    hidden = industrial("Khu Ẩn", "KCN-AN", is_public=False)
    land(park, date(2011, 12, 31), "2011", area_ha=1010)
    land(park, date(2023, 12, 31), "Profile 2023", printed_occupancy="56.19")
    land(park, words="Q3/2025", area_ha="1128.4", leasable_ha="423.92", leased_ha="136.35", printed_occupancy="32.16")
    land(part, area_ha="90.14", leased_ha="5.5", printed_occupancy="6.05")
    land(full, area_ha=394, leasable_ha="303.93", leased_ha="303.93")
    land(hidden, area_ha=1, leasable_ha=1, leased_ha=0)
    manage(park, "dseza", "Ban Quản lý Khu công nghệ cao")
    manage(moved, "quang-nam", "Ban Quản lý Quảng Nam", ends_on=date(2025, 8, 17))
    manage(moved, "dseza", "Ban Quản lý Khu công nghệ cao", starts_on=date(2025, 8, 18))
    make_firm("Công ty Một", park, country="KR")
    make_firm("Công ty Hai", part)
    make_firm("Công ty Hẹn", park, status="interested")
    make_firm("Công ty Tam Hiệp", inside)
    return {"park": park, "part": part, "economic": economic, "inside": inside, "full": full, "moved": moved}


def asked(query=""):
    return ZoneFilter(RequestFactory().get(f"/zones/?{query}").GET, TODAY)


def codes(query=""):
    return [row.zone.code for row in asked(query).found]


# The list ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", LANGUAGES)
def test_everybody_reads_the_zones_in_both_languages(world, client, prefix):
    for user in [None, make_editor(), make_consolidator(), make_member(make_agency())]:
        if user:
            client.force_login(user)
        response = client.get(f"{prefix}/zones/")
        assert response.status_code == 200
        assert ("Da Nang Hi-Tech Park" if prefix else "Khu công nghệ cao Đà Nẵng") in response.text
    assert client.post(f"{prefix}/zones/").status_code == 405


def test_zones_stand_under_their_kind_and_parts_under_their_whole(world):
    groups = {group.title: group.rows for group in asked().groups}
    assert list(groups) == ["Khu công nghệ cao", "Khu công nghiệp", "Khu kinh tế"]
    assert [row.zone.code for row in groups["Khu công nghệ cao"]] == ["KCNC-DN"]
    assert [row.zone.code for row in groups["Khu công nghệ cao"][0].parts] == ["KCNC-DN-SX"]
    tam_hiep = next(row for row in groups["Khu công nghiệp"] if row.zone.code == "KCN-TH")
    assert tam_hiep.around == world["economic"]


def test_a_zone_that_is_not_public_is_nowhere(world, client):
    assert "Khu Ẩn" not in client.get("/zones/").text
    assert client.get("/zones/KCN-AN/").status_code == 404
    assert "KCN-AN" not in codes("q=an")


def test_the_list_shows_occupancy_with_its_formula_and_a_dash_where_nobody_states_it(world, client):
    page = client.get("/zones/").text
    assert "32,16%" in page and "100,00%" in page
    assert "đã cho thuê ÷" in page
    row = next(row for row in asked().rows if row.zone.code == "KCN-DN")
    assert row.land.occupancy is None


def test_every_figure_of_the_list_says_of_when_it_is_and_where_it_stands(world, client):
    page = client.get("/zones/").text
    assert "Q3/2025" in page and "https://example.org/kcnc-dn" in page
    assert "chưa chắc chắn" in page  # the zone of low confidence


def test_firms_are_counted_as_the_directory_counts_them(world, client):
    page = client.get("/zones/").text
    address = re.search(r'href="(/firms/\?zone=KCNC-DN&amp;[^"]*)">(\d+)<', page)
    found = client.get(address[1].replace("&amp;", "&"))
    assert int(address[2]) == 2
    assert "Công ty Hai" in found.text and "Công ty Hẹn" not in found.text


@pytest.mark.parametrize(
    "query,found",
    [
        ("kind=KCN", ["KCN-HK", "KCN-DN", "KCN-TH"]),
        ("kind=KCN&kind=KKT", ["KCN-HK", "KCN-DN", "KKT-CL", "KCN-TH"]),
        ("kind=KCN&authority=dseza", ["KCN-DN"]),
        ("authority=quang-nam", []),  # it managed a zone once
        ("authority=none", ["KCN-HK", "KKT-CL", "KCN-TH"]),
        ("free=yes", ["KCNC-DN"]),
        ("q=hoa khanh", ["KCN-HK"]),
        ("q=khu san xuat", ["KCNC-DN"]),  # a part says it
        ("province=Gia Lai", []),
        ("kind=\x00", []),
        ("q=" + "9" * 4000, []),
    ],
)
def test_filters_choose_within_a_group_and_across_groups(world, query, found):
    assert codes(query) == found


def test_each_value_says_how_many_zones_it_would_show(world):
    for query in ["", "kind=KCN", "kind=KCN&authority=dseza", "q=khu", "free=yes"]:
        for facet in asked(query).facets:
            for option in facet.options:
                if not option.is_chosen:
                    alone = asked(query)
                    others = alone.query(**{facet.name: option.value})
                    assert len(codes(others)) == option.count, (query, facet.name, option.value)


@pytest.mark.parametrize(
    "sort,first", [("name", "KCNC-DN"), ("free", "KCNC-DN"), ("area", "KCNC-DN"), ("occupancy", "KCN-HK"), ("firms", "KCNC-DN")]
)
def test_zones_are_sorted_as_asked_and_what_nobody_states_comes_last(world, client, sort, first):
    assert codes(f"sort={sort}")[0] == first
    assert len(codes(f"sort={sort}")) == 5
    assert [group.title for group in asked(f"sort={sort}").groups] == [""]
    assert client.get(f"/zones/?sort={sort}").status_code == 200


def test_chosen_filters_can_be_taken_away_one_by_one_or_all_at_once(world, client):
    zones = asked("kind=KCN&authority=dseza&q=dien&sort=name")
    assert [chip.words for chip in zones.chips] == ["dien", "Khu công nghiệp", "Ban Quản lý Khu công nghệ cao"]
    assert zones.chips[1].query == "authority=dseza&q=dien&sort=name"
    assert zones.bare_query == "sort=name"
    page = client.get("/zones/?kind=KCNTT&authority=dseza").text
    assert "Không có khu nào khớp bộ lọc" in page


def test_the_list_without_zones_says_what_belongs_there(client):
    assert "Chưa có khu nào" in client.get("/zones/").text


def test_htmx_is_answered_with_the_rows_alone(world, client):
    response = client.get("/zones/?kind=KCN", headers={"HX-Request": "true"})
    assert "<html" not in response.text and 'hx-swap-oob="true"' in response.text
    assert "HX-Request" in response["Vary"]


def test_the_list_asks_the_database_the_same_number_of_times_whatever_it_holds(client, django_assert_max_num_queries):
    client.get("/zones/")
    for serial in range(15):
        zone = industrial(f"Khu {serial}", f"KCN-{serial}")
        land(zone, area_ha=10, leasable_ha=8, leased_ha=serial % 8)
        manage(zone, f"a-{serial}", f"Ban {serial}")
        make_firm(f"Công ty {serial}", zone)
    with django_assert_max_num_queries(20):
        assert client.get("/zones/").text.count("zone-name") >= 15


# Land -------------------------------------------------------------------------------------------------------------------
def test_each_figure_is_the_newest_that_anybody_stated(world):
    zone = world["full"]
    land(zone, date(2026, 6, 1), area_ha=400)
    found = land_of([zone], TODAY)[zone.pk]
    assert (found.area.value, found.leased.value) == (400, Decimal("303.93"))
    assert [stated.when for stated in found.shown] == ["01/06/2026", "30/09/2025"]
    assert land_of([zone], date(2026, 1, 1))[zone.pk].area.value == 394
    assert land_of([zone], date(2020, 1, 1))[zone.pk].area is None


def test_ready_land_stands_before_what_is_left_over(world):
    zone = world["moved"]
    land(zone, area_ha=100, leasable_ha=80, leased_ha=30, ready_ha=12)
    assert land_of([zone], TODAY)[zone.pk].free.value == 12


def test_a_printed_figure_is_compared_with_what_its_own_hectares_give(world):
    found = printed_of(land_of([world["park"]], TODAY)[world["park"].pk])
    assert [(str(it.printed), it.differs, it.computed is None) for it in found] == [
        ("32.16", False, False), ("56.19", False, True),
    ]  # fmt: skip
    part = printed_of(land_of([world["part"]], TODAY)[world["part"].pk])[0]
    assert part.differs and round(part.computed, 2) == Decimal("6.10")


# One zone ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", LANGUAGES)
def test_everybody_reads_a_zone_in_both_languages(world, client, prefix):
    response = client.get(f"{prefix}/zones/KCNC-DN/")
    assert response.status_code == 200
    assert ("Power 110 kV" if prefix else "Điện 110 kV") in response.text
    assert "Miễn thuế 4 năm" in response.text  # the Vietnamese text where there is no English one
    assert client.post(f"{prefix}/zones/KCNC-DN/").status_code == 405


@pytest.mark.parametrize("code", ["khong-co", "9" * 400, "%00", "KCN-AN"])
def test_a_zone_that_is_not_there_is_answered_with_404(world, client, code):
    assert client.get(f"/zones/{code}/").status_code == 404


def test_a_code_in_other_letters_leads_to_the_zone(world, client):
    response = client.get("/zones/kcnc-dn/")
    assert (response.status_code, response.url) == (301, "/zones/KCNC-DN/")


def test_the_formula_is_spelled_out_and_the_printed_figure_stands_beside_it(world, client):
    page = client.get("/zones/KCNC-DN/").text
    assert "đã cho thuê 136,35 ha ÷ cho thuê được 423,92 ha × 100 = 32,16%" in page
    assert "khớp với số tính được" in page
    assert "Profile 2023: 56,19%" in page and "nguồn không nêu số héc-ta" in page
    part = client.get("/en/zones/KCNC-DN-SX/").text
    assert "leased 5.5 ha ÷ whole area of the part 90.14 ha × 100 = 6.10%" in part
    assert "its own figures give 6.10%" in part


def test_land_over_time_is_a_chart_and_the_same_as_a_table_with_sources(world, client):
    page = client.get("/zones/KCNC-DN/").text
    assert page.count("land-chart__when") == 2  # the row that states no hectares has no bar
    table = page.split("Từng số liệu đất và nguồn")[1].split("</table>")[0]
    for words in ["2011", "Profile 2023", "Q3/2025", "1.010", "56,19", "example.org/kcnc-dn"]:
        assert words in table


def test_a_zone_tells_who_manages_it_now_and_who_did_with_days_and_legal_basis(world, client):
    page = client.get("/zones/KCN-DN/").text
    assert "từ ngày 18/08/2025" in page
    assert "Ban Quản lý Quảng Nam" in page and "17/08/2025" in page
    assert "Quyết định 1012/QĐ-UBND" in page


def test_a_part_is_managed_by_whoever_manages_its_whole(world, client):
    page = client.get("/zones/KCNC-DN-SX/").text
    assert "Ban Quản lý Khu công nghệ cao" in page and "Theo khu chung" in page
    assert "Chưa nguồn nào nêu cơ quan đang quản lý" in client.get("/zones/KCN-TH/").text  # inside is not part of


def test_what_is_in_doubt_says_why(world, client):
    page = client.get("/zones/KCNC-DN/").text
    assert re.search(r"2010\s*<span class=\"badge badge--doubt\">các nguồn", page)
    Zone.objects.filter(code="KCNC-DN").update(is_point_sourced=False)
    page = client.get("/zones/KCNC-DN/").text
    assert "gần đúng" in page
    assert "schema.org/GeoCoordinates" not in page  # a guess is not handed on to machines


def test_machines_read_the_place_and_whoever_shares_it_sees_a_summary(world, client):
    page = client.get("/en/zones/KCNC-DN/").text
    assert 'itemtype="https://schema.org/Place"' in page and 'itemprop="latitude" content="16.094428"' in page
    assert 'property="og:title" content="Da Nang Hi-Tech Park"' in page
    assert "area 1,128.4 ha" in page.split("</head>")[0]


def test_a_visitor_can_ask_report_and_remember(world, client):
    page = client.get("/zones/KCNC-DN/").text
    for words in ["/zones/KCNC-DN/contact/", "/zones/KCNC-DN/correct/", 'name="kind" value="zone"']:
        assert words in page


def test_the_zone_shows_its_firms_and_those_of_its_parts_twelve_at_most(world, client):
    page = client.get("/zones/KCNC-DN/").text
    assert "Công ty Một" in page and "Công ty Hai" in page and "Công ty Hẹn" not in page
    for serial in range(15):
        make_firm(f"Công ty {serial:02d}", world["park"])
    page = client.get("/zones/KCNC-DN/").text
    assert "17 doanh nghiệp" in page
    assert page.split('class="zone-firms"')[1].split("</ul>")[0].count("<li>") == 12
    assert "Chưa có doanh nghiệp nào" in client.get("/zones/KCN-DN/").text


def test_figures_of_the_zone_link_to_its_own_rows(world, client):
    make_project(make_firm("Công ty Ba", world["part"], country="JP"), registered_year=2020)
    page = client.get("/zones/KCNC-DN/").text
    links = re.findall(r'href="(/figures/rows/\?[^"]*)"', page)
    assert links and all("zone=KCNC-DN" in link for link in links)
    for link in set(links):
        assert "Công ty Tam Hiệp" not in client.get(link.replace("&amp;", "&")).text


def test_names_with_signs_of_markup_stay_text(client):
    zone = industrial('"><script>alert(1)</script>', "KCN-X", location="<b>", decision="<i>")
    land(zone, area_ha=1, source="javascript:alert(1)\nhttps://example.org/?a=1&b=2")
    for path in ["/zones/", "/zones/KCN-X/"]:
        page = client.get(path).text
        assert "<script>alert" not in page and 'href="javascript' not in page
        assert escape(zone.name) in page


def test_a_zone_that_says_nothing_has_a_page_all_the_same(client):
    make_zone("Cụm công nghiệp", "CCN-1", Zone.Kind.INDUSTRIAL_CLUSTER)
    page = client.get("/zones/CCN-1/").text
    for words in ["Chưa nguồn nào nêu số liệu đất", "Chưa có doanh nghiệp nào", "chưa nêu nguồn"]:
        assert words in page


def test_a_zone_asks_the_database_the_same_number_of_times_whatever_it_holds(world, client, django_assert_max_num_queries):
    client.get("/zones/KCNC-DN/")
    for serial in range(15):
        part = make_zone(f"Phân khu {serial}", f"P-{serial}", Zone.Kind.HIGH_TECH_PART, parent=world["park"])
        land(part, area_ha=10)
        land(world["park"], date(2000 + serial, 1, 1), area_ha=serial)
        make_project(make_firm(f"Công ty {serial:02d}", part, country="KR"), registered_year=2010 + serial)
    with django_assert_max_num_queries(36):
        client.get("/zones/KCNC-DN/")


def test_the_tree_survives_zones_that_contain_each_other():
    one = make_zone("Một", "MOT", Zone.Kind.HIGH_TECH_PART)
    two = make_zone("Hai", "HAI", Zone.Kind.HIGH_TECH_PART, parent=one)
    Zone.objects.filter(pk=one.pk).update(parent=two)
    tree = ZoneTree()
    assert {zone.code for zone in tree.path(one.pk)} == {"MOT", "HAI"}
    assert tree.family(one.pk) == {one.pk, two.pk}


def test_titles_follow_the_readers_language(world):
    with translation.override("en"):
        assert asked().rows[0].zone.title == "Da Nang Hi-Tech Park"
