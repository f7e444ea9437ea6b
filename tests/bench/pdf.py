"""Prints how long the PDF takes, as ratios to Chromium's print of the same HTML, measured in turns in one run.

    python -m tests.bench.pdf

cold: nothing kept, and the rendering processes not yet started; warm: nothing kept, processes as the worker has them;
edited: one section of the text has changed, the other parts are kept. Chromium is started for every print, as a program
that prints on demand would start it; it prints no page numbers and no structure of ours is joined."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from parkportal.documents import presses  # noqa: E402
from tasks.documents import html, pdf  # noqa: E402
from tests.tasks.sample_report import sample_report  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ROUNDS = 5


class Kept(dict):
    put = dict.__setitem__


def edited(report, turn):
    sections = list(report.sections)
    paragraphs = [replace(sections[0].paragraphs[0], text=f"Lần sửa thứ {turn}. {sections[0].paragraphs[0].text}")]
    sections[0] = replace(sections[0], paragraphs=[*paragraphs, *sections[0].paragraphs[1:]])
    return replace(report, sections=sections)


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def chromium(report, folder):
    page = folder / "report.html"
    style = f"<style>{pdf.style_sheet()}</style></head>"
    page.write_text(html.render_html(report).replace("</head>", style))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-pdf-header-footer"]
    target = folder / "report.pdf"
    subprocess.run([CHROMIUM, *options, f"--print-to-pdf={target}", page.as_uri()], check=True, capture_output=True, timeout=120)
    return target


def measure(report, folder):
    kept, times = Kept(), {"chromium": [], "cold": [], "warm": [], "edited": []}
    pdf.make(report, kept)
    for turn in range(ROUNDS):
        times["chromium"].append(timed(lambda: chromium(report, folder)))
        presses.close_all()
        times["cold"].append(timed(lambda: pdf.make(report)))
        times["warm"].append(timed(lambda: pdf.make(report)))
        changed = edited(report, turn)
        times["edited"].append(timed(lambda: pdf.make(changed, kept)))  # noqa: B023
    return {name: statistics.median(values) for name, values in times.items()}


def main():
    if not Path(CHROMIUM).exists():
        sys.exit(f"pdf: not measured, {CHROMIUM} is not there")
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(sample_report(), Path(folder))
    base = seconds.pop("chromium")
    ratios = ", ".join(f"{name} {value / base:.2f}x ({value:.2f} s)" for name, value in seconds.items())
    print(f"pdf against Chromium's print of the same HTML ({base:.2f} s): {ratios}")


if __name__ == "__main__":
    main()
