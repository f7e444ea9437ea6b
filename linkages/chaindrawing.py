"""A chain as a picture: tiers from left to right, a box a role with who plays it, an arc a link. Whole numbers of a grid;
the template only writes them down, so screen, print and PDF show the same."""

from dataclasses import dataclass

from linkages.models import Link

BOX, ROW, HEAD, GAP, COLUMN, MARGIN = 220, 30, 44, 28, 330, 16
LETTERS = 27  # of a name that fit into a box
SWEEPS = 4


@dataclass(frozen=True)
class Seat:
    """One line in a box: a member, or a place that is still open."""

    party_id: int | None
    words: str
    zone: str
    address: str
    y: int
    is_in_park: bool = False


@dataclass(frozen=True)
class Box:
    title: str
    note: str
    is_required: bool
    x: int
    y: int
    height: int
    seats: tuple
    width: int = BOX


@dataclass(frozen=True)
class Arc:
    it: object  # linkages.formation.LinkStanding
    path: str
    kind: str
    level: int
    words: str
    address: str
    is_in_force: bool
    label_x: int
    label_y: int


@dataclass(frozen=True)
class Row:
    """A line of the picture's text twin: the link, with the number of its arc where it is drawn."""

    it: object
    number: int | None = None


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    boxes: tuple
    arcs: tuple
    kinds: tuple  # (key, words) of the kinds that occur: the legend
    others: tuple  # links of which an end plays no role: told below the picture


def shortened(words, letters=LETTERS):
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"


def draw(standing, is_officer=False):
    """The picture of a chain's standing (linkages.formation)."""
    tiers = {}
    for role in standing.roles:
        tiers.setdefault(role.role.tier, []).append(role)
    columns = _ordered([tiers[tier] for tier in sorted(tiers)], standing.links)
    boxes, places = [], {}
    heights = [sum(_height(role) + GAP for role in column) - GAP for column in columns]
    tallest = max(heights, default=0)
    for number, column in enumerate(columns):
        x, y = MARGIN + number * COLUMN, MARGIN + (tallest - heights[number]) // 2
        for role in column:
            box = _box(role, x, y)
            boxes.append(box)
            for seat in box.seats:
                if seat.party_id:
                    places.setdefault(seat.party_id, (x, seat.y, number))
            y += box.height + GAP
    arcs, others = [], []
    for number, it in enumerate(standing.links):
        ends = places.get(it.link.source_party_id), places.get(it.link.target_party_id)
        if not all(ends) or not (is_officer or it.link.is_public):
            others.append(it)
            continue
        arcs.append(_arc(it, *ends, number))
    kinds = tuple((key, words) for key, words in Link.Kind.choices if any(arc.kind == key for arc in arcs))
    width = MARGIN * 2 + max(0, len(columns) - 1) * COLUMN + BOX if columns else 0
    return Picture(width, tallest + 2 * MARGIN, tuple(boxes), tuple(arcs), kinds, tuple(others))


def rows(standing, picture, is_officer=False):
    """Every link of the chain that may be seen, those that are drawn first and in the order of their numbers."""
    drawn = [Row(arc.it, number) for number, arc in enumerate(picture.arcs, start=1)]
    return drawn + [Row(it) for it in picture.others if is_officer or it.link.is_public]


def _ordered(columns, links):
    """The roles of each tier so that few arcs cross: in sweeps, each is drawn to the middle of its neighbours."""
    neighbours = {}
    for it in links:
        neighbours.setdefault(it.link.source_party_id, set()).add(it.link.target_party_id)
        neighbours.setdefault(it.link.target_party_id, set()).add(it.link.source_party_id)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            others = {
                member.party_id: place
                for other in columns
                if other is not column
                for place, role in enumerate(other)
                for member in role.members
            }
            middle = {}
            for place, role in enumerate(column):
                beside = [others[one] for member in role.members for one in neighbours.get(member.party_id, ()) if one in others]
                middle[role.role.pk] = sum(beside) / len(beside) if beside else place
            column.sort(key=lambda role: middle[role.role.pk])
    return columns


def _height(role):
    return HEAD + ROW * max(1, len(role.members) + (1 if role.missing else 0)) + 6


def _box(role, x, y):
    seats, at = [], y + HEAD
    for member in role.members:
        party = member.party
        zone = party.zone.title if party.zone else ""
        seats.append(Seat(party.pk, shortened(party.title), zone, party.get_absolute_url(), at, party.is_in_park))
        at += ROW
    if role.missing:
        seats.append(Seat(None, str(role.missing), "", "", at))
    return Box(
        role.role.title, f"{len(role.members)}/{role.role.needed}", role.role.is_required, x, y, _height(role), tuple(seats)
    )


def _arc(it, source, target, number):
    """A curve from the right edge of who supplies to the left edge of who takes; between neighbours of one tier it bows out."""
    (x1, y1, tier1), (x2, y2, tier2) = source, target
    y1, y2 = y1 + ROW // 2, y2 + ROW // 2
    if tier1 == tier2:
        start, end, bow = x1 + BOX, x2 + BOX, 46 + 8 * (number % 4)
        path = f"M{start} {y1}C{start + bow} {y1} {end + bow} {y2} {end} {y2}"
        middle = start + bow * 3 // 4
    else:
        start, end = (x1 + BOX, x2) if tier1 < tier2 else (x1, x2 + BOX)
        bend = (end - start) // 2
        path = f"M{start} {y1}C{start + bend} {y1} {end - bend} {y2} {end} {y2}"
        middle = (start + end) // 2
    words = f"{it.link.source_party.title} → {it.link.target_party.title}: {it.link.get_kind_display()}"
    if it.link.subject:
        words = f"{words}, {it.link.subject}"
    return Arc(it, path, it.link.kind, it.level, words, it.link.get_absolute_url(), it.is_in_force, middle, (y1 + y2) // 2)
