"""The registry's own number of a firm: DN, six digits, a check digit. It never changes and is never given twice."""

from stdnum import luhn

PREFIX = "DN"


def code_of(number):
    """1 -> DN0000018: six digits and the Luhn check digit, so that one wrong or two exchanged digits are noticed."""
    digits = f"{number:06d}"
    return f"{PREFIX}{digits}{luhn.calc_check_digit(digits)}"


def is_code(text):
    """True for a number that this registry could have given."""
    digits = text[len(PREFIX) :]
    return text.startswith(PREFIX) and digits.isascii() and digits.isdigit() and len(digits) >= 7 and luhn.is_valid(digits)
