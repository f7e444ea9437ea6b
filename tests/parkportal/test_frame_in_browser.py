"""The frame in a real browser: accessible in light and dark, quick by keyboard, and complete without a script."""

import pytest
from django.urls import reverse

from tests.builders import PASSWORD, make_agency, make_cycle, make_member, make_report, make_task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}


@pytest.fixture
def lan():
    agency = make_agency("Sở Công Thương")
    make_report(agency, make_cycle(), tasks=2)
    make_task(agency, ends=2022)
    return make_member(agency, email="lan@danang.test")


WIDE = {"width": 1280, "height": 900}


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/khong-co/", "/search/?q=cong", "/en/"])
def test_public_pages_are_accessible_and_fit(lan, new_context, watch, axe, path, viewport, scheme):
    page = watch(new_context(color_scheme=scheme, viewport=viewport).new_page())
    page.goto(path)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_nothing_is_cut_off_on_the_smallest_phone(lan, signed_in_page):
    page = signed_in_page(lan, "/", viewport=SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]


@pytest.mark.parametrize("media", ["forced-colors", "print"])
def test_a_status_keeps_its_shape_without_its_colour(lan, new_context, watch, media):
    page = watch(new_context(forced_colors="active" if media == "forced-colors" else "none").new_page())
    if media == "print":
        page.emulate_media(media="print")
    page.goto("/")
    shape = "element => getComputedStyle(element, '::before').backgroundColor"
    assert page.locator(".status--overdue").first.evaluate(shape) not in ["rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"]


def test_the_slash_key_leads_to_the_search_but_not_while_typing(lan, signed_in_page):
    page = signed_in_page(lan, "/profile/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("/cong")
    assert page.input_value("#search") == "/cong"


def test_the_first_tab_offers_to_skip_to_the_content(lan, signed_in_page):
    page = signed_in_page(lan, "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_account_menu_closes_with_escape_and_gives_the_focus_back(lan, signed_in_page):
    page = signed_in_page(lan, "/")
    page.click(".account summary")
    assert page.is_visible(".account__menu")
    page.keyboard.press("Escape")
    assert not page.is_visible(".account__menu")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_on_a_phone_the_sections_open_from_a_button_and_close_again(lan, signed_in_page):
    page = signed_in_page(lan, "/", viewport=PHONE)
    link = page.locator(f'#sections a[href="{reverse("my_work")}"]')
    assert not link.is_visible()
    page.click("button[popovertarget=sections]")
    assert link.is_visible()
    page.keyboard.press("Escape")
    assert not link.is_visible()


def test_a_form_left_open_while_signing_in_elsewhere_is_sent_all_the_same(lan, signed_in_page):
    """The token in the page is old by then; the script takes the browser's own, so that nothing typed is refused."""
    page = signed_in_page(lan, "/profile/")
    page.fill("#id_position", "Phó Trưởng phòng")
    page.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((box) => (box.value = 'x'.repeat(64)))")
    page.click("main form .button--primary")
    page.wait_for_selector(".notice--success")
    lan.refresh_from_db()
    assert lan.position == "Phó Trưởng phòng"


def test_without_a_script_a_person_signs_in_finds_searches_and_signs_out(lan, new_context, watch):
    page = watch(new_context(java_script_enabled=False, viewport=PHONE).new_page())
    page.goto("/accounts/login/")
    page.fill("#id_login", "lan@danang.test")
    page.fill("#id_password", PASSWORD)
    page.click("main form .button--primary")
    assert page.locator(".turn").count() == 1
    page.click("button[popovertarget=sections]")
    page.click(f'#sections a[href="{reverse("task_list")}"]')
    assert page.locator("h1").count() == 1
    page.fill("#search", "cong nghiep")
    page.press("#search", "Enter")
    assert "cong nghiep" in page.inner_text("h1")
    page.click(".account summary")
    page.click(".account__menu button")
    assert page.locator('header a[href="/accounts/login/"]').count() == 1
