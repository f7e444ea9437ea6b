"""Prints how fast reminders go out, as a ratio to a bare SMTP client that hands the same messages to the same server.

    python -m tests.bench.reminders [recipients, 10000 unless given]

The mails are those that the sweep really writes: rendered, with a calendar, a ledger row each. The mail server is aiosmtpd in
a process of its own. The bare client only sends the finished bytes over one connection; the portal takes every mail out of its
database and stamps it there, one commit a mail. They take turns in blocks, so that a machine whose speed wanders treats both
alike. The database is SQLite in a new folder, or an empty one named by BENCH_DATABASE_URL."""

import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta

import django
from django.core.management import call_command

SERVER = """
import asyncio
from aiosmtpd.smtp import SMTP

class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
BLOCKS = 20
AGENCIES = 20

server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
port = int(server.stdout.readline())
folder = tempfile.mkdtemp(prefix="portal-bench-")
os.environ["VAR_DIR"] = folder
os.environ["DATABASE_URL"] = os.environ.get("BENCH_DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
os.environ["DJANGO_SETTINGS_MODULE"] = "parkportal.settings"
django.setup()

from django.utils import timezone  # noqa: E402

from parkportal import mail  # noqa: E402
from parkportal.models import OutgoingMail, User  # noqa: E402
from tasks import reminders  # noqa: E402
from tasks.models import Membership  # noqa: E402
from tests.builders import make_agency, make_consolidator, make_cycle, make_report  # noqa: E402

DAY = date(2026, 12, 2)


def make_city(count):
    """Agencies that have not reported, with as many officers as recipients are wanted."""
    call_command("migrate", verbosity=0)
    cycle = make_cycle()
    make_consolidator()
    agencies = [make_report(make_agency(f"Cơ quan số {n}"), cycle, tasks=3).agency for n in range(AGENCIES)]
    User.objects.bulk_create(User(email=f"canbo{n}@bench.test", full_name=f"Cán bộ số {n}", password="!") for n in range(count))
    people = User.objects.filter(email__endswith="@bench.test")
    Membership.objects.bulk_create(
        Membership(user=person, agency=agencies[n % AGENCIES], starts_on=date(2020, 1, 1)) for n, person in enumerate(people)
    )


def send_bare(letters):
    started = time.perf_counter()
    client = smtplib.SMTP("127.0.0.1", port)
    for letter in letters:
        client.sendmail("portal@bench.test", [letter.to], letter.source.data)
    client.quit()
    return time.perf_counter() - started


def send_by_the_portal(letters, now):
    """The rest of the outbox is put out of reach, so that one round is exactly this block."""
    OutgoingMail.objects.filter(pk__in=[letter.pk for letter in letters]).update(next_try_at=now)
    started = time.perf_counter()
    tally = mail.deliver_due(now, "bench", seconds=3600)
    took = time.perf_counter() - started
    if tally != {"sent": len(letters)}:
        raise SystemExit(f"of {len(letters)} mails: {dict(tally)}")
    return took


def main(count):
    make_city(count)
    now = timezone.make_aware(datetime(2026, 12, 2, 9))
    started = time.perf_counter()
    written = len(reminders.send_due(now))
    took = time.perf_counter() - started
    print(f"sweep: {written} mails written with their ledger rows, {took:.1f} s, {written / took:.0f} a second")
    OutgoingMail.objects.update(next_try_at=now + timedelta(days=1))
    letters = list(OutgoingMail.objects.filter(to__endswith="@bench.test").select_related("source").order_by("pk"))
    size = -(-len(letters) // BLOCKS)
    bare, portal, ratios = 0.0, 0.0, []
    for turn, first in enumerate(range(0, len(letters), size)):
        block = letters[first : first + size]
        pair = {}
        for sender in ("bare", "portal") if turn % 2 else ("portal", "bare"):
            pair[sender] = send_bare(block) if sender == "bare" else send_by_the_portal(block, now)
        bare, portal = bare + pair["bare"], portal + pair["portal"]
        ratios.append(pair["bare"] / pair["portal"])
    print(f"bare client: {len(letters) / bare:.0f} mails a second; portal: {len(letters) / portal:.0f}")
    print(f"reminders, portal / bare: {bare / portal:.2f}x (blocks: {min(ratios):.2f} to {max(ratios):.2f},", end=" ")
    print(f"median {statistics.median(ratios):.2f}; aim: at least 0.8x)")


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    finally:
        server.terminate()
