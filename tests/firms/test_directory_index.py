"""The directory in memory says what the database says: whatever is asked, counted, changed, hidden or merged."""

import random

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from firms import index
from firms.filters import FirmFilter
from firms.index import Index
from firms.models import Capability, Edition, Firm, Project, Sector, Zone
from parkportal.bitsets import to_bits, to_slots
from tests.builders_firms import make_capability, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db
COUNTRIES, STATUSES = ["VN", "JP", "KR"], [Firm.Status.OPERATING, Firm.Status.BUILDING, Firm.Status.INTERESTED]
WORDS = ["Cơ khí", "Điện tử", "Đúc", "Khuôn mẫu", "Bán dẫn", "Sông Hàn"]


@pytest.fixture
def world():
    """Forty firms of every kind, the same ones every time."""
    dice = random.Random(2812)
    park = make_zone(code="KCNC")
    zones = [
        park,
        make_zone("Khu sản xuất", "KCNC-SX", Zone.Kind.HIGH_TECH_PART, parent=park),
        make_zone("Hòa Khánh", "HK", "KCN"),
    ]
    machines = Sector.objects.create(key="co-khi", name="Cơ khí", name_en="Machines", position=1)
    sectors = [machines, Sector.objects.create(key="duc", name="Đúc", name_en="Casting", position=2, parent=machines)]
    for number in range(40):
        firm = make_firm(
            f"Công ty {dice.choice(WORDS)} {number}", dice.choice([*zones, None]), sector=dice.choice([*sectors, None]),
            country=dice.choice(["", *COUNTRIES]), status=dice.choice(STATUSES), is_public=number % 9 != 0,
        )  # fmt: skip
        if number % 2:
            make_project(
                firm, registered_year=dice.choice([None, 2019, 2021]), capital=dice.choice([None, 5_000_000]), currency="USD"
            )
        if number % 3 == 0:
            make_capability(firm, dice.choice(WORDS), process=dice.choice(["", "CNC", "đúc"]))
    return zones


def ask(query):
    return FirmFilter(QueryDict(query))


def codes(query):
    return [card.code for card, _address in ask(query).rows]


# Against the database -----------------------------------------------------------------------------------------------
def family(zone):
    return [zone.pk, *zone.parts.values_list("pk", flat=True)]


def by_database(country=None, status=None, zone=None):
    firms = Firm.objects.public()
    if country:
        firms = firms.filter(country__in=country)
    if status:
        firms = firms.filter(status__in=status)
    if zone:
        firms = firms.filter(zone__in=family(zone)) | firms.filter(projects__zone__in=family(zone))
    return set(firms.distinct().values_list("pk", flat=True))


def test_any_combination_finds_and_counts_what_the_database_does(world):
    park = world[0]
    for country in ([], ["JP"], ["JP", "VN"]):
        for status in ([], ["operating"], ["operating", "building"]):
            for zone in (None, park):
                query = "&".join(
                    [*(f"country={it}" for it in country), *(f"status={it}" for it in status), "zone=KCNC" * bool(zone)]
                )
                asked = ask(query)
                assert set(asked.found) == by_database(country, status, zone)
                facets = {facet.name: {it.value: it.count for it in facet.options} for facet in asked.facets}
                for value, count in facets["country"].items():
                    if value != "none":
                        assert count == len(by_database([value], status, zone)), (query, value)


def test_a_part_counts_in_its_whole_and_a_child_in_its_sector(world):
    whole, part = set(ask("zone=KCNC").found), set(ask("zone=KCNC-SX").found)
    assert part and part < whole
    assert set(ask("sector=duc").found) < set(ask("sector=co-khi").found)


def test_an_unknown_value_finds_nothing_and_is_named(world):
    asked = ask("zone=KHONG-CO")
    assert asked.found == [] and asked.unknown == [("zone", "KHONG-CO")]


# Keeping up ---------------------------------------------------------------------------------------------------------
def of_a_new_process():
    return Index().fresh()


def same(one, other):
    assert sorted(one.slot_of) == sorted(other.slot_of)
    for facet in set(one.values) | set(other.values):
        assert one.counts(facet, one.everything) == other.counts(facet, other.everything), facet
    for word in ("co", "duc", "moi", "cnc"):
        assert sorted(one.ordered(one.search(word)[0], "name")) == sorted(other.ordered(other.search(word)[0], "name")), word


def test_what_changes_is_read_again_and_what_is_hidden_is_gone(world):
    mine = of_a_new_process()
    firm, hidden, gone = Firm.objects.public()[:3]
    firm.name, firm.country = "Công ty Mới", "KR"
    firm.save()
    make_capability(firm, "Gia công mới")
    hidden.is_public = False
    hidden.save()
    gone.merged_into = firm
    gone.save()
    make_firm("Công ty Mới thứ hai", world[2])
    same(mine.fresh(), of_a_new_process())
    assert hidden.pk not in mine.slot_of and gone.pk not in mine.slot_of


def test_a_zone_that_becomes_part_of_another_moves_its_firms(world):
    mine = of_a_new_process()
    world[2].parent = world[0]
    world[2].save()
    same(mine.fresh(), of_a_new_process())


def test_many_changes_leave_no_trace_of_what_was(world):
    mine, firm = of_a_new_process(), Firm.objects.public().first()
    for number in range(60):
        firm.name = f"Công ty Tên {number}"
        firm.save()
        mine.fresh()
    same(mine, of_a_new_process())
    assert mine.search("ten 3")[0] == 0


@pytest.mark.django_db(transaction=True)
def test_a_committed_change_turns_the_edition_and_nothing_else_costs_more_than_one_query(world):
    mine = of_a_new_process()
    with CaptureQueriesContext(connection) as idle:
        mine.fresh()
    assert len(idle) == 1
    before = Edition.current()
    Firm.objects.public().first().save()
    assert Edition.current() != before
    with CaptureQueriesContext(connection) as busy:
        mine.fresh()
    assert len(busy) <= 12


# Words --------------------------------------------------------------------------------------------------------------
def test_an_investor_types_without_diacritics(world):
    firm = make_firm("Công ty TNHH Cơ khí chính xác Hải Vân", world[2])
    assert codes("q=co+khi+chinh+xac")[0] == firm.code


def test_a_slip_of_the_keyboard_is_forgiven_and_told(world):
    firm = make_firm("Tokyo Keiki", world[2])
    asked = ask("q=tokoy")
    assert [card.code for card, _address in asked.rows] == [firm.code]
    assert asked.meant == {"tokoy": ("tokyo",)}


def test_a_number_that_is_nearly_right_finds_nobody(world):
    make_firm("Công ty Một", world[2], tax_code="0400101549")
    assert codes("q=0400101548") == [] and len(codes("q=0400101549")) == 1


def test_the_name_comes_before_the_product_and_the_product_before_the_rest(world):
    third = make_firm("Công ty Ba", world[2], intro="Làm van thủy lực.")
    second = make_firm("Công ty Hai", world[2])
    make_capability(second, "Van thủy lực", Capability.Kind.PRODUCT)
    first = make_firm("Công ty Van thủy lực", world[2])
    assert codes("q=van+thuy+luc") == [first.code, second.code, third.code]


def test_the_reason_names_the_product_that_was_hit(world):
    firm = make_firm("Công ty Hai", world[2])
    make_capability(firm, "Van thủy lực", Capability.Kind.PRODUCT, process="CNC")
    asked = ask("q=thuy+luc")
    (card, _address), *others = asked.rows
    assert not others and asked.reason(card) == ("sản phẩm", "Van thủy lực, CNC")


def test_another_name_and_a_project_code_find_the_firm(world):
    firm = make_firm("Công ty Hai", world[2])
    firm.other_names.create(name="Nhà máy Cũ Kỹ", kind="former")
    make_project(firm, code="43122000231")
    assert codes("q=cu+ky") == [firm.code] == codes("q=43122000231")


# Order and pages ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sort", ["name", "year", "capital", "changed"])
def test_pages_follow_each_other_without_gap_or_repetition(world, sort):
    asked = ask(f"sort={sort}")
    cut = [pk for start in range(0, asked.count, 7) for pk in asked.pks(start, 7)]
    assert cut == asked.found and len(set(cut)) == len(cut)


def test_the_largest_capital_comes_first_and_what_is_not_known_last(world):
    rich = make_firm("Công ty Lớn", world[2])
    make_project(rich, capital=900_000_000, currency="USD", stage=Project.Stage.CERTIFIED)
    asked = ask("sort=capital")
    assert asked.found[0] == rich.pk
    known = [bool(card.capital) for card, _address in asked.rows]
    assert known == sorted(known, reverse=True)


def test_a_proposal_is_no_registered_capital(world):
    firm = make_firm("Công ty Đề xuất", world[2])
    make_project(firm, capital=135_000_000, currency="USD", stage=Project.Stage.CONTACT)
    asked = ask("q=de+xuat")
    assert asked.rows[0][0].capital == () and asked.index.counts("capital", asked.bits) == {"none": 1}


@given(st.sets(st.integers(0, 3000)), st.sets(st.integers(0, 3000)))
def test_sets_of_firms_survive_being_numbers(one, other):
    assert set(to_slots(to_bits(one, 3001))) == one
    assert set(to_slots(to_bits(one, 3001) & to_bits(other, 3001))) == one & other


@given(
    st.sets(st.integers(0, 400), min_size=1),
    st.integers(0, 50),
    st.integers(1, 30),
    st.lists(st.sets(st.integers(0, 400)), max_size=3),
)
def test_a_slice_of_an_order_is_the_order_sliced(found, start, count, tiers):
    mine = Index.__new__(Index)
    mine.pks = list(range(401))
    order = random.Random(1).sample(range(401), 401)
    places = [order.index(slot) for slot in range(401)]
    mine._orders = {"name": (order, places)}
    bits = [to_bits(tier, 401) for tier in tiers]
    whole = mine.ordered(to_bits(found, 401), "name", bits)
    assert sorted(whole) == sorted(found)
    assert mine.ordered(to_bits(found, 401), "name", bits, start, count) == whole[start : start + count]


def test_one_directory_serves_the_whole_process(world):
    assert index.current() is index.current()
