"""A visitor's shortlist of firms and zones, kept in a signed cookie: without an account, and with nothing stored here.

A second cookie holds for a while what the list was before its last change, so that every removal can be undone."""

import json
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from firms.codes import is_code
from firms.models import Firm, Zone
from parkportal.text import nfc

COOKIE, COOKIE_BEFORE = "shortlist", "shortlist_before"
KEPT_SECONDS = 7 * 24 * 3600  # since the last change
UNDO_SECONDS = 15 * 60
MOST = 30
NOTE_LENGTH = 200
# Both cookies together stay well under the 8 KB that servers take as the head of a request.
COOKIE_BYTES = 2600
KINDS = FIRM, ZONE = "firm", "zone"
MERGERS = 10  # how often an entry may have been merged on
FIRM_CARDS = Firm.objects.select_related("zone", "sector")
ZONE_CARDS = Zone.objects.select_related("parent")
_SALT = "firms.shortlist"


class NoRoom(Exception):
    """The list holds as many entries, or as many words in its notes, as it can."""


@dataclass(frozen=True)
class Entry:
    kind: str
    code: str
    note: str = ""

    @property
    def key(self):
        return f"{self.kind}:{self.code}"

    @property
    def anchor(self):
        """The name of its place on the page."""
        return f"{self.kind}-{self.code}"


@dataclass(frozen=True)
class Shortlist:
    entries: tuple[Entry, ...] = ()

    def __len__(self):
        return len(self.entries)

    @cached_property
    def keys(self):
        return {entry.key for entry in self.entries}

    @property
    def firms(self):
        return [entry.code for entry in self.entries if entry.kind == FIRM]

    @property
    def zones(self):
        return [entry.code for entry in self.entries if entry.kind == ZONE]

    @property
    def is_full(self):
        return len(self.entries) >= MOST

    def get(self, kind, code):
        return next((entry for entry in self.entries if (entry.kind, entry.code) == (kind, code)), None)

    def added(self, *entries):
        """With these at the end. What is on the list already stays where it is, with its note."""
        new = [entry for entry in dict.fromkeys(entries) if not self.get(entry.kind, entry.code)]
        if len(self.entries) + len(new) > MOST:
            raise NoRoom
        return replace(self, entries=(*self.entries, *new))

    def without(self, kind, code):
        return replace(self, entries=tuple(entry for entry in self.entries if (entry.kind, entry.code) != (kind, code)))

    def noted(self, kind, code, note):
        words = " ".join(nfc(note).split())[:NOTE_LENGTH]
        changed = tuple(replace(one, note=words) if (one.kind, one.code) == (kind, code) else one for one in self.entries)
        return replace(self, entries=changed)

    def moved(self, kind, code, step):
        """One place up (-1) or down (1) among those of its kind; at the end of the road it stays."""
        own = [entry for entry in self.entries if entry.kind == kind]
        place = next((n for n, entry in enumerate(own) if entry.code == code), None)
        if place is None or not 0 <= place + step < len(own):
            return self
        own[place], own[place + step] = own[place + step], own[place]
        return replace(self, entries=(*own, *(entry for entry in self.entries if entry.kind != kind)))

    def dumps(self):
        rows = [[entry.kind[0], entry.code, entry.note] if entry.note else [entry.kind[0], entry.code] for entry in self.entries]
        signed = signing.dumps(rows, salt=_SALT, compress=True, serializer=_Json)
        if len(signed) > COOKIE_BYTES:
            raise NoRoom
        return signed

    @classmethod
    def loads(cls, text, max_age=KEPT_SECONDS):
        """The list that was signed here, empty if it is not there, too old, or somebody else's work."""
        try:
            rows = signing.loads(text, salt=_SALT, max_age=max_age, serializer=_Json) if text else []
        except signing.BadSignature:
            rows = []
        kinds = {kind[0]: kind for kind in KINDS}
        return cls(tuple(Entry(kinds[row[0]], *row[1:]) for row in rows))


class _Json:
    """Letters as they are: a Vietnamese note is half as long as in escapes."""

    def dumps(self, obj):
        return json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode()

    def loads(self, data):
        return json.loads(data)


def asked(data):
    """The entries that an address or a form names (firm=…&firm=…&zone=…), each once; what can be no code is left out."""
    getlist = data.getlist if hasattr(data, "getlist") else lambda name: [data[name]] if name in data else []
    found = [Entry(FIRM, code) for code in getlist(FIRM) if len(code) <= 12 and is_code(code)]
    found += [Entry(ZONE, code) for code in getlist(ZONE) if is_zone_code(code)]
    return list(dict.fromkeys(found))


def is_zone_code(text):
    try:
        validate_slug(text)
    except ValidationError:
        return False
    return len(text) <= 30


@dataclass
class Found:
    """What stands behind the entries today: public firms under the code that they have now, and public zones."""

    firms: list = field(default_factory=list)
    zones: list = field(default_factory=list)
    missing: list = field(default_factory=list)  # entries that the directory no longer shows
    renamed: dict = field(default_factory=dict)  # code that was asked for -> firm that it was merged into

    @property
    def things(self):
        return [*self.firms, *self.zones]


def find(entries, firms=None, zones=None):
    """Looks the entries up, in their order. `firms` and `zones` are querysets that bring along what the page shows."""
    firms, zones = Firm.objects.all() if firms is None else firms, Zone.objects.all() if zones is None else zones
    found = Found()
    heirs = _heirs([entry.code for entry in entries if entry.kind == FIRM])
    by_pk = {firm.pk: firm for firm in firms.public().filter(pk__in=set(heirs.values()))}
    by_code = {
        zone.code: zone for zone in zones.public().filter(code__in=[entry.code for entry in entries if entry.kind == ZONE])
    }
    for entry in entries:
        thing = by_pk.get(heirs.get(entry.code)) if entry.kind == FIRM else by_code.get(entry.code)
        group = found.firms if entry.kind == FIRM else found.zones
        if thing is None:
            found.missing.append(entry)
            continue
        if thing.code != entry.code:
            found.renamed[entry.code] = thing
        if thing not in group:
            group.append(thing)
    return found


def _heirs(codes):
    """{code: pk of the firm that it stands for today}: merged entries lead on to the one that was kept."""
    rows = Firm.objects.filter(code__in=codes).values_list("code", "pk", "merged_into")
    heirs = {code: (pk, onward) for code, pk, onward in rows}
    for _turn in range(MERGERS):
        open_ends = {onward for _pk, onward in heirs.values() if onward}
        if not open_ends:
            break
        onwards = dict(Firm.objects.filter(pk__in=open_ends).values_list("pk", "merged_into"))
        heirs = {code: (onward, onwards.get(onward)) if onward else (pk, None) for code, (pk, onward) in heirs.items()}
    return {code: pk for code, (pk, _onward) in heirs.items()}


def entries_of(found):
    """Entries for what was found, under the codes of today."""
    return [Entry(FIRM, firm.code) for firm in found.firms] + [Entry(ZONE, zone.code) for zone in found.zones]


@dataclass(frozen=True)
class Line:
    """A firm or zone on the page of the list, with what the visitor wrote of it."""

    entry: Entry
    thing: object
    former: str = ""  # the code under which it was put on the list, where it was merged since
    is_mine: bool = True


def lines(found, shortlist):
    """{kind: lines} of what was found."""
    groups = {}
    for kind, things in ((FIRM, found.firms), (ZONE, found.zones)):
        former = {thing.pk: code for code, thing in found.renamed.items() if kind == FIRM}
        groups[kind] = []
        for thing in things:
            entry = shortlist.get(kind, thing.code) or shortlist.get(kind, former.get(thing.pk, ""))
            groups[kind].append(Line(entry or Entry(kind, thing.code), thing, former.get(thing.pk, ""), entry is not None))
    return groups


def settled(shortlist):
    """The list with merged firms under the code that they have now."""
    renamed = find(shortlist.entries).renamed
    moved = [replace(one, code=renamed[one.code].code) if one.code in renamed else one for one in shortlist.entries]
    unique = {}
    for entry in moved:
        unique.setdefault(entry.key, entry)
    return Shortlist(tuple(unique.values()))


# The cookies ------------------------------------------------------------------------------------------------------------
def before(request):
    """What the list was before its last change, while that can be undone; else None."""
    text = request.COOKIES.get(COOKIE_BEFORE)
    return Shortlist.loads(text, UNDO_SECONDS) if text else None


def keep(response, new, old=None):
    """Writes the list, and what it was before (`old`) for as long as the change can be undone."""
    _set(response, COOKIE, new, KEPT_SECONDS)
    if old is None:
        response.delete_cookie(COOKIE_BEFORE, samesite="Lax")
    else:
        _set(response, COOKIE_BEFORE, old, UNDO_SECONDS)
    return response


def _set(response, name, shortlist, seconds):
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, shortlist.dumps(), max_age=seconds, httponly=True, samesite="Lax", secure=secure)


class ShortlistMiddleware:
    """Gives every request its shortlist, read on first use. What a visitor with one sees, no cache on the way keeps."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.shortlist = SimpleLazyObject(lambda: Shortlist.loads(request.COOKIES.get(COOKIE)))
        response = self.get_response(request)
        if COOKIE in request.COOKIES:
            response.setdefault("Cache-Control", "private")
            patch_vary_headers(response, ["Cookie"])
        return response
