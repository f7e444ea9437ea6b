"""A firm confirms its own entry, or says what is wrong in it, through a link that was mailed to it; no account is needed.

The link's secret has 256 random bits and is stored as a hash. Opening the page changes nothing (mail programs open links to
look at them); a link is used up by confirming or correcting, and it ends after thirty days or when an editor withdraws it."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from firms import corrections, proposals
from firms.gatekeeper import hashed, new_token
from firms.letters import About
from firms.models import ConfirmationLink, Correction, Firm
from parkportal import mail
from parkportal.models import OutgoingMail

VALID_FOR = timedelta(days=30)
PAUSE = timedelta(minutes=5)  # two presses of one button are one mail
CONFIRMED = gettext_noop("Confirmed by the firm itself (link {number})")


def mail_key(link):
    return f"confirmation:{link.pk}"


def send(firm, email, by, now):
    """Makes a link and writes the mail that brings it."""
    with transaction.atomic():
        Firm.objects.select_for_update().get(pk=firm.pk)
        if firm.confirmation_links.filter(email__iexact=email, sent_at__gt=now - PAUSE, withdrawn_at=None).exists():
            raise ValidationError(
                _("A link was sent to {email} just now; wait some minutes before the next.").format(email=email)
            )
        token = new_token()
        link = ConfirmationLink.objects.create(
            firm=firm, email=email, token_hash=hashed(token), sent_by=by, sent_at=now, expires_at=now + VALID_FOR
        )
        subject = About(gettext_noop("Confirm your entry in the directory"), firm, in_english_too=True)
        context = {"firm": firm, "token": token, "link": link, "last_day": timezone.localdate(link.expires_at)}
        mail.queue_outside(mail_key(link), email, mail.LANGUAGE, subject, "confirmation_asked", context, now=now)
    return link


def withdraw(link, now):
    """False if there is nothing to withdraw (any more). A mail that has not gone out yet stays here too."""
    usable = ConfirmationLink.objects.filter(pk=link.pk, withdrawn_at=None, confirmed_at=None)
    with transaction.atomic():
        done = bool(usable.update(withdrawn_at=now))
        if done:
            waiting = OutgoingMail.objects.filter(key=mail_key(link), state=OutgoingMail.State.WAITING)
            waiting.update(state=OutgoingMail.State.WITHDRAWN)
    return done


def find(token):
    """The link with this secret and its firm as it is now (where it was merged into); None if there is none."""
    link = ConfirmationLink.objects.select_related("firm__zone", "firm__sector").filter(token_hash=hashed(token)).first()
    if link:
        link.entry = entry_of(link.firm)
    return link


def entry_of(firm):
    while firm.merged_into_id:
        firm = firm.merged_into
    return firm


def state_of(link, now):
    """withdrawn, confirmed, expired or open."""
    if link.withdrawn_at:
        return "withdrawn"
    if link.confirmed_at:
        return "used"
    return "open" if link.is_usable(now) else "expired"


def confirm(link, now, proposed=None, message="", language="vi"):
    """The firm says that its entry is right, apart from what it proposes; returns the correction that waits, or None.

    ValidationError if the link was used, withdrawn or has run out meanwhile."""
    with transaction.atomic():
        link = ConfirmationLink.objects.select_for_update().get(pk=link.pk)
        if state_of(link, now) != "open":
            raise ValidationError(_("This link was used or withdrawn meanwhile; nothing was changed now."))
        firm = proposals.locked(entry_of(link.firm))
        correction = corrections.report(
            firm, proposed or {}, message, now, Correction.Origin.FIRM, email=link.email, language=language, link=link
        )
        firm.confirmed_on = timezone.localdate(now)
        # Nobody of the authority did this, even if an editor's browser opened the page.
        firm._history_user, firm._change_reason = None, proposals.reason(CONFIRMED, number=link.pk)
        firm.save()
        link.opened_at = link.opened_at or now
        link.confirmed_at = now
        link.save()
    return correction


def sent_of(firm, now):
    """The firm's links with their state and how the mail fares, newest first."""
    links = list(firm.confirmation_links.select_related("sent_by").prefetch_related("corrections"))
    letters = {mail.key: mail for mail in OutgoingMail.objects.filter(key__in=[mail_key(link) for link in links])}
    for link in links:
        link.state, link.letter = state_of(link, now), letters.get(mail_key(link))
    return links


def addresses_of(firm):
    """Addresses that the registry has of the firm, those with consent first."""
    contacts = sorted(firm.contacts.exclude(email=""), key=lambda one: (one.consented_on is None, one.pk))
    return list(dict.fromkeys(one.email for one in contacts))


def last_day(link):
    return date_format(localtime(link.expires_at), "SHORT_DATE_FORMAT")


def contact_words(firm):
    """The firm's own contact as it may see it, with whether the directory may show it; empty if the registry has none."""
    return proposals.shown(firm, "contact", proposals.contact_of(firm))
