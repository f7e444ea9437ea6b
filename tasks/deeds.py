"""What a history record says was done and by whom: the steps in the life of a report, a row, a cycle, a file, a question."""

from django.utils.translation import gettext as _

from parkportal.models import User
from tasks.models import (
    AgencyReport,
    ConsolidatedReport,
    Contribution,
    Evidence,
    Membership,
    Progress,
    ReportingCycle,
    ReportParagraph,
)
from tasks.status import State


def actor_id(record):
    """Who did it: the signed-in person, else the one whom the object itself names (a job or a command has no request)."""
    if record.history_user_id:
        return record.history_user_id
    if isinstance(record, AgencyReport.history.model):
        doer = {"submitted": "submitted_by_id", "returned": "returned_by_id", "accepted": "accepted_by_id"}
        return getattr(record, doer[record.state], None) if record.state in doer else None
    for name in ("updated_by_id", "issued_by_id", "answered_by_id", "removed_by_id", "uploaded_by_id", "asked_by_id"):
        if getattr(record, name, None):
            return getattr(record, name)
    return None


def turned(record, previous, name):
    """(before, after) of a field that this record changed, else None."""
    if previous is None or getattr(record, name) == getattr(previous, name):
        return None
    return getattr(previous, name), getattr(record, name)


def verb(record, previous):
    """The words for a record that is more than an edit: a step in the life of the object. None for a plain edit."""
    model = record.instance_type
    if record.history_type == "-":
        return _("deleted it")
    if record.history_type == "+":
        return {
            Evidence: _("attached the file"),
            Contribution: _("asked for a contribution"),
            AgencyReport: _("opened the report"),
            Progress: _("opened the row"),
            ReportingCycle: _("set up the cycle"),
            ConsolidatedReport: _("began the consolidated report"),
            ReportParagraph: _("added a paragraph"),
            User: _("created the account"),
            Membership: _("gave the duty"),
        }.get(model, _("entered it"))
    step = STEPS.get(model)
    return step(record, previous) if step else None


def _report_step(record, previous):
    match turned(record, previous, "state"):
        case (_, AgencyReport.State.SUBMITTED):
            return _("submitted the report")
        case (_, AgencyReport.State.RETURNED):
            return _("sent the report back")
        case (_, AgencyReport.State.ACCEPTED):
            return _("accepted the report")
        case (AgencyReport.State.SUBMITTED, AgencyReport.State.DRAFT):
            return _("took the report back")
    return None


def _row_step(record, previous):
    match turned(record, previous, "state"):
        case (State.AWAITING, State.COMPLETED):
            return _("confirmed the completion")
        case (_, State.REDO):
            return _("asked for it to be redone")
    if turned(record, previous, "is_nothing_to_report") == (False, True):
        return _("marked “nothing to report”")
    return None


def _cycle_step(record, previous):
    match turned(record, previous, "state"):
        case (ReportingCycle.State.CLOSED, ReportingCycle.State.OPEN):
            return _("reopened the cycle")
        case (_, ReportingCycle.State.OPEN):
            return _("opened the cycle")
        case (_, ReportingCycle.State.CLOSED):
            return _("closed the cycle")
    return None


def _consolidated_step(record, previous):
    if turn := turned(record, previous, "state"):
        return _("issued the report") if turn[1] == ConsolidatedReport.State.ISSUED else None
    return None


def _evidence_step(record, previous):
    match turned(record, previous, "removed_at"):
        case (None, _moment):
            return _("removed the file")
        case (_moment, None):
            return _("put the file back")
    return None


def _contribution_step(record, previous):
    turn = turned(record, previous, "answered_at")
    return _("answered the question") if turn and turn[0] is None else None


def _paragraph_step(record, previous):
    if turn := turned(record, previous, "is_removed"):
        return _("left the paragraph out") if turn[1] else _("put the paragraph back")
    return None


def _user_step(record, previous):
    if turn := turned(record, previous, "is_active"):
        return _("reopened the account") if turn[1] else _("closed the account")
    return None


STEPS = {
    AgencyReport: _report_step,
    Progress: _row_step,
    ReportingCycle: _cycle_step,
    ConsolidatedReport: _consolidated_step,
    Evidence: _evidence_step,
    Contribution: _contribution_step,
    ReportParagraph: _paragraph_step,
    User: _user_step,
}
# Fields that the words of a step already tell.
TOLD_BY_STEP = {"state", "return_reason", "agency_name", "is_nothing_to_report", "is_removed", "is_active"}
