"""Spreadsheets that editors bring in: from the file as it came, through columns and preview, to what was imported."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UploadQuerySet(models.QuerySet):
    def claimable(self, now):
        """Work that nobody has in hand: waiting, or left by a worker that died."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
        return self.filter(free, state__in=Upload.WORKING)


class Upload(models.Model):
    """One file of an editor.

    reading -> mapping (the editor says which column is what) -> checking -> ready (preview; conflicts and doubtful matches
    are decided there) -> importing -> done; or failed with a `problem`, or withdrawn. Nothing of the registry changes before
    `importing`, and that happens as a whole or not at all."""

    class State(models.TextChoices):
        READING = "reading", _("being read")
        MAPPING = "mapping", _("columns to be confirmed")
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready to import")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        FAILED = "failed", _("not usable")
        WITHDRAWN = "withdrawn", _("withdrawn")

    WORKING = [State.READING, State.CHECKING, State.IMPORTING]
    OPEN = [State.MAPPING, State.READY]

    name = models.CharField(_("File"), max_length=200)
    file = models.FileField(upload_to="imports/%Y/")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.READING)
    percent = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    problem = models.CharField(max_length=40, blank=True)  # a key of firms.problems
    problem_values = models.JSONField(default=dict)
    sheet = models.CharField(max_length=120, blank=True)
    header_row = models.PositiveIntegerField(default=1)  # as the spreadsheet counts
    columns = models.JSONField(default=list)  # the header's cells as they stand
    mapping = models.JSONField(default=dict)  # {place of a column: name of a field}; a column left out is not imported
    counts = models.JSONField(default=dict)  # {new, changed, same, conflict, undecided, problem, repaired, duplicate}
    decisions = models.JSONField(default=dict)  # {row number: {"what": …}}: what the editor chose for a row
    checked = models.FileField(upload_to="imports/%Y/", blank=True)  # what the check found, row by row
    annotated = models.FileField(upload_to="imports/%Y/", blank=True)  # the workbook with its cells coloured, for the editor
    imported_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at"]

    def __str__(self):
        return self.name


class RememberedColumn(models.Model):
    """What a column of this heading was taken for last time; "" if it was left out."""

    heading = models.CharField(max_length=200, unique=True)  # folded
    field = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    used_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.heading}: {self.field}"
