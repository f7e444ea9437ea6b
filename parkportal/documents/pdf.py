"""A simple document as PDF, laid out in one piece; the yearly report's many parts are tasks.documents.pdf."""

from parkportal.documents import fonts, presses


class NotPossibleHere(Exception):
    """The libraries or the typeface are not installed; the message names the command that installs them."""


def why_not():
    """Why this machine cannot make a PDF, or nothing."""
    lacking = fonts.missing()
    return f"{', '.join(lacking)}: {fonts.APT_LINE}" if lacking else ""


def make(html, css):
    """The bytes of a tagged PDF (pdf/ua-1). `html` is a whole page with its language and title and gets title and tags from
    there; `css` says `font-family: Tinos`. Pictures are data: addresses. Raises NotPossibleHere, or PressFailed."""
    if reason := why_not():
        raise NotPossibleHere(reason)
    faces = fonts.font_face_css(fonts.font_folder())
    return presses.render({"html": html, "css": f"{faces}\n{css}", "variant": "pdf/ua-1"})
