"""One task's page: the printed cells, how they are read, who bears it, every year, and only what this reader may know."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from parkportal.models import User
from tasks import taskpage
from tasks.models import AgencyReport, Contribution, Evidence, Progress, Task, TaskCoordinator
from tasks.status import State
from tests.builders import (
    NOW,
    TODAY,
    make_accepted_report,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_succession,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
RESULTS = "Đã ban hành kế hoạch và tổ chức 02 hội nghị."


@pytest.fixture(autouse=True)
def vietnamese():
    with translation.override("vi"):
        yield


@pytest.fixture
def congthuong():
    return make_agency("Sở Công Thương", abbreviation="SCT")


@pytest.fixture
def lan(congthuong):
    return make_member(congthuong, "Trần Thị Lan")


def read(client, user, task):
    client.force_login(user)
    response = client.get(reverse("task_detail", args=[task.code]))
    assert response.status_code == 200
    return response.content.decode()


def line_of(user, task, year=2026):
    cycles = taskpage.started_cycles()
    return next(line for line in taskpage.years(task, cycles, taskpage.access(task, user, TODAY), TODAY) if line.year == year)


def add_file(row, by):
    return Evidence.objects.create(
        row=row, file="evidence/x", name="bien-ban.pdf", content_type="application/pdf", size=2048, sha256="0", uploaded_by=by,
        uploaded_at=NOW,
    )  # fmt: skip


class TestWhatIsPrinted:
    def test_the_cells_stand_as_printed_and_apart_from_their_reading(self, client, lan):
        task = make_task(
            lan.memberships.get().agency, code="I.1", printed_period="Hàng năm", printed_note="Đề án", unsure=["note"]
        )
        html = read(client, lan, task)
        assert "Hàng năm" in html and "Thời gian báo cáo UBND thành phố (dự kiến thời gian trình phê duyệt)" in html
        assert html.count("Cách hiểu của cổng, chưa kiểm chứng") == 1
        assert [cell[2] for cell in taskpage.printed_cells(task)] == [False] * 6 + [True]

    def test_what_a_heading_hands_down_names_the_heading(self):
        heading = make_task(code="II.1", content="Truyền thông", deliverable_kind=Task.Deliverable.YEARLY, unsure=["deliverable"])
        task = make_task(
            make_agency(),
            code="II.1.1",
            parent=heading,
            effective_deliverable_kind=Task.Deliverable.YEARLY,
        )
        period, deliverable, kind = taskpage.readings(task, [heading])
        assert (period.words, period.inherited_from, period.is_unsure) == ("2020–2030", "", False)
        assert (deliverable.words, deliverable.inherited_from, deliverable.is_unsure) == ("hằng năm", "II.1", True)
        assert (kind.words, kind.inherited_from) == ("", "")

    def test_neighbours_headings_and_rows_below_are_one_click_away(self, client, lan):
        agency = lan.memberships.get().agency
        top = make_task(code="II", content="Nhóm II")
        task = make_task(agency, code="II.5", parent=top)
        make_task(agency, code="II.5.1", parent=task)
        client.force_login(lan)
        response = client.get("/tasks/II.5/")
        assert [row.code for row in response.context["ancestors"]] == ["II"]
        assert [row.code for row in response.context["children"]] == ["II.5.1"]
        assert (response.context["previous"].code, response.context["next"].code) == ("II", "II.5.1")

    def test_coordinators_are_bodies_or_words(self, client, lan):
        yte, heir = make_agency("Sở Y tế"), make_agency("Sở Mới")
        task = make_task(lan.memberships.get().agency)
        TaskCoordinator.objects.create(task=task, agency=yte, text="Sở Y tế", position=0)
        TaskCoordinator.objects.create(task=task, text="các vườn ươm", position=1)
        make_succession(yte, heir)
        html = read(client, lan, task)
        assert reverse("agency_detail", args=[yte.key]) in html and "các vườn ươm" in html and "hiện nay: Sở Mới" in html


class TestWhoBearsIt:
    def test_the_duty_follows_the_successions_from_their_dates(self, congthuong):
        middle, heir = make_agency("Sở Giữa"), make_agency("Sở Mới")
        task = make_task(congthuong)
        make_succession(congthuong, middle, date(2025, 3, 1))
        make_succession(middle, heir, date(2026, 1, 1))
        borne_by = {
            date(2025, 2, 28): congthuong,
            date(2025, 3, 1): middle,
            date(2025, 12, 31): middle,
            date(2026, 1, 1): heir,
        }
        for day, agency in borne_by.items():
            assert list(Task.objects.led_by(agency, day)) == [task], day
            others = {congthuong, middle, heir} - {agency}
            assert not any(Task.objects.led_by(other, day).exists() for other in others), day

    def test_the_heirs_people_read_the_report_and_the_predecessors_no_more(self, congthuong, lan):
        heir = make_agency("Sở Mới")
        minh = make_member(heir, "Phạm Minh")
        task = make_filled_report(congthuong).rows.get().task
        make_succession(congthuong, heir, date(2026, 3, 1))
        before, after = date(2026, 2, 28), date(2026, 3, 1)
        for day, reader, stranger in ((before, lan, minh), (after, minh, lan)):
            assert Progress.objects.visible_to(reader, day).exists()
            assert not Progress.objects.visible_to(stranger, day).exists()
        assert line_of(minh, task).row and not line_of(lan, task).row

    def test_the_page_shows_each_step_with_its_law(self, client, congthuong):
        middle, heir = make_agency("Sở Giữa"), make_agency("Sở Mới")
        task = make_task(congthuong)
        make_succession(congthuong, middle, date(2025, 3, 1), legal_basis="Nghị quyết 01")
        make_succession(middle, heir, date(2026, 1, 1), legal_basis="Nghị quyết 02")
        html = read(client, make_user(), task)
        assert html.index("Nghị quyết 01") < html.index("Nghị quyết 02")
        assert f'href="{reverse("agency_detail", args=[heir.key])}">Sở Mới</a>' in html


class TestWhoReadsWhat:
    def test_the_lead_agency_reads_its_own_draft(self, client, congthuong, lan):
        task = make_filled_report(congthuong).rows.get().task
        html = read(client, lan, task)
        assert RESULTS in html and str(AgencyReport.State.DRAFT.label) in html
        # What is not sent in does not count yet.
        assert line_of(lan, task).status_label == "chưa có báo cáo"

    def test_the_officer_goes_straight_to_her_row_as_long_as_it_can_be_written(self, client, congthuong, lan):
        report = make_filled_report(congthuong)
        row = report.rows.get()
        way = f'href="{reverse("report_edit", args=[report.pk])}#row-{row.pk}"'
        assert way in read(client, lan, row.task)
        assert way not in read(client, make_consolidator(), row.task)
        report.submit(make_head(congthuong), NOW)
        assert way not in read(client, lan, row.task)

    def test_a_person_of_another_agency_sees_that_it_was_sent_in_and_not_a_word_of_it(self, client, congthuong):
        task = make_submitted_report(congthuong).rows.get().task
        minh = make_member(make_agency("Sở Y tế"), "Phạm Minh")
        html = read(client, minh, task)
        assert RESULTS not in html and str(State.IN_PROGRESS.label) in html
        assert "Nội dung chi tiết dành cho cơ quan chủ trì" in html

    def test_a_person_of_another_agency_knows_nothing_of_a_draft(self, client, congthuong):
        task = make_filled_report(congthuong).rows.get().task
        html = read(client, make_member(make_agency("Sở Y tế")), task)
        assert RESULTS not in html and str(State.IN_PROGRESS.label) not in html

    def test_a_coordinating_agency_reads_what_was_sent_in_but_not_how_it_was_written(self, client, congthuong, lan):
        yte = make_agency("Sở Y tế")
        report = make_report(congthuong)
        row = report.rows.get()
        for text in ("Bản nháp bí mật", RESULTS):
            row.state, row.results = State.IN_PROGRESS, text
            row.save()
        report.submit(make_head(congthuong), NOW)
        TaskCoordinator.objects.create(task=row.task, agency=yte, text="Sở Y tế", position=0)
        html = read(client, make_member(yte, "Phạm Minh"), row.task)
        assert RESULTS in html and "Bản nháp bí mật" not in html

    def test_the_citys_leadership_reads_what_was_sent_in(self, client, congthuong):
        leader = make_user("Lãnh đạo", User.Role.LEADERSHIP)
        task = make_accepted_report(congthuong).rows.get().task
        assert RESULTS in read(client, leader, task)
        other = make_filled_report(make_agency("Sở Y tế"), make_cycle(2025)).rows.get().task
        assert RESULTS not in read(client, leader, other)

    def test_evidence_is_linked_for_those_who_read_the_row(self, client, congthuong, lan):
        report = make_filled_report(congthuong)
        shown, removed = add_file(report.rows.get(), lan), add_file(report.rows.get(), lan)
        removed.removed_by, removed.removed_at = lan, NOW
        removed.save()
        html = read(client, lan, report.rows.get().task)
        assert reverse("evidence_download", args=[shown.pk]) in html
        assert reverse("evidence_download", args=[removed.pk]) not in html
        assert "bien-ban.pdf" not in read(client, make_user(), report.rows.get().task)

    def test_contributions_are_read_by_the_lead_and_each_by_its_own_agency(self, congthuong, lan):
        yte, taichinh = make_agency("Sở Y tế"), make_agency("Sở Tài chính")
        row = make_filled_report(congthuong).rows.get()
        for agency in (yte, taichinh):
            Contribution.objects.create(
                row=row, agency=agency, due_on=TODAY, asked_by=lan, asked_at=NOW, answer="x", answered_at=NOW
            )
        assert {it.agency for it in line_of(lan, row.task).contributions} == {yte, taichinh}
        assert {it.agency for it in line_of(make_consolidator(), row.task).contributions} == {yte, taichinh}
        assert {it.agency for it in line_of(make_member(yte, "Phạm Minh"), row.task).contributions} == {yte}
        assert line_of(make_user("Người ngoài"), row.task).contributions == []

    def test_everybody_sees_the_steps_of_reports_they_may_open_and_the_lead_its_edits(self, congthuong, lan):
        report = make_accepted_report(congthuong)
        task = report.rows.get().task
        mine = [event.sentence for event in taskpage.story(task, taskpage.access(task, lan, TODAY))]
        assert "tiếp nhận báo cáo" in mine and "gửi báo cáo" in mine and any("Kết quả thực hiện" in words for words in mine)
        strangers = taskpage.story(task, taskpage.access(task, make_member(make_agency("Sở Y tế")), TODAY))
        assert [event.kind for event in strangers] == ["nhiệm vụ"]

    def test_a_long_history_shows_its_newest_part_and_keeps_the_rest_at_hand(self, client, congthuong, lan):
        row = make_report(congthuong, make_cycle(timezone.localdate().year)).rows.get()
        for day in range(25):
            row.results, row._history_user, row._history_date = f"Bản {day}.", lan, NOW - timedelta(days=30 - day)
            row.save()
        html = read(client, lan, row.task)
        assert html.index("<ins>24.</ins>") < html.index("Xem các thay đổi trước đó") < html.index("<ins>1.</ins>")


class TestTheYears:
    def test_a_cycle_that_closed_without_a_report_says_not_reported(self, client, congthuong, lan):
        cycle = make_cycle(2025)
        task = make_filled_report(congthuong, cycle).rows.get().task
        cycle.state = cycle.State.CLOSED
        cycle.save()
        line = line_of(lan, task, 2025)
        assert (line.report_state, line.answer, line.state) == ("missing", "missing", "")

    def test_settled_and_nothing_are_answers(self, congthuong, lan):
        task = make_submitted_report(congthuong).rows.get().task
        Progress.objects.update(state="", is_nothing_to_report=True)
        assert (line_of(lan, task).answer, line_of(lan, task).status_label) == ("nothing", "không phát sinh")
        Progress.objects.update(state=State.COMPLETED, is_settled=True)
        assert line_of(lan, task).answer == "settled"

    def test_where_a_succession_left_two_rows_the_one_sent_in_speaks(self, congthuong, lan):
        cycle = make_cycle()
        sent = make_submitted_report(congthuong, cycle)
        task = sent.rows.get().task
        other = AgencyReport.objects.create(cycle=cycle, agency=make_agency("Sở Mới"), agency_name="Sở Mới")
        Progress.objects.create(report=other, task=task)
        assert line_of(lan, task).agency == "Sở Công Thương"

    def test_each_year_keeps_the_name_the_agency_reported_under(self, client, congthuong):
        report = make_accepted_report(congthuong)
        congthuong.name = "Sở Đổi Tên"
        congthuong.save()
        assert '<p class="meta">Sở Công Thương ·' in read(client, make_consolidator(), report.rows.get().task)


class TestTheAddress:
    def test_an_unknown_code_offers_the_search(self, client, lan):
        client.force_login(lan)
        response = client.get("/tasks/I.99/")
        assert response.status_code == 404 and 'action="/tasks/"' in response.content.decode()

    def test_a_stranger_is_asked_to_sign_in_whether_the_task_exists_or_not(self, client, lan):
        task = make_task(lan.memberships.get().agency)
        assert client.get(f"/tasks/{task.code}/").status_code == client.get("/tasks/I.99/").status_code == 302

    def test_it_cannot_be_posted_to(self, client, lan):
        client.force_login(lan)
        assert client.post("/tasks/I.1/").status_code == 405

    def test_the_number_of_queries_stays_the_same_as_years_and_tasks_grow(
        self, client, lan, congthuong, django_assert_max_num_queries
    ):
        year = timezone.localdate().year
        report = make_filled_report(congthuong, make_cycle(year))
        task = report.rows.get().task
        add_file(report.rows.get(), lan)
        client.force_login(lan)
        with django_assert_max_num_queries(36):
            client.get(f"/tasks/{task.code}/")
        for number in range(57):
            make_task(congthuong, code=f"II.{number}")
        for earlier in range(year - 19, year):
            older = make_accepted_report(congthuong, make_cycle(earlier))
            add_file(older.rows.get(task=task), lan)
            Contribution.objects.create(
                row=older.rows.get(task=task), agency=make_agency(f"Sở {earlier}"), due_on=TODAY, asked_by=lan, asked_at=NOW
            )
        with django_assert_max_num_queries(36):
            client.get(f"/tasks/{task.code}/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_no_barrier_on_the_page_of_a_task(signed_in_page, axe, width, scheme):
    agency = make_agency("Sở Công Thương")
    lan = make_member(agency)
    report = make_accepted_report(agency, make_cycle(timezone.localdate().year))
    row = report.rows.get()
    add_file(row, lan)
    Contribution.objects.create(
        row=row, agency=make_agency("Sở Y tế"), due_on=TODAY + timedelta(3), asked_by=lan, asked_at=NOW, question="Số liệu?"
    )
    page = signed_in_page(lan, color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    for address in (f"/tasks/{row.task.code}/", f"/en/tasks/{row.task.code}/", "/tasks/zzz/"):
        page.goto(address)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
