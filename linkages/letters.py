"""Letters of the exchange of needs and offers to people without an account: some paragraphs, one button, a quiet line.

The words are lazy, so that they come out in the language of whoever gets the letter."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.text import format_lazy
from django.utils.translation import override

from firms.models import Authority
from parkportal import mail
from parkportal.models import User


@dataclass(frozen=True)
class Letter:
    """`about` is what the letter is about, in its reader's language; `facts` stand as lines of a list, `quote` as typed."""

    heading: object
    paragraphs: Sequence[object]
    about: str = ""
    facts: Sequence[tuple] = ()
    quote: str = ""
    action: tuple = ()  # (words of the button, path)
    quiet: Sequence[object] = field(default_factory=list)


def office():
    """The authority that runs the portal: whoever answers a letter writes to it."""
    return Authority.objects.filter(is_ours=True).first()


def send(key, to, language, letter, now):
    """Queues the letter; the key names the occasion, so that one occasion is one letter."""
    ours = office()
    headers = {"Reply-To": ours.email} if ours and ours.email else {}
    subject = format_lazy("{}: {}", letter.heading, letter.about) if letter.about else letter.heading
    return mail.queue_outside(key, to, language, subject, "market", _context(letter, ours), headers, now)


def tell_office(key, letter, now):
    """To the authority's office; to whoever keeps the linkages if the office has no address."""
    ours = office()
    if ours and ours.email:
        send(key, ours.email, mail.LANGUAGE, letter, now)
        return
    subject = format_lazy("{}: {}", letter.heading, letter.about)
    for person in User.objects.filter(role=User.Role.EDITOR, is_active=True):
        mail.queue(f"{key}:{person.pk}", person, subject, "market", _context(letter, None), now=now)


def _context(letter, ours):
    return {"letter": letter, "office": ours}


def said_in(language, words):
    """Lazy words in one language, for what is written down once and for all."""
    with override(language):
        return str(words)
