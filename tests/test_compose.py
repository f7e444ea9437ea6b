"""The server's description, as far as it can be held to the code without an engine to run it."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = (ROOT / "parkportal" / "settings.py").read_text()
READ = set(re.findall(r'env\.\w+\("([A-Z_]+)"', SETTINGS)) | set(re.findall(r'required\("([A-Z_]+)"\)', SETTINGS))
REQUIRED = set(re.findall(r'required\("([A-Z_]+)"\) if PRODUCTION', SETTINGS)) | {"ALLOWED_HOSTS"}
OURS = ["migrate", "web", "worker", "beat"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def dockerfile_steps():
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    return [line.split(maxsplit=1) for line in joined.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_compose_sets_is_one_that_settings_read(name):
    assert set(SERVICES[name]["environment"]) <= READ


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_production_requires_is_set(name):
    assert set(SERVICES[name]["environment"]) >= REQUIRED


def test_settings_do_require_what_this_test_thinks():
    assert {
        "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL",
    } == REQUIRED  # fmt: skip


def test_no_secret_stands_in_the_file():
    for name in OURS:
        for variable in ["SECRET_KEY", "EMAIL_URL", "OIDC_CLIENT_SECRET"]:
            assert SERVICES[name]["environment"][variable].startswith("${")
    assert SERVICES["db"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_a_server_is_given_the_plan_and_the_registry_before_it_starts():
    steps = SERVICES["migrate"]["command"][-1]
    assert steps.index("migrate") < steps.index("load_plan") < steps.index("load_registry") < steps.index("load_linkages")
    assert "load_demonstration" not in steps


def test_web_worker_and_beat_wait_for_the_migration_and_are_watched():
    for name in ["web", "worker", "beat"]:
        service = SERVICES[name]
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert service["healthcheck"]["test"]
    for name in ["db", "redis"]:
        assert SERVICES[name]["healthcheck"]["test"]


def test_beat_runs_alone_and_the_worker_carries_no_second_one():
    assert "beat" in SERVICES["beat"]["command"]
    assert "-B" not in SERVICES["worker"]["command"]


def test_everything_that_must_survive_lies_in_a_named_volume():
    used = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"]) == {"database", "files", "queue"}


def test_the_database_is_not_reachable_from_outside():
    assert "ports" not in SERVICES["db"]
    assert "ports" not in SERVICES["redis"]
    assert SERVICES["web"]["ports"] == ["${BIND:-127.0.0.1:8000}:8000"]


def test_the_image_runs_as_nobody_special():
    last_user = [rest for step, rest in dockerfile_steps() if step == "USER"][-1]
    assert last_user == "portal"
    assert f" {last_user} " in " ".join(rest for step, rest in dockerfile_steps() if step == "RUN") + " "


def test_the_image_copies_only_what_exists_and_forgets_no_part_of_the_portal():
    copied = set()
    for step, rest in dockerfile_steps():
        if step == "COPY" and not rest.startswith("--from"):
            copied |= {name.removeprefix("./") for name in shlex.split(rest)[:-1]}
    assert {name for name in copied if not (ROOT / name).exists()} == set()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert copied >= packages | {"manage.py", "requirements.txt", "templates", "static", "fixtures"}


def test_every_management_command_that_is_called_exists():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} | {"migrate", "collectstatic", "check"}
    text = DOCKERFILE + (ROOT / "docker-compose.yml").read_text()
    called = set(re.findall(r"manage\.py ([a-z_]+)(?![a-z_.])", text))
    assert called
    assert called <= commands


def test_the_images_and_ci_install_the_same_system_packages():
    for name in ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-croscore"]:
        assert name in DOCKERFILE
        assert name in (ROOT / ".ci" / "run").read_text()
