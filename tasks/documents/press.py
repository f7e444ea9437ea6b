"""The rendering process: reads parts as JSON lines on its standard input, answers each with the length and bytes of a PDF.

It is a process of its own, started by tasks.documents.presses as `python -m tasks.documents.press`, because importing
WeasyPrint takes two seconds and fails where pango is missing: the web server and the worker start without it, and a
crash in a C library ends one part and not the worker. Nothing else imports this module."""

import json
import sys
from urllib.parse import unquote, urlsplit

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from tasks.documents.fonts import FACES, font_folder


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


def serve(orders, results):
    """Answers orders until the other side closes the pipe. Style sheets and fonts are read once."""
    fetcher, font_config, sheets = OnlyOurFonts(font_folder()), FontConfiguration(), {}
    results.write(b"ready\n")
    results.flush()
    for line in orders:
        order = json.loads(line)
        css = order["css"]
        if css not in sheets:
            sheets[css] = weasyprint.CSS(string=css, font_config=font_config, url_fetcher=fetcher)
        document = weasyprint.HTML(string=order["html"], url_fetcher=fetcher)
        pdf = document.write_pdf(stylesheets=[sheets[css]], font_config=font_config, pdf_variant=order["variant"])
        results.write(b"%d\n" % len(pdf))
        results.write(pdf)
        results.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
