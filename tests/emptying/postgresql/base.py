"""Django's PostgreSQL, but quick at emptying itself after a test that commits.

Django truncates all 190 tables, and PostgreSQL gives each a new file; a test fills some ten, and deleting their few rows is
a hundred times as quick."""

from django.db.backends.postgresql import base, operations

from parkportal.tamperproof import trigger_name


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        if reset_sequences or allow_cascade:
            return super().sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        lines = []
        for table in self._filled(tables):
            quoted, trigger = self.quote_name(table), self.quote_name(trigger_name(table))
            delete = f"DELETE FROM {quoted}"
            if "_historical" in table:  # history lets nobody delete from it
                turn = f"ALTER TABLE {quoted} {{}} TRIGGER {trigger}"
                lines[:0] = [turn.format("DISABLE"), delete, turn.format("ENABLE")]
            else:
                lines.append(delete)
        return lines

    def _filled(self, tables):
        if not tables:
            return []
        asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {self.quote_name(table)})" for table in tables)
        with self.connection.cursor() as cursor:
            cursor.execute(asked)
            return [table for (table,) in cursor.fetchall()]


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
