"""What a text is about, so that two texts can be compared across spellings and across both languages.

A small glossary of trade terms (fixtures/linkages/glossary.json) turns "khuôn ép nhựa" and "injection mould" into one and the
same thing; a thing also stands, more quietly, for the broader one above it. What the glossary does not know is kept as pairs of
neighbouring words, since most Vietnamese words have two syllables, and quietest of all as single words."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from django.utils.translation import get_language

from parkportal.text import fold, nfc

FILE = settings.BASE_DIR / "fixtures" / "linkages" / "glossary.json"
LONGEST = 6  # words of one trade term
CONCEPT, PAIR, WORD = "c:", "p:", "w:"
# How much each kind of term counts, and the broader thing above a named one.
WEIGHTS = {CONCEPT: 1.0, PAIR: 0.4, WORD: 0.3}
BROADER = 0.25
_WORDS = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[.,;:()\[\]/\n!?–—•…“”\"]+\s")
# Words that say nothing of what is sought or offered.
STOP = frozenset(
    re.findall(
        r"\S+",
        """
        a an and any are as at be been both but by can could do does each either etc for from had has have how if in into is it
        its more most must need needed needs no not of offer offered offers on one only or other our out over per plus should so
        some such than that the their them then there these they this those through to up us use used using very want was we were
        what when where which who whose will with within without would you your new like looking look seek seeking supplier
        suppliers supply provide provides partner partners company companies firm firms product products service services high
        good quality able about also year month day piece pieces unit units make makes made small medium large existing current
        currently based và của cho các những một có không là được với để trong ngoài trên dưới tại từ đến về theo như này đó khi
        thì mà nếu hoặc hay cần tìm nhu cầu chào bán cung cấp nhà đơn vị đối tác doanh nghiệp công ty sản phẩm dịch vụ sử dụng
        dùng làm việc thực hiện năm tháng ngày chiếc cái bộ loại mỗi cả rất nhiều ít hơn nhất mới đang đã sẽ bị ra vào lên lại
        còn chỉ phải nên cũng chúng tôi mình bên phía giúp muốn mong hợp tác chất lượng cao thấp tốt lớn nhỏ vừa yêu hiện nay thể
        khoảng gồm bao qua sau trước giữa
        """,
    )
)


@dataclass(frozen=True)
class Concept:
    key: str
    sort: str  # process, product, material, trade, certificate
    names: dict  # language -> the names, the usual one first
    broader: tuple

    @property
    def label(self):
        return self.names["en" if get_language() == "en" else "vi"][0]


@dataclass(frozen=True)
class Glossary:
    concepts: dict
    exact: dict = field(repr=False)  # words of a name, as written -> key
    bare: dict = field(repr=False)  # the same without diacritics, of names of several words: one alone may be another word

    def at(self, words, place):
        """(key, number of words) of the longest name that begins at a place; None where none does."""
        for length in range(min(LONGEST, len(words) - place), 0, -1):
            part = tuple(words[place : place + length])
            key = self.exact.get(part) or (self.bare.get(part) if length > 1 else None)
            if key:
                return key, length
        return None

    def above(self, key):
        """The broader things of one, however far up."""
        found, todo = [], list(self.concepts[key].broader)
        while todo:
            one = todo.pop()
            if one not in found:
                found.append(one)
                todo += self.concepts[one].broader
        return found


@lru_cache(maxsize=1)
def glossary():
    concepts, exact, bare = {}, {}, {}
    for it in json.loads(FILE.read_text(encoding="utf-8")):
        concepts[it["key"]] = Concept(it["key"], it["sort"], {"vi": it["vi"], "en": it["en"]}, tuple(it.get("broader", ())))
        for name in [*it["vi"], *it["en"]]:
            words = words_of(name)
            exact.setdefault(tuple(words), it["key"])
            if len(words) > 1:
                bare.setdefault(tuple(fold(word) for word in words), it["key"])
    return Glossary(concepts, exact, bare)


def words_of(text):
    return [_singular(word) for word in _WORDS.findall(nfc(text).casefold())]


def _singular(word):
    """English plurals; no Vietnamese word ends in s."""
    if len(word) > 3 and word.isascii() and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]
    return word


@dataclass(frozen=True)
class Terms:
    """The terms of a text with their weights, and what the glossary knows in it."""

    weights: dict
    named: frozenset  # keys of things that the text names itself, without the broader ones
    said: dict  # term that the glossary does not know -> how the text writes it

    def of_sort(self, *sorts):
        return frozenset(key for key in self.named if glossary().concepts[key].sort in sorts)


@lru_cache(maxsize=4096)
def read(*parts):
    """The terms of texts, each with the factor by which it counts: read((title, 2), (summary, 1)).

    Saying a thing again adds to it, but ever less, so that a long text does not drown a short one."""
    counted, named, said = defaultdict(float), set(), {}
    for text, factor in parts:
        seen = defaultdict(int)
        for stretch in _PARTS.split(f"{text or ''} "):
            for term in _terms_of(words_of(stretch), named, said):
                seen[term] += 1
                counted[term] += factor / seen[term] ** 2
    weights = defaultdict(float)
    for term, count in counted.items():
        weights[term] += WEIGHTS[term[:2]] * min(count, 3)
        if term.startswith(CONCEPT):
            for key in glossary().above(term[2:]):
                weights[CONCEPT + key] += BROADER * min(count, 3)
    return Terms(dict(weights), frozenset(named), said)


def _terms_of(words, named, said):
    known, place, before = glossary(), 0, ""
    while place < len(words):
        if found := known.at(words, place):
            key, length = found
            named.add(key)
            yield CONCEPT + key
            place, before = place + length, ""
            continue
        word = words[place]
        place += 1
        if word in STOP or (len(word) == 1 and not word.isdigit()) or word.isdigit():
            before = ""
            continue
        for term, written in [(WORD, word), (PAIR, f"{before} {word}")] if before else [(WORD, word)]:
            said.setdefault(term + fold(written), term + written)
            yield term + fold(written)
        before = word


def shown(term):
    """A term as a reader is told it."""
    return glossary().concepts[term[2:]].label if term.startswith(CONCEPT) else term[2:]
