"""Lists of values with their figures, written at once: a page has a hundred of them, and a template would take longer over
them than everything else takes."""

from django import template
from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import ngettext

register = template.Library()


def figure(number):
    return localize(number) if number > 999 else str(number)


def _option(option):
    depth = f' class="facet-depth--{option.depth}"' if option.depth else ""
    chosen = ' aria-current="true"' if option.is_chosen else ""
    return (
        f'<li{depth}><a href="?{escape(option.query)}"{chosen} rel="nofollow">{escape(option.label)} '
        f'<span class="count">{figure(option.count)}</span></a></li>'
    )


def _facet(facet):
    rest = ""
    if facet.rest:
        more = ngettext("{n} more", "{n} more", facet.rest).format(n=figure(facet.rest))
        rest = (
            f'<li class="facet-rest"><a href="?{escape(facet.more)}" rel="nofollow">{escape(more)}'
            f'<span class="visually-hidden">: {escape(facet.label)}</span></a></li>'
        )
    return f'<div><h2>{escape(facet.label)}</h2><ul class="facets">{"".join(map(_option, facet.options))}{rest}</ul></div>'


@register.simple_tag
def facet_lists(facets):
    return mark_safe("".join(map(_facet, facets)))
