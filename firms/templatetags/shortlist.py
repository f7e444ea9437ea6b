"""Words of the shortlist and the comparison."""

from urllib.parse import urlsplit

from django import template

from firms.countries import country_name

register = template.Library()


@register.filter
def country(code):
    return country_name(code)


@register.filter
def site(address):
    """The site of an address, for a narrow column: https://www.example.org/a/b -> example.org."""
    try:
        return (urlsplit(address).hostname or address).removeprefix("www.")
    except ValueError:
        return address
