"""How the history of the plan, the agencies and the reports is told: registered with parkportal.timeline at the start."""

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkportal import timeline
from tasks import deeds
from tasks.models import (
    Agency,
    AgencyReport,
    ConsolidatedReport,
    Contribution,
    Evidence,
    Membership,
    Progress,
    ReportingCycle,
    ReportParagraph,
    Succession,
    Task,
)


def posts(people):
    """For which agencies people acted, and when."""
    found = defaultdict(list)
    for it in Membership.objects.filter(user__in=people).select_related("agency").order_by("starts_on"):
        found[it.user_id].append(timeline.Post(it.agency.short, it.starts_on, it.ends_on))
    return found


def task_page(task):
    return reverse("task_detail", args=[task.code])


def agency_page(agency):
    return reverse("agency_detail", args=[agency.key])


timeline.register_posts(posts)
timeline.register(
    Task,
    url=task_page,
    untold={"plan", "depth"},
    labels={
        "period_kind": _("Period"),
        "period_starts": _("Period starts"),
        "period_ends": _("Period ends"),
        "running_kind": _("Period after inheritance"),
        "running_starts": _("Period starts"),
        "running_ends": _("Period ends"),
        "deliverable_kind": _("Deliverable"),
        "deliverable_starts": _("Deliverable from"),
        "deliverable_ends": _("Deliverable until"),
        "effective_deliverable_kind": _("Deliverable"),
        "effective_deliverable_starts": _("Deliverable from"),
        "effective_deliverable_ends": _("Deliverable until"),
        "effective_kind": _("Kind"),
        "unsure": _("What is not verified"),
        "position": _("Place"),
        "parent": _("Heading above"),
        "group": _("Group"),
    },
)
timeline.register(
    AgencyReport,
    url=lambda report: reverse("report_detail", args=[report.pk]),
    related=["cycle"],
    entered=_("opened the report"),
    step=deeds.report_step,
    told_by_step={"state", "return_reason", "agency_name"},
    untold={
        "cycle", "submitted_by", "submitted_at", "first_submitted_at", "returned_by", "returned_at", "accepted_by", "accepted_at",
    },
    labels={"agency_name": _("Agency's name in the report")},
    actor=deeds.report_doer,
    reason=deeds.report_reason,
)  # fmt: skip
timeline.register(
    Progress,
    name=lambda row: f"{row.task.code}, {row.report.agency_name}, {row.report.cycle}",
    url=lambda row: task_page(row.task),
    related=["task", "report__cycle"],
    entered=_("opened the row"),
    step=deeds.row_step,
    told_by_step={"state", "is_nothing_to_report"},
    untold={"report", "task"},
    labels={"is_settled": _("Completed in an earlier cycle")},
)
timeline.register(
    ReportingCycle,
    url=lambda cycle: reverse("cycle_detail", args=[cycle.pk]),
    entered=_("set up the cycle"),
    step=deeds.cycle_step,
    told_by_step={"state"},
    untold={"plan", "opened_at", "closed_at"},
)
timeline.register(Agency, url=agency_page, untold={"key"}, labels={"unsure": _("What is not verified")})
timeline.register(Succession, url=lambda it: agency_page(it.predecessor), related=["predecessor", "successor"])
timeline.register(Membership, url=lambda it: agency_page(it.agency), related=["user", "agency"], entered=_("gave the duty"))
timeline.register(
    ConsolidatedReport,
    url=lambda report: reverse("consolidated_detail", args=[report.pk]),
    related=["cycle"],
    entered=_("began the consolidated report"),
    step=deeds.consolidated_step,
    told_by_step={"state"},
    untold={"cycle", "content", "sha256", "verification", "prepared_at", "issued_by", "issued_at"},
    labels={"edition": _("Edition")},
    actor=deeds.doer,
)
timeline.register(
    ReportParagraph,
    name=lambda it: f"{it.report}, {it.section}",
    url=lambda it: reverse("consolidated_detail", args=[it.report_id]),
    related=["report__cycle"],
    entered=_("added a paragraph"),
    step=deeds.paragraph_step,
    told_by_step={"is_removed"},
    untold={"report", "prefilled", "sources"},
    labels={"position": _("Place"), "is_removed": _("Left out"), "section": _("Section"), "text": _("Text")},
)
timeline.register(
    Evidence,
    url=lambda it: task_page(it.row.task),
    related=["row__task"],
    entered=_("attached the file"),
    step=deeds.evidence_step,
    untold={
        "row", "file", "content_type", "size", "sha256", "uploaded_by", "uploaded_at", "removed_by", "removed_at",
    },
    actor=deeds.doer,
)  # fmt: skip
timeline.register(
    Contribution,
    name=lambda it: f"{it.row.task.code}, {it.agency.short}",
    url=lambda it: task_page(it.row.task),
    related=["row__task", "agency"],
    entered=_("asked for a contribution"),
    step=deeds.contribution_step,
    untold={"row", "asked_by", "asked_at", "answered_by", "answered_at"},
    actor=deeds.doer,
)
