"""The screen font: two weights of Be Vietnam Pro, cut down to Latin and Vietnamese at set-up out of the installed package."""

from pathlib import Path

import fontpkg_be_vietnam_pro
from fontTools import subset

from parkportal.fontfiles import FILES, STYLES

# Basic Latin, Latin-1, Latin Extended-A, ơ and ư, tones, Latin Extended Additional, punctuation, ₫, №, arrows, signs.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1B0), (0x2C6, 0x2DD), (0x300, 0x323), (0x1E00, 0x1EFF),
    (0x2010, 0x2044), (0x20AB, 0x20AC), (0x2116, 0x2122), (0x2190, 0x2193), (0x2212, 0x2265),
]  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum", "liga", "calt"]


FACE = """@font-face {{
  font-family: "Be Vietnam Pro";
  font-weight: {weight};
  font-display: swap;
  src: url("{name}") format("woff2");
}}
"""


def source_of(style):
    root = Path(fontpkg_be_vietnam_pro.__file__).parent
    return next(root.rglob(f"BeVietnamPro-{style}.ttf"))


def build(folder):
    """Writes the missing or outdated files into the folder; returns the names of those it wrote."""
    written = []
    for name, style in FILES.items():
        source, target = source_of(style), folder / name
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        options = subset.Options(flavor="woff2", layout_features=FEATURES, notdef_outline=True, hinting=False, name_IDs=["*"])
        font = subset.load_font(str(source), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
        cutter.subset(font)
        part = target.with_suffix(".part")
        subset.save_font(font, str(part), options)
        part.replace(target)
        written.append(name)
    styles = "".join(FACE.format(weight=400 if style == "Regular" else 600, name=name) for name, style in FILES.items())
    if not (folder / STYLES).exists() or (folder / STYLES).read_text() != styles:
        (folder / STYLES).write_text(styles)
        written.append(STYLES)
    return written
