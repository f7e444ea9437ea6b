"""What every page of the linkage programme shows: the way to its other parts."""

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from linkages.access import boards_of

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
    """[(label, address, "page" for this page, "true" for one below it)] of the parts that this person may open."""
    request = context["request"]
    is_officer = getattr(request.user, "keeps_linkages", False)
    parts = [(name, label) for name, label, for_officers in _parts() if is_officer or not for_officers]
    if not is_officer and boards_of(request.user, timezone.localdate()).exists():
        parts.insert(0, ("board_home", _("My board")))
    return [(label, reverse(name), _where(request.path, reverse(name))) for name, label in parts]


def _where(here, address):
    return "page" if here == address else "true" if here.startswith(address) else ""
