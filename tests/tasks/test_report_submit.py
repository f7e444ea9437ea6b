"""Reading a report through, signing it off, taking it back."""

from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from parkportal.models import OutgoingMail
from tasks import writing
from tasks.models import AgencyReport, Membership
from tests.builders import (
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_user,
)

State = AgencyReport.State


def cycle(days=30):
    """An open cycle of this year whose printed date lies so many days ahead."""
    today = timezone.localdate()
    due = today + timedelta(days=days)
    return make_cycle(
        today.year, agencies_due_on=due, consolidation_due_on=due + timedelta(days=5), opens_on=due - timedelta(days=40)
    )


def words_of(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.mark.parametrize("duty", [Membership.Duty.HEAD, Membership.Duty.DEPUTY])
def test_the_head_or_a_deputy_reads_it_through_and_sends_it_in(client, db, duty):
    report = make_filled_report(cycle=cycle())
    head = make_member(report.agency, "Nguyễn Văn Trưởng", duty)
    client.force_login(head)
    page = client.get(reverse("report_detail", args=[report.pk]))
    assert reverse("report_submit", args=[report.pk]) in page.text
    response = client.post(reverse("report_submit", args=[report.pk]))
    report.refresh_from_db()
    assert (report.state, report.submitted_by, report.days_late) == (State.SUBMITTED, head, 0)
    assert words_of(response)


def test_the_officer_is_told_who_signs_and_has_no_button_that_does_nothing(client, db):
    report = make_filled_report(cycle=cycle())
    make_head(report.agency, "Nguyễn Văn Trưởng")
    client.force_login(make_member(report.agency))
    for name in ["report_detail", "report_edit"]:
        page = client.get(reverse(name, args=[report.pk]))
        assert "Nguyễn Văn Trưởng" in page.text
        assert reverse("report_submit", args=[report.pk]) not in page.text
    assert client.post(reverse("report_submit", args=[report.pk])).status_code == 404
    report.refresh_from_db()
    assert report.state == State.DRAFT


def test_an_agency_without_a_recorded_head_is_told_whom_to_ask(client, db):
    report = make_filled_report(cycle=cycle())
    client.force_login(make_member(report.agency))
    page = client.get(reverse("report_detail", args=[report.pk]))
    assert not page.context["signers"]
    assert "notice--warning" in page.text


def test_a_report_with_an_unanswered_row_is_not_sent_and_the_page_leads_to_the_row(client, db):
    report = make_report(cycle=cycle(), tasks=2)
    client.force_login(make_head(report.agency))
    page = client.get(reverse("report_detail", args=[report.pk]))
    row = report.rows.first()
    assert f"{reverse('report_edit', args=[report.pk])}#row-{row.pk}" in page.text
    assert reverse("report_submit", args=[report.pk]) not in page.text
    response = client.post(reverse("report_submit", args=[report.pk]))
    report.refresh_from_db()
    assert report.state == State.EMPTY
    assert row.task.code in words_of(response)


def test_a_late_report_says_by_how_many_days(client, db):
    report = make_filled_report(cycle=cycle(days=-1))
    client.force_login(make_head(report.agency))
    response = client.post(reverse("report_submit", args=[report.pk]))
    report.refresh_from_db()
    assert report.days_late == 2
    assert "2" in words_of(response)
    assert "status--overdue" in client.get(reverse("report_detail", args=[report.pk])).text
    assert "status--overdue" in client.get(reverse("my_work")).text


def test_a_submission_is_taken_back_until_it_is_accepted(client, db):
    report = make_submitted_report(cycle=cycle(), now=timezone.now())
    client.force_login(make_head(report.agency, "Phó Giám đốc"))
    assert reverse("report_withdraw", args=[report.pk]) in client.get(reverse("report_detail", args=[report.pk])).text
    client.post(reverse("report_withdraw", args=[report.pk]))
    report.refresh_from_db()
    assert report.state == State.DRAFT
    client.post(reverse("report_submit", args=[report.pk]))
    report.accept(make_consolidator(), timezone.now())
    response = client.post(reverse("report_withdraw", args=[report.pk]))
    report.refresh_from_db()
    assert report.state == State.ACCEPTED
    assert words_of(response)


def test_an_officer_takes_nothing_back(client, db):
    report = make_submitted_report(cycle=cycle(), now=timezone.now())
    client.force_login(make_member(report.agency))
    assert reverse("report_withdraw", args=[report.pk]) not in client.get(reverse("report_detail", args=[report.pk])).text
    assert client.post(reverse("report_withdraw", args=[report.pk])).status_code == 404


def test_pressing_twice_sends_once_and_says_so(client, db):
    report = make_filled_report(cycle=cycle())
    client.force_login(make_head(report.agency))
    client.post(reverse("report_submit", args=[report.pk]))
    first = AgencyReport.objects.get().submitted_at
    assert words_of(client.post(reverse("report_submit", args=[report.pk])))
    assert AgencyReport.objects.get().submitted_at == first


def test_who_reads_a_report_and_who_gets_404(client, db):
    report = make_filled_report(cycle=cycle())
    address = reverse("report_detail", args=[report.pk])

    def status(user):
        client.force_login(user)
        return client.get(address).status_code

    leader = make_user("Huỳnh Ngọc Ánh", role="leadership")
    assert status(make_consolidator()) == 200
    assert [status(make_member(make_agency("Sở Nội vụ"))), status(make_user()), status(leader)] == [404, 404, 404]
    report.submit(make_head(report.agency), timezone.now())
    assert status(leader) == 200
    for name in ["report_submit", "report_withdraw"]:
        assert client.post(reverse(name, args=[report.pk])).status_code == 404
        assert client.get(reverse(name, args=[report.pk])).status_code == 405


def test_reading_takes_no_more_queries_for_thirty_rows_than_for_three(client, db):
    year = cycle()

    def queries(rows):
        report = make_filled_report(make_agency(f"Cơ quan có {rows} nhiệm vụ"), year, tasks=rows)
        client.force_login(make_head(report.agency))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("report_detail", args=[report.pk])).status_code == 200
        return len(captured)

    queries(1)
    assert queries(3) == queries(30) <= 25


# The desk ------------------------------------------------------------------------------------------------------------
def test_the_desk_says_what_is_missing_and_who_has_to_sign(client, db):
    report = make_report(cycle=cycle(), tasks=3)
    lan, head = make_member(report.agency), make_head(report.agency)
    client.force_login(lan)
    (desk,) = client.get(reverse("my_work")).context["work"].desks
    assert (desk.answered, desk.to_answer, len(desk.missing), desk.cover_filled) == (0, 3, 3, 0)
    report.rows.update(is_nothing_to_report=True)
    assert client.get(reverse("my_work")).context["work"].to_sign == []
    client.force_login(head)
    assert len(client.get(reverse("my_work")).context["work"].to_sign) == 1


def test_the_desk_shows_the_printed_date_and_the_last_day_that_counts(client, db):
    report = make_filled_report(cycle=cycle())
    client.force_login(make_member(report.agency))
    text = client.get(reverse("my_work")).text
    printed = report.cycle.agencies_due_on
    for day in [printed, printed - timedelta(days=1)]:
        assert f"{day:%d/%m/%Y}" in text
    assert "<b>29</b>" in text


def test_the_desk_shows_why_a_report_came_back(client, db):
    report = make_submitted_report(cycle=cycle(), now=timezone.now())
    report.send_back(make_consolidator(), "Thiếu số liệu quý IV", timezone.now())
    client.force_login(make_member(report.agency))
    assert "Thiếu số liệu quý IV" in client.get(reverse("my_work")).text


def test_an_empty_desk_says_what_belongs_there(client, db):
    client.force_login(make_user())
    assert "empty" in client.get(reverse("my_work")).text
    agency = make_agency()
    client.force_login(make_member(agency))
    assert client.get(reverse("my_work")).context["work"].cycle is None
    cycle()
    work = client.get(reverse("my_work")).context["work"]
    assert (work.desks, work.agencies) == ([], [agency])


def test_the_path_of_the_year_shows_where_we_are(client, db):
    make_cycle(2025, state="closed", agencies_due_on=date(2025, 12, 10))
    client.force_login(make_member(make_agency()))
    response = client.get(reverse("my_work"))
    assert [step.state for step in response.context["path"]] == ["done", "done", "late", "todo"]
    assert response.content.decode().count('aria-current="step"') == 1


def test_the_desk_takes_no_more_queries_for_many_rows(client, db):
    year = cycle()

    def queries(rows):
        report = make_filled_report(make_agency(f"Cơ quan có {rows} nhiệm vụ"), year, tasks=rows)
        client.force_login(make_member(report.agency))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("my_work"))
        return len(captured)

    queries(1)
    assert queries(3) == queries(30) <= 20


# Handing over for signature ----------------------------------------------------------------------------------------------
def test_the_officer_hands_the_finished_draft_to_the_signers_by_mail_once_a_day(client, db):
    report = make_filled_report(cycle=cycle())
    lan, head = make_member(report.agency), make_head(report.agency)
    make_member(report.agency, "Phó Giám đốc", Membership.Duty.DEPUTY)
    client.force_login(lan)
    for _press in range(2):
        response = client.post(reverse("report_ready", args=[report.pk]))
    assert head.full_name in words_of(response)
    mails = OutgoingMail.objects.all()
    assert len(mails) == 2
    assert {mail.to for mail in mails} >= {head.email}
    assert all(reverse("report_detail", args=[report.pk]) in mail.text for mail in mails)
    assert client.get(reverse("report_detail", args=[report.pk])).context["handed_over_at"]
    report.refresh_from_db()
    assert report.state == State.DRAFT, "handing over is not sending in"


def test_an_unfinished_draft_is_not_handed_over(client, db):
    report = make_report(cycle=cycle())
    make_head(report.agency)
    client.force_login(make_member(report.agency))
    assert report.rows.get().task.code in words_of(client.post(reverse("report_ready", args=[report.pk])))
    report.rows.update(is_nothing_to_report=True)
    Membership.objects.filter(duty=Membership.Duty.HEAD).delete()
    assert words_of(client.post(reverse("report_ready", args=[report.pk])))
    assert not OutgoingMail.objects.exists()


def test_nobody_from_outside_hands_it_over(client, db):
    report = make_filled_report(cycle=cycle())
    client.force_login(make_consolidator())
    assert client.post(reverse("report_ready", args=[report.pk])).status_code == 404
    assert client.get(reverse("report_ready", args=[report.pk])).status_code == 405


def test_the_story_of_a_report_names_who_changed_what(client, db):
    report = make_filled_report(cycle=cycle())
    lan, row = make_member(report.agency), report.rows.get()
    writing.save_row(row, {"results": "Đã tổ chức 09 hội nghị."}, row.revision, lan, timezone.now())
    client.force_login(lan)
    address = reverse("report_detail", args=[report.pk])
    assert "<ins>" not in client.get(address).text
    story = client.get(address, {"history": "1"}).text
    assert lan.full_name in story
    assert "09" in story
