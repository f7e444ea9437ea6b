"""Figures of the board as cells: some two hundred of them stand on one page, too many for a template's tags one by one."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

FIGURE = '<a href="{}rows={}" aria-label="{}, {}: {}">{}</a>'
NOBODY = mark_safe('<span aria-hidden="true">·</span><span class="visually-hidden">0</span>')


@register.simple_tag
def figures(cells, name, address=""):
    """A <td> for each cell; its number leads to the rows behind it where an address to ask for them is given.

    `address` ends with ? or &: what is asked for is added to it."""
    return format_html_join("", "{}", ((_figure(cell, name, address, n == 0),) for n, cell in enumerate(cells)))


def _figure(cell, name, address, is_first):
    css = f"num board__figure board__figure--{cell.key}"
    if is_first:
        css += " board__first"
    if not cell.number:
        return format_html('<td class="{} board__none" data-label="{}">{}</td>', css, cell.title, NOBODY)
    number = cell.number
    if address:
        number = format_html(FIGURE, address, cell.key, name, cell.label, cell.number, cell.number)
    return format_html('<td class="{}" data-label="{}">{}</td>', css, cell.title, number)
