"""Which firm of the registry, or which earlier row of the file, a row speaks of.

Tax code, then project code, then name and zone decide by themselves; what is only alike, or contradicts itself, waits for a
person with the reasons. `row.firm` becomes the firm's key, minus the number of the row that enters the firm, or None."""

from rapidfuzz import fuzz

from firms.matching import Entry, Likely
from firms.names import firm_key
from firms.uploads.stored import PROJECT_KEYS

QUITE_ANOTHER = 45  # points of likeness under which an equal tax code is looked at by a person


class Recogniser:
    def __init__(self, registry):
        self.registry = registry
        self.tax_codes, self.projects, self.names = {}, {}, {}
        self.likely = Likely()

    def place(self, row):
        """Sets row.firm, or row.candidates where a person decides; notes what contradicts itself."""
        values = row.values
        if code := row.hidden.get("code"):
            return self._by_number(row, code)
        entry = self._entry(row)
        firm, reasons = self._certain(entry, values)
        if reasons:
            row.candidates.append([firm, 100 if firm is not None else 0, reasons])
        elif firm is not None:
            row.firm = firm
        else:
            row.candidates = self._alike(entry)
        if row.firm is None:
            self._remember(row, entry)
        elif entry.tax_code:
            self.tax_codes.setdefault(entry.tax_code, row.firm)
        return None

    def _by_number(self, row, code):
        registry = self.registry
        pk = registry.codes.get(code)
        if pk is None:
            return row.note("firm_unknown", "code", code)
        row.firm = registry.standing(pk)
        if row.firm != pk:
            row.note("firm_merged", "code", code, firm=registry.labels.get(row.firm, ""))
        tax_code = row.values.get("tax_code")
        owner = registry.tax_codes.get(tax_code) if tax_code else None
        if owner is not None and registry.standing(owner) != row.firm:
            row.note("tax_code_taken", "tax_code", tax_code, firm=registry.labels.get(registry.standing(owner), ""))
        elif tax_code and self.tax_codes.setdefault(tax_code, row.firm) != row.firm:
            row.note("tax_code_taken", "tax_code", tax_code, firm=registry.labels.get(self.tax_codes[tax_code], ""))
        return None

    def _entry(self, row):
        values = row.values
        names = [values[key] for key in ("name", "name_en") if values.get(key)]
        keys = tuple(dict.fromkeys(filter(None, map(firm_key, names))))
        return Entry(-row.number, keys, self.registry.wholes.get(values.get("zone"), ""), values.get("tax_code", ""))

    def _certain(self, entry, values):
        """(firm, reasons): a firm alone is certain; with reasons a person decides; (None, None) where nothing is equal."""
        registry = self.registry
        if entry.tax_code:
            if (stored := registry.tax_codes.get(entry.tax_code)) is not None:
                firm = registry.standing(stored)
                return firm, self._named_otherwise(entry, registry.entries.get(firm), entry.tax_code)
            if (earlier := self.tax_codes.get(entry.tax_code)) is not None:
                return earlier, None
        code = values.get("project_code")
        if code and code in registry.projects:
            firm = registry.standing(registry.projects[code][1])
            other = registry.entries[firm].tax_code if firm in registry.entries else ""
            if entry.tax_code and other and other != entry.tax_code:
                return firm, [["same_project", {"code": code}], ["other_tax_code", {"code": other}]]
            return firm, None
        if code and code in self.projects:
            return self.projects[code], None
        return self._by_name(entry)

    def _named_otherwise(self, entry, stored, tax_code):
        """Reasons to ask a person although the tax codes are equal: the names have nothing in common."""
        if not stored or not entry.keys or not stored.keys:
            return None
        best = max(fuzz.WRatio(one, other) for one in entry.keys for other in stored.keys)
        if best >= QUITE_ANOTHER:
            return None
        return [["same_tax_code", {"code": tax_code}], ["other_name", {"name": self.registry.labels.get(stored.id, "")}]]

    def _by_name(self, entry):
        """An equal name in the same zone is certain where the tax codes do not contradict it and one firm alone has it."""
        if entry.zone:
            same = {
                pk
                for key in entry.keys
                for pk in self.registry.names.get(key, ())
                if self.registry.entries[pk].zone == entry.zone
            }
            fitting = [pk for pk in same if not (entry.tax_code and self.registry.entries[pk].tax_code)]
            if len(fitting) == 1:
                return fitting[0], None
            if same and not fitting:
                firm = min(same)
                other = self.registry.entries[firm].tax_code
                return firm, [["same_name_and_zone", {}], ["other_tax_code", {"code": other}]]
            for key in entry.keys:
                earlier = self.names.get((key, entry.zone))
                if earlier and not (entry.tax_code and earlier[1] and entry.tax_code != earlier[1]):
                    return earlier[0], None
        return None, None

    def _alike(self, entry):
        """[[firm or minus row, points, reasons]] of what is alike, stored firms first."""
        if not entry.keys:
            return []
        found = self.registry.likely.near(entry)[:4] if self.registry.entries else []
        return [[one, likeness.score, likeness.reasons] for one, likeness in [*found, *self.likely.near(entry)[:3]]]

    def _remember(self, row, entry):
        """A row that enters a firm, or may do so, is what later rows of the file are held against."""
        here = -row.number
        if entry.tax_code:
            self.tax_codes.setdefault(entry.tax_code, here)
        if code := row.values.get("project_code"):
            self.projects.setdefault(code, here)
        for key in entry.keys:
            self.names.setdefault((key, entry.zone), (here, entry.tax_code))
        self.likely.add(entry)


def project_of(values, given, firm, stored, owner_of):
    """(project, problem): the project of a known firm that a row speaks of, 0 for a new one, None for none; or what is unclear.

    `given` is the hidden number of an export; owner_of(code) tells the (project, firm) that has a project code."""
    mine = stored.of_firm.get(firm, [])
    if given:
        if given.isdecimal() and int(given) in mine:
            return int(given), None
        return None, (("project_unknown", "project_id", given), {})
    if not PROJECT_KEYS & values.keys():
        return None, None
    code, name = values.get("project_code"), values.get("project_name")
    project, owner = owner_of(code) if code else (None, None)
    if project:
        problem = (("project_elsewhere", "project_code", code), {"firm": owner and stored.name_of(owner) or ""})
        return (project, None) if owner == firm else (None, problem)
    if name:
        key = firm_key(name)
        named = [pk for pk in mine if firm_key(stored.projects[pk].get("project_name", "")) == key]
        if len(named) == 1:
            return named[0], None
    if len(mine) == 1 and not name and not (code and stored.projects[mine[0]].get("project_code")):
        return mine[0], None
    if code or name or not mine:
        return 0, None
    return None, (("project_unclear", "project_name"), {"count": len(mine)})
