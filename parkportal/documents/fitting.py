"""How large a text may be printed so that it stays in its box, by the widths that Tinos Bold itself states.

The layout engine shrinks nothing by itself, and a name that is cut off is worse than a small one."""

from functools import cache

from fontTools.ttLib import TTFont

from parkportal.documents import fonts

LEADING = 1.2  # of the size, from line to line
FOREIGN = 1.0  # em of a sign that the face lacks and another one lends


@cache
def _face():
    """({code of a sign: its width}, units in an em)"""
    font = TTFont(fonts.font_folder() / "Tinos-Bold.ttf")
    widths = font["hmtx"].metrics
    return {code: widths[name][0] for code, name in font.getBestCmap().items()}, font["head"].unitsPerEm


def width(text):
    """Ems that a text takes in bold."""
    widths, em = _face()
    return sum(widths.get(ord(sign), FOREIGN * em) for sign in text) / em


def lines(text, room):
    """On how many lines of a room (in ems) a text comes to stand; a word longer than that is broken."""
    count, used = 1, 0.0
    for word in text.split():
        taken = width(word)
        if used and used + width(" ") + taken > room:
            count, used = count + 1, 0.0
        used += taken + (width(" ") if used else 0)
        if used > room:
            count, used = count + int(used // room), used % room
    return count


def size(text, sizes, across, down, alone=None):
    """The first of the sizes (points, largest first) at which a text fits a box of so many points; the last if none does.

    Down to the size `alone` it is kept on one line rather than printed larger on two."""
    longest = max(map(width, text.split()), default=0)
    for points in sizes:
        if alone and points >= alone and width(text) * points <= across and points * LEADING <= down:
            return points
    for points in sizes:
        if longest * points <= across and height(text, points, across) <= down:
            return points
    return sizes[-1]


def height(text, points, across):
    """Points that a text takes from top to bottom."""
    return lines(text, across / points) * points * LEADING if text else 0
