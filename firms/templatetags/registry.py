"""How the registry's values are written on a page: capital, countries, doubts, and why a firm was found."""

from django import template
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from firms import countries, doubts, facts
from firms.index import WORD
from parkportal.text import fold

register = template.Library()
_CHOSEN = ' aria-current="true"'


@register.filter
def country(code):
    return countries.country_name(code) if code else ""


@register.filter
def money(row):
    """The capital of a project or certificate in the unit in which people say it; empty where none is stated."""
    return facts.money(row.capital, row.currency) if row.capital is not None else ""


@register.filter
def plain_number(value):
    """With separators of thousands and without zeros that say nothing."""
    return facts.number(value)


@register.filter
def other_currency(row, rates):
    """The capital in the other currency with the rate and its day; empty where no rate is recorded."""
    return facts.in_other_currency(row.capital, row.currency, rates) if row.capital is not None else ""


@register.simple_tag
def unsure(row, *names):
    """A mark beside a value that is in doubt, with the reason; nothing where it is not."""
    why = doubts.reason(row, *names)
    return format_html('<span class="unsure" title="{}">{}</span>', why, _("unsure")) if why else ""


@register.simple_tag
def hit(firms, text):
    """The text, its words marked where it says all that was searched for."""
    return marked(text, firms.meanings) if text and firms.says(text) else text


@register.simple_tag
def marked(text, words):
    """The text with some words marked, diacritics or not."""
    pieces, at = [], 0
    for found in WORD.finditer(text):
        if fold(found.group()) in words:
            pieces.append(format_html("{}<mark>{}</mark>", text[at : found.start()], found.group()))
            at = found.end()
    return mark_safe("".join(pieces) + format_html("{}", text[at:])) if pieces else text


@register.simple_tag
def reason(firms, card):
    """Why the search found this firm: (where, text), or None where its name says it."""
    return firms.reason(card)


@register.simple_tag
def facet_options(facet):
    """The values of a group as list items. Written here and not in the page: a page has a hundred of them, and a tenth of the
    time goes into each."""
    return mark_safe(
        "".join(
            f'<li{_depth(it.depth)}><a href="?{escape(it.query)}"{_CHOSEN if it.is_chosen else ""} rel="nofollow">'
            f'{escape(it.label)} <span class="count">{number_format(it.count)}</span></a></li>'
            for it in facet.options
        )
    )


def _depth(depth):
    return f' class="facet-depth--{depth}"' if depth else ""


@register.simple_tag
def zone_of(firms, card):
    return firms.zone_label(card.zone) if card.zone else ""
