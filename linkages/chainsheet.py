"""A chain's sheet as PDF: the rule line by line, the picture that the screen shows too, roles and links as tables."""

import hashlib
from pathlib import Path

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.translation import get_language

from firms.models import Authority
from linkages import chainpage
from parkportal.documents import official, pdf

INCH = 25.4  # mm
KEPT = 3600  # seconds: what is the same is laid out once
ROOM_WIDTH = 267  # mm that the picture may take on a landscape page
BESIDE, ALONE = 92, 148  # mm of height: below the rule, and on a page of its own where it would get too small there
SMALLEST = 0.72  # of its size on the screen: smaller, its words would be hard to read
PAGE = Path(__file__).with_suffix(".css")


def make(chain, day, is_officer):
    """The PDF's bytes, in the reader's language. Raises NotPossibleHere where this machine has no fonts or libraries."""
    if reason := pdf.why_not():
        raise pdf.NotPossibleHere(reason)
    page = html(chain, day, is_officer)
    key = f"chain-sheet:{hashlib.sha256(page.encode()).hexdigest()}"
    return cache.get_or_set(key, lambda: pdf.make(page, official.CSS.read_text() + PAGE.read_text()), KEPT)


def html(chain, day, is_officer):
    context = chainpage.reading(chain, day, is_officer)
    context |= {"authority": Authority.objects.filter(is_ours=True).first(), "language": get_language()}
    picture = context["picture"]
    context["stands_alone"] = picture.height > BESIDE / (SMALLEST * INCH / 96)
    context["millimetres"] = _fit(picture, ALONE if context["stands_alone"] else BESIDE)
    return render_to_string("linkages/document/chain_sheet.html", context)


def _fit(picture, height):
    """(width, height) of the picture on paper, at most as large as on a screen of 96 px an inch; as CSS writes lengths."""
    if not picture.width:
        return "0mm", "0mm"
    scale = min(INCH / 96, ROOM_WIDTH / picture.width, height / picture.height)
    return f"{picture.width * scale:.1f}mm", f"{picture.height * scale:.1f}mm"
