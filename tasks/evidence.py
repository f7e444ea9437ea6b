"""Evidence files of a task's progress: kept with their row, hidden and brought back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.attachments import clean_name
from tasks.models import AgencyReport, Evidence


def store(row, upload, content_type, by, now):
    """Keeps a checked upload with its row. The same content twice in one row is kept once."""
    digest = Evidence.digest(upload)
    upload.seek(0)
    with transaction.atomic():
        _require_writable(row, by, now)
        same = row.evidence.filter(sha256=digest, removed_at=None).first()
        if same:
            return same
        evidence = Evidence(
            row=row,
            name=clean_name(upload.name),
            content_type=content_type,
            size=upload.size,
            sha256=digest,
            uploaded_by=by,
            uploaded_at=now,
        )
        evidence.file.save(evidence.name, upload, save=False)
        evidence._history_user = by
        evidence.save()
        return evidence


def remove(evidence, by, now):
    """Hides a file; it stays on disk and can be brought back."""
    return _hide(evidence, by, now, removed_by=by, removed_at=now)


def restore(evidence, by, now):
    return _hide(evidence, by, now, removed_by=None, removed_at=None)


def _hide(evidence, by, now, **values):
    with transaction.atomic():
        _require_writable(evidence.row, by, now)
        for name, value in values.items():
            setattr(evidence, name, value)
        evidence._history_user = by
        evidence.save(update_fields=list(values))
        return evidence


def _require_writable(row, by, now):
    report = AgencyReport.objects.held(row.report_id)
    if row.is_settled or not report.can_edit(by, timezone.localdate(now)):
        raise ValidationError(_("The report cannot be written in now, so its files stay as they are."))
