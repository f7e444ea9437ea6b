"""Firms that may be one and the same: pairs waiting for a person's word, and merges that can be undone."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models.firms import Firm


class LikelyPair(models.Model):
    """Two entries that look alike, with the reasons; a person says whether they are one. A verdict is remembered."""

    class Verdict(models.TextChoices):
        OPEN = "open", _("to be decided")
        SAME = "same", _("one firm")
        DIFFERENT = "different", _("two firms")

    first = models.ForeignKey(Firm, models.CASCADE, related_name="+")
    second = models.ForeignKey(Firm, models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()  # 0-100
    reasons = models.JSONField(default=list)  # keys with values, told by firms.matching
    verdict = models.CharField(_("Verdict"), max_length=10, choices=Verdict, default=Verdict.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("likely pair")
        verbose_name_plural = _("likely pairs")
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="pair_in_order"),
        ]

    def __str__(self):
        return f"{self.first} / {self.second}"


class FirmMerge(models.Model):
    """That one entry was merged into another: everything that moved, so that it can be moved back."""

    kept = models.ForeignKey(Firm, models.PROTECT, related_name="merges_kept", verbose_name=_("Kept"))
    merged = models.ForeignKey(Firm, models.PROTECT, related_name="merges_into", verbose_name=_("Merged"))
    moved = models.JSONField(default=dict)  # {model: [pks]} and {"fields": {name: [before, after]}}
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    merged_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-merged_at"]

    def __str__(self):
        return f"{self.merged} → {self.kept}"
