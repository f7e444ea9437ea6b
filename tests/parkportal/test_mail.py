"""The outbox: one mail an occasion, sent once, kept in sight until the mail server has taken it."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, override

from parkportal import mail
from parkportal.models import OutgoingMail
from tests.builders import NOW, make_user
from tests.smtp import Letterbox, free_port, mail_server
from tests.workers import environment, run_together, shared_database

State, Trouble = OutgoingMail.State, OutgoingMail.Trouble


def make_mail(person=None, key="dip.1", now=NOW, **fields):
    person = person or make_user()
    values = {
        "person": person,
        "to": person.email,
        "subject": "Còn 3 ngày: báo cáo Kế hoạch 2812",
        "text": "Kính gửi ông/bà.\n",
        "html": "<p>Kính gửi ông/bà.</p>",
        "message_id": f"<{key}@danang.test>",
        "created_at": now,
        "next_try_at": now,
    } | fields
    calendar, html = values.pop("calendar", ""), values.pop("html")
    written = OutgoingMail(key=key, **values)
    [saved] = mail.keep([(written, mail.composed(written, html, calendar))])
    return saved


def make_mails(count, now=NOW):
    person = make_user()
    mails = [
        OutgoingMail(
            key=f"dip:{n}",
            person=person,
            to=f"nguoi{n}@danang.test",
            subject=f"Thư {n}",
            text="Nội dung\n",
            message_id=f"<{n}@danang.test>",
            created_at=now,
            next_try_at=now,
        )
        for n in range(count)
    ]
    return mail.keep([(written, mail.composed(written)) for written in mails])


def letter(person, key="tra-lai:12"):
    return mail.Letter(key, person, gettext_lazy("Reminder"), "base", {})


@pytest.mark.django_db
class TestWriting:
    def test_a_second_mail_for_the_same_occasion_is_not_written(self):
        lan = make_user()
        first = mail.queue("tra-lai:12", lan, "Báo cáo được trả lại", "base", {}, now=NOW)
        second = mail.queue("tra-lai:12", lan, "Báo cáo được trả lại, lần nữa", "base", {}, now=NOW)
        assert first == second
        assert OutgoingMail.objects.get().subject == "Báo cáo được trả lại"

    def test_of_many_mails_only_the_new_ones_come_back(self):
        lan, minh = make_user(), make_user("Phạm Minh")
        mail.queue_many([letter(lan, "a")], NOW)
        new = mail.queue_many([letter(lan, "a"), letter(minh, "b")], NOW)
        assert [m.key for m in new] == ["b"]
        assert OutgoingMail.objects.count() == 2

    def test_a_mail_is_vietnamese_although_its_sender_reads_english(self):
        with override("en"):
            written = mail.queue("k", make_user("Trần Thị Lan"), format_lazy("{}: R&D", gettext_lazy("Language")), "base", {})
        assert 'lang="vi"' in written.html
        assert written.subject.endswith(": R&D")
        assert "Dear" not in written.text

    def test_text_is_not_escaped_and_html_is(self):
        written = mail.queue("k", make_user("Trung tâm R&D <Lan>"), "S", "base", {"why": "R&D"})
        assert "R&D <Lan>" in written.text
        assert "R&amp;D &lt;Lan&gt;" in written.html

    def test_a_subject_is_one_line(self):
        assert mail.queue("k", make_user(), "Một\r\nBcc: ai@do.test", "base", {}).subject == "Một Bcc: ai@do.test"


@pytest.mark.django_db(transaction=True)
class TestDelivering:
    def test_a_vietnamese_mail_arrives_whole_with_its_calendar(self, settings):
        make_mail(calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        with mail_server(settings) as box:
            assert mail.deliver_due(NOW, "may-1") == {"sent": 1}
        [message] = box.messages
        assert message["Subject"] == "Còn 3 ngày: báo cáo Kế hoạch 2812"
        assert message["Message-ID"] == "<dip.1@danang.test>"
        assert message["Date"] == "Mon, 23 Nov 2026 09:00:00 +0700"
        assert message.get_body(("plain",)).get_content().strip() == "Kính gửi ông/bà."
        assert message.get_body(("html",)).get_content().strip() == "<p>Kính gửi ông/bà.</p>"
        [attached] = message.iter_attachments()
        assert attached.get_filename() == "hen-bao-cao.ics"
        assert attached.get_content_type() == "text/calendar"
        assert "BEGIN:VCALENDAR" in attached.get_content()
        stored = OutgoingMail.objects.get()
        assert (stored.state, stored.attempts) == (State.SENT, 1)
        assert NOW <= stored.sent_at < NOW + timedelta(minutes=1)

    def test_a_line_that_begins_with_a_dot_arrives_as_it_was_written(self, settings):
        make_mail(text="Một\n.\n..hai\n. ba\n")
        with mail_server(settings) as box:
            mail.deliver_due(NOW, "may-1")
        assert box.messages[0].get_body(("plain",)).get_content().splitlines() == ["Một", ".", "..hai", ". ba"]

    def test_a_mail_is_sent_once_however_often_the_outbox_is_emptied(self, settings):
        make_mails(5)
        with mail_server(settings) as box:
            mail.deliver_due(NOW, "may-1")
            assert mail.deliver_due(NOW + timedelta(days=1), "may-1") == {}
        assert len(box.taken) == 5

    def test_an_address_that_the_server_knows_to_be_wrong_fails_at_once_and_the_others_arrive(self, settings):
        wrong = make_mail(to="khong-co@danang.test", key="sai")
        right = make_mail(key="dung")
        box = Letterbox()
        box.answers["khong-co@danang.test"] = "550 5.1.1 No such user"
        with mail_server(settings, box):
            assert mail.deliver_due(NOW, "may-1") == {"sent": 1, "failed": 1}
        wrong.refresh_from_db()
        right.refresh_from_db()
        assert (wrong.state, wrong.trouble, wrong.last_error) == (State.FAILED, Trouble.ADDRESS, "550 5.1.1 No such user")
        assert right.state == State.SENT

    def test_a_busy_server_gets_the_mail_again_later_and_later(self, settings):
        waiting = make_mail()
        box = Letterbox()
        box.answers[waiting.to] = "451 4.3.2 try again later"
        now, waits = NOW, []
        with mail_server(settings, box):
            while True:
                mail.deliver_due(now, "may-1")
                waiting.refresh_from_db()
                if waiting.state == State.FAILED:
                    break
                assert waiting.last_error == "451 4.3.2 try again later"
                waits.append(round((waiting.next_try_at - now).total_seconds() / 60))
                assert mail.deliver_due(now + timedelta(seconds=30), "may-1") == {}
                now = waiting.next_try_at
        assert waits == list(mail.BACK_OFF)
        assert waiting.attempts == len(mail.BACK_OFF) + 1

    def test_a_server_that_is_down_costs_nobody_a_try_and_is_seen_on_every_mail(self, settings):
        make_mails(3)
        port = free_port()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        assert mail.deliver_due(NOW, "may-1") == {"put off": 3}
        for waiting in OutgoingMail.objects.all():
            assert (waiting.state, waiting.attempts, waiting.trouble) == (State.WAITING, 0, Trouble.UNREACHABLE)
            assert "refused" in waiting.last_error
        with mail_server(settings, port=port) as box:
            assert mail.deliver_due(NOW + timedelta(minutes=2), "may-1") == {"sent": 3}
        assert len(box.taken) == 3
        assert not OutgoingMail.objects.exclude(trouble="").exists()

    def test_a_server_that_dies_after_taking_a_mail_gets_only_that_one_again_under_its_old_number(self, settings):
        make_mails(5)
        box = Letterbox()
        box.dies_after = 2
        with mail_server(settings, box):
            assert mail.deliver_due(NOW, "may-1") == {"sent": 4, "put off": 1}
            unsure = OutgoingMail.objects.get(state=State.WAITING)
            assert (unsure.is_repeat_possible, unsure.trouble, unsure.attempts) == (True, Trouble.LOST, 1)
            assert mail.deliver_due(NOW + timedelta(minutes=2), "may-1") == {"sent": 1}
        numbers = [message["Message-ID"] for message in box.messages]
        assert len(numbers) == 6
        assert len(set(numbers)) == 5
        assert numbers.count(unsure.message_id) == 2

    def test_a_server_that_keeps_breaking_off_ends_the_round_before_everybody_has_lost_a_try(self, settings):
        make_mails(10)

        class Breaker(Letterbox):
            async def handle_RCPT(self, server, *rest):
                server.transport.abort()
                return "250 OK"

        with mail_server(settings, Breaker()):
            assert mail.deliver_due(NOW, "may-1") == {"put off": 3}
        assert OutgoingMail.objects.filter(attempts=0).count() == 7

    def test_a_mail_whose_worker_died_is_taken_over_after_the_lease_and_the_log_says_so(self, settings, caplog):
        left = make_mail(state=State.SENDING, claimed_by="may-1:abc", claimed_until=NOW + mail.LEASE)
        with mail_server(settings) as box:
            assert mail.deliver_due(NOW + timedelta(minutes=2), "may-2") == {}
            assert mail.deliver_due(NOW + timedelta(minutes=4), "may-2") == {"repeated": 1, "sent": 1}
        left.refresh_from_db()
        assert (left.state, left.is_repeat_possible) == (State.SENT, True)
        assert box.messages[0]["Message-ID"] == left.message_id
        assert "may arrive twice" in caplog.text
        assert "may-1:abc" in caplog.text

    def test_a_worker_that_wakes_up_after_its_lease_stamps_nothing(self):
        taken = make_mail()
        late = mail._Round(lambda: NOW, NOW, "may-1:a")
        assert late.claim(taken)
        other = mail._Round(lambda: NOW + timedelta(minutes=5), NOW, "may-2:b")
        taken.refresh_from_db()
        assert other.claim(taken)
        late.failed(taken, Trouble.REFUSED, "452 full")
        taken.refresh_from_db()
        assert (taken.claimed_by, taken.state, taken.last_error) == ("may-2:b", State.SENDING, "")

    def test_two_workers_that_read_the_same_mail_do_not_both_take_it(self):
        taken = make_mail()
        assert mail._Round(lambda: NOW, NOW, "may-1:a").claim(taken)
        assert not mail._Round(lambda: NOW, NOW, "may-2:b").claim(taken)

    def test_a_demonstration_account_gets_files_only(self, settings, tmp_path):
        settings.VAR_DIR = tmp_path
        make_mail(make_user(is_demonstration=True))
        with mail_server(settings) as box:
            assert mail.deliver_due(NOW, "may-1") == {"sent": 1}
        assert box.taken == []
        [file] = (tmp_path / "mails").iterdir()
        assert b"Message-ID: <dip.1@danang.test>" in file.read_bytes()

    def test_a_failed_mail_goes_again_when_somebody_says_so_and_a_sent_one_does_not(self):
        failed = make_mail(state=State.FAILED, attempts=8, last_error="550 no")
        assert failed.try_again(NOW)
        mail.deliver_due(NOW, "may-1")
        assert len(django_mail.outbox) == 1
        assert not failed.try_again(NOW)
        assert mail.deliver_due(NOW, "may-1") == {}

    def test_six_workers_at_once_send_each_of_200_mails_once(self, settings, tmp_path):
        make_mails(200)
        code = "from parkportal import mail; print(mail.deliver_due(datetime.fromisoformat(sys.argv[1]), sys.argv[2])['sent'])"
        with mail_server(settings) as box:
            env = environment(tmp_path, shared_database(tmp_path), settings.EMAIL_PORT)
            sent = run_together(code, [(NOW.isoformat(), f"may-{n}") for n in range(6)], env)
        numbers = [message["Message-ID"] for message in box.messages]
        assert len(numbers) == len(set(numbers)) == 200
        assert sum(int(number) for number in sent) == 200
        assert sum(int(number) > 0 for number in sent) > 1
