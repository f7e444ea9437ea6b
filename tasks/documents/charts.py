"""Geometry of the report's charts: stacked bars that start at zero, one bar a row of the table they stand beside.

Colours are attributes, because the PDF ignores page styles inside SVG; the class beside them lets the screen answer to
dark mode."""

from dataclasses import dataclass

WIDTH = 620
LABEL_WIDTH = 226
PLOT_WIDTH = WIDTH - LABEL_WIDTH - 40  # leaves room for the total behind each bar
ROW_HEIGHT = 30
BAR_HEIGHT = 17
LETTER = 6.9  # average width of a letter at the labels' size
KEY_HEIGHT = 20

# Fill, ink on it; told apart in black and white by lightness, and every bar carries its number.
COLOURS = {
    "đã hoàn thành": ("#1b5e4b", "#ffffff"),
    "chờ xác nhận": ("#7fc0a9", "#000000"),
    "đang thực hiện": ("#3b74a8", "#ffffff"),
    "chưa thực hiện": ("#d9d9d9", "#000000"),
    "tạm dừng": ("#8a8a8a", "#000000"),
    "thực hiện lại": ("#e3b54a", "#000000"),
    "trong hạn": ("#1b5e4b", "#ffffff"),
    "sắp đến hạn": ("#e3b54a", "#000000"),
    "quá hạn": ("#a3291f", "#ffffff"),
    "không hạn": ("#d9d9d9", "#000000"),
    "không phát sinh": ("#ffffff", "#000000"),
    "chưa báo cáo": ("#a3291f", "#ffffff"),
}
OTHERS = [("#3b74a8", "#ffffff"), ("#7fc0a9", "#000000"), ("#e3b54a", "#000000"), ("#8a8a8a", "#000000"), ("#d9d9d9", "#000000")]


@dataclass(frozen=True)
class Key:
    label: str
    fill: str
    x: str
    y: str
    text_x: str
    text_y: str


@dataclass(frozen=True)
class Segment:
    number: str  # empty where the bar is too short to hold it
    x: str
    width: str
    middle: str
    fill: str
    ink: str


@dataclass(frozen=True)
class Bar:
    label_lines: list[tuple[str, str]]  # (y, words)
    y: str
    text_y: str
    total: str
    total_x: str
    segments: list[Segment]


@dataclass(frozen=True)
class Chart:
    title: str
    description: str
    height: str
    keys: list[Key]
    bars: list[Bar]


def stacked_bars(table):
    """A chart of the table's rows without its totals; None where there is nothing to draw or the columns do not add up."""
    columns, rows = table.columns[:-1], table.rows[:-1]
    used = [place for place in range(len(columns)) if any(row[place + 1] for row in rows)]
    if not used or any(sum(row[1:-1]) != row[-1] for row in rows):  # such as years beside each other
        return None
    colours = {place: _colour(columns[place], order) for order, place in enumerate(used)}
    keys, top = _keys([(columns[place], colours[place][0]) for place in used])
    scale = PLOT_WIDTH / max(sum(row[place + 1] for place in used) for row in rows)
    bars = [_bar(row, used, colours, scale, top + ROW_HEIGHT * index) for index, row in enumerate(rows)]
    sentences = [
        f"{row[0]}: " + ", ".join(f"{columns[place]} {row[place + 1]}" for place in used if row[place + 1]) for row in rows
    ]
    return Chart(table.title, f"{table.title}. {'; '.join(sentences)}.", _n(top + ROW_HEIGHT * len(rows) + 4), keys, bars)


def _colour(label, order):
    return COLOURS.get(label.casefold()) or OTHERS[order % len(OTHERS)]


def _keys(labels):
    """The key above the bars, in as many lines as it needs, and where the bars begin below it."""
    keys, x, y = [], 0, 2
    for label, fill in labels:
        width = 16 + LETTER * len(label) + 14
        if x + width > WIDTH and x:
            x, y = 0, y + KEY_HEIGHT
        keys.append(Key(label, fill, _n(x), _n(y), _n(x + 15), _n(y + 10)))
        x += width
    return keys, y + KEY_HEIGHT + 6


def _bar(row, used, colours, scale, y):
    x, segments = LABEL_WIDTH, []
    for place in used:
        number = row[place + 1]
        if number:
            width = number * scale
            shown = str(number) if width > 9 * len(str(number)) else ""
            segments.append(Segment(shown, _n(x), _n(width), _n(x + width / 2), *colours[place]))
            x += width
    words = _wrapped(row[0])
    first = y + BAR_HEIGHT / 2 + 4.5 - 6.5 * (len(words) - 1)
    labels = [(_n(first + 13 * index), line) for index, line in enumerate(words)]
    return Bar(labels, _n(y), _n(y + BAR_HEIGHT / 2 + 4.5), str(sum(row[place + 1] for place in used)), _n(x + 6), segments)


def _wrapped(label, letters=int((LABEL_WIDTH - 8) / LETTER)):
    """The label on at most two lines; a longer one ends with dots (the table beside has it whole)."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines if len(lines) < 3 else [lines[0], f"{lines[1]} …"]


def _n(value):
    """A coordinate with a point whatever the language of the page."""
    return f"{value:.1f}"
