"""Vietnamese tax codes: read, checked, and repaired where the repair is certain.

Ten digits with a check digit, or thirteen with a branch (0400123456-001). Excel drops the leading zero of a number, so one
zero is put back, and only if the check digit then holds. Nothing else is guessed."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

LABEL = re.compile(r"(?i)^\s*(?:mst|ma so thue|mã số thuế|tax code|mã số doanh nghiệp)\s*[:.]?\s*")


@dataclass(frozen=True)
class TaxCode:
    """What was read: `code` as it is stored, "" if there is none to store; `problem` is a key of firms.problems, `repair` too."""

    given: str
    code: str = ""
    problem: str = ""
    repair: str = ""

    @property
    def is_valid(self):
        return bool(self.code)

    @property
    def parent(self):
        """The ten digits of the firm that a branch belongs to."""
        return self.code[:10]

    @property
    def message(self):
        return MESSAGES[self.problem] if self.problem else ""


MESSAGES = {
    "empty": _("Enter the tax code: 10 digits, or 13 with a branch."),
    "personal_id": _("These 12 digits are a personal number. Enter the firm's own tax code of 10 or 13 digits."),
    "length": _("Enter a tax code of 10 or 13 digits, such as 0400123456 or 0400123456-001."),
    "letters": _("A tax code has digits alone. Take letters and other signs out."),
    "rounded": _("Excel has rounded this number (4.0E+08). Format the column as text and type the tax code again."),
    "check_digit": _("The check digit does not fit: one of the digits is mistyped. Compare it with the certificate."),
}


def read(given):
    """Reads a tax code out of a cell or a field: text, whole number, or a float that Excel made of one."""
    if given is None or given == "":
        return TaxCode("", problem="empty")
    if isinstance(given, float):
        given = str(int(given)) if given.is_integer() and given < 1e15 else repr(given)
    text = str(given).replace("\u00a0", " ").strip().lstrip("'")
    bare = LABEL.sub("", text)
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", bare):
        return TaxCode(text, problem="rounded")
    digits = re.sub(r"[\s.\-–_]", "", bare)
    if not digits:
        return TaxCode(text, problem="empty")
    if not (digits.isascii() and digits.isdigit()):
        return TaxCode(text, problem="letters")
    stored = _stored(digits)
    if stored:
        return TaxCode(text, stored, repair="" if text == stored else "tax_code_tidied")
    if len(digits) == 12 and not _stored("0" + digits):
        return TaxCode(text, problem="personal_id")
    if len(digits) in (9, 12) and (stored := _stored("0" + digits)):
        return TaxCode(text, stored, repair="tax_code_zero")
    return TaxCode(text, problem="check_digit" if len(digits) in (10, 13) else "length")


def _stored(digits):
    """The form in which a right code is stored, or nothing: a wrong one has none."""
    try:
        return mst.format(mst.validate(digits))
    except ValidationError:
        return ""
