"""What every page of the linkage programme shows: the way to its other parts."""

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

register = template.Library()


def _parts():
    return [
        ("chain_list", _("Chains"), False),
        ("opportunity_list", _("Opportunities"), False),
        ("posting_list", _("Needs and offers"), False),
        ("session_list", _("Matching sessions"), False),
        ("link_list", _("Network"), False),
        ("agreement_list", _("Agreements"), False),
        ("training_list", _("Training"), False),
        ("target_list", _("Targets"), False),
        ("import_gaps", _("Import substitution"), True),
        ("match_list", _("Matches"), True),
        ("application_list", _("Applications"), True),
        ("partner_list", _("Partners"), True),
    ]


@register.simple_tag(takes_context=True)
def linkage_sections(context):
    """[(label, address, whether this page is it)] of the parts that this person may open."""
    request = context["request"]
    is_officer = getattr(request.user, "keeps_linkages", False)
    parts = []
    for name, label, for_officers in _parts():
        if for_officers and not is_officer:
            continue
        parts.append((label, reverse(name), request.path == reverse(name)))
    return parts
