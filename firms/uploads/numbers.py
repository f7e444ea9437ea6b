"""Numbers and dates as people type them in Vietnam and abroad: read where there is one reading, refused where there are two."""

import datetime
import re
from decimal import Decimal, InvalidOperation

from firms.problems import Refused

# How numbers in texts are written: as the cells themselves leave no doubt, 1.854,5 or 1,854.5.
STYLES = ["", "vi", "en"]
FIRST_YEAR, LAST_YEAR = 1945, 2100
EXCEL_EPOCH = datetime.date(1899, 12, 30)
SERIALS = range(16072, 73051)  # Excel's numbers of 1 January 1944 to 31 December 2099; a year written as 2019 lies below
GROUPS = {".": re.compile(r"\d{1,3}(\.\d{3})+"), ",": re.compile(r"\d{1,3}(,\d{3})+"), " ": re.compile(r"\d{1,3}( \d{3})+")}
DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) (?:thang |/)(\d{1,2}) nam (\d{4})")
SHORT_YEAR = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}")
MONTH_OF_YEAR = re.compile(r"(?:thang )?(\d{1,2})[/.\-](\d{4})")


def number_of(text, style=""):
    """The Decimal that a text says. "1.854,5" and "1,854.5" leave no doubt, "1.854" does: refused unless the style is given."""
    bare = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
    sign = ""
    if bare[:1] in ("-", "\u2212"):
        sign, bare = "-", bare[1:].strip()
    bare = bare.lstrip("+")
    if not re.fullmatch(r"\d[\d., ]*", bare):
        raise Refused("number_unreadable", example="1854,5")
    if " " in bare:
        whole, _point, rest = bare.partition("," if "," in bare else ".")
        if not GROUPS[" "].fullmatch(whole) or " " in rest:
            raise Refused("number_unreadable", example="1854,5")
        bare = bare.replace(" ", "")
        if "." in bare and "," in bare:
            raise Refused("number_unreadable", example="1854,5")
        return _decimal(sign + bare.replace(",", "."))
    return _decimal(sign + _plain(bare, style))


def _plain(bare, style):
    """The digits with a point where the decimals begin."""
    dots, commas = bare.count("."), bare.count(",")
    if not dots and not commas:
        return bare
    if dots and commas:
        point = "." if bare.rfind(".") > bare.rfind(",") else ","
        other = "," if point == "." else "."
        whole, _point, decimals = bare.rpartition(point)
        if bare.count(point) > 1 or not GROUPS[other].fullmatch(whole) or {"vi": ",", "en": "."}.get(style, point) != point:
            raise Refused("number_unreadable", example="1854,5")
        return f"{whole.replace(other, '')}.{decimals or '0'}"
    mark = "." if dots else ","
    if style:
        if mark == {"vi": ".", "en": ","}[style]:
            return _grouped(bare, mark)
        if bare.count(mark) > 1:
            raise Refused("number_unreadable", example="1854,5")
        return bare.replace(mark, ".")
    if bare.count(mark) > 1:
        return _grouped(bare, mark)
    whole, _mark, decimals = bare.partition(mark)
    if len(decimals) == 3 and len(whole) <= 3 and not whole.startswith("0"):
        raise Refused("number_ambiguous", large=whole + decimals, small=f"{whole},{decimals}", plain=f"{whole}{decimals},0")
    return f"{whole}.{decimals or '0'}"


def _grouped(bare, mark):
    if not GROUPS[mark].fullmatch(bare):
        raise Refused("number_unreadable", example="1854,5")
    return bare.replace(mark, "")


def _decimal(text):
    try:
        return Decimal(text)
    except InvalidOperation as wrong:
        raise Refused("number_unreadable", example="1854,5") from wrong


def canonical(number):
    """A Decimal as the text under which it is compared and kept: 20000000, 16.7."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_of(value, folded):
    """(date, repair) of a cell: a date, Excel's day number, or a text in one of the usual forms; (year, repair) of a bare year.

    `folded` is the cell as folded text, for texts."""
    if isinstance(value, datetime.datetime):
        return _near(value.date(), value), ""
    if isinstance(value, datetime.date):
        return _near(value, value), ""
    if isinstance(value, float | int) and not isinstance(value, bool):
        if float(value).is_integer() and FIRST_YEAR <= value <= LAST_YEAR:
            return int(value), "year_of_date"
        if int(value) in SERIALS:
            return EXCEL_EPOCH + datetime.timedelta(days=int(value)), "date_serial"
        raise Refused("date_unreadable")
    return _date_of_text(folded)


def _date_of_text(text):
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and int(text[:5]) in SERIALS:
        return EXCEL_EPOCH + datetime.timedelta(days=int(text[:5])), "date_serial"
    if found := DAY_FIRST.fullmatch(text):
        return _day(found[3], found[2], found[1], text), ""
    if found := YEAR_FIRST.fullmatch(text):
        return _day(found[1], found[2], found[3], text), ""
    if found := IN_WORDS.fullmatch(text):
        return _day(found[3], found[2], found[1], text), "date_text"
    if re.fullmatch(r"(nam )?\d{4}", text) and FIRST_YEAR <= int(text[-4:]) <= LAST_YEAR:
        return int(text[-4:]), "year_of_date"
    if (found := MONTH_OF_YEAR.fullmatch(text)) and 1 <= int(found[1]) <= 12:
        return _year(int(found[2]), text), "year_of_date"
    raise Refused("date_two_digits" if SHORT_YEAR.fullmatch(text) else "date_unreadable")


def _day(year, month, day, given):
    try:
        return _near(datetime.date(int(year), int(month), int(day)), given)
    except ValueError as wrong:
        raise Refused("date_unreadable") from wrong


def _near(day, given):
    _year(day.year, given)
    return day


def _year(year, given):
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("date_far", first=FIRST_YEAR, last=LAST_YEAR)
    return year
