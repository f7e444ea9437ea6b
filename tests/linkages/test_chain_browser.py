"""An officer builds the supporting-industry chain from real firms in a real Chromium, and a firm answers an open role."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from firms import gatekeeper
from firms.models import Authority, Zone
from linkages.models import Application, Chain, ChainMember, ChainRole
from tests.browser import follow
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_supplied_chain, prove
from tests.firms.outsiders import mails_to
from tests.test_every_page import LOOKS, all_shortcomings

expect.set_options(timeout=20_000)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRM = "lienhe@bakhuon.example.vn"


@pytest.fixture
def registry(transactional_db, monkeypatch):
    """The firms of the registry that the chain is built from."""
    cache.clear()
    monkeypatch.setattr(gatekeeper, "LEAST", timedelta(0))  # the browser types faster than any person
    Authority.objects.create(key="bql", name="Ban Quản lý", email="bql@danang.example.vn", is_ours=True)
    park, other = make_zone(code="KCNC-DN"), make_zone("Khu công nghiệp Hòa Khánh mở rộng", "KCN-HKMR", Zone.Kind.INDUSTRIAL_ZONE)
    make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    make_firm("Công ty TNHH Niwa Foundry Đà Nẵng", park)
    make_firm("Huynh Duc TM-DV-SX", other)


def saved(page, words):
    expect(page.get_by_text(words).first).to_be_visible()


def test_an_officer_builds_a_chain_and_a_firm_answers_its_open_role(registry, signed_in_page, new_context, watch, axe):
    page = signed_in_page(make_editor(), reverse("chain_list"))
    follow(page.get_by_role("link", name="Lập chuỗi mới").first)
    page.locator("#id_name").fill("Chuỗi công nghiệp hỗ trợ van thủy lực")
    page.get_by_label("Lĩnh vực").select_option("supporting")
    page.locator("#id_lead").fill("tokyo keiki")
    page.get_by_role("button", name="Lưu").click()
    saved(page, "Đã lập chuỗi")
    chain = Chain.objects.get()

    # Two more roles, and who plays them.
    for name, needed, firm in [("Đúc phôi", "1", "niwa"), ("Gia công cơ khí chính xác", "2", "huynh duc")]:
        follow(page.get_by_role("link", name="Thêm vai trò"))
        page.locator("#id_name").fill(name)
        page.locator("#id_needed").fill(needed)
        page.get_by_role("button", name="Lưu").click()
        saved(page, "Đã lưu")
        follow(page.get_by_role("article", name=name).get_by_role("link", name="Thêm thành viên"))
        page.locator("#id_party").fill(firm)
        page.get_by_role("button", name="Ghi là thành viên").click()
        saved(page, f"giữ vai trò “{name}”")

    # The gauge explains: one firm of another zone and two proven links are missing.
    why = page.get_by_role("region", name="Vì sao chưa hình thành")
    expect(why).to_contain_text("2/1 doanh nghiệp trong Khu công nghệ cao")
    expect(why).to_contain_text("1/2 doanh nghiệp ở các khu khác")
    expect(why).to_contain_text("còn thiếu 2")

    # A link with evidence, entered on the way.
    follow(page.get_by_role("link", name="Nhập liên kết mới"))
    page.locator("#id_source_party").fill("niwa")
    page.locator("#id_target_party").fill("tokyo keiki")
    page.locator("#id_kind").select_option("supporting")
    page.locator("#id_state").select_option("running")
    page.get_by_role("button", name="Lưu").click()
    saved(page, "tiêu chí yêu cầu “biên bản ghi nhớ” trở lên")
    follow(page.get_by_role("link", name="Thêm tài liệu chứng minh").first)
    page.get_by_label("biên bản ghi nhớ").check()
    page.locator("#id_title").fill("Biên bản ghi nhớ Niwa – Tokyo Keiki")
    page.locator("#id_source").fill("Số 12/BBGN, 15/06/2026")
    page.locator("#id_dated_on").fill("2026-06-15")
    follow(page.get_by_role("button", name="Thêm tài liệu chứng minh"))
    follow(page.get_by_role("link", name=chain.name))
    follow(page.get_by_role("link", name="Sửa chuỗi"))
    expect(page.get_by_role("region", name="Vì sao chưa hình thành")).to_contain_text("1/2 liên kết còn hiệu lực")

    # “Formed” is refused in the rule's own words; publishing goes.
    page.get_by_role("button", name="Hình thành").click()
    saved(page, "Chưa thể ghi chuỗi là “hình thành”")
    page.get_by_role("button", name="Công bố chuỗi").click()
    page.get_by_role("article", name="Gia công").get_by_role("button", name="Công bố cơ hội tham gia").click()
    saved(page, "Đã công bố trong mục Cơ hội tham gia chuỗi")
    axe(page)

    # A firm without an account, without scripts, on a phone.
    phone = watch(new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page())
    phone.goto(reverse("opportunity_list"))
    phone.get_by_role("link", name="Gia công cơ khí chính xác").click()
    phone.get_by_label("Doanh nghiệp hoặc tổ chức").fill("Công ty Khuôn mẫu Ba Khuôn")
    phone.get_by_label("Mã số thuế").fill("0400101405")
    phone.locator("#id_name").fill("Lê Thị Khuôn")
    phone.locator("#id_email").fill(FIRM)
    phone.locator("#id_message").fill("Phay CNC 5 trục, 12 máy, dung sai 0,01 mm.")
    phone.get_by_role("button", name="Gửi đăng ký").click()
    expect(phone.locator(".error-summary")).to_contain_text("Mã số thuế")
    expect(phone.locator("#id_message")).to_have_value("Phay CNC 5 trục, 12 máy, dung sai 0,01 mm.")
    phone.get_by_label("Mã số thuế").fill("")
    phone.get_by_role("button", name="Gửi đăng ký").click()
    expect(phone.get_by_role("status").filter(has_text="đã đến cán bộ phụ trách")).to_be_visible()
    assert "Đã nhận đăng ký tham gia" in mails_to(FIRM)[0].subject

    # The officer accepts it, and it becomes a member.
    make_firm("Công ty Khuôn mẫu Ba Khuôn", Zone.objects.get(code="KCN-HKMR"))
    page.goto(reverse("application_list"))
    follow(page.locator("a.row-link"))
    expect(page.locator("#id_party")).to_have_value("Công ty Khuôn mẫu Ba Khuôn")
    page.locator("#id_reply").fill("Mời ông/bà đến làm việc tuần sau.")
    page.get_by_role("button", name="Chấp nhận").click()
    saved(page, "Đã chấp nhận")
    assert Application.objects.get().state == "accepted"
    assert ChainMember.objects.filter(party__firm__name="Công ty Khuôn mẫu Ba Khuôn").exists()
    assert "Mời ông/bà" in mails_to(FIRM)[-1].text
    page.goto(chain.get_absolute_url())
    expect(page.get_by_text("2/2 doanh nghiệp ở các khu khác")).to_be_visible()


def test_a_keyboard_walks_the_picture_from_firm_to_link(registry, page):
    chain = make_supplied_chain()
    page.goto(chain.get_absolute_url())
    picture = page.locator(".chain-picture svg").first
    firms = picture.locator("a:has(.chain-seat)")
    expect(firms).to_have_count(3)
    firms.first.focus()
    page.keyboard.press("Tab")
    expect(firms.nth(1)).to_be_focused()
    picture.locator("a:has(.chain-badge)").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('link_detail', args=[chain.ties[0].pk])}")


def test_every_page_of_the_chains_is_readable_and_accessible(registry, signed_in_page, axe):
    chain = make_supplied_chain(name="Chuỗi công nghiệp hỗ trợ cơ khí chính xác và khuôn mẫu khu vực miền Trung")
    prove(chain.ties[0])
    role = chain.roles.last()
    ChainRole.objects.filter(pk=role.pk).update(is_open=True, needed=5, opened_on="2026-10-01")
    application = Application.objects.create(role=role, firm_name="Xưởng", name="Anna", email="a@shop.test", message="Mạ kẽm.")
    paths = [reverse(name, args=[chain.code]) for name in ("chain_detail", "chain_edit", "role_create", "chain_link_create")]
    paths += [reverse("chain_part", args=[chain.code, part]) for part in ("facts", "work")]
    paths += [reverse(name, args=[role.pk]) for name in ("role_edit", "member_add", "opportunity_detail")]
    paths += [reverse(name) for name in ("chain_list", "chain_create", "rule_list", "rule_set", "opportunity_list")]
    paths += [reverse("application_list"), reverse("application_detail", args=[application.pk])]
    yen, found = make_editor(), []
    for look in LOOKS.values():
        found += all_shortcomings(signed_in_page(yen, **look), paths, look, axe)
    assert not found, "\n".join(found)
