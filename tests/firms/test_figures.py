"""Figures of any day, out of the same rows: parts that add up, days that nobody knows, and authorities that change."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from firms import asof, figures
from firms.asof import FirmRow, ProjectRow, Registry, Span, Standing
from firms.figurepage import FigurePage, RowsPage
from firms.models import Authority, Certificate, Currency, ExchangeRate, Firm, FirmYear, Project, Sector, Zone, ZoneAuthority
from firms.published import printed
from firms.zonetree import ZoneTree
from tests.builders_firms import make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
TRANSFER = date(2025, 8, 18)


def build(on=TODAY, **asked):
    return figures.build(on, TODAY, **asked)


def lines(table, depth=0):
    return {line.key: line.count for line in table.lines if line.depth == depth}


def manage(zone, authority, starts_on=None, ends_on=None):
    return ZoneAuthority.objects.create(zone=zone, authority=authority, starts_on=starts_on, ends_on=ends_on)


def authority(key, name):
    return Authority.objects.create(key=key, name=name)


# Whether a thing stood on a day -----------------------------------------------------------------------------------------
days = st.dates(date(1990, 1, 1), TODAY)
spans = st.builds(
    Span.of, st.none() | days, st.none() | st.integers(1990, 2026), st.none() | days, st.booleans()
)  # fmt: skip


@given(spans, days, days)
def test_what_has_begun_by_a_day_has_begun_by_every_later_one(span, one, other):
    """Only an end takes a row out again; what is known once is not forgotten."""
    earlier, later = sorted([one, other])
    before, after = span.stood(earlier, TODAY), span.stood(later, TODAY)
    if before is True and not span.ended_on and not span.is_over:
        assert after is True
    if after is False and not span.is_over and not span.ended_on:
        assert before is False
    if before is None:
        assert after in (None, True) or span.ended_on or span.is_over


@given(spans)
def test_nothing_is_unknown_of_today(span):
    assert span.stood(TODAY, TODAY) in (True, False)


def test_a_year_alone_is_sure_only_when_it_is_over():
    span = Span.of(None, 2024)
    assert span.stood(date(2023, 12, 31), TODAY) is False
    assert span.stood(date(2024, 6, 30), TODAY) is None
    assert span.stood(date(2024, 12, 31), TODAY) is True


def test_whoever_left_on_a_day_that_nobody_recorded_is_gone_today_and_unknown_before():
    span = Span.of(date(2010, 5, 1), None, None, is_over=True)
    assert (span.stood(TODAY, TODAY), span.stood(date(2015, 1, 1), TODAY)) == (False, None)
    assert span.stood(date(2009, 1, 1), TODAY) is False


# The parts and the whole ------------------------------------------------------------------------------------------------
@st.composite
def standings(draw):
    """Any firms and projects, in zones, sectors and countries of which some are stated and some are not."""
    firms = []
    for pk in range(draw(st.integers(0, 8))):
        jobs = tuple((year, draw(st.integers(0, 900))) for year in draw(st.sets(st.integers(2015, 2026), max_size=2)))
        span = draw(spans)
        firms.append(
            FirmRow(
                pk, f"DN{pk}", f"Công ty {pk}", "", draw(st.sampled_from(Firm.Capital.values)),
                draw(st.sampled_from(["", "KR", "JP", "VN"])), draw(st.sampled_from([None, 1, 2, 3, 4])),
                draw(st.sampled_from([None, 1, 2, 3])), "operating", span.year, span, pk, False, tuple(sorted(jobs)),
            )
        )  # fmt: skip
    projects = []
    for pk in range(draw(st.integers(0, 10)) if firms else 0):
        firm, span = draw(st.sampled_from(firms)), draw(spans)
        money = st.decimals(1, 10**12, places=2)
        capital = draw(st.none() | money)
        issued = st.tuples(st.none() | days, money, st.sampled_from(Currency.values))
        projects.append(
            ProjectRow(
                pk, firm, firm.capital_type, firm.country, firm.sector, f"Dự án {pk}", "",
                draw(st.sampled_from([firm.zone, None, 4])), span.year, span, False, capital,
                draw(st.sampled_from(Currency.values)) if capital else "", draw(st.none() | st.integers(0, 500)),
                tuple(draw(st.lists(issued, max_size=3))),
            )
        )  # fmt: skip
    return firms, projects


class Woods(ZoneTree):
    """A park with a part, an economic zone with an industrial zone in it, and two authorities; from no database."""

    zones = {
        1: Zone(pk=1, code="KCNC", name="Khu công nghệ cao", kind="KCNC"),
        2: Zone(pk=2, code="KCNC-SX", name="Khu sản xuất", kind="KCNC-phan-khu", parent_id=1),
        3: Zone(pk=3, code="KKT", name="Khu kinh tế", kind="KKT"),
        4: Zone(pk=4, code="KCN", name="Khu công nghiệp", kind="KCN", parent_id=3),
    }
    rows = {
        1: [ZoneAuthority(zone_id=1, authority=Authority(key="bql", name="Ban Quản lý"))],
        4: [ZoneAuthority(zone_id=4, starts_on=TRANSFER, authority=Authority(key="chu-lai", name="Chu Lai"))],
    }


SECTORS = {
    1: Sector(pk=1, key="dien-tu", name="Điện tử"),
    2: Sector(pk=2, key="ban-dan", name="Bán dẫn", parent_id=1),
    3: Sector(pk=3, key="co-khi", name="Cơ khí"),
}


@given(standings(), days)
def test_the_parts_of_every_table_add_up_to_the_total(rows, day):
    standing = Registry(*rows).on(day, TODAY)
    tally = standing.tally
    divisions = figures.Divisions(day, Woods(), SECTORS)
    for name in divisions.titles:
        counts = lines(divisions.table(name, tally))
        for measure in ("firms", "projects", "stated", "jobs", "employing", "planned", "planning", *Currency.values):
            assert sum(count.of(measure) for count in counts.values()) == tally.total.of(measure), (name, measure)
    kinds = lines(divisions.table("capital_type", tally))
    assert set(kinds) == set(Firm.Capital.values)  # domestic + foreign + joint + unknown, and nothing else


@given(standings(), days)
def test_the_total_is_what_counting_row_by_row_gives(rows, day):
    standing = Registry(*rows).on(day, TODAY)
    total = standing.tally.total
    amounts = [row.amount_on(day, TODAY) for row in rows[1] if row.span.stood(day, TODAY)]
    people = [row.jobs_on(day) for row in rows[0] if row.span.stood(day, TODAY)]
    assert (total.firms, total.projects) == (len(people), len(amounts))
    assert total.jobs == sum(filter(None, people))
    for currency in Currency.values:
        assert total.of(currency) == sum(amount for amount, kind in amounts if kind == currency)


@given(standings(), days)
def test_every_row_is_counted_known_to_be_absent_or_told_as_unknown(rows, day):
    registry = Registry(*rows)
    standing = registry.on(day, TODAY)
    told = len(standing.projects) + len(standing.unknown_projects)
    assert told == sum(row.span.stood(day, TODAY) is not False for row in rows[1])
    assert not {row.pk for row in standing.projects} & {row.pk for row in standing.unknown_projects}
    assert registry.projects_on(day, TODAY, {None, 1, 2, 3, 4}) == (len(standing.projects), len(standing.unknown_projects))


@given(standings(), days, days)
def test_a_later_day_has_no_fewer_rows_unless_some_ended(rows, one, other):
    earlier, later = sorted([one, other])
    registry = Registry((), [row for row in rows[1] if not row.span.ended_on and not row.span.is_over])
    assert {row.pk for row in registry.on(earlier, TODAY).projects} <= {row.pk for row in registry.on(later, TODAY).projects}


def test_the_days_asked_for_last_stay_counted_and_no_more():
    registry = Registry()
    asked = [registry.on(date(2020, 1, day), TODAY) for day in range(1, asof.KEPT + 1)]
    assert registry.on(date(2020, 1, 1), TODAY) is asked[0]
    registry.on(date(2021, 1, 1), TODAY)
    assert registry.on(date(2020, 1, 2), TODAY) is asked[1]
    assert registry.on(date(2020, 1, 1), TODAY) is not asked[0]
    assert len(registry._asked) == asof.KEPT


@pytest.mark.django_db(transaction=True)
def test_rows_are_kept_in_memory_until_the_directory_changes(django_assert_num_queries):
    firm = make_firm(zone=make_zone())
    assert len(asof.current().firms) == 1
    with django_assert_num_queries(1):
        kept = asof.current()
    project = make_project(firm, registered_year=2010)
    assert asof.current() is not kept
    assert len(asof.current().projects) == 1
    project.delete()
    assert asof.current().projects == []


# Out of the database ----------------------------------------------------------------------------------------------------
def test_a_zone_handed_over_changes_the_totals_by_authority_on_that_day():
    quang_nam, da_nang = authority("qn", "Ban Quản lý Quảng Nam"), authority("dn", "Ban Quản lý Đà Nẵng")
    zone = make_zone("Khu công nghiệp Điện Nam - Điện Ngọc", kind=Zone.Kind.INDUSTRIAL_ZONE)
    manage(zone, quang_nam, ends_on=TRANSFER - timedelta(days=1))
    manage(zone, da_nang, starts_on=TRANSFER)
    make_project(make_firm(zone=zone), registered_year=2010)
    before, after = TRANSFER - timedelta(days=1), TRANSFER
    assert build(before, authority="qn").total.projects == 1
    assert build(before, authority="dn").total.projects == 0
    assert build(after, authority="dn").total.projects == 1
    assert build(after, authority="qn").total.projects == 0
    assert set(lines(build(before).tables["authority"])) == {"qn"}
    assert set(lines(build(after).tables["authority"])) == {"dn"}


def test_the_capital_of_a_day_is_that_of_the_certificate_in_force():
    firm = make_firm(zone=make_zone())
    project = make_project(firm, registered_on=date(2015, 3, 1), capital=80_000_000, currency="USD")
    for amendment, issued_on, capital in [(0, date(2015, 3, 1), 30), (1, date(2019, 7, 1), 50), (2, date(2024, 2, 1), 80)]:
        Certificate.objects.create(
            firm=firm, project=project, amendment=amendment, issued_on=issued_on, capital=capital * 10**6, currency="USD"
        )
    told = {day: build(day).total.capital.get("USD") for day in (date(2016, 1, 1), date(2019, 7, 1), date(2023, 12, 31), TODAY)}
    assert list(told.values()) == [30 * 10**6, 50 * 10**6, 50 * 10**6, 80 * 10**6]


def test_a_younger_certificate_does_not_stand_for_a_day_before_it():
    firm = make_firm(zone=make_zone())
    project = make_project(firm, registered_year=2010, capital=90, currency="USD")
    Certificate.objects.create(firm=firm, project=project, amendment=3, issued_year=2020, capital=90, currency="USD")
    past = build(date(2015, 1, 1)).total
    assert (past.projects, past.stated, dict(past.capital)) == (1, 0, {})
    assert build().total.capital["USD"] == 90


def test_a_project_without_certificates_counts_its_own_capital_once_it_is_registered():
    make_project(make_firm(zone=make_zone()), registered_year=2018, capital=7, currency="VND")
    assert build(date(2017, 12, 31)).total.projects == 0
    assert build(date(2019, 1, 1)).total.capital["VND"] == 7


def test_rows_without_a_day_are_told_apart_on_a_past_day_and_stand_in_their_own_line_today():
    firm = make_firm(zone=make_zone())
    make_project(firm)
    past, now = build(date(2020, 1, 1)), build()
    assert (past.total.projects, past.unknown.projects, past.unknown.firms) == (0, 1, 1)
    assert (now.total.projects, now.undated.projects, now.unknown.projects) == (1, 1, 0)
    assert lines(now.tables["year"])[figures.UNSTATED].projects == 1


def test_an_ended_project_counts_until_the_day_before_its_end():
    make_project(make_firm(zone=make_zone()), registered_year=2010, stage=Project.Stage.ENDED, ended_on=date(2020, 5, 1))
    assert [build(day).total.projects for day in (date(2020, 4, 30), date(2020, 5, 1), TODAY)] == [1, 0, 0]


def test_memoranda_proposals_and_hidden_rows_are_not_in_the_total():
    zone = make_zone()
    make_project(
        make_firm("Công ty Ghi nhớ", zone, status=Firm.Status.INTERESTED),
        stage=Project.Stage.MEMORANDUM,
        capital=5,
        currency="USD",
    )
    make_firm("Công ty Ẩn", zone, is_public=False)
    make_project(make_firm("Công ty Thật", zone), is_public=False)
    old = make_firm("Công ty Cũ", zone)
    Firm.objects.filter(pk=old.pk).update(merged_into=Firm.objects.get(name="Công ty Thật"))
    found = build()
    assert (found.total.firms, found.total.projects, dict(found.total.capital)) == (1, 0, {})
    assert (found.interest.firms, found.interest.projects) == (1, 1)


def test_firms_of_a_hidden_zone_say_nothing_of_it():
    make_firm(zone=make_zone("Khu Bí mật", code="BI-MAT", is_public=False))
    assert set(lines(build().tables["zone"])) == {figures.UNSTATED}


def test_people_employed_are_those_of_the_newest_public_year():
    firm = make_firm(zone=make_zone(), founded_year=2010)
    for year, value, is_public in [(2019, 100, True), (2023, 300, True), (2025, 900, False)]:
        FirmYear.objects.create(firm=firm, year=year, kind=FirmYear.Kind.JOBS, value=value, is_public=is_public)
    assert [build(day).total.jobs for day in (date(2020, 1, 1), TODAY)] == [100, 300]


def test_capital_is_shown_in_one_currency_only_with_recorded_rates():
    firm = make_firm(zone=make_zone())
    make_project(firm, registered_year=2015, capital=10**6, currency="USD")
    make_project(firm, "Nhà máy hai", registered_year=2015, capital=50 * 10**9, currency="VND")
    found = build()
    assert (found.worth, found.unrated) == ([], ["USD"])
    ExchangeRate.objects.create(currency="USD", on=date(2020, 1, 1), vnd=25_000)
    worth = {one.currency: one for one in build().worth}
    assert worth["USD"].amount == Decimal(3 * 10**6)
    assert worth["VND"].amount == Decimal(75 * 10**9)
    assert [rate.on for rate in worth["USD"].rates] == [date(2020, 1, 1)]
    assert build(date(2019, 1, 1)).worth == []


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries, client):
    for serial in range(12):
        zone = make_zone(code=f"Z-{serial}")
        manage(zone, authority(f"a-{serial}", f"Ban {serial}"))
        firm = make_firm(f"Công ty {serial}", zone, country="KR")
        project = make_project(firm, registered_year=2015, capital=5, currency="USD")
        Certificate.objects.create(firm=firm, project=project, capital=5, currency="USD", issued_year=2016)
        FirmYear.objects.create(firm=firm, year=2020, kind="jobs", value=5, is_public=True)
    with django_assert_max_num_queries(10):
        build()
    with django_assert_max_num_queries(10):
        client.get("/figures/?on=2020-01-01")


# The pages --------------------------------------------------------------------------------------------------------------
@pytest.fixture
def world():
    ours, other = authority("dseza", "Ban Quản lý Khu công nghệ cao"), authority("chu-lai", "Ban Quản lý Chu Lai")
    park = make_zone(code="KCNC-DN")
    part = make_zone("Khu sản xuất", code="KCNC-DN-SX", kind=Zone.Kind.HIGH_TECH_PART, parent=park)
    south = make_zone("Khu công nghiệp Tam Hiệp", code="KCN-TH", kind=Zone.Kind.INDUSTRIAL_ZONE)
    manage(park, ours)
    manage(south, other, starts_on=date(2025, 11, 28))
    electronics = Sector.objects.create(key="dien-tu", name="Điện tử", name_en="Electronics")
    chips = Sector.objects.create(key="ban-dan", name="Bán dẫn", name_en="Semiconductors", parent=electronics)
    korea = {"country": "KR", "capital_type": "foreign", "sector": chips}
    one = make_firm("Công ty Một", park, founded_year=2015, **korea)
    two = make_firm("Công ty Hai", part, country="VN", capital_type="domestic", sector=electronics)
    three = make_firm("Công ty Ba", south, capital_type="joint", founded_year=2021)
    make_project(one, "Dự án Một", registered_year=2015, capital=30_000_000, currency="USD", jobs_planned=40)
    make_project(two, "Dự án Hai", registered_year=2019, capital=200 * 10**9, currency="VND")
    make_project(two, "Dự án Hai B", capital=3_000_000, currency="USD")
    make_project(three, "Dự án Ba", registered_on=date(2021, 5, 4))
    FirmYear.objects.create(firm=one, year=2022, kind="jobs", value=1250, is_public=True)
    make_project(make_firm("Công ty Hẹn", south, status="interested"), "Biên bản", stage="memorandum", capital=9, currency="USD")


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("asked", ["", "?on=2020-06-30", "?on=2020-06-30&authority=dseza", "?measure=USD", "?authority=chu-lai"])
def test_every_number_opens_exactly_the_rows_that_it_counts(world, client, prefix, asked):
    """Follows every link of the page and counts again what stands behind it."""
    page = client.get(f"{prefix}/figures/{asked}").text
    links = set(
        re.findall(r'href="(/[^"]*figures/rows/\?[^"]*)"[^>]*>(?:<b>|<span class="visually-hidden">[^<]*</span>)?([\d.,]+)', page)
    )
    assert links
    for address, number in links:
        query = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
        response = client.get(address.replace("&amp;", "&"))
        count = response.context["rows"].count
        measure = query.get("stated", query["of"])[0]
        scale = {"USD": 10**6, "VND": 10**9}.get(measure, 1)
        shown = number.replace(".", "").replace(",", ".") if not prefix else number.replace(",", "")
        assert Decimal(shown) == Decimal(count.of(measure)) / scale, address
        for row in [*response.context["firms"], *response.context["projects"]]:
            assert (row[0].title) in response.text


def test_everybody_reads_the_figures_in_both_languages(world, client):
    assert "Số liệu các khu" in client.get("/figures/").text
    assert "Figures of the zones" in client.get("/en/figures/").text
    assert client.post("/figures/").status_code == 405
    assert client.post("/figures/rows/").status_code == 405


def test_the_page_says_what_it_does_not_count(world, client):
    page = client.get("/en/figures/?on=2020-06-30").text
    assert "Day not known, not in the total (firms: 0, projects: 1)." in page
    page = client.get("/en/figures/").text
    assert "Day not known, in the total (firms: 0, projects: 1)." in page
    assert "Memoranda and proposals, not in the total (firms: 1, projects: 1)." in page


@pytest.mark.parametrize("asked", ["2024-13-45", "hôm qua", "9" * 40, "2024-02-30"])
def test_a_day_that_is_none_is_answered_in_words_with_todays_figures(world, client, asked):
    response = client.get("/figures/", {"on": asked})
    assert response.status_code == 200
    assert "ví dụ 2024-12-31" in response.text
    assert not response.context["figures"].is_past


def test_a_day_to_come_is_answered_with_todays_figures(world, client):
    assert "chưa tới" in client.get("/figures/", {"on": "9999-12-31"}).text


def test_a_day_of_which_nothing_is_known_says_so(world, client):
    assert "Chưa biết gì về ngày này" in client.get("/figures/", {"on": "0001-01-01"}).text


def test_an_empty_registry_shows_a_page_that_says_so(client):
    assert client.get("/figures/").status_code == 200
    assert client.get("/figures/rows/?of=projects").status_code == 200


@pytest.mark.parametrize(
    "query", ["of=nothing", "of=firms&zone=\x00", "of=projects&year=abc", "of=firms&page=999999", "stated=EUR"]
)
def test_odd_questions_for_rows_find_nothing_or_the_first_page(world, client, query):
    assert client.get(f"/figures/rows/?{query}").status_code == 200


def test_many_rows_come_page_by_page(world, client, monkeypatch):
    monkeypatch.setattr("firms.views.figures.ROWS_A_PAGE", 2)
    first, second = client.get("/figures/rows/?of=firms"), client.get("/figures/rows/?of=firms&page=2")
    assert (len(first.context["firms"]), len(second.context["firms"])) == (2, 1)
    assert "3 doanh nghiệp" in second.text  # of all pages


def test_the_figures_leave_as_a_spreadsheet_with_nothing_to_execute(world, client):
    Sector.objects.filter(key="dien-tu").update(name='=HYPERLINK("http://x")')
    book = openpyxl.load_workbook(io.BytesIO(client.get("/figures/?export=xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    table = client.get("/figures/?export=csv&on=2020-06-30&authority=dseza")
    assert table["Content-Disposition"].endswith('so-lieu-2020-06-30.csv"')
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert "'=HYPERLINK" in table.content.decode("utf-8-sig")
    whole = {row[0]: row for row in rows[1:] if row[1] == "Tổng số" or row[0] == row[1]}
    assert whole and rows[1][-3:-1] == ["2020-06-30", "Ban Quản lý Khu công nghệ cao"]


def test_the_page_of_rows_names_no_rows_of_others(world, client):
    page = client.get("/figures/rows/?of=projects&zone=KCNC-DN").text
    assert "Dự án Hai B" in page  # of a firm in the part
    assert "Dự án Ba" not in page


def test_the_rows_offer_the_directory_where_it_can_be_asked_the_same(world, client):
    page = RowsPage({"of": "firms", "zone": "KCNC-DN", "country": "KR"}, TODAY)
    assert "zone=KCNC-DN&country=KR&status=" in page.directory
    assert RowsPage({"of": "firms", "zone": "KCNC-DN", "on": "2020-01-01"}, TODAY).directory == ""
    assert RowsPage({"of": "projects", "zone": "KCNC-DN"}, TODAY).directory == ""
    assert reverse("firm_list") in client.get("/figures/rows/?of=firms&zone=KCNC-DN").text


# What newspapers printed ------------------------------------------------------------------------------------------------
def test_printed_parts_that_do_not_add_up_are_told_with_the_difference(world, client):
    gaps = {row.as_of: row.difference for row in printed() if row.difference}
    assert gaps == {"26/9/2021": 1}
    assert "373 + 130 ≠ 502" in client.get("/figures/").text


def test_every_printed_figure_names_where_it_was_printed():
    assert all(row.source.startswith("http") and row.site for row in printed())
    assert [row.on for row in printed()] == sorted((row.on for row in printed()), reverse=True)


def test_beside_a_printed_figure_stand_the_registrys_projects_of_the_same_zones_and_day(world):
    beside = FigurePage({}, TODAY).beside(printed(), "KCNC-DN")
    park = next(it for it in beside if it[0].as_of == "30/11/2024")
    assert park[1:3] == (2, 1)  # two dated projects of the park and its part, one without a day
    rows = RowsPage({name: values[0] for name, values in parse_qs(park[3]).items()}, TODAY)
    assert len(rows.projects) == 2


def test_without_zones_the_printed_figures_stand_alone(client):
    assert FigurePage({}, TODAY).beside(printed(), "KCNC-DN")[0][1:3] == (0, 0)


def test_a_standing_knows_whether_it_is_of_the_past():
    assert Standing(date(2020, 1, 1), TODAY).is_past
    assert not Standing(TODAY, TODAY).is_past
