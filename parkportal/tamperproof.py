"""Makes the database itself refuse to rewrite history: a migration runs `protect` last, so that every history table is held.

PostgreSQL refuses to change and to delete rows. SQLite, the demonstration's database, refuses to change them; deleting is
left possible there, because that is how Django empties a SQLite database after a test."""

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION portal_refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'History is never rewritten (table %).', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def history_tables(apps):
    """Names of the tables that django-simple-history writes, of all apps."""
    return sorted(m._meta.db_table for m in apps.get_models() if m._meta.object_name.startswith("Historical"))


def trigger_name(table):
    return f"{table}_is_final"


def protect(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)
    for table in history_tables(apps):
        release_one(schema_editor, table)
        name, quoted = map(connection.ops.quote_name, (trigger_name(table), table))
        if connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {quoted} "
                "FOR EACH ROW EXECUTE FUNCTION portal_refuse_history_change()"
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {quoted} BEGIN SELECT RAISE(ABORT, 'History is never rewritten.'); END"
            )


def release(apps, schema_editor):
    """For a migration that has to go back."""
    for table in history_tables(apps):
        release_one(schema_editor, table)


def release_one(schema_editor, table):
    name, quoted = map(schema_editor.connection.ops.quote_name, (trigger_name(table), table))
    on = f" ON {quoted}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
