"""The shortlist in a real Chromium: collected, noted, compared and taken away, with a script and without one."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import follow
from tests.builders_firms import make_capability, make_firm, make_zone

expect.set_options(timeout=20_000)  # what a busy machine may take; a page that is right answers at once
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = {
    "wide, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture
def world(transactional_db):
    cache.clear()
    zone = make_zone(code="KCNC-DN")
    first = make_firm(zone=zone, country="JP", name_en="Song Han Precision")
    second = make_firm("Công ty CP Khuôn mẫu Hòa Khánh", zone=zone, country="KR", unsure={"country": "inferred"})
    make_capability(first)
    return {"zone": zone, "first": first, "second": second}


def button(page, thing, kind="firm"):
    return page.locator(f"#shortlist-{kind}-{thing.code}")


def counter(page):
    return page.locator("#shortlist-counter")


def test_an_investor_collects_notes_and_compares_without_leaving_the_page(world, page):
    for thing, kind in ((world["first"], "firm"), (world["second"], "firm"), (world["zone"], "zone")):
        page.goto(thing.get_absolute_url())
        button(page, thing, kind).click()
        expect(button(page, thing, kind)).to_contain_text("Đã trong danh sách")
        assert page.url.endswith(thing.get_absolute_url())
    expect(counter(page)).to_contain_text("3")
    expect(button(page, world["zone"], "zone")).to_be_focused()
    follow(counter(page).locator("a"))
    note = page.locator(f"#note-firm-{world['first'].code}")
    note.fill("Hỏi về dung sai")
    note.press("Tab")
    expect(page.locator(f"#firm-{world['first'].code} .saved")).to_contain_text("Đã lưu")
    page.locator(f"#up-firm-{world['second'].code}").click()
    expect(page.locator(".shortlist__line").first).to_contain_text(world["second"].name)
    expect(note).to_have_value("Hỏi về dung sai")
    follow(page.locator(".page-actions .button--primary"))
    expect(page.locator("table").first).to_contain_text("≠ khác nhau")
    page.get_by_role("link", name="Chỉ nội dung khác nhau").click()
    expect(page.locator("table").first).to_contain_text("Hàn Quốc")
    expect(page.locator("table").first).not_to_contain_text("Đang hoạt động")


def test_taking_off_and_clearing_are_undone_by_one_press(world, page):
    for thing in (world["first"], world["second"]):
        page.goto(thing.get_absolute_url())
        button(page, thing).click()
        expect(button(page, thing)).to_contain_text("Đã trong danh sách")
    expect(counter(page)).to_contain_text("2")
    page.goto(reverse("shortlist"))
    page.locator("#off-firm-1").click()
    expect(page.locator(".shortlist__line")).to_have_count(1)
    expect(page.locator("#off-firm-1")).to_be_focused()
    expect(counter(page)).to_contain_text("1")
    page.locator("#shortlist-undo").click()
    expect(page.locator(".shortlist__line")).to_have_count(2)
    page.get_by_role("button", name="Xóa cả danh sách").click()
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#shortlist-undo").click()
    expect(page.locator(".shortlist__line").first).to_contain_text(world["first"].name)


@pytest.mark.parametrize("has_script", [True, False])
def test_the_dossier_is_asked_for_and_taken_away(world, has_script, new_context, watch):
    page = watch(new_context(java_script_enabled=has_script).new_page())
    page.goto(world["first"].get_absolute_url())
    button(page, world["first"]).click()
    expect(counter(page)).to_contain_text("1")
    page.goto(reverse("shortlist"))
    page.get_by_role("button", name="Hồ sơ dạng Excel").click()
    expect(page.locator("#dossier-state")).to_contain_text("Tệp đã sẵn sàng")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Tải Excel").click()
    assert taken.value.suggested_filename.endswith(".xlsx")


def test_without_a_script_everything_goes_by_pages(world, new_context, watch):
    page = watch(new_context(java_script_enabled=False).new_page())
    page.goto(world["first"].get_absolute_url())
    button(page, world["first"]).click()
    assert page.url.endswith(world["first"].get_absolute_url())
    expect(page.locator(".messages")).to_contain_text("đã có trong danh sách quan tâm")
    page.goto(reverse("shortlist"))
    page.locator(f"#note-firm-{world['first'].code}").fill("Gọi thứ Hai")
    page.get_by_role("button", name="Lưu ghi chú").click()
    expect(page.locator(f"#note-firm-{world['first'].code}")).to_have_value("Gọi thứ Hai")
    page.get_by_role("button", name="Bỏ ra").click()
    page.locator("#shortlist-undo").click()
    expect(page.locator(f"#note-firm-{world['first'].code}")).to_have_value("Gọi thứ Hai")


def test_somebody_elses_list_is_taken_over_only_when_she_says_so(world, page):
    page.goto(world["first"].get_absolute_url())
    button(page, world["first"]).click()
    expect(counter(page)).to_contain_text("1")
    page.goto(f"{reverse('shortlist')}?firm={world['second'].code}&zone={world['zone'].code}")
    expect(counter(page)).to_contain_text("1")
    page.get_by_role("button", name="Thêm 2 mục").click()
    expect(page.locator(".shortlist__line")).to_have_count(3)
    expect(counter(page)).to_contain_text("3")


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(world, look, new_context, watch, axe):
    page = watch(new_context(**LOOKS[look]).new_page())
    codes = f"firm={world['first'].code}&firm={world['second'].code}&zone={world['zone'].code}"
    language = "/en" if "dark" in look else ""

    def check():
        axe(page)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), page.url

    for path in (reverse("shortlist"), f"{reverse('shortlist')}?{codes}", reverse("compare"), f"{reverse('compare')}?{codes}"):
        page.goto(language + path)
        check()
    page.goto(f"{language}{reverse('shortlist')}?{codes}")
    follow(page.locator("form[action$='/take/'] button").first)
    check()
    page.locator("button[name=format][value=xlsx]").click()
    page.locator("#dossier-state a[download]").wait_for()
    check()
