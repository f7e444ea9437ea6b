"""What the tests stand on: a real Chromium, signed-in pages that watch the content security policy, axe, and real servers.

Nothing is skipped in silence. What a machine lacks is named in the summary ("not run: …"); with REQUIRE_SERVICES=1, as in
.ci/run, it stops the run instead."""

import os
import shutil

import pytest
import redis
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from parkportal import tamperproof
from parkportal.documents import fonts
from tests import postgresql

CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MISSING = pytest.StashKey[dict]()
# A busy machine is slow, not wrong.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


def chromium_path():
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def redis_address():
    return os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def _redis_is_reachable():
    try:
        return redis.Redis.from_url(redis_address(), socket_connect_timeout=1).ping()
    except redis.RedisError:
        return False


def _is_postgresql():
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


def _missing():
    """{marker: why its tests cannot run here}."""
    missing = {}
    if not chromium_path():
        missing["browser"] = "no Chromium found; apt-get install chromium, or set CHROMIUM to its path"
    if not shutil.which("xgettext"):
        missing["gettext"] = "no xgettext found; apt-get install gettext"
    if lacking := fonts.missing():
        missing["pdf"] = f"the PDF lacks {', '.join(lacking)}; make run says how to install it"
    if not shutil.which("pdftotext"):
        missing["poppler"] = "no pdftotext found; apt-get install poppler-utils"
    if not _is_postgresql():
        missing["services"] = "they run with PostgreSQL and Redis only (make test does so where both are reachable)"
    elif not _redis_is_reachable():
        missing["services"] = f"no Redis at {redis_address()}; apt-get install redis-server, or set TEST_REDIS_URL"
    return missing


def pytest_configure(config):
    missing = config.stash[MISSING] = _missing()
    if os.environ.get("REQUIRE_SERVICES") == "1":
        # The run on SQLite leaves the service tests to the run on PostgreSQL; anything else must be there.
        lacking = {marker: why for marker, why in missing.items() if marker != "services" or _is_postgresql()}
        if lacking:
            raise pytest.UsageError("REQUIRE_SERVICES=1, but: " + "; ".join(lacking.values()))


def pytest_unconfigure():
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


def pytest_collection_modifyitems(config, items):
    missing = config.stash[MISSING]
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in missing)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    # The long ones first, so that no process is left alone with them; one process then has the browser (pyproject: worksteal).
    items.sort(key=lambda item: "browser" not in item.keywords)


def pytest_terminal_summary(terminalreporter, config):
    for marker, why in config.stash[MISSING].items():
        terminalreporter.write_line(f"not run: tests marked '{marker}': {why}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tests' database, made from the models (see tests/settings.py), with what only the migrations do."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            tamperproof.protect(apps, editor)
        recorder = MigrationRecorder(connection)
        for migration in MigrationLoader(connection).graph.nodes:
            recorder.record_applied(*migration)


@pytest.fixture(autouse=True)
def in_vietnamese():
    """Every test begins in the portal's language: a visit to an English page leaves its language behind in the thread."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def redis_url(worker_id):
    """An empty Redis database of this test process's own."""
    base, _, number = redis_address().rpartition("/")
    beside = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    url = f"{base}/{int(number) + beside}"
    store = redis.Redis.from_url(url)
    store.flushdb()
    yield url
    store.flushdb()
    store.close()


@pytest.fixture
def database_url(transactional_db):
    """Where another process (a worker, a beat) finds the database that this test writes to."""
    return postgresql.address_of(settings.DATABASES["default"])


# The browser --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": chromium_path(), "args": CHROMIUM_ARGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, live_server):
    return browser_context_args | {
        "base_url": live_server.url,
        "locale": "vi-VN",
        "timezone_id": "Asia/Ho_Chi_Minh",
        "reduced_motion": "reduce",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture
def new_context(browser, browser_context_args):
    """new_context(viewport=…, color_scheme="dark") -> a browser of its own for one more person."""
    contexts = []

    def open_context(**options):
        contexts.append(browser.new_context(**(browser_context_args | options)))
        return contexts[-1]

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def watch(live_server):
    """Watches a page; when the test ends, whatever broke the security policy, threw, or was fetched from elsewhere fails it."""
    complaints = []

    def note_console(message):
        if "Content Security Policy" in message.text:
            complaints.append(f"security policy: {message.text}")

    def note_request(request):
        if not request.url.startswith((live_server.url, "data:", "blob:", "about:")):
            complaints.append(f"fetched from elsewhere: {request.url}")

    def note_response(response):
        if response.status >= 500 and "healthz" not in response.url:
            complaints.append(f"server error {response.status}: {response.url}")

    def on(page):
        page.on("console", note_console)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("request", note_request)
        page.on("response", note_response)
        return page

    yield on
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(page, watch):
    """A stranger's page, watched."""
    return watch(page)


@pytest.fixture
def signed_in_page(new_context, live_server, watch):
    """signed_in_page(user, path="/my-work/", viewport=…, color_scheme="dark", java_script_enabled=False) -> a watched page."""

    def open_page(user, path=None, **options):
        client = Client()
        client.force_login(user)
        context = new_context(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = watch(context.new_page())
        if path is not None:
            page.goto(path)
        return page

    return open_page


# What surrounds the content, without the addresses in it, and how the page is shown.
FRAME = """() => {
    const around = [...document.body.children].filter((element) => !element.matches("main, script"))
    const html = around.map((element) => element.outerHTML).join("").replace(/ (href|action|value)="[^"]*"/g, "")
    return [html, innerWidth, matchMedia("(prefers-color-scheme: dark)").matches].join()
}"""


@pytest.fixture(scope="session")
def axe():
    """axe(page) fails with the rule, the element and the remedy of everything that axe-core finds.

    Contrast takes three quarters of its time: in a frame that was looked at before, it is looked for in the content alone."""
    engine, frames = Axe(), set()

    def violations(page, context, **options):
        return engine.run(page, context=context, options={"resultTypes": ["violations"], **options}).response["violations"]

    def check(page, context=None):
        every_rule = {"runOnly": {"type": "tag", "values": AXE_TAGS}}
        frame = page.evaluate(FRAME)
        if context is None and frame in frames:
            found = violations(page, None, **every_rule, rules={"color-contrast": {"enabled": False}})
            found += violations(page, "main", runOnly={"type": "rule", "values": ["color-contrast"]})
        else:
            found = violations(page, context, **every_rule)
        lines = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n    at {node['target']}: {node['html'][:160]}\n"
            f"    {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]
        assert not lines, f"axe on {page.url}:\n" + "\n".join(lines)
        frames.add(frame)

    return check
