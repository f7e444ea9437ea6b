"""The front page: where the plan stands by accepted reports, and what waits for each person."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from parkportal.models import User
from tasks import cycles, frontpage
from tasks.models import AgencyReport, Membership, ReportingCycle
from tasks.status import State
from tests.builders import (
    TODAY,
    at,
    make_accepted_report,
    make_agency,
    make_consolidated_draft,
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


def turns(user, cycle):
    return [(turn.words, turn.url, turn.left) for turn in frontpage.turns_of(user, cycle, TODAY)]


def numbers(shares):
    return {share.key: share.number for share in shares}


# The plan in figures ------------------------------------------------------------------------------------------------
def test_an_empty_portal_says_what_is_missing_and_how_it_comes(client):
    page = client.get("/").content.decode()
    assert 'class="empty"' in page
    assert "load_plan" in page


def test_only_accepted_reports_count_for_the_public():
    cycle = make_cycle()
    make_submitted_report(make_agency("Sở A"), cycle, tasks=2)
    make_accepted_report(make_agency("Sở B"), cycle, tasks=3)
    figures = frontpage.plan_figures(cycle, TODAY)
    assert (figures.tasks, figures.agencies) == (5, 2)
    assert numbers(figures.by_state) == {State.IN_PROGRESS: 3, "none": 2}


def test_nothing_to_report_is_an_answer_and_not_a_missing_one():
    cycle = make_cycle()
    report = make_filled_report(make_agency(), cycle)
    report.rows.update(is_nothing_to_report=True, state="", percent=None, results="")
    report.submit(make_head(report.agency), at(TODAY))
    report.accept(make_consolidator(), at(TODAY))
    assert numbers(frontpage.plan_figures(cycle, TODAY).by_state) == {"nothing": 1}


def test_the_parts_of_a_bar_follow_one_another_and_fill_it():
    agency, cycle = make_agency(), make_cycle()
    for ends in [2022, 2022, 2030]:
        make_task(agency, ends=ends)
    figures = frontpage.plan_figures(cycle, TODAY)
    assert figures.overdue == 2
    parts = [(share.start, share.number) for share in figures.by_timeliness]
    assert parts[0][0] == 0
    assert all(start + number == following for (start, number), (following, _n) in zip(parts, parts[1:], strict=False))
    assert sum(number for _start, number in parts) == figures.tasks == 3


def test_a_heading_without_a_lead_is_no_task():
    make_task(None)
    make_task(make_agency())
    assert frontpage.plan_figures(None, TODAY).tasks == 1


def test_the_public_sees_the_year_but_not_who_has_sent_in_what():
    cycle = make_cycle()
    make_submitted_report(make_agency(), cycle)
    assert [step.words for step in cycles.public_path(cycle, TODAY)] == ["", "", "", ""]


def test_the_front_page_names_no_person_and_no_text_of_a_report(client):
    report = make_submitted_report(make_agency(), make_cycle())
    page = client.get("/").content.decode()
    assert report.rows.get().results not in page
    assert report.submitted_by.full_name not in page


def test_the_front_page_costs_the_same_with_thirty_times_the_tasks(client, django_assert_max_num_queries):
    cycle = make_cycle()
    make_accepted_report(make_agency("Sở A"), cycle, tasks=30)
    with django_assert_max_num_queries(10):
        client.get("/")


# What is mine to do now ---------------------------------------------------------------------------------------------
def test_the_officer_is_told_how_many_rows_lack_an_answer_and_how_long_she_has():
    cycle, agency = make_cycle(), make_agency("Sở Công Thương")
    report, lan = make_report(agency, cycle, tasks=3), make_member(agency)
    assert turns(lan, cycle) == [
        ("Sở Công Thương: còn 3 nhiệm vụ chưa báo cáo.", reverse("report_edit", args=[report.pk]), 16),
    ]


def test_the_head_is_asked_to_send_in_what_is_complete_and_the_officer_only_told():
    cycle, agency = make_cycle(), make_agency()
    report = make_filled_report(agency, cycle)
    head, lan = make_head(agency), make_member(agency)
    page = reverse("report_detail", args=[report.pk])
    assert [turn.action for turn in frontpage.turns_of(head, cycle, TODAY)] == ["Đọc lại và gửi"]
    assert [(turn.url, turn.action) for turn in frontpage.turns_of(lan, cycle, TODAY)] == [(page, "Xem báo cáo")]


def test_a_report_that_was_sent_back_comes_before_its_gaps():
    cycle, agency = make_cycle(), make_agency("Sở Công Thương")
    report = make_submitted_report(agency, cycle)
    report.send_back(make_consolidator(), "Thiếu số liệu.", at(TODAY))
    assert turns(make_member(agency), cycle)[0][0] == "Sở Công Thương: báo cáo bị trả lại."


def test_nothing_waits_once_the_report_is_sent_in():
    cycle, agency = make_cycle(), make_agency()
    make_submitted_report(agency, cycle)
    assert turns(make_member(agency), cycle) == []


def test_the_consolidator_is_told_what_waits_and_what_is_missing():
    cycle = make_cycle()
    make_submitted_report(make_agency("Sở A"), cycle)
    make_report(make_agency("Sở B"), cycle)
    ((words, url, left),) = turns(make_consolidator(), cycle)
    assert words == "1 báo cáo chờ tiếp nhận, 1 báo cáo chưa gửi."
    assert (url, left) == (reverse("board"), 21)


def test_a_person_without_duty_is_told_that_nothing_waits(client):
    make_cycle(timezone.localdate().year)
    make_task(make_agency())
    client.force_login(make_user())
    assert "không có việc nào chờ" in client.get("/").content.decode()


@pytest.mark.parametrize(("days", "tone"), [(15, "on-time"), (14, "due-soon"), (0, "due-soon"), (-1, "overdue")])
def test_the_countdown_changes_its_tone_two_weeks_before_and_the_day_after(days, tone):
    turn = frontpage.Turn("", "/", "", TODAY + timedelta(days=days), days)
    assert turn.tone == tone


def test_only_her_own_agency_is_her_turn():
    cycle = make_cycle()
    make_report(make_agency("Sở A"), cycle)
    minh = make_member(make_agency("Sở B"), "Phạm Quang Minh", Membership.Duty.OFFICER)
    assert turns(minh, cycle) == []
    assert AgencyReport.objects.count() == 1


def test_the_administrator_of_a_new_server_is_led_to_the_first_people_and_the_first_cycle():
    admin = make_user(role=User.Role.ADMINISTRATOR)
    assert [turn.url for turn in frontpage.turns_of(admin, None, TODAY)] == [reverse("admin:index"), reverse("cycle_create")]
    make_member(make_agency())
    planned = make_cycle(state=ReportingCycle.State.PLANNED, opened_at=None)
    assert [turn.url for turn in frontpage.turns_of(admin, None, TODAY)] == [reverse("cycle_detail", args=[planned.pk])]


def test_an_officer_is_not_asked_to_set_up_the_server():
    assert turns(make_user(), None) == []


def test_after_the_close_the_consolidator_is_sent_to_the_report_until_it_is_issued():
    hoa = make_consolidator()
    draft = make_consolidated_draft(hoa)
    cycle = draft.cycle
    cycles.close_cycle(cycle, hoa, at(TODAY))
    assert [turn[1:] for turn in turns(hoa, cycle)] == [(reverse("consolidated_detail", args=[draft.pk]), 21)]
    draft.delete()
    assert [turn[1] for turn in turns(hoa, cycle)] == [reverse("cycle_detail", args=[cycle.pk])]
