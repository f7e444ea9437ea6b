"""Saved searches: whoever wants to know when a search finds something new leaves an address, and the portal looks every day.

A search begins when the address is confirmed and ends by one press, from any mail. Each day's look writes what it found and the
mail about it together: a look that is repeated, or comes late, tells nothing twice and leaves nothing out."""

import logging
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from firms.filters import FirmFilter
from firms.gatekeeper import hashed, new_token
from firms.models import Firm, SavedSearch
from parkportal import mail
from parkportal.models import OutgoingMail

log = logging.getLogger(__name__)

SALT = "firms.searches"
LEFT_OUT = {"page", "view", "sort", "format"}  # they change how results are shown, not which they are
MOST_RESULTS = 2000  # what is told by "new and changed"; a search that finds more is no search yet
MOST_OF_ONE_ADDRESS = 20
MOST_TOLD = 40  # firms named in one mail
WAITS_FOR = timedelta(days=7)  # for its address to be confirmed


def tidy(query):
    """The directory's query string with what decides about the results, in one order: equal searches are equal texts."""
    parts = QueryDict(query.lstrip("?")[:2000].replace("\x00", ""))
    kept = {name: sorted(set(filter(None, parts.getlist(name)))) for name in sorted(parts) if name not in LEFT_OUT}
    known = FirmFilter.base_filters
    return urlencode({name: values for name, values in kept.items() if values and name in known}, doseq=True)


def token_of(search):
    """The secret of a search's links. It is derived, because every mail carries it and only its hash is stored."""
    return salted_hmac(SALT, f"{search.pk}:{search.email}:{search.query}", algorithm="sha256").hexdigest()


def find(token):
    return SavedSearch.objects.filter(token_hash=hashed(token)).first()


def read(query):
    """The directory as a search asks for it."""
    return FirmFilter(QueryDict(query))


def is_active(search):
    return search.confirmed_at is not None and search.ended_at is None


def save(query, email, language, now):
    """Keeps the search until its address is confirmed, and asks for that by mail, once a day at most.

    ValidationError if it finds too much to be told of. What the visitor sees does not depend on what the address has here."""
    query, email = tidy(query), email.lower()
    count = read(query).count
    if not query:
        raise ValidationError(_("Search for something or choose a filter first; then the search can be saved."))
    if count > MOST_RESULTS:
        raise ValidationError(
            _("This search finds {count} firms: too many to be told of each. Narrow it to {most} at most, then save it.").format(
                count=count, most=MOST_RESULTS
            )
        )
    with transaction.atomic():
        search = SavedSearch.objects.filter(email=email, query=query, ended_at=None).first()
        if search is None:
            if SavedSearch.objects.filter(email=email, ended_at=None).count() >= MOST_OF_ONE_ADDRESS:
                return None
            search = SavedSearch.objects.create(
                email=email, query=query, language=language, token_hash=hashed(new_token()), created_at=now
            )
            search.token_hash = hashed(token_of(search))
            search.save()
        _ask(search, language, now)
    return search


def _ask(search, language, now):
    context = _about(search, language) | {"is_active": is_active(search)}
    key = f"search:{search.pk}:asked:{timezone.localdate(now):%Y%m%d}"
    subject = gettext_lazy("Confirm that you want mails about this search")
    mail.queue_outside(key, search.email, language, subject, "search_asked", context, now=now)


def _about(search, language):
    """What every mail about a search says of it."""
    with override(language):
        chosen = [(str(chip.label), str(chip.words)) for chip in read(search.query).chips]
    return {"search": search, "chips": chosen, "token": token_of(search)}


def standing(search):
    """{firm's code: when it was touched} of all firms that the search finds now."""
    rows = Firm.objects.filter(pk__in=read(search.query).found).values_list("code", "touched_at")
    return {code: touched.isoformat() for code, touched in rows}


def confirm(search, now):
    """From now on; what it finds today is known. False if it was on already."""
    with transaction.atomic():
        search = SavedSearch.objects.select_for_update().get(pk=search.pk)
        if is_active(search):
            return False
        search.confirmed_at, search.ended_at, search.looked_at, search.known = now, None, now, standing(search)
        search.save()
    return True


def end(search, now):
    """Ends it, or takes it off before it began. Mails that have not gone out stay here."""
    with transaction.atomic():
        done = SavedSearch.objects.filter(pk=search.pk, ended_at=None).update(ended_at=now)
        waiting = OutgoingMail.objects.filter(key__startswith=f"search:{search.pk}:", state=OutgoingMail.State.WAITING)
        waiting.update(state=OutgoingMail.State.WITHDRAWN)
    return bool(done)


# Every day -----------------------------------------------------------------------------------------------------------
def look(now):
    """Compares every search that was not looked at today with what it found last; returns the mails written.

    One search that cannot be read does not keep the others from being told."""
    _end_undeliverable(now)
    begin = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    due = SavedSearch.objects.active().filter(looked_at__lt=begin).order_by("pk").values_list("pk", flat=True)
    letters = []
    for pk in list(due):
        try:
            letters += filter(None, [_look_at(pk, begin, now)])
        except Exception:
            log.exception("Saved search %s could not be looked at.", pk)
    return letters


def _look_at(pk, begin, now):
    with transaction.atomic():
        search = SavedSearch.objects.active().select_for_update().filter(pk=pk, looked_at__lt=begin).first()
        if search is None:  # another worker was quicker, or it was ended
            return None
        found = standing(search)
        news = changes(search.known, found)
        search.known, search.looked_at = found, now
        search.save(update_fields=["known", "looked_at"])
        return _tell(search, news, now) if news["new"] or news["changed"] else None


def changes(known, found):
    """{"new": [codes], "changed": [codes]} of what is found now beside what was known."""
    return {
        "new": sorted(code for code in found if code not in known),
        "changed": sorted(code for code, touched in found.items() if code in known and touched > known[code]),
    }


def _tell(search, news, now):
    codes = (news["new"] + news["changed"])[:MOST_TOLD]
    firms = {firm.code: firm for firm in Firm.objects.filter(code__in=codes).select_related("zone")}
    named = {kind: [firms[code] for code in news[kind] if code in firms] for kind in news}
    rest = len(news["new"]) + len(news["changed"]) - len(codes)
    with override(search.language):
        ending = settings.SITE_URL + reverse("search_end", args=[token_of(search)])
        results = f"{reverse('firm_list')}?{search.query}"
    headers = {"List-Unsubscribe": f"<{ending}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    count = len(news["new"]) + len(news["changed"])
    subject = format_lazy("{}: {}", gettext_lazy("New and changed firms in your search"), count)
    key = f"search:{search.pk}:{timezone.localdate(now):%Y%m%d}"
    context = _about(search, search.language) | named | {"rest": rest, "results": results}
    return mail.queue_outside(key, search.email, search.language, subject, "search_news", context, headers, now)


def _end_undeliverable(now):
    """Nobody reads what the mail server says has no such address: those searches end."""
    State, Trouble = OutgoingMail.State, OutgoingMail.Trouble
    gone = OutgoingMail.objects.filter(key__startswith="search:", state=State.FAILED, trouble=Trouble.ADDRESS)
    SavedSearch.objects.active().filter(email__in=gone.values("to")).update(ended_at=now)
