"""An investor with the real registry in a real Chromium: from three words to a dossier, with a script and without one."""

from io import BytesIO

import pytest
from django.core.cache import cache
from openpyxl import load_workbook
from playwright.sync_api import expect

from firms import loading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TIME = 20_000  # what a busy machine may take


@pytest.fixture
def registry(transactional_db):
    cache.clear()
    loading.load_all()


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def investor(request, new_context, watch, registry):
    context = new_context(java_script_enabled=request.param, accept_downloads=True)
    context.set_default_timeout(TIME)
    return watch(context.new_page())


def test_from_three_words_to_a_dossier(investor):
    page = investor
    page.goto("/")
    page.fill("#home-search", "co khi chinh xac")
    page.click(".directory-search button")
    results = page.locator("#firm-results")
    expect(results).to_contain_text("Tokyo Keiki", timeout=TIME)
    expect(results).to_contain_text("Khớp ở")
    # The park alone: the filter says beforehand how many that leaves.
    park = page.locator(".facets a", has_text="Khu công nghệ cao Đà Nẵng").first
    promised = int(park.locator(".count").inner_text())
    if not park.is_visible():
        page.locator(".drawer > summary").click()
    park.click()
    expect(page.locator(".chip")).to_have_count(2, timeout=TIME)
    assert int(results.locator("[role=status] b").inner_text()) == promised
    # Three firms of the park onto the shortlist, out of the list without opening any.
    page.goto("/firms/?zone=KCNC-DN&status=operating")
    picks = page.locator(".firm-pick button")
    for number in range(1, 4):
        page.locator(".firm-pick button", has_text="Thêm vào danh sách quan tâm").first.click()
        expect(page.locator("#shortlist-counter")).to_contain_text(str(number), timeout=TIME)
        expect(picks.filter(has_text="Đã trong danh sách")).to_have_count(number, timeout=TIME)
    page.goto("/shortlist/")
    page.click("button[form=compare]")
    expect(page.locator("table").first).to_contain_text("≠ khác nhau", timeout=TIME)
    # The dossier as Excel; the PDF is looked at in test_dossiers.
    page.goto("/shortlist/")
    page.get_by_role("button", name="Hồ sơ dạng Excel").click()
    expect(page.locator("#dossier-state")).to_contain_text("Tệp đã sẵn sàng", timeout=TIME)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải Excel").click()
    book = load_workbook(BytesIO(download.value.path().read_bytes()))
    assert len(book.sheetnames) >= 3


def test_filters_combine_and_come_off_again(investor):
    page = investor
    page.goto("/firms/?country=JP&country=KR&capital_type=foreign")
    expect(page.locator(".chip")).to_have_count(3)
    found = int(page.locator("[role=status] b").first.inner_text())
    page.locator(".chip", has_text="Hàn Quốc").click()
    expect(page.locator(".chip")).to_have_count(2, timeout=TIME)
    assert 0 < int(page.locator("[role=status] b").first.inner_text()) < found
    page.go_back()
    expect(page.locator(".chip")).to_have_count(3, timeout=TIME)


def test_the_map_is_reached_by_keyboard_and_leads_to_the_firms_of_a_zone(registry, page, axe):
    page.goto("/firms/?view=map&country=JP")
    points = page.locator(".map-point")
    expect(points.first).to_be_visible(timeout=TIME)
    axe(page)
    # Clusters open until a single zone is left, then Enter goes to its firms.
    for _step in range(6):
        single = page.locator(".map-point:not(.map-point--many)")
        if single.count():
            break
        points.first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
    single.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**zone=**")
    expect(page.locator(".firm-table tbody tr").first).to_be_visible(timeout=TIME)
