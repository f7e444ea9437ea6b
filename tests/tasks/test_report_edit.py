"""The page on which an agency fills in its report, as a plain form and as its script uses it."""

from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from tasks import writing
from tasks.models import AgencyReport, KeptText, Membership, Progress, Succession
from tasks.status import State
from tasks.views.unsent import page_token
from tests.builders import (
    NOW,
    PASSWORD,
    make_accepted_report,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_task,
    make_user,
)

FETCH = {"HTTP_X_REQUESTED_WITH": "fetch"}


@pytest.fixture
def lan(db, client):
    """The officer of the lead agency, signed in, with a report of two rows."""
    agency = make_agency()
    lan = make_member(agency)
    lan.report = make_report(agency, make_cycle(timezone.localdate().year), tasks=2)
    lan.rows = list(lan.report.rows.in_order())
    client.force_login(lan)
    return lan


def page_of(user, report, **boxes):
    """What the whole page posts: every row with its revision, and the boxes that were typed in."""
    data = {"page": page_token(user, report), "c-revision": report.revision}
    for row in report.rows.all():
        data[f"r{row.pk}-revision"] = row.revision
    return data | boxes


def words_of(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_the_officer_finds_every_row_with_the_plans_words(client, lan):
    response = client.get(reverse("report_edit", args=[lan.report.pk]))
    assert response.status_code == 200
    for row in lan.rows:
        assert f'id="row-{row.pk}"' in response.text
        assert row.task.content in response.text


def test_without_a_script_one_press_saves_every_row_and_the_cover(client, lan):
    one, two = lan.rows
    boxes = {
        f"r{one.pk}-results": "Đã xong phần một",
        f"r{one.pk}-state": "in_progress",
        f"r{one.pk}-percent": "40",
        f"r{two.pk}-results": "Đã xong phần hai",
        "c-direction": "Ban hành 02 văn bản",
    }
    response = client.post(reverse("report_edit", args=[lan.report.pk]), page_of(lan, lan.report, **boxes))
    assert response.status_code == 302
    one.refresh_from_db()
    two.refresh_from_db()
    lan.report.refresh_from_db()
    assert (one.results, one.state, one.percent) == ("Đã xong phần một", State.IN_PROGRESS, 40)
    assert two.results == "Đã xong phần hai"
    assert lan.report.direction == "Ban hành 02 văn bản"
    assert lan.report.state == AgencyReport.State.DRAFT


def test_a_percentage_that_is_none_keeps_everything_else_and_is_shown_again_with_what_to_do(client, lan):
    one, two = lan.rows
    boxes = {f"r{one.pk}-percent": "trăm", f"r{one.pk}-results": "Vẫn lưu", f"r{two.pk}-results": "Cũng lưu"}
    address = reverse("report_edit", args=[lan.report.pk])
    client.post(address, page_of(lan, lan.report, **boxes))
    one.refresh_from_db()
    assert (one.results, one.percent) == ("Vẫn lưu", None)
    page = client.get(address)
    assert 'value="trăm"' in page.text
    assert "100" in page.context["sheet"].rows[0].boxes["percent"].error
    client.post(address, page_of(lan, lan.report, **{f"r{one.pk}-percent": "55", f"r{one.pk}-revision": one.revision}))
    one.refresh_from_db()
    assert one.percent == 55
    assert "trăm" not in client.get(address).text


def test_completion_is_not_claimed_for_a_day_to_come(client, lan):
    row = lan.rows[0]
    tomorrow = timezone.localdate() + timedelta(days=1)
    data = page_of(lan, lan.report) | {f"r{row.pk}-completed_on": tomorrow.isoformat(), f"r{row.pk}-state": "awaiting"}
    response = client.post(reverse("row_save", args=[row.pk]), data, **FETCH)
    assert "completed_on" in response.json()["errors"]
    row.refresh_from_db()
    assert (row.state, row.completed_on) == (State.AWAITING, None)


def test_the_script_saves_one_row_and_learns_its_revision_and_mark(client, lan):
    row = lan.rows[0]
    data = page_of(lan, lan.report) | {f"r{row.pk}-results": "Đã có kết quả", f"r{row.pk}-state": "in_progress"}
    response = client.post(reverse("row_save", args=[row.pk]), data, **FETCH)
    answer = response.json()
    assert response.status_code == 200
    assert (answer["revision"], answer["mark"], answer["values"]["results"]) == (1, "answered", "Đã có kết quả")
    data = page_of(lan, lan.report) | {"c-proposals": "Bố trí kinh phí"}
    answer = client.post(reverse("cover_save", args=[lan.report.pk]), data, **FETCH).json()
    assert answer["values"]["proposals"] == "Bố trí kinh phí"


def test_a_second_writer_hears_409_with_both_versions_and_the_names(client, lan):
    row, minh = lan.rows[0], make_member(lan.report.agency, "Phạm Quang Minh")
    writing.save_row(row, {"results": "bản của Minh"}, 0, minh, timezone.now())
    data = {"page": page_token(lan, lan.report), f"r{row.pk}-revision": 0, f"r{row.pk}-results": "bản của Lan"}
    response = client.post(reverse("row_save", args=[row.pk]), data, **FETCH)
    assert response.status_code == 409
    html = response.json()["kept"]["results"]
    for words in ["bản của Minh", "bản của Lan", "Phạm Quang Minh", "Trần Thị Lan"]:
        assert words in html


def test_without_a_script_the_second_writer_chooses_on_the_page(client, lan):
    row, minh = lan.rows[0], make_member(lan.report.agency, "Phạm Quang Minh")
    writing.save_row(row, {"results": "bản của Minh"}, 0, minh, timezone.now())
    data = page_of(lan, lan.report) | {f"r{row.pk}-revision": 0, f"r{row.pk}-results": "bản của Lan"}
    response = client.post(reverse("report_edit", args=[lan.report.pk]), data, follow=True)
    assert "bản của Minh" in response.text
    assert "bản của Lan" in response.text
    kept = KeptText.objects.get()
    row.refresh_from_db()
    choice = page_of(lan, lan.report) | {"choice": "both", f"kept-{kept.pk}-seen": "bản của Minh"}
    client.post(reverse("kept_text_settle", args=[kept.pk]), choice)
    row.refresh_from_db()
    assert row.results == "bản của Minh\n\nbản của Lan"
    assert client.post(reverse("kept_text_settle", args=[kept.pk]), choice | {"choice": "none"}).status_code == 404


def test_the_cover_part_is_chosen_between_two_versions_as_well(client, lan):
    minh = make_member(lan.report.agency, "Phạm Quang Minh")
    writing.save_cover(lan.report, {"direction": "của Minh"}, 0, minh, NOW)
    (kept,) = writing.save_cover(lan.report, {"direction": "của Lan"}, 0, lan, NOW).kept
    data = {"page": page_token(lan, lan.report), "choice": "mine", f"kept-{kept.pk}-seen": "của Minh"}
    assert client.post(reverse("kept_text_settle", args=[kept.pk]), data, **FETCH).json() == {"reload": True}
    lan.report.refresh_from_db()
    assert lan.report.direction == "của Lan"


def test_nothing_to_report_is_one_press_and_so_is_its_undo_and_both_save_the_page(client, lan):
    one, two = lan.rows
    data = page_of(lan, lan.report) | {f"r{two.pk}-results": "đang gõ ở dòng khác", "nothing": "1"}
    response = client.post(reverse("row_nothing", args=[one.pk]), data)
    assert response.url.endswith(f"#row-{one.pk}")
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.is_nothing_to_report
    assert two.results == "đang gõ ở dòng khác"
    client.post(reverse("row_nothing", args=[one.pk]), page_of(lan, lan.report) | {"nothing": "0"})
    one.refresh_from_db()
    assert not one.is_nothing_to_report


def test_last_years_answer_stands_beside_the_box_and_is_taken_over_in_one_press(client, db):
    agency, year = make_agency(), timezone.localdate().year
    make_accepted_report(agency, make_cycle(year - 1), now=NOW - timedelta(days=365))
    report = AgencyReport.objects.create(cycle=make_cycle(year), agency=agency, agency_name=agency.name)
    row = Progress.objects.create(report=report, task=Progress.objects.get().task)
    lan = make_member(agency)
    client.force_login(lan)
    page = client.get(reverse("report_edit", args=[report.pk]))
    assert "Đã ban hành kế hoạch và tổ chức 02 hội nghị." in page.text
    data = {"page": page_token(lan, report), "copy": "1"}
    answer = client.post(reverse("row_copy", args=[row.pk]), data, **FETCH).json()
    assert 'name="copy" value="undo"' in answer["html"]
    row.refresh_from_db()
    assert row.results.startswith("Đã ban hành")
    client.post(reverse("row_copy", args=[row.pk]), data | {"copy": "undo"}, **FETCH)
    row.refresh_from_db()
    assert (row.results, row.state) == ("", "")


def test_an_action_on_a_report_that_was_sent_in_meanwhile_says_so_and_changes_nothing(client, db):
    report = make_submitted_report(cycle=make_cycle(timezone.localdate().year))
    lan, row = make_member(report.agency), report.rows.get()
    client.force_login(lan)
    data = {"page": page_token(lan, report), "nothing": "1"}
    assert client.post(reverse("row_nothing", args=[row.pk]), data, **FETCH).status_code == 409
    response = client.post(reverse("row_nothing", args=[row.pk]), data)
    assert words_of(response)
    row.refresh_from_db()
    assert not row.is_nothing_to_report
    edit = client.get(reverse("report_edit", args=[report.pk]))
    assert edit.url == reverse("report_detail", args=[report.pk])


def test_a_row_to_be_redone_shows_the_consolidators_reason_and_keeps_its_state_until_another_is_chosen(client, db):
    report = make_submitted_report(cycle=make_cycle(timezone.localdate().year))
    row, lan = report.rows.get(), make_member(report.agency)
    report.send_back(make_consolidator(), "Nêu rõ số liệu đến 30/11", timezone.now(), redo=[row.pk])
    client.force_login(lan)
    page = client.get(reverse("report_edit", args=[report.pk]))
    assert page.text.count("Nêu rõ số liệu đến 30/11") == 2
    client.post(reverse("report_edit", args=[report.pk]), page_of(lan, report) | {f"r{row.pk}-state": "redo"})
    row.refresh_from_db()
    assert row.state == State.REDO
    assert not row.is_answered


def test_a_task_settled_in_an_earlier_year_asks_for_nothing(client, lan):
    row = lan.rows[0]
    Progress.objects.filter(pk=row.pk).update(is_settled=True)
    client.post(reverse("report_edit", args=[lan.report.pk]), page_of(lan, lan.report) | {f"r{row.pk}-results": "thừa"})
    row.refresh_from_db()
    assert row.results == ""
    page = client.get(reverse("report_edit", args=[lan.report.pk]))
    assert f'name="r{row.pk}-results"' not in page.text


# Presence -----------------------------------------------------------------------------------------------------------
def test_two_people_on_one_page_are_told_about_each_other_and_a_stranger_about_nobody(client, lan):
    minh, row = make_member(lan.report.agency, "Phạm Quang Minh"), lan.rows[0]
    address = reverse("report_presence", args=[lan.report.pk])
    other = Client()
    other.force_login(minh)
    other.post(address, {"page": page_token(minh, lan.report), "row": row.pk}, **FETCH)
    answer = client.post(address, {"page": page_token(lan, lan.report), "row": ""}, **FETCH).json()
    assert answer["people"] == [{"name": "Phạm Quang Minh", "row": row.pk}]
    assert answer["revisions"] == {str(row.pk): 0 for row in lan.rows}
    other.post(address, {"page": page_token(minh, lan.report), "leave": "1"}, **FETCH)
    assert client.post(address, {"page": page_token(lan, lan.report)}, **FETCH).json()["people"] == []


# Sessions that end -----------------------------------------------------------------------------------------------------
def test_a_script_without_a_session_hears_401_and_writes_nothing(client, lan):
    row = lan.rows[0]
    data = {"page": page_token(lan, lan.report), f"r{row.pk}-revision": 0, f"r{row.pk}-results": "gõ sau khi hết phiên"}
    client.logout()
    response = client.post(reverse("row_save", args=[row.pk]), data, **FETCH)
    assert response.status_code == 401
    row.refresh_from_db()
    assert row.results == ""


def test_a_page_posted_after_the_session_ended_is_shown_again_after_signing_in(client, lan):
    row, address = lan.rows[0], reverse("report_edit", args=[lan.report.pk])
    data = page_of(lan, lan.report) | {f"r{row.pk}-results": "gõ lúc hết phiên", "c-direction": "phần chung"}
    client.logout()
    response = client.post(address, data)
    assert response.url == f"{reverse('account_login')}?next={address}"
    response = client.post(response.url, {"login": lan.email, "password": PASSWORD, "next": address}, follow=True)
    assert response.redirect_chain[-1][0] == address
    sheet = response.context["sheet"]
    assert sheet.is_restored
    assert "gõ lúc hết phiên" in response.text
    assert [box.name for box in sheet.cover if box.is_unsent] == ["direction"]
    assert not Progress.objects.exclude(results="").exists(), "shown, but only saved by its writer"
    client.post(address, data | {"page": page_token(lan, lan.report)})
    row.refresh_from_db()
    assert row.results == "gõ lúc hết phiên"
    assert not client.get(address).context["sheet"].is_restored


def test_text_of_an_ended_session_is_never_shown_to_the_next_person_on_that_machine(client, lan):
    minh = make_member(lan.report.agency, "Phạm Quang Minh")
    row, address = lan.rows[0], reverse("report_edit", args=[lan.report.pk])
    data = page_of(lan, lan.report) | {f"r{row.pk}-results": "riêng của Lan"}
    client.logout()
    client.post(address, data)
    client.post(reverse("account_login"), {"login": minh.email, "password": PASSWORD})
    assert "riêng của Lan" not in client.get(address).text


def test_restored_text_does_not_undo_what_another_wrote_meanwhile(client, lan):
    minh, row = make_member(lan.report.agency, "Phạm Quang Minh"), lan.rows[0]
    address = reverse("report_edit", args=[lan.report.pk])
    data = page_of(lan, lan.report) | {f"r{row.pk}-results": "của Lan", f"r{row.pk}-obstacles": ""}
    client.logout()
    client.post(address, data)
    writing.save_row(row, {"results": "của Minh", "obstacles": "vướng mắc của Minh"}, 0, minh, timezone.now())
    client.force_login(lan)
    session = client.session
    session["unsent"] = {"user": lan.pk, "pages": {str(lan.report.pk): {k: str(v) for k, v in data.items() if "-" in k}}}
    session.save()
    sheet = client.get(address).context["sheet"].rows[0]
    assert sheet.boxes["results"].is_unsent
    assert not sheet.boxes["obstacles"].is_unsent
    assert sheet.revision == 0
    client.post(address, page_of(lan, lan.report) | {f"r{row.pk}-results": "của Lan", f"r{row.pk}-revision": 0})
    row.refresh_from_db()
    assert (row.results, row.obstacles) == ("của Minh", "vướng mắc của Minh")
    assert KeptText.objects.get().text == "của Lan"


def test_a_forged_request_writes_nothing_and_is_not_remembered(lan):
    row, browser = lan.rows[0], Client(enforce_csrf_checks=True)
    browser.force_login(lan)
    address = reverse("report_edit", args=[lan.report.pk])
    data = {f"r{row.pk}-revision": 0, f"r{row.pk}-results": "giả mạo"}
    browser.post(address, data)
    browser.post(address, data | {"page": "bịa"})
    row.refresh_from_db()
    assert row.results == ""
    assert "giả mạo" not in browser.get(address).text


def test_a_page_older_than_the_last_sign_in_is_kept_for_its_writer_to_save_again(lan):
    row, browser = lan.rows[0], Client(enforce_csrf_checks=True)
    browser.force_login(lan)
    address = reverse("report_edit", args=[lan.report.pk])
    data = page_of(lan, lan.report) | {f"r{row.pk}-results": "trang cũ", "csrfmiddlewaretoken": "x" * 64}
    assert browser.post(reverse("row_save", args=[row.pk]), data, **FETCH).status_code == 403
    page = browser.post(address, data, follow=True)
    row.refresh_from_db()
    assert row.results == ""
    assert page.context["sheet"].is_restored


# Who may -----------------------------------------------------------------------------------------------------------------
def every_address(report, row, kept):
    yield "get", reverse("report_edit", args=[report.pk])
    yield "post", reverse("report_edit", args=[report.pk])
    for name in ["cover_save", "report_presence", "report_submit", "report_withdraw"]:
        yield "post", reverse(name, args=[report.pk])
    for name in ["row_save", "row_nothing", "row_copy", "evidence_add"]:
        yield "post", reverse(name, args=[row.pk])
    yield "post", reverse("kept_text_settle", args=[kept.pk])
    yield "get", reverse("contribution_ask", args=[row.pk])


@pytest.mark.parametrize("who", ["officer of another agency", "consolidator", "staff of no agency", "former officer"])
def test_nobody_from_outside_the_agency_reaches_any_of_it(client, lan, who):
    person = {
        "officer of another agency": lambda: make_member(make_agency("Sở Nội vụ"), "Hồ Văn Kiên"),
        "consolidator": make_consolidator,
        "staff of no agency": make_user,
        "former officer": lambda: make_member(lan.report.agency, "Đã Nghỉ Hưu"),
    }[who]()
    if who == "former officer":
        Membership.objects.filter(user=person).update(ends_on=timezone.localdate() - timedelta(days=1))
    kept = KeptText.objects.create(report=lan.report, row=lan.rows[0], field="results", text="x", by=lan, at=NOW)
    client.force_login(person)
    data = page_of(person, lan.report) | {"choice": "mine"}
    for method, address in every_address(lan.report, lan.rows[0], kept):
        assert getattr(client, method)(address, data).status_code == 404, address
        if method == "post":
            assert client.post(address, data, **FETCH).status_code == 404, address


def test_somebody_who_is_not_signed_in_is_led_to_the_login(client, db):
    report = make_report()
    address = reverse("report_edit", args=[report.pk])
    assert client.get(address).url == f"{reverse('account_login')}?next={address}"
    assert client.get(reverse("my_work")).status_code == 302


def test_what_changes_something_is_never_done_by_a_link(client, lan):
    kept = KeptText.objects.create(report=lan.report, row=lan.rows[0], field="results", text="x", by=lan, at=NOW)
    for method, address in every_address(lan.report, lan.rows[0], kept):
        if method == "post" and not address.endswith("/edit/"):
            assert client.get(address).status_code == 405, address
        assert client.delete(address).status_code == 405, address


def test_duty_follows_the_successor_and_leaves_the_predecessors_people(client, lan):
    heir = make_agency("Sở Công Thương (mới)")
    hoa = make_member(heir, "Lê Thị Hoa")
    Succession.objects.create(predecessor=lan.report.agency, successor=heir, effective_on=date(2025, 3, 1))
    address = reverse("report_edit", args=[lan.report.pk])
    assert client.get(address).status_code == 404
    client.force_login(hoa)
    assert client.get(address).status_code == 200


def test_the_page_takes_no_more_queries_for_thirty_rows_than_for_three(client, db):
    year = make_cycle(timezone.localdate().year)

    def queries(rows):
        agency = make_agency(f"Cơ quan có {rows} nhiệm vụ")
        report = make_filled_report(agency, year, tasks=rows)
        client.force_login(make_member(agency))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(reverse("report_edit", args=[report.pk])).status_code == 200
        return len(captured)

    queries(1)
    few = queries(3)
    assert queries(30) == few
    assert few <= 25


def test_saving_thirty_rows_of_which_one_changed_writes_one(client, db):
    report = make_filled_report(cycle=make_cycle(timezone.localdate().year), tasks=30)
    lan = make_member(report.agency)
    client.force_login(lan)
    row = report.rows.in_order().first()
    data = page_of(lan, report) | {f"r{r.pk}-results": r.results for r in report.rows.all()}
    with CaptureQueriesContext(connection) as captured:
        client.post(reverse("report_edit", args=[report.pk]), data | {f"r{row.pk}-results": "mới"})
    assert len([q for q in captured if q["sql"].startswith('UPDATE "tasks_progress"')]) == 1
    assert len(captured) < 45


def test_the_head_of_two_agencies_sees_both_reports_on_her_desk(client, lan):
    second = make_agency("Sở Nội vụ")
    make_filled_report(second, lan.report.cycle)
    make_task(second)
    head = make_head(second, "Nguyễn Văn Trưởng")
    Membership.objects.create(user=head, agency=lan.report.agency, duty=Membership.Duty.DEPUTY, starts_on=date(2020, 1, 1))
    client.force_login(head)
    work = client.get(reverse("my_work")).context["work"]
    assert [desk.report.agency.name for desk in work.desks] == ["Sở Công Thương", "Sở Nội vụ"]
    assert [desk.report.agency.name for desk in work.to_sign] == ["Sở Nội vụ"]
    assert work.desks[0].missing == lan.rows


def test_a_page_that_still_shows_to_be_redone_does_not_undo_the_state_chosen_since(client, lan):
    row, minh = lan.rows[0], make_member(lan.report.agency, "Phạm Quang Minh")
    row.set_state(State.REDO, minh, NOW)
    data = page_of(lan, lan.report) | {f"r{row.pk}-state": "redo", f"r{row.pk}-results": "thêm của Lan"}
    writing.save_row(row, {"state": State.AWAITING}, 1, minh, timezone.now())
    client.post(reverse("report_edit", args=[lan.report.pk]), data)
    row.refresh_from_db()
    assert (row.state, row.results) == (State.AWAITING, "thêm của Lan")
    assert not client.get(reverse("report_edit", args=[lan.report.pk])).context["sheet"].is_restored


def test_an_officer_does_not_confirm_her_own_completion(client, lan):
    row = lan.rows[0]
    data = page_of(lan, lan.report) | {f"r{row.pk}-state": "completed"}
    client.post(reverse("row_save", args=[row.pk]), data, **FETCH)
    answer = client.post(reverse("row_save", args=[row.pk]), data | {f"r{row.pk}-state": "bịa"}, **FETCH).json()
    row.refresh_from_db()
    assert row.state == ""
    assert "state" in answer["errors"]


def test_a_row_remembered_from_before_never_hides_what_has_changed_since(client, lan):
    row, address = lan.rows[0], reverse("report_edit", args=[lan.report.pk])
    first = client.get(address).text
    assert client.get(address).text.count('<section class="row') == first.count('<section class="row')
    minh = make_member(lan.report.agency, "Phạm Quang Minh")
    writing.save_row(row, {"results": "của Minh"}, 0, minh, timezone.now())
    assert "của Minh" in client.get(address).text
    writing.mark_nothing(row, True, minh, timezone.now())
    assert client.get(address).context["sheet"].rows[0].mark == "nothing"
    assert 'name="nothing" value="0"' in client.get(address).text
    minh.full_name = "Phạm Quang Bình"
    minh.save()
    assert "Phạm Quang Bình" in client.get(address).text
    with translation.override("vi"):  # a request in English leaves its thread speaking English
        assert "Undo" in client.get(f"/en{address}").text
