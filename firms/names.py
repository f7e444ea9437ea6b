"""What two spellings of a firm's name share: no diacritics, no legal form, numbers kept."""

import re

from parkportal.text import fold

# Words of the legal form, folded. Whole phrases first: "một thành viên" must go before "viên" could be a word of the name.
LEGAL_PHRASES = [
    "trach nhiem huu han", "mot thanh vien", "hai thanh vien tro len", "tong cong ty", "cong ty", "co phan", "tap doan",
    "chi nhanh", "van phong dai dien", "doanh nghiep tu nhan", "joint venture", "joint stock", "private limited", "viet nam",
]  # fmt: skip
LEGAL_WORDS = {
    "cty", "tnhh", "mtv", "cp", "ctcp", "dntn", "jsc", "co", "ltd", "llc", "inc", "corp", "corporation", "company", "limited",
    "group", "joint", "stock", "vn", "vietnam", "va", "and", "the",
}  # fmt: skip
NUMBER = re.compile(r"\d+|[ivx]+")


def words_of(name):
    """The name's own words, folded, without legal form; all words where nothing else would remain."""
    bare = re.sub(r"[^\w\s]", " ", fold(name).replace(".", ""))
    bare = f" {' '.join(bare.split())} "
    stripped = bare
    for phrase in LEGAL_PHRASES:
        stripped = stripped.replace(f" {phrase} ", " ")
    kept = [word for word in stripped.split() if word not in LEGAL_WORDS]
    return kept or bare.split()


def firm_key(name):
    """A key for equal names: "Công ty TNHH ICT Vina II" and "ICT Vina II Co., Ltd" -> "ict vina ii"."""
    return " ".join(words_of(name))


def numbers_of(name):
    """The numbers and Roman numerals of a name, in order: names in which they differ are never one firm or project."""
    return tuple(word for word in words_of(name) if NUMBER.fullmatch(word))
