"""Firms, or zones, side by side: one row a property, marked by whether it differs. Page, PDF and Excel only format it."""

from dataclasses import dataclass

from firms.facts import Fact, Profile

MOST = 4  # beside each other
NOT_COMPARED = {"sources"}


@dataclass(frozen=True)
class Row:
    """One property of all. `mark`: differs, partly (some say nothing), same, unknown (no source of any)."""

    key: str
    label: str
    cells: tuple[Fact, ...]

    @property
    def mark(self):
        if self.key in NOT_COMPARED or len(self.cells) < 2:
            return ""
        known = [tuple(line.text for line in cell.lines) for cell in self.cells if cell.lines]
        if len(set(known)) > 1:
            return "differs"
        if not known:
            return "unknown"
        return "same" if len(known) == len(self.cells) else "partly"


@dataclass(frozen=True)
class Comparison:
    kind: str
    profiles: tuple[Profile, ...]
    rows: tuple[Row, ...]

    @property
    def is_of_one(self):
        return len(self.profiles) == 1

    def differences(self):
        """Only the rows in which not all say the same; of a single one everything that is known."""
        if self.is_of_one:
            return tuple(row for row in self.rows if row.cells[0].lines)
        return tuple(row for row in self.rows if row.mark in ("differs", "partly"))


def of(profiles):
    """The profiles of one kind, in their order."""
    labels = [(fact.key, fact.label) for fact in profiles[0].facts]
    cells = zip(*(profile.facts for profile in profiles), strict=True)
    rows = tuple(Row(key, label, row) for (key, label), row in zip(labels, cells, strict=True))
    return Comparison(profiles[0].kind, tuple(profiles), rows)


def in_groups(profiles, most=MOST):
    """As many tables as it takes, of about the same width."""
    count = -(-len(profiles) // most)
    size = -(-len(profiles) // count) if count else 0
    return [of(profiles[start : start + size]) for start in range(0, len(profiles), size)] if count else []
