"""Vietnamese text: folding for search, ordering by the Vietnamese alphabet, names as keys."""

import re
import unicodedata
from functools import lru_cache

# Every Latin letter that carries marks, and the marks by themselves: one pass in C does for most texts what the decomposition
# below does character by character.
_BARE = (
    dict.fromkeys(range(0x300, 0x370))
    | {
        code: bare
        for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
        if (bare := unicodedata.normalize("NFD", chr(code))[0]).isascii()
    }
    | {ord("đ"): "d", ord("Đ"): "D"}
)
# Control characters that come along when people paste; Word's line break inside a paragraph is one of them.
_UNPRINTABLE = dict.fromkeys([*range(9), *range(14, 32), 0xFFFE, 0xFFFF]) | {0x0B: "\n", 0x0C: "\n"}
_ODD = re.compile(f"[{''.join(map(chr, _UNPRINTABLE))}]")  # nearly every text has none of them
WORD = re.compile(r"\w+")
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: f"{rank:02d}" for rank, letter in enumerate(_ALPHABET)}
# Without a mark, grave, hook above, tilde, acute, dot below: the order of the dictionary.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def nfc(text):
    """The text in the composed form in which everything is stored, without what no database and no Word file can hold."""
    composed = unicodedata.normalize("NFC", text or "")
    return composed.translate(_UNPRINTABLE) if _ODD.search(composed) else composed


def fold(*texts):
    """Lower case, no diacritics, single spaces: "Công nghệ  cao" -> "cong nghe cao". đ does not decompose, so it is mapped."""
    bare = " ".join(text for text in texts if text).translate(_BARE)
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFD", bare) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


@lru_cache(maxsize=4096)
def folded_words(text):
    """((start, end, folded word), …) of a text in the composed form: where each of its words stands in it."""
    bare = text.translate(_BARE).casefold()
    if len(bare) == len(text) and bare.isascii():
        return tuple((*found.span(), found.group()) for found in WORD.finditer(bare))
    return tuple((*found.span(), fold(found.group())) for found in WORD.finditer(text))


def sort_key(text):
    """A string whose code-point order is the Vietnamese alphabet's: letters first, tones decide between equals."""
    keys = [_letter_and_tone(character) for character in nfc(text).casefold()]
    return "".join(letter for letter, _tone in keys) + " " + "".join(tone for _letter, tone in keys)


@lru_cache(maxsize=4096)
def _letter_and_tone(character):
    tone = "0"
    decomposed = unicodedata.normalize("NFD", character)
    for mark in decomposed:
        if mark in _TONES:
            tone = _TONES[mark]
    base = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
    return _RANK.get(base, f"!{base}" if not base.isalpha() else f"~{base}"), tone


def whole_number(text, otherwise=None):
    """The number that a form or an address carries, if it is one that a column can hold (and that is quickly read)."""
    return int(text) if text and text.isdecimal() and len(text) <= 18 else otherwise


def name_key(name):
    """What two spellings of one body's name share: folded, without punctuation and the word "và"."""
    words = re.sub(r"[^\w\s]", " ", fold(name)).split()
    return " ".join(word for word in words if word != "va")
