"""A simple document as PDF and the QR code on it, as any app may ask for them."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from parkportal.documents import fonts, pdf, presses, qr

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once

CSS = "@page { size: A4; margin: 20mm } body { font-family: Tinos } svg { width: 20mm }"
PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Giấy xác nhận</title></head><body>
<h1>Doanh nghiệp được ươm tạo</h1><p>Xem <a href="https://cong.danang.test/">trang của doanh nghiệp</a>.</p>
<ul><li>Một</li></ul><table><tr><th scope="col">Mã số thuế</th></tr><tr><td>0400101394</td></tr></table>
<svg viewBox="0 0 {size} {size}" role="img"><title>Mã QR</title><path d="{path}"/></svg></body></html>"""
URL = "https://cong.danang.test/verify/abc"


@pytest.mark.pdf
def test_a_simple_document_is_tagged_has_language_and_title_and_is_set_in_the_official_typeface():
    reader = PdfReader(BytesIO(pdf.make(PAGE.format(**qr.modules(URL)), CSS)))
    catalog = reader.trailer["/Root"]
    assert reader.metadata.title == "Giấy xác nhận"
    assert (catalog["/Lang"], catalog["/MarkInfo"]["/Marked"]) == ("vi", True)
    assert b"pdfuaid" in catalog["/Metadata"].get_data() and catalog["/StructTreeRoot"]["/K"]
    assert "Doanh nghiệp được ươm tạo" in reader.pages[0].extract_text()
    faces = {font.get_object()["/BaseFont"].split("+")[1] for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert faces == {"Tinos", "Tinos-Bold"}


@pytest.mark.pdf
def test_a_document_that_cannot_be_laid_out_is_an_error_and_the_next_one_is_made():
    with pytest.raises(presses.PressFailed):
        presses.render({"html": "", "css": "", "variant": "no such variant"})
    assert pdf.make(PAGE.format(**qr.modules(URL)), CSS).startswith(b"%PDF")


def test_a_machine_without_the_libraries_names_the_command_that_installs_them(monkeypatch):
    monkeypatch.setattr(fonts, "missing", lambda: ["pango-1.0", "Tinos"])
    with pytest.raises(pdf.NotPossibleHere, match="pango-1.0, Tinos: apt-get install"):
        pdf.make(PAGE, CSS)
    monkeypatch.setattr(fonts, "missing", list)
    assert pdf.why_not() == ""


def test_the_web_server_makes_pdfs_without_importing_what_lays_them_out():
    """The rendering process alone needs pango: where it is missing, everything else starts all the same."""
    code = "import sys; from parkportal.documents import pdf, presses, qr; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_libraries_unpacked_by_the_start_lie_beside_the_project():
    assert fonts.SYSLIBS.parent == ROOT


def test_the_code_holds_the_address_and_no_address_makes_no_code():
    code = qr.modules(URL)
    assert code["size"] == "29" and code["path"].startswith("M0 0h1v1h-1zM1 0h1v1h-1z")
    assert qr.modules("") is qr.modules(None) is None
