"""The network as a picture: zones under each other, an arc for each pair of them, as thick as it has links."""

from dataclasses import dataclass
from math import sqrt

from firms.entries import NOTHING
from linkages.models import Link
from linkages.network import BETWEEN

NODES, ARCS = 14, 36  # more would be a thicket; the table tells of all
ROW, LEFT, WIDTH = 40, 10, 220  # units of the drawing: a row, where the nodes stand, how far arcs reach
THINNEST, THICKEST = 1.5, 9
NUMBERED = 10  # the thickest arcs say their number


@dataclass(frozen=True)
class Node:
    code: str
    label: str
    links: int
    within: int  # of them between two of the zone's own
    y: int
    radius: float
    loop: str  # the path of those within; "" where there are none
    query: str


@dataclass(frozen=True)
class Arc:
    """`path` from node to node; `kind` is that of most of its links, "" where none has more than half."""

    label: str
    links: int
    kind: str
    path: str
    width: float
    query: str
    x: int  # where its number stands; 0: nowhere
    y: int


@dataclass(frozen=True)
class PairRow:
    """A row of the table that says the same in words."""

    label: str
    links: int
    kinds: list  # [(words, number)], the most first
    query: str


@dataclass(frozen=True)
class Picture:
    nodes: list
    arcs: list
    kinds: list  # [(kind, words)] that are drawn
    rows: list
    left_out: int  # zones that are in the table only
    height: int
    width: int = WIDTH + 40


def picture(links):
    """The picture of what a NetworkFilter has found."""
    counts = links.index.counts("pair", links.bits) if "pair" in links.asked else links.counted("pair")
    pairs = sorted(counts.items(), key=lambda it: (-it[1], it[0]))
    weights, within = {}, {}
    for pair, number in pairs:
        one, other = pair.split(BETWEEN)
        for code in {one, other}:
            weights[code] = weights.get(code, 0) + number
        if one == other:
            within[one] = number
    codes = _shown(weights)
    most = max(weights.values(), default=1)
    nodes = {
        code: Node(
            code, links.node_label(code), weights[code], within.get(code, 0), ROW // 2 + place * ROW,
            3 + 5 * sqrt(weights[code] / most), _loop(within.get(code), ROW // 2 + place * ROW), links.query(zone=code),
        )
        for place, code in enumerate(codes)
    }  # fmt: skip
    kinds = [(str(kind), str(kind.label), links.index.having("kind", str(kind)) & links.bits) for kind in Link.Kind]
    rows, arcs = [], []
    drawn = [(pair, number) for pair, number in pairs if _joins(pair, nodes)][:ARCS]
    thickest = drawn[0][1] if drawn else 1
    for pair, number in drawn:
        by_kind = _by_kind(links, pair, kinds)
        arcs.append(_arc(links, pair, number, by_kind, nodes, thickest, len(arcs) < NUMBERED))
    for pair, number in pairs[:ARCS]:
        by_kind = [(words, n) for _kind, words, n in _by_kind(links, pair, kinds)]
        rows.append(PairRow(links.label("pair", pair), number, by_kind, links.query(pair=pair)))
    used = {arc.kind for arc in arcs}
    legend = [(kind, words) for kind, words, _bits in kinds if kind in used] + ([("", "")] if "" in used else [])
    return Picture(list(nodes.values()), arcs, legend, rows, len(weights) - len(nodes), max(1, len(nodes)) * ROW)


def _shown(weights):
    """The zones with most links, the outside last."""
    codes = sorted((code for code in weights if code != NOTHING), key=lambda code: (-weights[code], code))[:NODES]
    return [*codes, NOTHING] if NOTHING in weights else codes


def _loop(number, y):
    return f"M{LEFT} {y}c34 -16 34 16 0 0" if number else ""


def _joins(pair, nodes):
    one, other = pair.split(BETWEEN)
    return one != other and one in nodes and other in nodes


def _by_kind(links, pair, kinds):
    bits = links.index.having("pair", pair)
    counted = [(kind, words, (bits & having).bit_count()) for kind, words, having in kinds]
    return sorted((it for it in counted if it[2]), key=lambda it: -it[2])


def _arc(links, pair, number, by_kind, nodes, thickest, is_numbered):
    one, other = sorted((nodes[code] for code in pair.split(BETWEEN)), key=lambda node: node.y)
    rows = (other.y - one.y) / ROW
    reach = round(24 + (WIDTH - 60) * (rows / max(1, len(nodes) - 1)) ** 0.7)
    middle = (one.y + other.y) // 2
    path = f"M{LEFT} {one.y}A{reach} {(other.y - one.y) / 2:g} 0 0 1 {LEFT} {other.y}"
    kind = by_kind[0][0] if by_kind and by_kind[0][2] * 2 > number else ""
    width = round(THINNEST + (THICKEST - THINNEST) * sqrt(number / thickest), 1)
    told = "; ".join(f"{words} {n}" for _kind, words, n in by_kind)
    label = f"{links.label('pair', pair)}: {number} ({told})"
    return Arc(label, number, kind, path, width, links.query(pair=pair), LEFT + reach + 6 if is_numbered else 0, middle + 4)
