"""Processes of their own beside the test: they see the test's database and its mail server, and start at one signal."""

import os
import sqlite3
import subprocess
import sys

from django.db import connection

PREAMBLE = """
import sys, django
django.setup()
from datetime import datetime
print("ready", flush=True)
sys.stdin.readline()
"""


def shared_database(folder):
    """The address under which another process finds what this test wrote: for SQLite a file with a copy of it."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        path = folder / "copy.sqlite3"
        with sqlite3.connect(path) as copy:
            connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{path}"
    who = ":".join(filter(None, [values["USER"], values["PASSWORD"]]))
    port = f":{values['PORT']}" if values["PORT"] else ""
    return f"postgres://{who}@{values['HOST'].replace('/', '%2F')}{port}/{values['NAME']}"


def environment(folder, database, mail_port, **more):
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "parkportal.settings",
        "VAR_DIR": str(folder),
        "DATABASE_URL": database,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        **more,
    }


def run_together(code, arguments, env):
    """Starts one Python process for each argument, lets them all go at once, and returns what each printed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PREAMBLE + code, *argument],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for argument in arguments
    ]
    try:
        for process in started:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        printed = [process.communicate(timeout=120) for process in started]
    finally:
        for process in started:
            process.kill()
    for process, (_out, errors) in zip(started, printed, strict=True):
        assert process.returncode == 0, errors
    return [out for out, _errors in printed]
