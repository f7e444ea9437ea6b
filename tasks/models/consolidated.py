"""The consolidated report to the city: its draft paragraphs, its issued editions, and the files made from them."""

import re
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from parkportal.text import nfc
from tasks.models.cycles import ReportingCycle

ISSUED = _("This edition is issued and never changes. Start a new edition to correct it.")
# A place that somebody still has to fill in: square brackets with an ellipsis in them.
BLANK = re.compile(r"\[[^\]]*(?:…|\.\.\.)[^\]]*\]")


class ConsolidatedReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Every edition for consolidators and administrators; issued ones for the city's leadership; none for others."""
        if user.is_consolidator or user.is_administrator:
            return self
        return self.issued() if user.is_leadership else self.none()

    def editable_by(self, user):
        """Drafts, for consolidators: an issued edition is changed by nobody."""
        return self.drafts() if user.is_consolidator else self.none()

    def drafts(self):
        return self.filter(state=ConsolidatedReport.State.DRAFT)

    def issued(self):
        return self.filter(state=ConsolidatedReport.State.ISSUED)


class ConsolidatedReport(models.Model):
    """One edition of the report that the department of science and technology sends to the city.

    draft -> issued. An issued edition carries its whole content as plain values in `content` with a SHA-256 over its
    canonical JSON; it never changes again. A correction is a new edition."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ISSUED = "issued", _("issued")

    cycle = models.ForeignKey(ReportingCycle, models.PROTECT, related_name="consolidated_reports")
    edition = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.DRAFT)
    number = models.PositiveIntegerField(_("Number"), null=True, blank=True)
    symbol = models.CharField(_("Symbol"), max_length=40, default="BC-SKHCN")
    issued_on = models.DateField(_("Date"), null=True, blank=True)
    place = models.CharField(_("Place"), max_length=60, default="Đà Nẵng")
    addressee = models.CharField(_("Addressee"), max_length=200, default="Ủy ban nhân dân thành phố Đà Nẵng")
    signing_as = models.CharField(_("Signs as"), max_length=20, blank=True)  # "", "KT.", "TL.", "TUQ."
    signatory_title = models.CharField(_("Signatory's title"), max_length=120, default="GIÁM ĐỐC")
    signatory_name = models.CharField(_("Signatory"), max_length=120, blank=True)
    recipients = models.TextField(_("Recipients, one a line"), blank=True)
    content = models.JSONField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    verification = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    prepared_at = models.DateTimeField(null=True, blank=True)  # when the paragraphs were last prefilled
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = ConsolidatedReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("consolidated report")
        verbose_name_plural = _("consolidated reports")
        ordering = ["cycle", "edition"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "edition"], name="one_edition_a_cycle"),
            models.UniqueConstraint(fields=["cycle"], condition=models.Q(state="draft"), name="one_draft_a_cycle"),
        ]

    def __str__(self):
        return f"{self.cycle}, {self.edition}"

    def save(self, *args, **kwargs):
        self._refuse_if_issued()
        for name in ("symbol", "place", "addressee", "signatory_title", "signatory_name", "recipients"):
            setattr(self, name, nfc(getattr(self, name)))
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._refuse_if_issued()
        return super().delete(*args, **kwargs)

    def _refuse_if_issued(self):
        if self.pk and ConsolidatedReport.objects.issued().filter(pk=self.pk).exists():
            raise ValidationError(ISSUED, code="issued")

    @staticmethod
    def blanks_in(text):
        """The places in a text that still wait for words: "[nêu các văn bản …]"."""
        return BLANK.findall(text)

    @property
    def is_issued(self):
        return self.state == self.State.ISSUED

    @property
    def full_number(self):
        """The number as printed: 05/BC-SKHCN; two digits below ten (Decree 30/2020, annex I)."""
        return f"{self.number:02d}/{self.symbol}" if self.number else f"/{self.symbol}"


class TextChanged(Exception):
    """Somebody else changed the paragraph meanwhile; carries it as it is now."""

    def __init__(self, paragraph):
        super().__init__(paragraph.pk)
        self.paragraph = paragraph


class ReportParagraph(models.Model):
    """One paragraph of a section: the text that was prefilled, the rows it came from, and the text as people left it."""

    report = models.ForeignKey(ConsolidatedReport, models.CASCADE, related_name="paragraphs")
    section = models.CharField(max_length=20)  # a key of tasks.report.SECTIONS
    position = models.PositiveSmallIntegerField()
    slot = models.CharField(max_length=80, blank=True)  # which prefilled sentence it is; empty if a person added it
    prefilled = models.TextField(blank=True)
    text = models.TextField(blank=True)
    sources = models.JSONField(default=list)  # [{"row": id or None, "report": id or None, "code": "I.1.1", "agency": "…"}]
    is_removed = models.BooleanField(default=False)  # left out of the report, can be put back
    revision = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["report", "section", "position", "pk"]

    def __str__(self):
        return self.text[:60]

    def save(self, *args, **kwargs):
        if ConsolidatedReport.objects.issued().filter(pk=self.report_id).exists():
            raise ValidationError(ISSUED, code="issued")
        super().save(*args, **kwargs)

    # Verbs: each holds the report first, so that nothing is written into an edition that is just being issued ---------
    def write(self, text, revision, by, now):
        """Takes a person's text, unless somebody else changed the paragraph since she saw `revision`: then TextChanged."""

        def change(paragraph):
            text_now = nfc(text).replace("\r\n", "\n").strip()
            if text_now == paragraph.text:
                return False
            if revision != paragraph.revision:
                raise TextChanged(paragraph)
            paragraph.text = text_now
            return True

        return self._changed(change, by, now)

    def take_out(self, by, now):
        """Leaves it out of the report; it stays in the draft and can be put back."""
        return self._changed(lambda paragraph: paragraph._differs(is_removed=True), by, now)

    def put_back(self, by, now):
        return self._changed(lambda paragraph: paragraph._differs(is_removed=False), by, now)

    def restore_prefilled(self, by, now):
        """Back to the text that was drafted; the one it replaces stays in its history."""
        return self._changed(lambda paragraph: paragraph._differs(text=paragraph.prefilled), by, now)

    def take_suggestion(self, text, sources, by, now):
        """Replaces it by what today's rows say."""
        return self._changed(lambda paragraph: paragraph._differs(text=text, prefilled=text, sources=sources), by, now)

    def keep_own(self, text, sources, by, now):
        """Keeps a person's text although the rows say something new, and asks no more until they change again."""
        return self._changed(lambda paragraph: paragraph._differs(prefilled=text, sources=sources), by, now)

    def make_own(self, by, now):
        """Keeps a text whose rows no longer say anything: from now on it is a person's own."""
        return self._changed(lambda paragraph: paragraph._differs(slot="", prefilled=""), by, now)

    def _differs(self, **values):
        changed = any(getattr(self, name) != value for name, value in values.items())
        for name, value in values.items():
            setattr(self, name, value)
        return changed

    def _changed(self, change, by, now):
        with transaction.atomic():
            ConsolidatedReport.objects.select_for_update().get(pk=self.report_id)
            paragraph = ReportParagraph.objects.select_for_update().get(pk=self.pk)
            if change(paragraph):
                paragraph.revision += 1
                paragraph.updated_by, paragraph.updated_at = by, now
                paragraph._history_user, paragraph._history_date = by, now
                paragraph.save()
        return paragraph

    @property
    def is_edited(self):
        return self.text != self.prefilled

    @property
    def is_own(self):
        """Written by a person from the start, so there is nothing to restore."""
        return not self.slot

    @property
    def blanks(self):
        return ConsolidatedReport.blanks_in(self.text)


class RenditionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files of the drafts that a person may read, and of what was issued; its PDF for everybody who is signed in.

        A file made while the edition was a draft stays with those who saw the draft."""
        if not user.is_authenticated:
            return self.none()
        if user.is_consolidator or user.is_administrator:
            return self
        issued = self.filter(report__state=ConsolidatedReport.State.ISSUED, sha256=models.F("report__sha256"))
        return issued if user.is_leadership else issued.filter(format=Rendition.Format.PDF)

    def unfinished(self):
        return self.filter(state__in=[Rendition.State.QUEUED, Rendition.State.RUNNING])

    def claimable(self, now):
        """Waiting ones, and those whose worker fell silent."""
        return self.filter(
            models.Q(state=Rendition.State.QUEUED) | models.Q(state=Rendition.State.RUNNING, claimed_until__lt=now)
        )


class Rendition(models.Model):
    """A file being made, or made, from one content of the report. Ready ones are kept by the content's hash.

    queued -> running (claimed by a worker until `claimed_until`) -> ready or failed; a failed one is queued again by asking.
    `content` is what was asked for and is dropped once the file is there: a draft may have changed meanwhile."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"

    class Failure(models.TextChoices):
        LIBRARIES = "libraries", _("This server lacks what PDF files are made with. Word and Excel can be made.")
        LAYOUT = "layout", _("The pages could not be laid out. Try again, or take Word and tell the administrator.")
        STORAGE = "storage", _("The file could not be stored. Try again, or tell the administrator that the disk may be full.")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")

    report = models.ForeignKey(ConsolidatedReport, models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=5, choices=Format)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=20, choices=Failure, blank=True)
    sha256 = models.CharField(max_length=64)  # of the content it shows
    content = models.JSONField(null=True, blank=True)
    file = models.FileField(upload_to="renditions/", blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    objects = RenditionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["report", "format", "sha256"], name="one_rendition_a_content")]

    def __str__(self):
        return f"{self.report} {self.format}"

    @property
    def is_ready(self):
        return self.state == self.State.READY

    @property
    def is_unfinished(self):
        return self.state in (self.State.QUEUED, self.State.RUNNING)
