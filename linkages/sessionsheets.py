"""What is printed for a matching session, Vietnamese and English on the same sheet: name badges, a page for each participant,
a page for each table, and the plan for the door. Names and hours are those of the moment; the portal keeps no copy."""

import hashlib
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst

from firms.countries import country_name
from firms.models import Authority
from linkages.models import Meeting
from linkages.sessions import COMING
from linkages.sessiontimetable import slots_of
from parkportal.documents import fitting, pdf
from parkportal.text import sort_key

LANGUAGES = ("vi", "en")
CSS = Path(__file__).with_suffix(".css")
KEPT = 3600  # seconds: what is the same is laid out once
PEOPLE, TABLES, DOOR, NAMES = "people", "tables", "door", "names"
A_FILE = {"badges": 80, PEOPLE: 25, TABLES: 12}  # as many as are laid out in the few seconds that somebody waits
PARTS = (PEOPLE, TABLES, DOOR, NAMES)
BADGES_A_PAGE = 8
TABLES_A_PLAN = 8  # columns of the door's plan that still hold names
# Points that the words of a badge may take, which is 90 mm × 60 mm.
ACROSS, DOWN = 230, 104
NAME, POSITION, FIRM = (26, 24, 22, 20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9), (9, 8, 7), (14, 13, 12, 11, 10, 9, 8, 7, 6)
EVENT, EVENT_ACROSS, EVENT_DOWN = (8, 7.5, 7, 6.5, 6, 5.5), 185, 23


@dataclass
class Guest:
    """A participant as printed; a pair is [Vietnamese, English]. `number` stays the same when somebody else stays away."""

    pk: int
    number: int
    is_coming: bool
    person: str
    position: str
    firm: list
    place: list
    country: list
    side: str
    side_words: list
    subject: list
    needs_interpreter: bool
    visits: list = field(default_factory=list)

    @property
    def sizes(self):
        """Points of the lines on the badge: person, position, firm, firm in English. Who is longer gets smaller letters."""
        name = fitting.size(self.person, NAME, ACROSS, 46, alone=17)
        position = fitting.size(self.position, POSITION, ACROSS, 20)
        left = DOWN - fitting.height(self.person, name, ACROSS) - fitting.height(self.position, position, ACROSS)
        share = 1 if self.firm[0] == self.firm[1] else 0.58
        firm = fitting.size(self.firm[0], FIRM, ACROSS, left * share, alone=11)
        other = fitting.size(self.firm[1], FIRM[FIRM.index(firm) + 1 :] or FIRM[-1:], ACROSS, left * (1 - share), alone=9)
        return name, position, firm, other


@dataclass(frozen=True)
class Visit:
    """A meeting as one of the two sees it."""

    hours: str
    table: int
    other: Guest
    needs_interpreter: bool


@dataclass(frozen=True)
class Seat:
    """A meeting as its table sees it."""

    hours: str
    first: Guest
    second: Guest
    needs_interpreter: bool


def _both(read):
    words = []
    for language in LANGUAGES:
        with translation.override(language):
            words.append(str(read()))
    return words


def guests_of(session):
    """Everybody entered for a session in the order of entry, numbered from 1."""
    rows = session.participants.select_related("party__firm__zone", "posting").order_by("pk")
    return [_guest(number, it) for number, it in enumerate(rows, start=1)]


def _guest(number, it):
    party, posting = it.party, it.posting
    # A firm of the registry stands in its zone, wherever its capital comes from.
    country = "VN" if party.firm_id else party.country
    # A need or an offer that is published without a name must not get one from the sheet that others carry home.
    is_told = posting and not posting.is_anonymous
    return Guest(
        it.pk,
        number,
        it.state in COMING,
        it.person,
        it.position,
        _both(lambda: party.title),
        _both(lambda: party.zone.title if party.zone else party.place),
        _both(lambda: country_name(country) if country else ""),
        it.side,
        _both(lambda: capfirst(it.get_side_display())),
        [posting.title, posting.title_en or posting.title] if is_told else ["", ""],
        it.needs_interpreter,
    )


def plan_of(session):
    """(guests, {(slot, table): Seat}, slots) of a session; each guest's visits are in the order of the day."""
    guests, slots = guests_of(session), slots_of(session)
    known, seats = {it.pk: it for it in guests}, {}
    for meeting in Meeting.objects.filter(session=session).order_by("slot", "table"):
        if meeting.slot < len(slots):
            first, second = known[meeting.first_id], known[meeting.second_id]
            is_helped = first.needs_interpreter or second.needs_interpreter
            hours, table = slots[meeting.slot].hours, meeting.table + 1
            seats[meeting.slot, meeting.table] = Seat(hours, first, second, is_helped)
            for one, other in ((first, second), (second, first)):
                one.visits.append(Visit(hours, table, other, is_helped))
    return guests, seats, slots


def stretches(number, what):
    """[(first, last)] of so many badges or sheets: as few files as A_FILE allows, all about as long."""
    step = _step(number, what)
    return [(first, min(first + step - 1, number)) for first in range(1, number + 1, step)]


def _step(number, what):
    return ceil(number / max(1, ceil(number / A_FILE[what]))) or 1


def _stretch(rows, what, first):
    return rows[first - 1 : first - 1 + _step(len(rows), what)]


@dataclass(frozen=True)
class Printed:
    """What can be printed for a session now: files by their first and last badge or sheet, and guests one by one."""

    badges: list
    people: list
    tables: list
    coming: list
    is_planned: bool


def printed(session):
    guests, seats, _slots = plan_of(session)
    coming = [it for it in guests if it.is_coming]
    busy, used = [it for it in guests if it.visits], {table for _slot, table in seats}
    files = stretches(len(coming), "badges"), stretches(len(busy), PEOPLE), stretches(len(used), TABLES)
    return Printed(*files, sorted(coming, key=lambda it: sort_key(it.firm[0])), bool(seats))


# Files ------------------------------------------------------------------------------------------------------------------
def badges(session, first=1, only=None):
    """Badges of whoever comes, from the first-th on or one alone, as PDF; what is left of the page is blank, for the pen.

    None where there is nobody to make one for."""
    guests = [it for it in guests_of(session) if it.is_coming and only in (None, it.pk)]
    guests = _stretch(guests, "badges", first)
    if not guests:
        return None
    if reason := pdf.why_not():
        raise pdf.NotPossibleHere(reason)
    pages = [guests[start : start + BADGES_A_PAGE] for start in range(0, len(guests), BADGES_A_PAGE)]
    event = " ".join(dict.fromkeys([session.title, session.title_en or session.title]))
    event_size = f"{fitting.size(event, EVENT, EVENT_ACROSS, EVENT_DOWN)}".replace(".", "-")
    return _made("badges", session, {"pages": pages, "blanks": range(-len(guests) % BADGES_A_PAGE), "event_size": event_size})


def sheets(session, part, first=1, only=None):
    """The sheets of a part as PDF: the door's plan or its list, or tables or participants from the first-th on.

    None before there is a timetable."""
    guests, seats, slots = plan_of(session)
    busy = [it for it in guests if it.visits and only in (None, it.pk)]
    used = sorted({table for _slot, table in seats})
    if part == PEOPLE:
        context = {"guests": _stretch(busy, PEOPLE, first)}
    elif part == TABLES:
        some = _stretch(used, TABLES, first)
        context = {"tables": [(table + 1, [seats[key] for key in sorted(seats) if key[1] == table]) for table in some]}
    elif part == DOOR:
        context = {"plans": list(_plans(seats, slots))}
    else:
        context = {"guests": sorted(busy, key=lambda it: sort_key(it.firm[0]))}
    return _made("sheets", session, {"part": part} | context) if any(context.values()) else None


def _plans(seats, slots):
    """The day as grids: [(numbers of some tables, [(hours, [seat or None])])]; slots without a meeting are left out."""
    used = sorted({table for _slot, table in seats})
    busy = [it for it in slots if any(slot == it.number for slot, _table in seats)]
    for start in range(0, len(used), TABLES_A_PLAN):
        some = used[start : start + TABLES_A_PLAN]
        yield [table + 1 for table in some], [(it.hours, [seats.get((it.number, table)) for table in some]) for it in busy]


def _made(what, session, context):
    """Laid out once an hour, unless something has changed. Raises NotPossibleHere where this machine makes no PDF."""
    if reason := pdf.why_not():
        raise pdf.NotPossibleHere(reason)
    begins = timezone.localtime(session.starts_at)
    context |= {
        "title": [session.title, session.title_en or session.title],
        "day": _both(lambda: capfirst(date_format(begins, "l")) + ", " + date_format(begins, "DATE_FORMAT")),
        "hours": f"{begins:%H:%M}–{timezone.localtime(session.ends_at):%H:%M}",
        "venue": session.venue or session.online_address,
        "authority": _both(lambda: ours.title if (ours := Authority.objects.filter(is_ours=True).first()) else ""),
        "is_demonstration": session.is_demonstration,
    }
    with translation.override("vi"):
        page = render_to_string(f"linkages/document/session_{what}.html", context)
    key = f"session-sheet:{hashlib.sha256(page.encode()).hexdigest()}"
    return cache.get_or_set(key, lambda: pdf.make(page, CSS.read_text()), KEPT)
