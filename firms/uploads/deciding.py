"""What the editor decides: about conflicts, doubtful matches and rows with errors; and which rows are imported as a result.

`upload.decisions` holds {row number: {"what": "firm:12" | "row:5" | "new" | "skip", "cells": {field: "mine" | "file"}, …}} and,
under "*", what holds for all rows of a kind that have no word of their own: {"undecided": "new", "conflict": "mine"}."""

from firms.models import Project
from firms.uploads.checking import CONFLICT, LEFT_OUT, PROBLEM, SAME, UNDECIDED
from firms.uploads.recognising import project_of
from firms.uploads.stored import differences

MINE, FILE = "mine", "file"  # the stored value stays; the file's is taken
SKIP, ENTER = "skip", "new"
ALL = "*"


def decision_of(row, decisions):
    """What holds for a row: its own word, else the one for all rows of its kind."""
    own, common = decisions.get(str(row["n"]), {}), decisions.get(ALL, {})
    if row["k"] == UNDECIDED and "what" not in own and common.get(UNDECIDED):
        return own | {"what": common[UNDECIDED]}
    if row["k"] == CONFLICT and common.get(CONFLICT):
        cells = {change[0]: common[CONFLICT] for change in row.get("c", ()) if change[3]}
        return own | {"cells": cells | own.get("cells", {})}
    return own


def is_open(row, decisions):
    """Whether the row still waits for a word."""
    said = decision_of(row, decisions)
    if said.get("what") == SKIP:
        return False
    if row["k"] == UNDECIDED:
        return not said.get("what")
    cells = said.get("cells", {})
    return row["k"] == CONFLICT and any(change[3] and change[0] not in cells for change in row["c"])


def waiting(kept, decisions):
    """Numbers of the rows that still wait for a word."""
    places = [place for place, (_n, kind, _g) in enumerate(kept.index) if kind in (UNDECIDED, CONFLICT)]
    return [row["n"] for row in kept.rows(places) if is_open(row, decisions)]


def settled(changes, said):
    """The changes that remain once it is decided: no conflict in which the stored value stays; with "fill" only empty cells."""
    cells = said.get("cells", {})
    if said.get("fill"):
        return [change for change in changes if change[1] in (None, "", False) or change[0] == "products"]
    return [change for change in changes if cells.get(change[0], FILE if not change[3] else MINE) == FILE]


def as_firm(row, firm, stored, fill=False):
    """(decision, problem) that a doubtful row is this stored firm: with what it would change, so that it is shown before."""
    values = row["v"]
    project, problem = project_of(values, None, firm, stored, _owner)
    if problem:
        return None, problem
    if project == 0:
        values = {"project_name": values.get("name") or values.get("name_en") or stored.name_of(firm)} | values
    changes, _elsewhere = differences(values, stored.row(firm, project))
    return {"what": f"firm:{firm}", "project": project, "changes": changes, "fill": fill}, None


def _owner(code):
    return Project.objects.filter(code=code).values_list("pk", "firm_id").first() or (None, None)


def count_chosen(kept, decisions):
    """How many rows the import would take; only rows that wait for a person are unpacked for it."""
    count, places = 0, []
    for place, (number, kind, _flags) in enumerate(kept.index):
        if kind in (UNDECIDED, CONFLICT):
            places.append(place)
        elif kind not in (PROBLEM, LEFT_OUT, SAME):
            count += decisions.get(str(number), {}).get("what") != SKIP
    return count + sum(
        not is_open(row, decisions) and decision_of(row, decisions).get("what") != SKIP for row in kept.rows(places)
    )


def chosen(rows, decisions):
    """Rows to be imported: {"n", "firm", "project", "changes", "v"}. A firm of the file is minus the row that enters it.

    `changes` is None where a row follows another one to a stored firm: what it changes there is still to be found out."""
    entered = {}
    for row in rows:
        said = decision_of(row, decisions)
        if row["k"] in (PROBLEM, LEFT_OUT, SAME) or said.get("what") == SKIP:
            continue
        firm, project, changes = row.get("f"), row.get("p"), row.get("c", [])
        if row["k"] == UNDECIDED:
            what, _colon, number = said.get("what", SKIP).partition(":")
            if what == SKIP:
                continue
            if what == "firm":
                firm, project, changes = int(number), said.get("project"), settled(said["changes"], said)
                entered[-row["n"]] = firm
            else:
                firm = -int(number) if what == "row" else None
        elif row["k"] == CONFLICT:
            changes = settled(changes, said)
        if firm is None:
            firm = -row["n"]
        if firm < 0:
            # The row that was to enter the firm may itself be a stored firm by now, or be left out.
            firm = entered.setdefault(firm, -row["n"])
            entered.setdefault(-row["n"], firm)
            changes = None if firm > 0 else [[key, None, new, ""] for key, new in row["v"].items() if new is not None]
        yield {"n": row["n"], "firm": firm, "project": project, "changes": changes, "v": row["v"]}
