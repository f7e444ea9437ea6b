"""A lead agency asks coordinating agencies for their part, and sees who answered."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from parkportal.models import OutgoingMail
from tasks import contributions
from tasks.models import AgencyReport, Contribution, Succession, TaskCoordinator
from tasks.views.unsent import page_token
from tests.builders import make_agency, make_cycle, make_member, make_report, make_task, make_user


@pytest.fixture
def lan(db, client):
    """The officer of the lead agency; her first task names Sở Tài chính and "các sở liên quan" as coordinating."""
    today = timezone.localdate()
    cycle = make_cycle(
        today.year,
        agencies_due_on=today + timedelta(days=30),
        consolidation_due_on=today + timedelta(days=40),
        opens_on=today - timedelta(days=10),
    )
    report = make_report(make_agency(), cycle)
    lan = make_member(report.agency)
    lan.report, lan.row = report, report.rows.get()
    lan.finance = make_agency("Sở Tài chính")
    lan.kien = make_member(lan.finance, "Hồ Văn Kiên")
    TaskCoordinator.objects.create(task=lan.row.task, agency=lan.finance, text="Sở Tài chính", position=1)
    TaskCoordinator.objects.create(task=lan.row.task, text="các sở, ngành liên quan", position=2)
    client.force_login(lan)
    return lan


def ask(lan, agency=None, due=None):
    due = due or timezone.localdate() + timedelta(days=5)
    (one,) = contributions.ask(lan.row, [agency or lan.finance], "Đã bố trí bao nhiêu kinh phí?", due, lan, timezone.now())
    return one


def question(lan, **changes):
    due = timezone.localdate() + timedelta(days=5)
    return {"agencies": [lan.finance.pk], "question": "Kinh phí?", "due_on": due.isoformat()} | changes


def test_the_lead_asks_the_agencies_that_the_plan_names_and_any_other_with_people(client, lan):
    other = make_agency("Sở Nội vụ")
    make_member(other)
    make_agency("Cơ quan không có người")
    address = reverse("contribution_ask", args=[lan.row.pk])
    form = client.get(address).context["form"]
    assert (list(form.named), list(form.others)) == ([lan.finance], [other])
    response = client.post(address, question(lan, other=other.pk))
    assert response.url.endswith(f"#row-{lan.row.pk}")
    assert {one.agency for one in Contribution.objects.all()} == {lan.finance, other}
    form = client.get(address).context["form"]
    assert (list(form.named), list(form.others)) == ([], []), "nobody is asked twice about one task"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agencies": []}, "agencies"),
        ({"question": ""}, "question"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "2099-01-01"}, "due_on"),
    ],
)
def test_a_question_without_an_agency_a_text_or_a_usable_day_says_what_to_write(client, lan, changes, field):
    response = client.post(reverse("contribution_ask", args=[lan.row.pk]), question(lan, **changes))
    assert response.status_code == 409
    assert field in response.context["form"].errors
    assert not Contribution.objects.exists()


def test_the_asked_agency_finds_the_question_on_its_desk_and_answers(client, lan):
    one = ask(lan)
    client.force_login(lan.kien)
    assert client.get(reverse("my_work")).context["work"].contributions == [one]
    assert list(client.get(reverse("contribution_list")).context["waiting"]) == [one]
    address = reverse("contribution_answer", args=[one.pk])
    assert "bao nhiêu kinh phí" in client.get(address).text
    assert client.post(address, {"answer": " "}).status_code == 409
    client.post(address, {"answer": "Đã bố trí 2,5 tỷ đồng."})
    one.refresh_from_db()
    assert (one.answer, one.answered_by) == ("Đã bố trí 2,5 tỷ đồng.", lan.kien)
    assert client.get(reverse("my_work")).context["work"].contributions == []
    client.post(address, {"answer": "Đã bố trí 3 tỷ đồng.", "seen": "Đã bố trí 2,5 tỷ đồng."})
    one.refresh_from_db()
    assert one.answer == "Đã bố trí 3 tỷ đồng."


def test_a_colleague_who_answered_meanwhile_is_shown_and_not_written_over(client, lan):
    one = ask(lan)
    contributions.answer(one, "của Kiên", lan.kien, timezone.now())
    mai = make_member(lan.finance, "Ngô Thị Mai")
    client.force_login(mai)
    address = reverse("contribution_answer", args=[one.pk])
    page = client.post(address, {"answer": "của Mai", "seen": ""})
    assert page.status_code == 409
    for words in ["của Kiên", "của Mai", "Hồ Văn Kiên"]:
        assert words in page.text
    one.refresh_from_db()
    assert one.answer == "của Kiên"
    client.post(address, {"answer": "của cả hai", "seen": "của Kiên"})
    one.refresh_from_db()
    assert (one.answer, one.answered_by) == ("của cả hai", mai)


def test_the_lead_sees_who_answered_and_adds_it_to_the_results_once(client, lan):
    one = ask(lan)
    contributions.answer(one, "Đã bố trí 2,5 tỷ đồng.", lan.kien, timezone.now())
    page = client.get(reverse("report_edit", args=[lan.report.pk]))
    assert "Hồ Văn Kiên" in page.text
    lan.row.results = "Đã họp 02 lần."
    lan.row.save()
    data = {"page": page_token(lan, lan.report), "contribution": one.pk}
    for _press in range(2):
        client.post(reverse("row_copy", args=[lan.row.pk]), data)
    lan.row.refresh_from_db()
    assert lan.row.results == "Đã họp 02 lần.\n\nSở Tài chính: Đã bố trí 2,5 tỷ đồng."


def test_an_answer_that_was_not_given_cannot_be_added(client, lan):
    one = ask(lan)
    data = {"page": page_token(lan, lan.report), "contribution": one.pk}
    assert client.post(reverse("row_copy", args=[lan.row.pk]), data).status_code == 404


def test_the_heir_answers_for_an_agency_that_was_succeeded(client, lan):
    one, heir = ask(lan), make_agency("Sở Tài chính (mới)")
    hoa = make_member(heir, "Lê Thị Hoa")
    Succession.objects.create(predecessor=lan.finance, successor=heir, effective_on=date(2025, 3, 1))
    address = reverse("contribution_answer", args=[one.pk])
    client.force_login(lan.kien)
    assert client.get(address).status_code == 404
    client.force_login(hoa)
    client.post(address, {"answer": "Trả lời thay."})
    one.refresh_from_db()
    assert one.answered_by == hoa


def test_once_the_report_is_sent_in_nobody_asks_or_answers(client, lan):
    one = ask(lan)
    AgencyReport.objects.update(state=AgencyReport.State.SUBMITTED)
    assert client.get(reverse("contribution_ask", args=[lan.row.pk])).status_code == 302
    client.force_login(lan.kien)
    address = reverse("contribution_answer", args=[one.pk])
    assert "<textarea" not in client.get(address).text
    assert client.post(address, {"answer": "muộn"}).status_code == 409
    one.refresh_from_db()
    assert one.answer == ""
    assert list(client.get(reverse("contribution_list")).context["passed"]) == [one]


def test_strangers_neither_ask_nor_answer_nor_read(client, lan):
    one = ask(lan)
    for person in [make_user(), make_member(make_agency("Sở Nội vụ"))]:
        client.force_login(person)
        assert client.get(reverse("contribution_ask", args=[lan.row.pk])).status_code == 404
        assert client.get(reverse("contribution_answer", args=[one.pk])).status_code == 404
        assert client.post(reverse("contribution_answer", args=[one.pk]), {"answer": "x"}).status_code == 404
        assert client.get(reverse("contribution_list")).status_code == 200
    assert client.put(reverse("contribution_answer", args=[one.pk])).status_code == 405
    assert client.put(reverse("contribution_ask", args=[lan.row.pk])).status_code == 405


def test_asking_first_saves_what_is_typed_on_the_page(client, lan):
    data = {"page": page_token(lan, lan.report), f"r{lan.row.pk}-revision": 0, f"r{lan.row.pk}-results": "đang gõ"}
    response = client.post(reverse("report_edit", args=[lan.report.pk]), data | {"go": f"ask-{lan.row.pk}"})
    assert response.url == reverse("contribution_ask", args=[lan.row.pk])
    lan.row.refresh_from_db()
    assert lan.row.results == "đang gõ"


def test_the_list_asks_no_more_for_ten_questions_than_for_two(client, lan):
    def queries(number):
        while Contribution.objects.count() < number:
            lan.row = lan.report.rows.create(task=make_task(lan.report.agency))
            ask(lan)
        client.force_login(lan.kien)
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(reverse("contribution_list")).context["waiting"]) == number
        return len(captured)

    assert queries(2) == queries(10)


def test_the_asked_hear_by_mail_and_so_does_the_lead_at_the_first_answer(lan):
    heir = make_agency("Sở Tài chính (mới)")
    hoa = make_member(heir, "Lê Thị Hoa")
    Succession.objects.create(predecessor=lan.finance, successor=heir, effective_on=date(2025, 3, 1))
    one = ask(lan)
    asked = OutgoingMail.objects.get()
    assert (asked.to, "bao nhiêu kinh phí" in asked.text) == (hoa.email, True)
    for text in ["2,5 tỷ", "3 tỷ"]:
        contributions.answer(one, text, hoa, timezone.now())
    answered = OutgoingMail.objects.exclude(pk=asked.pk).get()
    assert (answered.to, "2,5 tỷ" in answered.text) == (lan.email, True)
