"""Reading one report against last year's, and accepting it or sending it back with word to the agency's people."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from parkportal.models import OutgoingMail, User
from tasks import review
from tasks.models import AgencyReport, Contribution, Evidence, Membership, Progress, Succession
from tasks.status import State
from tests.builders import (
    NOW,
    TODAY,
    at,
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

pytestmark = pytest.mark.django_db
S = AgencyReport.State


@pytest.fixture
def hoa():
    return make_consolidator()


def make_two_years(**this_year):
    """Last year's accepted report and this year's submitted one on the same task; `this_year` is set on this year's row."""
    agency = make_agency()
    make_task(agency)
    make_accepted_report(agency, make_cycle(2025), now=at(date(2025, 12, 5)))
    report = make_submitted_report(agency, make_cycle(2026))
    report.rows.update(**this_year)
    return report


def flags_of(report):
    return review.build(report, TODAY).rows[0].flags


# What she sees ------------------------------------------------------------------------------------------------------
def test_the_words_that_differ_from_last_year_are_marked_on_both_sides():
    report = make_two_years(results="Đã ban hành kế hoạch và tổ chức 05 hội nghị.")
    pair = review.build(report, TODAY).rows[0].pairs[0]
    assert pair.before == "Đã ban hành kế hoạch và tổ chức <del>02</del> hội nghị."
    assert pair.now == "Đã ban hành kế hoạch và tổ chức <ins>05</ins> hội nghị."


def test_changes_with_only_a_space_between_them_are_one_change():
    assert review.sides("một hai ba", "bốn năm ba") == ("<del>một hai</del> ba", "<ins>bốn năm</ins> ba")


def test_what_people_wrote_is_never_taken_for_html():
    assert review.sides("một", "<script>") == ("<del>một</del>", "<ins>&lt;script&gt;</ins>")
    before, now = review.sides("an <b>ninh</b>", "an <script>ninh</script>")
    assert "<b>" not in before and "<script>" not in now
    assert review.sides("", "<i>")[1] == "&lt;i&gt;"


def test_texts_too_long_to_compare_stand_plain_beside_each_other():
    before, now = review.sides("một " * 3000, "hai " * 3000)
    assert "<del>" not in before and "<ins>" not in now


def test_a_percentage_that_went_down_and_words_repeated_from_last_year_are_flagged():
    flags = flags_of(make_two_years(percent=40))
    assert flags == ["tỷ lệ giảm từ 60% xuống 40%", "kết quả trùng nguyên văn năm trước"]


def test_a_claimed_completion_without_evidence_is_flagged_until_a_file_is_there():
    report = make_two_years(results="Xong", state=State.AWAITING, percent=100, completed_on=TODAY)
    assert flags_of(report) == ["báo hoàn thành nhưng chưa có tài liệu chứng minh"]
    row = report.rows.get()
    file = Evidence.objects.create(
        row=row, file="x", name="Biên bản.pdf", content_type="application/pdf", size=1, uploaded_by=make_user(), uploaded_at=NOW
    )
    assert flags_of(report) == []
    file.removed_at = NOW
    file.save()
    assert flags_of(report) == ["báo hoàn thành nhưng chưa có tài liệu chứng minh"]


def test_an_overdue_task_and_a_contribution_without_answer_are_flagged():
    report = make_two_years(results="Chậm")
    row = report.rows.get()
    type(row.task).objects.filter(pk=row.task_id).update(running_ends=2025)
    Contribution.objects.create(row=row, agency=make_agency("Sở Y tế"), due_on=TODAY, asked_by=make_user(), asked_at=NOW)
    assert flags_of(report) == ["quá hạn", "1 ý kiến phối hợp chưa trả lời"]


def test_a_report_sent_after_the_last_day_says_by_how_much():
    report = make_submitted_report(now=at(date(2026, 12, 12)))
    assert review.build(report, TODAY).flags == ["muộn 3 ngày"]


def test_the_page_shows_what_the_consolidator_needs(client, hoa):
    report = make_two_years(percent=40)
    client.force_login(hoa)
    page = client.get(reverse("report_review", args=[report.pk])).content.decode()
    assert reverse("report_accept", args=[report.pk]) in page and reverse("report_send_back", args=[report.pk]) in page
    assert "2025: đang thực hiện, 60%" in page and "tỷ lệ giảm" in page.lower()


def test_a_figure_of_the_board_leads_to_exactly_its_rows(client, hoa):
    report = make_report(tasks=3)
    first, second, _third = report.rows.in_order()
    Progress.objects.filter(pk=first.pk).update(state=State.IN_PROGRESS, results="Đã làm")
    Progress.objects.filter(pk=second.pk).update(is_nothing_to_report=True)
    client.force_login(hoa)
    for figure, rows in [("in_progress", [first]), ("nothing", [second]), ("unanswered", [_third])]:
        shown = client.get(reverse("report_review", args=[report.pk]), {"rows": figure}).context["rows"]
        assert [it.row for it in shown] == rows
    assert len(client.get(reverse("report_review", args=[report.pk]), {"rows": "nonsense"}).context["rows"]) == 3


def test_next_and_previous_lead_through_the_reports_that_wait(client, hoa):
    cycle = make_cycle()
    an, binh, chi = (make_submitted_report(make_agency(name), cycle) for name in ("An", "Bình", "Chi"))
    make_filled_report(make_agency("Bê"), cycle)
    assert [it and it.agency_name for it in review.waiting_beside(binh)[:2]] == ["An", "Chi"]
    assert review.waiting_beside(an)[0] is None and review.waiting_beside(chi)[1] is None
    client.force_login(hoa)
    done = client.post(reverse("report_accept", args=[an.pk]))
    assert done.url == reverse("report_review", args=[binh.pk])
    client.post(reverse("report_accept", args=[binh.pk]))
    assert client.post(reverse("report_accept", args=[chi.pk])).url.startswith(reverse("board"))


def test_the_review_takes_as_many_queries_for_30_rows_as_for_3(client, hoa, django_assert_max_num_queries):
    cycle = make_cycle()
    few, many = make_report(make_agency("An"), cycle, tasks=3), make_report(make_agency("Bình"), cycle, tasks=30)
    client.force_login(hoa)
    counts = []
    for report in (few, many):
        with django_assert_max_num_queries(25) as captured:
            client.get(reverse("report_review", args=[report.pk]))
        counts.append(len(captured.captured_queries))
    assert counts[0] == counts[1]


# Deciding -----------------------------------------------------------------------------------------------------------
def test_accepting_confirms_the_completions_that_were_claimed(client, hoa):
    report = make_two_years(results="Xong", state=State.AWAITING, completed_on=TODAY)
    client.force_login(hoa)
    page = client.post(reverse("report_accept", args=[report.pk]), follow=True).content.decode()
    report.refresh_from_db()
    assert (report.state, report.accepted_by) == (S.ACCEPTED, hoa)
    assert report.rows.get().state == State.COMPLETED and report.rows.get().is_answered
    assert "Thu hồi tiếp nhận" in page


def test_officers_and_signers_get_one_mail_each_and_former_ones_none(hoa):
    report = make_submitted_report()
    lan, truong = make_member(report.agency), report.submitted_by
    Membership.objects.create(user=truong, agency=report.agency, duty="officer", starts_on=date(2021, 1, 1))
    former = make_member(report.agency, "Người cũ")
    Membership.objects.filter(user=former).update(ends_on=date(2026, 1, 1))
    review.send_back(report, hoa, "Dòng 1 thiếu số liệu\nDòng 2 cũng vậy", NOW, TODAY, [report.rows.get().pk])
    mails = OutgoingMail.objects.all()
    assert {mail.person for mail in mails} == {lan, truong} and len(mails) == 2
    text = mails[0].text
    assert "Dòng 1 thiếu số liệu\nDòng 2 cũng vậy" in text and report.rows.get().task.code in text
    assert reverse("report_edit", args=[report.pk]) in text and mails[0].subject.startswith("Trả lại")
    assert "<br>" in mails[0].html


def test_a_second_round_is_told_again(hoa):
    report = make_submitted_report()
    make_member(report.agency)
    review.send_back(report, hoa, "Lần một", NOW, TODAY)
    report.submit(report.submitted_by, at(TODAY, 10))
    review.send_back(report, hoa, "Lần hai", at(TODAY, 11), TODAY)
    report.submit(report.submitted_by, at(TODAY, 12))
    review.accept(report, hoa, at(TODAY, 13), TODAY)
    assert OutgoingMail.objects.count() == 6


def test_after_a_succession_the_successors_people_are_told(hoa):
    report = make_submitted_report(make_agency("Sở Kế hoạch và Đầu tư"))
    heir = make_agency("Sở Tài chính")
    minh = make_member(heir)
    Succession.objects.create(predecessor=report.agency, successor=heir, effective_on=TODAY)
    review.accept(report, hoa, NOW, TODAY)
    assert [mail.person for mail in OutgoingMail.objects.all()] == [minh]
    assert report.agency_name == "Sở Kế hoạch và Đầu tư"


def test_sending_back_needs_a_reason_and_keeps_the_ticks(client, hoa):
    report = make_submitted_report()
    row = report.rows.get()
    client.force_login(hoa)
    answer = client.post(reverse("report_send_back", args=[report.pk]), {"reason": "   ", "redo": [row.pk]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Ghi lý do trả lại" in page and "checked" in page
    report.refresh_from_db()
    assert report.state == S.SUBMITTED and not OutgoingMail.objects.exists()


def test_rows_that_were_ticked_are_to_be_redone_and_others_stay(client, hoa):
    report = make_submitted_report(tasks=2)
    first, second = report.rows.in_order()
    foreign = make_submitted_report(make_agency("Sở Y tế"), report.cycle).rows.get()
    client.force_login(hoa)
    client.post(reverse("report_send_back", args=[report.pk]), {"reason": "Làm lại", "redo": [first.pk, foreign.pk, "x"]})
    states = [Progress.objects.get(pk=row.pk).state for row in (first, second, foreign)]
    assert states == [State.REDO, State.IN_PROGRESS, State.IN_PROGRESS]
    report.refresh_from_db()
    assert (report.state, report.return_reason, report.returned_by) == (S.RETURNED, "Làm lại", hoa)


def test_taking_an_acceptance_back_needs_a_reason_and_makes_confirmed_completions_claims_again(hoa):
    report = make_two_years(results="Xong", state=State.AWAITING, completed_on=TODAY)
    review.accept(report, hoa, NOW, TODAY)
    with pytest.raises(ValidationError):
        review.send_back(report, hoa, "", NOW, TODAY)
    review.send_back(report, hoa, "Nhầm cơ quan", NOW, TODAY)
    assert (report.state, report.rows.get().state) == (S.RETURNED, State.AWAITING)
    report.submit(report.submitted_by, NOW)


def test_a_task_settled_in_an_earlier_cycle_is_touched_by_no_decision(hoa):
    report = make_submitted_report()
    report.rows.update(is_settled=True, state=State.COMPLETED)
    review.accept(report, hoa, NOW, TODAY)
    review.send_back(report, hoa, "Nhầm", NOW, TODAY, [report.rows.get().pk])
    assert report.rows.get().state == State.COMPLETED


def test_nobody_accepts_what_she_submitted_herself_and_is_told_who_can(client, hoa):
    agency = make_agency("Sở Khoa học và Công nghệ", is_consolidator=True)
    nam = make_head(agency, "Hoàng Văn Nam", role=User.Role.CONSOLIDATOR)
    report = make_submitted_report(agency, by=nam)
    client.force_login(nam)
    page = client.get(reverse("report_review", args=[report.pk])).content.decode()
    assert reverse("report_accept", args=[report.pk]) not in page and hoa.full_name in page
    answer = client.post(reverse("report_accept", args=[report.pk]))
    assert answer.status_code == 409 and "chính ông/bà ký gửi" in answer.content.decode()
    report.refresh_from_db()
    assert report.state == S.SUBMITTED


def test_the_second_to_decide_is_told_in_words(client, hoa):
    report = make_submitted_report()
    report.accept(make_consolidator("Nam"), NOW)
    client.force_login(hoa)
    answer = client.post(reverse("report_accept", args=[report.pk]))
    assert answer.status_code == 409 and "đã tiếp nhận" in answer.content.decode()


def test_nobody_decides_on_a_submission_that_she_has_not_read(client, hoa):
    report = make_submitted_report()
    client.force_login(hoa)
    seen = client.get(reverse("report_review", args=[report.pk])).context["seen"]
    report.withdraw(report.submitted_by, at(TODAY, 10))
    report.submit(report.submitted_by, at(TODAY, 11))
    for name in ("report_accept", "report_send_back"):
        answer = client.post(reverse(name, args=[report.pk]), {"seen": seen, "reason": "Thiếu số liệu"})
        assert answer.status_code == 409 and "gửi lại báo cáo sau khi" in answer.content.decode()
    assert "Thiếu số liệu" in answer.content.decode(), "what she typed stays"
    report.refresh_from_db()
    assert report.state == S.SUBMITTED
    client.post(reverse("report_accept", args=[report.pk]), {"seen": answer.context["seen"]})
    report.refresh_from_db()
    assert report.state == S.ACCEPTED


def test_in_a_closed_cycle_nothing_is_decided(client, hoa):
    report = make_submitted_report()
    type(report.cycle).objects.update(state="closed", closed_at=NOW)
    client.force_login(hoa)
    page = client.get(reverse("report_review", args=[report.pk])).content.decode()
    assert "/accept/" not in page and "/send-back/" not in page and "Kỳ đã đóng" in page
    assert client.post(reverse("report_accept", args=[report.pk])).status_code == 409
    assert client.post(reverse("report_send_back", args=[report.pk]), {"reason": "x"}).status_code == 409
    assert AgencyReport.objects.get().state == S.SUBMITTED and not OutgoingMail.objects.exists()


# Who ----------------------------------------------------------------------------------------------------------------
def people(report):
    return {
        "officer of the lead": make_member(report.agency),
        "head of the lead": report.submitted_by,
        "officer of another agency": make_member(make_agency("Sở Y tế")),
        "leadership": make_user(role=User.Role.LEADERSHIP),
        "editor": make_user(role=User.Role.EDITOR),
    }


def test_only_consolidators_and_administrators_open_the_review(client):
    report = make_submitted_report()
    address = reverse("report_review", args=[report.pk])
    assert client.get(address).status_code == 302, "a stranger is asked to sign in"
    for who, person in people(report).items():
        client.force_login(person)
        assert client.get(address).status_code == 404, who
        assert client.post(reverse("report_accept", args=[report.pk])).status_code == 404, who
        assert client.post(reverse("report_send_back", args=[report.pk]), {"reason": "x"}).status_code == 404, who
    assert AgencyReport.objects.get().state == S.SUBMITTED


def test_an_administrator_reads_along_and_decides_nothing(client):
    report = make_submitted_report()
    client.force_login(make_user(role=User.Role.ADMINISTRATOR))
    page = client.get(reverse("report_review", args=[report.pk])).content.decode()
    assert "/accept/" not in page and "/send-back/" not in page and "Cán bộ tổng hợp tiếp nhận" in page
    assert client.post(reverse("report_accept", args=[report.pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        review.send_back(report, make_user(role=User.Role.ADMINISTRATOR), "x", timezone.now(), TODAY)


def test_decisions_are_sent_never_followed_as_links(client, hoa):
    report = make_submitted_report()
    client.force_login(hoa)
    for name in ("report_accept", "report_send_back"):
        assert client.get(reverse(name, args=[report.pk])).status_code == 405
    assert client.post(reverse("report_review", args=[report.pk])).status_code == 405
    assert client.get(reverse("report_review", args=[report.pk + 1])).status_code == 404
