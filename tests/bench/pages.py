"""How long the officer's page and the board take with 20 years of cycles loaded, against a bare page of the same server.

    .venv/bin/python -m tests.bench.pages [rounds]

All pages are asked for in turn, over and over, by one client of one gunicorn server, so that a machine whose speed wanders
treats them alike; the medians' ratios count. On PostgreSQL where it is reachable (database portal_bench), else on SQLite."""

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg

from tests.postgresql import address

YEARS, AIM = 20, 4


def scratch_database(name="portal_bench"):
    """The environment's part that names an empty database, and what to call it."""
    server = address()
    if not server:
        return {}, "SQLite (no PostgreSQL is reachable)"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": server.rpartition("/")[0] + f"/{name}"}, "PostgreSQL"


def start(environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "parkportal.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", "1", "--threads", "4", "--no-control-socket", "--log-level", "error"]
    server = subprocess.Popen(command, env=environment)
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def ask(connection, page):
    """Milliseconds until the whole answer is there."""
    path, cookie = page
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}.")
    return (time.perf_counter() - began) * 1000


def measure(port, filled, rounds):
    pages = {"bare": filled["bare"], "frame": filled["frame"]} | filled["pages"]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for page in pages.values():
        for _warm in range(3):
            ask(connection, page)
    times = {name: [] for name in pages}
    for _round in range(rounds):
        for name, page in pages.items():
            times[name].append(ask(connection, page))
    return {name: statistics.median(took) for name, took in times.items()}


def report(medians, filled, database):
    bare, frame = medians.pop("bare"), medians.pop("frame")
    print(f"{filled['cycles']} cycles, {filled['rows']} rows of progress, {database}")
    print(f"bare page {bare:.1f} ms (session and account, one word); the frame with nothing in it {frame:.1f} ms")
    for name, took in medians.items():
        verdict = "" if took / frame <= AIM else f"  (aim: at most {AIM})"
        print(f"{name:44} {took:6.1f} ms   {took / frame:5.2f} x the empty frame   {took / bare:5.2f} x the bare page{verdict}")


def main(rounds):
    folder = tempfile.mkdtemp(prefix="portal-bench-")
    database, words = scratch_database()
    environment = {name: value for name, value in os.environ.items() if name not in ("PORTAL_MODE", "DEBUG", "REDIS_URL")}
    environment |= {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.bench.portal.settings", "LOG_LEVEL": "ERROR"} | database
    try:
        fill = [sys.executable, "-m", "tests.bench.portal.years", str(YEARS)]
        filled = json.loads(subprocess.run(fill, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout)
        server, port = start(environment)
        try:
            report(measure(port, filled, rounds), filled, words)
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
