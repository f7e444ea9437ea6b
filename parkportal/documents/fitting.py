"""How large a text may be printed so that it stays in its box: reckoned from the widths of Tinos Bold, rounded up.

The layout engine shrinks nothing by itself, and a name that is cut off is worse than a small one."""

from parkportal.text import fold

# Ems, by the letter without its marks.
_WIDTHS = (
    dict.fromkeys("fijlt", 0.36) | dict.fromkeys("mw", 0.86) | dict.fromkeys(" .,;:'’-–·/()", 0.34) | dict.fromkeys("rsz", 0.47)
)
_SMALL, _CAPITAL, _WIDE_CAPITAL = 0.58, 0.79, 1.03
LEADING = 1.2  # of the size, from line to line


def width(text):
    """Ems that a text takes in bold."""
    return sum(_em(sign) for sign in text)


def _em(sign):
    bare = fold(sign)
    if sign.isupper():
        return _WIDE_CAPITAL if bare in ("m", "w") else _CAPITAL
    return _WIDTHS.get(bare or sign, _SMALL)


def lines(text, room):
    """On how many lines of a room (in ems) a text comes to stand; a word longer than that is broken."""
    count, used = 1, 0.0
    for word in text.split():
        taken = width(word)
        if used and used + _WIDTHS[" "] + taken > room:
            count, used = count + 1, 0.0
        used += taken + (_WIDTHS[" "] if used else 0)
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
