"""What people without an account leave behind: corrections, questions to a firm, saved searches, dossiers they asked for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from firms.models.firms import Firm
from firms.models.zones import Zone


class ConfirmationLink(models.Model):
    """A signed link by which a firm sees, confirms or corrects its own entry. Only the hash of its secret is stored."""

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="confirmation_links", verbose_name=_("Firm"))
    email = models.EmailField(_("E-mail address"))
    token_hash = models.CharField(max_length=64, unique=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Sent by"))
    sent_at = models.DateTimeField(_("Sent at"), default=timezone.now)
    expires_at = models.DateTimeField(_("Valid until"))
    opened_at = models.DateTimeField(_("Opened at"), null=True)
    confirmed_at = models.DateTimeField(_("Confirmed at"), null=True)
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True)

    class Meta:
        verbose_name = _("confirmation link")
        verbose_name_plural = _("confirmation links")
        ordering = ["-sent_at"]

    def __str__(self):
        return f"{self.firm} ({self.email})"

    def is_usable(self, now):
        return self.withdrawn_at is None and now < self.expires_at


class CorrectionQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Correction.State.WAITING)


class Correction(models.Model):
    """What a firm itself, or a visitor, says is wrong in an entry. It waits for the editor; nothing changes by itself."""

    class Origin(models.TextChoices):
        FIRM = "firm", _("the firm itself")
        VISITOR = "visitor", _("a visitor")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("taken over")
        PARTLY = "partly", _("taken over in part")
        REFUSED = "refused", _("not taken over")

    firm = models.ForeignKey(Firm, models.CASCADE, null=True, related_name="corrections", verbose_name=_("Firm"))
    zone = models.ForeignKey(Zone, models.CASCADE, null=True, related_name="corrections", verbose_name=_("Zone"))
    link = models.ForeignKey(ConfirmationLink, models.PROTECT, null=True, related_name="corrections")
    origin = models.CharField(_("From"), max_length=10, choices=Origin, default=Origin.VISITOR)
    fields = models.JSONField(default=dict)  # {name: [what stands, what it should be]}
    message = models.TextField(_("Message"), blank=True)
    name = models.CharField(_("Name"), max_length=120, blank=True)
    email = models.EmailField(_("E-mail address"), blank=True)
    language = models.CharField(max_length=2, default="vi")
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reply = models.TextField(_("Reply"), blank=True)

    # History is for ever, what strangers say about themselves is not: it never changes either, so history leaves it out.
    history = HistoricalRecords(excluded_fields=["fields", "message", "name", "email", "reply"])
    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(firm__isnull=False) | Q(zone__isnull=False), name="correction_of_something")
        ]

    def __str__(self):
        return f"{self.firm or self.zone} {self.created_at:%Y-%m-%d}"


class Enquiry(models.Model):
    """A question to a firm, or about a zone, that the portal passes on without showing the address it goes to."""

    class State(models.TextChoices):
        WAITING = "waiting", _("with the officer")
        FORWARDED = "forwarded", _("passed on")
        ANSWERED = "answered", pgettext_lazy("enquiry", "answered")
        REFUSED = "refused", _("not passed on")

    firm = models.ForeignKey(Firm, models.CASCADE, null=True, related_name="enquiries", verbose_name=_("Firm"))
    zone = models.ForeignKey(Zone, models.CASCADE, null=True, related_name="enquiries", verbose_name=_("Zone"))
    name = models.CharField(_("Name"), max_length=120)
    organisation = models.CharField(_("Organisation"), max_length=200, blank=True)
    email = models.EmailField(_("E-mail address"))
    message = models.TextField(_("Message"))
    language = models.CharField(max_length=2, default="vi")
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    forwarded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("Answer"), blank=True)
    token_hash = models.CharField(max_length=64, unique=True)  # of the link by which the firm says that it has answered

    # History is for ever, what strangers say is not.
    history = HistoricalRecords(excluded_fields=["token_hash", "name", "organisation", "email", "message", "answer"])

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        ordering = ["-created_at"]
        constraints = [models.CheckConstraint(condition=Q(firm__isnull=False) | Q(zone__isnull=False), name="enquiry_has_an_aim")]

    def __str__(self):
        return f"{self.firm or self.zone} {self.created_at:%Y-%m-%d}"

    @property
    def took(self):
        """How long the answer took; None while there is none."""
        return self.answered_at - self.created_at if self.answered_at else None


class SavedSearchQuerySet(models.QuerySet):
    def active(self):
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)


class SavedSearch(models.Model):
    """A search whose finder wants a mail when its results change. It begins when the address is confirmed."""

    email = models.EmailField(_("E-mail address"))
    query = models.TextField()  # the directory's query string
    language = models.CharField(max_length=2, default="vi")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)  # when its results were compared last
    known = models.JSONField(default=dict)  # {firm's code: when it was touched last} as told last

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.email}: {self.query}"


class DossierQuerySet(models.QuerySet):
    def claimable(self, now):
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
        return self.filter(free, state__in=[Dossier.State.QUEUED, Dossier.State.RUNNING])


class Dossier(models.Model):
    """A file of a shortlist, made in the background. The same content is made once (`sha256`)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "Excel"

    number = models.UUIDField(unique=True)  # in its address: nobody finds another one's dossier by counting
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=4, choices=Format)
    content = models.JSONField(default=dict)  # what is printed, as it stood when it was asked for
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=20, blank=True)
    file = models.FileField(upload_to="dossiers/%Y/", blank=True)
    asked_at = models.DateTimeField(default=timezone.now)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["sha256", "format"], name="dossier_made_once")]

    def __str__(self):
        return f"{self.number}.{self.format}"
