"""Words of the shortlist and the comparison."""

from html import escape
from urllib.parse import urlsplit

from django import template
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def site(address):
    """The site of an address, for a narrow column: https://www.example.org/a/b -> example.org."""
    try:
        return (urlsplit(address).hostname or address).removeprefix("www.")
    except ValueError:
        return address


class Picks:
    """The shortlist's button in a long list. What all rows share (the form "picks", addresses, words) is said once a page."""

    def __init__(self, request):
        self.keys = request.shortlist.keys
        self.add, self.remove = reverse("shortlist_add"), reverse("shortlist_remove")
        self.on, self.off = _("On your shortlist"), _("Add to shortlist")
        self.press = _("Press to take it off")
        self.language = get_language()

    def button(self, card):
        is_on = f"firm:{card.code}" in self.keys
        address, title = self.remove if is_on else self.add, escape(card.named(self.language))
        action = f' formaction="{address}"' if is_on else ""
        words = f": {title}. {self.press}" if is_on else f": {title}"
        return mark_safe(
            f'<button class="button button--small" form="picks" name="code" value="{card.code}" id="shortlist-firm-{card.code}"'
            f'{action} hx-post="{address}" hx-include="#picks" hx-target="this" hx-swap="outerHTML" hx-push-url="false">'
            f'<span aria-hidden="true">{"✓" if is_on else "+"}</span> {self.on if is_on else self.off}'
            f'<span class="visually-hidden">{words}</span></button>'
        )


@register.simple_tag(takes_context=True)
def shortlist_picks(context):
    return Picks(context["request"])


@register.simple_tag
def pick(picks, card):
    """{% pick picks firm %}: the button of one row."""
    return picks.button(card)
