"""What every page's frame needs: the sections this person may open, the way to the other language, and the demonstration."""

from functools import partial

from django.conf import settings
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def frame(request):
    language = get_language()
    other = "en" if language == "vi" else "vi"
    here, there = request.get_full_path(), translate_url(request.get_full_path(), other)
    languages = {language: here, other: there}
    return {
        "is_demonstration": settings.DEMONSTRATION,
        "language": language,
        "other_language": other,
        "other_language_url": there,
        # For search engines: the page's address without what only narrows it down, and the page in every language.
        "canonical_url": request.build_absolute_uri(request.path),
        "alternates": [
            (name, request.build_absolute_uri(languages[code]))
            for name, code in [("vi", "vi"), ("en", "en"), ("x-default", settings.LANGUAGE_CODE)]
            if here != there
        ],
        # A callable, so that fragments and files, which show no sections, ask the database nothing.
        "sections": partial(sections, request),
    }


def sections(request):
    """The header's links for this person, the open one marked."""
    links = [{"label": label, "url": reverse(name)} for name, label in names_of_sections(request.user)]
    here = [link for link in links if request.path.startswith(link["url"])]
    if here:
        nearest = max(here, key=lambda link: len(link["url"]))
        nearest["current"] = "page" if request.path == nearest["url"] else "true"
    return links


def names_of_sections(user):
    public = [("firm_list", _("Firms")), ("zone_list", _("Zones")), ("figures", _("Figures")), ("chain_list", _("Linkages"))]
    if not user.is_authenticated:
        return [*public, ("plan_public", _("Plan"))]
    acts_for_agency = user.memberships.active(timezone.localdate()).exists()
    consolidates, administers = user.is_consolidator, user.is_administrator
    names = [
        ("my_work", _("My work"), acts_for_agency),
        ("board", _("Board"), consolidates or administers or user.is_leadership),
        ("task_list", _("Tasks"), True),
        ("agency_list", _("Agencies"), True),
        ("cycle_list", _("Reporting cycles"), consolidates or administers),
        ("reminder_ledger", _("Reminders"), acts_for_agency or consolidates or administers),
        ("plan_public", _("Plan"), True),
        ("audit", _("History"), consolidates or administers),
        ("admin:index", _("Administration"), administers),
        ("registry_desk", _("Registry"), user.keeps_registry),
    ]
    return [(name, label) for name, label, is_open in names if is_open] + public
