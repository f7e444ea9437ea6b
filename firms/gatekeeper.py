"""Keeps machines out of the forms that anybody may send, without asking a service outside.

Four hurdles, each told in words and none of them losing what was typed: a field that people do not see, a stamp that says
when the form was opened (signed; a form is not filled in within two seconds, and it is sent once), a number of forms an hour
from one connection, and links, which are what spam is for."""

import hashlib
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from allauth.account.adapter import get_adapter
from django.core import signing
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

SALT = "firms.gatekeeper"
BAIT = "nickname"  # the field that people do not see
STAMP = "opened"
LEAST = timedelta(seconds=2)
LONGEST = timedelta(hours=24)
HOUR = 3600
# Forms an hour from one connection: an office behind one address writes several, a machine hundreds.
AN_HOUR = {"correction": 12, "enquiry": 6, "search": 12, "dossier": 30, "posting": 6, "interest": 6, "application": 6}


def stamp(now):
    """What a form carries from being opened to being sent: when, and a number of its own."""
    return signing.dumps([now.timestamp(), secrets.token_urlsafe(9)], salt=SALT)


def new_token():
    """The secret of a link that goes out by mail: 256 random bits. Only its hash is stored."""
    return secrets.token_urlsafe(32)


def hashed(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _read(text):
    """(when the form was opened, its number), or None if the stamp is not one of ours."""
    try:
        opened, number = signing.loads(str(text), salt=SALT)
        return datetime.fromtimestamp(opened, timezone.get_current_timezone()), number
    except (signing.BadSignature, ValueError, TypeError):
        return None


def objections(data, now):
    """Why a form is not taken as it was sent, in words; the form is shown again with all that was typed and a new stamp."""
    found = []
    if data.get(BAIT):
        found.append(_("A field that people do not see was filled in, perhaps by the browser. It is empty again: send the form."))
    read = _read(data.get(STAMP, ""))
    if read is None or now - read[0] > LONGEST:
        found.append(_("The form was open for more than a day. What you wrote is still here: look it over and send it now."))
    elif now - read[0] < LEAST:
        found.append(_("The form came back faster than a person types. What you wrote is still here: send it once more."))
    return found


def is_first(data):
    """True once for every form: somebody who presses the button twice has sent it once. Ask it when all else is right."""
    read = _read(data.get(STAMP, ""))
    return bool(read) and cache.add(f"gate:sent:{read[1]}", True, int(LONGEST.total_seconds()))


def connection_of(request):
    """The sender's network address behind the proxies that are ours; of IPv6 the part that one household has.

    Only a keyed hash of it goes into the cache."""
    address = get_adapter().get_client_ip(request)
    try:
        number = ip_address(address)
    except ValueError:
        number = address
    if isinstance(number, IPv6Address):
        number = int(number) >> 64
    return salted_hmac(SALT, str(number)).hexdigest()[:24]


def wait_of(kind, connection, now):
    """Counts a form. None, or the moment from which the next one is taken, if this connection has sent its share."""
    hour = int(now.timestamp()) // HOUR
    key = f"gate:{kind}:{connection}:{hour}"
    cache.add(key, 0, HOUR)
    try:
        count = cache.incr(key)
        cache.touch(key, HOUR)  # counting makes some caches forget for how long they were told to keep the number
    except ValueError:  # it ran out between the two lines
        return None
    return datetime.fromtimestamp((hour + 1) * HOUR, timezone.get_current_timezone()) if count > AN_HOUR[kind] else None


# Links, addresses, telephone numbers -----------------------------------------------------------------------------------
_DOT = re.compile(r"\s*[\[({<]\s*(?:dot|\.|cham|chấm)\s*[\])}>]\s*|(?<=\w)\s+dot\s+(?=\w)", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({<]\s*(?:at|@|a còng)\s*[\])}>]\s*|\s+a còng\s+", re.IGNORECASE)
_DOTS = dict.fromkeys(map(ord, "。․・‧∙⋅·｡"), ".")
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
# Endings that are no words: whatever stands before them with a dot is an address.
_ENDINGS = (
    "com|net|org|info|biz|edu|gov|mil|vn|io|cn|ru|xyz|gl|dev|cc|tk|ml|ga|cf|gq|eu|uk|de|fr|jp|kr|us|ws|su|asia|mobi|gg|tw|hk|"
    "sg|kh|au|nz|br|pl|nl|ch|cz|ua|kz|ir"
)
# Endings that are words too: only in small letters, and with nothing but plain letters before the dot.
_WORDS = (
    "in|ai|my|me|no|la|it|is|so|to|be|by|co|do|id|ly|ma|tv|th|ph|ca|es|se|fi|dk|za|tr|il|top|site|online|shop|club|website|app|"
    "link|click|live|store|tech|vip|pro|bet|win|casino|loan|work|icu|fun|space|world|today|page|blog|email|chat|zone|network|"
    "agency|digital|company|bid|men|red|art|car|map"
)
_NAMES = {"asp.net", "ado.net", "vb.net"}  # of things, not of places
_SCHEME = re.compile(r"\b(?:h[tx]{2}ps?|ftp)\s*:\s*/{1,2}\s*\S+|\bwww\s*\.\s*\S+|\b(?:mailto|javascript|data):\S+", re.IGNORECASE)
_DOMAIN = re.compile(rf"(?<![\w.@-])(?:{_LABEL}\.)+(?:(?i:{_ENDINGS})(?![\w-])|xn--\w+)(?:[/:?#]\S*)?")
_WORDY = re.compile(rf"(?<![\w.@-])(?:(?:[a-zA-Z0-9-]{{2,63}}\.)+(?:{_WORDS})(?![\w-])(?:/\S*)?|[a-z]\.(?:{_WORDS})/\S+)")
_MARKUP = re.compile(r"<\s*a\b[^>]*|\[/?\s*(?:url|link)\b[^\]]*\]?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@,;:<>()]{1,64}@(?:[\w-]{1,63}\.)+\w{2,}")
# A number that is dialled begins with + or 0; amounts of money and dates do not.
_PHONE = re.compile(r"(?<![\w.,/+-])(?:\(?\+\d{1,3}\)?|\(?0\d{1,3}\)?)(?:[ .()-]{0,2}\d){6,12}(?![\w])")


def _plain(text):
    """The text as an eye reads it: wide and styled letters as plain ones, nothing invisible, "[dot]" as a dot."""
    text = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", _AT.sub("@", _DOT.sub(".", text)))


def emails_in(text):
    return [match.group() for match in _EMAIL.finditer(_plain(text))]


def links_in(text):
    """What reads like a web address, as it stands, each once. E-mail addresses are left to `emails_in`."""
    text = _EMAIL.sub(" ", _plain(text))
    found = []
    for pattern in (_SCHEME, _MARKUP, _DOMAIN, _WORDY):
        found += [match.group().strip() for match in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    return [link for link in dict.fromkeys(found) if link.casefold() not in _NAMES]


def phones_in(text):
    found = [match.group().strip() for match in _PHONE.finditer(_plain(text))]
    return [number for number in found if sum(c.isdigit() for c in number) >= 9]


def lets_in(request, form, kind, now):
    """True if the form is right and its connection has not sent its share of the hour; else the form says what is the matter."""
    if not form.is_valid():
        return False
    if until := wait_of(kind, connection_of(request), now):
        form.add_error(
            None,
            _("{n} forms an hour are taken from one connection. What you wrote stands below: send it after {time}.").format(
                n=AN_HOUR[kind], time=date_format(until, "TIME_FORMAT")
            ),
        )
        return False
    return True
