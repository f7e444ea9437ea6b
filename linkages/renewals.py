"""What happens to needs and offers as time goes by: reminders before they run out, the end, and what is forgotten afterwards.

Reminders are a ladder as for reports: what is due is the lowest rung that is reached and not yet sent, so a night without the
job loses none, and nobody gets two at once. The outbox is the ledger: one mail for each posting, last day and rung."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, override

from linkages import letters, market
from linkages.letters import Letter
from linkages.models import Interest, Posting
from parkportal.models import OutgoingMail

RUNGS = (30, 7)  # days that are left
# As in firms.forgetting: a year after the end nobody comes back to it.
KEPT_FOR = timedelta(days=365)


def look(now):
    """The day's round; returns how many were reminded, ended and forgotten."""
    today = timezone.localdate(now)
    return {"ended": market.expire_due(today), "reminded": remind(today, now), "forgotten": forget(now)}


def rung_of(posting, today):
    """The lowest rung that is reached; None before the first one, after the end, and where it was never so far away."""
    left = (posting.expires_on - today).days
    whole = (posting.expires_on - posting.published_on).days if posting.published_on else max(RUNGS) + 1
    return min((rung for rung in RUNGS if 0 <= left <= rung < whole), default=None)


def remind(today, now):
    live = [Posting.State.PUBLISHED, Posting.State.CONNECTING]
    near = Posting.objects.filter(state__in=live, expires_on__range=(today, today + timedelta(days=max(RUNGS))))
    due = [(posting, rung_of(posting, today)) for posting in near.exclude(contact_email="").exclude(is_demonstration=True)]
    keys = {f"posting:{posting.pk}:expiry:{posting.expires_on}:{rung}": posting for posting, rung in due if rung}
    sent = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True))
    for key, posting in keys.items():
        if key not in sent:
            letters.send(key, posting.contact_email, posting.language, _letter(posting), now)
    return len(keys) - len(sent)


def _letter(posting):
    with override(posting.language):
        day = date_format(posting.expires_on, "SHORT_DATE_FORMAT")
    return Letter(
        heading=format_lazy(gettext_lazy("Shown until {day} only"), day=day),
        about=market.named(posting, posting.language),
        paragraphs=[
            gettext_lazy("Is it still so? One press on the page behind your link renews it for a year. If not, do nothing.")
        ],
        action=(gettext_lazy("Renew it"), market.own_path(posting)),
        quiet=[market.KEEP],
    )


def forget(now):
    """Names and addresses of people without an account, a year after they were needed; what came of it stays."""
    over = Q(handled_at__lt=now - KEPT_FOR) | Q(created_at__lt=now - 2 * KEPT_FOR)
    count = Interest.objects.filter(over).exclude(email="").update(name="", email="", message="", reply="")
    ended = [Posting.State.WITHDRAWN, Posting.State.EXPIRED, Posting.State.DONE]
    for posting in Posting.objects.filter(state__in=ended).exclude(contact_email=""):
        if posting.history.latest().history_date < now - KEPT_FOR:
            blank = {"contact_name": "", "contact_email": "", "token_hash": None}
            count += Posting.objects.filter(pk=posting.pk).update(**blank)
    return count
