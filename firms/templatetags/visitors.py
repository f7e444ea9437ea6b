"""What the public forms and the firm page need of the registry's visitors."""

from django import template
from django.utils import timezone

from firms import gatekeeper

register = template.Library()


@register.inclusion_tag("firms/_gate.html")
def gate():
    """The fields by which a form proves that a person filled it in."""
    return {"bait": gatekeeper.BAIT, "stamp_name": gatekeeper.STAMP, "stamp": gatekeeper.stamp(timezone.now())}


@register.filter
def is_outdated(day, today):
    """Whether what the firm confirmed on the day was confirmed more than twelve months before today."""
    return (day.year + 1, day.month, day.day) < (today.year, today.month, today.day)
