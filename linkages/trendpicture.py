"""A target's figures over the years as small bars: the ends of the years behind, then the day itself."""

from dataclasses import dataclass

STEP, WIDTH, TALLEST, BASE = 40, 26, 30, 46  # as drawn: from bar to bar, a bar, the highest one, the line they stand on


@dataclass(frozen=True)
class Bar:
    """`value` is None where nobody kept count yet; `above` is where its words stand."""

    x: int
    y: int
    height: int
    above: int
    middle: int
    value: int | None
    label: str


def bars(line, day):
    """Nothing where no year of the phase is over: one bar is no trend."""
    if not line.trend:
        return []
    points = [(it.value, f"{it.day.year}") for it in line.trend]
    if day.year > line.trend[-1].day.year:
        points.append((line.actual, f"{day.year}"))
    most = max([value or 0 for value, _label in points]) or 1
    found = []
    for place, (value, label) in enumerate(points):
        height = round(TALLEST * (value or 0) / most)
        x = place * STEP
        found.append(Bar(x + (STEP - WIDTH) // 2, BASE - height, height, BASE - height - 4, x + STEP // 2, value, label))
    return found
