"""What history records of the plan's objects say was done and by whom: the steps in the life of a report, a row, a cycle,
a file, a question. tasks.story registers them."""

from django.utils.translation import gettext as _

from parkportal.timeline import turned
from tasks.models import AgencyReport, ConsolidatedReport, ReportingCycle
from tasks.status import State


def doer(record):
    """Whom the object names as the one who did it last."""
    for name in ("updated_by_id", "issued_by_id", "answered_by_id", "removed_by_id", "uploaded_by_id", "asked_by_id"):
        if getattr(record, name, None):
            return getattr(record, name)
    return None


def report_doer(record):
    name = {"submitted": "submitted_by_id", "returned": "returned_by_id", "accepted": "accepted_by_id"}.get(record.state)
    return getattr(record, name) if name else None


def report_reason(record, step):
    return record.return_reason if step and record.state == AgencyReport.State.RETURNED else None


def report_step(record, previous):
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


def row_step(record, previous):
    match turned(record, previous, "state"):
        case (State.AWAITING, State.COMPLETED):
            return _("confirmed the completion")
        case (_, State.REDO):
            return _("asked for it to be redone")
    if turned(record, previous, "is_nothing_to_report") == (False, True):
        return _("marked “nothing to report”")
    return None


def cycle_step(record, previous):
    match turned(record, previous, "state"):
        case (ReportingCycle.State.CLOSED, ReportingCycle.State.OPEN):
            return _("reopened the cycle")
        case (_, ReportingCycle.State.OPEN):
            return _("opened the cycle")
        case (_, ReportingCycle.State.CLOSED):
            return _("closed the cycle")
    return None


def consolidated_step(record, previous):
    if turn := turned(record, previous, "state"):
        return _("issued the report") if turn[1] == ConsolidatedReport.State.ISSUED else None
    return None


def evidence_step(record, previous):
    match turned(record, previous, "removed_at"):
        case (None, _moment):
            return _("removed the file")
        case (_moment, None):
            return _("put the file back")
    return None


def contribution_step(record, previous):
    turn = turned(record, previous, "answered_at")
    return _("answered the question") if turn and turn[0] is None else None


def paragraph_step(record, previous):
    if turn := turned(record, previous, "is_removed"):
        return _("left the paragraph out") if turn[1] else _("put the paragraph back")
    return None
