"""The arcs of a chain's picture: from who supplies to who takes, past the boxes between them, each with its number.

The grid is whole numbers: columns of boxes, all of one width, with a gutter between them in which the arcs bend."""

from collections import Counter
from dataclasses import dataclass

BOX, GUTTER, MARGIN, GAP = 236, 128, 12, 30  # width of a box, between two columns, round the whole, between two boxes
BADGE, SPREAD, ROOM = 12, 14, 9  # radius of a number; between arcs that end side by side: wished for, and at least
# How a kind is drawn, the same as in the network of links: dashes of the line; the accent goes with `STRONG`.
DASHES = {
    "output": "14 4", "logistics": "12 3 2 3", "training": "6 4", "research": "2 3", "service": "6 4", "incubation": "2 3",
}  # fmt: skip
STRONG = ("input", "output", "training", "research")


@dataclass(frozen=True)
class Arc:
    it: object  # linkages.formation.LinkStanding
    number: int
    path: str
    head: str  # the arrow's points
    words: str
    x: int  # where the number stands
    y: int

    @property
    def kind(self):
        return self.it.link.kind

    @property
    def dashes(self):
        return DASHES.get(self.kind, "")

    @property
    def is_strong(self):
        return self.kind in STRONG

    @property
    def width(self):
        return self.it.level + 2 if self.it.is_in_force else 2


def nearest(sources, targets):
    """The two seats that are drawn together: a partner may play several roles. None where an end plays none."""
    pairs = [(one, other) for one in sources for other in targets]
    return min(pairs, key=lambda it: (abs(it[0][0] - it[1][0]), abs(it[0][1].y - it[1][1].y)), default=None)


def arcs_of(routes, boxes, top, bottom):
    ports = {}  # (column, seat's top, side) -> the routes that end there
    for number, (_it, ((first, source), (last, target))) in enumerate(routes):
        sides = ("right", "left") if first < last else ("left", "right") if first > last else ("right", "right")
        ports.setdefault((first, source.y, sides[0]), []).append((target.y, number, 0))
        ports.setdefault((last, target.y, sides[1]), []).append((source.y, number, 1))
    heights = {}
    for (column, y, _side), found in ports.items():
        seat = next(seat for n, box in boxes if n == column for seat in box.seats if seat.y == y)
        room = min(SPREAD, (seat.height - 14) // max(1, len(found) - 1)) if len(found) > 1 else 0
        for place, (_other, number, end) in enumerate(sorted(found)):
            heights[number, end] = seat.middle + round((place - (len(found) - 1) / 2) * room)
    arcs, taken, used = [], [], Counter()
    for number, (it, ((first, source), (last, target))) in enumerate(routes):
        y1, y2 = heights[number, 0], heights[number, 1]
        if first == last:
            curves, way = [_bow(source, target, y1, y2, number)], -1
        else:
            curves, way = _through(first, last, y1, y2, boxes, (top, bottom), used), 1 if first < last else -1
        # Where arcs come together their numbers would lie on each other: they stand nearer to the other end.
        fans_in = len(ports[last, target.y, "left" if way > 0 else "right"]) > 1
        x, y = _free_place(curves[0] if fans_in else curves[-1], fans_in, taken)
        taken.append((x, y))
        tip_x, tip_y = curves[-1][3]
        head = f"{tip_x} {tip_y} {tip_x - way * 10} {tip_y - 5} {tip_x - way * 10} {tip_y + 5}"
        arcs.append(Arc(it, number + 1, _path(curves), head, _told(it), x, y))
    return arcs


def _path(curves):
    """The curves one after the other, with a straight line from the end of each to the beginning of the next."""
    lines = [f"L{a} {b}C{c} {d} {e} {f} {g} {h}" for (a, b), (c, d), (e, f), (g, h) in curves]
    return "".join(lines).replace("L", "M", 1)


def _told(it):
    words = f"{it.link.source_party.title} → {it.link.target_party.title}: {it.link.get_kind_display()}"
    return f"{words}, {it.link.subject}" if it.link.subject else words


def _bow(source, target, y1, y2, number):
    """Between two of one tier: out to the right and back."""
    edge, reach = source.x + BOX - 8, 56 + 12 * (number % 4)
    return ((edge, y1), (edge + reach, y1), (target.x + BOX - 8 + reach, y2), (target.x + BOX - 8, y2))


def _through(first, last, y1, y2, boxes, edges, used):
    """Curves from column to column; past the columns between the two ends it goes through the gap that lies nearest."""
    way = 1 if first < last else -1
    between = range(first + way, last, way)
    points, steps = [(first, y1)], len(between) + 1
    for step, column in enumerate(between, start=1):
        points.append((column, _lane(column, y1 + (y2 - y1) * step // steps, boxes, edges, used)))
    points.append((last, y2))
    curves = []
    for (one, from_y), (other, to_y) in zip(points, points[1:], strict=False):
        left, right = MARGIN + one * (BOX + GUTTER), MARGIN + other * (BOX + GUTTER)
        start, end = (left + BOX, right) if way > 0 else (left, right + BOX)
        bend = (end - start) // 2
        curves.append(((start, from_y), (start + bend, from_y), (end - bend, to_y), (end, to_y)))
    return curves


def _lane(column, y, boxes, edges, used):
    """The height nearest to y at which no box of a column stands; several arcs through one gap run beside each other."""
    own = sorted((box.y, box.y + box.height) for n, box in boxes if n == column)
    lanes = [(low + high) // 2 for (_y, low), (high, _h) in zip(own, own[1:], strict=False)]
    lanes += [max(edges[0] - 6, own[0][0] - GAP // 2), min(edges[1] + 6, own[-1][1] + GAP // 2)] if own else [y]
    lane = min(lanes, key=lambda one: abs(one - y))
    used[column, lane] += 1
    place = used[column, lane]
    return lane + (place // 2 * 7 if place % 2 else -(place // 2) * 7) if place < 4 else lane


def _free_place(curve, is_early, taken):
    """Where on a curve its number covers no other one."""
    best = None
    for share in (0.34, 0.26, 0.42, 0.2, 0.5, 0.14, 0.6):
        share = share if is_early else 1 - share
        x, y = (round(_bezier([point[axis] for point in curve], share)) for axis in (0, 1))
        room = min(((x - a) ** 2 + (y - b) ** 2 for a, b in taken), default=10**6)
        if room >= (2 * BADGE + 2) ** 2:
            return x, y
        best = max(best or (0, x, y), (room, x, y))
    return best[1:]


def _bezier(values, t):
    a, b, c, d = values
    return a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t * t * (1 - t) + d * t**3
