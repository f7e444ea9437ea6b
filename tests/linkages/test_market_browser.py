"""A firm, a workshop and the officer in a real Chromium: from a need to a pair, with and without scripts."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from firms import gatekeeper
from firms.models import Authority
from linkages.models import Match, Posting
from tests.browser import follow
from tests.builders_firms import make_capability, make_editor, make_firm, make_zone
from tests.builders_linkages import make_posting
from tests.firms.outsiders import link_in, mails_to

expect.set_options(timeout=20_000)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWNER, ASKER = "chu@tram-do.example.vn", "anna@shop.example"
SUMMARY = "Cần nơi gia công chi tiết nhôm thành mỏng trên máy 5 trục, 200 chiếc mỗi tháng."


@pytest.fixture
def office(transactional_db, monkeypatch):
    cache.clear()
    monkeypatch.setattr(gatekeeper, "LEAST", timedelta(0))  # the browser types faster than any person
    return Authority.objects.create(key="bql", name="Ban Quản lý", email="bql@danang.example.vn", is_ours=True)


def test_from_a_firms_need_to_a_pair_that_is_followed(office, new_context, watch, signed_in_page):
    firm = make_firm("Công ty Năm Trục", make_zone())
    make_capability(firm, "Gia công CNC 5 trục chi tiết nhôm", materials="nhôm")
    page = watch(new_context(java_script_enabled=False).new_page())
    page.goto(reverse("posting_list"))
    page.get_by_role("link", name="Đăng tin đầu tiên").click()
    page.get_by_label("Nhu cầu: chúng tôi đang tìm").check()
    page.get_by_label("đối tác sản xuất").check()
    page.get_by_label("Tiêu đề tiếng Việt").fill("Gia công nhôm 5 trục")
    page.get_by_label("Tóm tắt tiếng Việt").fill(f"{SUMMARY} Gọi 0905 123 456.")
    page.get_by_label("Doanh nghiệp, tổ chức").fill("Công ty Trạm đo Sông Thu")
    page.get_by_label("Họ và tên").fill("Lê Văn Tám")
    page.get_by_label("Địa chỉ thư điện tử").fill(OWNER)
    page.get_by_label("Tôi đã đọc").check()
    page.get_by_role("button", name="Gửi cán bộ").click()
    expect(page.locator(".error-summary")).to_contain_text("số điện thoại “0905 123 456”")
    page.get_by_label("Tóm tắt tiếng Việt").fill(SUMMARY)
    page.get_by_role("button", name="Gửi cán bộ").click()
    expect(page.get_by_role("status").filter(has_text="Đã nhận tin")).to_be_visible()

    desk = signed_in_page(make_editor(), reverse("posting_review"))
    follow(desk.get_by_role("link", name="NC00001"))
    expect(desk.locator(".confidential")).to_contain_text("Trạm đo Sông Thu")
    desk.get_by_role("button", name="Công bố", exact=True).click()
    expect(desk.get_by_text("Đã công bố.")).to_be_visible()
    follow(desk.get_by_role("link", name="Ai phù hợp"))
    expect(desk.locator(".suggestion").first).to_contain_text("Cùng vật liệu: “nhôm”")
    follow(desk.get_by_role("button", name="Phù hợp", exact=True))
    desk.get_by_role("textbox", name="Bước tiếp theo").fill("Gọi quản đốc")
    desk.get_by_role("button", name="Đã gặp").click()
    expect(desk.get_by_text("Đã ghi.")).to_be_visible()
    match = Match.objects.get()
    assert (match.state, match.next_step, match.party.firm) == ("met", "Gọi quản đốc", firm)

    page.goto(link_in(mails_to(OWNER)[-1], "/technology/mine/"))
    follow(page.get_by_role("button", name="Rút tin"))
    assert Posting.objects.get().state == "withdrawn"


def test_a_workshop_filters_finds_and_writes_to_the_officer(office, page):
    make_posting("Cần gia công CNC", contact_email=OWNER)
    make_posting("Chào bán máy sấy", direction="offer", kind="equipment")
    page.goto(reverse("posting_list"))
    page.locator(".facets").get_by_role("link", name="nhu cầu").click()
    expect(page.locator(".posting-card")).to_have_count(1)
    page.wait_for_url("**direction=need**")
    follow(page.get_by_role("link", name="Cần gia công CNC"))
    page.get_by_role("textbox", name="Đơn vị").fill("Five Axis Shop")
    page.get_by_role("textbox", name="Họ và tên").fill("Anna Berg")
    page.get_by_role("textbox", name="Địa chỉ thư điện tử").fill(ASKER)
    page.get_by_label("Bạn có thể làm gì").fill("Chúng tôi có sáu máy 5 trục và còn công suất.")
    page.get_by_label("Nếu cán bộ giới thiệu").check()
    page.get_by_role("button", name="Gửi cán bộ").click()
    expect(page.get_by_role("status").filter(has_text="đã tới cán bộ")).to_be_visible()
    assert len(mails_to(ASKER)) == 1 and mails_to(OWNER) == []
