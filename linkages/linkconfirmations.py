"""Each side of a link says whether it exists, through a signed link that was mailed to it; no account is needed.

As with a firm's own entry (firms.confirmations): the secret is stored as a hash, opening the page changes nothing, a link is
used up by the answer and ends after thirty days. What one side answers never speaks for the other."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firms.gatekeeper import hashed, new_token
from linkages.links import held, written
from linkages.models import LinkConfirmation
from parkportal import mail
from parkportal.models import OutgoingMail

VALID_FOR = timedelta(days=30)
PAUSE = timedelta(minutes=5)  # two presses of one button are one mail
Side, Answer = LinkConfirmation.Side, LinkConfirmation.Answer
REASON = "confirmation {number}"  # told by linkages.story in the reader's words


def mail_key(confirmation):
    return f"link-confirmation:{confirmation.pk}"


def side_of(link, side):
    return link.source_party if side == Side.SOURCE else link.target_party


def addresses_of(party):
    """Addresses that the portal has of a partner, those with consent first."""
    own = [party.email] if party.email else []
    if not party.firm_id:
        return own
    contacts = sorted(party.firm.contacts.exclude(email=""), key=lambda one: (one.consented_on is None, one.pk))
    return list(dict.fromkeys([*own, *(one.email for one in contacts)]))


def send(link, side, email, by, now):
    """Makes a confirmation and writes the mail that brings its secret."""
    with transaction.atomic():
        link = held(link.pk)
        if link.confirmations.filter(side=side, email__iexact=email, sent_at__gt=now - PAUSE).exists():
            message = _("A link was sent to {email} just now; wait some minutes before the next.")
            raise ValidationError(message.format(email=email))
        token = new_token()
        confirmation = LinkConfirmation.objects.create(
            link=link, side=side, email=email, token_hash=hashed(token), sent_by=by, sent_at=now, expires_at=now + VALID_FOR
        )
        subject = format_lazy("{}: {}", gettext_lazy("Confirm a business link"), str(link))
        context = {"link": link, "token": token, "last_day": timezone.localdate(confirmation.expires_at)}
        mail.queue_outside(mail_key(confirmation), email, mail.LANGUAGE, subject, "link_asked", context, now=now)
    return confirmation


def find(token):
    ends = ("link__source_party__firm__zone", "link__target_party__firm__zone")
    return LinkConfirmation.objects.select_related(*ends).filter(token_hash=hashed(token)).first()


def state_of(confirmation, now):
    """used, expired or open."""
    if confirmation.answer:
        return "used"
    return "open" if now < confirmation.expires_at else "expired"


def answer(confirmation, is_right, remark, now):
    """One side says yes or no; ValidationError where the link was used or has run out meanwhile."""
    with transaction.atomic():
        link = held(confirmation.link_id)
        confirmation = LinkConfirmation.objects.select_for_update(of=("self",)).get(pk=confirmation.pk)
        if state_of(confirmation, now) != "open":
            raise ValidationError(_("This link was used or has run out meanwhile; nothing was changed now."))
        confirmation.answer = Answer.YES if is_right else Answer.NO
        confirmation.answered_at, confirmation.remark = now, remark
        confirmation.save()
        name = f"{confirmation.side}_confirmed_on"
        before, after = getattr(link, name), timezone.localdate(now) if is_right else None
        if before != after:
            setattr(link, name, after)
            # Nobody of the authority did this, even if an officer's browser opened the page.
            written(link, None, REASON.format(number=confirmation.pk))
    return confirmation


def sent_of(link, now):
    """The link's confirmations with their state and how the mail fares, newest first."""
    found = list(link.confirmations.select_related("sent_by").order_by("-sent_at"))
    letters = {one.key: one for one in OutgoingMail.objects.filter(key__in=[mail_key(it) for it in found])}
    for it in found:
        it.state, it.letter = state_of(it, now), letters.get(mail_key(it))
    return found
