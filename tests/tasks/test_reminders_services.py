"""Reminders through real processes: Celery workers and beats on Redis, a real mail server, and a worker that is killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from celery import Celery
from django.conf import settings as django_settings

from parkportal import mail
from parkportal.models import OutgoingMail
from tasks import reminders
from tasks.models import Reminder
from tests.builders import at, make_agency, make_cycle, make_member, make_report
from tests.smtp import Letterbox, mail_server
from tests.workers import environment, run_together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
State = OutgoingMail.State
DAY = date(2026, 12, 2)
# The same jobs every second and on a fixed day, so that a test need not wait for a Wednesday at ten past eight.
FAST_SETTINGS = """
from parkportal.settings import *
CELERY_IMPORTS = ["fast_jobs"]
CELERY_BEAT_SCHEDULE = {name: {"task": f"fast_jobs.{name}", "schedule": 1.0} for name in ("send_reminders", "deliver_mail")}
"""
FAST_JOBS = """
import uuid
from datetime import datetime
from celery import shared_task
from parkportal import mail
from tasks import reminders
NOW = datetime.fromisoformat("2026-12-02T09:00:00+07:00")
@shared_task
def send_reminders():
    reminders.send_due(NOW)
@shared_task
def deliver_mail():
    mail.deliver_due(NOW, f"worker-{uuid.uuid4().hex[:6]}")
"""


class SlowLetterbox(Letterbox):
    """Takes its time over every mail, so that a worker can be killed in the middle."""

    def __init__(self, seconds=0.05):
        super().__init__()
        self.seconds = seconds

    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        time.sleep(self.seconds)
        return answer


def make_city(officers):
    cycle = make_cycle()
    agencies = [make_report(make_agency(f"Cơ quan {n}"), cycle).agency for n in range(5)]
    return [make_member(agencies[n % 5], f"Cán bộ {n}") for n in range(officers)]


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


@contextmanager
def worker(env, log, *options):
    command = [sys.executable, "-m", "celery", "-A", "parkportal", "worker", "-P", "threads", "-c", "2", "-l", "INFO", *options]
    with log.open("a") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def test_a_worker_killed_in_the_middle_loses_nobody_and_repeats_at_most_one_mail(settings, tmp_path, database_url, redis_url):
    make_city(60)
    assert len(reminders.send_due(at(DAY))) == 60
    long_ago = at(DAY) - timedelta(days=3650)
    OutgoingMail.objects.update(next_try_at=long_ago)
    log = tmp_path / "worker.log"
    with mail_server(settings, SlowLetterbox()) as box:
        env = environment(tmp_path, database_url, settings.EMAIL_PORT, REDIS_URL=redis_url, LOG_LEVEL="INFO")
        ask = Celery(broker=redis_url).send_task
        with worker(env, log) as first:
            ask("parkportal.jobs.deliver_mail")
            wait_until(lambda: len(box.taken) >= 15)
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        assert OutgoingMail.objects.filter(state=State.SENT).count() < 60
        [*in_doubt] = OutgoingMail.objects.filter(state=State.SENDING)
        assert len(in_doubt) <= 1
        with worker(env, log):
            ask("parkportal.jobs.deliver_mail")
            wait_until(lambda: OutgoingMail.objects.filter(state=State.SENT).count() == 60 - len(in_doubt))
            # The lease of the mail in doubt runs out: three minutes pass.
            OutgoingMail.objects.filter(pk__in=[letter.pk for letter in in_doubt]).update(claimed_until=long_ago)
            ask("parkportal.jobs.deliver_mail")
            wait_until(lambda: OutgoingMail.objects.filter(state=State.SENT).count() == 60)
    numbers = [message["Message-ID"] for message in box.messages]
    assert set(numbers) == set(OutgoingMail.objects.values_list("message_id", flat=True))
    repeated = {number for number in numbers if numbers.count(number) > 1}
    assert len(numbers) - 60 == len(repeated) <= len(in_doubt)
    assert list(OutgoingMail.objects.filter(is_repeat_possible=True)) == in_doubt
    assert log.read_text().count("may arrive twice") == len(in_doubt)


def test_two_workers_with_two_beats_tell_everybody_once(settings, tmp_path, database_url, redis_url):
    people = make_city(20)
    (tmp_path / "fast_settings.py").write_text(FAST_SETTINGS)
    (tmp_path / "fast_jobs.py").write_text(FAST_JOBS)
    with mail_server(settings, SlowLetterbox(0.02)) as box:
        envs = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            more = {"DJANGO_SETTINGS_MODULE": "fast_settings", "REDIS_URL": redis_url}
            more["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{django_settings.BASE_DIR}"
            envs.append(environment(tmp_path / name, database_url, settings.EMAIL_PORT, **more))
        logs = [tmp_path / "first.log", tmp_path / "second.log"]
        with worker(envs[0], logs[0], "-B", "-n", "one@test"), worker(envs[1], logs[1], "-B", "-n", "two@test"):
            wait_until(lambda: OutgoingMail.objects.filter(state=State.SENT).count() == 20, 90)
            wait_until(lambda: all("Scheduler: Sending due task" in log.read_text() for log in logs))
            time.sleep(4)
    assert sorted(message["To"] for message in box.messages) == sorted(person.email for person in people)
    assert Reminder.objects.count() == OutgoingMail.objects.count() == 20
    assert not OutgoingMail.objects.filter(is_repeat_possible=True).exists()


def test_four_sweeps_in_four_processes_write_every_row_once(tmp_path, database_url):
    make_city(40)
    code = """
from tasks import reminders
print(len(reminders.send_due(datetime.fromisoformat(sys.argv[1]))))
"""
    written = run_together(code, [(at(DAY).isoformat(),)] * 4, environment(tmp_path, database_url, 1))
    assert sum(int(number) for number in written) == 40
    assert Reminder.objects.count() == OutgoingMail.objects.count() == 40


def test_the_lease_is_longer_than_the_slowest_exchange_with_a_mail_server():
    commands_for_one_mail = 6
    assert mail.LEASE.total_seconds() > commands_for_one_mail * django_settings.EMAIL_TIMEOUT
