"""The screen font: two weights of Be Vietnam Pro, cut down to Latin and Vietnamese at set-up out of the installed package.

The family has no tabular figures, so digits of one width are added on the way: a column of numbers needs them."""

from copy import deepcopy
from pathlib import Path

import fontpkg_be_vietnam_pro
from fontTools import subset
from fontTools.otlLib import builder
from fontTools.ttLib.tables import otTables

FILES = {"be-vietnam-pro-400.woff2": "Regular", "be-vietnam-pro-600.woff2": "SemiBold"}
# Basic Latin, Latin-1, Latin Extended-A, ơ and ư, tones, Latin Extended Additional, punctuation, ₫, №, arrows, signs.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1B0), (0x2C6, 0x2DD), (0x300, 0x323), (0x1E00, 0x1EFF),
    (0x2010, 0x2044), (0x20AB, 0x20AC), (0x2116, 0x2122), (0x2190, 0x2193), (0x2212, 0x2265),
]  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "liga"]
DIGITS = "0123456789"
DIGIT_WIDTH = 0.66  # of the em; most digits of the family lie between 0.63 and 0.71
STYLES = "fonts.css"  # written beside the files, so that no style sheet names a file that is not there
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
        newest = max(source.stat().st_mtime, Path(__file__).stat().st_mtime)
        if target.exists() and target.stat().st_mtime >= newest:
            continue
        options = subset.Options(flavor="woff2", layout_features=FEATURES, notdef_outline=True, hinting=False, name_IDs=["*"])
        font = subset.load_font(str(source), options)
        add_tabular_figures(font)
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


def add_tabular_figures(font):
    """Adds a copy of each digit, centred in one width, and the feature `tnum` that puts them in the place of the others."""
    width = round(DIGIT_WIDTH * font["head"].unitsPerEm)
    names, glyphs, metrics = font.getBestCmap(), font["glyf"], font["hmtx"]
    instead = {}
    for digit in DIGITS:
        plain = names[ord(digit)]
        wide = instead[plain] = f"{plain}.tnum"
        advance, bearing = metrics[plain]
        shift = (width - advance) // 2
        glyphs[wide] = _moved(glyphs[plain], glyphs, shift)
        metrics[wide] = (width, bearing + shift)
    _add_feature(font["GSUB"].table, "tnum", instead)


def _moved(glyph, glyphs, shift):
    copy = deepcopy(glyph)
    if copy.isComposite():
        for part in copy.components:
            part.x += shift
    else:
        copy.coordinates.translate((shift, 0))
    copy.recalcBounds(glyphs)
    return copy


def _add_feature(table, tag, mapping):
    """One single substitution, switched on by `tag` in every script and language. Feature tags stay in their order."""
    table.LookupList.Lookup.append(builder.buildLookup([builder.buildSingleSubstSubtable(mapping)]))
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    record = otTables.FeatureRecord()
    record.FeatureTag, record.Feature = tag, otTables.Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex, record.Feature.LookupCount = [table.LookupList.LookupCount - 1], 1
    table.FeatureList.FeatureRecord.append(record)
    table.FeatureList.FeatureCount = len(table.FeatureList.FeatureRecord)
    for script in table.ScriptList.ScriptRecord:
        languages = [script.Script.DefaultLangSys, *(language.LangSys for language in script.Script.LangSysRecord)]
        for language in filter(None, languages):
            language.FeatureIndex.append(table.FeatureList.FeatureCount - 1)
            language.FeatureCount = len(language.FeatureIndex)
