"""The officer's page in a real Chromium: dropped connections, ended sessions, two people, no script at all."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tasks import writing
from tasks.models import AgencyReport, Evidence, KeptText, Progress
from tests.builders import (
    NOW,
    PASSWORD,
    make_accepted_report,
    make_agency,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_task,
)

expect.set_options(timeout=20_000)  # what a busy machine may take; a page that is right answers at once
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lan(transactional_db):
    agency = make_agency()
    for n in range(3):
        make_task(agency, content=f"Nhiệm vụ thứ {n + 1} của kế hoạch")
    lan = make_member(agency)
    lan.report = make_report(agency, make_cycle(timezone.localdate().year))
    lan.rows = list(lan.report.rows.in_order())
    lan.address = reverse("report_edit", args=[lan.report.pk])
    return lan


def box(page, row, name="results"):
    return page.locator(f"[name=r{row.pk}-{name}]")


def saved_at(page):
    return page.locator("#page-saved", has_text=re.compile(r"\d\d:\d\d"))


def stored(row, name="results"):
    return Progress.objects.values_list(name, flat=True).get(pk=row.pk)


def test_what_she_types_is_saved_without_a_press_and_the_row_is_marked(lan, signed_in_page):
    page, row = signed_in_page(lan, lan.address), lan.rows[0]
    box(page, row, "state").select_option("in_progress")
    box(page, row).press_sequentially("Đã tổ chức 03 hội thảo.")
    expect(saved_at(page)).to_be_visible()
    expect(page.locator(f"#row-{row.pk}")).to_have_class(re.compile("row--answered"))
    expect(page.locator("[data-answered]")).to_have_text("1")
    assert stored(row) == "Đã tổ chức 03 hội thảo."


def test_a_dropped_connection_is_told_and_the_text_survives_a_reload_and_arrives_once_it_is_back(
    lan, signed_in_page, live_server
):
    page, row = signed_in_page(lan, lan.address), lan.rows[0]
    box(page, row).fill("Viết trước khi đứt mạng.")
    expect(saved_at(page)).to_be_visible()
    page.context.set_offline(True)
    box(page, row).press_sequentially(" Viết khi đứt mạng.")
    expect(page.locator("#page-saved")).to_have_class(re.compile("saved--failed"))
    assert stored(row) == "Viết trước khi đứt mạng."
    # She closes the page in despair (the browser warns) and opens it again when the network is back.
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/rows/*/save/", lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    expect(box(page, row)).to_have_value("Viết trước khi đứt mạng. Viết khi đứt mạng.")
    expect(page.locator("#restored")).to_be_visible()
    page.unroute("**/rows/*/save/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(saved_at(page)).to_be_visible()
    assert stored(row) == "Viết trước khi đứt mạng. Viết khi đứt mạng."
    assert not KeptText.objects.exists()
    assert page.evaluate("localStorage.length") == 0


def test_an_answer_lost_on_the_way_makes_no_conflict_with_oneself(lan, signed_in_page):
    page, row = signed_in_page(lan, lan.address), lan.rows[0]
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch())
            return route.abort()
        return route.continue_()

    page.route("**/rows/*/save/", lose)
    box(page, row).fill("một hai ba")
    expect(page.locator("#page-saved")).to_have_class(re.compile("saved--failed"))
    box(page, row).fill("bốn hai ba")
    expect(saved_at(page)).to_be_visible(timeout=15000)
    assert stored(row) == "bốn hai ba"
    assert not KeptText.objects.exists()


def test_the_session_ends_while_she_types_and_signing_in_beside_it_sends_everything(lan, signed_in_page, live_server):
    page, row = signed_in_page(lan, lan.address), lan.rows[0]
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    box(page, row).press_sequentially("Gõ khi phiên đã hết.")
    link = page.locator("#page-saved a")
    expect(link).to_be_visible()
    assert stored(row) == ""
    with page.context.expect_page() as opened:
        link.click()
    login = opened.value
    login.locator("[name=login]").fill(lan.email)
    login.locator("[name=password]").fill(PASSWORD)
    login.locator("[name=password]").press("Enter")
    login.wait_for_url(f"**{lan.address}")
    page.bring_to_front()
    expect(saved_at(page)).to_be_visible(timeout=15000)
    assert stored(row) == "Gõ khi phiên đã hết."


def test_two_officers_in_one_box_both_see_both_texts_and_one_of_them_joins_them(lan, signed_in_page):
    minh, row = make_member(lan.report.agency, "Phạm Quang Minh"), lan.rows[0]
    first, second = signed_in_page(lan, lan.address), signed_in_page(minh, lan.address)
    box(first, row).fill("Bản của Lan.")
    expect(saved_at(first)).to_be_visible()
    box(second, row).fill("Bản của Minh.")
    panel = second.locator(".kept")
    expect(panel).to_contain_text("Bản của Lan.")
    expect(panel).to_contain_text("Bản của Minh.")
    expect(panel).to_contain_text("Trần Thị Lan")
    expect(box(second, row)).to_have_value("Bản của Lan.")
    first.locator(f"[name=r{row.pk}-obstacles]").focus()
    first.locator("#cover textarea").first.focus()
    expect(first.locator(".kept")).to_contain_text("Bản của Minh.")
    second.locator(".kept button[value=both]").click()
    expect(box(second, row)).to_have_value("Bản của Lan.\n\nBản của Minh.")
    expect(second.locator(".kept")).to_have_count(0)
    assert stored(row) == "Bản của Lan.\n\nBản của Minh."
    box(first, row).focus()
    expect(box(first, row)).to_have_value("Bản của Lan.\n\nBản của Minh.")


def test_what_is_typed_while_a_colleagues_text_is_being_fetched_does_not_write_over_it(lan, signed_in_page):
    minh, (row, other, _third) = make_member(lan.report.agency, "Phạm Quang Minh"), lan.rows
    page, held = signed_in_page(lan), []
    with page.expect_response("**/presence/"):
        page.goto(lan.address)
    page.wait_for_load_state("networkidle")
    writing.save_row(row, {"results": "Bản của Minh."}, 0, minh, timezone.now())
    page.route("**/rows/*/save/", lambda route: route.continue_() if held else held.append(route))
    box(page, other).focus()  # the page hears that the first row has changed and fetches it
    for _turn in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    box(page, row).fill("Bản của Lan.")
    held[0].continue_()
    for words in ["Bản của Minh.", "Bản của Lan."]:
        expect(page.locator(".kept")).to_contain_text(words)
    assert stored(row) == "Bản của Minh."
    expect(box(page, row)).to_have_value("Bản của Minh.")


def test_each_sees_at_which_row_the_other_is(lan, signed_in_page):
    minh = make_member(lan.report.agency, "Phạm Quang Minh")
    first, second = signed_in_page(lan, lan.address), signed_in_page(minh, lan.address)
    box(second, lan.rows[1]).focus()
    second.wait_for_timeout(300)
    box(first, lan.rows[0]).focus()
    expect(first.locator(f"#row-{lan.rows[1].pk} [data-present]")).to_contain_text("Phạm Quang Minh")


def test_nothing_to_report_and_its_undo_are_one_press_each(lan, signed_in_page):
    page, row = signed_in_page(lan, lan.address), lan.rows[0]
    box(page, row).fill("dở dang")
    page.locator(f"#row-{row.pk} button[name=nothing]").click()
    expect(page.locator(f"#row-{row.pk}")).to_have_class(re.compile("row--nothing"))
    assert stored(row, "is_nothing_to_report")
    page.locator(f"#row-{row.pk} button[name=nothing]").click()
    expect(box(page, row)).to_be_visible()
    expect(box(page, row)).to_have_value("dở dang")


def test_last_years_answer_is_taken_over_in_one_press(transactional_db, signed_in_page):
    agency, year = make_agency(), timezone.localdate().year
    make_accepted_report(agency, make_cycle(year - 1), now=NOW)
    report = AgencyReport.objects.create(cycle=make_cycle(year), agency=agency, agency_name=agency.name)
    row = Progress.objects.create(report=report, task=Progress.objects.get().task)
    page = signed_in_page(make_member(agency), reverse("report_edit", args=[report.pk]))
    page.locator("button[name=copy]").click()
    expect(box(page, row)).to_have_value(re.compile("Đã ban hành"))
    page.locator("button[name=copy][value=undo]").click()
    expect(box(page, row)).to_have_value("")


def test_a_file_is_uploaded_at_once_and_a_wrong_one_is_refused_in_words(lan, signed_in_page):
    page, row = signed_in_page(lan, lan.address), lan.rows[0]
    field = page.locator(f"#row-{row.pk} input[type=file]")
    field.set_input_files({"name": "quyết định.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"})
    expect(page.locator(f"#row-{row.pk} .files")).to_contain_text("quyết định.pdf")
    field.set_input_files({"name": "chạy.exe", "mimeType": "application/pdf", "buffer": b"MZ\x90"})
    expect(page.locator(f"#row-{row.pk} [data-upload]")).to_contain_text("“chạy.exe”")
    page.locator(f"#row-{row.pk} .files button").click()
    expect(page.locator(f"#row-{row.pk} .files--removed")).to_contain_text("quyết định.pdf")
    assert Evidence.objects.get().removed_at


def test_without_a_script_two_rows_are_saved_by_one_press(lan, signed_in_page):
    page = signed_in_page(lan, lan.address, java_script_enabled=False)
    one, two, _three = lan.rows
    box(page, one).fill("Dòng một")
    box(page, two).fill("Dòng hai")
    page.locator(f"#row-{two.pk} button[name=go][value=row-{two.pk}]").click()
    assert (stored(one), stored(two)) == ("Dòng một", "Dòng hai")
    assert page.url.endswith(f"#row-{two.pk}")
    expect(page.locator("main")).to_contain_text(re.compile(r"\d\d:\d\d"))


def test_without_a_script_an_ended_session_loses_nothing(lan, signed_in_page):
    page, row = signed_in_page(lan, lan.address, java_script_enabled=False), lan.rows[0]
    box(page, row).fill("Gõ khi phiên đã hết.")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator(f"#row-{row.pk} button[name=go][value=row-{row.pk}]").click()
    page.locator("[name=login]").fill(lan.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(box(page, row)).to_have_value("Gõ khi phiên đã hết.")
    page.locator(f"#row-{row.pk} button[name=go][value=row-{row.pk}]").click()
    assert stored(row) == "Gõ khi phiên đã hết."


def test_the_head_reads_it_through_and_signs(transactional_db, signed_in_page):
    report = make_filled_report(cycle=make_cycle(timezone.localdate().year))
    page = signed_in_page(make_head(report.agency), reverse("report_edit", args=[report.pk]))
    page.locator("#cover textarea").first.fill("Chỉ đạo sát sao.")
    page.locator("button[name=go][value=review]").first.click()
    page.wait_for_url(f"**{reverse('report_detail', args=[report.pk])}")
    expect(page.locator("main")).to_contain_text("Chỉ đạo sát sao.")
    page.locator(".sign button").click()
    expect(page.locator(".state--submitted").first).to_be_visible()
    assert AgencyReport.objects.get(pk=report.pk).state == AgencyReport.State.SUBMITTED


# The other two pairs are looked at in tests/test_every_page.py.
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_axe_finds_nothing_on_the_officers_pages(lan, signed_in_page, axe, scheme, width):
    KeptText.objects.create(report=lan.report, row=lan.rows[0], field="results", text="bản thứ hai", by=lan, at=NOW)
    page = signed_in_page(lan, color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for name in ["report_edit", "report_detail"]:
        page.goto(reverse(name, args=[lan.report.pk]))
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for address in [reverse("my_work"), reverse("contribution_list"), reverse("contribution_ask", args=[lan.rows[1].pk])]:
        page.goto(address)
        axe(page)


def test_an_expired_page_of_one_person_never_saves_as_another(lan, signed_in_page, live_server):
    minh, row = make_member(lan.report.agency, "Phạm Quang Minh"), lan.rows[0]
    page, client = signed_in_page(lan, lan.address), Client()
    client.force_login(minh)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    box(page, row).press_sequentially("của Lan")
    expect(page.locator("#page-saved a")).to_be_visible()
    assert stored(row) == ""
