"""The official PDF: parts laid out side by side, unchanged ones taken from where they were kept, joined into one document."""

import hashlib
from concurrent.futures import FIRST_COMPLETED, wait

from parkportal.documents import fonts, official, presses
from parkportal.documents.pdf import NotPossibleHere, why_not
from tasks.documents import html, join, wording
from tasks.documents.html import Part

HEARTBEAT = 5  # seconds after which progress is told even where there is none, so that nobody takes the work for dead
NUMBERS = 60  # page numbers made beside the parts; a longer appendix has more made afterwards


def make(report, kept=None, progress=None):
    """The report's bytes. `kept` maps a key to the bytes of a part (`get`, `put`); `progress` is told whole percents."""
    if reason := why_not():
        raise NotPossibleHere(reason)
    kept = Nowhere() if kept is None else kept
    progress = progress or (lambda percent: None)
    parts = html.parts(report)
    *pdfs, stamps = _layouts([*parts, _stamps(report, NUMBERS)], kept, lambda share: progress(5 + round(80 * share)))
    document = join.Joined(parts, pdfs)
    if max(document.numbers) > NUMBERS:
        stamps = _layouts([_stamps(report, max(document.numbers))], kept, lambda share: None)[0]
    progress(88)
    document.lay(stamps)
    progress(92)
    return document.write(title=wording.title(report), author=report.issuing_body)


class Nowhere:
    """Keeps nothing."""

    def get(self, key):
        return None

    def put(self, key, pdf):
        pass


def style_sheet():
    """Typeface, the sheet itself, and the columns' widths, which Word and the screen take from the same list."""
    columns = [
        f".doc-appendix-{number} .doc-col-{place} {{ width: {width}mm }}"
        for number, headings in ((1, wording.APPENDIX_1_COLUMNS), (2, wording.APPENDIX_2_COLUMNS))
        for place, (_heading, width) in enumerate(headings, start=1)
    ]
    return "\n".join([fonts.font_face_css(fonts.font_folder()), official.CSS.read_text(), *columns])


def _layouts(parts, kept, progress):
    css = style_sheet()
    keys = [hashlib.sha256(f"{css}\0{part.html}\0{part.variant}".encode()).hexdigest() for part in parts]
    pdfs = {place: pdf for place, key in enumerate(keys) if (pdf := kept.get(key))}
    total = sum(len(part.html) for part in parts)
    done = sum(len(parts[place].html) for place in pdfs)
    with presses.executor() as threads:
        # The longest part first: it decides when the last one is ready.
        waiting = sorted((place for place in range(len(parts)) if place not in pdfs), key=lambda place: -len(parts[place].html))
        orders = {
            threads.submit(presses.render, {"html": parts[place].html, "css": css, "variant": parts[place].variant}): place
            for place in waiting
        }
        pending = set(orders)
        while pending:
            finished, pending = wait(pending, timeout=HEARTBEAT, return_when=FIRST_COMPLETED)
            for order in finished:
                place = orders[order]
                pdfs[place] = order.result()
                kept.put(keys[place], pdfs[place])
                done += len(parts[place].html)
            progress(done / total)
    return [pdfs[place] for place in range(len(parts))]


def _stamps(report, numbers):
    return Part("stamps", html.stamps_html(wording.stamps(report), numbers), variant=None)
