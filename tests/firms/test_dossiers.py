"""The dossier: asked for by anybody, made once in the background, in two languages, with the source of every fact."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from firms import dossiers, gatekeeper, jobs
from firms import shortlist as lists
from firms.documents import html, xlsx
from firms.models import Authority, Dossier, ExchangeRate, Firm, LandFigures, ZoneAuthority
from firms.shortlist import Entry, Shortlist
from parkportal.documents import fonts, pdf, presses
from tests.builders import NOW, TODAY
from tests.builders_firms import make_capability, make_firm, make_project, make_zone
from tests.tasks.printed import runs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def world():
    """Two firms in the park, with an authority to call, a rate, land, and something that only one source tells."""
    authority = Authority.objects.create(
        key="bql", name="Ban Quản lý Khu công nghệ cao", name_en="Park Authority", phone="(0236) 366 6117",
        email="nha.dau.tu@example.org", address="Lô A17, đường Trung tâm",
    )  # fmt: skip
    zone = make_zone(name_en="Da Nang Hi-Tech Park", incentives="Miễn tiền thuê đất 03 năm.", source="https://example.org/khu")
    ZoneAuthority.objects.create(zone=zone, authority=authority)
    LandFigures.objects.create(
        zone=zone, leasable_ha="423.92", leased_ha="136.35", source="https://example.org/dat", confidence="high"
    )
    ExchangeRate.objects.create(currency="USD", on=TODAY, vnd=25000)
    first = make_firm(zone=zone, name_en="Song Han Precision", country="JP", unsure={"country": "inferred"})
    second = make_firm(
        "Công ty CP Khuôn mẫu Hòa Khánh", zone=zone, country="KR", source="https://example.org/mot\nCông văn 12/CV"
    )
    make_project(first, capital=170_000_000, currency="USD", source="https://example.org/von")
    make_capability(second, '=HYPERLINK("https://example.org")', kind="product")
    return {"zone": zone, "first": first, "second": second, "entries": [
        Entry("firm", first.code), Entry("firm", second.code), Entry("zone", zone.code)]}  # fmt: skip


def ask(client, world, format="xlsx", **more):
    codes = {"firm": [world["first"].code, world["second"].code], "zone": [world["zone"].code]}
    return client.post(reverse("dossier_ask"), codes | {"format": format} | more)


# What goes in ---------------------------------------------------------------------------------------------------------
def test_every_text_is_a_pair_and_every_fact_with_a_source_leads_to_it(world):
    content = dossiers.content(world["entries"], TODAY)
    assert [entry["title"] for entry in content["entries"]][0] == [world["first"].name, "Song Han Precision"]
    listed = {source["number"]: source["text"] for source in content["sources"]}
    capital = next(fact for fact in content["entries"][0]["facts"] if fact["key"] == "capital")
    assert [listed[number] for number in capital["lines"][0]["refs"]] == ["https://example.org/von"]
    assert "Công văn 12/CV" in listed.values()
    assert content["entries"][0]["url"][1].endswith(f"/en/firms/{world['first'].code}/")


def test_notes_of_the_visitor_stay_out_of_it(world, client):
    client.cookies[lists.COOKIE] = Shortlist((Entry("firm", world["first"].code, "Chỉ mình tôi biết"),)).dumps()
    client.post(reverse("dossier_ask"), {"format": "xlsx"})
    assert "Chỉ mình tôi biết" not in str(Dossier.objects.get().content)


def test_the_same_content_is_made_once_whoever_asks(world):
    first, again, other = (ask(Client(), world, format).url for format in ("xlsx", "xlsx", "xlsx"))
    assert first == again == other
    make_capability(world["first"], "Phay", kind="process")
    assert ask(Client(), world).url != first
    assert Dossier.objects.count() == 2


# The way through --------------------------------------------------------------------------------------------------------
def test_a_stranger_asks_waits_and_takes_it_away(world, client):
    page = client.get(ask(client, world).url)
    assert "Tệp đã sẵn sàng" in page.text
    dossier = Dossier.objects.get()
    file = client.get(reverse("dossier_download", args=[dossier.number]))
    assert file["Content-Disposition"] == f'attachment; filename="ho-so-dau-tu-{timezone.localdate():%Y-%m-%d}.xlsx"'
    assert b"".join(file.streaming_content)[:2] == b"PK"


def test_while_it_is_made_the_page_looks_again_with_and_without_a_script(world, client):
    dossier = dossiers.ask(dossiers.content(world["entries"], TODAY), "pdf", NOW)
    address = reverse("dossier_detail", args=[dossier.number])
    page = client.get(address).text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'hx-get="{address}"' in page
    fragment = client.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "đang chờ đến lượt" in fragment
    assert client.get(reverse("dossier_download", args=[dossier.number])).url == address


def test_a_file_that_is_gone_is_offered_anew(world, client):
    address = ask(client, world).url
    default_storage.delete(Dossier.objects.get().file.name)
    page = client.get(address).text
    assert "Tệp không còn được lưu" in page
    assert 'name="format" value="xlsx"' in page
    assert ask(client, world).url == address
    assert "Tệp đã sẵn sàng" in client.get(address).text


def test_nobody_finds_a_dossier_that_is_not_there(client):
    response = client.get(reverse("dossier_detail", args=[uuid4()]))
    assert response.status_code == 404
    assert "14 ngày" in response.text


def test_without_the_libraries_excel_is_offered_in_words(world, client, monkeypatch):
    monkeypatch.setattr(fonts, "missing", lambda: ["pango-1.0"])
    response = client.post(reverse("dossier_ask"), {"firm": world["first"].code, "format": "pdf"}, follow=True)
    assert "Hãy lấy tệp Excel" in response.text
    assert not Dossier.objects.exists()


@pytest.mark.parametrize(
    ("error", "expected"),
    [(pdf.NotPossibleHere("pango"), "libraries"), (OSError("voll"), "storage"), (presses.PressFailed("x"), "layout")],
)
def test_what_goes_wrong_is_told_in_words(error, expected, world, client, monkeypatch):
    def fail(content):
        raise error

    monkeypatch.setattr(xlsx, "make", fail)
    page = client.get(ask(client, world).url)
    assert Dossier.objects.get().error == expected
    assert str(dossiers.FAILURES[expected]) in page.text
    monkeypatch.undo()
    assert "Tệp đã sẵn sàng" in client.get(ask(client, world).url).text


def test_nothing_chosen_is_answered_in_words(client):
    response = client.post(reverse("dossier_ask"), {"format": "xlsx"}, follow=True)
    assert "Chưa có gì để lập hồ sơ" in response.text
    assert client.post(reverse("dossier_ask"), {"format": "docx"}).status_code == 404


def test_a_flood_is_stopped_but_asking_again_for_the_same_is_free(world, client, monkeypatch):
    monkeypatch.setitem(gatekeeper.AN_HOUR, "dossier", 2)
    ask(client, world)
    for n in range(4):
        firm = make_firm(f"Công ty số {n}")
        response = client.post(reverse("dossier_ask"), {"firm": firm.code, "format": "xlsx"}, follow=True)
    assert "đã yêu cầu nhiều tệp" in response.text
    assert Dossier.objects.count() == 2
    assert "Tệp đã sẵn sàng" in client.get(ask(client, world).url).text


# In the background ------------------------------------------------------------------------------------------------------
def test_two_workers_make_it_once_and_a_dead_ones_work_is_taken_up(world):
    dossier = dossiers.ask(dossiers.content(world["entries"], TODAY), "xlsx", NOW)
    Dossier.objects.update(state="running", claimed_until=NOW + dossiers.LEASE)
    dossiers.make(dossier.pk, lambda: NOW)
    assert Dossier.objects.get().state == "running"
    later = NOW + dossiers.LEASE + timedelta(minutes=1)
    assert dossiers.unfinished(later) == [dossier.pk]
    dossiers.make(dossier.pk, lambda: later)
    assert Dossier.objects.get().state == "ready"
    assert dossiers.unfinished(later) == []


def test_the_schedule_hands_out_what_was_left_and_forgets_what_is_old(world):
    left = dossiers.ask(dossiers.content(world["entries"], TODAY), "xlsx", timezone.now() - timedelta(hours=1))
    name = default_storage.save("dossiers/2026/alt.pdf", ContentFile(b"%PDF"))
    Dossier.objects.create(
        number=uuid4(), sha256="0" * 64, format="pdf", state="ready", file=name, asked_at=NOW - timedelta(days=9999)
    )
    jobs.resume_dossiers()
    assert list(Dossier.objects.values_list("pk", "state")) == [(left.pk, "ready")]
    assert not default_storage.exists(name)


# The workbook -------------------------------------------------------------------------------------------------------------
def book(world):
    return load_workbook(BytesIO(xlsx.make(dossiers.content(world["entries"], TODAY))))


def column(sheet, head):
    place = next(cell.column for cell in sheet[1] if cell.value and str(cell.value).startswith(head))
    return [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]


def test_the_workbook_has_its_four_sheets_and_numbers_are_numbers(world):
    workbook = book(world)
    assert workbook.sheetnames == ["Doanh nghiệp – Firms", "Khu – Zones", "So sánh – Comparison", "Nguồn – Sources"]
    firms, zones = workbook.worksheets[:2]
    assert column(firms, "Vốn đăng ký – Registered capital (USD)") == [170_000_000, None]
    assert column(zones, "Có thể cho thuê – Leasable (ha)") == [423.92]
    assert column(zones, "Tỷ lệ lấp đầy – Occupancy (%)") == [32.16]
    assert column(firms, "Điện thoại") == ["(0236) 366 6117"] * 2
    assert column(firms, "Name")[0] == "Song Han Precision"
    assert firms.freeze_panes == "D2"
    assert firms.auto_filter.ref
    assert firms.column_dimensions["B"].width == 40


def test_no_cell_is_a_formula(world):
    for sheet in book(world).worksheets:
        for row in sheet.iter_rows():
            assert [cell.coordinate for cell in row if cell.data_type == "f"] == []
    products = column(book(world).worksheets[0], "Sản phẩm")
    assert products[1] == '=HYPERLINK("https://example.org")'


def test_the_workbook_says_what_no_source_tells_and_what_is_unsure(world):
    workbook = book(world)
    assert xlsx.NONE in column(workbook.worksheets[0], "Sản phẩm")
    assert "Quốc gia" in column(workbook.worksheets[0], "Chưa chắc chắn")[0]
    sources = workbook["Nguồn – Sources"]
    assert "https://example.org/von" in column(sources, "Nguồn")
    assert any(world["first"].name in str(value) for value in column(sources, "Dùng ở"))


# The PDF --------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def printed(world):
    world["second"].is_demonstration = True
    world["second"].save()
    content = dossiers.content(world["entries"], TODAY)
    return PdfReader(BytesIO(pdf.make(html.page(content), html.css())))


@pytest.mark.pdf
@pytest.mark.once
def test_the_pdf_reads_in_both_languages_and_leads_to_its_sources(printed, world, settings):
    pages = [" ".join(page.extract_text().split()) for page in printed.pages]
    text = " ".join(pages)
    for words in [
        "Hồ sơ doanh nghiệp và khu", "Dossier of firms and zones", "Mục lục", "Song Han Precision", world["second"].name,
        "170 triệu USD", "170 million USD", "(0236) 366 6117", "nha.dau.tu@example.org", "https://example.org/von",
        "Công văn 12/CV", "23/11/2026", "23 Nov 2026", "Miễn tiền thuê đất 03 năm.", "Chưa có nguồn", "khác nhau", "287,57 ha",
        "DỮ LIỆU MINH HỌA", f"{settings.SITE_URL}/firms/{world['first'].code}/",
    ]:  # fmt: skip
        assert words in text, words
    assert sum(world["first"].code in page and "Tiếng Việt" in page for page in pages) == 1
    assert printed.metadata.title.startswith("Hồ sơ doanh nghiệp và khu")


@pytest.mark.pdf
@pytest.mark.once
def test_the_pdf_is_tagged_and_every_face_is_in_it(printed):
    catalogue = printed.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "vi"
    assert "/StructTreeRoot" in catalogue
    known = {}
    found = [run for page in printed.pages for run in runs(page, known)]
    assert {run.face.partition("-")[0] for run in found} == {"Tinos"}
    assert not [run.text for run in found if "�" in run.text]
    for page in printed.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]


@pytest.mark.pdf
@pytest.mark.once
def test_nothing_runs_over_the_edge_of_a_page(printed):
    known = {}
    for page in printed.pages:
        width, height = (float(side) * 25.4 / 72 for side in page.mediabox[2:])
        for run in runs(page, known):
            assert 14 <= run.left <= run.right <= width - 14, run
            assert 5 <= run.top <= height - 5, run


def test_long_texts_stand_on_the_entrys_page_and_not_in_the_comparison(world):
    other = make_zone("KCN Hòa Khánh", incentives="Không có")
    content = dossiers.content([*world["entries"], Entry("zone", other.code)], TODAY)
    comparison, entries = html.page(content).split('<section class="entry"', 1)
    assert "Miễn tiền thuê đất" not in comparison
    assert "Miễn tiền thuê đất" in entries
    assert "32,16%" in comparison


@pytest.mark.pdf
@pytest.mark.once
def test_contents_name_the_pages_on_which_the_entries_stand(printed, world):
    contents = " ".join(printed.pages[1].extract_text().split())
    place = next(n for n, page in enumerate(printed.pages, start=1) if "Tiếng Việt" in page.extract_text())
    line = contents.split(world["first"].name)[1]
    assert line.lstrip(" .").split()[0] == str(place)


@pytest.mark.pdf
@pytest.mark.once
def test_an_entry_of_the_demonstration_is_marked_where_the_rest_is_real(world, settings):
    settings.DEMONSTRATION = False
    Firm.objects.filter(pk=world["second"].pk).update(is_demonstration=True)
    page = html.page(dossiers.content(world["entries"], TODAY))
    assert page.count("Mục minh họa") == 1
    assert "Dữ liệu minh họa" not in page


@pytest.mark.pdf
def test_a_stranger_gets_the_pdf(world, client):
    client.get(ask(client, world, "pdf").url)
    file = client.get(reverse("dossier_download", args=[Dossier.objects.get().number]))
    assert file["Content-Type"] == "application/pdf"
    assert b"".join(file.streaming_content)[:5] == b"%PDF-"


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "A & B", "{{ 7 }}", "x" * 300])
def test_a_firms_words_are_printed_as_words(words, world):
    firm = make_firm(words[:250], intro=words * 3)
    page = html.page(dossiers.content([Entry("firm", firm.code)], TODAY))
    assert "<script>" not in page


def test_addresses_with_letters_that_tinos_lacks_are_printed_as_codes():
    assert html.printable("https://example.org/한국/bài") == "https://example.org/%ED%95%9C%EA%B5%AD/b%C3%A0i"
    assert html.printable("Công văn 12/CV") == "Công văn 12/CV"
