"""The editor's pages in a real browser: two editors at once, a merge and its undoing, the tax-code doctor on a phone."""

import pytest
from django.urls import reverse

from firms.models import Firm
from tests.browser import follow
from tests.builders_firms import make_editor, make_firm, make_project, make_zone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def save(page):
    follow(page.locator(".sticky-actions .button--primary"))


def test_two_editors_of_one_box_see_both_versions_and_lose_none(signed_in_page, axe):
    firm = make_firm(zone=make_zone(), address="Lô A0")
    there = reverse("firm_part", args=[firm.code, "work"])
    yen, hoa = signed_in_page(make_editor(), there), signed_in_page(make_editor("Lê Thị Hoa"), there, java_script_enabled=False)
    hoa.fill("[name=address]", "Lô A1")
    save(hoa)
    yen.fill("[name=address]", "Lô A2")
    save(yen)
    assert yen.locator(".version--theirs").inner_text() == "Lô A1"
    assert yen.locator(".version--mine").inner_text() == "Lô A2"
    axe(yen)
    save(yen)
    firm.refresh_from_db()
    assert firm.address == "Lô A2"


def test_a_mistake_leads_to_its_box(signed_in_page, axe):
    firm = make_firm()
    page = signed_in_page(make_editor(), reverse("firm_part", args=[firm.code, "years"]), **PHONE)
    page.fill("[name=years-0-year]", "20244")
    page.fill("[name=years-0-value]", "1.854")
    save(page)
    axe(page)
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "years-0-year"
    assert page.input_value("[name=years-0-value]") == "1.854"


def test_an_editor_merges_two_entries_and_takes_it_back(signed_in_page, axe):
    kept, merged = make_firm("Công ty Sông Hàn", address="Số 1"), make_firm("Song Han Co., Ltd", address="Số 2")
    make_project(merged, "Nhà máy Sông Hàn")
    page = signed_in_page(make_editor(), f"{reverse('merge_create')}?kept={kept.code}", java_script_enabled=False)
    page.fill("[name=merged]", "song han co")
    page.locator(".actions .button--primary").click()
    page.get_by_role("button", name="Song Han Co., Ltd").click()
    page.check("[name=take-address][value=merged]")
    page.get_by_role("button", name="Gộp", exact=True).click()
    assert page.url.endswith(reverse("firm_edit", args=[kept.code]))
    assert Firm.objects.get(pk=kept.pk).address == "Số 2"
    page.get_by_role("link", name="Hoàn tác").click()
    page.get_by_role("button", name="Hoàn tác việc gộp").click()
    assert page.url.endswith(reverse("firm_edit", args=[merged.code]))
    assert Firm.objects.get(pk=kept.pk).address == "Số 1"
    assert Firm.objects.get(pk=merged.pk).projects.count() == 1


def test_a_stranger_checks_a_pasted_table_on_a_phone(new_context, watch, axe):
    make_firm("Công ty TNHH Sông Hàn", tax_code="0100112437")
    page = watch(new_context(**PHONE).new_page())
    page.goto(f"/en{reverse('tax_code_doctor')}")
    page.fill("[name=codes]", "MST\tTên\n100112437\tSông Hàn\n0100112438\tNgũ Hành\n0100233488")
    follow(page.locator(".actions .button--primary"))
    axe(page)
    assert page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel file").click()
    assert download.value.suggested_filename == "tax-codes.xlsx"
