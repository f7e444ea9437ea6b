"""Cells as values: for every mapped column one reader, made once for the file and called for each row.

A reader takes the cell and the row, puts what it understood into row.values in canonical form (text, whole number, truth value,
list; amounts and days as texts) and notes what was wrong or put right. An empty cell is never given to it."""

import datetime
import re
from decimal import Decimal
from unicodedata import is_normalized

from firms import taxcodes
from firms.problems import ERROR_KEYS, Refused
from firms.uploads import numbers, vocabulary
from firms.uploads.columns import COLUMNS, UNIT_PATTERN, UNITS, unit_in
from firms.uploads.reading import shown
from firms.uploads.stored import INVISIBLE
from parkportal.text import fold, nfc

FORMULA_STARTS = ("=", "+", "-", "@")
PLACEHOLDERS = {
    "-", "–", "—", "--", "---", "n/a", "na", "chưa có", "không có", "chưa rõ", "không rõ", "?", "...", "…", "null", "none",
}  # fmt: skip
# Control characters, and signs of no width.
ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b-\u200d\u2060\ufeff\ufffe\uffff]")
YEAR_TWIN = {"registered_on": "registered_year", "certificate_on": "certificate_year"}
WEBSITE = re.compile(r"https?://[\w\-.]+\.[a-zA-Z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.ASCII)
MOST_MONEY = Decimal(10) ** 18
USUAL = {"USD": (Decimal(10_000), Decimal(10) ** 11), "VND": (Decimal(10) ** 8, Decimal(10) ** 15)}


class Row:
    """One row of the file while it is checked."""

    __slots__ = ("amounts", "base", "candidates", "cells", "changes", "firm", "hidden", "kind", "number", "problems", "project",
        "repeats", "values")  # fmt: skip

    def __init__(self, number, cells=()):
        self.number, self.cells = number, cells
        self.values, self.hidden, self.problems, self.amounts = {}, {}, [], []
        self.firm = self.project = self.base = None
        self.kind, self.candidates, self.changes, self.repeats = "", [], [], 0

    def note(self, key, column="", given="", **values):
        self.problems.append([key, column, given, values])

    @property
    def has_error(self):
        return any(problem[0] in ERROR_KEYS for problem in self.problems)


def readers(mapping, options, words):
    """[(place, key, reader)] of the mapped columns; `words` is the Vocabulary."""
    made = []
    for place, meaning in mapping.items():
        key, _colon, unit = meaning.partition(":")
        column = COLUMNS[key]
        made.append((int(place), key, MAKERS[column.reader](column, unit, options, words)))
    return sorted(made, key=lambda one: one[0])


def clean(value, row, key):
    """A cell as one line of text; "" where it says that nothing is known."""
    if type(value) is not str:
        return shown(value)
    text = value
    if ODD.search(text) or not is_normalized("NFC", text):
        text = nfc(value).translate(INVISIBLE)
        if text != value:
            row.note("spaces" if is_normalized("NFC", value) else "nfc", key)
    line = " ".join(text.split())
    if line != text:
        row.note("spaces", key)
    if line.lower() in PLACEHOLDERS:
        row.note("placeholder", key, line)
        return ""
    if line[:1] == "'" and line[1:2] in FORMULA_STARTS:
        return line[1:]  # the sign by which an export kept a spreadsheet from executing it
    return line


def _text(column, unit, options, words):
    key, limit = column.key, column.limit

    def read(value, row):
        text = clean(value, row, key)
        if limit and len(text) > limit:
            row.note("too_long", key, text[:60], length=len(text), limit=limit)
        elif text:
            row.values[key] = text

    return read


def _long_text(column, unit, options, words):
    key = column.key

    def read(value, row):
        lines = [" ".join(line.split()) for line in nfc(shown(value)).translate(INVISIBLE).splitlines()]
        text = "\n".join(lines).strip()
        if text[:1] == "'" and text[1:2] in FORMULA_STARTS:
            text = text[1:]
        if text.lower() in PLACEHOLDERS:
            row.note("placeholder", key, text)
        elif text:
            row.values[key] = text

    return read


def _tax_code(column, unit, options, words):
    def read(value, row):
        if type(value) is str and value.strip().lower() in PLACEHOLDERS:
            return row.note("placeholder", "tax_code", value.strip())
        found = taxcodes.read(value if isinstance(value, str | float | int) else shown(value))
        if found.code:
            row.values["tax_code"] = found.code
            if found.repair:
                row.note(found.repair, "tax_code", found.given[:60], value=found.code)
        elif found.problem != "empty":
            row.note(found.problem, "tax_code", found.given[:60])
        return None

    return read


def _looked_up(look):
    """A reader of cells that repeat: each text is looked up once for the file. look(text) -> value, or refuses."""

    def make(column, unit, options, words):
        key, known = column.key, {}

        def read(value, row):
            text = clean(value, row, key)
            if not text:
                return
            if text not in known:
                try:
                    known[text] = look(text, column, words), None
                except Refused as refusal:
                    known[text] = None, refusal
            found, refusal = known[text]
            if refusal:
                row.note(refusal.key, key, text[:60], **refusal.values)
            else:
                row.values.update(found)
                if found.get(f"{key}_words"):
                    row.note("sector_words" if key == "sector" else "status_words", key, text[:60])

        return read

    return make


def _choice(text, column, words):
    found = vocabulary.choices(column.key).get(fold(text))
    if not found:
        raise Refused("choice_unknown", several=vocabulary.choice_labels(column.key))
    return {column.key: found}


def _choice_or_words(text, column, words):
    found = vocabulary.choices(column.key).get(fold(text))
    return {column.key: found} if found else {f"{column.key}_words": text[:250]}


def _sector(text, column, words):
    found = words.sector(text)
    return {"sector": found} if found else {"sector_words": text[:150]}


def _zone(text, column, words):
    return {"zone": words.zone(text)}


def _country(text, column, words):
    if re.search(r"[;/\n]", text):
        raise Refused("country_several")
    return {"country": vocabulary.country(text)}


def _countries(text, column, words):
    return {"other_countries": [vocabulary.country(one) for one in re.split(r"[;,/]", text) if one.strip()]}


def _currency(text, column, words):
    return {"currency": vocabulary.currency(text)}


def _yes_no(text, column, words):
    folded = fold(text)
    if folded not in vocabulary.YES | vocabulary.NO:
        raise Refused("yes_no_unknown")
    return {column.key: folded in vocabulary.YES}


def _website(text, column, words):
    address = text if text.lower().startswith(("http://", "https://")) else f"https://{text}"
    if not WEBSITE.fullmatch(address) or len(address) > column.limit:
        raise Refused("website_unreadable")
    return {"website": address}


def _products(column, unit, options, words):
    def read(value, row):
        names = []
        for part in re.split(r"[;\n]", nfc(shown(value)).translate(INVISIBLE)):
            name = " ".join(part.split()).lstrip("•*").strip()
            name = name[1:].strip() if name[:1] in ("-", "–") else name
            if len(name) > 300:
                row.note("too_long", "products", name[:60], length=len(name), limit=300)
            elif name and name.lower() not in PLACEHOLDERS and name not in names:
                names.append(name)
        if names:
            row.values["products"] = names

    return read


def _amount(value, row, key, style):
    """The Decimal of a cell, or None with a note."""
    if isinstance(value, bool | datetime.date | datetime.time | datetime.timedelta):
        return row.note("number_unreadable", key, shown(value), example="1854,5")
    if isinstance(value, float | int):
        amount = Decimal(str(value))
    else:
        try:
            amount = numbers.number_of(value, style)
        except Refused as refusal:
            return row.note(refusal.key, key, value[:60], **refusal.values)
    if amount < 0:
        return row.note("number_negative", key, shown(value)[:60])
    return amount


def _money(column, unit, options, words):
    key, style = column.key, options.get("numbers", "")

    def read(value, row):
        said, given = unit, value
        if type(value) is str:
            given = clean(value, row, key)
            folded = fold(given)
            if not folded:
                return
            said = unit_in(folded) or unit
            given = " ".join(UNIT_PATTERN.sub(" ", folded).split()) if unit_in(folded) else given
        amount = _amount(given, row, key, style)
        if amount is not None:
            row.amounts.append((key, amount, said, shown(value)[:60]))

    return read


def settle_money(row):
    """Amounts and their currency together, once the whole row is read: the currency may stand in a column behind."""
    beside = row.values.pop("currency", "")
    used = ""
    for key, amount, unit, given in row.amounts:
        currency, factor = UNITS[unit][:2] if unit else (beside, 1)
        if not currency:
            row.note("unit_missing", key, given)
        elif (beside and beside != currency) or (used and used != currency):
            row.note("currency_differs", key, given, one=currency, other=beside or used)
        elif (whole := amount * factor) >= MOST_MONEY:
            row.note("number_too_large", key, given)
        else:
            used = currency
            row.values[key] = numbers.canonical(whole.quantize(Decimal("0.01")))
            least, most = USUAL.get(currency, (0, MOST_MONEY))
            if whole and not least <= whole <= most:
                row.note("capital_odd", key, given, amount=row.values[key], currency=currency)
    if used or beside:
        row.values["currency"] = used or beside


def _hectares(column, unit, options, words):
    style = options.get("numbers", "")

    def read(value, row):
        factor, given = 1, value
        if type(value) is str:
            given = clean(value, row, "land_ha")
            found = re.fullmatch(r"(.*?\d)\s*(ha|hecta|héc ta|m2|m²)\.?", given, re.IGNORECASE)
            if found:
                given = found[1]
            if not given:
                return
        if (found[2] if type(value) is str and found else unit).lower() in ("m2", "m²"):
            factor = Decimal("0.0001")
        amount = _amount(given, row, "land_ha", style)
        if amount is None:
            return
        if amount * factor >= 10**8:
            row.note("number_too_large", "land_ha", shown(value)[:60])
        else:
            row.values["land_ha"] = numbers.canonical((amount * factor).quantize(Decimal("0.0001")))

    return read


def _whole(column, unit, options, words):
    key, style = column.key, options.get("numbers", "")

    def read(value, row):
        given = clean(value, row, key) if type(value) is str else value
        if given == "":
            return
        amount = _amount(given, row, key, style)
        if amount is None:
            return
        if amount != int(amount):
            row.note("number_not_whole", key, shown(value)[:60])
        elif amount > 10**8:
            row.note("number_too_large", key, shown(value)[:60])
        else:
            row.values[key] = int(amount)

    return read


def _date(column, unit, options, words):
    key = column.key

    def read(value, row):
        text = clean(value, row, key)
        if not text:
            return
        try:
            found, repair = numbers.date_of(value, fold(text))
        except Refused as refusal:
            row.note(refusal.key, key, text[:60], **refusal.values)
            return
        if isinstance(found, int):
            if key not in YEAR_TWIN:
                row.note("date_unreadable", key, text[:60])
                return
            row.values.setdefault(YEAR_TWIN[key], found)
            row.note("year_of_date", key, text[:60])
            return
        row.values[key] = found.isoformat()
        if repair:
            row.note(repair, key, text[:60], value=found.strftime("%d/%m/%Y"))

    return read


def _year(column, unit, options, words):
    key = column.key

    def read(value, row):
        text = clean(value, row, key)
        if not text:
            return
        found = re.fullmatch(r"(?:nam )?(\d{4})", fold(text))
        year = int(found[1]) if found else getattr(value, "year", 0)
        if numbers.FIRST_YEAR <= year <= numbers.LAST_YEAR:
            row.values[key] = year
        else:
            row.note("year_unreadable", key, text[:60], first=numbers.FIRST_YEAR, last=numbers.LAST_YEAR)

    return read


def _project_code(column, unit, options, words):
    plain = _text(column, unit, options, words)

    def read(value, row):
        plain(value, row)
        code = row.values.get("project_code", "")
        if code and not (code.isascii() and code.isdigit() and len(code) == 10):
            row.note("project_code_odd", "project_code", code)

    return read


def _hidden(column, unit, options, words):
    key = column.key

    def read(value, row):
        row.hidden[key] = shown(value).strip()

    return read


MAKERS = {
    "choice": _looked_up(_choice),
    "countries": _looked_up(_countries),
    "country": _looked_up(_country),
    "currency": _looked_up(_currency),
    "date": _date,
    "fingerprint": _hidden,
    "firm_code": _hidden,
    "hectares": _hectares,
    "identity": _hidden,
    "long_text": _long_text,
    "money": _money,
    "name": _text,
    "products": _products,
    "project_code": _project_code,
    "sector": _looked_up(_sector),
    "stage": _looked_up(_choice_or_words),
    "status": _looked_up(_choice_or_words),
    "tax_code": _tax_code,
    "text": _text,
    "website": _looked_up(_website),
    "whole": _whole,
    "year": _year,
    "yes_no": _looked_up(_yes_no),
    "zone": _looked_up(_zone),
}
