"""Holds the registry's first data to what their README says of them: sources, doubts, groups, dates."""

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from firms.doubts import REASONS
from firms.models import (
    Authority,
    Capability,
    Certificate,
    Confidence,
    ExchangeRate,
    Firm,
    FirmName,
    FirmYear,
    LandFigures,
    Project,
    Sector,
    Zone,
    ZoneAuthority,
)

pytestmark = pytest.mark.once

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "registry"
CHILDREN = {"names": FirmName, "projects": Project, "capabilities": Capability, "years": FirmYear}
OURS = {"key", "rows", "row", "printed"}  # what loading leaves out of the database


def load(name):
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"), parse_float=Decimal)


ZONES = load("zones.json")
FIRMS = load("firms.json")
SECTORS = load("sectors.json")
AUTHORITIES = load("authorities.json")
RATES = load("rates.json")
ZONE = {zone["code"]: zone for zone in ZONES}
FIRM = {firm["key"]: firm for firm in FIRMS}
PROJECTS = [(firm, project) for firm in FIRMS for project in firm.get("projects", [])]
CERTIFICATES = [(firm, it) for firm, project in PROJECTS for it in project.get("certificates", [])]


def entries():
    """(what it is, model, entry, the entry it stands in) of everything with fields of its own."""
    for zone in ZONES:
        yield zone["code"], Zone, zone, {}
        for child in zone.get("land", []):
            yield zone["code"], LandFigures, child, zone
    for firm in FIRMS:
        yield firm["key"], Firm, firm, {}
        for name, model in CHILDREN.items():
            for child in firm.get(name, []):
                yield firm["key"], model, child, firm
    for firm, certificate in CERTIFICATES:
        yield firm["key"], Certificate, certificate, firm
    for rate in RATES:
        yield rate["on"], ExchangeRate, rate, {}


ENTRIES = list(entries())


def fields_of(model):
    return {field.name for field in model._meta.fields}


def test_there_are_44_zones_and_120_firms_out_of_123_rows():
    assert len(ZONES) == len(ZONE) == 44
    assert len(FIRMS) == len(FIRM) == 120
    rows = [row for firm in FIRMS for row in firm["rows"]]
    assert rows == sorted(set(rows), key=rows.index) and set(rows) == {f"F{number:03}" for number in range(1, 124)}
    assert all(firm["key"] == firm["rows"][0] for firm in FIRMS)
    assert {project["row"] for firm, project in PROJECTS} <= set(rows)


def test_every_fact_has_a_source_the_day_it_was_read_and_a_confidence():
    for place, _, entry, above in ENTRIES:
        sources = entry.get("source") or above.get("source")
        assert sources and all(line == line.strip() and "\n" not in line for line in sources), place
        assert date.fromisoformat(entry.get("retrieved_on") or above["retrieved_on"]) >= date(2026, 11, 22), place
        assert (entry.get("confidence") or above["confidence"]) in {Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW}, place
    for entry in AUTHORITIES + [row for zone in ZONES for row in zone.get("authorities", [])]:
        assert entry["source"]


def test_sources_are_addresses_or_named_documents():
    for _, _, entry, _ in ENTRIES:
        for line in entry.get("source", []):
            assert re.match(r"https?://\S+$", line) or re.match(r"(Quyết định|Kế hoạch) \d+/", line), line


def test_a_doubt_is_about_a_field_and_its_reason_has_words():
    for place, model, entry, _ in ENTRIES:
        for field, reason in entry.get("unsure", {}).items():
            assert field in fields_of(model), f"{place}: {field}"
            assert reason in REASONS, f"{place}: {reason}"
            assert field.startswith("province") or entry.get(field) is not None, (
                f"{place}: {field} is blank, so nothing is in doubt"
            )


def test_every_reason_for_a_doubt_is_used():
    used = Counter(reason for _, _, entry, _ in ENTRIES for reason in entry.get("unsure", {}).values())
    assert set(used) | {zone["point_basis"] for zone in ZONES if "point_basis" in zone} == set(REASONS)


def test_a_conflict_has_its_details_in_the_note():
    for place, _, entry, above in ENTRIES:
        if "conflict" in entry.get("unsure", {}).values():
            assert entry.get("note") or above.get("note"), place


def test_the_fixtures_hold_only_what_the_models_know():
    below = {"land", "authorities", *CHILDREN, "certificates"}
    for place, model, entry, _ in ENTRIES:
        assert set(entry) - OURS - below <= fields_of(model), place
    for zone in ZONES:
        for row in zone.get("authorities", []):
            assert set(row) <= fields_of(ZoneAuthority)
    for model, rows in [(Authority, AUTHORITIES), (Sector, SECTORS)]:
        for row in rows:
            assert set(row) - {"printed"} <= fields_of(model)


def test_no_text_is_blank_and_nothing_is_said_twice():
    for place, _, entry, _ in ENTRIES:
        assert not [name for name, value in entry.items() if value in ("", None, [], {})], place
        if "as_of_words" in entry:
            assert entry.get("as_of"), f"{place}: words without the day that they are read as"
        if entry.get("registered_on"):
            assert entry["registered_on"].startswith(str(entry["registered_year"]))


def test_no_firm_has_a_tax_code_and_none_is_called_high_tech():
    assert not any("tax_code" in firm or "high_tech" in firm for firm in FIRMS)
    assert not any("code" in project for _, project in PROJECTS)
    assert not any("number" in certificate for _, certificate in CERTIFICATES)


# Zones ---------------------------------------------------------------------------------------------------------------
def test_parts_come_right_after_their_whole():
    assert [zone["rank"] for zone in ZONES] == sorted({zone["rank"] for zone in ZONES})
    assert ZONES[0]["code"] == "KCNC-DN"
    place = {zone["code"]: number for number, zone in enumerate(ZONES)}
    for code in ["KCNC-DN", "KCNTT-DN1", "KKT-CHULAI"]:
        parts = [place[zone["code"]] for zone in ZONES if zone.get("parent") == code]
        assert parts == list(range(place[code] + 1, place[code] + 1 + len(parts)))
    assert {zone["parent"] for zone in ZONES if "parent" in zone} == {"KCNC-DN", "KCNTT-DN1", "KKT-CHULAI"}


def test_a_point_without_a_source_says_so():
    for zone in ZONES:
        if "latitude" in zone:
            in_doubt = zone.get("unsure", {}).get("latitude") == "general_knowledge"
            assert zone["is_point_sourced"] is not in_doubt
            assert in_doubt == (zone["point_basis"] == "point_from_memory")
            assert 13 < zone["latitude"] < 17 and 107 < zone["longitude"] < 110
    assert sum(zone.get("is_point_sourced", False) for zone in ZONES) == 2


def test_what_was_quang_nam_is_da_nang_since_1_july_2025():
    provinces = Counter((zone["province_before"], zone["province"]) for zone in ZONES)
    assert provinces == {
        ("Đà Nẵng", "Đà Nẵng"): 30,
        ("Quảng Nam", "Đà Nẵng"): 11,
        ("Quảng Ngãi", "Quảng Ngãi"): 1,
        ("Thừa Thiên Huế", "Huế"): 1,
        ("Bình Định", "Gia Lai"): 1,
    }


def test_three_zones_moved_to_the_board_on_18_august_2025_and_no_source_says_whose_they_were_before():
    moved = {zone["code"]: zone["authorities"] for zone in ZONES if "1012/QĐ-UBND" in str(zone.get("authorities"))}
    assert set(moved) == {"KCN-DNDN", "KCN-DQS", "KCN-TY"}
    for rows in moved.values():
        assert [(row["authority"], row["starts_on"]) for row in rows] == [("dseza", "2025-08-18")]


def test_chu_lai_has_two_authorities_one_after_the_other():
    before, after = ZONE["KKT-CHULAI"]["authorities"]
    assert (before["authority"], before["ends_on"]) == ("bql-quang-nam", "2025-11-27")
    assert (after["authority"], after["starts_on"]) == ("bql-chu-lai", "2025-11-28")


def test_the_quarterly_figures_give_the_occupancy_that_is_printed_beside_them():
    for zone in ZONES:
        for land in zone.get("land", []):
            base = land.get("leasable_ha") or land.get("area_ha")
            if "leased_ha" in land and "printed_occupancy" in land:
                computed = Decimal(land["leased_ha"]) / Decimal(base) * 100
                in_doubt = land.get("unsure", {}).get("printed_occupancy") == "doubtful"
                assert in_doubt == (abs(computed - land["printed_occupancy"]) >= Decimal("0.01")), zone["code"]


def test_words_for_a_time_are_read_as_its_last_day():
    words = {land["as_of_words"]: land["as_of"] for zone in ZONES for land in zone.get("land", []) if "as_of_words" in land}
    assert words["Q3/2025"] == "2025-09-30"
    assert words["Profile 2023"] == "2023-12-31"
    assert words["1/2022"] == "2022-01-31"


# Sectors, firms, projects --------------------------------------------------------------------------------------------
def test_every_word_for_a_sector_leads_to_one_sector():
    known = [word for sector in SECTORS for word in sector.get("printed", [])]
    assert len(known) == len(set(known)) == 56
    sector_of = {word: sector["key"] for sector in SECTORS for word in sector.get("printed", [])}
    for firm in FIRMS:
        assert ("sector" in firm) == ("sector_words" in firm)
        if "sector" in firm:
            assert firm["sector"] == sector_of[firm["sector_words"]]
            assert firm["unsure"]["sector"] in {"classified", "inferred"}
            assert firm.get("is_supporting", False) == ("CNHT" in firm["sector_words"])


def test_sectors_have_two_levels_and_are_in_order():
    keys = {sector["key"]: sector for sector in SECTORS}
    assert [sector["position"] for sector in SECTORS] == sorted({sector["position"] for sector in SECTORS})
    assert all("parent" not in keys[sector["parent"]] for sector in SECTORS if "parent" in sector)
    assert sum("parent" not in sector for sector in SECTORS) == 13


def test_ict_vina_has_three_projects_that_stay_apart():
    projects = FIRM["F004"]["projects"]
    assert [project["name"] for project in projects] == ["ICT Vina I", "ICT Vina II", "ICT Vina III"]
    assert [project["capital"] for project in projects] == [20_000_000, 60_000_000, 177_000_000]
    assert projects[2]["unsure"]["capital"] == "conflict" and "117M" in projects[2]["note"]


def test_danapha_has_two_projects_in_two_zones():
    assert [project["zone"] for project in FIRM["F014"]["projects"]] == ["KCNC-DN", "KCN-HK"]
    assert sorted(len(firm["rows"]) for firm in FIRMS)[-3:] == [1, 2, 3]


def test_13_memoranda_and_proposals_are_no_registered_projects():
    interested = [firm for firm in FIRMS if firm.get("status") == Firm.Status.INTERESTED]
    assert len(interested) == 13
    stages = Counter(project["stage"] for firm in interested for project in firm.get("projects", []))
    assert set(stages) == set(Project.ONLY_INTEREST)
    others = [project for firm, project in PROJECTS if firm not in interested]
    assert not any(project.get("stage") in Project.ONLY_INTEREST for project in others)


def test_a_certificate_stands_only_where_a_source_names_one():
    assert len(CERTIFICATES) == 16
    for _, project in PROJECTS:
        years = {it["issued_year"] for it in project.get("certificates", [])}
        if years:
            assert years == {project["registered_year"]} and "registered_year" not in project.get("unsure", {})
        elif "registered_year" in project:
            assert project["unsure"]["registered_year"] in {"press_year", "opening_year", "construction_year"}


def test_capital_has_a_currency_and_conflicting_capital_is_in_doubt():
    assert all(("capital" in project) == ("currency" in project) for _, project in PROJECTS)
    doubts = {firm["key"] for firm, project in PROJECTS if project.get("unsure", {}).get("capital") == "conflict"}
    assert doubts == {"F003", "F004", "F014", "F068"}


def test_the_kind_of_capital_follows_the_countries():
    kinds = {
        (): None,
        ("VN",): Firm.Capital.DOMESTIC,
        ("VN", "JP"): Firm.Capital.JOINT,
    }
    for firm in FIRMS:
        countries = tuple([firm["country"], *firm.get("other_countries", [])]) if "country" in firm else ()
        assert firm.get("capital_type") == kinds.get(countries, Firm.Capital.FOREIGN), firm["key"]
        doubts = firm.get("unsure", {})
        assert "country" not in doubts or "capital_type" in doubts


def test_rates_are_between_what_they_ever_were():
    assert len({(rate["currency"], rate["on"]) for rate in RATES}) == len(RATES) == 7
    assert {rate["currency"] for rate in RATES} == {"USD"}
    assert [rate["on"] for rate in RATES] == sorted(rate["on"] for rate in RATES)
    assert all(23_000 < rate["vnd"] < 26_000 for rate in RATES)
