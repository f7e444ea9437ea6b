"""The screen fonts: every Vietnamese letter in two small files, built once, and no page that needs them."""

import base64
import unicodedata

import pytest
from django.urls import reverse
from fontTools.ttLib import TTFont

from parkportal import fonts

pytestmark = pytest.mark.once

TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
VOWELS = "aăâeêioôơuưy"


def vietnamese_letters():
    """Twelve vowels with six tones, and the consonants, in both cases."""
    vowels = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES]
    small = [*vowels, *"bcdđghklmnpqrstvx"]
    return {letter for each in small for letter in (each, each.upper())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fonts")
    fonts.build(folder)
    return folder


@pytest.mark.parametrize("name", fonts.FILES)
def test_every_vietnamese_letter_is_in_the_file(folder, name):
    letters = vietnamese_letters()
    assert len(letters) == 178
    covered = {chr(code) for code in TTFont(folder / name).getBestCmap()}
    assert letters | set("0123456789₫–—“”…%/()·×") <= covered


@pytest.mark.parametrize("name", fonts.FILES)
def test_marks_can_be_placed_and_figures_can_stand_in_columns(folder, name):
    font = TTFont(folder / name)
    placing = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
    shaping = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert {"kern", "mark", "mkmk"} <= placing
    assert {"ccmp", "locl", "tnum"} <= shaping


@pytest.mark.parametrize("name", fonts.FILES)
def test_digits_of_a_column_are_all_of_one_width(folder, name):
    font = TTFont(folder / name)
    digits, widths = [font.getBestCmap()[ord(digit)] for digit in fonts.DIGITS], font["hmtx"]
    table = font["GSUB"].table
    number = next(it.Feature.LookupListIndex[0] for it in table.FeatureList.FeatureRecord if it.FeatureTag == "tnum")
    instead = table.LookupList.Lookup[number].SubTable[0].mapping
    assert len({widths[digit][0] for digit in digits}) > 1, "the family's own digits differ"
    assert len({widths[instead[digit]][0] for digit in digits}) == 1


@pytest.mark.browser
def test_the_browser_sets_columns_of_figures_in_one_width(page, folder):
    file = base64.b64encode((folder / next(iter(fonts.FILES))).read_bytes()).decode()
    face = f"@font-face {{ font-family: F; src: url(data:font/woff2;base64,{file}) }}"
    rule = "span { font: 100px F, monospace; font-variant-numeric: tabular-nums }"
    page.set_content(f"<style>{face} {rule}</style><span>111</span><br><span>444</span>")
    page.evaluate("document.fonts.load('100px F')")
    one, four = (box.bounding_box()["width"] for box in page.locator("span").all())
    assert one == four == pytest.approx(300 * fonts.DIGIT_WIDTH, abs=1)


def test_both_files_together_stay_below_sixty_kilobytes(folder):
    assert sum((folder / name).stat().st_size for name in fonts.FILES) < 60_000


def test_building_again_writes_nothing_and_a_lost_file_is_made_again(folder):
    assert fonts.build(folder) == []
    lost = next(iter(fonts.FILES))
    (folder / lost).unlink()
    assert fonts.build(folder) == [lost]


def test_a_page_without_built_fonts_shows_system_fonts_instead_of_failing(client, db, settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    answer = client.get(reverse("account_login"))
    assert answer.status_code == 200
    assert "fonts/" not in answer.content.decode()


def test_a_page_fetches_the_built_fonts_before_its_styles(client, db, settings, folder):
    settings.FONTS_DIR = folder
    page = client.get(reverse("account_login")).content.decode()
    for name in fonts.FILES:
        assert page.index(f"fonts/{name}") < page.index("css/portal.css")
