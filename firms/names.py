"""What two spellings of a firm's name share: no diacritics, no legal form, numbers kept."""

import re

from parkportal.text import fold

# Words of the legal form, folded. Whole phrases first: "một thành viên" must go before "viên" could be a word of the name.
LEGAL_PHRASES = [
    "trach nhiem huu han", "mot thanh vien", "hai thanh vien tro len", "hai thanh vien", "tong cong ty", "cong ty", "co phan",
    "tap doan", "chi nhanh", "van phong dai dien", "doanh nghiep tu nhan", "joint venture", "joint stock", "private limited",
    "viet nam",
]  # fmt: skip
LEGAL_WORDS = {
    "cty", "tnhh", "mtv", "tv", "1tv", "2tv", "cp", "ctcp", "dntn", "jsc", "co", "ltd", "llc", "inc", "corp", "corporation",
    "company", "limited", "group", "joint", "stock", "vn", "vietnam", "va", "and", "the",
}  # fmt: skip
LEGAL_PHRASE = re.compile(rf"\b(?:{'|'.join(LEGAL_PHRASES)})\b")
# "TNHH 1 thành viên", "TNHH 2 TV trở lên": these numbers belong to the legal form.
MEMBERS = re.compile(r"\b(?:1|2|01|02) (?:thanh vien(?: tro len)?|tv(?: tro len)?)\b")
NUMBER = re.compile(r"\w*\d\w*|[ivx]+")
ROMAN = {"i": 1, "v": 5, "x": 10}


def words_of(name):
    """The name's own words, folded, without legal form; all words where nothing else would remain."""
    bare = " ".join(re.sub(r"[^\w\s]", " ", fold(name).replace(".", "")).split())
    stripped = LEGAL_PHRASE.sub(" ", MEMBERS.sub(" ", bare))
    kept = [word for word in stripped.split() if word not in LEGAL_WORDS]
    return kept or bare.split()


def firm_key(name):
    """A key for equal names: "Công ty TNHH ICT Vina II" and "ICT Vina II Co., Ltd" -> "ict vina ii"."""
    return " ".join(words_of(name))


def numbers_of(name):
    """The numbers of a name, in order (II and 2 are one number): names in which they differ are never one firm or project."""
    return tuple(_number(word) for word in words_of(name) if NUMBER.fullmatch(word))


def _number(word):
    """A Roman numeral or a number with zeros in front as plain digits; what mixes letters and digits (A17) stays."""
    if word.isascii() and word.isdigit():
        return word.lstrip("0") or "0"
    if not set(word) <= set(ROMAN):
        return word
    values = [ROMAN[letter] for letter in word]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < following else value for value, following in pairs))
