"""A chain as a picture: what flows goes from left to right, a column a tier, a box a role with who plays it, an arc a link.

Whole numbers of a grid; the template only writes them down, so that screen, print and PDF show the same. Few arcs cross: the
roles of each tier are drawn, in sweeps, to the middle of their neighbours (the barycentre rule of layered drawings)."""

import re
from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from linkages.chainarcs import BADGE, BOX, DASHES, GAP, GUTTER, MARGIN, ROOM, STRONG, arcs_of, nearest
from linkages.formation import is_shown
from linkages.models import Link

HEADS = 34  # room for the headings of the columns
TITLE, LINE, ZONE, PAD = 20, 18, 17, 8  # heights: a line of a title, of a name, of a zone; around them
INSIDE = BOX - 36
WIDE, NARROW = frozenset("ABCDEGHKNOPQRSTUVXYĐÂÊÔƠƯ&mwMW@%"), frozenset("iíìỉĩịjlrtf.,-()' 1")
SWEEPS = 4
FORMS = re.compile(
    r"(?i)^(?:chi nhánh )?(?:tổng )?công ty (?:(?:tnhh|trách nhiệm hữu hạn|cổ phần|cp)\b\s*)?"
    r"(?:mtv|(?:một|1|hai|2) thành viên)?\s*"
    r"|,?\s*\b(?:co\.?,? ?ltd\.?|company limited|joint stock company|jsc|inc\.?|corporation)$"
)


@dataclass(frozen=True)
class Text:
    words: str
    y: int


@dataclass(frozen=True)
class Seat:
    """A place in a box: a member (`kind`: park, zone, other; hidden where everybody may not know), or `open`: how many lack."""

    kind: str
    full: str
    lines: tuple
    zone: Text | None
    address: str
    x: int
    y: int
    height: int
    width: int = BOX - 16

    @property
    def middle(self):
        return self.y + self.height // 2


@dataclass(frozen=True)
class Box:
    title: tuple
    note: str
    is_required: bool
    x: int
    y: int
    height: int
    seats: tuple
    width: int = BOX


@dataclass(frozen=True)
class Row:
    """A line of the picture's text twin: the link, with the number of its arc where it is drawn."""

    it: object
    number: int | None = None


@dataclass(frozen=True)
class Kind:
    key: str
    words: str
    dashes: str
    is_strong: bool


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    heads: tuple  # (words, x, y) of the columns
    boxes: tuple
    arcs: tuple
    kinds: tuple  # that occur: the legend
    rows: tuple  # the text twin
    unseen: int  # links of the chain that are not shown to this reader


# Words ---------------------------------------------------------------------------------------------------------------
def short(name):
    """A firm's name without its legal form, which says nothing in a picture; the whole name stands in the table."""
    bare = FORMS.sub("", name).strip(" ,-–")
    return bare[:1].upper() + bare[1:] if len(bare) > 2 else name


def measure(words):
    """About how wide words are at 13 px, in px: what fits must be known before it is drawn."""
    return sum(9.6 if letter in WIDE else 4.6 if letter in NARROW else 7.5 for letter in words)


def wrapped(words, lines=2, width=INSIDE):
    """The words in at most so many lines; what does not fit ends in an ellipsis."""
    done, rest = [], words.split()
    while rest and len(done) < lines:
        line = rest.pop(0)
        while rest and measure(f"{line} {rest[0]}") <= width:
            line = f"{line} {rest.pop(0)}"
        done.append(line)
    if rest:
        done[-1] = f"{done[-1]} …"
    return [_cut(line, width) for line in done] or [""]


def _cut(line, width):
    if measure(line) <= width:
        return line
    line = line.removesuffix(" …")
    while measure(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def tier_words(tier):
    return _("Lead of the chain") if tier == 0 else _("Tier {n}").format(n=tier)


# The picture ---------------------------------------------------------------------------------------------------------
def draw(standing, is_officer=False):
    """The picture of a chain's standing (linkages.formation), as this reader may see it."""
    tiers = {}
    for role in standing.roles:
        tiers.setdefault(role.role.tier, []).append(role)
    order = sorted(tiers, reverse=True)
    columns = _ordered([tiers[tier] for tier in order], standing.links)
    seen = [it for it in standing.links if is_officer or is_shown(it.link)]
    ends = Counter(it.link.source_party_id for it in seen) + Counter(it.link.target_party_id for it in seen)
    drawn = [[_Draft(role, is_officer, ends) for role in column] for column in columns]
    heights = [sum(draft.height + GAP for draft in column) - GAP for column in drawn]
    tallest = max(heights, default=0)
    boxes, seats = [], {}
    for number, column in enumerate(drawn):
        x, y = MARGIN + number * (BOX + GUTTER), MARGIN + HEADS + (tallest - heights[number]) // 2
        for draft in column:
            box = draft.at(x, y)
            boxes.append((number, box))
            for member, seat in zip(draft.role.members, box.seats, strict=False):
                seats.setdefault(member.party_id, []).append((number, seat))
            y += box.height + GAP
    routes, others = [], []
    for it in seen:
        ends = nearest(seats.get(it.link.source_party_id, ()), seats.get(it.link.target_party_id, ()))
        (routes if ends else others).append((it, ends))
    arcs = arcs_of(routes, boxes, MARGIN + HEADS, MARGIN + HEADS + tallest)
    rows = tuple(Row(arc.it, arc.number) for arc in arcs) + tuple(Row(it) for it, _none in others)
    loops = any(ends[0][0] == ends[1][0] == len(columns) - 1 for _it, ends in routes)
    width = MARGIN * 2 + len(columns) * (BOX + GUTTER) - (0 if loops else GUTTER) if columns else 0
    heads = tuple((tier_words(tier), MARGIN + n * (BOX + GUTTER), MARGIN + 14) for n, tier in enumerate(order))
    kinds = tuple(
        Kind(key, words, DASHES.get(key, ""), key in STRONG)
        for key, words in Link.Kind.choices if any(arc.kind == key for arc in arcs)
    )  # fmt: skip
    unseen = len(standing.links) - len(seen)
    height = 2 * MARGIN + HEADS + tallest + BADGE
    return Picture(width, height, heads, tuple(box for _n, box in boxes), tuple(arcs), kinds, rows, unseen)


def _ordered(columns, links):
    """The roles of each tier so that few arcs cross."""
    neighbours = {}
    for it in links:
        neighbours.setdefault(it.link.source_party_id, set()).add(it.link.target_party_id)
        neighbours.setdefault(it.link.target_party_id, set()).add(it.link.source_party_id)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            places = {
                member.party_id: place / max(1, len(other) - 1)
                for other in columns if other is not column
                for place, role in enumerate(other)
                for member in role.members
            }  # fmt: skip
            middle = {}
            for place, role in enumerate(column):
                beside = [places[one] for member in role.members for one in neighbours.get(member.party_id, ()) if one in places]
                middle[role.role.pk] = sum(beside) / len(beside) if beside else place / max(1, len(column) - 1)
            column.sort(key=lambda role: middle[role.role.pk])
    return columns


class _Draft:
    """A role's box before it has its place: what it says, and so how high it is."""

    def __init__(self, role, is_officer, ends):
        self.role = role
        self.title = wrapped(role.role.title, width=(INSIDE - 34) * 5 // 6)  # bold, and a size larger
        self.lines = []  # (kind, full words, lines, zone, address, links that end there)
        for member in role.members:
            self.lines.append((*self._member(member.party, is_officer), ends[member.party_id]))
        if role.missing:
            self.lines.append(("open", "", [_("{n} still to be found").format(n=role.missing)], "", "", 0))

    @staticmethod
    def _member(party, is_officer):
        if not (is_officer or party.is_shown):
            return ("hidden", "", [_("a member that is not public")], "", "")
        zone = party.zone.title if party.zone else party.place or str(party.get_kind_display())
        kind = "park" if party.is_in_park else "zone" if party.zone else "other"
        return (kind, party.title, wrapped(short(party.title)), _cut(zone, INSIDE), party.get_absolute_url())

    @staticmethod
    def _tall(line):
        return max(len(line[2]) * LINE + (ZONE if line[3] else 0) + 10, line[5] * ROOM + 14)

    @property
    def height(self):
        return PAD + len(self.title) * TITLE + PAD + sum(self._tall(line) + 6 for line in self.lines) + 4

    def at(self, x, y):
        title = tuple(Text(words, y + PAD + 15 + n * TITLE) for n, words in enumerate(self.title))
        seats, top = [], y + PAD + len(self.title) * TITLE + PAD
        for kind, full, lines, zone, address, links in self.lines:
            tall = self._tall((kind, full, lines, zone, address, links))
            written = tuple(Text(words, top + 18 + n * LINE) for n, words in enumerate(lines))
            below = Text(zone, top + 17 + len(lines) * LINE) if zone else None
            seats.append(Seat(kind, full, written, below, address, x + 8, top, tall))
            top += tall + 6
        note = f"{len(self.role.members)}/{self.role.role.needed}"
        return Box(title, note, self.role.role.is_required, x, y, self.height, tuple(seats))
