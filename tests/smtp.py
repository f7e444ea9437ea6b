"""A real mail server for tests: it keeps what it takes, and refuses or dies when told to."""

import email
import email.policy
import socket
import threading
from contextlib import contextmanager

from aiosmtpd.controller import Controller


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Letterbox:
    """Takes every mail; `answers` maps a recipient to the reply that the server gives instead of yes."""

    def __init__(self):
        self.taken, self.answers, self.dies_after = [], {}, None
        self._lock = threading.Lock()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with self._lock:
            self.taken.append(envelope.content)
            if self.dies_after is not None and len(self.taken) >= self.dies_after:
                self.dies_after = None
                server.transport.abort()
        return "250 taken"

    @property
    def messages(self):
        return [email.message_from_bytes(content, policy=email.policy.default) for content in self.taken]


@contextmanager
def mail_server(settings, box=None, port=None):
    """Runs the server and points the portal at it."""
    box, port = box or Letterbox(), port or free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
