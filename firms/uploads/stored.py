"""What the registry holds of a firm and its projects, in the canonical form in which cells are compared with it.

An empty text, a choice that is not stated and a missing value are all None: a spreadsheet shows the same empty cell for them."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from firms.models import Capability, Certificate, Firm, Project
from firms.uploads.columns import CERTIFICATE, COLUMNS, FIRM, PROJECT
from firms.uploads.numbers import canonical

# Signs of no width: they come along when people copy.
INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD])
AT_ONCE = 2000
FIRM_COLUMNS = [column for column in COLUMNS.values() if column.part == FIRM and not column.is_hidden]
PROJECT_COLUMNS = [column for column in COLUMNS.values() if column.part == PROJECT and not column.is_hidden]
CERTIFICATE_COLUMNS = [column for column in COLUMNS.values() if column.part == CERTIFICATE]
PROJECT_KEYS = frozenset(column.key for column in [*PROJECT_COLUMNS, *CERTIFICATE_COLUMNS])
NOT_STATED = ("", "unknown", None)
NOTHING = (None, False, "")


def plain(value):
    """A database value in canonical form, apart from keys of other tables."""
    if value is None or isinstance(value, str):
        return None if value in NOT_STATED else value
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, date):
        return value.isoformat()
    return value or None if isinstance(value, list) else value


class Stored:
    """Firms with their projects, newest certificates and products, as {field: canonical value}."""

    def __init__(self, words):
        self.words = words
        self.firms, self.codes, self.projects, self.owners = {}, {}, {}, {}
        self.of_firm, self.certificates, self.products = defaultdict(list), {}, defaultdict(list)

    def load(self, firms, lock=False):
        """Reads these firms, a few thousand with each query; `lock` holds them until the transaction ends."""
        firms = sorted(set(firms) - set(self.firms))
        for start in range(0, len(firms), AT_ONCE):
            self._load(firms[start : start + AT_ONCE], lock)

    def _load(self, chosen, lock):
        firms, projects = Firm.objects.filter(pk__in=chosen), Project.objects.filter(firm__in=chosen)
        if lock:
            firms, projects = firms.order_by("pk").select_for_update(), projects.order_by("pk").select_for_update()
        names = [column.attribute for column in FIRM_COLUMNS]
        for pk, code, *values in firms.values_list("pk", "code", *names):
            self.codes[pk] = code
            self.firms[pk] = self._read(FIRM_COLUMNS, values)
        names = [column.attribute for column in PROJECT_COLUMNS]
        for pk, firm, *values in projects.order_by("pk").values_list("pk", "firm_id", *names):
            self.projects[pk] = self._read(PROJECT_COLUMNS, values)
            self.owners[pk] = firm
            self.of_firm[firm].append(pk)
        names = [column.attribute for column in CERTIFICATE_COLUMNS]
        newest = Certificate.objects.filter(firm__in=chosen).order_by("amendment", "pk")
        for pk, project, *values in newest.values_list("pk", "project_id", *names):
            self.certificates[project] = (pk, self._read(CERTIFICATE_COLUMNS, values))
        made = Capability.objects.filter(firm__in=chosen, kind=Capability.Kind.PRODUCT).order_by("pk")
        for firm, name in made.values_list("firm_id", "name"):
            self.products[firm].append(name)

    def _read(self, columns, values):
        read = {}
        for column, value in zip(columns, values, strict=True):
            if column.key == "zone":
                value = self.words.zone_codes.get(value)
            elif column.key == "sector":
                value = self.words.sector_keys.get(value)
            if (value := plain(value)) is not None:
                read[column.key] = value
        return read

    def name_of(self, firm):
        """A firm's name; asked for where a message names another firm."""
        known = self.firms.get(firm)
        return known["name"] if known else Firm.objects.filter(pk=firm).values_list("name", flat=True).first() or ""

    def row(self, firm, project=None):
        """Everything that an import row may say of a firm and one of its projects."""
        values = dict(self.firms[firm])
        if products := self.products.get(firm):
            values["products"] = list(products)
        if project:
            values |= self.projects[project]
            values |= self.certificates.get(project, (None, {}))[1]
        return values


def differences(values, stored, base=None, is_distrusted=False):
    """What a row would change: [[field, stored, new, "!" where somebody else changed it too]], and fields changed elsewhere.

    `base` is what the row was exported with: a cell that is still as exported changes nothing, whatever is stored by now."""
    changes, elsewhere = [], []
    for key, given in values.items():
        old = stored.get(key)
        new = _added(old or [], given or []) if key == "products" else given
        if same(new, old):
            continue
        mark = "!" if is_distrusted and key != "products" else ""
        if base is not None:
            if same(given, base.get(key)):
                elsewhere.append(key)
                continue
            mark = "" if same(old, base.get(key)) or key == "products" else "!"
        changes.append([key, old, new, mark])
    together = [change for change in changes if change[0] in ("capital", "currency")]
    if any(change[3] for change in together):
        for change in together:
            change[3] = "!"  # an amount without its currency would be another amount
    return changes, elsewhere


def same(one, other):
    """Equal but for spaces; nothing, no and none are one."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other or _words(one) == _words(other)
    if isinstance(one, list) and isinstance(other, list):
        return parts(one) == parts(other)
    return one == other or (one in NOTHING and other in NOTHING)


def _words(value):
    return str(value or "").translate(INVISIBLE).split()


def _added(old, given):
    """The stored products and those that are new: none is taken away by a spreadsheet."""
    known = set(old) | set(parts(old))
    return [*old, *(name for name in given if name not in known)] or None


def parts(names):
    """Products as a cell parts them: one whose name has a semicolon in it comes back as two."""
    return [part.strip() for name in names for part in name.replace("\n", ";").split(";") if part.strip()]
