"""The network's picture, its table and its rows, written at once: hundreds of small pieces, for which templates are slow."""

from django import template
from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from linkages.models import EvidenceLevel, Link
from linkages.templatetags.links import evidence_level

register = template.Library()


def figure(number):
    return localize(number) if number > 999 else str(number)


@register.simple_tag
def network_zones(picture):
    return mark_safe("".join(map(_zone, picture.nodes)))


def _zone(node):
    within = ""
    if node.within:
        within = f'<span class="visually-hidden"> ({escape(_("{n} within").format(n=figure(node.within)))})</span>'
    label = escape(node.label)
    return (
        f'<li><a href="?{escape(node.query)}" rel="nofollow" title="{label}">{label}</a> '
        f'<span class="count">{figure(node.links)}</span>{within}</li>'
    )


@register.simple_tag
def network_arcs(picture):
    return mark_safe("".join([*map(_arc, picture.arcs), *map(_node, picture.nodes)]))


def _arc(arc):
    number = f'<text x="{arc.x}" y="{arc.y}">{figure(arc.links)}</text>' if arc.x else ""
    return (
        f'<a href="?{escape(arc.query)}" tabindex="-1"><path class="arc arc--{arc.kind or "mixed"}" d="{arc.path}" '
        f'stroke-width="{arc.width}"><title>{escape(arc.label)}</title></path>{number}</a>'
    )


def _node(node):
    loop = f'<path class="arc arc--mixed" d="{node.loop}" stroke-width="1.5"/>' if node.loop else ""
    return f'{loop}<circle cx="10" cy="{node.y}" r="{node.radius:.1f}"><title>{escape(node.label)}: {node.links}</title></circle>'


@register.simple_tag
def network_pairs(picture):
    return mark_safe("".join(map(_pair, picture.rows)))


def _pair(row):
    kinds = escape("; ".join(f"{words} {figure(number)}" for words, number in row.kinds))
    return (
        f'<tr><td><a class="row-link" href="?{escape(row.query)}" rel="nofollow">{escape(row.label)}</a></td>'
        f'<td>{kinds}</td><td class="num">{figure(row.links)}</td></tr>'
    )


@register.simple_tag
def network_rows(links):
    """The rows of the page; each cell names itself for a phone."""
    heads = [escape(it) for it in (_("Who supplies"), _("Who takes"), _("What flows"), _("Evidence"), _("State"))]
    words = [{value: escape(capfirst(str(label))) for value, label in Link.Kind.choices}]
    words.append({value: escape(str(label)) for value, label in Link.State.choices})
    words.append([evidence_level(level) for level in EvidenceLevel.values])
    badges = [f' <span class="badge">{escape(it)}</span>' for it in (_("Demonstration"), _("internal"))]
    return mark_safe("".join(_row(heads, words, badges, links, *it) for it in links.rows))


def _row(heads, words, badges, links, it, address, target):
    kinds, states, levels = words
    source, taker = escape(it.source.called(links.language)), escape(it.target.called(links.language))
    taken = f'<a href="{escape(target)}">{taker}</a>' if target else taker
    subject = it.subject(links.language)
    cells = [
        f'<a class="row-link" href="{escape(address)}">{source}<span class="visually-hidden"> → {taker}</span></a>'
        f"{badges[0] if it.row['is_demonstration'] else ''}",
        taken,
        kinds[it.row["kind"]] + (f'<span class="meta link-subject">{escape(subject)}</span>' if subject else ""),
        levels[it.level],
        f"{states[it.row['state']]}{badges[1] if links.is_officer and not it.row['is_public'] else ''}",
    ]
    return "<tr>" + "".join(f'<td data-label="{head}">{cell}</td>' for head, cell in zip(heads, cells, strict=True)) + "</tr>"
