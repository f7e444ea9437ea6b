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


if __name__ == "__main__":
    print(address())
