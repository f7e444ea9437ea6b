"""Writes the reminders: one mail a person a day that lists everything, and one row in the ledger for every rung it stands for.

Rows and mail are written together, in one transaction a person, before anything is sent; parkportal.mail hands the mail over
afterwards. A sweep may run as often as it likes, and several at once: the mail's key and the ledger's unique constraint let
only the first one write."""

import logging
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from parkportal import mail
from parkportal.dates import is_working_day
from parkportal.models import OutgoingMail
from tasks import ladder
from tasks.models import AgencyReport, Contribution, Holiday, Reminder
from tasks.models.reminders import ASKED_FROM, days_left_words

log = logging.getLogger(__name__)

Reason = Reminder.Reason
# "Remind now" is numbered by its day, so that the ledger's constraint allows one a day.
ASKED_SINCE = date(2020, 1, 1)
SEQUENCE_SINCE = datetime(2020, 1, 1, tzinfo=UTC)


# The sweep ------------------------------------------------------------------------------------------------------------
def send_due(now, only=""):
    """Writes today's mails for everybody who has to be reminded and was not; returns those written. Working days only."""
    today = timezone.localdate(now)
    withdraw_settled()
    if not is_working_day(today, Holiday.days()):
        return []
    contacts = contact_people(today)
    return [written for bundle in due(today, only) if (written := _write(bundle, contacts, today, now))]


def due(today, only=""):
    """What would go out today: bundles of those who had no mail yet. `only` is an agency's key or a person's address."""
    found = ladder.bundles(today)
    if only:
        found = [bundle for bundle in found if _is_meant(bundle, only)]
    keys = {day_key(bundle.person, today): bundle for bundle in found}
    written = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True))
    return [bundle for key, bundle in keys.items() if key not in written]


def day_key(person, today):
    return f"reminder:{person.pk}:{today}"


def _is_meant(bundle, only):
    agencies = {entry.obligation.agency.key for entry in bundle.entries if entry.obligation.agency}
    agencies |= {entry.obligation.report.agency.key for entry in bundle.entries if entry.obligation.report}
    return only.lower() == bundle.person.email.lower() or only in agencies


def _write(bundle, contacts, today, now):
    """The person's mail and its rows, or None if another sweep was quicker or everything was sent in meanwhile."""
    key = day_key(bundle.person, today)
    try:
        with transaction.atomic():
            bundle = _still_owed(bundle)
            if not bundle.new:
                return None
            [letter] = mail.queue_many([digest(bundle, key, contacts, today, now)], now) or [None]
            if letter is None:
                return None
            Reminder.objects.bulk_create(_row(entry, entry.rung, bundle.person, letter, now) for entry in bundle.new)
            return letter
    except IntegrityError:
        log.info("Another sweep was quicker for %s on %s.", bundle.person.email, today)
        return None


def _still_owed(bundle):
    """Without what was sent in or answered since the sweep began; the reports stay locked until the mail is written."""
    reports = [entry.obligation.pk for entry in bundle.entries if entry.obligation.kind == "report"]
    asked = [entry.obligation.pk for entry in bundle.entries if entry.obligation.kind == "contribution"]
    keys = set()
    if reports:
        owed = AgencyReport.objects.missing().select_for_update().filter(pk__in=reports).order_by("pk")
        keys |= {f"report:{pk}" for pk in owed.values_list("pk", flat=True)}
    if asked:
        unanswered = Contribution.objects.filter(pk__in=asked, answered_at=None)
        keys |= {f"contribution:{pk}" for pk in unanswered.values_list("pk", flat=True)}
    kept = [entry for entry in bundle.entries if entry.obligation.kind == "consolidation" or entry.obligation.key in keys]
    return ladder.Bundle(bundle.person, kept)


def _row(entry, rung, person, letter, now, by=None):
    obligation = entry.obligation
    return Reminder(
        cycle=obligation.cycle,
        report=obligation.report,
        agency=obligation.agency,
        obligation=obligation.key,
        due_on=obligation.last_day,
        rung=rung,
        person=person,
        reason=entry.reason,
        mail=letter,
        asked_by=by,
        created_at=now,
    )


def withdraw_settled():
    """A mail that waited too long for the mail server is not sent any more if everything in it was done meanwhile."""
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING, reminders__isnull=False).distinct()
    rows = Reminder.objects.filter(mail__in=waiting).select_related("report", "mail")
    answered = set(Contribution.objects.exclude(answered_at=None).values_list("pk", flat=True))
    open_mails, settled = set(), set()
    for row in rows:
        kind, _colon, pk = row.obligation.partition(":")
        is_done = row.report.is_sent if kind == "report" else kind == "contribution" and int(pk) in answered
        (settled if is_done else open_mails).add(row.mail_id)
    OutgoingMail.objects.filter(pk__in=settled - open_mails, state=OutgoingMail.State.WAITING).update(
        state=OutgoingMail.State.WITHDRAWN
    )


# Remind now -----------------------------------------------------------------------------------------------------------
def remind_now(report, by, now):
    """A consolidator's own reminder to the officers and heads of one report, at most once a day; returns the mails."""
    if not by.is_consolidator:
        raise PermissionDenied("Only a consolidator reminds at once.")
    today = timezone.localdate(now)
    obligations = ladder.obligations(today, Holiday.days())
    obligation = next((one for one in obligations if one.kind == "report" and one.pk == report.pk), None)
    if obligation is None:
        raise ValidationError(_("This report has been sent in, or its cycle is closed. There is nothing to remind of."))
    rung = ASKED_FROM + (today - ASKED_SINCE).days
    told = ladder.People(today).told(obligation, ladder.HEADS_FROM)
    if not told:
        raise ValidationError(_("Nobody can be told: there is no active account for this agency and no administrator."))
    days_left = (obligation.last_day - today).days
    entries = {person: ladder.Entry(obligation, rung, reason, days_left, True) for person, reason in told}
    keys = {f"remind-now:{report.pk}:{today}:{person.pk}": person for person in entries}
    try:
        with transaction.atomic():
            bundles = {key: ladder.Bundle(person, [entries[person]]) for key, person in keys.items()}
            letters = [digest(bundle, key, [by], today, now, by) for key, bundle in bundles.items()]
            written = {letter.key: letter for letter in mail.queue_many(letters, now)}
            if len(written) < len(keys):
                raise IntegrityError("Somebody was quicker today.")
            Reminder.objects.bulk_create(
                _row(entries[person], rung, person, written[key], now, by) for key, person in keys.items()
            )
    except IntegrityError:
        raise ValidationError(
            _("This agency was already reminded at once today. The next one is possible tomorrow."), code="today"
        ) from None
    return list(written.values())


# The mail -------------------------------------------------------------------------------------------------------------
def digest(bundle, key, contacts, today, now, by=None):
    """The letter that lists everything this person still owes, the most urgent first."""
    with translation.override(mail.LANGUAGE):
        context = {
            "entries": bundle.entries,
            "urgent": bundle.entries[0],
            "contacts": [person for person in contacts if person.pk != bundle.person.pk],
            "today": today,
            "by": by,
            "why": why(bundle),
            "signs_only": all(entry.reason == Reason.HEAD for entry in bundle.entries),
        }
        return mail.Letter(key, bundle.person, subject(bundle), "reminder", context, calendar(bundle, today, now))


def subject(bundle):
    """Says how urgent it is and what is missing, so that no two look the same."""
    first = bundle.new[0]
    days, obligation = days_left_words(first.days_left), first.obligation
    days = str(days)[:1].upper() + str(days)[1:]
    if len(bundle.entries) > 1:
        return _("%(days)s: %(count)s things to do for Plan %(plan)s of %(year)s") % {
            "days": days,
            "count": len(bundle.entries),
            "plan": obligation.cycle.plan.code,
            "year": obligation.cycle.year,
        }
    values = {
        "days": days,
        "plan": obligation.cycle.plan.code,
        "year": obligation.cycle.year,
        "count": len(obligation.missing),
    }
    if obligation.kind == "contribution":
        values["code"] = obligation.contribution.row.task.code
        return _("%(days)s: an answer about task %(code)s of Plan %(plan)s") % values
    if obligation.kind == "consolidation":
        if obligation.missing:
            return _("%(days)s: consolidated report on Plan %(plan)s of %(year)s – %(count)s agencies have not reported") % values
        return _("%(days)s: consolidated report on Plan %(plan)s of %(year)s – every agency has reported") % values
    if obligation.missing:
        return _("%(days)s: report on Plan %(plan)s of %(year)s – %(count)s tasks without an answer") % values
    if obligation.report.state == AgencyReport.State.RETURNED:
        return _("%(days)s: report on Plan %(plan)s of %(year)s – sent back, to be mended") % values
    return _("%(days)s: report on Plan %(plan)s of %(year)s – filled in, not yet sent") % values


def why(bundle):
    """One sentence for every reason that this person is told, instead of somebody else or as herself."""
    words = {
        Reason.OFFICER: _("You get this mail because you are a focal officer of %(agency)s."),
        Reason.HEAD: _("You get this mail because you sign off the report of %(agency)s."),
        Reason.HEAD_INSTEAD: _("You get this mail because %(agency)s has no active focal officer at the moment."),
        Reason.CONSOLIDATOR_INSTEAD: _("You get this mail because %(agency)s has no active account at the moment."),
        Reason.ADMINISTRATOR_INSTEAD: _("You get this mail as administrator because nobody else has an active account."),
        Reason.CONSOLIDATOR: _("You get this mail because you consolidate the reports."),
    }
    names = {}
    for entry in bundle.entries:
        agency = entry.obligation.agency
        names.setdefault(entry.reason, {})[agency.name if agency else ""] = True
    return " ".join(words[reason] % {"agency": ", ".join(agencies)} for reason, agencies in names.items())


def contact_people(today):
    """Whom to ask: the first two consolidators."""
    return ladder.People(today).consolidators[:2]


def calendar(bundle, today, now):
    """The days that are still to come, as a calendar file; empty if there are none."""
    coming = [entry.obligation for entry in bundle.entries if entry.obligation.last_day >= today]
    return _calendar(tuple((one.key, one.title, settings.SITE_URL + one.path, one.last_day) for one in coming), now)


@lru_cache(maxsize=256)
def _calendar(days, now):
    """Every day as an event with an alarm at eight in the morning of the day before. Colleagues share one text."""
    book = Calendar()
    book.add("prodid", "-//parkportal//reminders//VI")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    for key, title, url, day in days:
        event = Event()
        # The same event for every rung: a calendar moves it when the deadline moves.
        event.add("uid", f"{key.replace(':', '-')}@{mail.host()}")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("sequence", int((now - SEQUENCE_SINCE).total_seconds() // 60))
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", title)
        event.add("url", url)
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", timedelta(hours=-16))
        event.add_component(alarm)
        book.add_component(event)
    return book.to_ical().decode() if days else ""
