"""Links between two parties, and the evidence behind each."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models import Edition
from firms.models.sourced import Sourced, Texts
from linkages.models.parties import Party

REVIEW_EVERY = timedelta(days=365)


class EvidenceLevel(models.IntegerChoices):
    """How strongly a link is shown to exist; only `contract` and `memorandum` count for a chain by default."""

    DECLARED = 0, _("declared only")
    MINUTES = 1, _("photo or minutes")
    MEMORANDUM = 2, _("memorandum")
    CONTRACT = 3, _("contract")


class LinkQuerySet(models.QuerySet):
    def public(self):
        """Links whose both ends may be seen by everybody."""
        visible = Q(source_party__is_public=True, target_party__is_public=True)
        for side in ("source_party", "target_party"):
            entry = Q(**{f"{side}__firm__is_public": True, f"{side}__firm__merged_into__isnull": True})
            visible &= Q(**{f"{side}__firm__isnull": True}) | entry
        return self.filter(visible, is_public=True)

    def in_force(self, day):
        """Links that were under way on a day; one without a beginning counts as begun."""
        begun = Q(starts_on__isnull=True) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=day), state=Link.State.RUNNING)

    def with_evidence(self, day):
        """Adds `level`: the highest level of the evidence that was there and valid on the day; 0 where there is none."""
        valid = Q(evidence__dated_on__isnull=True) | Q(evidence__dated_on__lte=day)
        valid &= Q(evidence__valid_until__isnull=True) | Q(evidence__valid_until__gte=day)
        valid &= Q(evidence__removed_at__isnull=True)
        return self.annotate(level=models.functions.Coalesce(models.Max("evidence__level", filter=valid), 0))

    def due_for_review(self, today):
        return self.filter(state=Link.State.RUNNING).filter(Q(reviewed_on__isnull=True) | Q(reviewed_on__lt=today - REVIEW_EVERY))

    def with_parties(self):
        return self.select_related("source_party__firm__zone", "target_party__firm__zone")


class Link(Texts, Sourced):
    """Something that flows from one party to another: the source supplies, the target takes.

    The pair of zones is derived from the parties. `value_band` is internal."""

    class Kind(models.TextChoices):
        INPUT = "input", _("input material")
        OUTPUT = "output", _("output market")
        SUPPORTING = "supporting", _("outsourcing, supporting industry")
        LOGISTICS = "logistics", _("logistics")
        TRAINING = "training", _("training")
        RESEARCH = "research", _("research and transfer")
        SERVICE = "service", _("service")
        INCUBATION = "incubation", _("incubation")

    class State(models.TextChoices):
        POSSIBLE = "possible", _("possible")
        NEGOTIATED = "negotiated", _("being negotiated")
        RUNNING = "running", _("under way")
        ENDED = "ended", _("ended")

    class Value(models.TextChoices):
        UNDER_1 = "under-1", _("under 1 billion VND a year")
        TO_10 = "1-10", _("1 to 10 billion VND a year")
        TO_100 = "10-100", _("10 to 100 billion VND a year")
        FROM_100 = "from-100", _("100 billion VND a year and more")

    source_party = models.ForeignKey(Party, models.PROTECT, related_name="links_out", verbose_name=_("From"))
    target_party = models.ForeignKey(Party, models.PROTECT, related_name="links_in", verbose_name=_("To"))
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    product = models.CharField(_("Product or subject"), max_length=250, blank=True)
    product_en = models.CharField(_("Product or subject, in English"), max_length=250, blank=True)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.POSSIBLE)
    starts_on = models.DateField(_("From"), null=True, blank=True)
    ends_on = models.DateField(_("Until"), null=True, blank=True)
    value_band = models.CharField(_("Value"), max_length=10, choices=Value, blank=True)
    reviewed_on = models.DateField(_("Last reviewed on"), null=True, blank=True)
    source_confirmed_on = models.DateField(_("Confirmed by the source on"), null=True, blank=True)
    target_confirmed_on = models.DateField(_("Confirmed by the target on"), null=True, blank=True)
    is_public = models.BooleanField(_("Public"), default=False)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()
    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source_party=F("target_party")),
                name="link_has_two_ends",
                violation_error_message=_("A link needs two different partners."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="link_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first one."),
            ),
        ]

    def __str__(self):
        return f"{self.source_party} → {self.target_party}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)
        Edition.turn(Edition.NETWORK)

    def delete(self, *args, **kwargs):
        done = super().delete(*args, **kwargs)
        Edition.turn(Edition.NETWORK)
        return done

    def get_absolute_url(self):
        return reverse("link_detail", args=[self.pk])

    @property
    def subject(self):
        return self.product_en if self.product_en and get_language() == "en" else self.product

    @property
    def is_confirmed(self):
        """Both ends have said that the link exists."""
        return bool(self.source_confirmed_on and self.target_confirmed_on)


class LinkEvidence(Texts, models.Model):
    """What shows that a link exists. A removed piece stays, with who removed it."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="evidence", verbose_name=_("Link"))
    level = models.PositiveSmallIntegerField(_("Level"), choices=EvidenceLevel, default=EvidenceLevel.DECLARED)
    title = models.CharField(_("Document"), max_length=250)
    source = models.TextField(_("Source"), blank=True)
    file = models.FileField(_("File"), upload_to="links/%Y/", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    dated_on = models.DateField(_("Dated"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    note = models.TextField(_("Note"), blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-level", "pk"]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)
        Edition.turn(Edition.NETWORK)

    def delete(self, *args, **kwargs):
        done = super().delete(*args, **kwargs)
        Edition.turn(Edition.NETWORK)
        return done


class LinkConfirmation(models.Model):
    """A signed link by which one end says whether the link exists. Only the hash of its secret is stored."""

    class Side(models.TextChoices):
        SOURCE = "source", _("who supplies")
        TARGET = "target", _("who takes")

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        YES = "yes", _("confirmed")
        NO = "no", _("denied")

    link = models.ForeignKey(Link, models.CASCADE, related_name="confirmations")
    side = models.CharField(max_length=6, choices=Side)
    email = models.EmailField(_("E-mail address"))
    token_hash = models.CharField(max_length=64, unique=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=3, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)
    remark = models.TextField(_("Remark"), blank=True)

    class Meta:
        verbose_name = _("confirmation of a link")
        verbose_name_plural = _("confirmations of links")
        ordering = ["-sent_at"]

    def __str__(self):
        return f"{self.link} ({self.side})"
