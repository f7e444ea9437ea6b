"""Two versions of a text side by side, word by word, as HTML that is safe to show."""

import re
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

# Beyond this the comparison costs more than it tells: the texts are shown one after the other.
MOST_WORDS = 4000
CONTEXT = 12  # words of unchanged text kept on each side of a change


def marked(before, after):
    """What was taken out in <del>, what was put in in <ins>, and a little of the unchanged text around them."""
    old, new = _words(before), _words(after)
    if len(old) + len(new) > MOST_WORDS:
        steps = [("replace", 0, len(old), 0, len(new))]
    else:
        steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    if len(steps) == 1 and steps[0][0] == "equal":
        return format_html("{}", after)
    last = len(steps) - 1
    return mark_safe("".join(_piece(step, old, new, n == 0, n == last) for n, step in enumerate(steps)))


def _words(text):
    """Words and the spaces between them, so that joining them gives the text back."""
    return re.findall(r"\s+|[^\s]+", text or "")


def _piece(step, old, new, is_first, is_last):
    verb, i, j, k, end = step
    if verb == "equal":
        return format_html("{}", _shortened(old[i:j], is_first, is_last))
    taken = format_html("<del>{}</del>", "".join(old[i:j])) if j > i else ""
    put = format_html("<ins>{}</ins>", "".join(new[k:end])) if end > k else ""
    return format_html_join(" " if taken and put else "", "{}", [(piece,) for piece in (taken, put) if piece])


def _shortened(words, is_first, is_last):
    """Unchanged words with the far ones left out."""
    keep = 2 * CONTEXT  # every second item is a space
    head = [] if is_first else words[:keep]
    tail = [] if is_last else words[-keep:]
    if len(head) + len(tail) >= len(words):
        return "".join(words)
    return "".join(head) + " … " + "".join(tail)
