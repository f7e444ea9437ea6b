"""The outbox: a mail is written down first, in the same transaction as what it tells of, and handed to the mail server later.

A worker takes one mail at a time by compare-and-set and stamps it `sent` before it takes the next, so that a worker that dies
leaves exactly one mail of which nobody knows whether it arrived; that one is sent again under the same Message-ID, and the log
says so. Mails to people with an account are Vietnamese: they go to the staff of Vietnamese agencies, whatever language the
sender's browser speaks. A letter to an outsider has an address instead of a person, and the language that he chose."""

import logging
import random
import re
import smtplib
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address
from django.db import connection, transaction
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.utils import timezone, translation

from parkportal.models import MailSource, OutgoingMail
from parkportal.text import nfc

log = logging.getLogger(__name__)

LANGUAGE = "vi"
# Minutes until the next try after the first, second, … failure; after the last one the mail has failed.
BACK_OFF = (1, 5, 15, 60, 240, 720, 1440)
# Longer than the mail server may take for one mail: every command of the exchange at its time limit.
LEASE = timedelta(minutes=3)
UNREACHABLE_FOR = timedelta(minutes=1)
LOSSES_IN_A_ROW = 3  # connections that broke before a round is given up
CHUNK, READ_AHEAD = 250, 25
NEEDED = ["to", "state", "claimed_by", "next_try_at", "message_id", "attempts", "person__is_demonstration"]
LEADING_DOT = re.compile(rb"(?m)^\.")
SENDER = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CALENDAR_NAME = "hen-bao-cao.ics"

State, Trouble = OutgoingMail.State, OutgoingMail.Trouble
# Text mails are not HTML: "R&D" must not arrive as "R&amp;D".
_text_templates = DjangoTemplates(
    {"NAME": "text", "DIRS": settings.TEMPLATES[0]["DIRS"], "APP_DIRS": False, "OPTIONS": {"autoescape": False}}
)


EXCHANGE = """
UPDATE parkportal_outgoingmail SET
    state = CASE WHEN id = %(taken)s THEN 'sent' ELSE 'sending' END,
    attempts = CASE WHEN id = %(taken)s THEN attempts + 1 ELSE attempts END,
    sent_at = CASE WHEN id = %(taken)s THEN %(taken_at)s ELSE sent_at END,
    trouble = CASE WHEN id = %(taken)s THEN '' ELSE trouble END,
    last_error = CASE WHEN id = %(taken)s THEN '' ELSE last_error END,
    is_repeat_possible = CASE WHEN id = %(mail)s THEN is_repeat_possible OR %(repeat)s ELSE is_repeat_possible END,
    claimed_until = CASE WHEN id = %(mail)s THEN %(until)s ELSE claimed_until END,
    claimed_by = %(token)s
WHERE (id = %(taken)s AND state = 'sending' AND claimed_by = %(token)s)
    OR (id = %(mail)s AND state = %(state)s AND claimed_by = %(claimed_by)s AND next_try_at = %(next_try_at)s)
RETURNING id
"""


@dataclass(frozen=True)
class Letter:
    """What is needed to write one mail. `key` names the occasion ("returned:12:3"); the subject may be lazy.

    `person` is None for somebody without an account: then `to` is the address."""

    key: str
    person: object
    subject: object
    template: str
    context: dict
    calendar: str = ""
    calendar_name: str = CALENDAR_NAME
    to: str = ""
    language: str = LANGUAGE
    headers: dict = field(default_factory=dict)


def queue(key, person, subject, template, context, calendar="", now=None):
    """The mail for this occasion: written now from templates/mail/<template>.txt and .html, or the one written before.

    Call it inside the transaction of the change that it reports. A subject with values in it is made lazy by
    `format_lazy`, so that it comes out in Vietnamese."""
    queue_many([Letter(key, person, subject, template, context, calendar)], now)
    return OutgoingMail.objects.get(key=key)


def queue_outside(key, to, language, subject, template, context, headers=None, now=None):
    """As `queue`, for an address without an account, in its reader's language; `headers` are added to the message's own."""
    queue_many([Letter(key, None, subject, template, context, to=to, language=language, headers=headers or {})], now)
    return OutgoingMail.objects.get(key=key)


def queue_many(letters, now=None):
    """Writes many mails at once; returns those that were not there before, saved."""
    known = set(OutgoingMail.objects.filter(key__in=[letter.key for letter in letters]).values_list("key", flat=True))
    now = now or timezone.now()
    messages = [written(letter, now) for letter in letters if letter.key not in known]
    return keep(messages)


def keep(messages):
    """Saves mails with what will be sent, unless their occasion has a mail; returns the saved ones."""
    data = {mail.message_id: source for mail, source in messages}
    with transaction.atomic():
        OutgoingMail.objects.bulk_create([mail for mail, source in messages], ignore_conflicts=True, batch_size=500)
        # A row that somebody else wrote meanwhile carries another Message-ID.
        saved = list(OutgoingMail.objects.filter(message_id__in=data).select_related("person"))
        MailSource.objects.bulk_create((MailSource(mail=mail, data=data[mail.message_id]) for mail in saved), batch_size=500)
    return saved


def written(letter, now):
    """The mail as it will be read, not saved yet, and the bytes that will be sent."""
    with translation.override(letter.language):
        subject = nfc(" ".join(str(letter.subject).split()))[:250]
        frame = {"site_url": settings.SITE_URL, "person": letter.person, "subject": subject, "language": letter.language}
        context = frame | letter.context
        text = _text_templates.get_template(f"mail/{letter.template}.txt").render(context)
        html = render_to_string(f"mail/{letter.template}.html", context)
    mail = OutgoingMail(
        key=letter.key,
        person=letter.person,
        to=letter.to or letter.person.email,
        subject=subject,
        text=re.sub(r"\n{3,}", "\n\n", nfc(text)).strip() + "\n",
        message_id=f"<{uuid.uuid4().hex}@{host()}>",
        created_at=now,
        next_try_at=now,
    )
    return mail, composed(mail, nfc(html), letter.calendar, letter.headers, letter.calendar_name)


def host():
    """The portal's name on the network, for numbers that must be unique in the world."""
    return urlsplit(settings.SITE_URL).hostname


def composed(mail, html="", calendar="", headers=None, calendar_name=CALENDAR_NAME):
    """The message, byte for byte as the mail server will get it: text and HTML as alternatives, the calendar file attached."""
    mime = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to],
        headers={
            "Message-ID": mail.message_id,
            "Date": format_datetime(timezone.localtime(mail.created_at)),
            "Auto-Submitted": "auto-generated",
        }
        | (headers or {}),
    )
    if html:
        mime.attach_alternative(html, "text/html")
    if calendar:
        mime.attach(calendar_name, calendar.encode(), "text/calendar")
    return mime.message().as_bytes(linesep="\r\n")


class _Stored(EmailMultiAlternatives):
    """A message that goes out as the bytes that were written down, for where mails become files."""

    def __init__(self, mail, server):
        super().__init__(mail.subject, mail.text, to=[mail.to], connection=server)
        self.source = bytes(mail.source.data)

    def message(self):
        return self

    def as_bytes(self, linesep="\n"):
        return self.source


def deliver_due(now, worker, seconds=50):
    """Hands every mail that is due to the mail server, for about `seconds`; returns a Counter of what became of them.

    Any number of workers may do this at the same time. The limit ends a round before the schedule begins the next."""
    started = time.monotonic()

    def clock():
        return now + timedelta(seconds=time.monotonic() - started)

    return _Round(clock, now + timedelta(seconds=seconds), f"{worker[:50]}:{uuid.uuid4().hex[:12]}").run()


class _Round:
    """One worker's walk through the due mails over one open connection."""

    def __init__(self, clock, until, token):
        self.clock, self.until, self.token = clock, until, token
        self.tally = Counter()
        self.connections = {}
        self.losses = 0
        self.taken = self.taken_at = None  # the mail that the server took last, not stamped yet

    def run(self):
        try:
            while self.clock() < self.until and (mails := self.next_chunk()):
                for number, mail in enumerate(mails, 1):
                    if self.clock() >= self.until or not self.carry(mail, mails[number : number + READ_AHEAD]):
                        return self.tally
        finally:
            self.stamp()
            self.close()
        return self.tally

    def next_chunk(self):
        """The next due mails, in an order of this worker's own so that several do not reach for the same one."""
        self.stamp()
        due = OutgoingMail.objects.due(self.clock()).select_related("person").order_by("next_try_at", "pk")
        mails = list(due.only(*NEEDED)[:CHUNK])
        random.shuffle(mails)
        return mails

    def carry(self, mail, following):
        """Claims and sends one mail. False if there is no sense in going on with the next."""
        try:
            server = self.connection_for(mail)
        except (OSError, smtplib.SMTPException) as error:
            self.put_off_all(error)
            return False
        try:
            is_sent = self.hand_over(mail, server, following)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = error.recipients[mail.to]
            self.failed(mail, Trouble.ADDRESS, f"{code} {_decoded(words)}", is_final=code >= 500)
        except smtplib.SMTPResponseException as error:
            self.failed(mail, Trouble.REFUSED, f"{error.smtp_code} {_decoded(error.smtp_error)}")
        except (OSError, smtplib.SMTPException) as error:
            self.lost(mail, error)
        except ValueError as error:
            self.failed(mail, Trouble.ADDRESS, str(error), is_final=True)
            self.close()
        else:
            if is_sent:
                self.taken, self.taken_at = mail, self.clock()
                self.tally["sent"] += 1
                self.losses = 0
        return self.losses < LOSSES_IN_A_ROW

    def hand_over(self, mail, server, following):
        """Gives the mail to the server once it is claimed; False if somebody else has it.

        While the mail server looks at the sender's address, the database stamps the mail before and claims this one; while
        it takes the text in, the following ones are read. Nothing is sent before the claim has been noted."""
        smtp = getattr(server, "connection", None)
        if smtp is None:
            return self.claim(mail) and bool(_Stored(mail, server).send())
        smtp.ehlo_or_helo_if_needed()
        content = _content(mail, [mail])
        size = f" size={len(content)}" if smtp.has_extn("size") else ""
        smtp.putcmd("mail", f"FROM:{smtplib.quoteaddr(SENDER)}{size}")
        is_mine = self.claim(mail)
        code, words = _reply(smtp.getreply())
        if not is_mine:
            smtp.rset()
            return False
        if code != 250:
            smtp.rset()
            raise smtplib.SMTPSenderRefused(code, words, SENDER)
        code, words = _reply(smtp.rcpt(mail.to if mail.to.isascii() else sanitize_address(mail.to, "utf-8")))
        if code not in (250, 251):
            smtp.rset()
            raise smtplib.SMTPRecipientsRefused({mail.to: (code, words)})
        code, words = _reply(smtp.docmd("data"))
        if code == 354:
            smtp.send(content + b".\r\n")
            if following:
                _content(following[0], following)
            code, words = _reply(smtp.getreply())
        if code != 250:
            smtp.rset()
            raise smtplib.SMTPDataError(code, words)
        return True

    def connection_for(self, mail):
        """The open connection; demonstration accounts get files even where the portal is connected to a mail server, and so
        does whoever has no account while this is the demonstration: it writes to no real firm."""
        is_play = mail.person.is_demonstration if mail.person else settings.DEMONSTRATION
        is_file = is_play and settings.EMAIL_BACKEND == SMTP
        if is_file not in self.connections:
            if is_file:
                server = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=settings.VAR_DIR / "mails")
            else:
                server = get_connection()
            server.open()
            self.connections[is_file] = server
        return self.connections[is_file]

    def claim(self, mail):
        """Takes the mail if it still stands as it was read, and stamps the one before it in the same statement.

        One commit a mail, and never two mails of which the database does not know that the server took them. A mail whose
        worker died is taken over, with a line in the log."""
        is_taken_over = mail.state == State.SENDING
        if mail.pk not in self.exchange(mail, is_taken_over):
            return False
        if is_taken_over:
            self.tally["repeated"] += 1
            log.warning(
                "Mail %s to %s is sent again: worker %s stopped between handing it over and noting it, so it may arrive twice.",
                mail.message_id,
                mail.to,
                mail.claimed_by,
            )
        return True

    def stamp(self):
        """Notes that the server took the last mail, when no other follows at once."""
        if self.taken:
            self.exchange()

    def exchange(self, mail=None, is_taken_over=False):
        """Stamps `taken` as sent and claims `mail` if it stands as it was read; returns the ids of the rows that changed."""
        taken, mail = self.taken or OutgoingMail(), mail or OutgoingMail()
        values = {
            "taken": taken.pk or 0,
            "taken_at": connection.ops.adapt_datetimefield_value(self.taken_at),
            "mail": mail.pk or 0,
            "state": mail.state,
            "claimed_by": mail.claimed_by,
            "next_try_at": connection.ops.adapt_datetimefield_value(mail.next_try_at),
            "token": self.token,
            "until": connection.ops.adapt_datetimefield_value(self.clock() + LEASE),
            "repeat": is_taken_over,
        }
        with connection.cursor() as cursor:
            cursor.execute(EXCHANGE, values)
            changed = {pk for (pk,) in cursor.fetchall()}
        self.taken = None
        return changed

    def mine(self, mail):
        return OutgoingMail.objects.filter(pk=mail.pk, state=State.SENDING, claimed_by=self.token)

    def failed(self, mail, trouble, words, is_final=False, **changes):
        attempts = mail.attempts + 1
        is_final = is_final or attempts > len(BACK_OFF)
        if not is_final:
            changes["next_try_at"] = self.clock() + timedelta(minutes=BACK_OFF[attempts - 1])
        changes["state"] = State.FAILED if is_final else State.WAITING
        if not self.mine(mail).update(attempts=attempts, trouble=trouble, last_error=words[:500], **changes):
            return
        self.tally["failed" if is_final else "put off"] += 1
        log.warning("Mail %s to %s was not taken: %s", mail.message_id, mail.to, words)

    def lost(self, mail, error):
        """The connection broke while this mail was under way: it may have arrived. The next mail gets a new connection."""
        self.losses += 1
        self.failed(mail, Trouble.LOST, str(error), is_repeat_possible=True)
        self.close()

    def close(self):
        for server in self.connections.values():
            try:
                server.close()
            except (OSError, smtplib.SMTPException) as error:
                log.info("The mail server's connection did not close properly: %s", error)
        self.connections.clear()

    def put_off_all(self, error):
        """Nothing can be sent at the moment: says so on every waiting mail, and counts it as nobody's failure."""
        waiting = OutgoingMail.objects.due(self.clock()).filter(state=State.WAITING)
        self.tally["put off"] += waiting.update(
            trouble=Trouble.UNREACHABLE, last_error=str(error)[:500], next_try_at=self.clock() + UNREACHABLE_FOR
        )
        log.error("The mail server cannot be reached: %s", error)


def _content(mail, block):
    """The message as SMTP wants it, a dot doubled where it begins a line; read from the database for a block of mails."""
    if not hasattr(mail, "content"):
        data = dict(MailSource.objects.filter(mail__in=[one.pk for one in block]).values_list("mail_id", "data"))
        for one in block:
            one.content = LEADING_DOT.sub(b"..", bytes(data[one.pk]))
    return mail.content


def _reply(answer):
    """The server's answer; "421" is its word for closing the connection."""
    if answer[0] == 421:
        raise smtplib.SMTPServerDisconnected(f"421 {_decoded(answer[1])}")
    return answer


def _decoded(words):
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)
