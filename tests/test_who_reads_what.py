"""One thing of one agency, and a person who may see the page but not that thing: what is hers to know and what is not."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkportal.models import User
from tasks import evidence, writing
from tasks.models import AgencyReport, Contribution, KeptText
from tasks.views.unsent import page_token
from tests.builders import (
    make_agency,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_succession,
    make_user,
)

pytestmark = pytest.mark.django_db
SECRET = "số-liệu-chưa-duyệt"  # one word, so that no comparison of versions splits it


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def report():
    today = timezone.localdate()
    cycle = make_cycle(
        today.year, opens_on=today - timedelta(days=9), agencies_due_on=today + timedelta(days=9),
        consolidation_due_on=today + timedelta(days=14), cutoff_on=today,
    )  # fmt: skip
    return make_filled_report(make_agency(), cycle)


@pytest.fixture
def lan(report):
    return make_member(report.agency)


@pytest.fixture
def withdrawn_words(report, lan):
    """Something that stood in the draft and was taken out before the head signed."""
    row, now = report.rows.get(), timezone.now()
    for text, by in ((SECRET, lan), (row.results, make_member(report.agency, "Phạm Thị Bình"))):
        row = writing.save_row(row, {"results": text}, row.revision, by, now).instance
    report.submit(make_head(report.agency), now)
    return report


def test_the_leadership_reads_what_was_sent_in_and_no_draft_of_it(withdrawn_words, lan):
    client = signed_in(make_user(role=User.Role.LEADERSHIP))
    row = withdrawn_words.rows.get()
    for path in [
        reverse("report_detail", args=[withdrawn_words.pk]) + "?history=1",
        reverse("task_detail", args=[row.task.code]) + "?history=1",
    ]:
        page = client.get(path)
        assert page.status_code == 200 and SECRET not in page.text, path
    own = signed_in(lan).get(reverse("report_detail", args=[withdrawn_words.pk]) + "?history=1")
    assert SECRET in own.text  # her own agency still reads it, so the test looks at the right words


def addresses_of(report, lan):
    """Everything that belongs to this agency alone, with what a form would send there."""
    row, now = report.rows.get(), timezone.now()
    kept = KeptText.objects.create(report=report, row=row, field="results", text="Bản khác.", by=lan, at=now)
    upload = SimpleUploadedFile("Bảng số liệu.pdf", b"%PDF-1.4 x")
    file = evidence.store(row, upload, "application/pdf", lan, now)
    return [
        ("get", "report_detail", report), ("get", "report_edit", report), ("post", "report_edit", report),
        ("post", "cover_save", report), ("post", "report_presence", report), ("post", "row_save", row),
        ("post", "row_nothing", row), ("post", "row_copy", row), ("post", "kept_text_settle", kept),
        ("post", "report_ready", report), ("post", "report_submit", report), ("post", "evidence_add", row),
        ("get", "evidence_download", file), ("post", "evidence_remove", file), ("get", "contribution_ask", row),
    ]  # fmt: skip


def assert_closed_to(person, report, lan):
    client, before = signed_in(person), AgencyReport.history.count()
    for method, name, thing in addresses_of(report, lan):
        data = {"page": page_token(person, report), "choice": "mine"}
        answer = getattr(client, method)(reverse(name, args=[thing.pk]), data, headers={"X-Requested-With": "fetch"})
        assert answer.status_code == 404, name
    assert AgencyReport.history.count() == before


def test_whoever_left_the_agency_yesterday_reads_and_writes_nothing_of_it(report, lan):
    gone = make_member(report.agency, "Võ Thị Nghỉ")
    gone.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert_closed_to(gone, report, lan)


def test_whoever_begins_tomorrow_reads_and_writes_nothing_yet(report, lan):
    new = make_member(report.agency, "Võ Thị Mới")
    new.memberships.update(starts_on=timezone.localdate() + timedelta(days=1))
    assert_closed_to(new, report, lan)


def test_the_people_of_an_agency_that_was_merged_away_no_longer_write_its_report(report, lan):
    heir = make_agency("Sở Tài chính")
    minh, head = make_member(heir, "Phạm Văn Minh"), make_head(heir, "Lê Văn Giám")
    make_succession(report.agency, heir, timezone.localdate())
    assert_closed_to(lan, report, lan=minh)
    assert signed_in(minh).get(reverse("report_edit", args=[report.pk])).status_code == 200
    signed_in(head).post(reverse("report_submit", args=[report.pk]))
    report.refresh_from_db()
    assert report.submitted_by == head


def test_a_person_of_another_agency_with_the_right_numbers_gets_nothing(report, lan):
    assert_closed_to(make_member(make_agency("Sở Nội vụ"), "Phạm Văn Minh"), report, lan)


def test_a_deactivated_person_is_out_at_once_with_her_session_still_in_the_browser(report, lan):
    client = signed_in(lan)
    assert client.get(reverse("report_edit", args=[report.pk])).status_code == 200
    lan.is_active = False
    lan.save()
    answer = client.get(reverse("report_edit", args=[report.pk]))
    assert answer.status_code == 302 and reverse("account_login") in answer.url
    save = client.post(
        reverse("row_save", args=[report.rows.get().pk]),
        {"page": page_token(lan, report)},
        headers={"X-Requested-With": "fetch"},
    )
    assert save.status_code == 401


def test_another_person_on_the_same_browser_never_sees_what_the_first_left_unsent(report, lan):
    """Her session ran out while she typed; the next at the desk signs in with his own account, of the same agency."""
    browser, row = Client(), report.rows.get()
    posted = {"page": page_token(lan, report), f"r{row.pk}-revision": "0", f"r{row.pk}-results": SECRET}
    browser.post(reverse("report_edit", args=[report.pk]), posted)
    browser.force_login(make_member(report.agency, "Phạm Văn Minh"))
    assert SECRET not in browser.get(reverse("report_edit", args=[report.pk])).text
    assert not report.rows.filter(results__contains=SECRET)


def test_whoever_saves_after_somebody_else_signed_in_on_her_browser_is_told_that_nothing_was_saved(report, lan):
    browser, row = Client(), report.rows.get()
    browser.force_login(make_member(report.agency, "Phạm Văn Minh"))
    posted = {"page": page_token(lan, report), f"r{row.pk}-revision": "0", f"r{row.pk}-results": SECRET}
    answer = browser.post(reverse("report_edit", args=[report.pk]), posted, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert SECRET not in answer.text and not report.rows.filter(results__contains=SECRET)


def test_a_head_of_two_reports_loses_neither_when_her_session_ends(report):
    head = make_head(report.agency)
    older = make_agency("Sở cũ")
    make_succession(older, report.agency, timezone.localdate() - timedelta(days=9))
    other, browser = make_filled_report(older, report.cycle), Client()
    for one, words in ((report, "Báo cáo một."), (other, "Báo cáo hai.")):
        row = one.rows.get()
        posted = {"page": page_token(head, one), f"r{row.pk}-revision": "0", f"r{row.pk}-results": words}
        browser.post(reverse("report_edit", args=[one.pk]), posted)
    browser.force_login(head)
    assert "Báo cáo một." in browser.get(reverse("report_edit", args=[report.pk])).text
    assert "Báo cáo hai." in browser.get(reverse("report_edit", args=[other.pk])).text


def test_the_asked_agency_sees_the_question_and_its_own_answer_alone(report, lan):
    row, today, now = report.rows.get(), timezone.localdate(), timezone.now()
    asked = {}
    for name in ("Sở Nội vụ", "Sở Tài chính"):
        asked[name] = Contribution.objects.create(
            row=row, agency=make_agency(name), question=f"Hỏi {name}", answer=f"Đáp của {name}", due_on=today, asked_by=lan,
            asked_at=now, answered_by=lan, answered_at=now,
        )  # fmt: skip
    client = signed_in(make_member(asked["Sở Nội vụ"].agency, "Phạm Văn Minh"))
    for path in [reverse("contribution_list"), reverse("task_detail", args=[row.task.code])]:
        text = client.get(path).text
        assert "Đáp của Sở Tài chính" not in text and "Hỏi Sở Tài chính" not in text, path
    assert client.get(reverse("contribution_answer", args=[asked["Sở Tài chính"].pk])).status_code == 404
