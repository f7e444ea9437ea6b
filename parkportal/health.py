"""Whether the portal can do its work now: database, cache, migrations, and the worker's schedule."""

from datetime import timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from parkportal.models import Heartbeat

# The schedule beats every minute; after so long without a beat no reminder goes out.
SILENCE = timedelta(minutes=5)
OK = "ok"


def web():
    """What a page needs, as {part: "ok" or what is wrong}."""
    return {"database": _database(), "cache": _cache(), "migrations": _migrations()}


def everything(now):
    """What a page and the background work need."""
    parts = web()
    return parts | {"schedule": _schedule(now) if parts["database"] == OK else "unknown"}


def _database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "no answer"
    return OK


def _cache():
    try:
        cache.set("healthz", OK, 30)
        return OK if cache.get("healthz") == OK else "does not keep what it is given"
    except Exception:
        return "no answer"


def _migrations():
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return "unknown"
    return f"{waiting} not applied" if waiting else OK


def _schedule(now):
    try:
        beat = Heartbeat.objects.filter(name="schedule").first()
    except DatabaseError:
        return "unknown"
    if beat is None:
        return "has never run"
    if now - beat.at > SILENCE:
        return f"silent for {int((now - beat.at).total_seconds() // 60)} minutes"
    return OK
