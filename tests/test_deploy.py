"""Production starts only with everything given, and says which variable is missing; the demonstration never slips in."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from parkportal.checks import no_demonstration_accounts
from parkportal.models import User
from tests.builders import PASSWORD, make_user

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
GIVEN = {
    "PORTAL_MODE": "production",
    "SECRET_KEY": "k3Q" * 20,
    "ALLOWED_HOSTS": "portal.example",
    "SITE_URL": "https://portal.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "DEFAULT_FROM_EMAIL": "portal@portal.example",
}


def run(tmp_path, code, **changes):
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "parkportal.settings"}
    environment |= {name: value for name, value in (GIVEN | changes).items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


IMPORT = "import parkportal.settings"


def test_production_starts_with_everything_given(tmp_path):
    done = run(tmp_path, IMPORT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [name for name in GIVEN if name != "PORTAL_MODE"])
@pytest.mark.parametrize("value", [None, ""])
def test_production_names_the_variable_that_is_missing(tmp_path, name, value):
    done = run(tmp_path, IMPORT, **{name: value})
    assert done.returncode != 0
    assert f"Set {name} in the environment" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("SECRET_KEY", "change-me-" * 8, "still the example"),
        ("DEBUG", "1", "leave it out in production"),
        ("PORTAL_MODE", "prod", "write demonstration or production"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("SITE_URL", "http://portal.example", "https://"),
        ("LOG_FORMAT", "xml", "write line or json"),
        ("OIDC_SERVER_URL", "https://id.example", "Set OIDC_CLIENT_ID"),
    ],
)
def test_production_refuses_what_would_be_unsafe(tmp_path, name, value, words):
    done = run(tmp_path, IMPORT, **{name: value})
    assert done.returncode != 0
    assert words in done.stderr


def test_an_error_names_no_secret(tmp_path):
    done = run(tmp_path, IMPORT, SECRET_KEY="my-own-weak-secret")
    assert "my-own-weak-secret" not in done.stderr.replace('SECRET_KEY="my-own-weak-secret"', "")


def test_production_requires_cookies_and_addresses_by_https(tmp_path):
    names = [
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECOND_FACTOR_REQUIRED",
        "SECURE_HSTS_SECONDS",
    ]
    done = run(tmp_path, f"import json, parkportal.settings as s; print(json.dumps([bool(getattr(s, n)) for n in {names}]))")
    assert json.loads(done.stdout) == [True] * len(names)


def test_the_demonstration_needs_nothing_and_keeps_a_secret_of_its_own(tmp_path):
    code = "import parkportal.settings as s; print(s.SECRET_KEY)"
    nothing = dict.fromkeys(GIVEN)
    first, second = run(tmp_path / "a", code, **nothing), run(tmp_path / "a", code, **nothing)
    other = run(tmp_path / "b", code, **nothing)
    assert first.returncode == 0, first.stderr
    assert len(first.stdout.strip()) >= 50
    assert first.stdout == second.stdout != other.stdout
    assert (tmp_path / "a" / "secret_key").stat().st_mode & 0o077 == 0


def test_logs_can_be_lines_of_json(tmp_path):
    code = "import django, logging; django.setup(); logging.getLogger('portal').warning('Đã gửi %d thư', 3)"
    done = run(tmp_path, code, LOG_FORMAT="json")
    line = json.loads(done.stderr.strip().splitlines()[-1])
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "portal", "Đã gửi 3 thư")


@pytest.mark.django_db
def test_demonstration_accounts_are_not_made_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("load_demonstration")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_demonstration_account_opens_nothing_in_production(settings):
    person = make_user(is_demonstration=True)
    assert Client().login(request=None, email=person.email, password=PASSWORD)
    client = Client()
    client.force_login(person)
    settings.PRODUCTION = True
    assert not Client().login(request=None, email=person.email, password=PASSWORD)
    assert client.get("/my-work/").status_code == 302, "a session from before is worth nothing either"


@pytest.mark.django_db
def test_the_deployment_check_finds_demonstration_accounts(settings):
    make_user(is_demonstration=True)
    assert no_demonstration_accounts(None, databases=["default"]) == []
    settings.PRODUCTION = True
    assert [error.id for error in no_demonstration_accounts(None, databases=["default"])] == ["parkportal.E001"]


@pytest.mark.django_db
def test_the_demonstrations_launcher_refuses_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="docker-compose.yml"):
        call_command("dev")
