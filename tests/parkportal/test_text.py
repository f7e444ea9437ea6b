"""Vietnamese text: search without diacritics and the order of the alphabet."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkportal.text import fold, name_key, nfc, sort_key

pytestmark = pytest.mark.once

VOWELS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
SYLLABLES = st.text(alphabet="abcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặấầẩẫậéèẻẽẹếềểễệ", min_size=1, max_size=6)
VIETNAMESE = st.lists(SYLLABLES, max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("khoi nghiep", "Hỗ trợ khởi nghiệp đổi mới sáng tạo"),
        ("dao tao", "Đào tạo nguồn nhân lực"),
        ("CONG NGHE CAO", "khu công nghệ cao Đà Nẵng"),
        ("da nang", "ĐÀ NẴNG"),
        ("công nghệ", unicodedata.normalize("NFD", "Công Nghệ")),
    ],
)
def test_what_people_type_finds_what_is_written(typed, written):
    assert fold(typed) in fold(written)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(VIETNAMESE)
def test_folding_is_blind_to_case_and_to_how_marks_are_composed(text):
    assert fold(text.upper()) == fold(text) == fold(unicodedata.normalize("NFD", text))
    assert fold(text).isascii()


@given(st.text(st.characters(exclude_categories=["Cc", "Cn", "Cs"])))
def test_stored_text_is_composed(text):
    assert nfc(nfc(text)) == nfc(text) == unicodedata.normalize("NFC", text)


def test_missing_text_is_empty_text():
    assert nfc(None) == "" and fold(None, "") == ""


def test_the_alphabet_stands_in_its_own_order():
    alphabet = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    assert sorted(reversed(alphabet), key=sort_key) == alphabet


def test_names_of_agencies_stand_in_the_order_of_the_vietnamese_alphabet():
    # Letters first and tones between equals, as in the Unicode collation for Vietnamese: Đại học before Đài Phát thanh.
    expected = ["Ăn", "Ban Quản lý", "Công an", "Dân vận", "Đại học Đà Nẵng", "Đài Phát thanh", "Sở Công Thương", "Ủy ban"]
    assert sorted(reversed(expected), key=sort_key) == expected


@given(st.sampled_from(VOWELS))
def test_tones_decide_only_between_equal_letters(vowel):
    words = [unicodedata.normalize("NFC", f"m{vowel}{tone}") for tone in TONES]
    assert sorted(reversed(words), key=sort_key) == words
    # A tone never outweighs a letter: mạ stands before mai.
    assert sort_key(words[-1]) < sort_key(f"m{vowel}i")


@given(VIETNAMESE, VIETNAMESE)
def test_the_order_is_the_same_for_capitals(first, second):
    assert (sort_key(first) < sort_key(second)) == (sort_key(first.upper()) < sort_key(second.upper()))


@given(VIETNAMESE, SYLLABLES)
def test_a_name_stands_before_its_own_continuation(name, more):
    assert sort_key(name) < sort_key(f"{name} {more}")


def test_spellings_of_one_body_share_a_key():
    assert name_key("Sở Khoa học và Công nghệ") == name_key("SỞ KHOA HỌC, CÔNG NGHỆ")
    assert name_key("Sở Tài chính") != name_key("Sở Tư pháp")


def test_a_text_pasted_out_of_word_keeps_its_line_breaks_and_loses_what_no_file_can_hold():
    assert nfc("Dòng một\x0bdòng hai\tcó\x00 \x01tab\ufffe\r\n") == "Dòng một\ndòng hai\tcó tab\r\n"
