"""How long the network's page takes with 5,000 firms and 20,000 links, against a bare page of the same server that reads one row.

    .venv/bin/python -m tests.bench.network [rounds] [firms] [links]

Every round asks for the bare page, for the whole network and for a narrowed one (words, two filters); hardly two rounds narrow
alike. One client of one process; the pages in turn, so that a machine whose speed wanders treats them alike. On PostgreSQL where
it is reachable (database portal_bench), else on SQLite."""

import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.directory import share
from tests.bench.pages import ask, scratch_database, start

FIRMS, LINKS, ROUNDS, AIM = 5000, 20_000, 200, 4
WORDS = ["co khi", "tokyo", "linh kien", "van thuy luc", "minh phat", "phan mem", "khuon", "song han"]
ZONES = ["KCNC-01", "KCN-01", "KCN-07", "CCN-03"]
KINDS = ["input", "output", "supporting", "logistics", "research"]
PAGES = {"bare": "bare page, one row", "whole": "network: all links, picture, counts", "narrowed": "network: words, 2 filters"}


def narrowed(rounds):
    dice = random.Random(rounds)
    for _round in range(rounds):
        kinds = [("kind", kind) for kind in dice.sample(KINDS, 2)]
        yield urlencode([("q", dice.choice(WORDS)), ("zone", dice.choice(ZONES)), *kinds, ("page", dice.choice([1, 1, 2]))])


def measure(port, rounds):
    portal = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = {name: [] for name in PAGES}
    for place, query in enumerate(narrowed(rounds + 5)):
        page = place % 40 + 1
        for name, path in [("bare", "/bench/row/"), ("whole", f"/links/?page={page}"), ("narrowed", f"/links/?{query}")]:
            took = ask(portal, (path, ""))
            if place >= 5:  # the first ones warm up
                times[name].append(took)
    return times


def report(times, firms, links, database):
    print(f"{firms} firms, {links} links, {database}; {len(times['bare'])} rounds, ms")
    bare = {percent: share(times["bare"], percent) for percent in (50, 95)}
    for name, words in PAGES.items():
        p50, p95 = share(times[name], 50), share(times[name], 95)
        print(f"{words:42} p50 {p50:7.1f}   p95 {p95:7.1f}   {p50 / bare[50]:6.2f} x the bare page's median")
        if name != "bare":
            missed = "" if p95 / bare[95] <= AIM else "  MISSED"
            print(f"{'':42} p95 / bare page's p95 {p95 / bare[95]:.2f}  (aim: at most {AIM}){missed}")
    print(f"mean of the whole network {statistics.mean(times['whole']):.1f} ms")


def main(rounds, firms, links):
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    database, words = scratch_database()
    environment = {name: value for name, value in os.environ.items() if name not in ("PORTAL_MODE", "DEBUG", "REDIS_URL")}
    environment |= {
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.bench.portal.settings",
        "LOG_LEVEL": "ERROR",
    } | database
    try:
        for job in [("registry", str(firms)), ("links", str(links))]:
            command = [sys.executable, "-m", f"tests.bench.portal.{job[0]}", job[1]]
            json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout)
        server, port = start(environment)
        try:
            report(measure(port, rounds), firms, links, words)
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    given = [int(it) for it in sys.argv[1:]]
    main(*given, *[ROUNDS, FIRMS, LINKS][len(given) :])
