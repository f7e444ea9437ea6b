"""What the public forms and the firm page need of the registry's visitors."""

from django import template
from django.utils import timezone
from django.utils.translation import ngettext

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


@register.filter
def until(start, end):
    """How long it is from one moment to the other, in one unit: 20 minutes, 36 hours, 9 days."""
    minutes = max(0, int((end - start).total_seconds()) // 60)
    if minutes < 60:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    if minutes < 48 * 60:
        return ngettext("{n} hour", "{n} hours", minutes // 60).format(n=minutes // 60)
    return ngettext("{n} day", "{n} days", minutes // 1440).format(n=minutes // 1440)
