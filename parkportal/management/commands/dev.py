"""The demonstration in one process: prepares the database, then runs web server and worker side by side until Ctrl-C."""

import contextlib
import errno
import fcntl
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from django.conf import settings
from django.core import checks
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from parkportal.management.commands.compile_catalogue import compile_stale

WAIT_FOR_WEB = 60  # seconds until the first page must be there
CRASH_LIMIT, CRASH_WINDOW = 5, 60  # so many ends within so many seconds mean that restarting does not help


class Server:
    """One long-running process, its output prefixed with its name."""

    def __init__(self, name, command, environment):
        self.name, self.command, self.environment = name, command, environment
        self.ends = []
        self.start()

    def start(self):
        # A session of its own: Ctrl-C reaches the supervisor alone, which then stops the servers in order.
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *self.command],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self.relay, args=[self.process.stdout], daemon=True).start()

    def relay(self, stream):
        for line in stream:
            print(f"{self.name:<6} | {line}", end="", flush=True)

    def has_ended(self):
        return self.process.poll() is not None

    def revive(self):
        """Starts an ended process again, unless it keeps ending."""
        now = time.monotonic()
        self.ends = [end for end in self.ends if now - end < CRASH_WINDOW] + [now]
        if len(self.ends) >= CRASH_LIMIT:
            raise CommandError(f"The {self.name} process ended {CRASH_LIMIT} times within a minute; its last lines say why.")
        print(f"{self.name:<6} | ended with code {self.process.returncode}; starting it again", flush=True)
        self.clear_away()
        time.sleep(len(self.ends) - 1)
        self.start()

    def clear_away(self):
        """Ends what a killed process left running: the old worker's clock would run the schedule beside the new one's."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self, patience):
        if not self.has_ended():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.clear_away()
        self.process.wait()


class Command(BaseCommand):
    help = "Prepares and starts the demonstration: web server and worker. PORT and HOST choose where."
    requires_system_checks = []

    def handle(self, **options):
        if settings.PRODUCTION:
            raise CommandError("This starts the demonstration. A server runs as docker-compose.yml shows.")
        host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
        lock = self.only_one_here()
        self.refuse_taken_port(host, port)
        accounts = self.prepare()
        self.say_what_is_missing()
        self.supervise(host, port, accounts)
        lock.close()

    def only_one_here(self):
        """Two workers on one queue folder would run the schedule twice."""
        lock = open(settings.VAR_DIR / "dev.lock", "w")  # noqa: SIM115 (held until the end)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"The portal already runs from this folder. Stop the other one (Ctrl-C there), or give this one a folder "
                f"and a port of its own: VAR_DIR={settings.VAR_DIR}-2 PORT=8001 make run"
            ) from None
        return lock

    def refuse_taken_port(self, host, port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
                raise CommandError(f"Port {port} is taken by another program. Choose another: PORT={port + 1} make run") from None

    def prepare(self):
        """Everything that a first start needs and a second one finds done. Returns the demonstration's accounts in words."""
        started = time.monotonic()
        compile_stale()
        accounts = io.StringIO()
        for words, command, arguments in [
            ("fonts", "build_fonts", {}),
            ("database", "migrate", {"interactive": False}),
            ("Plan 2812/KH-UBND", "load_plan", {}),
            ("zones and firms", "load_registry", {}),
            ("links between firms", "load_linkages", {}),
            ("demonstration year", "load_demonstration", {"stdout": accounts}),
            ("styles and scripts", "collectstatic", {"interactive": False}),
        ]:
            self.stdout.write(f"Preparing: {words}")
            call_command(command, verbosity=0, **{"stdout": io.StringIO(), **arguments})
        self.stdout.write(f"Prepared in {time.monotonic() - started:.0f} s.")
        return accounts.getvalue()

    def say_what_is_missing(self):
        for warning in checks.run_checks():
            self.stdout.write(self.style.WARNING(f"\n{warning.msg}"))
            if warning.hint:
                self.stdout.write(f"    {warning.hint}")

    def supervise(self, host, port, accounts):
        address = f"http://{host}:{port}"
        environment = os.environ | {"PYTHONUNBUFFERED": "1", "SITE_URL": os.environ.get("SITE_URL", address)}
        web = ["gunicorn", "parkportal.wsgi", "--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", "2"]
        web += ["--threads", "4", "--no-control-socket", "--log-level", "warning"]
        worker = ["celery", "--quiet", "-A", "parkportal", "worker", "-B", "-P", "threads", "-c", "2", "--loglevel", "WARNING"]
        worker += ["--without-gossip", "--without-mingle", "--hostname", "worker@demonstration"]
        # However it is ended, the servers end with it: Ctrl-C (also where a shell's "&" had it ignored), a closed terminal.
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.default_int_handler)
        servers = []
        try:
            servers.append(Server("web", web, environment))
            servers.append(Server("worker", worker, environment))
            self.wait_for_first_page(servers[0], host, port)
            self.print_welcome(address, accounts)
            while True:
                time.sleep(0.5)
                for server in servers:
                    if server.has_ended():
                        server.revive()
        except KeyboardInterrupt:
            self.stdout.write("\nStopping: no new pages, then the work in hand is finished ...")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for server in servers:
                server.stop(patience=20)
        self.stdout.write("Stopped. Nothing is lost; make run starts again.")

    def wait_for_first_page(self, web, host, port):
        until = time.monotonic() + WAIT_FOR_WEB
        while time.monotonic() < until:
            if web.has_ended():
                raise CommandError("The web server ended while it started; the lines above say why.")
            try:
                with socket.create_connection((host, port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise CommandError(f"The web server did not answer within {WAIT_FOR_WEB} seconds.")

    def print_welcome(self, address, accounts):
        self.stdout.write(
            f"\nThe portal runs at {address}  (English: {address}/en/)\n\n{accounts.rstrip()}\n\n"
            f"Mails are written to {settings.VAR_DIR / 'mails'}\nCtrl-C stops it.\n"
        )
