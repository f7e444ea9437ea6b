"""The rendering process: reads parts as JSON lines on its standard input, answers each with the length and bytes of a PDF.

It is a process of its own, started by parkportal.documents.presses as `python -m parkportal.documents.press`, because
importing WeasyPrint takes two seconds and fails where pango is missing: the web server and the worker start without it, and
a crash in a C library ends one part and not the worker. Nothing else imports this module."""

import json
import select
import sys
from urllib.parse import unquote, urlsplit

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from parkportal.documents.fonts import FACES, font_folder

IDLE_SECONDS = 900  # ends after a quarter of an hour without work and gives its memory back


class OnlyOurFonts(URLFetcher):
    """Lets a document load data: addresses and the four faces, nothing of the network and no other file."""

    def __init__(self, folder):
        super().__init__(allowed_protocols=["data", "file"])
        self.files = {str(folder / name) for name in FACES}

    def fetch(self, url, headers=None):
        parts = urlsplit(url)
        if parts.scheme == "file" and unquote(parts.path) not in self.files:
            raise ValueError(f"A document may not load {url}")
        return super().fetch(url, headers)


def prune(_document, pdf):
    """Takes out of the structure tree what says nothing: a span for every line of a cell, a wrapper for every anonymous box.

    Their content becomes their parent's own. A screen reader meets the same paragraphs and cells, and the tree that has to
    be joined with those of the other parts is a quarter as large. What is taken out stays behind empty and unused."""
    elements = {thing.reference: thing for thing in pdf.objects if isinstance(thing, pydyf.Dictionary) and "K" in thing}
    root = elements.get(pdf.catalog.get("StructTreeRoot"))
    if root is None:
        return
    owners = {}

    def settle(element):
        kids = []
        for kid in element["K"]:
            child = elements.get(kid) if isinstance(kid, bytes) else None
            if child is None:
                kids.append(kid)
                continue
            settle(child)
            if child["S"] in ("/Span", "/NonStruct") and child.get("Pg") == element.get("Pg"):
                kids += child["K"]
                child.clear()
            else:
                kids.append(kid)
        for kid in kids:
            if isinstance(kid, int):
                owners[element["Pg"], kid] = element.reference
            elif kid in elements:
                elements[kid]["P"] = element.reference
        element["K"][:] = kids

    settle(root)
    pages = dict(enumerate(pdf.page_references))
    numbers = next(thing for thing in pdf.objects if isinstance(thing, pydyf.Dictionary) and "Nums" in thing)["Nums"]
    for key, entry in zip(numbers[::2], numbers[1::2], strict=True):
        if isinstance(entry, list):
            # What stands in a page's margin belongs to nobody in the tree, as WeasyPrint leaves it: it is no part of the text.
            entry[:] = [owners.get((pages[key], mark), own) for mark, own in enumerate(entry)]


def serve(orders, results):
    """Answers orders until the other side closes the pipe or is silent for long. Style sheets and fonts are read once."""
    fetcher, font_config, sheets = OnlyOurFonts(font_folder()), FontConfiguration(), {}
    results.write(b"ready\n")
    results.flush()
    while select.select([orders], [], [], IDLE_SECONDS)[0] and (line := orders.readline()):
        order = json.loads(line)
        css = order["css"]
        if css not in sheets:
            sheets[css] = weasyprint.CSS(string=css, font_config=font_config, url_fetcher=fetcher)
        document = weasyprint.HTML(string=order["html"], url_fetcher=fetcher)
        pdf = document.write_pdf(stylesheets=[sheets[css]], font_config=font_config, pdf_variant=order["variant"], finisher=prune)
        results.write(b"%d\n" % len(pdf))
        results.write(pdf)
        results.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
