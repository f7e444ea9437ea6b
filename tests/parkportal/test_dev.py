"""`make run` as a person meets it: it starts web and worker, mends what crashes, stops in order, and says what is in its way."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_taken_port_is_named_with_the_way_out(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CommandError, match=f"Port {port} is taken.*PORT={port + 1} make run"):
            call_command("dev")


def test_a_second_start_in_the_same_folder_is_told_so(settings, monkeypatch):
    monkeypatch.setenv("PORT", str(free_port()))
    with open(settings.VAR_DIR / "dev.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="already runs from this folder"):
            call_command("dev")


class Launched:
    """`manage.py dev` in a process of its own, its words collected."""

    def __init__(self, folder, port):
        environment = {
            name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")
        }
        environment |= {"VAR_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "manage.py", "dev"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True).start()

    @property
    def words(self):
        return "".join(self.lines)

    def wait_for(self, said, seconds=90):
        until = time.monotonic() + seconds
        while said not in self.words:
            assert time.monotonic() < until, f"never said {said!r}:\n{self.words}"
            assert self.process.poll() is None, self.words
            time.sleep(0.1)


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]): line for line in found.splitlines()}


def runs(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_the_demonstration_starts_mends_itself_and_stops(tmp_path):
    port = free_port()
    folder = tmp_path / "a folder with spaces"
    launched = Launched(folder, port)
    try:
        launched.wait_for("The portal runs at")
        assert "@minhhoa.invalid" in launched.words
        assert "minh-hoa-2812" in launched.words
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).read().decode()
        sheets = re.findall(r'href="(/static/css/[^"]+\.css)"', page)
        assert sheets
        for sheet in sheets:
            assert urllib.request.urlopen(f"http://127.0.0.1:{port}{sheet}", timeout=30).status == 200

        (worker,) = (pid for pid, line in children(launched.process.pid).items() if "celery" in line)
        (clock,) = children(worker)
        os.kill(worker, signal.SIGKILL)
        launched.wait_for("starting it again")
        until = time.monotonic() + 30
        while runs(clock):
            assert time.monotonic() < until, "the killed worker's clock still runs the schedule"
            time.sleep(0.1)
        while not any("celery" in line for line in children(launched.process.pid).values()):
            assert time.monotonic() < until
            time.sleep(0.1)
        time.sleep(1)

        launched.process.send_signal(signal.SIGINT)
        assert launched.process.wait(60) == 0, launched.words
        assert "Stopped. Nothing is lost" in launched.words
    finally:
        launched.process.kill()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2)
