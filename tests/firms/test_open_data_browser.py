"""The page of the read interface under the portal's content security policy, and the list inside another site's page."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.builders_firms import make_firm, make_zone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db):
    cache.clear()
    return make_firm(zone=make_zone(code="KCNC-DN"))


def test_a_programmer_tries_the_interface_out_on_its_own_page(page, firm):
    page.goto("/en/open-data/")
    page.get_by_role("link", name="Try it out").click()
    page.locator("#operations-firms-firms_list .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.locator("button.execute").click()
    page.locator(".live-responses-table .highlight-code", has_text=firm.code).wait_for()
    assert page.get_by_text("Firms, found as in the directory").is_visible()  # in the language of the page


@pytest.fixture
def newspaper():
    """newspaper(html) -> the address of another site with that page. A real one: browsers ask where a page comes from."""
    pages = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[-1].encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()

    def publish(html):
        pages.append(html)
        return f"http://127.0.0.1:{server.server_port}/"

    yield publish
    server.shutdown()
    server.server_close()


def test_another_site_shows_the_list_and_its_readers_come_here_by_a_link(page, new_context, newspaper, firm, live_server):
    page.goto(reverse("open_data"))
    snippet = page.locator("#snippet").inner_text()
    site = new_context().new_page()
    site.goto(newspaper(f"<h1>Báo</h1>{snippet}"))
    link = site.frame_locator("iframe").get_by_role("link", name=firm.name)
    with site.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert opened.value.url == f"{live_server.url}/firms/{firm.code}/"


def test_the_lines_to_embed_are_copied_by_one_press(new_context, watch, firm, live_server):
    context = new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page = watch(context.new_page())
    page.goto("/en/open-data/")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("<iframe src=")
