"""Out to Excel and back: what was not touched changes nothing, what changed on both sides is decided by a person."""

import io
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from firms import exchange
from firms.models import Capability, Certificate, Firm, Project, Sector
from firms.problems import Refused
from firms.uploads import choices, fingerprints, steps, stored, vocabulary
from tests.builders_firms import check_upload, import_upload, make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    """Three firms, one of them with two projects, with everything that a row can say."""
    park = make_zone(code="KCNC-DN", name_en="Da Nang Hi-Tech Park")
    sector = Sector.objects.create(key="co-khi", name="Cơ khí", name_en="Mechanical engineering")
    firm = make_firm(
        "Công ty TNHH Sông Hàn", park, tax_code="0400010002", sector=sector, country="JP", other_countries=["KR", "US"],
        capital_type="foreign", high_tech="materials", is_supporting=True, founded_year=2015, address="=Lô 1",
        intro="Dòng 1\nDòng 2",
        website="https://song-han.vn", status_words="đang chạy thử", as_of="2026-01-31",
    )  # fmt: skip
    project = make_project(
        firm, "Nhà máy 1", code="4312345678", capital=Decimal("20000000.50"), currency="USD", land_ha=Decimal("3.2500"),
        registered_on="2019-03-15", registered_year=2019, jobs_planned=150,
    )  # fmt: skip
    Certificate.objects.create(firm=firm, project=project, number="43/GCN", issued_on="2019-03-15", amendment=1)
    make_project(firm, "Nhà máy 2", zone=None)
    Capability.objects.create(firm=firm, name="van; bơm")
    Capability.objects.create(firm=firm, name="+84 vỏ máy")
    make_firm("ICT Vina II", park)
    make_firm("Chỉ có tên")
    return firm


def exported(firms=None, language="vi"):
    return exchange.export(Firm.objects.current().in_order() if firms is None else firms, language)


def edit(content, changes):
    """The workbook with cells changed: {(row, heading): value}."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for (row, heading), value in changes.items():
        sheet.cell(row, heads.index(heading) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_number(content, name, project=None):
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    at, beside = heads.index("Tên doanh nghiệp"), heads.index("Tên dự án")
    return next(
        row[0].row for row in sheet.iter_rows(min_row=2) if row[at].value == name and project in (None, row[beside].value)
    )


def changes_of(upload):
    return {row["n"]: row["c"] for row in steps.kept_rows(upload).rows() if row.get("c")}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_was_not_touched_changes_nothing(registry, language):
    upload = check_upload(exported(language=language))
    counted = {name: upload.counts[name] for name in ("same", "changed", "conflict", "new", "problem", "undecided", "repaired")}
    assert counted == {"same": 4, "changed": 0, "conflict": 0, "new": 0, "problem": 0, "undecided": 0, "repaired": 0}


def test_only_changed_cells_are_shown_and_written(registry):
    content = exported()
    row = row_number(content, "Công ty TNHH Sông Hàn", "Nhà máy 1")
    upload = check_upload(edit(content, {(row, "Địa chỉ"): "Lô 2", (row, "Vốn đăng ký"): 30_000_000}))
    assert changes_of(upload) == {row: [["address", "=Lô 1", "Lô 2", ""], ["capital", "20000000.5", "30000000", ""]]}
    import_upload(upload)
    registry.refresh_from_db()
    assert (registry.address, registry.history.count()) == ("Lô 2", 2)
    assert Project.objects.get(code="4312345678").capital == 30_000_000


def test_an_emptied_cell_empties_what_is_stored(registry):
    content = exported()
    row = row_number(content, "Công ty TNHH Sông Hàn", "Nhà máy 1")
    changes = {(row, "Trang web"): None, (row, "Có mặt trong khu từ năm"): None, (row, "Tình trạng doanh nghiệp"): None}
    import_upload(check_upload(edit(content, changes)))
    registry.refresh_from_db()
    assert (registry.website, registry.founded_year, registry.status) == ("", None, "unknown")


def test_a_cell_that_changed_on_both_sides_is_a_conflict_decided_cell_by_cell(registry):
    content = exported()
    row = row_number(content, "Công ty TNHH Sông Hàn", "Nhà máy 1")
    registry.address, registry.website, registry.intro = "Số 1", "https://moi.vn", "Mới"
    registry.save()
    upload = check_upload(edit(content, {(row, "Địa chỉ"): "Lô 2", (row, "Trang web"): "https://tep.vn"}))
    [(number, changes)] = changes_of(upload).items()
    assert [change for change in changes if change[3]] == changes  # the introduction was not touched here: it stays as it is now
    assert {change[0] for change in changes} == {"address", "website"}
    choices.decide(upload, {"row": number}, {"cell_address": "mine", "cell_website": "file"})
    upload.refresh_from_db()
    import_upload(upload)
    registry.refresh_from_db()
    assert (registry.address, registry.website, registry.intro) == ("Số 1", "https://tep.vn", "Mới")


def test_sorted_deleted_and_added_rows_find_their_way(registry):
    content = exported()
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    heads = [cell.value for cell in sheet[1]]
    sheet.delete_rows(2, 10)
    new = [None] * len(heads)
    new[heads.index("Tên doanh nghiệp")] = "Công ty hoàn toàn mới"
    for row in [new, *reversed(rows[1:])]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    upload = check_upload(out.getvalue())
    assert (upload.counts["new"], upload.counts["same"], upload.counts["problem"]) == (1, 3, 0)


def test_a_copied_row_is_refused_until_its_hidden_numbers_are_gone(registry):
    content = exported()
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    sheet.append([cell.value for cell in sheet[2]])
    out = io.BytesIO()
    book.save(out)
    upload = check_upload(out.getvalue())
    assert upload.counts["problem"] == 1
    assert [row["x"][0][0] for row in steps.kept_rows(upload).rows() if row["k"] == "problem"] == ["copied_row"]


def test_a_forged_fingerprint_puts_every_difference_before_a_person(registry):
    content = exported()
    row = row_number(content, "Công ty TNHH Sông Hàn", "Nhà máy 1")
    upload = check_upload(edit(content, {(row, "Địa chỉ"): "Lô 2", (row, "Dấu của dòng"): "0" * 20}))
    assert upload.counts["conflict"] == 1


def test_a_forged_snapshot_is_not_believed(registry):
    book = load_workbook(io.BytesIO(exported()))
    sheet = book[fingerprints.SNAPSHOT_SHEET]
    for line in sheet.iter_rows():
        line[1].value = line[1].value.replace("=Lô 1", "Lô 2")
    registry.address = "Số 1"
    registry.save()
    out = io.BytesIO()
    book.save(out)
    assert check_upload(out.getvalue()).counts["conflict"] == 2  # one for each project's row


def test_the_hidden_parts_are_hidden(registry):
    book = load_workbook(io.BytesIO(exported()))
    assert book[fingerprints.SNAPSHOT_SHEET].sheet_state == "veryHidden"
    assert [book.worksheets[0].column_dimensions[letter].hidden for letter in "ABCD"] == [True, True, True, False]


def test_nothing_that_is_exported_is_executed(registry):
    for start in "=+-@":
        make_firm(f"{start}cmd|' /C calc'!A{ord(start)}")
    content = exported()
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                if sheet.title != fingerprints.SNAPSHOT_SHEET and isinstance(cell.value, str):
                    assert not cell.value.startswith(("=", "+", "-", "@")), cell.value
    assert check_upload(content).counts["same"] == 8


def test_a_list_of_keys_is_exported_too_and_without_ids_nothing_hidden(registry):
    book = load_workbook(io.BytesIO(exchange.export([registry.pk], "en", with_ids=False)))
    sheet = book.worksheets[0]
    assert sheet.max_row == 3
    assert "Fingerprint" not in [cell.value for cell in sheet[1]]
    assert check_upload(exchange.export([registry.pk], "en", with_ids=False)).counts["same"] == 2


def test_an_export_too_long_for_a_spreadsheet_is_refused_in_words(registry, monkeypatch):
    monkeypatch.setattr(exchange, "MOST_ROWS", 2)
    with pytest.raises(Refused):
        exported()


def test_the_number_of_queries_of_an_export_does_not_grow(registry, django_assert_max_num_queries):
    for number in range(20):
        make_project(make_firm(f"Công ty {number} Sao", registry.zone, sector=registry.sector), f"Dự án {number}")
    with django_assert_max_num_queries(14):
        exported()


def test_the_template_is_understood_as_it_is(registry):
    for language in ("vi", "en"):
        content = exchange.template(language)
        upload = check_upload(edit_example(content))
        found = {name: upload.counts[name] for name in ("out", "problem", "warning")}
        assert found == {"out": 1, "problem": 0, "warning": 0}, language
        assert upload.counts["new"] + upload.counts["undecided"] == 1
        assert len(load_workbook(io.BytesIO(content)).sheetnames) == 3


def edit_example(content):
    """The template with the example repeated as a row of its own: it must be right in itself."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    sheet.append([None, *(cell.value for cell in sheet[2][1:])])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=40)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    address=TEXT,
    intro=TEXT,
    capital=st.one_of(st.none(), st.decimals(min_value=0, max_value=10**13, places=2)),
    land=st.one_of(st.none(), st.decimals(min_value=0, max_value=10**7, places=4)),
    day=st.one_of(st.none(), st.dates(min_value=timezone.now().date().replace(year=1950), max_value=timezone.now().date())),
)
def test_whatever_is_stored_comes_back_as_it_was(registry, address, intro, capital, land, day):
    # A workbook keeps fifteen digits of a number.
    firm = Firm.objects.get(pk=registry.pk)
    firm.address, firm.intro = " ".join(address.split()), "\n".join(" ".join(line.split()) for line in intro.splitlines()).strip()
    firm.save()
    project = firm.projects.order_by("pk").first()
    project.capital, project.currency, project.land_ha, project.registered_on = (
        capital,
        "VND" if capital is not None else "",
        land,
        day,
    )
    project.save()
    content = exchange.export([firm.pk])
    upload = check_upload(content, make_editor_once())
    assert changes_of(upload) == {}


def make_editor_once():
    return make_editor.__globals__["User"].objects.filter(role="editor").first() or make_editor()


def test_a_stored_row_in_canonical_form_has_no_empty_values(registry):
    held = stored.Stored(vocabulary.Vocabulary())
    held.load([registry.pk])
    values = held.row(registry.pk, held.of_firm[registry.pk][0])
    assert None not in values.values()
    assert values["capital"] == "20000000.5"
    assert values["other_countries"] == ["KR", "US"]
