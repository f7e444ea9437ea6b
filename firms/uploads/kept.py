"""What the check found, kept as one file: rows as packed JSON in blocks, behind them an index of their kinds.

A table would be written and deleted row by row for something that is read a page at a time and thrown away after the import."""

import json
import struct
import zlib

BLOCK = 250
MARK = b"PKUPLOAD"


def pack(rows):
    """The file's content for rows as dictionaries with `n` (number), `k` (kind) and `g` (flags)."""
    parts, blocks, at = [], [], 0
    for start in range(0, len(rows), BLOCK):
        text = json.dumps(rows[start : start + BLOCK], ensure_ascii=False, separators=(",", ":")).encode()
        parts.append(zlib.compress(text, 1))
        blocks.append([at, len(parts[-1])])
        at += len(parts[-1])
    index = zlib.compress(json.dumps({"blocks": blocks, "rows": [[row["n"], row["k"], row["g"]] for row in rows]}).encode(), 1)
    return b"".join([MARK, struct.pack(">Q", at), *parts, index])


class Kept:
    """The rows of a checked file, read as they are needed."""

    def __init__(self, file):
        self.content = file.read()
        if self.content[: len(MARK)] != MARK:
            raise ValueError("no checked rows")
        self.start = len(MARK) + 8
        (length,) = struct.unpack(">Q", self.content[len(MARK) : self.start])
        index = json.loads(zlib.decompress(self.content[self.start + length :]))
        self.blocks, self.index = index["blocks"], index["rows"]
        self._places = None

    def rows(self, places=None):
        """The rows at these places (all of them by default), in their order."""
        if places is None:
            for block in range(len(self.blocks)):
                yield from self._block(block)
            return
        last, rows = None, []
        for place in places:
            if place // BLOCK != last:
                last = place // BLOCK
                rows = self._block(last)
            yield rows[place % BLOCK]

    def row(self, number):
        """The row that the spreadsheet counts as this one, or None."""
        if self._places is None:
            self._places = {entry[0]: place for place, entry in enumerate(self.index)}
        place = self._places.get(number)
        return None if place is None else next(self.rows([place]))

    def _block(self, number):
        at, length = self.blocks[number]
        return json.loads(zlib.decompress(self.content[self.start + at : self.start + at + length]))
