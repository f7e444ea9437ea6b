"""Vietnamese tax codes: read, checked, and repaired where the repair is certain.

Ten digits with a check digit, or thirteen with a branch (0400123456-001). Excel drops the leading zero of a number, so one
zero is put back, and only if the check digit then holds. Nothing else is guessed."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from parkportal.text import nfc

WORDS = "mst|msdn|mã số thuế|ma so thue|mã số doanh nghiệp|ma so doanh nghiep|tax code|tax id"
LABEL = re.compile(rf"(?i)^(?:[(\s]*(?:{WORDS})[\s:.)]*)+")
# 4.0E+08: what Excel writes into text where a number was too wide for its cell.
ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
# A whole number written with decimals (400123456.0): taking the point out would make a digit of its zero.
DECIMALS = re.compile(r"(?<=\d{9})[.,]0{1,2}$")
# A comma parts thousands, never a branch from its firm: in a list it parts two columns.
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
SEPARATORS = re.compile(r"[\s._\-\u2010-\u2015\u2212]")
WIDE_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}


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
    def is_branch(self):
        return len(self.code) > 10

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
    "branch": _("A branch has a number from 001 to 999. Compare the last three digits with the certificate."),
}


def read(given):
    """Reads a tax code out of a cell or a field: text, whole number, or a float that Excel made of one."""
    if given is None or given == "":
        return TaxCode("", problem="empty")
    if isinstance(given, float):
        given = str(int(given)) if given.is_integer() and abs(given) < 1e15 else repr(given)
    text = _visible(str(given))
    bare = LABEL.sub("", text).strip("()'\u2018\u2019\" ")
    if ROUNDED.fullmatch(bare):
        return TaxCode(text, problem="rounded")
    if bare.startswith(("-", "\u2212")):
        return TaxCode(text, problem="letters")
    bare = bare.replace(",", "") if GROUPED.fullmatch(bare) else DECIMALS.sub("", bare)
    digits = SEPARATORS.sub("", bare).translate(WIDE_DIGITS)
    if not digits:
        return TaxCode(text, problem="empty")
    if not (digits.isascii() and digits.isdigit()):
        return TaxCode(text, problem="letters")
    stored = _stored(digits)
    if stored:
        return TaxCode(text, stored, repair="" if text == stored else "tax_code_tidied")
    # A number that still has its zero in front has lost none.
    if len(digits) in (9, 12) and not digits.startswith("0") and (stored := _stored("0" + digits)):
        return TaxCode(text, stored, repair="tax_code_zero")
    return TaxCode(text, problem=_problem(digits))


def _visible(text):
    """Without what nobody sees: marks of direction, joiners and hard spaces that come along when people copy."""
    text = "".join(" " if c == "\u00a0" else c for c in nfc(text) if unicodedata.category(c) not in ("Cf", "Cc") or c == "\t")
    return text.strip().lstrip("'").strip()


def _problem(digits):
    """Why these digits are no tax code. Personal numbers begin with the zero of their province: 001 to 096."""
    if len(digits) == 12 and digits.startswith("0"):
        return "personal_id"
    if len(digits) == 13 and digits.endswith("000") and _stored(digits[:10]):
        return "branch"
    return "check_digit" if len(digits) in (10, 13) else "length"


def _stored(digits):
    """The form in which a right code is stored, or nothing: a wrong one has none."""
    try:
        return mst.format(mst.validate(digits))
    except ValidationError:
        return ""
