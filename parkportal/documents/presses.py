"""A few rendering processes kept warm: parts of a document are laid out side by side, one on each.

Each is `python -m parkportal.documents.press` on a pipe. It ends by itself when this process ends or has long had nothing
for it, is ended when a part takes longer than its time, and is started again for the next part."""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock, Timer

from parkportal.documents import fonts

COUNT = max(1, min(4, os.cpu_count() or 1))
SECONDS_A_PART = 300
_PROJECT = Path(__file__).resolve().parents[2]
_idle, _lock = [], Lock()


class PressFailed(Exception):
    """A part could not be laid out; the message is the end of what the process said."""


class Press:
    def __init__(self):
        self.words = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "parkportal.documents.press"],
            cwd=_PROJECT,
            env=fonts.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.words,
        )
        self.owner = os.getpid()

    @property
    def is_usable(self):
        return self.owner == os.getpid() and self.process.poll() is None

    def render(self, order, seconds):
        watch = Timer(seconds, self.process.kill)
        watch.start()
        try:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            while answer == b"ready\n":
                answer = self.process.stdout.readline()
            pdf = self.process.stdout.read(int(answer)) if answer else b""
        except BrokenPipeError:
            pdf = b""
        finally:
            watch.cancel()
        if not pdf:
            raise PressFailed(self.last_words())
        return pdf

    def last_words(self):
        self.close()
        self.words.seek(0)
        return self.words.read().decode(errors="replace")[-2000:] or "the rendering process was ended"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def _take():
    with _lock:
        while _idle:
            press = _idle.pop()
            if press.is_usable:
                return press, False
    return Press(), True


def render(order, seconds=SECONDS_A_PART):
    """The bytes of one part: {"html": …, "css": …, "variant": "pdf/ua-1" or None}."""
    press, is_new = _take()
    try:
        pdf = press.render(order, seconds)
    except PressFailed:
        if is_new:
            raise
        press = Press()  # the one before may have ended of old age between two orders
        pdf = press.render(order, seconds)
    with _lock:
        _idle.append(press)
    return pdf


def close_all():
    """Ends the idle processes; the next part starts new ones."""
    with _lock:
        while _idle:
            _idle.pop().close()


def executor():
    """Threads that wait for the presses, one each."""
    return ThreadPoolExecutor(max_workers=COUNT)
