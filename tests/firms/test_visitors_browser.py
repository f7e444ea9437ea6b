"""Visitors, firms and editors in a real Chromium, with and without scripts; and every page of theirs in both lights."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from firms import confirmations, corrections, enquiries, gatekeeper, searches
from firms.models import Authority, Capability, Contact, Correction, Enquiry, Firm, SavedSearch
from tests.browser import follow
from tests.builders_firms import make_capability, make_editor, make_firm, make_zone
from tests.firms.outsiders import link_in, mails_to
from tests.test_every_page import LOOKS, all_shortcomings

expect.set_options(timeout=20_000)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "kinhdoanh@songhan.example.vn"
ASKER = "anna@investor.example"
QUESTION = "Chúng tôi tìm nơi gia công trục máy, dung sai 0,005 mm."


@pytest.fixture
def firm(transactional_db, monkeypatch):
    cache.clear()
    monkeypatch.setattr(gatekeeper, "LEAST", timedelta(0))  # the browser types faster than any person
    Authority.objects.create(key="bql", name="Ban Quản lý", email="bql@danang.example.vn", phone="0236 366 6117", is_ours=True)
    firm = make_firm(zone=make_zone(code="khu-cnc"), website="https://songhan.example.vn/")
    make_capability(firm, "Trục máy", Capability.Kind.PRODUCT)
    Contact.objects.create(firm=firm, email=ADDRESS, consented_on=date(2026, 1, 5))
    return firm


def test_an_investor_asks_and_the_firm_answers_behind_its_link(firm, page, new_context, watch):
    page.goto(reverse("enquiry_create", args=[firm.code]))
    page.get_by_label("Họ và tên").fill("Anna Berg")
    page.get_by_label("Địa chỉ thư điện tử").fill(ASKER)
    page.get_by_label("Nội dung câu hỏi").fill(f"{QUESTION} Xem www.nordic.example")
    page.get_by_label("Tôi đã đọc").check()
    page.get_by_role("button", name="Gửi câu hỏi").click()
    expect(page.locator(".error-summary")).to_contain_text("Bỏ địa chỉ trang web: “www.nordic.example”")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("Họ và tên")).to_have_value("Anna Berg")
    page.get_by_label("Nội dung câu hỏi").fill(QUESTION)
    page.get_by_role("button", name="Gửi câu hỏi").click()
    expect(page.get_by_role("status").filter(has_text="đang được chuyển")).to_be_visible()

    firms_page = watch(new_context(java_script_enabled=False).new_page())
    firms_page.goto(link_in(mails_to(ADDRESS)[0], "/enquiries/"))
    expect(firms_page.get_by_text(QUESTION)).to_be_visible()
    firms_page.get_by_label("Nội dung trả lời").fill("Giá 12 USD một chiếc.")
    firms_page.get_by_role("button", name="Gửi trả lời").click()
    expect(firms_page.get_by_text("Câu hỏi này đã được trả lời")).to_be_visible()
    assert Enquiry.objects.get().state == "answered" and "12 USD" in mails_to(ASKER)[-1].text


def test_a_firm_corrects_its_entry_and_the_editor_takes_it_over(firm, page, signed_in_page):
    yen = make_editor()
    desk = signed_in_page(yen, reverse("confirmation_send", args=[firm.code]))
    desk.get_by_role("button", name="Gửi liên kết").click()
    expect(desk.get_by_text("sẽ gửi trong vòng một phút").first).to_be_visible()

    page.goto(link_in(mails_to(ADDRESS)[0], "/confirm/"))
    follow(page.get_by_role("link", name="Sửa", exact=True))
    page.get_by_label("Địa chỉ (không").fill("Lô 9, Khu công nghệ cao Đà Nẵng")
    page.get_by_label("Sản phẩm").fill("Trục máy\nKhuôn ép")
    page.get_by_role("button", name="Gửi biên tập viên").click()
    expect(page.get_by_text("phần để nguyên được coi là đã xác nhận")).to_be_visible()

    desk.goto(reverse("correction_list"))
    follow(desk.get_by_role("link", name=firm.name))
    desk.get_by_role("checkbox", name="Sản phẩm").uncheck()
    desk.get_by_role("button", name="Tiếp thu mục đã đánh dấu").click()
    expect(desk.get_by_text("Đã tiếp thu các mục được đánh dấu")).to_be_visible()
    firm = Firm.objects.get()
    assert firm.address.startswith("Lô 9") and firm.confirmed_on == timezone.localdate()
    assert Correction.objects.get().state == "partly" and firm.capabilities.count() == 1


def test_a_firm_confirms_by_one_press_on_a_phone_without_script(firm, new_context, watch):
    confirmations.send(firm, ADDRESS, make_editor(), timezone.now())
    phone = watch(new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page())
    phone.goto(link_in(mails_to(ADDRESS)[0], "/en/confirm/"))
    phone.get_by_role("button", name="It is right").click()
    expect(phone.get_by_text("The directory now says: confirmed by the firm")).to_be_visible()


def test_a_search_is_saved_from_the_directory_and_ended(firm, page):
    page.goto(reverse("firm_list") + "?q=truc+may")
    page.get_by_label("Địa chỉ thư điện tử của ông/bà").fill(ASKER)
    page.get_by_role("button", name="Lưu tìm kiếm").click()
    expect(page.get_by_text("Một thư đang gửi tới ông/bà")).to_be_visible()
    page.goto(link_in(mails_to(ASKER)[0], "/searches/"))
    page.get_by_role("button", name="Đồng ý nhận thư").click()
    expect(page.get_by_text("Từ nay, ngày nào tìm kiếm này")).to_be_visible()
    follow(page.get_by_role("link", name="Dừng"))
    page.get_by_role("button", name="Dừng").click()
    expect(page.get_by_text("Không còn thư nào nữa")).to_be_visible()
    assert SavedSearch.objects.get().ended_at


def everything(firm, yen):
    """Every page of visitors, and every page of the editor, in each state that looks different."""
    now = timezone.now()
    values = {"name": "Anna Berg", "organisation": "Nordic Tools", "email": ASKER, "message": QUESTION}
    enquiry = enquiries.ask(firm, values, "en", now - timedelta(days=9))
    waiting = enquiries.ask(firm.zone, values, "en", now)
    answered = enquiries.ask(firm, values, "en", now - timedelta(days=2))
    answer_path = link_in(mails_to(ADDRESS)[0], "/enquiries/")
    enquiries.answer(answered, "Giá 12 USD.", now)
    one = corrections.report(firm, {"address": "Lô 9"}, "Sai địa chỉ", now, name="Lê An", email="an@example.org")
    done = corrections.report(firm, {}, "Sai", now)
    corrections.decide(done.pk, None, {}, "", yen, now)
    confirmations.send(firm, "b@songhan.example.vn", yen, now - timedelta(days=31))
    confirmations.send(firm, "c@songhan.example.vn", yen, now)
    old, new = (link_in(mails_to(f"{name}@songhan.example.vn")[0], "/confirm/") for name in "bc")
    search = searches.save("q=truc+may", ASKER, "vi", now)
    token = searches.token_of(search)
    zone, code = firm.zone.code, firm.code
    visitors = [
        reverse("correction_create", args=[code]), reverse("correction_create", args=[code]) + "?sent=1",
        reverse("zone_correct", args=[zone]), reverse("enquiry_create", args=[code]),
        reverse("enquiry_create", args=[code]) + "?sent=1", reverse("zone_enquiry", args=[zone]), answer_path,
        "/enquiries/khong-co/", old, new, new + "edit/", "/confirm/khong-co/", reverse("search_save") + "?query=q%3Dtruc+may",
        reverse("search_save") + "?sent=1", reverse("search_confirm", args=[token]), reverse("search_end", args=[token]),
        "/searches/khong-co/", "/searches/khong-co/end/",
    ]  # fmt: skip
    editors = [
        reverse("correction_list"), reverse("correction_list") + "?state=decided", reverse("correction_decide", args=[one.pk]),
        reverse("correction_decide", args=[done.pk]), reverse("confirmation_send", args=[code]), reverse("enquiry_list"),
        reverse("enquiry_list") + "?state=all", reverse("enquiry_list") + "?state=refused",
        reverse("enquiry_detail", args=[enquiry.pk]), reverse("enquiry_detail", args=[waiting.pk]),
        reverse("enquiry_detail", args=[answered.pk]),
    ]  # fmt: skip
    return visitors, editors


def test_every_page_is_readable_and_accessible(firm, new_context, watch, signed_in_page, axe):
    yen = make_editor()
    visitors, editors = everything(firm, yen)
    found = []
    for look in LOOKS.values():
        found += all_shortcomings(watch(new_context(**look).new_page()), visitors, look, axe)
        found += all_shortcomings(signed_in_page(yen, **look), editors, look, axe)
    assert not found, "\n".join(found)
