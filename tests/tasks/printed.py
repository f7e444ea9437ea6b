"""Reads a PDF as it lies on paper: every run of text with its place in millimetres, its size and its face."""

import re
from dataclasses import dataclass

from pypdf.generic import ContentStream

IDENTITY = (1, 0, 0, 1, 0, 0)
MILLIMETRES = 25.4 / 72


@dataclass(frozen=True)
class Run:
    text: str
    left: float  # millimetres from the left edge of the page
    right: float
    top: float  # of the baseline, from the upper edge
    size: float  # points
    face: str
    is_artifact: bool
    is_level: bool


def times(a, b):
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


class Font:
    def __init__(self, font):
        self.face = re.sub(r"^/[A-Z]{6}\+", "", font["/BaseFont"])
        self.letters, self.widths = {}, {}
        for source, target in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", self._characters(font)):
            self.letters[int(source, 16)] = bytes.fromhex(target.decode()).decode("utf-16-be")
        widths = list(font["/DescendantFonts"][0].get_object()["/W"])
        while widths:
            first, given = int(widths.pop(0)), widths.pop(0)
            if isinstance(given, list):
                self.widths.update({first + place: float(width) for place, width in enumerate(given)})
            else:
                last, width = int(given), float(widths.pop(0))
                self.widths.update(dict.fromkeys(range(first, last + 1), width))

    def _characters(self, font):
        return b"\n".join(re.findall(rb"beginbfchar(.*?)endbfchar", font["/ToUnicode"].get_data(), re.S))

    def read(self, raw):
        glyphs = [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]
        return "".join(self.letters.get(glyph, "�") for glyph in glyphs), sum(self.widths.get(g, 1000) for g in glyphs) / 1000


def runs(page, fonts=None):
    """The page's runs in the order in which they are drawn, those of its forms included."""
    fonts = {} if fonts is None else fonts
    height = float(page.mediabox.height)
    found = []
    _walk(page, page["/Resources"], ContentStream(page.get_contents(), page.pdf), IDENTITY, height, found, fonts, False)
    return [run for run in found if run.text.strip()]


def _walk(page, resources, stream, base, height, found, fonts, in_artifact):
    matrix, stack, marks = base, [], [in_artifact]
    line = text = IDENTITY
    font, size = None, 0
    for operands, operator in stream.operations:
        if operator == b"q":
            stack.append((matrix, font, size))
        elif operator == b"Q":
            matrix, font, size = stack.pop()
        elif operator == b"cm":
            matrix = times(tuple(map(float, operands)), matrix)
        elif operator in (b"BDC", b"BMC"):
            marks.append(marks[-1] or operands[0] == "/Artifact")
        elif operator == b"EMC":
            marks.pop()
        elif operator == b"BT":
            line = text = IDENTITY
        elif operator == b"Tm":
            line = text = tuple(map(float, operands))
        elif operator == b"Td":
            line = text = times((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
        elif operator == b"Tf":
            reference = resources["/Font"].raw_get(operands[0])
            key = (id(page.pdf), reference.idnum)
            fonts[key] = font = fonts.get(key) or Font(resources["/Font"][operands[0]])
            size = float(operands[1])
        elif operator in (b"Tj", b"TJ"):
            words, width = "", 0.0
            for piece in operands[0] if operator == b"TJ" else operands:
                if isinstance(piece, (int, float)):
                    width -= float(piece) / 1000
                else:
                    letters, advance = font.read(_raw(piece))
                    words, width = words + letters, width + advance
            found.append(_run(words, width, size, font, times(text, matrix), height, marks[-1]))
            text = times((1, 0, 0, 1, width * size, 0), text)
        elif operator == b"Do":
            form = resources["/XObject"][operands[0]].get_object()
            if form["/Subtype"] == "/Form":
                inner = times(tuple(map(float, form.get("/Matrix", IDENTITY))), matrix)
                own = form.get("/Resources", resources).get_object()
                _walk(page, own, ContentStream(form, page.pdf), inner, height, found, fonts, marks[-1])


def _raw(piece):
    return piece.original_bytes if hasattr(piece, "original_bytes") else bytes(piece)


def _run(words, width, size, font, matrix, height, is_artifact):
    spaces = len(words) - len(words.rstrip())
    width -= spaces * next((font.widths[glyph] for glyph, letter in font.letters.items() if letter == " "), 0) / 1000
    scale = (matrix[0] ** 2 + matrix[1] ** 2) ** 0.5
    return Run(
        text=words,
        left=matrix[4] * MILLIMETRES,
        right=(matrix[4] + width * size * matrix[0]) * MILLIMETRES,
        top=(height - matrix[5]) * MILLIMETRES,
        size=round(size * scale, 2),
        face=font.face,
        is_artifact=is_artifact,
        is_level=abs(matrix[1]) < 0.001,
    )
