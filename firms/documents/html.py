"""The dossier as a page of HTML, out of which the PDF is laid out: title, contents, comparison, a page each, sources."""

from datetime import date
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format

from firms import comparison
from firms.facts import Fact, Line, Profile
from parkportal.documents import qr

CSS = Path(__file__).with_name("dossier.css")
LANGUAGES = ("vi", "en")
SPARE = {"sources"}  # told by the numbers behind each fact and the list at the end
NOT_COMPARED = SPARE | {"decision", "website"}  # what the page of the entry tells is enough
KINDS = {"firm": ["Doanh nghiệp", "Firms"], "zone": ["Khu", "Zones"]}
ONE = {"firm": ["Doanh nghiệp", "Firm"], "zone": ["Khu", "Zone"]}


def css():
    return CSS.read_text()


def page(content):
    entries = [_entry(place, entry, content) for place, entry in enumerate(content["entries"], start=1)]
    groups = [(kind, some) for kind in KINDS if (some := [it for it in entries if it["kind"] == kind])]
    context = {
        "content": content,
        "made_on": both_dates(content["made_on"]),
        "groups": [(KINDS[kind], some) for kind, some in groups],
        "counted": [", ".join(_counted(kind, some, place) for kind, some in groups) for place in (0, 1)],
        "entries": entries,
        "tables": [table for kind in KINDS for table in _tables(kind, content)],
        "officers": [one | {"entries": [it for it in entries if it["officer"] == one]} for one in content["officers"]],
        "sources": [source | {"text": printable(source["text"])} for source in content["sources"]],
        "qr": qr.modules(content["list_url"]),
    }
    with translation.override("vi"):
        return render_to_string("firms/document/dossier.html", context)


def _counted(kind, some, place):
    """ "7 doanh nghiệp", "1 firm"."""
    return f"{len(some)} {(ONE if len(some) == 1 else KINDS)[kind][place].lower()}"


def both_dates(day):
    """The day as each language writes it."""
    words = []
    for language in LANGUAGES:
        with translation.override(language):
            words.append(date_format(date.fromisoformat(day), "DATE_FORMAT"))
    return words


def profile(entry, place):
    """An entry of the content in one language (0: Vietnamese, 1: English), as the comparison takes it."""
    facts = tuple(
        Fact(
            fact["key"],
            fact["label"][place],
            tuple(Line(line["text"][place], line["doubt"][place]) for line in fact["lines"]),
            is_long=fact["is_long"],
        )
        for fact in entry["facts"]
    )
    return Profile(entry["kind"], entry["code"], entry["title"][place], entry["url"][place], facts)


def comparisons(kind, content, most=comparison.MOST):
    """[(Vietnamese comparison, English comparison)] of all entries of a kind, a few beside each other."""
    entries = [entry for entry in content["entries"] if entry["kind"] == kind]
    return list(zip(*(comparison.in_groups([profile(it, place) for it in entries], most) for place in (0, 1)), strict=True))


def _entry(place, entry, content):
    told = [fact for fact in entry["facts"] if fact["lines"] and fact["key"] not in SPARE]
    officer = next((one for one in content["officers"] if one["number"] == entry["officer"]), None)
    return entry | {
        "place": place,
        "kind_words": ONE[entry["kind"]],
        "told": [fact | {"is_split": _is_split(fact), "refs": _ranges(fact)} for fact in told],
        "untold": [fact["label"] for fact in entry["facts"] if not fact["lines"] and fact["key"] not in SPARE],
        "officer": officer,
        "qr": qr.modules(entry["url"][0]),
        "is_marked": entry["is_demonstration"] and not content["is_demonstration"],
    }


def _is_split(fact):
    """Whether the languages say it differently: then each has its own column."""
    return any(line["text"][0] != line["text"][1] for line in fact["lines"])


def _ranges(fact):
    """The numbers of the fact's sources: [(first, last, separator)], three or more in a row drawn together."""
    numbers = sorted({number for line in fact["lines"] for number in line["refs"]})
    rows = []
    for number in numbers:
        if rows and number == rows[-1][-1] + 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    found = []
    for row in rows:
        found += [(row[0], row[-1])] if len(row) > 2 else [(number, number) for number in row]
    return found


def printable(source):
    """An address in the letters that Tinos has: Korean or Chinese ones as their codes, which lead to the same page."""
    return iri_to_uri(source) if source.startswith("http") else source


def _tables(kind, content):
    """Comparison tables without long texts; a single entry is not compared."""
    pairs = comparisons(kind, content)
    if sum(len(vietnamese.profiles) for vietnamese, _english in pairs) < 2:
        return []
    return [
        {
            "kind_words": KINDS[kind],
            "heads": [profile.title for profile in vietnamese.profiles],
            "rows": [_row(row, other) for row, other in zip(vietnamese.rows, english.rows, strict=True) if _is_compared(row)],
        }
        for vietnamese, english in pairs
    ]


def _is_compared(row):
    return row.key not in NOT_COMPARED and not any(cell.is_long for cell in row.cells) and row.mark != "unknown"


def _row(row, other):
    cells = zip(row.cells, other.cells, strict=True)
    return {
        "label": [row.label, other.label],
        "mark": row.mark,
        "cells": [[(a.text, b.text if a.text != b.text else "", a.doubt) for a, b in _lines(*pair)] for pair in cells],
    }


def _lines(first, second):
    return zip(first.lines, second.lines, strict=True)
