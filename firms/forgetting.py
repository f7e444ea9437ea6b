"""What strangers said about themselves is kept as long as it is needed, then forgotten; what they asked stays counted."""

from datetime import timedelta

from django.db.models import Q

from firms.models import ConfirmationLink, Correction, Enquiry, SavedSearch
from firms.searches import WAITS_FOR
from parkportal.models import MailSource, OutgoingMail

# A year after the end: the authority's yearly report is written and questions about it are answered in that time, and a firm
# or an asker who comes back to the matter finds it. Nothing that the registry does later needs names and addresses.
KEPT_FOR = timedelta(days=365)
# A mail's text holds links that open an entry without a password; a complaint that it did not arrive comes within weeks.
MAILS_KEPT_FOR = timedelta(days=30)
SEARCHES_KEPT_FOR = timedelta(days=30)  # after they ended: long enough to see that the end was meant


def forget(now):
    """Returns how many rows of each kind were cleared or deleted."""
    return {
        "enquiries": _clear_enquiries(now),
        "corrections": _clear_corrections(now),
        "links": _clear_links(now),
        "searches": _delete_searches(now),
        "mails": _clear_mails(now),
    }


def _clear_enquiries(now):
    """An enquiry that nobody decided is over a year after it came, too."""
    over = Q(answered_at__lt=now - KEPT_FOR) | Q(created_at__lt=now - 2 * KEPT_FOR)
    over |= Q(state=Enquiry.State.REFUSED, created_at__lt=now - KEPT_FOR)
    rows = Enquiry.objects.filter(over).exclude(email="")
    return rows.update(name="", organisation="", email="", message="", answer="")


def _clear_corrections(now):
    count = 0
    rows = Correction.objects.filter(decided_at__lt=now - KEPT_FOR).exclude(name="", email="", message="", reply="")
    for correction in rows.only("pk", "fields"):
        fields = {key: pair for key, pair in correction.fields.items() if key != "contact"}
        count += Correction.objects.filter(pk=correction.pk).update(name="", email="", message="", reply="", fields=fields)
    return count


def _clear_links(now):
    return ConfirmationLink.objects.filter(expires_at__lt=now - KEPT_FOR).exclude(email="").update(email="")


def _delete_searches(now):
    over = Q(ended_at__lt=now - SEARCHES_KEPT_FOR) | Q(confirmed_at=None, created_at__lt=now - WAITS_FOR)
    return SavedSearch.objects.filter(over).delete()[0]


def _clear_mails(now):
    """Texts and addresses of mails to people without an account; that a mail went out, and when, stays."""
    done = [OutgoingMail.State.SENT, OutgoingMail.State.FAILED, OutgoingMail.State.WITHDRAWN]
    rows = OutgoingMail.objects.filter(person=None, state__in=done, created_at__lt=now - MAILS_KEPT_FOR).exclude(text="")
    MailSource.objects.filter(mail__in=rows.values("pk")).update(data=b"")
    return rows.update(text="", subject="", to="")
