"""What can be wrong with an uploaded spreadsheet, as data: a key, a number to quote, how bad it is, and what to do about it.

Pages, the annotated workbook and the tests all speak through this list; nothing else says what is wrong with a cell. A
message is a sentence for the person who keeps the spreadsheet: it names the value and says what to type instead."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from firms import taxcodes


class Severity(models.TextChoices):
    ERROR = "error", _("to be put right")  # the row cannot be imported
    WARNING = "warning", _("to be looked at")  # the row is imported, part of it in another way than it was written
    REPAIR = "repair", _("repaired")  # what was certain has been put right
    NOTICE = "notice", _("for information")


@dataclass(frozen=True)
class Problem:
    """People quote the number; so a new problem goes to the end of its list, and none is ever taken out of the middle."""

    key: str
    number: str  # what people quote to each other: E12, W3
    severity: Severity
    message: str  # lazy; its places are filled by tell()

    @property
    def is_repair(self):
        return self.severity == Severity.REPAIR


def _tax(key):
    return taxcodes.MESSAGES[key]


_ERRORS = {
    # The file as a whole: nothing is read of it.
    "file_empty": _("This file is empty. Choose the file that holds the list."),
    "file_too_large": _("This file is larger than {limit}. Split it, or take pictures out of it."),
    "file_type": _("This is no Excel or CSV file: its content is of another kind ({found}). Save the list as .xlsx or .csv."),
    "file_disguised": _("The name says {said}, the content is {found}. Save the list again from Excel under the right type."),
    "file_old": _("This is the old Excel format (.xls). Open it in Excel and save it as .xlsx."),
    "file_macros": _("This workbook carries macros (.xlsm). Save it as .xlsx, without macros, and upload it again."),
    "file_locked": _("This workbook is protected by a password. Take the password off in Excel and upload it again."),
    "file_broken": _("This file is damaged or was cut off on its way. Open it in Excel, save it once more and upload it again."),
    "file_bomb": _("Unpacked, this workbook is larger than {limit}. Copy the list into a new workbook and upload that one."),
    "file_entities": _("This workbook holds instructions (a DTD) that no spreadsheet needs. Copy the list into a new workbook."),
    "file_spread": _("The cells lie too far apart ({cells} cells). Copy the list into a new workbook."),
    "file_encoding": _("The letters of this CSV file cannot be read. Save it as “CSV UTF-8” in Excel and upload it again."),
    "file_quotes": _("A quotation mark in line {row} is never closed. Close it, or save the list as .xlsx."),
    "file_gone": _("The uploaded file is no longer stored. Upload it again."),
    "no_rows": _("There is a heading but no row under it. Fill the list in and upload it again."),
    "no_header": _("No row with headings was found. Put headings such as “Tên doanh nghiệp” above the columns."),
    "too_many_rows": _("The list has more than {limit} rows. Split it into several files."),
    "too_many_columns": _("The list has more than {limit} columns. Take those out that are not needed."),
    "no_sheet": _("The workbook has no sheet with cells in it. Choose the workbook that holds the list."),
    "check_failed": _("The file could not be checked. Nothing was changed. Tell the administrator its number."),
    "import_failed": _("The import was stopped, nothing was changed. Start it again; if it stops again, tell the administrator."),
    # Headings.
    "heading_twice": _("Two columns are taken for “{field}”. Choose another meaning for one of them."),
    "heading_needed": _("No column holds the firm's name. Choose the column with the names."),
    # Cells.
    "empty": _tax("empty"),
    "personal_id": _tax("personal_id"),
    "length": _tax("length"),
    "letters": _tax("letters"),
    "rounded": _tax("rounded"),
    "check_digit": _tax("check_digit"),
    "branch": _tax("branch"),
    "name_needed": _("The name is missing. Type the firm's name."),
    "too_long": _("The text has {length} characters; there is room for {limit}. Shorten it."),
    "number_ambiguous": _("“{given}” can be read as {large} or as {small}. Type it as a number, or as {plain}."),
    "number_unreadable": _("“{given}” is no number. Type digits alone, such as {example}."),
    "number_negative": _("“{given}” is less than nothing. Type the amount without a sign."),
    "number_too_large": _("“{given}” is larger than can be stored. Look at the unit of the column."),
    "number_not_whole": _("“{given}” is not a whole number. Type a whole one."),
    "unit_missing": _("“{given}” has no unit. Write the currency with it (“20 triệu USD”), or choose a unit for the column."),
    "currency_unknown": _("“{given}” is no currency used here. Write USD, VND or JPY."),
    "currency_differs": _("The amount is in {one}, the currency beside it says {other}. Put one of them right."),
    "date_unreadable": _("“{given}” is no date. Write day/month/year, such as 31/12/2024."),
    "date_two_digits": _("“{given}” leaves the century open. Write the year with four digits."),
    "date_far": _("The year of “{given}” lies outside {first}–{last}. Correct the date."),
    "year_unreadable": _("“{given}” is no year between {first} and {last}. Write four digits."),
    "zone_unknown": _("No zone is called “{given}”. Write one of the zones of the template.{hint}"),
    "zone_ambiguous": _("“{given}” fits several zones: {several}. Write the zone's code."),
    "choice_unknown": _("“{given}” is not one of: {several}. Write one of these."),
    "country_unknown": _("“{given}” is no country known here. Write its name in Vietnamese or English, or two letters (JP)."),
    "country_several": _("One country belongs here. Write the others under “Other countries”."),
    "yes_no_unknown": _("“{given}” is neither yes nor no. Write Có or Không."),
    "website_unreadable": _("“{given}” is no address of a website. Write it as https://… or leave it out."),
    "cell_error": _("The formula in this cell ends in an error ({given}). Put it right in Excel, or type the value."),
    "firm_unknown": _("No firm here has the number {given}. Leave the hidden columns as they were exported."),
    "project_unknown": _("No project of this firm has the hidden number {given}. Leave the hidden columns as exported."),
    "project_elsewhere": _("This project code belongs to another firm ({firm}). Correct the code, or the tax code of the row."),
    "project_unclear": _("This firm has {count} projects; the row does not say which one. Write the project's code or name."),
    "duplicate_differs": _("The same firm and project stand in row {row} with other values ({fields}). Keep one of the rows."),
    "copied_row": _("This row was copied from row {row} with its hidden numbers. To enter a new firm, empty columns A to C."),
    "tax_code_taken": _("This tax code belongs to another firm ({firm}). Correct one of the two."),
    "row_stale": _("Somebody changed this firm while you were deciding. Decide once more."),
}  # fmt: skip
_WARNINGS = {
    "sector_words": _("“{given}” is not in the list of sectors. The words are kept as they stand; choose the sector later."),
    "status_words": _("“{given}” is not in the list. The words are kept as they stand, the choice stays open."),
    "rows_disagree": _("Row {row} says something else for the same firm (“{other}”). The first row is taken."),
    "capital_odd": _("{amount} {currency} is unusual for a project. Look at the unit of the column."),
    "project_code_odd": _("“{given}” does not look like a project code of 10 digits. It is kept as it stands."),
    "fingerprint_broken": _("The hidden values of this row were changed. Every difference is put before you to decide."),
}
_REPAIRS = {
    "nfc": _("Letters that were put together of two signs are stored as one."),
    "spaces": _("Superfluous spaces and line breaks were taken out."),
    "tax_code_zero": _("The lost zero in front was put back: {given} is now {value}. The check digit holds."),
    "tax_code_tidied": _("Written as tax codes are stored: {value}."),
    "date_serial": _("Excel's day number {given} is the {value}."),
    "date_text": _("“{given}” was read as {value}."),
    "year_of_date": _("Only the year is known; it is stored as the year."),
    "placeholder": _("“{given}” means that nothing is known; the cell is taken as empty."),
}
_NOTICES = {
    "left_out_total": _("A row of totals; it is left out."),
    "left_out_heading": _("A heading between the rows; it is left out."),
    "left_out_numbers": _("The numbers of the columns; they are left out."),
    "left_out_example": _("The explained example of the template; it is left out."),
    "duplicate_repeats": _("Row {row} says the same; this one is left out."),
    "changed_elsewhere": _("Changed here since the export; the newer value stays."),
    "product_stays": _("“{given}” is no longer in the cell. It stays; take it out on the firm's page."),
    "project_name": _("The project has no name in the row; it is called like the firm."),
    "firm_merged": _("This firm was merged into {firm}; the row is taken for it."),
}


def _numbered(letter, severity, messages):
    return [Problem(key, f"{letter}{place:02d}", severity, text) for place, (key, text) in enumerate(messages.items(), 1)]


CATALOGUE = {
    problem.key: problem
    for problem in [
        *_numbered("E", Severity.ERROR, _ERRORS),
        *_numbered("W", Severity.WARNING, _WARNINGS),
        *_numbered("R", Severity.REPAIR, _REPAIRS),
        *_numbered("N", Severity.NOTICE, _NOTICES),
    ]
}
ERROR_KEYS = frozenset(_ERRORS)
WARNING_KEYS = frozenset(_WARNINGS)
REPAIR_KEYS = frozenset(_REPAIRS)


class _Spared(dict):
    """A place that no value fills is left out of the sentence."""

    def __missing__(self, key):
        return ""


def tell(key, values=None):
    """The sentence in the reader's language, with its places filled."""
    return str(CATALOGUE[key].message).format_map(_Spared(values or {}))


class Refused(Exception):
    """The file, or what was chosen for it, cannot be used: a key of the catalogue and the values for its places."""

    def __init__(self, key, **values):
        super().__init__(key)
        self.key, self.values = key, values

    def __str__(self):
        return tell(self.key, self.values)
