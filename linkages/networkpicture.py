"""The network as a picture: zones under each other, an arc for each pair of them, as thick as it has links."""

from dataclasses import dataclass
from itertools import islice
from math import sqrt

from firms.entries import NOTHING
from linkages.models import Link
from linkages.network import BETWEEN, pair_of

NODES, ARCS = 14, 24  # more would be a thicket; the table tells of all
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
    pairs, weights = links.pairs, links.index.counts("node", links.bits)
    numbers = dict(pairs)
    codes = _shown(weights)
    within = {code: numbers.get(pair_of(code, code), 0) for code in codes}
    most = max(weights.values(), default=1)
    nodes = {
        code: Node(
            code, links.node_label(code), weights[code], within.get(code, 0), ROW // 2 + place * ROW,
            3 + 5 * sqrt(weights[code] / most), _loop(within.get(code), ROW // 2 + place * ROW), links.query(zone=code),
        )
        for place, code in enumerate(codes)
    }  # fmt: skip
    words = {kind: str(label) for kind, label in Link.Kind.choices}
    rows, arcs = [], []
    drawn = list(islice((it for it in pairs if _joins(it[0], nodes)), ARCS))
    thickest = drawn[0][1] if drawn else 1
    for pair, number in dict.fromkeys([*drawn, *pairs[:ARCS]]):
        by_kind, label, query = links.index.kinds_of(pair, links.bits), links.label("pair", pair), links.query(pair=pair)
        told = [(words[kind], n) for kind, n in by_kind]
        rows.append(PairRow(label, number, told, query))
        if len(arcs) < len(drawn) and _joins(pair, nodes):
            most = by_kind[0][0] if by_kind[0][1] * 2 > number else ""
            place = _place(*(nodes[code] for code in pair.split(BETWEEN)), len(nodes))
            arcs.append(_arc(rows[-1], most, sqrt(number / thickest), place, is_numbered=len(arcs) < NUMBERED))
    rows.sort(key=lambda row: -row.links)
    used = {arc.kind for arc in arcs}
    legend = [(kind, label) for kind, label in words.items() if kind in used] + ([("", "")] if "" in used else [])
    return Picture(list(nodes.values()), arcs, legend, rows, len(weights) - len(nodes), max(1, len(nodes)) * ROW)


def _shown(weights):
    """The zones with most links, the outside last."""
    codes = sorted((code for code in weights if code != NOTHING), key=lambda code: (-weights[code], code))[:NODES]
    return [*codes, NOTHING] if NOTHING in weights else codes


def _loop(number, y):
    return f"M{LEFT} {y}c46 -30 46 30 0 0" if number else ""


def _joins(pair, nodes):
    one, _between, other = pair.partition(BETWEEN)
    return one != other and one in nodes and other in nodes


def _place(one, other, nodes):
    """(path, where it is farthest out) of the arc between two nodes; the farther apart, the farther out."""
    top, bottom = sorted([one.y, other.y])
    reach = round(24 + (WIDTH - 60) * ((bottom - top) / ROW / max(1, nodes - 1)) ** 0.7)
    path = f"M{LEFT} {top}A{reach} {(bottom - top) / 2:g} 0 0 1 {LEFT} {bottom}"
    return path, LEFT + reach, (top + bottom) // 2


def _arc(row, kind, weight, place, is_numbered):
    path, x, y = place
    told = "; ".join(f"{words} {n}" for words, n in row.kinds)
    width = round(THINNEST + (THICKEST - THINNEST) * weight, 1)
    return Arc(f"{row.label}: {row.links} ({told})", row.links, kind, path, width, row.query, x + 6 if is_numbered else 0, y + 4)
