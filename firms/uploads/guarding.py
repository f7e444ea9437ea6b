"""Whether a file may be opened at all: its real type, its unpacked size, and nothing in it that acts.

Everything here is read before any spreadsheet library sees the file. A refusal is a firms.problems.Refused."""

import csv
import os
import re
import zipfile

import puremagic
from django.template.defaultfilters import filesizeformat

from firms.problems import Refused
from parkportal.text import nfc

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_UNPACKED = 300 * 1024 * 1024
MOST_RATIO = 250  # of one part; a sheet of equal rows reaches some 100
RATIO_COUNTS_FROM = 20 * 1024 * 1024
MOST_PARTS = 2000
# calamine lays a sheet out as a full rectangle: two cells in far corners would take all memory.
MOST_CELLS = 12_000_000
XLSX, CSV = "xlsx", "csv"
PIECE = 1024 * 1024
OLD_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_STREAM = "EncryptedPackage".encode("utf-16-le")
DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
ROW_START = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
# Rows after the last value of a piece hold none, however many they are.
VALUE_STARTS = (b"<v", b"<is", b":v>", b":is>")
COLUMN = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]+)")


def clean_name(name):
    """The sender's file name without folders and control characters, short enough to store."""
    name = "".join(c for c in nfc(os.path.basename(name.replace("\\", "/"))) if c.isprintable())
    stem, extension = os.path.splitext(name)
    return f"{stem[: 200 - len(extension)]}{extension}"


def kind_of(file, name):
    """xlsx or csv by the content; refused where the file is something else, or something else than its name says.

    Cheap enough for the request that brings the file: the head and, of a workbook, its directory."""
    if not file.size:
        raise Refused("file_empty")
    if file.size > MOST_BYTES:
        raise Refused("file_too_large", limit=filesizeformat(MOST_BYTES))
    extension = os.path.splitext(name)[1].lower()
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if head.startswith(OLD_HEAD):
        raise Refused("file_locked" if LOCKED_STREAM in file.read() else "file_old")
    if head.startswith(b"PK"):
        check_directory(file)
        if extension != ".xlsx":
            raise Refused("file_disguised", said=extension or "?", found=".xlsx")
        return XLSX
    if found := _binary(head):
        raise Refused("file_disguised" if extension == ".xlsx" else "file_type", said=extension, found=found)
    if extension == ".xlsx":
        raise Refused("file_disguised", said=extension, found=".csv")
    if extension not in (".csv", ".txt", ".tsv"):
        raise Refused("file_type", found=extension or "?")
    return CSV


def _binary(head):
    """What else the content is, or nothing where it may be text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    if head.startswith(b"%PDF-"):
        return "PDF"
    if head.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "HTML"
    if b"\x00" not in head:
        return ""
    try:
        return puremagic.from_string(head).lstrip(".").upper() or "?"
    except puremagic.PureError:
        return "?"


def check_directory(file):
    """Refuses by the directory of the packed file alone: bombs, passwords, macros, and what is no workbook."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise Refused("file_broken") from broken
    finally:
        file.seek(0)
    names = {part.filename.lower() for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("file_locked")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refused("file_macros")
    if "xl/workbook.xml" not in names:
        raise Refused("file_type", found=_packed_kind(names))
    large = [part for part in parts if part.file_size > RATIO_COUNTS_FROM]
    if (
        len(parts) > MOST_PARTS
        or sum(part.file_size for part in parts) > MOST_UNPACKED
        or any(part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in large)
    ):
        raise Refused("file_bomb", limit=filesizeformat(MOST_UNPACKED))


def _packed_kind(names):
    kinds = {"word/document.xml": "Word", "ppt/presentation.xml": "PowerPoint", "content.xml": "OpenDocument"}
    kinds["xl/workbook.bin"] = "xlsb"
    return next((kind for part, kind in kinds.items() if part in names), "ZIP")


def check_parts(file):
    """Unpacks every part once, in pieces: no DTD, no other letters than Excel writes, no more than the directory said, no
    cells so far apart that they would fill the memory, and nothing cut off."""
    try:
        with zipfile.ZipFile(file) as packed:
            if b"macroEnabled" in packed.read("[Content_Types].xml")[:PIECE]:
                raise Refused("file_macros")
            left = MOST_UNPACKED
            for part in packed.infolist():
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    left -= _check_part(packed, part, left)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, NotImplementedError, zipfile.zlib.error) as broken:
        raise Refused("file_broken") from broken
    finally:
        file.seek(0)


def _check_part(packed, part, left):
    is_sheet = part.filename.lower().startswith("xl/worksheets/")
    size, before, row, columns = 0, b"", 0, set()
    with packed.open(part) as stream:
        while piece := stream.read(PIECE):
            if not size and (b"\x00" in piece[:4] or piece.startswith((b"\xff\xfe", b"\xfe\xff"))):
                raise Refused("file_broken")  # UTF-16: no spreadsheet program writes it, and it would hide a DTD from us
            size += len(piece)
            if size > left:
                raise Refused("file_bomb", limit=filesizeformat(MOST_UNPACKED))
            text = before + piece
            if DTD.search(text):
                raise Refused("file_entities")
            if is_sheet and (end := max(map(text.rfind, VALUE_STARTS))) >= 0:
                row = max(row, max(map(int, ROW_START.findall(text, 0, end)), default=0))
                columns.update(COLUMN.findall(text))
            before = text[-256:]
    if columns and row * max(map(column_number, columns)) > MOST_CELLS:
        raise Refused("file_spread", cells=row * max(map(column_number, columns)))
    return size


def column_number(letters):
    number = 0
    for letter in letters[:8]:
        number = number * 26 + letter - 64
    return number


def text_of(data):
    """The letters of a CSV file: UTF-8 with or without its mark, UTF-16 with one, else Windows-1258, always composed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1258"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as wrong:
            if encoding == "utf-8-sig" and wrong.start >= len(data) - 3 and not data.isascii():
                raise Refused("file_broken") from wrong  # the last letter is cut through: the rest was sound
            continue
        if "\x00" in text:
            raise Refused("file_type", found="?")
        # Windows-1258 writes a letter and its tone as two signs; that is how it is, nothing that a person did.
        return (nfc(text) if encoding == "cp1258" else text), encoding
    raise Refused("file_encoding")


def rows_of(text):
    """(line number, cells) of a CSV text, separated as its first lines are; lines are numbered as a spreadsheet shows them."""
    csv.field_size_limit(PIECE)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator_of(text), strict=True)
    rows = []
    try:
        for cells in reader:
            rows.append(cells)
            if len(rows) > MOST_ROWS * 2:
                raise Refused("too_many_rows", limit=MOST_ROWS)
    except csv.Error as wrong:
        raise Refused("file_quotes", row=len(rows) + 1) from wrong
    return rows


def separator_of(text):
    """Of comma, semicolon and tab the one that parts the first lines into most, and most evenly many, cells."""
    lines = [line for line in text[:65536].splitlines() if line.strip()][:20]
    best, chosen = -1, ","
    for separator in (",", ";", "\t"):
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        except csv.Error:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        score = (usual > 1) * (widths.count(usual) / max(len(widths), 1) + usual / 1000)
        if score > best:
            best, chosen = score, separator
    return chosen
