"""Excel out: the registry as a workbook that finds its way back, and the empty template.

A row is a firm with one of its projects. Hidden columns carry the firm's number, the project's key and a fingerprint; a hidden
sheet carries, signed, what each row looked like, so that on its return only what was changed counts as changed."""

import io
from datetime import date
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.formats.base_formats import XLSX
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from firms.countries import country_codes, country_name
from firms.models import Currency, Sector, Zone
from firms.problems import Refused
from firms.uploads import fingerprints, vocabulary
from firms.uploads.columns import COLUMNS, MONEY
from firms.uploads.guarding import MOST_ROWS
from firms.uploads.stored import Stored

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
VISIBLE = [column for column in COLUMNS.values() if not column.is_hidden]
HIDDEN = ["code", "project_id", "fingerprint"]
AS_TEXT = {"tax_code", "project_code", "certificate_number"}
WIDTHS = {"name": 44, "name_en": 36, "address": 40, "products": 40, "intro": 40, "intro_en": 40, "source": 30, "goal": 30}
HEAD = PatternFill("solid", start_color="DCE9EA")
EXAMPLE = PatternFill("solid", start_color="F2F2F2")
TEMPLATE_ROWS = 500


class FirmRowResource(resources.Resource):
    """One row a firm and project. Instances are {field: canonical value}; what a cell shows is made here."""

    def __init__(self, words, with_ids=True):
        super().__init__()
        self.words = words
        keys = [*(HIDDEN if with_ids else []), *(column.key for column in VISIBLE)]
        self.fields = {key: fields.Field(attribute=key, column_name=heading(COLUMNS[key])) for key in keys}

    def get_export_order(self, selected_fields=None):
        return list(self.fields)

    def get_queryset(self):
        return []

    def export_field(self, field, instance, **kwargs):
        return cell_of(field.attribute, instance.get(field.attribute), self.words)

    def export_resource(self, instance, selected_fields=None, **kwargs):
        return [self.export_field(field, instance) for field in self.fields.values()]


class RegistryXLSX(XLSX):
    """The library's workbook, with hidden columns, formats, lists of allowed words, and the hidden sheet of what was exported."""

    def export_data(self, dataset, *, keys=(), snapshot=(), words=None, **kwargs):
        book = Workbook(write_only=True)
        sheet = book.create_sheet(_("Firms and projects"))
        lists = _lists(words)
        _shape(sheet, keys, len(dataset) + 1, lists)
        sheet.append([_head(sheet, text) for text in dataset.headers])
        for row in dataset:
            sheet.append([_cell(sheet, key, value) for key, value in zip(keys, row, strict=True)])
        _write_lists(book, lists)
        hidden = book.create_sheet(fingerprints.SNAPSHOT_SHEET)
        hidden.sheet_state = "veryHidden"
        for line in snapshot:
            hidden.append([_text_cell(hidden, text) for text in line])
        return _saved(book)


def export(firms, language="vi", with_ids=True):
    """The content of the workbook with these firms (a query or a list of keys); Refused if a spreadsheet would be too long."""
    keys = list(firms.values_list("pk", flat=True)) if hasattr(firms, "values_list") else list(firms)
    with translation.override(language):
        words = vocabulary.Vocabulary()
        stored = Stored(words)
        stored.load(keys)
        rows, snapshot = [], []
        for firm in keys:
            if firm not in stored.firms:
                continue
            for project in stored.of_firm.get(firm) or [None]:
                values = stored.row(firm, project)
                mark, line = fingerprints.pack(stored.codes[firm], project, values)
                rows.append(values | {"code": stored.codes[firm], "project_id": project, "fingerprint": mark})
                snapshot.append(line)
        if len(rows) > MOST_ROWS:
            raise Refused("too_many_rows", limit=MOST_ROWS)
        resource = FirmRowResource(words, with_ids)
        data = resource.export(rows)
        return RegistryXLSX().export_data(data, keys=list(resource.fields), snapshot=snapshot if with_ids else (), words=words)


def heading(column):
    return str(column.label)


def cell_of(key, value, words):
    """What a cell shows for a canonical value; read again, it gives the same value."""
    if value in (None, "", []):
        return ""
    reader = COLUMNS[key].reader
    if reader == "date":
        return date.fromisoformat(value)
    if reader in ("money", "hectares"):
        number = Decimal(value)
        return float(number) if Decimal(repr(float(number))) == number else f"{number:f}".replace(".", ",")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if reader == "country":
        return _name_of_country(value)
    if reader == "countries":
        return "; ".join(map(_name_of_country, value))
    if isinstance(value, list):
        return safe("; ".join(value))
    if key == "zone":
        return _told(words.zone_names.get(value, ""), value, words.zone)
    if key == "sector":
        return _told(words.sector_names.get(value, ""), value, words.sector)
    if key in vocabulary.CHOICES:
        return str(dict(vocabulary.CHOICES[key].choices).get(value, value))
    return safe(value)


def _told(name, value, read):
    """The name where it leads back to the value, else the value itself."""
    try:
        return name if name and read(name) == value else value
    except Refused:
        return value


def _name_of_country(code):
    return _told(country_name(code), code, vocabulary.country)


def safe(value):
    """Text that a spreadsheet would take for a formula gets an apostrophe before it; figures stay figures."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:32000]
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


# The sheet -----------------------------------------------------------------------------------------------------------
def _shape(sheet, keys, rows, lists):
    first = sum(1 for key in keys if key in HIDDEN)
    sheet.freeze_panes = f"{get_column_letter(first + 1)}2"
    sheet.auto_filter.ref = f"{get_column_letter(first + 1)}1:{get_column_letter(len(keys))}{max(rows, 2)}"
    for place, key in enumerate(keys, 1):
        shape = sheet.column_dimensions[get_column_letter(place)]
        shape.width = WIDTHS.get(key, 20)
        shape.hidden = key in HIDDEN
        if key in AS_TEXT:
            shape.number_format = "@"
        if key in lists:
            letter = get_column_letter(list(lists).index(key) + 1)
            source = f"'{_('Allowed values')}'!${letter}$2:${letter}${len(lists[key]) + 1}"
            check = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
            check.add(f"{get_column_letter(place)}2:{get_column_letter(place)}{rows + TEMPLATE_ROWS}")
            sheet.data_validations.append(check)


def _cell(sheet, key, value):
    if value == "" or value is None:
        return None
    if isinstance(value, str):
        return _text_cell(sheet, value, key in AS_TEXT)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, date):
        cell.number_format = "dd/mm/yyyy"
    elif key in MONEY:
        cell.number_format = "#,##0.##"
    return cell


def _text_cell(sheet, text, is_code=False):
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # never a formula, whatever it begins with
    if is_code:
        cell.number_format = "@"
    return cell


def _head(sheet, text):
    cell = WriteOnlyCell(sheet, str(text))
    cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, Alignment(wrap_text=True, vertical="top")
    return cell


def _lists(words):
    """{field: the words that its cells may hold}."""
    lists = {
        "zone": [cell_of("zone", zone.code, words) for zone in Zone.objects.in_order()],
        "sector": [cell_of("sector", key, words) for key in Sector.objects.values_list("key", flat=True)],
        "country": [_name_of_country(code) for code, _name in country_codes()],
    }
    for key, choices in vocabulary.CHOICES.items():
        lists[key] = [str(label) for value, label in choices.choices if value != "unknown"]
    return lists | {"currency": list(Currency.values), "is_supporting": [_("Yes"), _("No")]}


def _write_lists(book, lists):
    sheet = book.create_sheet(_("Allowed values"))
    sheet.freeze_panes = "A2"
    for place in range(1, len(lists) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 32
    sheet.append([_head(sheet, heading(COLUMNS[key])) for key in lists])
    for row in range(max(map(len, lists.values()))):
        sheet.append([words[row] if row < len(words) else None for words in lists.values()])


def _saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# The template --------------------------------------------------------------------------------------------------------
def template(language="vi"):
    """An empty workbook with the headings, one explained example, the allowed words, and what goes into each column."""
    with translation.override(language):
        words = vocabulary.Vocabulary()
        lists = _lists(words)
        book = Workbook(write_only=True)
        sheet = book.create_sheet(_("Firms and projects"))
        keys = ["", *(column.key for column in VISIBLE)]
        _shape(sheet, keys, 2, lists)
        sheet.append([_head(sheet, _("No.")), *(_head(sheet, heading(column)) for column in VISIBLE)])
        sheet.append([_example(sheet, _("Example – delete this row")), *(_example(sheet, _sample(c, lists)) for c in VISIBLE)])
        _write_lists(book, lists)
        _explain(book)
        return _saved(book)


def _example(sheet, text):
    cell = _text_cell(sheet, str(text))
    cell.fill, cell.font = EXAMPLE, Font(italic=True)
    return cell


def _sample(column, lists):
    """An example that is among the allowed words, where there is a list of them."""
    allowed = lists.get(column.key)
    if not allowed or not column.example:
        return column.example
    return column.example if column.example in allowed else allowed[0]


def _explain(book):
    sheet = book.create_sheet(_("Explanation"))
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCD", (34, 60, 34, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append(
        [_head(sheet, text) for text in (_("Column"), _("What goes in"), _("Example"), _("Headings that are understood"))]
    )
    for column in VISIBLE:
        cells = [heading(column), str(column.help) or KINDS.get(column.reader, ""), column.example, "; ".join(column.headings)]
        sheet.append([_text_cell(sheet, str(text)) for text in cells])
    for text in notes():
        sheet.append([])
        sheet.append([_text_cell(sheet, text)])


KINDS = {
    "money": translation.gettext_lazy("A number; say the currency in the heading, beside it, or in the cell: 20 triệu USD."),
    "hectares": translation.gettext_lazy("Hectares, as a number."),
    "date": translation.gettext_lazy("Day/month/year."),
    "year": translation.gettext_lazy("Four digits."),
    "choice": translation.gettext_lazy("One of the allowed values."),
    "status": translation.gettext_lazy("One of the allowed values; other words are kept as they stand."),
    "stage": translation.gettext_lazy("One of the allowed values; other words are kept as they stand."),
    "sector": translation.gettext_lazy("One of the allowed values; other words are kept as they stand."),
    "yes_no": translation.gettext_lazy("Yes or no."),
    "country": translation.gettext_lazy("A country's name, or two letters."),
}


def notes():
    return [
        _("Only the firm's name is required; an empty cell changes nothing."),
        _("A firm with several projects takes a row for each; the firm's own columns may stay empty in the later ones."),
        _("A number such as 1.854 is refused because it has two readings: type it as a number, not as text."),
    ]
