"""The registry as it stands in the database after loading, and after people have worked on it."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import Sum

from firms import doubts, loading
from firms.codes import is_code
from firms.models import (
    Authority,
    Capability,
    Certificate,
    ExchangeRate,
    Firm,
    FirmName,
    FirmYear,
    LandFigures,
    Plot,
    Project,
    Zone,
    ZoneAuthority,
)
from tests.builders_firms import make_firm

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
LOADED = [
    Authority,
    Capability,
    Certificate,
    ExchangeRate,
    Firm,
    FirmName,
    FirmYear,
    LandFigures,
    Plot,
    Project,
    Zone,
    ZoneAuthority,
]


@pytest.fixture
def registry():
    return loading.load_all()


def the_firm(words):
    return Firm.objects.get(name__contains=words)


def test_44_zones_and_120_firms_with_their_projects_are_created(registry):
    assert registry["zones"] == Zone.objects.count() == 44
    assert registry["firms"] == Firm.objects.count() == 120
    assert registry["projects"] == Project.objects.count() == 64
    assert registry["certificates"] == Certificate.objects.count() == 16
    assert registry["exchange rates"] == ExchangeRate.objects.count() == 7


def test_every_row_keeps_the_rules_of_its_model(registry):
    for model in LOADED:
        for row in model.objects.all():
            row.full_clean()


def test_every_row_is_in_the_history_with_the_reason_that_it_was_loaded(registry):
    for model in LOADED:
        rows = model.history.all()
        assert rows.count() == model.objects.count() > 0, model
        assert all(row.history_change_reason.startswith(loading.REASON) for row in rows)


def test_what_is_derived_is_there_too(registry):
    vina = the_firm("ICT Vina")
    assert is_code(vina.code) and vina.name_key == "ict vina" and vina.sort_key
    assert vina in Firm.objects.filter(search_text__contains="ict vina")
    assert FirmName.objects.get(name="Công ty TNHH UAC Đà Nẵng").name_key == "uac da nang"
    assert Zone.objects.matching("khu cong nghe cao").first().code == "KCNC-DN"


def test_on_an_empty_database_the_registry_numbers_are_the_same_everywhere(registry):
    codes = list(Firm.objects.order_by("code").values_list("code", flat=True))
    assert codes[0] == "DN0000018" and len(set(codes)) == 120
    assert Firm.objects.get(code=codes[0]).name == "Công ty TNHH UAC Việt Nam"


def test_numbers_that_people_gave_before_are_not_given_again():
    earlier = make_firm("Công ty TNHH Có Trước")
    loading.load_all()
    assert Firm.objects.count() == 121
    assert Firm.objects.get(code=earlier.code) == earlier


def test_a_second_load_changes_nothing(registry):
    touched = dict(Firm.objects.values_list("code", "touched_at"))
    assert set(loading.load_all().values()) == {0}
    assert dict(Firm.objects.values_list("code", "touched_at")) == touched
    assert Firm.history.count() == 120


def test_what_people_corrected_stays_corrected(registry):
    firm = the_firm("Foxlink")
    firm.name, firm.unsure = "Công ty TNHH Foxlink", {}
    firm.save()
    firm.capabilities.all().delete()
    zone = Zone.objects.get(code="KCN-LC")
    zone.established_year = 1996
    zone.save()
    assert set(loading.load_all().values()) == {0}
    firm.refresh_from_db()
    assert firm.name == "Công ty TNHH Foxlink" and not firm.capabilities.exists()
    assert Zone.objects.get(code="KCN-LC").established_year == 1996


def test_a_firm_that_was_merged_or_taken_out_does_not_come_back(registry):
    kept, merged, gone = the_firm("Synopsys"), the_firm("Uniquify"), the_firm("Kizuna")
    merged.merged_into = kept
    merged.save()
    gone.delete()
    assert loading.load_all()["firms"] == 0
    assert Firm.objects.current().count() == 118


def test_only_what_is_missing_is_created(registry):
    entry = {
        "key": "F999",
        "rows": ["F999"],
        "name": "Công ty CP Mới Thêm",
        "zone": "KCN-HC",
        "source": ["https://example.org/a"],
    }
    more = [*loading.read("firms.json"), entry]
    assert loading.load_firms(more)["firms"] == 1
    assert Firm.objects.get(name="Công ty CP Mới Thêm").zone.code == "KCN-HC"


def test_the_command_says_what_it_created():
    out = io.StringIO()
    call_command("load_registry", stdout=out)
    assert "zones: 44 created" in out.getvalue() and "firms: 120 created" in out.getvalue()


def test_loading_asks_the_database_rarely(django_assert_max_num_queries):
    with django_assert_max_num_queries(420):
        loading.load_all()
    with django_assert_max_num_queries(30):
        loading.load_all()


# What the data say ---------------------------------------------------------------------------------------------------
def test_the_high_tech_parks_occupancy_is_computed_and_the_printed_one_is_in_doubt(registry):
    zone = Zone.objects.get(code="KCNC-DN")
    land = LandFigures.objects.latest(TODAY)[zone.pk]
    assert round(land.occupancy, 2) == Decimal("32.16") and land.printed_occupancy == Decimal("32.16")
    assert (land.as_of, land.as_of_words) == (date(2025, 9, 30), "Q3/2025")
    assert doubts.words(land.unsure["printed_occupancy"]) == "các nguồn ghi khác nhau"
    assert [str(row.printed_occupancy) for row in zone.land.filter(area_ha=None)] == ["56.19"]
    before = LandFigures.objects.latest(date(2018, 1, 1))[Zone.objects.get(code="KCNC-DN-SX").pk]
    assert before.area_ha == Decimal("187.76") and before.sources == ["Quyết định 10/2017/QĐ-UBND"]


def test_the_board_manages_three_zones_more_since_18_august_2025(registry):
    ours = Authority.objects.get(is_ours=True)
    before = set(Zone.objects.managed_by(ours, date(2025, 8, 17)))
    after = set(Zone.objects.managed_by(ours, date(2025, 8, 18)))
    assert {zone.code for zone in after - before} == {"KCN-DNDN", "KCN-DQS", "KCN-TY"}
    assert ours.phone and ours.address and ours.source


def test_chu_lai_changed_hands_on_28_november_2025(registry):
    chu_lai = Zone.objects.get(code="KKT-CHULAI")
    for day, key in [(date(2025, 11, 27), "bql-quang-nam"), (date(2025, 11, 28), "bql-chu-lai")]:
        assert ZoneAuthority.objects.on(day).get(zone=chu_lai).authority.key == key


def test_ict_vina_is_one_firm_with_three_projects(registry):
    projects = the_firm("ICT Vina").projects.order_by("registered_year")
    assert [project.name for project in projects] == ["ICT Vina I", "ICT Vina II", "ICT Vina III"]
    assert projects.aggregate(Sum("capital"))["capital__sum"] == 257_000_000
    third = projects[2].certificates.get()
    assert (third.kind, third.issued_on) == (Certificate.Kind.APPROVAL, date(2024, 11, 28))
    assert len(third.sources) == 3


def test_memoranda_and_proposals_count_nowhere(registry):
    interested = Firm.objects.filter(status=Firm.Status.INTERESTED)
    assert interested.count() == 13
    assert not Project.objects.registered().filter(firm__in=interested).exists()
    assert Project.objects.registered().count() == 61


def test_a_plot_is_in_its_zone_with_the_project_on_it(registry):
    plot = Plot.objects.get(number="A22")
    assert plot.zone.code == "KCNC-DN" and plot.projects.get().firm == the_firm("Danapha")
    assert plot.state == Plot.State.UNKNOWN and plot.source
    assert {plot.number for plot in Plot.objects.all()} == {"A14", "A22", "G", "H4", "K"}


def test_a_child_has_the_sources_of_its_firm_unless_it_names_its_own(registry):
    firm = the_firm("UAC Việt Nam")
    assert firm.capabilities.get().sources == firm.sources and len(firm.sources) == 3
    other = firm.other_names.get()
    assert len(other.sources) == 1 and "profile-2023" in other.source
    assert other.as_of is None, "the firm's day does not speak of another document"


def test_printed_yearly_figures_are_public_with_their_year(registry):
    figures = {(row.firm.name, row.year, row.kind): row.value for row in FirmYear.objects.select_related("firm")}
    assert figures == {
        ("Công ty TNHH Fujikura Automotive Việt Nam", 2023, "jobs"): 3100,
        ("Quoc Quang", 2023, "revenue"): 86,
        ("Premo", 2023, "revenue_vnd"): 690,
    }
    assert all(row.is_public for row in FirmYear.objects.all())


def test_the_doubts_of_a_row_are_told_in_words(registry):
    told = doubts.told(the_firm("Chu Lai - Trường Hải"))
    assert len(told) == 4
    assert doubts.words("tự gõ vào") == "tự gõ vào"
