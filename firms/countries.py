"""Countries by their ISO 3166-1 codes, named in the reader's language out of the Unicode locale data."""

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from parkportal.text import fold, sort_key


@lru_cache(maxsize=4)
def _names(language):
    return Locale.parse(language).territories


def country_name(code):
    """KR -> Hàn Quốc, South Korea; a code that nobody knows stands for itself."""
    return _names("en" if get_language() == "en" else "vi").get(code, code)


@lru_cache(maxsize=4)
def _choices(language):
    names = {
        code: name for code, name in _names(language).items() if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    }
    return sorted(names.items(), key=lambda it: sort_key(it[1]))


# Codes of the locale data that stand for groups, outlying waters, or tests.
NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def country_codes():
    """(code, name) of every country, by name in the reader's language."""
    return _choices("en" if get_language() == "en" else "vi")


@lru_cache(maxsize=1)
def _codes_by_name():
    found = {}
    for language in ("en", "vi"):
        found |= {fold(name): code for code, name in _choices(language)} | {
            code.casefold(): code for code, _n in _choices(language)
        }
    return found


def read_countries(text):
    """(codes, words that are none) of a list of names or codes, parted by commas or semicolons."""
    words = [word.strip() for word in text.replace(";", ",").split(",") if word.strip()]
    known = {word: _codes_by_name().get(fold(word)) for word in words}
    return list(dict.fromkeys(code for code in known.values() if code)), [word for word, code in known.items() if not code]
