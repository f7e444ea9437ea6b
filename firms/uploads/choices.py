"""Taking down what the editor decides, under a lock, so that two editors who decide at once lose nothing of each other."""

from django.db import transaction
from django.utils.translation import gettext as _

from firms.models import Upload
from firms.problems import tell
from firms.uploads import deciding, steps
from firms.uploads.checking import CONFLICT, UNDECIDED
from firms.uploads.stored import Stored
from firms.uploads.vocabulary import Vocabulary

COMMON = {UNDECIDED: {"new", "skip", "first", ""}, CONFLICT: {"mine", "file", ""}}


def decide(upload, said, posted):
    """Takes down a decision; a sentence if it cannot be taken. `said` is a cleaned DecisionForm, `posted` its raw data."""
    kept = steps.kept_rows(upload)
    with transaction.atomic():
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        if held.state != Upload.State.READY:
            return _("Somebody else has taken this upload further. This is how it stands now.")
        if said.get("row"):
            row = kept.row(said["row"])
            problem = _decide_row(held.decisions, row, said, posted) if row else tell("row_stale")
        else:
            problem = _decide_all(held.decisions, kept, said)
        held.problem = "" if held.problem == "row_stale" else held.problem
        held.save(update_fields=["decisions", "problem"])
    return problem


def _decide_row(decisions, row, said, posted):
    key, what = str(row["n"]), said.get("what", "")
    own = decisions.get(key, {})
    if what == "again":
        decisions.pop(key, None)
    elif what == deciding.SKIP:
        decisions[key] = own | {"what": deciding.SKIP}
    elif row["k"] == UNDECIDED:
        decision, problem = _matched(row, what)
        if problem:
            return problem
        decisions[key] = decision
    elif row["k"] == CONFLICT:
        chosen = {change[0]: said.get("all") or posted.get(f"cell_{change[0]}", "") for change in row["c"] if change[3]}
        if "capital" in chosen and "currency" in chosen:
            chosen["currency"] = chosen["capital"]
        cells = {name: word for name, word in chosen.items() if word in (deciding.MINE, deciding.FILE)}
        decisions[key] = {"cells": own.get("cells", {}) | cells}
    return ""


def _matched(row, what):
    """(decision, problem) for a doubtful row."""
    word, _colon, number = what.partition(":")
    fill = word == "fill"
    if word == deciding.ENTER:
        return {"what": deciding.ENTER}, ""
    offered = {one[0] for one in row["m"]}
    if word == "row" and number.isdecimal() and -int(number) in offered:
        return {"what": what}, ""
    if word not in ("firm", "fill") or not number.isdecimal() or int(number) not in offered:
        return None, tell("row_stale")
    stored = Stored(Vocabulary())
    stored.load([int(number)])
    if int(number) not in stored.firms:
        return None, tell("row_stale")
    decision, problem = deciding.as_firm(row, int(number), stored, fill)
    return decision, tell(problem[0][0], problem[1]) if problem else ""


def _decide_all(decisions, kept, said):
    """One word for all doubtful rows, or for all conflicts, that have none of their own."""
    kind, _colon, word = said.get("what", "").partition(":")
    if word not in COMMON.get(kind, ()):
        return tell("row_stale")
    if word == "first":
        return _take_first(decisions, kept)
    common = decisions.setdefault(deciding.ALL, {})
    if word:
        common[kind] = word
    else:
        common.pop(kind, None)
        for number, row_kind, _flags in kept.index:
            if row_kind == kind:
                decisions.pop(str(number), None)
    return ""


def _take_first(decisions, kept):
    """Every doubtful row that has no word yet is the firm that it looks like most."""
    places = [place for place, (_n, kind, _g) in enumerate(kept.index) if kind == UNDECIDED]
    rows = [row for row in kept.rows(places) if deciding.is_open(row, decisions)]
    stored = Stored(Vocabulary())
    stored.load({row["m"][0][0] for row in rows if row["m"][0][0] > 0})
    left = 0
    for row in rows:
        best = row["m"][0][0]
        if best < 0:
            decisions[str(row["n"])] = {"what": f"row:{-best}"}
            continue
        decision, problem = deciding.as_firm(row, best, stored) if best in stored.firms else (None, True)
        if problem:
            left += 1
        else:
            decisions[str(row["n"])] = decision
    return _("{count} rows could not be decided together. Decide them one by one.").format(count=left) if left else ""
