"""The migrations, run for real: they end in the very tables, constraints and triggers that the models ask for.

The other tests stand on a database that is made from the models at once (tests/settings.py); this one lets them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import ConnectionHandler, connection

from tests.postgresql import address_of

ROOT = Path(__file__).resolve().parents[2]
OURS = ("parkportal_", "tasks_", "firms_", "linkages_")
TRIGGERS = {
    "postgresql": "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
}


def schema(database):
    """{table of ours: its columns and constraints}, and the triggers; in no order, without the names that SQLite makes up."""
    found = {}
    with database.cursor() as cursor:
        for table in filter(lambda name: name.startswith(OURS), database.introspection.table_names(cursor)):
            columns = {column[:7] for column in database.introspection.get_table_description(cursor, table)}
            constraints = [
                ("" if name.startswith(("fk_", "__unnamed")) else name, sorted(rules.items(), key=str))
                for name, rules in database.introspection.get_constraints(cursor, table).items()
            ]
            found[table] = columns, sorted(constraints, key=str)
        cursor.execute(TRIGGERS[database.vendor])
        found["triggers"] = sorted(cursor.fetchall())
    return found


@pytest.fixture
def empty_database(db, tmp_path):
    """(address, settings) of a database beside the one of the tests, with nothing in it."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        path = str(tmp_path / "migrated.sqlite3")
        yield f"sqlite:///{path}", values | {"NAME": path}
        return
    name, quoted = f"{values['NAME']}_migrated", connection.ops.quote_name(f"{values['NAME']}_migrated")
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
        cursor.execute(f"CREATE DATABASE {quoted}")
    yield address_of(values | {"NAME": name}), values | {"NAME": name}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {quoted}")


def test_the_migrations_end_in_what_the_models_say(empty_database, tmp_path):
    address, values = empty_database
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "parkportal.settings",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": address,
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    other = ConnectionHandler({"default": values})["default"]
    try:
        migrated = schema(other)
    finally:
        other.close()
    assert migrated == schema(connection)
