"""Reminders: those who still owe are told in time, once, on working days; nobody else is."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import translation
from icalendar import Calendar

from parkportal import mail
from parkportal.models import OutgoingMail, User
from tasks import reminders
from tasks.models import Contribution, Membership, Reminder, ReportingCycle
from tests.builders import (
    at,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_succession,
    make_user,
)

pytestmark = pytest.mark.django_db
# Working days of 2026 on which the rungs before 9 December are reached.
RUNGS = {
    30: date(2026, 11, 9),
    14: date(2026, 11, 25),
    7: date(2026, 12, 2),
    3: date(2026, 12, 4),  # the 6th is a Sunday
    1: date(2026, 12, 8),
    -1: date(2026, 12, 10),
    -3: date(2026, 12, 14),  # the 12th is a Saturday
    -7: date(2026, 12, 16),
}


def sweep(day, hour=9):
    return reminders.send_due(at(day, hour))


def rungs_of(person):
    return list(Reminder.objects.filter(person=person).order_by("created_at", "pk").values_list("rung", flat=True))


@pytest.fixture(autouse=True)
def in_vietnamese():
    """Whatever language a test before this one left behind."""
    with translation.override("vi"):
        yield


def every_day(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class TestLadder:
    def test_the_officer_is_told_on_every_rung_on_a_working_day(self):
        report = make_report()
        lan = make_member(report.agency)
        for day in every_day(date(2026, 11, 1), date(2026, 12, 31)):
            sweep(day)
        told = [(row.rung, row.created_at.date()) for row in Reminder.objects.filter(person=lan).order_by("pk")]
        assert told == list(RUNGS.items())

    def test_the_head_hears_of_it_from_three_days_on(self):
        report = make_report()
        make_member(report.agency)
        head = make_head(report.agency)
        for day in every_day(date(2026, 11, 1), date(2026, 12, 31)):
            sweep(day)
        assert rungs_of(head) == [3, 1, -1, -3, -7]

    def test_after_days_of_outage_only_the_last_rung_goes_out(self):
        report = make_report()
        lan = make_member(report.agency)
        sweep(RUNGS[30])
        sweep(date(2026, 12, 7))
        assert rungs_of(lan) == [30, 3]
        assert OutgoingMail.objects.filter(to=lan.email).count() == 2

    def test_nothing_goes_out_at_the_weekend_or_on_a_holiday(self):
        make_member(make_report().agency)
        assert sweep(date(2026, 12, 5)) == []
        assert sweep(date(2026, 12, 6)) == []
        assert not Reminder.objects.exists()

    def test_whoever_has_reported_is_left_alone(self):
        report = make_submitted_report()
        make_member(report.agency)
        assert sweep(date(2026, 12, 8)) == []

    def test_a_report_that_came_back_is_owed_again_and_the_mail_says_why(self):
        report = make_submitted_report()
        lan = make_member(report.agency)
        report.send_back(make_consolidator(), "Thiếu số liệu dòng 2", at(date(2026, 12, 1)))
        sweep(RUNGS[7])
        letter = OutgoingMail.objects.get(to=lan.email)
        assert "Thiếu số liệu dòng 2" in letter.text
        assert "Thiếu số liệu dòng 2" in letter.html

    def test_a_closed_cycle_reminds_no_agency(self):
        report = make_report(cycle=make_cycle(state=ReportingCycle.State.CLOSED))
        lan = make_member(report.agency)
        sweep(RUNGS[-1])
        assert rungs_of(lan) == []

    def test_a_moved_deadline_starts_the_ladder_again(self):
        report = make_report()
        lan = make_member(report.agency)
        sweep(RUNGS[7])
        cycle = report.cycle
        cycle.agencies_due_on, cycle.consolidation_due_on = date(2026, 12, 11), date(2026, 12, 16)
        cycle.save()
        sweep(date(2026, 12, 3))
        assert [(row.due_on, row.rung) for row in Reminder.objects.filter(person=lan).order_by("pk")] == [
            (date(2026, 12, 9), 7),
            (date(2026, 12, 10), 7),
        ]

    def test_a_second_sweep_of_the_same_day_writes_nothing(self):
        make_member(make_report().agency)
        assert len(sweep(RUNGS[7])) == 1
        assert sweep(RUNGS[7], 15) == []
        assert Reminder.objects.count() == OutgoingMail.objects.count() == 1


class TestPeople:
    def test_the_agency_that_took_over_is_told_and_the_old_people_are_not(self):
        old, heir = make_agency("Sở Thông tin và Truyền thông"), make_agency("Sở Khoa học và Công nghệ")
        make_report(old)
        was, lan = make_member(old, "Người cũ"), make_member(heir)
        make_succession(old, heir)
        sweep(RUNGS[7])
        row = Reminder.objects.get()
        assert (row.person, row.agency) == (lan, heir)
        assert "tiếp nhận từ Sở Thông tin và Truyền thông" in row.mail.text
        assert not OutgoingMail.objects.filter(to=was.email).exists()

    def test_a_succession_that_is_still_to_come_changes_nothing_yet(self):
        old, heir = make_agency("Sở Cũ"), make_agency("Sở Mới")
        make_report(old)
        was = make_member(old, "Người cũ")
        make_member(heir)
        make_succession(old, heir, date(2026, 12, 3))
        sweep(RUNGS[7])
        assert [row.person for row in Reminder.objects.all()] == [was]

    def test_without_an_officer_the_head_is_told_and_why(self):
        report = make_report()
        head = make_head(report.agency)
        sweep(RUNGS[14])
        row = Reminder.objects.get()
        assert (row.person, row.reason) == (head, Reminder.Reason.HEAD_INSTEAD)
        assert f"hiện nay {report.agency.name} chưa có cán bộ đầu mối" in row.mail.text

    def test_without_anybody_in_the_agency_the_consolidator_is_told_and_without_one_the_administrator(self):
        make_report()
        administrator = make_user("Đặng Quốc Việt", User.Role.ADMINISTRATOR)
        sweep(RUNGS[14])
        assert Reminder.objects.get().person == administrator
        hoa = make_consolidator()
        sweep(RUNGS[7])
        assert Reminder.objects.get(rung=7, report__isnull=False).person == hoa

    def test_whoever_left_or_lost_the_account_is_not_told(self):
        report = make_report()
        left, closed, lan = make_member(report.agency), make_member(report.agency), make_member(report.agency)
        Membership.objects.filter(user=left).update(ends_on=date(2026, 11, 1))
        User.objects.filter(pk=closed.pk).update(is_active=False)
        sweep(RUNGS[7])
        assert [row.person for row in Reminder.objects.all()] == [lan]

    def test_the_consolidators_are_told_who_has_not_reported_until_the_report_is_issued(self):
        cycle = make_cycle()
        make_report(make_agency("Sở Ngoại vụ"), cycle)
        make_submitted_report(make_agency("Sở Nội vụ"), cycle)
        hoa = make_consolidator()
        for day in every_day(date(2026, 12, 4), date(2026, 12, 22)):
            sweep(day)
        rows = Reminder.objects.filter(person=hoa, report=None)
        assert list(rows.order_by("pk").values_list("rung", flat=True)) == [7, 1, -1, -3]  # 3 and 1 fall on Friday 11
        letter = rows.order_by("pk").first().mail
        assert "Sở Ngoại vụ" in letter.text
        assert "Sở Nội vụ" not in letter.text

    def test_an_issued_report_ends_the_consolidators_ladder(self):
        cycle = make_cycle()
        cycle.consolidated_reports.create(edition=1, state="issued", number=5, issued_on=date(2026, 12, 4))
        make_consolidator()
        assert sweep(date(2026, 12, 11)) == []

    def test_who_was_asked_for_a_contribution_is_told_until_it_is_answered(self):
        report = make_report()
        asked = make_agency("Sở Nội vụ")
        minh = make_member(asked, "Phạm Minh")
        lan = make_member(report.agency)
        one = Contribution.objects.create(
            row=report.rows.get(),
            agency=asked,
            question="Số cán bộ?",
            due_on=date(2026, 11, 27),
            asked_by=lan,
            asked_at=at(date(2026, 11, 16)),
        )
        sweep(date(2026, 11, 24))
        letter = OutgoingMail.objects.get(to=minh.email)
        assert "Số cán bộ?" in letter.text
        one.answered_by, one.answered_at, one.answer = minh, at(date(2026, 11, 24), 10), "12"
        one.save()
        sweep(date(2026, 11, 26))
        assert rungs_of(minh) == [3]


class TestOneMailADay:
    def test_an_officer_of_two_agencies_gets_one_mail_that_lists_both(self):
        cycle = make_cycle()
        first, second = make_agency("Sở Công Thương"), make_agency("Sở Nội vụ")
        make_report(first, cycle, tasks=3)
        make_filled_report(second, cycle)
        lan = make_member(first)
        Membership.objects.create(user=lan, agency=second, starts_on=date(2020, 1, 1))
        sweep(RUNGS[7])
        letter = OutgoingMail.objects.get()
        assert letter.subject == "Còn 7 ngày: 2 việc cần làm cho Kế hoạch 2812/KH-UBND năm 2026"
        assert "Sở Công Thương" in letter.text and "Sở Nội vụ" in letter.text
        assert letter.reminders.count() == 2

    def test_the_subject_says_how_urgent_it_is_and_what_is_missing(self):
        report = make_report(tasks=5)
        make_member(report.agency)
        for rung in (7, 1, -3):
            sweep(RUNGS[rung])
        assert list(OutgoingMail.objects.order_by("pk").values_list("subject", flat=True)) == [
            "Còn 7 ngày: báo cáo Kế hoạch 2812/KH-UBND năm 2026 – 5 nhiệm vụ chưa báo cáo",
            "Còn 1 ngày: báo cáo Kế hoạch 2812/KH-UBND năm 2026 – 5 nhiệm vụ chưa báo cáo",
            "Quá hạn 5 ngày: báo cáo Kế hoạch 2812/KH-UBND năm 2026 – 5 nhiệm vụ chưa báo cáo",
        ]

    def test_a_report_that_only_lacks_its_signature_says_so(self):
        make_member(make_filled_report().agency)
        [letter] = sweep(RUNGS[3])
        assert letter.subject.endswith("đã đủ nội dung, chưa gửi")

    def test_the_mail_links_to_the_report_names_whom_to_ask_and_carries_the_day_for_the_calendar(self, settings):
        settings.SITE_URL = "https://cong.danang.test"
        report = make_report(tasks=10)
        make_member(report.agency)
        make_consolidator("Lê Thị Hoa", phone="0236 3000 111")
        letter = next(written for written in sweep(RUNGS[7]) if "Hoa" not in written.person.full_name)
        for part in (letter.text, letter.html):
            assert f"https://cong.danang.test/reports/{report.pk}/edit/" in part
            assert "0236 3000 111" in part
            assert "… và 2 nhiệm vụ nữa" in part
        events = Calendar.from_ical(letter.calendar).walk("VEVENT")
        assert [event["DTSTART"].dt for event in events] == [date(2026, 12, 9)]
        assert [alarm["TRIGGER"].dt for alarm in events[0].walk("VALARM")] == [timedelta(hours=-16)]

    def test_a_day_that_has_passed_is_not_put_into_the_calendar(self):
        make_member(make_report().agency)
        [letter] = sweep(RUNGS[-1])
        assert letter.calendar == ""

    def test_a_mail_that_waited_too_long_is_not_sent_once_the_report_is_there(self):
        report = make_filled_report()
        make_member(report.agency)
        head = make_head(report.agency)
        sweep(RUNGS[7])
        report.submit(head, at(RUNGS[7], 10))
        sweep(RUNGS[7], 11)
        assert OutgoingMail.objects.get().state == OutgoingMail.State.WITHDRAWN
        assert mail.deliver_due(at(RUNGS[7], 12), "may-1") == {}

    def test_what_is_sent_in_while_the_sweep_runs_is_not_reminded_of(self):
        report = make_filled_report()
        lan, head = make_member(report.agency), make_head(report.agency)
        [bundle] = reminders.due(RUNGS[7])
        report.submit(head, at(RUNGS[7]))
        assert reminders._write(bundle, [], RUNGS[7], at(RUNGS[7])) is None
        assert rungs_of(lan) == []

    def test_two_sweeps_that_read_the_same_write_one_mail(self):
        make_member(make_report().agency)
        [bundle] = reminders.due(RUNGS[7])
        assert reminders._write(bundle, [], RUNGS[7], at(RUNGS[7]))
        assert reminders._write(bundle, [], RUNGS[7], at(RUNGS[7])) is None
        # A sweep reckoning with another day has another mail, but not another row: it writes neither.
        assert reminders._write(bundle, [], RUNGS[3], at(RUNGS[3])) is None
        assert Reminder.objects.count() == OutgoingMail.objects.count() == 1

    def test_a_sweep_over_thirty_agencies_reads_as_often_as_one_over_three(self, django_assert_max_num_queries):
        cycle = make_cycle()
        for n in range(30):
            make_member(make_report(make_agency(f"Cơ quan {n}"), cycle).agency)
        with django_assert_max_num_queries(16):
            assert len(reminders.due(RUNGS[7])) == 30


class TestRemindNow:
    def test_officers_and_heads_get_a_mail_at_once_and_the_ledger_knows_who_asked(self):
        report = make_report()
        lan, head, hoa = make_member(report.agency), make_head(report.agency), make_consolidator()
        letters = reminders.remind_now(report, hoa, at(date(2026, 11, 24)))
        assert {letter.person for letter in letters} == {lan, head}
        assert {row.asked_by for row in Reminder.objects.all()} == {hoa}
        assert all(row.is_asked and row.rung_words == "nhắc ngay" for row in Reminder.objects.all())
        assert "Lê Thị Hoa đề nghị" in letters[0].text

    def test_once_a_day_and_the_ladder_goes_on(self):
        report = make_report()
        lan, hoa = make_member(report.agency), make_consolidator()
        reminders.remind_now(report, hoa, at(RUNGS[7]))
        with pytest.raises(ValidationError, match="Hôm nay đã nhắc ngay"):
            reminders.remind_now(report, hoa, at(RUNGS[7], 15))
        reminders.remind_now(report, hoa, at(date(2026, 12, 3)))
        sweep(date(2026, 12, 3))
        assert sum(rung < 100 for rung in rungs_of(lan)) == 1
        assert sum(rung >= 100 for rung in rungs_of(lan)) == 2

    def test_nobody_is_reminded_of_a_report_that_was_sent_in(self):
        report = make_submitted_report()
        with pytest.raises(ValidationError, match="Không còn gì phải nhắc"):
            reminders.remind_now(report, make_consolidator(), at(RUNGS[7]))

    def test_only_a_consolidator_reminds(self):
        report = make_report()
        with pytest.raises(PermissionDenied):
            reminders.remind_now(report, make_member(report.agency), at(RUNGS[7]))

    def test_an_agency_without_anybody_says_so(self):
        report = make_report()
        hoa = make_consolidator()
        User.objects.filter(pk=hoa.pk).update(is_active=False)
        with pytest.raises(ValidationError, match="Không có ai để nhắc"):
            reminders.remind_now(report, hoa, at(RUNGS[7]))


class TestCommand:
    def test_a_dry_run_prints_who_would_be_told_what_and_writes_nothing(self, capsys):
        report = make_report(make_agency("Sở Khoa học và Công nghệ", key="skhcn"))
        lan = make_member(report.agency)
        make_member(make_report(make_agency("Sở Nội vụ"), report.cycle).agency, "Phạm Minh")
        call_command("send_reminders", "--dry-run", "--today", "2026-12-02", "--only", "skhcn")
        printed = capsys.readouterr().out
        assert lan.email in printed
        assert "còn 7 ngày" in printed
        assert "Phạm Minh" not in printed
        assert "Sẽ có 1 thư" in printed
        assert not Reminder.objects.exists()

    def test_one_person_is_named_by_address(self, capsys):
        report = make_report()
        lan, minh = make_member(report.agency), make_member(report.agency, "Phạm Minh")
        call_command("send_reminders", "--dry-run", "--today", "2026-12-02", "--only", minh.email)
        printed = capsys.readouterr().out
        assert minh.email in printed
        assert lan.email not in printed

    def test_a_holiday_is_named_as_the_reason_for_silence(self, capsys):
        call_command("send_reminders", "--dry-run", "--today", "2026-12-05")
        assert "05/12/2026 không phải ngày làm việc" in capsys.readouterr().out

    def test_mails_of_a_day_to_come_are_only_looked_at(self):
        with pytest.raises(CommandError, match="--dry-run"):
            call_command("send_reminders", "--today", "2126-12-02")

    def test_without_a_day_it_sends_what_is_due_today(self, capsys):
        call_command("send_reminders")
        assert capsys.readouterr().out
