"""The desk tells what waits, the lists narrow to it, and a zone is written as a firm is."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from firms import desk, registry
from firms.forms_zone import ZONE_PARTS, geometry_of
from firms.models import Authority, Correction, Enquiry, Firm, LandFigures, LikelyPair, Plot, Review, Upload, Zone, ZoneAuthority
from tests.builders import make_agency, make_head, make_user
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.firms.test_registry_entries import form_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def yen(client):
    editor = make_editor()
    client.force_login(editor)
    return editor


def test_an_empty_registry_offers_the_first_step(client, yen):
    page = client.get(reverse("registry_desk")).text
    assert reverse("upload_list") in page
    assert "Danh bạ chưa có gì" in page
    for name in ("registry_firms", "registry_zones", "pair_list", "merge_list"):
        assert 'class="empty"' in client.get(reverse(name)).text, name


def test_the_desk_counts_what_waits(yen):
    firm, other = make_firm("Một", review=Review.DOUBTED, confirmed_on=TODAY), make_firm("Hai", is_public=False, zone=make_zone())
    LikelyPair.objects.create(first=firm, second=other, score=90)
    Correction.objects.create(firm=firm, message="Sai")
    Enquiry.objects.create(firm=firm, name="An", email="an@example.org", message="Hỏi", token_hash="1")
    Upload.objects.create(name="a.xlsx", sha256="0", size=1, by=yen, state=Upload.State.READY)
    Upload.objects.create(name="b.xlsx", sha256="0", size=1, by=yen, state=Upload.State.DONE)
    assert [waiting.count for waiting in desk.work(TODAY)] == [1, 1, 1, 1]
    assert {waiting.url.split("=")[1]: waiting.count for waiting in desk.quality(TODAY)} == {
        "doubted": 1, "loaded": 1, "unconfirmed": 0, "untaxed": 2, "unplaced": 1, "hidden": 1,
    }  # fmt: skip
    make_firm("Ba", confirmed_on=TODAY - timedelta(days=366))
    assert desk.unconfirmed(TODAY).count() == 1


def test_the_desk_shows_what_people_did_last_and_not_what_was_loaded(client, yen):
    firm = make_firm("Công ty Sông Hàn")
    assert "Công ty Sông Hàn" not in client.get(reverse("registry_desk")).text
    registry.mark_reviewed(firm, yen)
    page = client.get(reverse("registry_desk")).text
    assert "Công ty Sông Hàn" in page and "đánh dấu đã rà soát" in page


def test_the_list_is_searched_narrowed_and_sorted_by_its_address(client, yen):
    zone = make_zone()
    one = make_firm("Công ty Cơ khí Ngũ Hành", zone=zone, review=Review.REVIEWED)
    two = make_firm("Công ty An Hải", tax_code="0100112437")

    def found(query):
        return {firm.code for firm in client.get(f"{reverse('registry_firms')}?{query}").context["page"]}

    assert found("") == {one.code, two.code}
    assert found("q=co+khi+ngu") == found(f"zone={zone.pk}") == found("show=reviewed") == {one.code}
    assert found("q=0100112437") == found(f"q={two.code.lower()}") == found("show=unplaced") == {two.code}
    assert found("q=khong+co") == set()
    ordered = client.get(f"{reverse('registry_firms')}?sort=name").context["page"]
    assert [firm.code for firm in ordered] == [two.code, one.code]


def test_the_count_beside_a_filter_is_what_the_filter_shows(client, yen):
    for number in range(4):
        make_firm(f"Công ty {number}", review=Review.REVIEWED if number % 2 else Review.LOADED, is_public=number > 0)
    entries = client.get(reverse("registry_firms")).context["entries"]
    for key, _words, count in entries.counts:
        assert client.get(f"{reverse('registry_firms')}?show={key}").context["entries"].total == count


def test_chosen_entries_are_reviewed_at_one_press(client, yen):
    one, two, three = (make_firm(f"Công ty {number}") for number in range(3))
    there = f"{reverse('registry_firms')}?show=loaded"
    answer = client.post(reverse("firms_review"), {"code": [one.code, two.code, "DN\x00"], "next": there})
    assert answer.url == there
    assert set(Firm.objects.filter(review=Review.REVIEWED)) == {one, two}
    assert one.history.first().history_user == yen
    assert client.post(reverse("firms_review"), {"next": "https://elsewhere.example/"}).url == reverse("registry_firms")
    assert three.history.count() == 1


@pytest.mark.parametrize("name", ["registry_desk", "registry_firms", "registry_zones", "pair_list", "merge_list"])
def test_a_page_costs_the_same_number_of_queries_however_long_it_is(client, yen, name):
    def make(number):
        zone = make_zone()
        for _n in range(number):
            one, two = make_firm("Một", zone=zone), make_firm("Hai", zone=make_zone("Khu khác"))
            LikelyPair.objects.create(first=one, second=two, score=90)
            registry.mark_reviewed(one, yen)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(name))
        return len(captured)

    make(1)
    queries()
    first = queries()
    make(4)
    assert queries() == first


@pytest.mark.parametrize("who", ["officer", "consolidator"])
def test_nobody_else_finds_the_registry(client, who):
    firm = make_firm(zone=make_zone())
    client.force_login(make_head(make_agency()) if who == "officer" else make_user(role="consolidator"))
    for url in [reverse("registry_desk"), reverse("firm_edit", args=[firm.code]), reverse("merge_list")]:
        assert client.get(url).status_code == 404


# Zones ----------------------------------------------------------------------------------------------------------------
SQUARE = [[108.1, 16.0], [108.2, 16.0], [108.2, 16.1], [108.1, 16.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}


def zone_part(zone, name):
    return reverse("zone_part", args=[zone.code, name])


def test_saving_a_zone_as_it_stands_changes_nothing(client, yen):
    zone = make_zone(
        outline=POLYGON, latitude="16.05", longitude="108.1", infrastructure="Điện\nNước", unsure={"latitude": "inferred"}
    )
    LandFigures.objects.create(zone=zone, area_ha="1128.405", as_of=date(2025, 9, 30))
    Plot.objects.create(zone=zone, number="A17")
    before, records = Zone.objects.filter(pk=zone.pk).values().get(), zone.history.count()
    for name in [*ZONE_PARTS, "land", "authorities", "plots"]:
        assert client.post(zone_part(zone, name), form_of(client, zone_part(zone, name))).status_code == 302, name
    assert Zone.objects.filter(pk=zone.pk).values().get() == before
    assert (zone.history.count(), LandFigures.history.count(), Plot.history.count()) == (records, 1, 1)


def test_new_land_figures_stand_beside_the_old_ones(client, yen):
    zone = make_zone()
    LandFigures.objects.create(zone=zone, area_ha=100, as_of=date(2024, 12, 31))
    data = form_of(client, zone_part(zone, "land"))
    data |= {"land-1-as_of": "2025-12-31", "land-1-leasable_ha": "80,5", "land-1-leased_ha": "40"}
    assert client.post(zone_part(zone, "land"), data).status_code == 302
    assert [str(row.leasable_ha) for row in zone.land.filter(as_of__year=2025)] == ["80.5000"]
    answer = client.post(zone_part(zone, "land"), form_of(client, zone_part(zone, "land")) | {"land-1-leased_ha": "90"})
    assert answer.status_code == 200 and "error-summary" in answer.text


def test_who_manages_a_zone_is_dated_and_a_day_before_the_first_is_refused(client, yen):
    zone, authority = make_zone(), Authority.objects.create(key="bql", name="Ban Quản lý")
    data = form_of(client, zone_part(zone, "authorities")) | {
        "authorities-0-authority": authority.pk,
        "authorities-0-starts_on": "2025-08-18",
    }
    assert client.post(zone_part(zone, "authorities"), data | {"authorities-0-ends_on": "2025-08-17"}).status_code == 200
    assert client.post(zone_part(zone, "authorities"), data).status_code == 302
    assert ZoneAuthority.objects.on(date(2025, 8, 18)).get().authority == authority


def test_a_plot_taken_out_is_put_back(client, yen):
    zone = make_zone()
    plot = Plot.objects.create(zone=zone, number="A17")
    data = form_of(client, zone_part(zone, "plots"))
    assert client.post(zone_part(zone, "plots"), data | {"plots-0-DELETE": "on"}).status_code == 302
    [gone] = client.get(reverse("zone_edit", args=[zone.code])).context["gone"]
    client.post(reverse("zone_put_back", args=[zone.code]), {"row": gone.key})
    assert zone.plots.get().pk == plot.pk


@pytest.mark.parametrize(
    "outline",
    [
        POLYGON, {"type": "Feature", "geometry": POLYGON}, {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": POLYGON}]},
    ],
)  # fmt: skip
def test_an_outline_is_taken_as_map_programs_export_it(client, yen, outline):
    zone = make_zone()
    data = form_of(client, zone_part(zone, "place")) | {"outline": json.dumps(outline)}
    assert client.post(zone_part(zone, "place"), data).status_code == 302
    zone.refresh_from_db()
    assert zone.outline["type"] in ("Polygon", "MultiPolygon")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("outline", "{", "GeoJSON"),
        ("outline", '{"type": "Point", "coordinates": [108, 16]}', "đa giác"),
        ("outline", json.dumps({"type": "Polygon", "coordinates": [[[16.0, 108.1]] * 4]}), "ngoài Việt Nam"),
        ("outline", json.dumps({"type": "Polygon", "coordinates": [SQUARE[:-1] + [[108.15, 16.05]]]}), "điểm đầu"),
        ("outline", json.dumps({"type": "Polygon", "coordinates": [SQUARE[:3]]}), "bốn điểm"),
        ("outline", json.dumps({"type": "Polygon", "coordinates": []}), "không có điểm"),
        ("outline", "[" * 3000, "GeoJSON"),
        ("latitude", "16,05", "kinh độ"),
        ("latitude", "48,1", "ngoài Việt Nam"),
    ],
)
def test_a_point_or_an_outline_elsewhere_is_refused_in_words(client, yen, field, value, words):
    zone = make_zone()
    answer = client.post(zone_part(zone, "place"), form_of(client, zone_part(zone, "place")) | {field: value})
    assert answer.status_code == 200
    assert words in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "coordinates", "features", "geometry"]), inner)
    ),
    max_leaves=12,
)


@given(JSON | st.builds(lambda it: {"type": "Polygon", "coordinates": it}, JSON))
def test_whatever_is_pasted_as_an_outline_is_a_polygon_or_refused(given_json):
    try:
        found = geometry_of(given_json)
    except Exception as refused:
        assert type(refused).__name__ == "ValidationError"
    else:
        assert found["type"] in ("Polygon", "MultiPolygon")


def test_a_zone_is_entered_and_cannot_be_part_of_itself(client, yen):
    data = {"code": "KCN-MOI", "name": "Khu công nghiệp Mới", "kind": "KCN", "state": "planned", "is_public": "on"}
    assert client.post(reverse("zone_create"), data).status_code == 302
    assert client.post(reverse("zone_create"), data).status_code == 200  # the code is taken
    zone = Zone.objects.get()
    part = make_zone("Phần", parent=zone)
    answer = client.post(zone_part(zone, "facts"), form_of(client, zone_part(zone, "facts")) | {"parent": part.pk})
    assert "không thể là phần của chính nó" in answer.text


def test_two_editors_of_a_zone_lose_no_text(client, yen):
    zone = make_zone(incentives="Cũ")
    data = form_of(client, zone_part(zone, "offer"))
    zone.incentives = "Của chị Hoa"
    zone.save()
    answer = client.post(zone_part(zone, "offer"), data | {"incentives": "Của tôi"})
    assert "Của chị Hoa" in answer.text and "Của tôi" in answer.text


def test_the_review_of_a_zone_is_one_press(client, yen):
    zone = make_zone()
    client.post(reverse("zone_review", args=[zone.code]), {"review": "reviewed"})
    zone.refresh_from_db()
    assert zone.review == Review.REVIEWED
    assert timezone.now() - zone.history.first().history_date < timedelta(minutes=5)
