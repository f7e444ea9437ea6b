"""Questions to a firm or about a zone: passed on without showing the address they go to, answered on a page, and counted.

A firm's address is used at once only if it consented to that; otherwise an officer reads the question first. The firm answers
on a page behind a link (random, stored as a hash), and its answer goes to the asker as a mail of the portal's own."""

import statistics
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from firms.confirmations import entry_of
from firms.gatekeeper import hashed, new_token
from firms.letters import About
from firms.models import Authority, Enquiry, Zone, ZoneAuthority
from parkportal import mail
from parkportal.models import OutgoingMail, User

State = Enquiry.State
DAY = timedelta(days=1)
# A day: a person asks a handful of firms; a firm's letterbox must stay usable although a hundred people like it.
FROM_ONE_ADDRESS, TO_ONE_FIRM = 8, 20
LINK_VALID_FOR = timedelta(days=90)
MEDIAN_OVER = timedelta(days=365)


def aim_of(enquiry):
    return enquiry.firm or enquiry.zone


def flood(aim, email, now):
    """Why no further question is taken today, in words; empty if one is."""
    recent = Enquiry.objects.filter(created_at__gt=now - DAY)
    if recent.filter(email__iexact=email).count() >= FROM_ONE_ADDRESS:
        return _("{n} questions a day are taken from one e-mail address. Send this one tomorrow, or call the authority.").format(
            n=FROM_ONE_ADDRESS
        )
    if not isinstance(aim, Zone) and recent.filter(firm=aim).count() >= TO_ONE_FIRM:
        return _("{n} questions a day are passed on to one firm. Send this one tomorrow, or call the authority.").format(
            n=TO_ONE_FIRM
        )
    return ""


def ask(aim, values, language, now):
    """Writes the question down, passes it on if the firm has agreed to that, and gives the asker a receipt."""
    where = {"zone": aim} if isinstance(aim, Zone) else {"firm": aim}
    with transaction.atomic():
        enquiry = Enquiry.objects.create(
            **where,
            **{name: values[name] for name in ("name", "organisation", "email", "message")},
            language=language,
            token_hash=hashed(new_token()),
            created_at=now,
        )
        if address := agreed_address(aim):
            _send_on(enquiry, address, now)
        _tell_office(enquiry, now)
        subject = About(gettext_noop("Your question is on its way"), aim)
        context = {"enquiry": enquiry, "aim": aim, "office": office()}
        mail.queue_outside(f"enquiry:{enquiry.pk}:receipt", enquiry.email, language, subject, "enquiry_taken", context, now=now)
    return enquiry


def agreed_address(aim):
    """The address of a firm's contact who agreed to get questions; none for a zone, whose questions an officer reads."""
    if isinstance(aim, Zone):
        return ""
    agreed = aim.contacts.filter(consented_on__isnull=False).exclude(email="")
    return agreed.values_list("email", flat=True).first() or ""


def addresses_of(enquiry, today):
    """Where an officer could pass the question on to: [(address, whose)], those who agreed first."""
    if enquiry.zone_id:
        rows = ZoneAuthority.objects.on(today).filter(zone=enquiry.zone).select_related("authority")
        return [(row.authority.email, row.authority.title) for row in rows if row.authority.email]
    contacts = enquiry.firm.contacts.exclude(email="")
    return [(one.email, str(one)) for one in sorted(contacts, key=lambda one: (one.consented_on is None, one.pk))]


def office():
    """The authority that runs the portal: it gets a copy, and whoever answers a mail writes to it."""
    return Authority.objects.filter(is_ours=True).first()


def _reply_headers():
    ours = office()
    return {"Reply-To": ours.email} if ours and ours.email else {}


def _send_on(enquiry, address, now):
    """The mail to the firm, with a fresh link; earlier links of the same question stop working."""
    token = new_token()
    enquiry.token_hash, enquiry.state, enquiry.forwarded_at = hashed(token), State.FORWARDED, now
    enquiry.save()
    aim = aim_of(enquiry)
    context = {
        "enquiry": enquiry,
        "aim": aim,
        "token": token,
        "office": office(),
        "last_day": timezone.localdate(now + LINK_VALID_FOR),
    }
    subject = About(gettext_noop("A question through the portal"), aim, in_english_too=True)
    key = f"enquiry:{enquiry.pk}:on:{enquiry.token_hash[:12]}"
    mail.queue_outside(key, address, mail.LANGUAGE, subject, "enquiry_passed_on", context, _reply_headers(), now)


def _tell_office(enquiry, now):
    """A copy to the authority's office; to the registry's editors if the office has no address."""
    ours, aim = office(), aim_of(enquiry)
    subject = About(gettext_noop("Question of a visitor"), aim)
    context = {"enquiry": enquiry, "aim": aim}
    if ours and ours.email:
        mail.queue_outside(f"enquiry:{enquiry.pk}:copy", ours.email, mail.LANGUAGE, subject, "enquiry_copy", context, now=now)
        return
    for editor in User.objects.filter(role=User.Role.EDITOR, is_active=True):
        mail.queue(f"enquiry:{enquiry.pk}:copy:{editor.pk}", editor, subject, "enquiry_copy", context, now=now)


def find(token):
    """The question behind a firm's link; None if the link is not (or no longer) one of ours."""
    enquiry = Enquiry.objects.select_related("firm", "zone").filter(token_hash=hashed(token)).first()
    if enquiry and enquiry.firm:
        enquiry.firm = entry_of(enquiry.firm)
    return enquiry


def is_open(enquiry, now):
    return enquiry.state == State.FORWARDED and enquiry.forwarded_at is not None and now < enquiry.forwarded_at + LINK_VALID_FOR


def _taken(pk, states):
    """The question under a lock; ValidationError if somebody was quicker."""
    enquiry = Enquiry.objects.select_for_update().get(pk=pk)
    if enquiry.state not in states:
        who = f" ({enquiry.handled_by})" if enquiry.handled_by_id else ""
        raise ValidationError(
            _("Meanwhile the question is {state}{who}. Nothing was changed now.").format(
                state=enquiry.get_state_display(), who=who
            )
        )
    return enquiry


def answer(enquiry, text, now, by=None):
    """The answer goes to the asker by mail; without a text the firm says that it has answered by itself."""
    with transaction.atomic():
        enquiry = _taken(enquiry.pk, [State.FORWARDED] if by is None else [State.WAITING, State.FORWARDED])
        enquiry.answer, enquiry.state, enquiry.answered_at = text, State.ANSWERED, now
        enquiry.handled_by = by or enquiry.handled_by
        enquiry._history_user = by
        enquiry.save()
        if text:
            aim = aim_of(enquiry)
            subject = About(gettext_noop("Answer to your question"), aim)
            context = {"enquiry": enquiry, "aim": aim, "is_offices": by is not None, "office": office()}
            key = f"enquiry:{enquiry.pk}:answer"
            mail.queue_outside(key, enquiry.email, enquiry.language, subject, "enquiry_answered", context, _reply_headers(), now)
    return enquiry


def forward(enquiry, address, by, now):
    """An officer passes the question on; once more to another address if the first one brought nothing."""
    with transaction.atomic():
        enquiry = _taken(enquiry.pk, [State.WAITING, State.FORWARDED])
        enquiry.handled_by = enquiry._history_user = by
        _send_on(enquiry, address, now)
    return enquiry


def refuse(enquiry, text, by, now):
    """The question is not passed on; the asker is told why if there is a text (a machine's advertisement gets none)."""
    with transaction.atomic():
        enquiry = _taken(enquiry.pk, [State.WAITING])
        enquiry.answer, enquiry.state, enquiry.handled_by, enquiry._history_user = text, State.REFUSED, by, by
        enquiry.save()
        if text:
            aim = aim_of(enquiry)
            subject = About(gettext_noop("Your question was not passed on"), aim)
            context = {"enquiry": enquiry, "aim": aim, "office": office()}
            key = f"enquiry:{enquiry.pk}:refused"
            mail.queue_outside(key, enquiry.email, enquiry.language, subject, "enquiry_refused", context, _reply_headers(), now)
    return enquiry


def counts():
    """{state: how many}."""
    return dict(Enquiry.objects.order_by().values_list("state").annotate(n=Count("pk")))


def median_time(now):
    """The median time from question to answer over the last year; None while nothing was answered."""
    answered = Enquiry.objects.filter(state=State.ANSWERED, answered_at__gt=now - MEDIAN_OVER)
    took = [(end - start).total_seconds() for start, end in answered.values_list("created_at", "answered_at")]
    return timedelta(seconds=statistics.median(took)) if took else None


def letters_of(enquiry):
    """The mails that were written about the question, oldest first."""
    mails = OutgoingMail.objects.filter(key__startswith=f"enquiry:{enquiry.pk}:").order_by("created_at", "pk")
    return list(mails)
