"""The import: everything that was checked and decided, in one transaction or not at all, with a history row for each object.

What a row changes must still be as the check found it. Where somebody changed it since, nothing is written and the upload goes
back to its preview, with those cells as conflicts."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import IntegrityError
from django.utils.dateparse import parse_datetime

from firms.codes import code_of
from firms.models import Capability, Certificate, CodeCounter, Confidence, Edition, Firm, Project
from firms.uploads import deciding, writing
from firms.uploads.columns import CERTIFICATE, COLUMNS, FIRM, PROJECT
from firms.uploads.stored import Stored
from firms.uploads.vocabulary import Vocabulary

NOTHING = (None, "", "unknown", False, [])
DAYS = {"date"}
AMOUNTS = {"money", "hectares"}


class Stale(Exception):
    """Stored values are no longer those that the editor saw: {row number: {field: value as the editor saw it}}."""

    def __init__(self, seen):
        super().__init__()
        self.seen = seen


@dataclass
class Done:
    """What the import wrote, for the result page."""

    firms: list = field(default_factory=list)  # keys of new firms
    changed: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)


def write(upload, kept, user, now, progress=lambda percent: None):
    """Writes every row that is to be imported. Called within a transaction that holds the upload; raises Stale."""
    return Import(upload, kept, user, now, progress).run()


class Import:
    def __init__(self, upload, kept, user, now, progress):
        self.upload, self.user, self.now, self.progress = upload, user, now, progress
        self.rows = list(deciding.chosen(kept.rows(), upload.decisions))
        self.words = Vocabulary()
        self.stored = Stored(self.words)
        self.options = upload.mapping.get("options", {})
        self.new_firms, self.changed_firms = {}, {}
        self.new = {Project: [], Certificate: [], Capability: []}
        self.changed = {Project: {}, Certificate: {}}
        self.names = {Firm: {"touched_at"}, Project: set(), Certificate: set()}
        self.touched = set()

    def run(self):
        self._look_again()
        self.progress(15)
        self._load()
        for row in self.rows:
            self._apply(row)
        self.progress(40)
        try:
            self._write()
        except IntegrityError as taken:
            raise Stale({}) from taken
        Edition.turn()
        made = list(self.new_firms.values())
        counts = {"firms": len(made), "changed": len(self.touched), "projects": len(self.new[Project]), "rows": len(self.rows)}
        return Done([firm.pk for firm in made], sorted(self.touched), counts)

    # Looking again ----------------------------------------------------------------------------------------------------
    def _look_again(self):
        """Holds the firms that are changed, and compares them with what the editor saw."""
        known = {row["firm"] for row in self.rows if row["firm"] > 0}
        self.stored.load(known, lock=True)
        for row in self.rows:
            if row["changes"] is None:
                said, _problem = deciding.as_firm(row, row["firm"], self.stored)
                row["changes"] = said["changes"] if said else []
                row["project"] = said["project"] if said else None
        seen = {}
        for row in self.rows:
            if row["firm"] > 0:
                now = self.stored.row(row["firm"], row["project"]) if row["firm"] in self.stored.firms else {}
                if any(now.get(key) != old for key, old, _new, _mark in row["changes"]):
                    seen[row["n"]] = {key: old for key, old, _new, _mark in row["changes"]}
        if not seen and self._entered_since():
            raise Stale({})
        if seen:
            raise Stale(seen)

    def _entered_since(self):
        """Whether somebody has entered one of the new firms since the check."""
        since = parse_datetime(self.upload.counts.get("read_at", "")) or self.upload.created_at
        fresh = Firm.objects.filter(created_at__gte=since)
        tax_codes = set(fresh.exclude(tax_code=None).values_list("tax_code", flat=True))
        names = set(fresh.values_list("name", "zone__code"))
        return any(
            row["firm"] < 0 and (row["v"].get("tax_code") in tax_codes or (row["v"].get("name"), row["v"].get("zone")) in names)
            for row in self.rows
        )

    def _load(self):
        """The objects that are changed, and numbers for the firms that are new."""
        changed = {row["firm"] for row in self.rows if row["firm"] > 0 and row["changes"]}
        self.known = _in_bulk(Firm, changed)
        projects = {row["project"] for row in self.rows if row["firm"] > 0 and row["project"] and row["changes"]}
        self.projects = _in_bulk(Project, projects)
        ids = {self.stored.certificates[one][0] for one in projects if one in self.stored.certificates}
        self.certificates = {one.project_id: one for one in _in_bulk(Certificate, ids).values()}
        entering = {row["firm"] for row in self.rows if row["firm"] < 0}
        self.numbers = iter(CodeCounter.take(len(entering)) if entering else ())

    # Applying ---------------------------------------------------------------------------------------------------------
    def _apply(self, row):
        reason = f"upload {self.upload.pk}, row {row['n']}"
        values = {key: new for key, _old, new, _mark in row["changes"]}
        if not values:
            return
        parts = {FIRM: {}, PROJECT: {}, CERTIFICATE: {}}
        for key, value in values.items():
            column = COLUMNS[key]
            if column.part in parts:
                self._put(parts[column.part], column, value)
        _add_year(parts[PROJECT], "registered_on", "registered_year")
        _add_year(parts[CERTIFICATE], "issued_on", "issued_year")
        firm = self._firm(row, parts[FIRM], reason)
        project = self._project(row, firm, parts[PROJECT], reason)
        if parts[CERTIFICATE] and project is not None:
            self._certificate(firm, project, parts[CERTIFICATE], reason)
        if "products" in values:
            known = {name for key, old, _new, _mark in row["changes"] if key == "products" for name in old or []}
            for name in values["products"] or []:
                if name not in known:
                    self._add(Capability, reason, firm=firm, kind=Capability.Kind.PRODUCT, name=name)
        if row["firm"] > 0:
            self.touched.add(row["firm"])

    def _put(self, into, column, value):
        if column.key == "zone":
            into["zone_id"] = self.words.zone_ids.get(value)
        elif column.key == "sector":
            into["sector_id"] = self.words.sector_ids.get(value)
        elif value is None:
            field = (Firm if column.part == FIRM else Project if column.part == PROJECT else Certificate)._meta.get_field(
                column.attribute
            )
            into[column.attribute] = field.get_default() if not field.null else None
        elif column.reader in DAYS:
            into[column.attribute] = date.fromisoformat(value)
        elif column.reader in AMOUNTS:
            into[column.attribute] = Decimal(value)
        else:
            into[column.attribute] = value

    def _sourced(self):
        """What rows without a source of their own say about theirs."""
        source = self.options.get("source", "")
        as_of = self.options.get("as_of")
        return {
            "source": source,
            "as_of": date.fromisoformat(as_of) if as_of else None,
            "confidence": Confidence.MEDIUM if source else Confidence.UNSTATED,
        }

    def _firm(self, row, values, reason):
        number = row["firm"]
        if number < 0:
            firm = self.new_firms.get(number)
            if firm is None:
                values = self._sourced() | values
                if values["source"]:
                    values["confidence"] = Confidence.MEDIUM
                firm = self.new_firms[number] = Firm(code=code_of(next(self.numbers)), created_at=self.now, **values)
                firm._change_reason = reason
            else:  # another project of the same firm: what the first row left open is filled in
                _set(firm, {name: value for name, value in values.items() if getattr(firm, name) in NOTHING})
            firm.prepare()
            return firm
        firm = self.known[number]
        if values:
            _set(firm, values)
            firm._change_reason = reason
            firm.prepare()
            self.changed_firms[number] = firm
            self.names[Firm] |= _columns(Firm, values) | {"name_key", "search_text", "sort_key", "unsure"}
        return firm

    def _project(self, row, firm, values, reason):
        number = row["project"]
        if number is None:
            return None
        if number > 0:
            project = self.projects[number]
            if values:
                _set(project, values)
                project._change_reason = reason
                project.normalise()
                self.changed[Project][number] = project
                self.names[Project] |= _columns(Project, values) | {"unsure"}
            return project
        values.setdefault("zone_id", firm.zone_id)
        values.setdefault("name", firm.name)
        return self._add(Project, reason, firm=firm, **values)

    def _certificate(self, firm, project, values, reason):
        certificate = self.certificates.get(project.pk) if project.pk else None
        if certificate is None:
            self._add(
                Certificate, reason, firm=firm, project=project, capital=project.capital, currency=project.currency, **values
            )
            return
        _set(certificate, values)
        certificate._change_reason = reason
        certificate.normalise()
        self.changed[Certificate][certificate.pk] = certificate
        self.names[Certificate] |= _columns(Certificate, values) | {"unsure"}

    def _add(self, model, reason, firm, **values):
        one = model(**self._sourced_like(firm), **values)
        one.firm, one._change_reason = firm, reason
        one.normalise()
        self.new[model].append(one)
        return one

    def _sourced_like(self, firm):
        """A new project or product of a row has the source of the row's firm, where that came with the row."""
        if firm.pk is None:
            return {"source": firm.source, "as_of": firm.as_of, "confidence": firm.confidence}
        return self._sourced()

    # Writing ----------------------------------------------------------------------------------------------------------
    def _write(self):
        user, now = self.user, self.now
        writing.create(Firm, list(self.new_firms.values()), user, now)
        self.progress(55)
        writing.update(Firm, list(self.changed_firms.values()), self.names[Firm], user, now)
        for one in self.new[Project]:
            one.firm_id = one.firm.pk
        writing.create(Project, self.new[Project], user, now)
        self.progress(75)
        writing.update(Project, list(self.changed[Project].values()), self.names[Project], user, now)
        for one in self.new[Certificate]:
            one.firm_id, one.project_id = one.firm.pk, one.project.pk
        writing.create(Certificate, self.new[Certificate], user, now)
        writing.update(Certificate, list(self.changed[Certificate].values()), self.names[Certificate], user, now)
        for one in self.new[Capability]:
            one.firm_id = one.firm.pk
        writing.create(Capability, self.new[Capability], user, now)
        untouched = sorted(self.touched - self.changed_firms.keys())
        for start in range(0, len(untouched), writing.BATCH):
            Firm.objects.filter(pk__in=untouched[start : start + writing.BATCH]).update(touched_at=now)
        self.progress(95)


def _add_year(values, day, year):
    """A day that is stated anew states its year too."""
    if values.get(day) and year not in values:
        values[year] = values[day].year


def _in_bulk(model, keys):
    found, keys = {}, sorted(keys)
    for start in range(0, len(keys), writing.BATCH):
        found |= model.objects.in_bulk(keys[start : start + writing.BATCH])
    return found


def _set(one, values):
    """What is stated anew is no longer in doubt."""
    for name, value in values.items():
        setattr(one, name, value)
    names = {name.removesuffix("_id") for name in values}
    one.unsure = {name: why for name, why in one.unsure.items() if name not in names}


def _columns(model, values):
    return {model._meta.get_field(name).name for name in values}
