"""How a level of evidence is shown: so many of three boxes filled, and the words."""

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from linkages.models import EvidenceLevel

register = template.Library()


@lru_cache(maxsize=16)
def _shown(level, _language):
    boxes = mark_safe("".join(f"<i{' class=is-full' if box < level else ''}></i>" for box in range(3)))
    return format_html(
        '<span class="level"><span class="level__boxes" aria-hidden="true">{}</span> {}</span>', boxes, EvidenceLevel(level).label
    )


@register.simple_tag
def evidence_level(level):
    return _shown(level, get_language())
