"""What one need or offer shows of itself: to everybody without its owner's secrets, to the officer with everything."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language

from firms.countries import country_name
from linkages.models import Posting

TRANSFERS = dict(Posting.Transfer.choices)


@dataclass(frozen=True)
class Owner:
    """Whose it is, as everybody may read it; `address` of its page, if there is one."""

    title: str
    address: str = ""


def owner_of(posting):
    """None where it is published without a name, or where the owner's entry is hidden."""
    if posting.is_anonymous:
        return None
    if posting.owner is None:
        return Owner(posting.owner_words) if posting.owner_words else None
    return Owner(posting.owner.title, posting.owner.get_absolute_url()) if posting.owner.is_shown else None


def facts_of(posting):
    """What everybody may know, ready for a list of facts."""
    return {
        "owner": owner_of(posting),
        "transfers": [TRANSFERS.get(it, it) for it in posting.transfers],
        "countries": [country_name(code) for code in posting.countries],
        "text_language": "vi" if get_language() == "en" and not posting.summary_en and not _is_english(posting) else "",
    }


def _is_english(posting):
    return posting.language == "en"


def is_open(posting, today):
    """Whether everybody sees it on this day (Posting.objects.published, for one)."""
    live = posting.state in (Posting.State.PUBLISHED, Posting.State.CONNECTING)
    return live and (posting.expires_on is None or posting.expires_on >= today)


def was_open(posting):
    """Everybody has seen it, and it is over: its page says so instead of not being there."""
    over = (Posting.State.EXPIRED, Posting.State.DONE, Posting.State.PUBLISHED, Posting.State.CONNECTING)
    return posting.state in over


def desk_path(posting):
    """The officer's page of it."""
    return reverse("posting_decide", args=[posting.code])
