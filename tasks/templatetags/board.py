"""Figures of the board as cells: some two hundred of them stand on one page, too many for a template's tags one by one."""

from html import escape

from django import template
from django.utils.safestring import mark_safe

register = template.Library()

NOBODY = '<span aria-hidden="true">·</span><span class="visually-hidden">0</span>'


@register.simple_tag
def figures(cells, name, address=""):
    """A <td> for each cell; its number leads to the rows behind it where an address to ask for them is given.

    `address` ends with ? or &: what is asked for is added to it. Labels and names are escaped here, once for each."""
    name, address = escape(str(name)), escape(str(address))
    return mark_safe("".join(_figure(cell, name, address, n == 0) for n, cell in enumerate(cells)))


def _figure(cell, name, address, is_first):
    label, number = escape(cell.label), cell.number
    css = f"num board__figure board__figure--{cell.key}{' board__first' if is_first else ''}{'' if number else ' board__none'}"
    if not number:
        inside = NOBODY
    elif address:
        inside = f'<a href="{address}rows={cell.key}" aria-label="{name}, {label}: {number:d}">{number:d}</a>'
    else:
        inside = f"{number:d}"
    return f'<td class="{css}" data-label="{label[:1].upper()}{label[1:]}">{inside}</td>'
