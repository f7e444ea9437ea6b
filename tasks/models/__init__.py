"""What the portal knows about the plan: agencies, tasks, cycles, reports, the consolidated report, reminders."""

from tasks.models.agencies import Agency, AgencyAlias, Holiday, Membership, Succession
from tasks.models.consolidated import ConsolidatedReport, Rendition, ReportParagraph
from tasks.models.cycles import CycleEvent, ReportingCycle
from tasks.models.plan import Plan, Task, TaskCoordinator, TaskReference
from tasks.models.reminders import Reminder
from tasks.models.reports import AgencyReport, Contribution, Evidence, KeptText, Progress, agency_ids_of

__all__ = [
    "Agency",
    "AgencyAlias",
    "AgencyReport",
    "ConsolidatedReport",
    "Contribution",
    "CycleEvent",
    "Evidence",
    "Holiday",
    "KeptText",
    "Membership",
    "Plan",
    "Progress",
    "Reminder",
    "Rendition",
    "ReportParagraph",
    "ReportingCycle",
    "Succession",
    "Task",
    "TaskCoordinator",
    "TaskReference",
    "agency_ids_of",
]
