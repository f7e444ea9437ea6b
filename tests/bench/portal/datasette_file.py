"""Writes the filled registry's public firms into a SQLite file as Datasette likes it best: one table, an index on every facet,
full-text search over the same texts: `python -m tests.bench.portal.datasette_file FILE`."""

import json
import os
import sqlite3
import sys
from collections import defaultdict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.portal.settings")

import django

django.setup()

from firms.entries import BANDS  # noqa: E402
from firms.models import Capability, Firm, FirmName, Project, Qualification  # noqa: E402
from parkportal.text import fold  # noqa: E402

# As the directory's groups are called; the last two hold lists.
FACETS = ["zone", "sector", "country", "status", "capital_type", "capital", "year", "high_tech", "supporting", "spare"]
LISTS = ["capability", "qualification"]
COLUMNS = ["code", "name", "name_en", *FACETS, *LISTS, "text"]
MILLION = 1_000_000
DONG = 26_000  # only to have as many bands as the directory; no figure is shown


def gathered(model, *names):
    """{firm's pk: its rows' values}"""
    found = defaultdict(list)
    for pk, *values in model.objects.values_list("firm", *names):
        found[pk].append(values)
    return found


def band(projects):
    dollars = sum(float(amount) / (DONG if currency == "VND" else 1) for amount, currency in projects if amount)
    return next(name for name, end in BANDS if dollars / MILLION < end) if dollars else ""


def rows():
    names, skills = gathered(FirmName, "name"), gathered(Capability, "name", "name_en", "process", "materials", "spare_percent")
    qualities, projects = gathered(Qualification, "kind"), gathered(Project, "capital", "currency")
    for firm in Firm.objects.public().in_order().select_related("zone", "sector"):
        texts = [firm.name, firm.name_en, firm.short_name, firm.intro, firm.zone.name, firm.sector.name, firm.sector.name_en]
        texts += [name for (name,) in names[firm.pk]] + [text for *some, _spare in skills[firm.pk] for text in some]
        facets = [firm.zone.code, firm.sector.key, firm.country, firm.status, firm.capital_type, band(projects[firm.pk])]
        facets += [firm.founded_year, firm.high_tech, "yes" if firm.is_supporting else ""]
        facets += ["yes" if any(spare for *_some, spare in skills[firm.pk]) else ""]
        lists = [sorted({skill[2] for skill in skills[firm.pk]}), [kind for (kind,) in qualities[firm.pk]]]
        yield [firm.code, firm.name, firm.name_en, *facets, *map(json.dumps, lists), fold(*texts)]


def write(path):
    file = sqlite3.connect(path)
    file.execute(f"CREATE TABLE firms (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
    file.executemany(f"INSERT INTO firms ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})", rows())
    for name in FACETS:
        file.execute(f"CREATE INDEX firms_{name} ON firms ({name})")
    # Datasette finds the search by these quotation marks.
    file.execute('CREATE VIRTUAL TABLE firms_fts USING fts5(text, content="firms", content_rowid="id")')
    file.execute("INSERT INTO firms_fts (firms_fts) VALUES ('rebuild')")
    file.execute("ANALYZE")
    file.commit()
    return {"rows": file.execute("SELECT count(*) FROM firms").fetchone()[0]}


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1])))
