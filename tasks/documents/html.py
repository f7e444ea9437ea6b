"""The report as HTML: the same pieces make the preview on screen and the parts of the PDF."""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import mark_safe

from parkportal.documents import official, qr
from tasks.documents import charts, wording

TASK_CODE = re.compile(r"\bI{1,2}(?:\.\d+)+(?:\.[a-z])?")
SHORT_TABLE = 8  # rows that are kept together on one page


@dataclass(frozen=True)
class Part:
    """A piece of the document that is laid out by itself. Pages of a part that continues another go on counting."""

    name: str
    html: str
    continues: bool = False
    variant: str | None = "pdf/ua-1"  # tagged, with language and title; None for what is only laid on pages


def parts(report):
    """Body; Phụ lục I, one part a group of the plan (each begins on a new page); Phụ lục II."""
    groups = {}
    for line in report.appendix_1:
        groups.setdefault(line.code.partition(".")[0], []).append(line)
    pieces = [Part("body", _page(report, body_html(report)))]
    for place, (group, lines) in enumerate(groups.items()):
        html = _page(report, appendix_1_html(report, lines, has_head=place == 0))
        pieces.append(Part(f"appendix-1-{group}", html, continues=place > 0))
    return [*pieces, Part("appendix-2", _page(report, appendix_2_html(report)))]


def render_html(report):
    """The whole document as one page of HTML, body and both appendices."""
    return _page(report, body_html(report), appendix_1_html(report, report.appendix_1), appendix_2_html(report))


def body_html(report):
    """Head, text, signature and recipients: what the preview shows and the first part of the PDF prints."""
    sections = [
        (section, [(_unbroken(text), text.rstrip().endswith(":")) for text in texts])
        for section, texts in wording.closing(report.sections)
    ]
    context = {
        "sections": sections,
        "figures": figures(report),
        "figures_after": wording.figures_after(report),
        "opening": [(text, wording.is_ground(text)) for text in report.opening],
        "signing_lines": wording.signing_lines(report),
        "recipient_lines": wording.recipient_lines(report),
        "parent_lines": wording.parent_lines(report),
        "place_and_date": wording.place_and_date(report),
        "printed_number": wording.printed_number(report),
        "nation": official.NATION,
        "motto": official.MOTTO,
        "type_name": wording.TYPE_NAME,
        "verification": [_linked(line, report.verify_url) for line in wording.verification_lines(report)],
        "qr": qr.modules(report.verify_url),
    }
    return _rendered("body", report, context)


def appendix_1_html(report, lines, has_head=True):
    rows = []
    for line in lines:
        cells = wording.appendix_1_cells(line)
        spans = not any(cell.lines for cell in cells[2:])  # a bare heading runs across the row
        rows.append({"cells": cells[:2] if spans else cells, "spans": spans, "is_heading": line.is_heading})
    context = {
        "name": "Phụ lục I",
        "title": wording.appendix_1_title(report),
        "attached_to": wording.attached_to(report),
        "columns": [heading for heading, _width in wording.APPENDIX_1_COLUMNS],
        "rows": rows,
        "has_head": has_head,
    }
    return _rendered("appendix_1", report, context)


def appendix_2_html(report):
    context = {
        "name": "Phụ lục II",
        "title": wording.appendix_2_title(report),
        "attached_to": wording.attached_to(report),
        "columns": [heading for heading, _width in wording.APPENDIX_2_COLUMNS],
        "rows": [
            {"cells": wording.appendix_2_cells(place, line), "is_late": line.days_late > 0 or not line.submitted_at}
            for place, line in enumerate(report.appendix_2, start=1)
        ],
        "has_head": True,
    }
    return _rendered("appendix_2", report, context)


def stamps_html(words, numbers):
    """Small pages with the numbers 1 to `numbers`, then one large page with the words that lie across a draft."""
    return render_to_string("tasks/document/stamps.html", {"numbers": [str(n + 1) for n in range(numbers)], "words": words})


def figures(report):
    """The tables in the text, each with the chart that stands above it."""
    return [
        {
            "number": str(place),
            "chart": charts.stacked_bars(table),
            "title": table.title,
            "columns": table.columns,
            "is_short": len(table.rows) <= SHORT_TABLE,
            "rows": [{"name": row[0], "cells": [str(value) for value in row[1:]]} for row in table.rows],
        }
        for place, table in enumerate(report.tables, start=1)
    ]


def _rendered(template, report, context):
    with translation.override("vi"):
        return render_to_string(
            f"tasks/document/{template}.html", context | {"report": report, "is_draft": wording.is_draft(report)}
        )


def _page(report, *pieces):
    return _rendered("page", report, {"pieces": pieces, "title": wording.title(report)})


def _linked(line, url):
    """A line and the address that it ends with, if it does."""
    return (line.removesuffix(url), url) if url and line.endswith(url) else (line, "")


def _unbroken(text):
    """The text with every task's code kept on one line."""
    return mark_safe(TASK_CODE.sub(r'<span class="doc-code">\g<0></span>', escape(text)))
