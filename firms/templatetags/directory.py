"""What a search of the directory is answered with: hits marked, the reason for each, the rows of the list, the groups' values.

Rows and values are written here and not in the page: there are a hundred of them, and so each takes a tenth of the time."""

from functools import lru_cache
from html import escape

from django import template
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from parkportal.text import folded_words

register = template.Library()
_CHOSEN = ' aria-current="true"'


@register.simple_tag
def hit(firms, text):
    """The text, its words marked where it says all that was searched for."""
    return mark_safe(_told(firms, text))


@register.simple_tag
def marked(text, words):
    """The text with some words marked, diacritics or not."""
    return mark_safe(_marked(text, words))


def _told(firms, text):
    return _marked(text, firms.meanings) if firms.says(text) else escape(text)


def _marked(text, words):
    pieces, at = [], 0
    for start, end, folded in folded_words(text):
        if folded in words:
            pieces.append(f"{escape(text[at:start])}<mark>{escape(text[start:end])}</mark>")
            at = end
    return "".join(pieces) + escape(text[at:])


@register.simple_tag
def reason(firms, card):
    """Why the search found this firm: (where, text), or None where its name says it."""
    return firms.reason(card)


@register.simple_tag
def zone_of(firms, card):
    return firms.zone_label(card.zone) if card.zone else ""


@register.simple_tag
def firm_lines(firms, picks):
    """The rows of the list as a table's rows; `picks` writes the button of each (firms.templatetags.shortlist)."""
    said = {
        "zone": _("Zone"), "country": _("Country"), "capital": _("Registered capital"), "status": _("Status"),
        "unsure": _("unsure"), "unstated": pgettext("value", "not stated"), "found": _("Found in"),
    }  # fmt: skip
    return mark_safe("".join(_line(firms, card, address, picks, said) for card, address in firms.rows))


def _line(firms, card, address, picks, said):
    zone = escape(firms.zone_label(card.zone)) if card.zone else f'<span class="meta">{said["unstated"]}</span>'
    doubt = card.doubt
    unsure = f' <span class="unsure" title="{escape(doubt)}">{said["unsure"]}</span>' if doubt else ""
    return (
        f'<tr><td class="firm-name"><a class="row-link" href="{escape(address)}">{_told(firms, card.named(firms.language))}</a>'
        f'{_makes(firms, card)}{_why(firms, card, said)}<div class="firm-pick">{picks.button(card)}</div></td>'
        f'<td data-label="{said["zone"]}">{zone}</td><td data-label="{said["country"]}">{escape(card.country_words)}</td>'
        f'<td class="num" data-label="{said["capital"]}">{escape(card.capital_words)}</td>'
        f'<td data-label="{said["status"]}">{escape(card.status_words)}{unsure}</td></tr>\n'
    )


def _makes(firms, card):
    text = card.made(firms.language)
    return f'<span class="firm-makes">{_told(firms, text)}</span>' if text else ""


def _why(firms, card, said):
    why = firms.reason(card)
    if not why:
        return ""
    where, text = why
    words = f" – {_marked(text, firms.meanings)}" if text else ""
    return f'<span class="meta">{said["found"]}: {escape(where)}{words}</span>'


@register.simple_tag
def facet_options(facet):
    """The values of a group as list items."""
    language = get_language()
    return mark_safe(
        "".join(
            f'<li{_depth(it.depth)}><a href="?{escape(it.query)}"{_CHOSEN if it.is_chosen else ""} rel="nofollow">'
            f'{escape(it.label)} <span class="count">{_figure(it.count, language)}</span></a></li>'
            for it in facet.options
        )
    )


@lru_cache(maxsize=4096)
def _figure(count, language):
    return number_format(count)


def _depth(depth):
    return f' class="facet-depth--{depth}"' if depth else ""
