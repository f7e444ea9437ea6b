"""How long the directory takes with 100,000 firms: search, three filters and every count, against a bare page of the same
server that reads one row, and against Datasette with the same rows, filters and facets.

    .venv/bin/python -m tests.bench.directory [rounds] [firms]

Every round asks for the bare page, for one page of the directory and for the same one of Datasette; hardly two rounds ask the
same thing, so that nothing is answered out of a cache of answers. Both servers run beside each other, each in one process, and
are asked in turn by one client. On PostgreSQL where it is reachable (database portal_bench_directory), else on SQLite."""

import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.pages import ask, scratch_database, start

FIRMS, ROUNDS, AIM = 100_000, 200, 4
# What people look for, half of it found in every sector, half in one; zones where firms crowd and zones where they do not.
WORDS = ["tokyo", "minh phat", "song han", "van thuy luc", "gia cong cnc", "titan", "cam bien"]
LINES = {"co-khi": "co khi chinh xac", "dien-tu": "linh kien dien tu", "phan-mem": "phan mem", "y-te": "thiet bi y te"}
ZONES = ["KCNC-01", "KCNC-02", "KCN-01", "KCN-02", "KCN-07", "CCN-03"]
SECTORS = {"co-khi": 4, "dien-tu": 4, "phan-mem": 3, "y-te": 3}
COUNTRIES = ["VN", "VN", "JP", "KR", "US"]
FACETS = ["zone", "sector", "country", "status", "capital_type", "capital", "year", "high_tech", "supporting", "spare"]
LISTS = ["capability", "qualification"]
PAGE = 24
LONGEST = 300  # seconds for one answer: the first one waits until the directory has been read into memory


def searches(rounds):
    """(query of the directory, the same for Datasette): words and three filters, two values in each."""
    dice = random.Random(rounds)
    for _round in range(rounds):
        sector = dice.choice(list(SECTORS))
        words = dice.choice([*WORDS, *[LINES[sector]] * len(WORDS)])
        zones, countries = dice.sample(ZONES, 2), sorted(set(dice.sample(COUNTRIES, 2)))
        ours = [("q", words), ("sector", sector), *(("zone", z) for z in zones), *(("country", c) for c in countries)]
        # A zone stands for its parts too, a sector for its children.
        parts = [f"KCNC-01-P{number}" for number in range(1, 5)] if "KCNC-01" in zones else []
        leaves = [f"{sector}-{number}" for number in range(SECTORS[sector])]
        theirs = [("_search", words), ("sector__in", ",".join(leaves)), ("zone__in", ",".join(zones + parts))]
        theirs += [("country__in", ",".join(countries)), ("_size", PAGE), ("_col", "name"), ("_col", "name_en"), ("_col", "code")]
        theirs += [("_facet", name) for name in FACETS] + [("_facet_array", name) for name in LISTS]
        yield urlencode(ours), urlencode(theirs)


def start_datasette(file):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Suggesting facets would cost it time for what the directory does not do; its limits of time would leave counts out.
    command = [sys.executable, "-m", "datasette", "serve", "--immutable", str(file), "--host", "127.0.0.1", "--port", str(port)]
    for setting, value in [("suggest_facets", "off"), ("facet_time_limit_ms", "20000"), ("sql_time_limit_ms", "20000")]:
        command += ["--setting", setting, value]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Datasette did not start.")


def measure(port, datasette_port, rounds):
    portal = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    other = http.client.HTTPConnection("127.0.0.1", datasette_port, timeout=LONGEST)
    times = {"bare": [], "directory": [], "datasette": []}
    asked = list(searches(rounds + 5))
    for place, (ours, theirs) in enumerate(asked):
        took = {
            "bare": ask(portal, ("/bench/row/", "")),
            "directory": ask(portal, (f"/firms/?{ours}", "")),
            "datasette": ask(other, (f"/firms/firms?{theirs}", "")),
        }
        if place >= 5:  # the first ones warm up
            for name, some in took.items():
                times[name].append(some)
    return times


def found(port, datasette_port, rounds):
    """How many searches of some found the same number of firms in both."""
    alike = []
    for ours, theirs in list(searches(rounds))[:20]:
        counts = []
        for at, path in [(port, f"/api/v1/firms/?{ours}&page_size=1"), (datasette_port, f"/firms/firms.json?{theirs}")]:
            connection = http.client.HTTPConnection("127.0.0.1", at, timeout=LONGEST)
            connection.request("GET", path)
            answer = json.loads(connection.getresponse().read())
            counts.append(answer.get("count", answer.get("filtered_table_rows_count")))
        alike.append(counts)
    return alike


def share(times, percent):
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def report(times, filled, database):
    print(f"{filled['firm']} firms, {filled['capability']} capabilities, {database}; {len(times['bare'])} rounds, ms")
    bare = statistics.median(times["bare"])
    for name, words in [
        ("bare", "bare page, one row"),
        ("directory", "directory: search, 3 filters, all counts"),
        ("datasette", "Datasette: the same"),
    ]:
        p50, p95 = share(times[name], 50), share(times[name], 95)
        print(f"{words:42} p50 {p50:7.1f}   p95 {p95:7.1f}   {p50 / bare:6.2f} x and {p95 / bare:6.2f} x the bare page's median")
    ratio = share(times["directory"], 95) / share(times["bare"], 95)
    print(f"directory's p95 / bare page's p95 {ratio:.2f}  (aim: at most {AIM}){'' if ratio <= AIM else '  MISSED'}")
    for percent in (50, 95):
        ratio = share(times["datasette"], percent) / share(times["directory"], percent)
        print(f"Datasette's p{percent} / directory's p{percent} {ratio:.1f}  (aim: more than 1){'' if ratio > 1 else '  MISSED'}")


def main(rounds, firms):
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    database, words = scratch_database("portal_bench_directory")
    environment = {name: value for name, value in os.environ.items() if name not in ("PORTAL_MODE", "DEBUG", "REDIS_URL")}
    environment |= {
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.bench.portal.settings",
        "LOG_LEVEL": "ERROR",
    } | database
    servers = []
    try:
        outputs = []
        for job in [("registry", str(firms)), ("datasette_file", str(folder / "firms.db"))]:
            command = [sys.executable, "-m", f"tests.bench.portal.{job[0]}", job[1]]
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            outputs.append(json.loads(done.stdout))
        server, port = start(environment)
        servers.append(server)
        server, datasette_port = start_datasette(folder / "firms.db")
        servers.append(server)
        counts = found(port, datasette_port, rounds)
        same, ours, theirs = sum(a == b for a, b in counts), sum(a for a, _b in counts), sum(b for _a, b in counts)
        print(f"{same} of {len(counts)} searches find as many firms in both; in all {ours} here and {theirs} there")
        report(measure(port, datasette_port, rounds), outputs[0], words)
    finally:
        for server in servers:
            server.terminate()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS, int(sys.argv[2]) if len(sys.argv) > 2 else FIRMS)
