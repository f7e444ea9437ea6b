"""How fast the portal sends 10,000 reminders, against a bare SMTP client that hands the same messages to the same server.

    .venv/bin/python -m tests.bench.reminders [count]

Both use one connection to an aiosmtpd server in a process of its own; the portal claims and stamps every mail in its database
on the way, the bare client only sends. They take turns in blocks, so that a machine whose speed wanders treats both alike."""

import os
import smtplib
import subprocess
import sys
import tempfile
import time
from datetime import date

import django

SERVER = """
import asyncio, sys
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
BLOCKS = 5


def main(count):
    folder = tempfile.mkdtemp(prefix="portal-bench-")
    os.environ["VAR_DIR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkportal.settings")
    os.environ["LOG_LEVEL"] = "ERROR"
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(server.stdout.readline())
            os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
            django.setup()
            return measure(count, port)
        finally:
            server.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
