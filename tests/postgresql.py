"""Prints the address of a PostgreSQL server on which tests may make databases, or nothing: `python -m tests.postgresql`."""

import getpass
import os

import psycopg

USUAL = [
    f"postgres://{getpass.getuser()}@%2Fvar%2Frun%2Fpostgresql/postgres",
    "postgres://postgres@127.0.0.1:5432/postgres",
]


def address():
    given = os.environ.get("TEST_DATABASE_URL")
    for url in [given] if given else USUAL:
        try:
            with psycopg.connect(url, connect_timeout=2) as connection:
                may = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
                if may[0]:
                    return url
        except psycopg.OperationalError:
            continue
    return ""


def address_of(values):
    """The address under which another process finds the database of these settings."""
    user, password = values.get("USER", ""), values.get("PASSWORD", "")
    host, port = values.get("HOST", "").replace("/", "%2F"), values.get("PORT", "")
    who = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"postgres://{who}{host}{f':{port}' if port else ''}/{values['NAME']}"


if __name__ == "__main__":
    print(address())
