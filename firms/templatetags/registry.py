"""How the registry's values are written on a page: capital, countries, doubts."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from firms import countries, doubts, facts

register = template.Library()


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


@register.filter
def doubt_words(reason):
    """What a reader is told of a stored reason."""
    return doubts.words(reason)


@register.simple_tag
def unsure(row, *names):
    """A mark beside a value that is in doubt, with the reason; nothing where it is not."""
    why = doubts.reason(row, *names)
    return format_html('<span class="unsure" title="{}">{}</span>', why, _("unsure")) if why else ""
