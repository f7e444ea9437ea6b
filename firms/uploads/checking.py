"""The check: every row read, recognised, and compared with what is stored; nothing is written to the registry.

The loop is our own, not django-import-export's: that one asks the database for every row and cleans every model instance twice,
once for the preview and once more for the import; here zones, sectors and known firms are read once, and what the check found is
kept for the import. The library exports (firms.exchange)."""

from dataclasses import dataclass, field

from firms.matching import Registry
from firms.models import Project
from firms.names import firm_key
from firms.problems import CATALOGUE, Refused, Severity
from firms.uploads import cells, columns, fingerprints, reading, stored
from firms.uploads.cells import Row, settle_money
from firms.uploads.recognising import Recogniser, project_of
from firms.uploads.stored import PROJECT_KEYS, differences, parts, same
from firms.uploads.vocabulary import Vocabulary

NEW, CHANGED, SAME, CONFLICT, UNDECIDED, PROBLEM, LEFT_OUT = "new", "changed", "same", "conflict", "undecided", "problem", "out"
KINDS = [NEW, CHANGED, SAME, CONFLICT, UNDECIDED, PROBLEM, LEFT_OUT]
FLAGS = {"warning": Severity.WARNING, "repaired": Severity.REPAIR}
STEP = 1000  # rows between two words about the progress


@dataclass
class Checked:
    rows: list = field(default_factory=list)  # dictionaries as firms.uploads.kept keeps them
    counts: dict = field(default_factory=dict)


def check(table, heading, mapping, options, seen=None, progress=None):
    """What the file would do, row by row. `seen` are {row number: {field: value}} that an import found changed meanwhile."""
    return Check(table, heading, mapping, options, seen or {}, progress or (lambda percent: None)).run()


class Check:
    def __init__(self, table, heading, mapping, options, seen, progress):
        verify(mapping)
        self.table, self.heading, self.mapping, self.options = table, heading, mapping, options
        self.seen, self.progress = seen, progress
        self.words = Vocabulary()
        self.registry = Registry()
        self.registry.add_projects(Project.objects.values_list("pk", "firm_id", "code").iterator(chunk_size=5000))
        self.readers = cells.readers(mapping, options, self.words)
        self.places = {key: place for place, key, _reader in self.readers}
        self.packed = fingerprints.unpack(table.snapshot) if "fingerprint" in self.places else {}
        self.stored = stored.Stored(self.words)

    def run(self):
        rows = self._read()
        self._place(rows)
        self.stored.load({row.firm for row in rows if row.firm and row.firm > 0})
        self._compare(rows)
        self.progress(95)
        return Checked([_kept(row) for row in rows], _counts(rows))

    # Reading ----------------------------------------------------------------------------------------------------------
    def _read(self):
        raw = reading.rows_under(self.table.rows, self.heading)
        mapped = set(self.places.values())
        rows, failed = [], self.table.failed
        for position, (number, given) in enumerate(raw):
            row = Row(number, given)
            rows.append(row)
            if left_out := reading.no_data_row(given, mapped):
                row.kind = LEFT_OUT
                row.note(left_out)
                continue
            size = len(given)
            for place, _key, read in self.readers:
                if place < size and (value := given[place]) != "":
                    read(value, row)
            if failed:
                self._note_failed(row, failed)
            if row.amounts or "currency" in row.values:
                settle_money(row)
            if position % STEP == 0:
                self.progress(5 + 40 * position // len(raw))
        return rows

    def _note_failed(self, row, failed):
        for place, key, _reader in self.readers:
            if error := failed.get((row.number, place)):
                row.note("cell_error", key, error)

    # Recognising ------------------------------------------------------------------------------------------------------
    def _place(self, rows):
        recogniser, hidden = Recogniser(self.registry), {}
        for position, row in enumerate(rows):
            if row.kind:
                continue
            if not row.hidden.get("code") and not (row.values.get("name") or row.values.get("name_en")):
                self._nameless(row)
            number = (row.hidden.get("code"), row.hidden.get("project_id"))
            if number[0] and hidden.setdefault(number, row.number) != row.number:
                row.note("copied_row", "code", number[0], row=hidden[number])
                continue
            recogniser.place(row)
            if position % STEP == 0:
                self.progress(45 + 25 * position // len(rows))

    def _nameless(self, row):
        """A firm that is known by its tax code or project code need not be named again."""
        values = row.values
        if values.get("tax_code") in self.registry.tax_codes or values.get("project_code") in self.registry.projects:
            return
        if not any(problem[1] in ("name", "name_en") for problem in row.problems if problem[0] == "too_long"):
            row.note("name_needed", "name")

    # Comparing --------------------------------------------------------------------------------------------------------
    def _compare(self, rows):
        self.said, self.first = {}, {}
        for position, row in enumerate(rows):
            if not row.kind:
                self._compare_row(row)
                row.kind = row.kind or self._kind(row)
            if position % STEP == 0:
                self.progress(70 + 25 * position // len(rows))

    def _compare_row(self, row):
        is_known = row.firm is not None and row.firm > 0
        if is_known:
            row.project = self._project(row)
        elif PROJECT_KEYS & row.values.keys():
            row.project = 0
        if row.has_error:
            return
        group = row.firm if row.firm is not None else -row.number
        self._name_project(row)
        if self._repeats(row, group) or row.has_error:
            return
        base, is_distrusted = self._base(row)
        now = self.stored.row(row.firm, row.project) if is_known else {}
        self._agree(row, group, base or {})
        if base:
            self._emptied(row, base)
        row.changes, elsewhere = differences(row.values, now, base, is_distrusted)
        for key in elsewhere:
            row.note("changed_elsewhere", key)
        if is_distrusted and row.changes:
            row.note("fingerprint_broken")

    def _base(self, row):
        """(the values with which the row was exported, whether its fingerprint is a wrong one)."""
        if row.number in self.seen and row.firm and row.firm > 0:
            return self.seen[row.number], False
        mark = row.hidden.get("fingerprint")
        if not mark or row.firm is None or row.firm < 0:
            return None, False
        base = fingerprints.values_of(mark, row.hidden.get("code", ""), row.hidden.get("project_id", ""), self.packed)
        return base, base is None

    def _emptied(self, row, base):
        """A cell that was filled in the export and is empty now has been emptied by a person."""
        for name in base.get("products") or ():
            if "products" in self.places and not set(parts([name])) <= set(parts(row.values.get("products") or [])):
                row.note("product_stays", "products", name[:60])
        noted = {column for key, column, given, _values in row.problems if key != "placeholder" or same(given, base.get(column))}
        for key in self.places:
            if key in base and key not in row.values and key not in noted and key not in ("name", "products"):
                row.values[key] = None

    def _project(self, row):
        """The project that the row speaks of: its key, 0 for a new one, None for none."""
        project, problem = project_of(row.values, row.hidden.get("project_id"), row.firm, self.stored, self._owner)
        if problem:
            row.note(*problem[0], **problem[1])
        return project

    def _owner(self, code):
        project, firm = self.registry.projects.get(code, (None, None))
        return project, firm and self.registry.standing(firm)

    def _name_project(self, row):
        values = row.values
        if row.project == 0 and not values.get("project_name"):
            values["project_name"] = values.get("name") or values.get("name_en") or self.registry.labels.get(row.firm, "")
            row.note("project_name", "project_name", value=values["project_name"])

    def _repeats(self, row, group):
        """Notes that an earlier row is about the same firm and project."""
        values = row.values
        project = row.project or (values.get("project_code") or firm_key(values.get("project_name") or ""))
        earlier = self.first.setdefault((group, project), row)
        if earlier is row:
            return False
        differing = [key for key, value in values.items() if earlier.values.get(key, value) != value]
        row.repeats = earlier.number
        if differing:
            fields = ", ".join(columns.COLUMNS[key].label for key in differing)
            row.note("duplicate_differs", differing[0], str(values[differing[0]])[:60], row=earlier.number, fields=fields)
            return True
        row.note("duplicate_repeats", "", row=earlier.number)
        row.kind = LEFT_OUT
        return True

    def _agree(self, row, group, base):
        """Rows of one firm with several projects say the same of the firm; where they do not, the first one is taken. A cell that
        is still as it was exported says nothing."""
        said = self.said.setdefault(group, {})
        for key in [key for key in row.values if key not in PROJECT_KEYS and key != "products"]:
            if key in base and same(row.values[key], base[key]):
                continue
            number, value = said.setdefault(key, (row.number, row.values[key]))
            if value != row.values[key]:
                row.note("rows_disagree", key, str(row.values[key])[:60], row=number, other=str(value)[:60])
                del row.values[key]

    def _kind(self, row):
        if row.has_error:
            return PROBLEM
        if row.candidates:
            return UNDECIDED
        if row.firm is None or (row.firm < 0 and row.changes):
            return NEW
        if any(change[3] for change in row.changes):
            return CONFLICT
        return CHANGED if row.changes else SAME


def verify(mapping):
    """Refuses a choice of columns with which nothing could be imported."""
    taken = {}
    for place, meaning in mapping.items():
        key = columns.split(meaning)[0]
        if taken.setdefault(key, place) != place:
            raise Refused("heading_twice", field=columns.COLUMNS[key].label)
    if not {"name", "name_en", "code"} & taken.keys():
        raise Refused("heading_needed")


def _kept(row):
    """The row as it is kept: n number, k kind, g flags, v values, f firm, p project, c changes, m candidates, x problems."""
    severities = {CATALOGUE[problem[0]].severity for problem in row.problems}
    flags = [word for word, severity in FLAGS.items() if severity in severities]
    if row.repeats or any(one[0] < 0 for one in row.candidates):
        flags.append("duplicate")
    kept = {"n": row.number, "k": row.kind, "g": flags, "v": row.values}
    changes = row.changes if row.firm and row.firm > 0 else None  # of a new firm every value is one
    for key, value in (
        ("f", row.firm), ("p", row.project), ("c", changes), ("m", row.candidates), ("x", row.problems), ("r", row.repeats),
    ):  # fmt: skip
        if value or value == 0 and key == "p":
            kept[key] = value
    return kept


def _counts(rows):
    counts = dict.fromkeys([*KINDS, "warning", "repaired", "duplicate"], 0)
    counts["rows"] = len(rows)
    for row in rows:
        counts[row.kind] += 1
        severities = {CATALOGUE[problem[0]].severity for problem in row.problems}
        counts["warning"] += Severity.WARNING in severities
        counts["repaired"] += Severity.REPAIR in severities
        counts["duplicate"] += bool(row.repeats or any(one[0] < 0 for one in row.candidates))
    return counts
