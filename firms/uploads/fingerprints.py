"""What an exported row looked like: signed, so that on its way back changed cells are told from cells that changed here.

The values go into a hidden sheet of the export, one line for each row, found again by the fingerprint that the row carries."""

import json

from django.utils.crypto import constant_time_compare, salted_hmac

from firms.uploads.reading import SNAPSHOT_SHEET

__all__ = ["SNAPSHOT_SHEET", "fingerprint", "pack", "unpack"]

SALT = "firms.exchange.row"
CELL = 30_000  # a cell holds 32,767 letters


def fingerprint(code, project, text):
    """20 letters that stand for this firm, this project and exactly these values."""
    return salted_hmac(SALT, f"{code}|{project or ''}|{text}", algorithm="sha256").hexdigest()[:20]


def pack(code, project, values):
    """(fingerprint, line of the hidden sheet) of a row's values."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    mark = fingerprint(code, project, text)
    return mark, [mark, *(text[start : start + CELL] for start in range(0, len(text), CELL))]


def unpack(lines):
    """{fingerprint: text of the values} of the hidden sheet."""
    return {str(line[0]): "".join(str(cell) for cell in line[1:]) for line in lines if line and line[0]}


def values_of(mark, code, project, packed):
    """The values with which a row was exported, or None where the fingerprint does not stand for them."""
    text = packed.get(mark, "")
    if not text or not constant_time_compare(fingerprint(code, project, text), mark):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
