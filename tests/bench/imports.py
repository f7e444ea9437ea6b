"""How long the import of a workbook takes, against reading it and bulk_create alone, and against django-import-export's defaults.

    .venv/bin/python -m tests.bench.imports [rows]

All three take the same generated workbook: 15 columns, a firm with its project in each row, every cell in use.
(a) bare: calamine reads it, Firm and Project are created by bulk_create, nothing is checked and no history is written.
(b) django-import-export as it comes: ModelResource, openpyxl, a dry run for the preview and then the import; firms alone, and of
    a smaller file, because it would take minutes; its time is carried over to the same number of rows.
(c) ours: read, map, check every cell, recognise firms and duplicates, keep the preview, commit with history, all or nothing.
The rounds alternate, so that a machine whose speed wanders treats them alike; medians count. On PostgreSQL where it is reachable
(database portal_bench_imports), else on SQLite."""

import os
import shutil
import subprocess
import sys
import tempfile

from tests.bench.pages import scratch_database

ROWS = 20_000


def main(count):
    """In a process of its own, with a scratch database and folder."""
    folder = tempfile.mkdtemp(prefix="portal-bench-")
    database, words = scratch_database("portal_bench_imports")
    environment = {name: value for name, value in os.environ.items() if name not in ("PORTAL_MODE", "DEBUG", "REDIS_URL")}
    environment |= {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.bench.portal.settings", "LOG_LEVEL": "ERROR"} | database
    command = [sys.executable, "-m", "tests.bench.portal.importing", str(count), words]
    try:
        raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
