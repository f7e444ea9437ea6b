"""The programme's targets: counted from rows on any day, demonstration left out, and the report on a phase."""

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from firms.models import Authority, Zone
from linkages import loading, phasereport, targets, trendpicture
from linkages.models import Agreement, Link, Match, Target
from tests.builders_firms import make_editor, make_zone
from tests.builders_linkages import join, make_chain, make_link, make_party, make_posting, tie

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def programme():
    loading.load_targets(loading.read("targets.json"))


@pytest.fixture
def chain():
    """A supporting-industry chain that meets the default rule since February 2025."""
    park, zone = make_zone(code="KCNC"), make_zone("Hòa Khánh", "HK", Zone.Kind.INDUSTRIAL_ZONE)
    chain = make_chain(roles=3)
    parties = [make_party(zone=park), make_party(zone=zone), make_party(zone=zone)]
    for role, party in zip(chain.roles.all(), parties, strict=True):
        join(role, party)
    for supplier in parties[1:]:
        link = make_link(supplier, parties[0], Link.Kind.SUPPORTING, level=2)
        Link.objects.filter(pk=link.pk).update(created_at="2025-01-01T00:00:00+07:00")
        tie(chain, link)
    return chain


def line(key, day=TODAY):
    return next(it for phase in targets.phases(day) for it in phase.lines if it.target.key == key)


def test_a_formed_chain_counts_from_the_day_on_which_it_met_the_rule(programme, chain):
    assert line("2026-chains").actual == 1 and line("2026-chains").missing == 2
    assert targets.MEASURES["chains_formed"].count(date(2025, 1, 20)) == 0


def test_what_is_demonstration_never_counts(programme, chain):
    chain.is_demonstration = True
    chain.save()
    Link.objects.update(is_demonstration=True)
    assert line("2026-chains").actual == 0 and line("2021-input-output").actual == 0


def test_links_between_the_park_and_other_zones_count_and_no_others(programme, chain):
    make_link(make_party(zone=chain.roles.first().members.first().party.zone), kind=Link.Kind.INPUT)
    assert line("2021-input-output").actual == 2


def test_a_target_without_a_number_is_neither_met_nor_missed(programme):
    assert line("2021-training").is_met is None and line("2021-training").missing is None


def test_the_trend_has_the_end_of_each_year_that_is_over(programme):
    assert [point.day.year for point in line("2021-training").trend] == [2021, 2022, 2023, 2024, 2025]
    assert line("2026-chains").trend == ()


def test_before_anybody_kept_count_there_is_no_figure_and_no_nought(programme, chain):
    trend = {it.day.year: it.value for it in line("2021-input-output").trend}
    assert trend == {2021: None, 2022: None, 2023: None, 2024: None, 2025: 2}
    # Agreements carry their own days: that there was none is known.
    assert {it.value for it in line("2021-frameworks").trend} == {0}


def test_the_trend_is_drawn_with_its_figures_and_one_year_alone_is_none(programme, chain):
    bars = trendpicture.bars(line("2021-input-output"), TODAY)
    assert [(it.label, it.value, it.height) for it in bars[-2:]] == [("2025", 2, 30), ("2026", 2, 30)]
    assert bars[0].value is None and bars[0].height == 0
    assert trendpicture.bars(line("2026-chains"), TODAY) == []
    page = Client().get(reverse("target_list")).text
    assert 'class="trend"' in page and "2025: 2" in page


def test_a_framework_counts_while_it_is_in_force(programme):
    Agreement.objects.create(
        title="Khung hợp tác", kind=Agreement.Kind.FRAMEWORK, signed_on=date(2024, 5, 1), ends_on=date(2025, 5, 1)
    )
    count = targets.MEASURES["frameworks"].count
    assert [count(date(year, 12, 31)) for year in (2023, 2024, 2025)] == [0, 1, 0]
    Agreement.objects.update(starts_on=date(2025, 1, 1))  # signed long before it begins
    assert [count(date(year, 12, 31)) for year in (2023, 2024)] == [0, 0] and count(date(2025, 4, 1)) == 1


def test_a_match_counts_as_long_as_it_stands_at_a_memorandum_or_a_contract(programme):
    match = Match.objects.create(need=make_posting(), party=make_party(), state=Match.State.MEMORANDUM)
    count = targets.MEASURES["memoranda_and_contracts"].count
    today = date.today()
    assert count(today) == 1
    match.state, match.stop_reason = Match.State.STOPPED, "Không thống nhất giá"
    match.save()
    assert count(today) == 0


def test_targets_are_loaded_once_and_every_one_has_its_source_and_its_measure(programme):
    assert loading.load_targets(loading.read("targets.json")) == []
    assert all(target.sources and target.measure in targets.MEASURES for target in Target.objects.all())


# Pages --------------------------------------------------------------------------------------------------------------
def test_everybody_reads_the_targets_and_only_officers_the_report(programme, chain):
    page = Client().get(reverse("target_list")).text
    assert "ít nhất 3 chuỗi" in page and reverse("phase_report", args=[2026]) not in page
    assert Client().get(reverse("phase_report", args=[2026])).status_code == 302


def test_an_odd_day_is_today(programme):
    for odd in ("9999-12-31", "0001-01-01", "x", "\x00"):
        assert Client().get(reverse("target_list"), {"on": odd}).status_code < 500


def test_an_officer_writes_what_is_in_the_way(programme):
    client = Client()
    client.force_login(make_editor())
    address = reverse("target_edit", args=["2026-chains"])
    client.post(address, {"blocker": "Thiếu nhà cung ứng cấp 2", "seen": client.get(address).context["seen"]})
    assert "Thiếu nhà cung ứng cấp 2" in client.get(reverse("target_list")).text


@pytest.mark.pdf
def test_the_report_on_a_phase_is_an_official_document(programme, chain):
    Authority.objects.create(key="dseza", name="Ban Quản lý Khu công nghệ cao và các khu công nghiệp Đà Nẵng", is_ours=True)
    phase = next(it for it in targets.phases(TODAY) if it.starts == 2026)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(phasereport.make(phase, TODAY))).pages)
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "129/QĐ-UBND", "còn thiếu 2", "đã hình thành", "23/11/2026", "./."):
        assert words in " ".join(text.split()), words


@pytest.mark.pdf
def test_the_report_on_a_phase_prints_the_trend_and_what_is_in_the_way(programme, chain):
    Target.objects.filter(key="2021-training").update(blocker="Thiếu cơ sở thực hành")
    phase = next(it for it in targets.phases(TODAY) if it.starts == 2021)
    pages = PdfReader(BytesIO(phasereport.make(phase, TODAY))).pages
    text = " ".join("".join(page.extract_text() for page in pages).split())
    assert "Diễn biến theo số liệu cuối các năm" in text and "- Thiếu cơ sở thực hành" in text


def test_an_officer_gets_the_report_as_a_file(programme):
    client = Client()
    client.force_login(make_editor())
    assert client.get(reverse("phase_report", args=[1999])).status_code == 404
