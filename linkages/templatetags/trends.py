"""The small bars of a target's figures over the years."""

from django import template

from linkages import trendpicture

register = template.Library()


@register.inclusion_tag("linkages/_trend.html")
def trend(line, day):
    bars = trendpicture.bars(line, day)
    return {"bars": bars, "width": trendpicture.STEP * len(bars), "base": trendpicture.BASE, "line": line}
