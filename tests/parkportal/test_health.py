"""What the monitoring is told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from parkportal import health
from parkportal.models import Heartbeat
from tests.builders import NOW

pytestmark = pytest.mark.django_db


def test_all_is_well_while_the_schedule_beats(client):
    Heartbeat.objects.create(name="schedule", at=timezone.now())
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "parts": {"database": "ok", "cache": "ok", "migrations": "ok", "schedule": "ok"},
    }
    assert "no-store" in answer["Cache-Control"]


def test_a_schedule_that_never_ran_is_told(client):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["schedule"] == "has never run"


def test_a_silent_schedule_is_told_with_its_minutes():
    Heartbeat.objects.create(name="schedule", at=NOW - timedelta(minutes=17))
    assert health.everything(NOW)["schedule"] == "silent for 17 minutes"


def test_the_web_server_is_not_blamed_for_a_silent_worker(client):
    answer = client.get("/healthz?only=web")
    assert answer.status_code == 200
    assert "schedule" not in answer.json()["parts"]


def test_a_migration_that_is_not_applied_is_told(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")
    answer = client.get("/healthz?only=web")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"].endswith("not applied")


def test_a_cache_that_does_not_answer_is_told_without_its_address(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://:secret-word@127.0.0.1:1/0",
        }
    }
    answer = client.get("/healthz?only=web")
    assert answer.status_code == 503
    assert answer.json()["parts"]["cache"] == "no answer"
    assert "secret-word" not in answer.content.decode()
