"""Linkage chains: a lead, roles with who fills them, links with evidence, and the rule by which a chain is formed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models.sourced import Texts
from linkages.models.links import Link
from linkages.models.parties import Party


class Chain(Texts, models.Model):
    """A chain that the programme counts. Whether it is formed follows from FormationRule and is never typed.

    `stage` is what the officer says of it; `formed` and `lasting` are refused while the rule does not hold."""

    class Field(models.TextChoices):
        SUPPORTING = "supporting", _("supporting industry")
        INCUBATION = "incubation", _("incubation")
        LOGISTICS = "logistics", _("logistics")
        OTHER = "other", _("other field")

    class Stage(models.TextChoices):
        IDEA = "idea", _("idea")
        CANVASSED = "canvassed", _("canvassing")
        TRIED = "tried", _("trial")
        FORMED = "formed", _("formed")
        LASTING = "lasting", _("lasting")

    code = models.SlugField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Name"), max_length=250)
    name_en = models.CharField(_("Name in English"), max_length=250, blank=True)
    field = models.CharField(_("Field"), max_length=12, choices=Field)
    summary = models.TextField(_("What it is about"), blank=True)
    summary_en = models.TextField(_("What it is about, in English"), blank=True)
    lead = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="chains_led", verbose_name=_("Lead firm"))
    stage = models.CharField(_("Stage"), max_length=10, choices=Stage, default=Stage.IDEA)
    blocker = models.TextField(_("Blocker"), blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="chains", verbose_name=_("Officer")
    )
    decision = models.CharField(_("Decision"), max_length=200, blank=True)
    is_public = models.BooleanField(_("Public"), default=False)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("chain")
        verbose_name_plural = _("chains")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("chain_detail", args=[self.code])

    @property
    def title(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name


class ChainRole(Texts, models.Model):
    """A part to be played in a chain, and by how many. An open role is published as an opportunity to join."""

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="roles", verbose_name=_("Chain"))
    name = models.CharField(_("Role"), max_length=150)
    name_en = models.CharField(_("Role in English"), max_length=150, blank=True)
    description = models.TextField(_("What is needed"), blank=True)
    description_en = models.TextField(_("What is needed, in English"), blank=True)
    tier = models.PositiveSmallIntegerField(_("Tier"), default=1)  # 0 lead, 1 supplies the lead, 2 supplies tier 1 …
    needed = models.PositiveSmallIntegerField(_("How many are needed"), default=1)
    is_required = models.BooleanField(_("Required"), default=True)
    is_open = models.BooleanField(_("Published as an opportunity"), default=False)
    opened_on = models.DateField(_("Published on"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("role in a chain")
        verbose_name_plural = _("roles in chains")
        ordering = ["chain", "tier", "position", "pk"]

    def __str__(self):
        return f"{self.chain}: {self.name}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    @property
    def title(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name


class ChainMember(models.Model):
    """That a party plays a role in a chain from a day on (both ends included)."""

    role = models.ForeignKey(ChainRole, models.CASCADE, related_name="members", verbose_name=_("Role"))
    party = models.ForeignKey(Party, models.PROTECT, related_name="chain_roles", verbose_name=_("Partner"))
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"), null=True, blank=True)
    note = models.CharField(_("Note"), max_length=250, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("member of a chain")
        verbose_name_plural = _("members of chains")
        ordering = ["role", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["role", "party", "starts_on"], name="chain_member_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="member_leaves_after_joining",
                violation_error_message=_("The last day lies before the first one."),
            ),
        ]

    def __str__(self):
        return f"{self.party} ({self.role.name})"


class ChainLink(models.Model):
    """That a link belongs to a chain from a day on."""

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="chain_links", verbose_name=_("Chain"))
    link = models.ForeignKey(Link, models.CASCADE, related_name="chain_links", verbose_name=_("Link"))
    added_on = models.DateField(_("From"))
    removed_on = models.DateField(_("Until"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("link of a chain")
        verbose_name_plural = _("links of chains")
        constraints = [models.UniqueConstraint(fields=["chain", "link", "added_on"], name="link_once_a_chain")]

    def __str__(self):
        return f"{self.chain}: {self.link}"


class FormationRule(models.Model):
    """When a chain counts as formed, from a day on. The authority sets it; the newest rule of the day or before holds.

    Default: at least one firm of the park, two of other zones, two links in force with evidence of level 2 or more."""

    starts_on = models.DateField(_("In force from"), unique=True)
    park_firms = models.PositiveSmallIntegerField(_("Firms of the high-tech park, at least"), default=1)
    zone_firms = models.PositiveSmallIntegerField(_("Firms of other zones, at least"), default=2)
    links = models.PositiveSmallIntegerField(_("Links in force with evidence, at least"), default=2)
    evidence_level = models.PositiveSmallIntegerField(_("Level of that evidence, at least"), default=2)
    basis = models.CharField(_("Legal basis"), max_length=250, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rule of formation")
        verbose_name_plural = _("rules of formation")
        ordering = ["-starts_on"]

    def __str__(self):
        return f"{self.starts_on:%Y-%m-%d}"


class Application(Texts, models.Model):
    """That somebody wants to play an open role; the officer follows it up."""

    class State(models.TextChoices):
        NEW = "new", _("new")
        TALKING = "talking", _("in conversation")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    role = models.ForeignKey(ChainRole, models.CASCADE, related_name="applications", verbose_name=_("Role"))
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="applications", verbose_name=_("Partner"))
    firm_name = models.CharField(_("Firm"), max_length=250)
    tax_code = models.CharField(_("Tax code"), max_length=14, blank=True)
    name = models.CharField(_("Name"), max_length=120)
    email = models.EmailField(_("E-mail address"))
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)
    message = models.TextField(_("What you can contribute"))
    language = models.CharField(max_length=2, default="vi")
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.NEW)
    officer_note = models.TextField(_("Note"), blank=True)
    reply = models.TextField(_("Reply"), blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    # What strangers say about themselves stays out of history, which nobody can make forget.
    history = HistoricalRecords(excluded_fields=["name", "email", "phone", "message"])

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.firm_name}: {self.role.name}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)
