"""The ledger, the preview, "remind now" and single mails, for each kind of reader."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from parkportal.models import OutgoingMail, User
from tasks import reminders
from tasks.models import Reminder
from tests.builders import (
    make_agency,
    make_consolidator,
    make_cycle,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_succession,
    make_user,
)

pytestmark = pytest.mark.django_db
State = OutgoingMail.State


@pytest.fixture
def cycle():
    """Open, with its last day a week from today, so that the pages that read the clock have something to show."""
    today = timezone.localdate()
    return make_cycle(
        today.year,
        opens_on=today - timedelta(days=20),
        agencies_due_on=today + timedelta(days=8),
        consolidation_due_on=today + timedelta(days=13),
    )


@pytest.fixture
def world(cycle):
    """Lan's agency and Minh's agency were both told; Hoa consolidates."""

    class World:
        first, second = make_agency("Sở Công Thương"), make_agency("Sở Nội vụ")
        report, other = make_report(first, cycle), make_report(second, cycle)
        lan, minh, hoa = make_member(first, "Trần Thị Lan"), make_member(second, "Phạm Minh"), make_consolidator("Lê Thị Hoa")

    reminders.remind_now(World.report, World.hoa, timezone.now())
    reminders.remind_now(World.other, World.hoa, timezone.now())
    World.mail = OutgoingMail.objects.get(person=World.lan)
    return World


def read(client, reader, name, *args, **query):
    client.force_login(reader)
    return client.get(reverse(name, args=args), query)


class TestLedger:
    def test_an_officer_reads_what_her_agency_was_told_and_nothing_of_others(self, client, world):
        page = read(client, world.lan, "reminder_ledger").content.decode()
        assert "Trần Thị Lan" in page
        assert "nhắc ngay" in page
        assert "Phạm Minh" not in page
        assert "Sở Nội vụ" not in page

    def test_the_people_of_the_agency_that_took_over_read_its_rows(self, client, world):
        heir = make_agency("Sở Mới")
        thu = make_member(heir, "Người mới")
        world.first.refresh_from_db()
        make_succession(world.second, heir)
        assert "Phạm Minh" in read(client, thu, "reminder_ledger").content.decode()

    @pytest.mark.parametrize("role", [User.Role.CONSOLIDATOR, User.Role.LEADERSHIP, User.Role.ADMINISTRATOR])
    def test_who_answers_for_the_year_reads_everything(self, client, world, role):
        page = read(client, make_user(role=role), "reminder_ledger").content.decode()
        assert "Trần Thị Lan" in page and "Phạm Minh" in page

    def test_who_acts_for_no_agency_finds_no_ledger(self, client, world):
        assert read(client, make_user(role=User.Role.EDITOR), "reminder_ledger").status_code == 404

    @pytest.mark.parametrize(
        ("query", "seen"),
        [
            (lambda w: {"agency": w.first.pk}, {"lan"}),
            (lambda w: {"person": w.minh.pk}, {"minh"}),
            (lambda w: {"state": "failed"}, {"minh"}),
            (lambda w: {"state": "waiting"}, {"lan"}),
            (lambda w: {"cycle": w.report.cycle_id}, {"lan", "minh"}),
            (lambda w: {"state": "sent"}, set()),
        ],
    )
    def test_it_is_filtered_by_cycle_agency_person_and_delivery(self, client, world, query, seen):
        OutgoingMail.objects.filter(person=world.minh).update(state=State.FAILED)
        rows = read(client, world.hoa, "reminder_ledger", **query(world)).context["page"].object_list
        assert {row.person for row in rows} == {getattr(world, name) for name in seen}

    def test_a_mail_that_failed_or_waits_says_why_and_until_when(self, client, world):
        OutgoingMail.objects.filter(person=world.minh).update(
            state=State.FAILED, trouble="address", last_error="550 5.1.1 No such user"
        )
        OutgoingMail.objects.filter(person=world.lan).update(trouble="unreachable", last_error="Connection refused")
        page = read(client, world.hoa, "reminder_ledger").content.decode()
        assert "Máy chủ thư không nhận địa chỉ này" in page
        assert "550 5.1.1 No such user" in page
        assert "Lần thử tiếp theo" in page

    def test_its_queries_do_not_grow_with_its_rows(self, client, world, django_assert_max_num_queries):
        for n in range(30):
            reminders.remind_now(make_report(make_agency(f"Cơ quan {n}"), world.report.cycle), world.hoa, timezone.now())
        client.force_login(world.hoa)
        with django_assert_max_num_queries(16):
            page = client.get(reverse("reminder_ledger"))
        assert len(page.context["page"]) >= 32

    def test_before_the_first_reminder_it_says_what_belongs_here(self, client):
        lan = make_member(make_agency())
        assert "Chưa có thư nhắc nào" in read(client, lan, "reminder_ledger").content.decode()


class TestMail:
    def test_the_addressee_her_colleague_and_the_consolidator_read_it_as_it_was_sent(self, client, world):
        for person in [world.lan, make_head(world.first), world.hoa, make_user(role=User.Role.LEADERSHIP)]:
            page = read(client, person, "mail_detail", world.mail.pk).content.decode()
            assert world.mail.subject in page
            assert "Lê Thị Hoa đề nghị" in page

    def test_another_agency_does_not(self, client, world):
        assert read(client, world.minh, "mail_detail", world.mail.pk).status_code == 404

    def test_a_mail_about_two_agencies_is_not_shown_to_one_of_them(self, client, world):
        row = Reminder.objects.get(person=world.lan)
        Reminder.objects.create(
            cycle=row.cycle, report=world.other, agency=world.second, obligation=f"report:{world.other.pk}", due_on=row.due_on,
            rung=7, person=world.lan, reason="officer", mail=row.mail, created_at=row.created_at,
        )  # fmt: skip
        assert read(client, world.minh, "mail_detail", world.mail.pk).status_code == 404
        assert read(client, world.lan, "mail_detail", world.mail.pk).status_code == 200

    def test_the_file_is_byte_for_byte_what_the_mail_server_gets(self, client, world):
        response = read(client, world.hoa, "mail_detail", world.mail.pk, file="")
        assert response.content == bytes(world.mail.source.data)
        assert response["Content-Type"] == "message/rfc822"
        assert "attachment" in response["Content-Disposition"]


class TestSendAgain:
    def test_a_consolidator_puts_a_failed_mail_back_into_the_queue(self, client, world):
        OutgoingMail.objects.filter(pk=world.mail.pk).update(state=State.FAILED, attempts=8)
        client.force_login(world.hoa)
        response = client.post(reverse("mail_retry", args=[world.mail.pk]), follow=True)
        world.mail.refresh_from_db()
        assert (world.mail.state, world.mail.attempts) == (State.WAITING, 0)
        assert "hàng chờ gửi lại" in response.content.decode()

    def test_a_mail_that_was_sent_meanwhile_stays_sent(self, client, world):
        OutgoingMail.objects.filter(pk=world.mail.pk).update(state=State.SENT, sent_at=timezone.now())
        client.force_login(world.hoa)
        response = client.post(reverse("mail_retry", args=[world.mail.pk]), follow=True)
        assert "không phải gửi lại" in response.content.decode()
        world.mail.refresh_from_db()
        assert world.mail.state == State.SENT

    def test_all_failed_mails_go_again_at_once(self, client, world):
        OutgoingMail.objects.update(state=State.FAILED)
        client.force_login(world.hoa)
        assert "2 thư đã vào hàng chờ" in client.post(reverse("mails_retry"), follow=True).content.decode()
        assert OutgoingMail.objects.filter(state=State.WAITING).count() == 2

    def test_an_officer_cannot_and_looking_at_the_address_does_nothing(self, client, world):
        client.force_login(world.lan)
        for url in [reverse("mail_retry", args=[world.mail.pk]), reverse("mails_retry")]:
            assert client.post(url).status_code == 404
            assert client.get(url).status_code == 405


class TestRemindNow:
    def test_the_consolidator_reminds_and_comes_back_to_where_she_was(self, client, world):
        report = make_report(make_agency("Sở Ngoại vụ"), world.report.cycle)
        thu = make_member(report.agency, "Nguyễn Thu")
        client.force_login(world.hoa)
        url, page = reverse("remind_now", args=[report.pk]), reverse("report_review", args=[report.pk])
        response = client.post(url, headers={"referer": f"http://testserver{page}"})
        assert response.url == f"http://testserver{page}"
        assert "Nguyễn Thu" in client.get(page).content.decode()
        assert OutgoingMail.objects.filter(person=thu).count() == 1

    def test_a_page_of_somebody_else_is_not_gone_back_to(self, client, world):
        client.force_login(world.hoa)
        response = client.post(reverse("remind_now", args=[world.report.pk]), headers={"referer": "https://elsewhere.test/x"})
        assert response.url == reverse("board")

    def test_the_second_time_on_a_day_it_says_so(self, client, world):
        client.force_login(world.hoa)
        response = client.post(reverse("remind_now", args=[world.report.pk]), follow=True)
        assert "Hôm nay đã nhắc ngay cơ quan này" in response.content.decode()
        assert Reminder.objects.filter(report=world.report).count() == 1

    def test_nobody_else_reminds_and_a_link_does_not(self, client, world):
        url = reverse("remind_now", args=[world.report.pk])
        for person in [world.lan, make_user(role=User.Role.ADMINISTRATOR), make_user(role=User.Role.LEADERSHIP)]:
            client.force_login(person)
            assert client.post(url).status_code == 404
        client.force_login(world.hoa)
        assert client.get(url).status_code == 405


class TestPreview:
    def test_it_shows_person_by_person_what_would_go_out_and_writes_nothing(self, client, world):
        day = world.report.cycle.agencies_last_day + timedelta(days=14)
        while day.weekday() != 2:
            day += timedelta(days=1)
        before = OutgoingMail.objects.count()
        page = read(client, world.hoa, "reminder_preview", day=day.isoformat()).content.decode()
        assert world.lan.email in page and world.minh.email in page
        assert "quá hạn 7 ngày" in page
        assert OutgoingMail.objects.count() == before

    def test_a_sunday_leads_on_to_the_next_working_day(self, client, world):
        page = read(client, world.hoa, "reminder_preview", day="2026-12-06").content.decode()
        assert "không phải ngày làm việc" in page
        assert "?day=2026-12-07" in page

    def test_a_day_that_is_none_is_shown_again_with_what_to_do(self, client, world):
        page = read(client, world.hoa, "reminder_preview", day="30/02").content.decode()
        assert "hoặc chọn trong lịch" in page
        assert 'value="30/02"' in page

    def test_failed_mails_stand_below_with_their_reason(self, client, world):
        OutgoingMail.objects.filter(pk=world.mail.pk).update(state=State.FAILED, trouble="address", last_error="550 no")
        page = read(client, world.hoa, "reminder_preview").content.decode()
        assert world.mail.subject in page
        assert "550 no" in page
        assert reverse("mail_retry", args=[world.mail.pk]) in page

    def test_officers_and_the_leadership_do_not_see_it(self, client, world):
        for person in [world.lan, make_user(role=User.Role.LEADERSHIP)]:
            assert read(client, person, "reminder_preview").status_code == 404

    def test_whoever_sent_the_report_in_is_not_in_it(self, client, cycle):
        make_member(make_submitted_report(cycle=cycle).agency)
        page = read(client, make_consolidator(), "reminder_preview")
        assert page.context["bundles"] == []
