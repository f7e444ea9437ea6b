"""The editor of the consolidated report in a real browser: nothing that somebody typed is ever lost."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks import drafting, issuing
from tests.builders import TODAY, at, make_agency, make_consolidator, make_cycle, make_report, make_submitted_report

A_TIME = re.compile(r"\d\d:\d\d")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hoa():
    return make_consolidator()


@pytest.fixture
def draft(hoa):
    cycle = make_cycle()
    make_submitted_report(make_agency("Sở Công Thương"), cycle, tasks=2)
    make_report(make_agency("Sở Tài chính"), cycle)
    return drafting.start(cycle, hoa, TODAY, at(TODAY))


def editor(draft):
    return reverse("consolidated_detail", args=[draft.pk])


def box(page, paragraph):
    return page.locator(f"#text-{paragraph.pk}")


def status(page, paragraph):
    return page.locator(f"#p-{paragraph.pk} .saved")


def overview(draft):
    return draft.paragraphs.get(slot="II.1:count")


def test_typing_saves_by_itself_and_marks_the_paragraph_as_edited(draft, hoa, signed_in_page, axe):
    page, paragraph = signed_in_page(hoa, editor(draft)), overview(draft)
    assert page.locator(f"#p-{paragraph.pk} [data-edited]").is_hidden()
    box(page, paragraph).fill("Tôi viết lại câu này.")
    expect(status(page, paragraph)).to_have_text(A_TIME)
    assert overview(draft).text == "Tôi viết lại câu này."
    assert page.locator(f"#p-{paragraph.pk} [data-edited]").is_visible()
    axe(page)


def test_two_people_in_one_paragraph_both_see_both_texts(draft, hoa, signed_in_page, axe):
    page, paragraph = signed_in_page(hoa, editor(draft)), overview(draft)
    paragraph.write("Bản của Nam.", paragraph.revision, make_consolidator("Hoàng Văn Nam"), at(TODAY))
    box(page, paragraph).fill("Bản của Hoa.")
    notice = page.locator(f"#p-{paragraph.pk} .notice--kept")
    notice.wait_for()
    assert "Hoàng Văn Nam" in notice.inner_text() and "Bản của Nam." in notice.inner_text()
    assert box(page, paragraph).input_value() == "Bản của Hoa."
    assert overview(draft).text == "Bản của Nam."
    axe(page)
    notice.get_by_role("button").last.click()
    expect(status(page, paragraph)).to_have_text(A_TIME)
    assert overview(draft).text == "Bản của Hoa."


def test_a_dropped_connection_keeps_the_text_in_this_browser_and_sends_it_later(draft, hoa, signed_in_page):
    page, paragraph = signed_in_page(hoa, editor(draft)), overview(draft)
    page.context.set_offline(True)
    box(page, paragraph).fill("Viết khi mất mạng.")
    page.locator(f"#p-{paragraph.pk} .saved--failed").wait_for()
    assert overview(draft).text != "Viết khi mất mạng."
    page.context.set_offline(False)
    expect(status(page, paragraph)).to_have_text(A_TIME)
    assert overview(draft).text == "Viết khi mất mạng."


def test_a_text_typed_after_the_login_expired_is_there_again_after_signing_in(draft, hoa, signed_in_page):
    page, paragraph = signed_in_page(hoa, editor(draft)), overview(draft)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    box(page, paragraph).fill("Viết sau khi hết phiên.")
    page.locator(f"#p-{paragraph.pk} .saved--failed").wait_for()
    context = page.context
    page.close()
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(editor(draft))
    assert box(page, paragraph).input_value() == "Viết sau khi hết phiên."
    assert overview(draft).text != "Viết sau khi hết phiên."
    box(page, paragraph).press("End")
    box(page, paragraph).press("!")
    expect(status(page, paragraph)).to_have_text(A_TIME)
    assert overview(draft).text.startswith("Viết sau khi hết phiên.")


def test_without_javascript_the_page_saves_and_its_buttons_work(draft, hoa, signed_in_page):
    page = signed_in_page(hoa, editor(draft), java_script_enabled=False)
    first, second = overview(draft), draft.paragraphs.get(slot="II.1:lead")
    box(page, first).fill("Không có JavaScript.")
    box(page, second).fill("Đoạn thứ hai.")
    page.locator(f"#p-{second.pk} button[formaction$='/remove/']").click()
    assert overview(draft).text == "Không có JavaScript."
    second.refresh_from_db()
    assert second.is_removed and second.text == "Đoạn thứ hai."


def test_the_head_saves_by_itself(draft, hoa, signed_in_page):
    page = signed_in_page(hoa, editor(draft))
    page.locator(".head summary").click()
    page.locator("#id_signatory_name").fill("Nguyễn Thị Ánh")
    page.locator("#id_signatory_name").blur()
    expect(page.locator("[data-head-saved]")).to_have_text(A_TIME)
    draft.refresh_from_db()
    assert draft.signatory_name == "Nguyễn Thị Ánh"


def test_whoever_types_into_an_edition_that_was_just_issued_is_told_and_keeps_the_text(draft, hoa, signed_in_page):
    page, paragraph = signed_in_page(hoa, editor(draft)), overview(draft)
    for one in draft.paragraphs.all():
        if one.blanks:
            one.write("Đã đôn đốc.", one.revision, hoa, at(TODAY))
    draft.number, draft.issued_on, draft.signatory_name, draft.recipients = 5, TODAY, "Nguyễn Thị Ánh", "Như trên"
    draft.save()
    issuing.issue(draft, hoa, TODAY, at(TODAY))
    box(page, paragraph).fill("Gõ sau khi ban hành.")
    expect(status(page, paragraph)).to_have_class("saved saved--failed")
    assert overview(draft).text != "Gõ sau khi ban hành."
    assert "Gõ sau khi ban hành." in page.evaluate("JSON.stringify(localStorage)")
