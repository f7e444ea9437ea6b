"""The list of tasks: what a reader chooses, what the figures beside each value promise, and what leaves as a spreadsheet."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook

from tasks.filters import NOTHING, UNREPORTED, UNSTATED, TaskFilter
from tasks.models import AgencyReport, Progress, ReportingCycle, Task, TaskCoordinator
from tasks.status import State
from tests.builders import (
    TODAY,
    make_accepted_report,
    make_agency,
    make_cycle,
    make_filled_report,
    make_member,
    make_submitted_report,
    make_succession,
    make_task,
    make_user,
)

LIST = reverse("task_list")


def asked(query="", today=TODAY):
    return TaskFilter(QueryDict(query), today)


def codes(tasks):
    return [task.code for task in tasks.found]


def count_of(tasks, name, value):
    facet = next(facet for facet in tasks.facets if facet.name == name)
    return next((option.count for option in facet.options if option.value == value), 0)


class TestChoosing:
    pytestmark = pytest.mark.django_db

    @pytest.mark.parametrize("words", ["khoi nghiep", "KHỞI NGHIỆP", "nghiep khoi", "II.4.1"])
    def test_words_find_a_task_with_or_without_diacritics_in_any_order(self, words):
        agency = make_agency()
        make_task(agency, code="II.4.1", content="Hỗ trợ khởi nghiệp đổi mới sáng tạo")
        make_task(agency, code="I.1.1", content="Đào tạo nguồn nhân lực")
        assert codes(asked(f"q={words}")) == ["II.4.1"]
        assert codes(asked("q=dao tao")) == ["I.1.1"]

    def test_a_task_is_found_by_the_agency_that_inherited_it(self):
        old, heir = make_agency("Sở Thông tin và Truyền thông"), make_agency("Sở Khoa học và Công nghệ")
        make_task(old, code="I.9")
        make_succession(old, heir)
        assert codes(asked("q=khoa hoc va cong nghe")) == ["I.9"]

    def test_values_of_one_group_widen_and_groups_narrow(self):
        congthuong, yte = make_agency("Sở Công Thương"), make_agency("Sở Y tế")
        make_task(congthuong, code="I.1")
        make_task(yte, code="I.2")
        make_task(yte, code="II.1")
        assert codes(asked(f"lead={congthuong.key}&lead={yte.key}")) == ["I.1", "I.2", "II.1"]
        assert codes(asked(f"lead={congthuong.key}&lead={yte.key}&group=II")) == ["II.1"]

    def test_the_lead_is_the_one_that_bears_the_duty_today(self):
        old, between, heir = make_agency("Sở Cũ"), make_agency("Sở Giữa"), make_agency("Sở Mới")
        make_task(old, code="I.1")
        make_succession(old, between, date(2025, 3, 1))
        make_succession(between, heir, date(2026, 1, 1))
        assert codes(asked(f"lead={heir.key}")) == ["I.1"]
        # A link that somebody kept from before the merger still leads to the task.
        assert codes(asked(f"lead={old.key}")) == ["I.1"]
        assert codes(asked(f"lead={between.key}", today=date(2025, 6, 1))) == ["I.1"]
        assert codes(asked(f"lead={old.key}", today=date(2025, 2, 28))) == ["I.1"]
        assert codes(asked(f"lead={heir.key}", today=date(2025, 2, 28))) == []

    def test_a_coordinating_agency_and_a_kind_can_be_chosen(self):
        yte = make_agency("Sở Y tế")
        first = make_task(make_agency(), code="I.1", effective_kind=Task.Kind.SCHEME)
        make_task(first.lead, code="I.2")
        TaskCoordinator.objects.create(task=first, agency=yte, text="Sở Y tế", position=0)
        TaskCoordinator.objects.create(task=first, text="các sở, ngành liên quan", position=1)
        assert codes(asked(f"coordinator={yte.key}")) == ["I.1"]
        assert codes(asked("kind=scheme")) == ["I.1"]
        assert codes(asked(f"kind={UNSTATED}")) == ["I.2"]

    def test_what_was_reported_can_be_chosen_and_what_was_not(self):
        make_accepted_report(make_agency())
        make_filled_report(make_agency("Sở Y tế"), make_cycle(2025))
        tasks = asked()
        assert count_of(tasks, "state", State.IN_PROGRESS) == 1
        assert count_of(tasks, "state", UNREPORTED) == 1

    def test_nothing_to_report_is_a_value_of_its_own(self):
        report = make_filled_report(tasks=1)
        report.rows.update(state="", is_nothing_to_report=True)
        AgencyReport.objects.update(state=AgencyReport.State.ACCEPTED)
        assert codes(asked(f"state={NOTHING}")) == [report.rows.get().task.code]

    def test_an_unknown_value_finds_nothing_and_can_be_taken_away(self):
        make_task(make_agency(), code="I.1")
        tasks = asked("state=bogus&year=1066&sort=upwards&density=liquid")
        assert codes(tasks) == []
        assert [(chip.words, chip.query) for chip in tasks.chips][0][0] == "bogus"
        assert codes(asked(tasks.bare_query)) == ["I.1"]

    def test_an_earlier_year_is_shown_as_it_stood_at_its_cut_off(self):
        make_cycle(2025)
        make_cycle(2026)
        make_task(make_agency(), code="I.1", ends=2025)
        assert asked("year=2025").found[0].timeliness != "overdue"
        assert asked("year=2026").found[0].timeliness == "overdue"
        assert asked().year_shown == 2026

    def test_sorting_puts_the_overdue_on_top_and_the_least_done_first(self):
        agency = make_agency()
        make_task(agency, code="I.1")
        make_task(agency, code="I.2", ends=2022)
        assert codes(asked("sort=urgent")) == ["I.2", "I.1"]
        assert codes(asked("sort=plan")) == ["I.1", "I.2"]
        assert codes(asked("sort=lead")) == ["I.1", "I.2"]
        assert codes(asked("sort=percent")) == ["I.1", "I.2"]

    def test_headings_stand_above_their_rows_and_only_then(self):
        agency = make_agency()
        group = make_task(code="I", content="Nhóm I")
        heading = make_task(code="I.1", content="Về cơ chế", parent=group, depth=1)
        other = make_task(code="I.2", content="Về đất đai", parent=group, depth=1)
        make_task(agency, code="I.1.1", parent=heading, depth=2)
        make_task(agency, code="I.2.1", parent=other, depth=2, content="Quy hoạch")
        lines = asked("q=quy hoach").lines
        assert [(line.task.code, line.is_heading) for line in lines] == [("I", True), ("I.2", True), ("I.2.1", False)]
        assert [line.task.code for line in asked("q=quy hoach&sort=urgent").lines] == ["I.2.1"]


class CountsAreTrue(TestCase):
    """Beside every value stands the number of rows that choosing it shows."""

    @classmethod
    def setUpTestData(cls):
        agencies = [make_agency(name) for name in ("Sở Công Thương", "Sở Y tế", "Sở Xây dựng")]
        cycle = make_cycle()
        kinds = ["", Task.Kind.NEW, Task.Kind.SCHEME]
        for number in range(18):
            lead = agencies[number % 3]
            task = make_task(
                lead,
                code=f"{'I' if number % 2 else 'II'}.{number}",
                content="Đào tạo" if number % 5 else "Khởi nghiệp",
                yearly=number % 4 == 0,
                ends=2022 + number % 7,
                effective_kind=kinds[number % 3],
            )
            if number % 3:
                TaskCoordinator.objects.create(task=task, agency=agencies[(number + 1) % 3], text="x", position=0)
        report = AgencyReport.objects.create(cycle=cycle, agency=agencies[0], agency_name="x", state=AgencyReport.State.SUBMITTED)
        states = [State.IN_PROGRESS, State.COMPLETED, State.AWAITING]
        for number, task in enumerate(Task.objects.filter(lead=agencies[0])):
            Progress.objects.create(report=report, task=task, state=states[number % 3], percent=number * 10)
        cls.keys = [agency.key for agency in agencies]

    def queries(self):
        return st.fixed_dictionaries(
            {
                "q": st.sampled_from(["", "dao", "khoi nghiep"]),
                "group": st.sets(st.sampled_from(["I", "II"])),
                "lead": st.sets(st.sampled_from(self.keys)),
                "coordinator": st.sets(st.sampled_from(self.keys), max_size=1),
                "state": st.sets(st.sampled_from([State.IN_PROGRESS, State.COMPLETED, UNREPORTED])),
                "timeliness": st.sets(st.sampled_from(["overdue", "on_time", "due_soon"])),
                "kind": st.sets(st.sampled_from([Task.Kind.NEW, UNSTATED])),
            }
        )

    @settings(max_examples=40)
    @given(st.data())
    def test_counts_equal_what_choosing_the_value_shows(self, data):
        query = QueryDict(mutable=True)
        for name, values in data.draw(self.queries()).items():
            query.setlist(name, [values] if isinstance(values, str) else sorted(map(str, values)))
        tasks = TaskFilter(query, TODAY)
        facet = data.draw(st.sampled_from(tasks.facets))
        for option in facet.options:
            alone = query.copy()
            alone.setlist(facet.name, [option.value])
            assert option.count == len(TaskFilter(alone, TODAY).found), (facet.name, option.value)
            toggled = TaskFilter(QueryDict(option.query), TODAY)
            assert (option.value in toggled.asked[facet.name]) is not option.is_chosen
        chips = len(tasks.chips)
        assert all(len(TaskFilter(QueryDict(chip.query), TODAY).chips) == chips - 1 for chip in tasks.chips)


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def lan(self, client):
        user = make_member(make_agency("Sở Công Thương", key="sct"), "Trần Thị Lan")
        client.force_login(user)
        return user

    def test_a_stranger_is_asked_to_sign_in(self, client):
        assert client.get(LIST).headers["Location"].startswith(reverse("account_login"))

    def test_everybody_with_an_account_sees_every_task_but_no_draft(self, client, lan):
        client.force_login(make_user("Người ngoài"))
        report = make_filled_report(lan.memberships.get().agency)
        html = client.get(LIST).content.decode()
        assert report.rows.get().task.code in html
        assert str(State.IN_PROGRESS.label) not in html and "02 hội nghị" not in html

    def test_it_cannot_be_posted_to(self, client, lan):
        assert client.post(LIST).status_code == 405

    def test_htmx_takes_the_rows_and_the_figures_without_the_frame(self, client, lan):
        make_task(lan.memberships.get().agency)
        rows = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in rows and 'id="task-facets" hx-swap-oob="true"' in rows
        whole = client.get(LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert "<html" in whole.content.decode() and "hx-swap-oob" not in whole.content.decode()
        assert "HX-Request" in whole.headers["Vary"]

    def test_the_address_carries_the_whole_state_and_every_link_keeps_it(self, client, lan):
        make_task(lan.memberships.get().agency, code="I.7", content="Đào tạo")
        html = client.get(LIST + "?q=dao&group=I&sort=urgent&density=open").content.decode()
        assert "q=dao&amp;group=I&amp;sort=urgent&amp;density=compact" in html
        assert 'name="group" value="I"' in html and 'name="density" value="open"' in html
        assert "q=dao&amp;sort=urgent&amp;density=open" in html  # the chip of the group

    def test_an_empty_list_offers_to_clear_the_filters(self, client, lan):
        make_task(lan.memberships.get().agency)
        with translation.override("vi"):
            html = client.get(LIST + "?q=khongcogi&sort=urgent").content.decode()
        assert "Xóa bộ lọc" in html and 'href="?sort=urgent"' in html

    def test_a_row_reported_for_an_earlier_year_says_so(self, client, lan):
        agency = lan.memberships.get().agency
        make_accepted_report(agency, make_cycle(timezone.localdate().year - 1))
        make_cycle(timezone.localdate().year)
        with translation.override("en"):
            html = client.get(reverse("task_list")).content.decode()
        assert f"as reported for {timezone.localdate().year - 1}" in html

    def test_the_number_of_queries_stays_the_same_as_tasks_and_years_grow(self, client, lan, django_assert_max_num_queries):
        agency = lan.memberships.get().agency
        with django_assert_max_num_queries(12):
            client.get(LIST)
        for _ in range(60):
            task = make_task(agency)
            TaskCoordinator.objects.create(task=task, agency=agency, text="x", position=0)
        for year in range(2006, 2026):
            make_cycle(year)
        make_submitted_report(agency, ReportingCycle.objects.get(year=2025))
        with django_assert_max_num_queries(12):
            client.get(LIST)

    def test_the_list_leaves_as_csv_with_its_vietnamese_and_nothing_to_execute(self, client, lan):
        make_task(lan.memberships.get().agency, code="I.1", content="=HYPERLINK(x)")
        make_task(lan.memberships.get().agency, code="I.2", content="- Đào tạo")
        response = client.get(LIST + "?export=csv")
        assert response.headers["Content-Disposition"].endswith('.csv"')
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        assert response.content.startswith(b"\xef\xbb\xbf")
        assert [row[1] for row in rows[1:]] == ["'=HYPERLINK(x)", "'- Đào tạo"]
        assert rows[1][3] == "Sở Công Thương"

    def test_the_list_leaves_as_a_workbook_of_what_was_chosen(self, client, lan):
        make_task(lan.memberships.get().agency, code="I.1", content="=1+1")
        make_task(lan.memberships.get().agency, code="II.2", content="- Đào tạo")
        book = load_workbook(io.BytesIO(client.get(LIST + "?export=xlsx&group=I").content))
        rows = list(book.active.iter_rows(values_only=True))
        assert [row[:2] for row in rows[1:]] == [("I.1", "'=1+1")]

    def test_sooner_than_a_month_before_its_end_a_task_is_due_soon(self, lan):
        make_task(lan.memberships.get().agency, ends=2026)
        assert asked(today=date(2026, 12, 31) - timedelta(30)).found[0].timeliness == "due_soon"
        assert asked(today=date(2026, 12, 31) - timedelta(31)).found[0].timeliness == "on_time"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_officer_filters_without_leaving_the_page_and_can_go_back(signed_in_page, axe, width, scheme):
    agency = make_agency("Sở Công Thương", key="sct")
    make_task(agency, code="I.1", content="Đào tạo")
    make_task(make_agency("Sở Y tế"), code="II.1", content="Khởi nghiệp")
    page = signed_in_page(make_member(agency), color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(LIST)
    axe(page)
    if width < 900:
        page.locator("details.drawer > summary").click()
    page.locator("#facet-lead-sct").click()
    page.wait_for_url("**lead=sct")
    page.locator(".chip").wait_for()
    assert page.locator(".plan-table tbody tr").count() == 1
    assert page.locator("#facet-lead-sct").get_attribute("aria-current") == "true"
    axe(page)
    page.go_back()
    page.get_by_text("Khởi nghiệp").wait_for()
    page.locator("#list-search").fill("khong co gi")
    page.locator("#list-search").press("Enter")
    page.locator(".empty").wait_for()
    axe(page)
