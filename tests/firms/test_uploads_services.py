"""Uploads through a real worker: one killed in the middle of an import leaves nothing, and the next one does it whole."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import Celery
from django.core.files.storage import default_storage
from django.utils import timezone

from firms.models import Firm, Upload
from firms.uploads import steps
from tests.builders_firms import check_upload, make_zone, workbook
from tests.workers import environment

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
HEADS = ["Tên doanh nghiệp", "Khu", "Địa chỉ", "Tên dự án"]
FIRMS = 3000


@contextmanager
def worker(env, log):
    command = [sys.executable, "-m", "celery", "-A", "parkportal", "worker", "-P", "threads", "-c", "2", "-l", "INFO"]
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


def wait_until(condition, seconds=90):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def state(upload):
    return Upload.objects.values_list("state", flat=True).get(pk=upload.pk)


def test_a_worker_killed_in_the_middle_of_an_import_leaves_nothing_and_the_next_one_does_it_whole(
    tmp_path, database_url, redis_url, settings
):
    make_zone(code="KCNC-DN")
    rows = [[f"Doanh nghiệp {number} Sao", "KCNC-DN", f"Lô {number}", f"Dự án {number}"] for number in range(FIRMS)]
    upload = check_upload(workbook(rows, HEADS))
    # The worker's folder is another one: it finds the files where this process put them.
    (tmp_path / "uploads").symlink_to(default_storage.location)
    env = environment(tmp_path, database_url, 1, REDIS_URL=redis_url, LOG_LEVEL="INFO")
    ask = Celery(broker=redis_url).send_task
    assert steps.start_import(upload, False)
    with worker(env, tmp_path / "worker.log") as first:
        ask("firms.jobs.work_on_upload", [upload.pk])
        wait_until(lambda: Upload.objects.filter(pk=upload.pk, claimed_until__isnull=False).exists())
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert state(upload) == Upload.State.IMPORTING
    assert not Firm.objects.exists()
    with worker(env, tmp_path / "worker.log"):
        ask("firms.jobs.resume_uploads")  # the dead worker's lease still runs
        time.sleep(2)
        assert not Firm.objects.exists()
        Upload.objects.filter(pk=upload.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
        ask("firms.jobs.resume_uploads")
        wait_until(lambda: state(upload) == Upload.State.DONE)
        wait_until(lambda: Upload.objects.exclude(annotated="").filter(pk=upload.pk).exists())
    assert (Firm.objects.count(), Firm.history.count()) == (FIRMS, FIRMS)
