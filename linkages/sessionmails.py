"""Mails of matching sessions: the invitation, and each participant's own timetable with a file for the calendar."""

from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, override
from icalendar import Calendar, Event

from firms.gatekeeper import hashed
from linkages import letters
from linkages.letters import Letter
from parkportal import mail
from parkportal.models import OutgoingMail

SEQUENCE_SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def title_in(language, session):
    with override(language):
        return session.shown_title


def _facts(session, language):
    with override(language):
        begins = timezone.localtime(session.starts_at)
        facts = [(gettext_lazy("Begins"), date_format(begins, "DATETIME_FORMAT"))]
    if session.venue:
        facts.append((gettext_lazy("Venue"), session.venue))
    if session.online_address:
        facts.append((gettext_lazy("Address online"), session.online_address))
    return facts


def invitation(session, participant, token, now):
    with override(participant.language):
        path = reverse("session_answer", args=[token])
    letter = Letter(
        heading=gettext_lazy("Invitation to a matching session"),
        about=title_in(participant.language, session),
        paragraphs=[
            gettext_lazy("The authority invites you to meet firms one to one. Say whether you come and whom you want to meet.")
        ],
        facts=_facts(session, participant.language),
        action=(gettext_lazy("Answer the invitation"), path),
        quiet=[
            gettext_lazy("Do not pass this link on: whoever has it answers for you. You may change the answer until the day.")
        ],
    )
    key = f"session:{session.pk}:invited:{participant.pk}:{int(now.timestamp())}"
    letters.send(key, participant.email, participant.language, letter, now)


def send_timetable(session, rows, now):
    """Mails everybody who comes their own meetings, unless the last mail said the same; gives how many.

    `rows` are (participant, [(slot, table, other)])."""
    ours, sent, known = letters.office(), [], _sent(session)
    headers = {"Reply-To": ours.email} if ours and ours.email else {}
    for participant, meetings in rows:
        if not participant.email or not (meetings or participant.pk in known):
            continue
        about = title_in(participant.language, session)
        facts = [*_facts(session, participant.language), *(_line(participant.language, *it) for it in meetings)]
        with override(participant.language):
            said = hashed(f"{participant.email} {about} {[(str(name), str(value)) for name, value in facts]}")[:16]
        if known.get(participant.pk) == said:
            continue
        letter = Letter(
            heading=gettext_lazy("Your meetings"),
            about=about,
            paragraphs=[
                gettext_lazy("This is your timetable. The attached file puts it into your calendar.")
                if meetings
                else gettext_lazy("None of your meetings is left in the timetable. Take the earlier ones out of your calendar.")
            ],
            facts=facts,
        )
        sent.append(
            mail.Letter(
                f"session:{session.pk}:timetable:{participant.pk}:{int(now.timestamp())}:{said}",
                None,
                format_lazy("{}: {}", letter.heading, about),
                "market",
                {"letter": letter, "office": ours},
                calendar_of(session, participant, meetings, now) if meetings else "",
                calendar_name(session, participant.language),
                to=participant.email,
                language=participant.language,
                headers=headers,
            )
        )
    mail.queue_many(sent, now)
    return len(sent)


def _sent(session):
    """{participant: what the last mail with a timetable said, hashed}; a mail that failed has said nothing."""
    mails = OutgoingMail.objects.exclude(state__in=[OutgoingMail.State.FAILED, OutgoingMail.State.WITHDRAWN])
    keys = mails.filter(key__startswith=f"session:{session.pk}:timetable:").order_by("pk")
    parts = (key.split(":") for key in keys.values_list("key", flat=True))
    return {int(participant): said for _what, _session, _kind, participant, _time, said in parts}


def _line(language, slot, table, other):
    with override(language):
        return slot.hours, format_lazy(gettext_lazy("{name}, table {table}"), name=other.party.title, table=table + 1)


def calendar_name(session, language):
    """phien-ket-noi-kn-2026-11.ics"""
    stem = letters.said_in(language, gettext_lazy("matching-session"))
    return f"{stem}-{session.code}.ics".lower()


def calendar_of(session, participant, meetings, now):
    """The meetings of one participant as a calendar file (RFC 5545)."""
    book = Calendar()
    book.add("prodid", f"-//{mail.host()}//matching//VI")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    for slot, table, other in meetings:
        event = Event()
        pair = "-".join(map(str, sorted((participant.pk, other.pk))))
        # The same event when the timetable is made anew: a calendar moves it.
        event.add("uid", f"session-{session.pk}-{pair}@{mail.host()}")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("sequence", int((now - SEQUENCE_SINCE).total_seconds() // 60))
        event.add("dtstart", slot.starts_at.astimezone(UTC))
        event.add("dtend", slot.ends_at.astimezone(UTC))
        with override(participant.language):
            event.add("summary", f"{session.shown_title}: {other.party.title}")
            event.add("location", f"{session.venue or session.online_address} ({table + 1})")
        event.add("url", f"{settings.SITE_URL}{session.get_absolute_url()}")
        book.add_component(event)
    return book.to_ical().decode()
