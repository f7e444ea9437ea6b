"""Investment projects, their certificates with every amendment, and the rates at which currencies are compared."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models.firms import Firm
from firms.models.sourced import OfFirm, Sourced, Texts
from firms.models.zones import Plot, Zone


class Currency(models.TextChoices):
    USD = "USD", "USD"
    VND = "VND", "VND"
    JPY = "JPY", "JPY"


class RateQuerySet(models.QuerySet):
    def on(self, day):
        """{currency: the newest rate of the day or before}; without a day the newest of all."""
        rates = self.filter(on__lte=day) if day else self
        return {rate.currency: rate for rate in rates.order_by("on")}


class ExchangeRate(Texts, Sourced):
    """How many đồng one unit of a currency was worth on a day, by a stated source. Nothing is converted without one."""

    currency = models.CharField(_("Currency"), max_length=3, choices=Currency)
    on = models.DateField(_("Day"))
    vnd = models.DecimalField(_("VND for one unit"), max_digits=14, decimal_places=4)

    history = HistoricalRecords()
    objects = RateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-on", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="one_rate_a_day"),
            models.CheckConstraint(
                condition=Q(vnd__gt=0), name="rate_is_positive", violation_error_message=_("A rate is more than nothing.")
            ),
        ]

    def __str__(self):
        return f"{self.currency} {self.on:%Y-%m-%d}"


class ProjectQuerySet(models.QuerySet):
    def public(self):
        return self.filter(is_public=True, firm__is_public=True, firm__merged_into__isnull=True)

    def registered(self):
        """Projects that were really registered: a memorandum or a proposal is none."""
        return self.exclude(stage__in=Project.ONLY_INTEREST)


class Project(OfFirm):
    """An investment project of a firm in a zone. Its capital is what the newest certificate says, in the currency it says it."""

    class Stage(models.TextChoices):
        CONTACT = "contact", _("contact or proposal")
        MEMORANDUM = "memorandum", _("memorandum")
        APPROVED = "approved", _("approved in principle")
        CERTIFIED = "certified", _("certified")
        BUILDING = "building", _("under construction")
        OPERATING = "operating", _("operating")
        ENDED = "ended", _("ended or revoked")
        UNKNOWN = "unknown", _("not stated")

    ONLY_INTEREST = [Stage.CONTACT, Stage.MEMORANDUM]

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="projects", verbose_name=_("Firm"))
    code = models.CharField(_("Project code"), max_length=60, unique=True, null=True, blank=True)  # free text: old licences
    name = models.CharField(_("Name"), max_length=300)
    name_en = models.CharField(_("Name in English"), max_length=300, blank=True)
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("Zone"))
    plot = models.ForeignKey(Plot, models.SET_NULL, null=True, blank=True, related_name="projects", verbose_name=_("Plot"))
    land_ha = models.DecimalField(_("Land (ha)"), max_digits=12, decimal_places=4, null=True, blank=True)
    goal = models.TextField(_("Goal"), blank=True)
    stage = models.CharField(_("Stage"), max_length=12, choices=Stage, default=Stage.UNKNOWN)
    stage_words = models.CharField(_("Stage, as the source says"), max_length=250, blank=True)
    registered_on = models.DateField(_("Registered on"), null=True, blank=True)
    registered_year = models.PositiveSmallIntegerField(_("Registered in"), null=True, blank=True)
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)
    capital = models.DecimalField(_("Registered capital"), max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, choices=Currency, blank=True)
    disbursed = models.DecimalField(_("Disbursed capital"), max_digits=20, decimal_places=2, null=True, blank=True)
    jobs_planned = models.PositiveIntegerField(_("Planned jobs"), null=True, blank=True)
    is_public = models.BooleanField(_("Public"), default=True)

    history = HistoricalRecords()
    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["firm", "registered_year", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capital__isnull=True) | ~Q(currency=""),
                name="capital_has_a_currency",
                violation_error_message=_("Say in which currency the capital is."),
            ),
            models.CheckConstraint(
                condition=~Q(code=""),
                name="project_has_a_code_or_none",
                violation_error_message=_("Leave the project code out instead of storing an empty one."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def title(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def is_interest_only(self):
        return self.stage in self.ONLY_INTEREST


class Certificate(OfFirm):
    """An investment certificate or decision of a project, first issue or amendment. The newest one states the capital."""

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("investment registration certificate")
        APPROVAL = "approval", _("approval in principle")
        LICENCE = "licence", _("old licence")
        NOT_NEEDED = "not_needed", _("none is needed")

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="certificates", verbose_name=_("Firm"))
    project = models.ForeignKey(Project, models.CASCADE, related_name="certificates", verbose_name=_("Project"))
    kind = models.CharField(_("Kind"), max_length=14, choices=Kind, default=Kind.REGISTRATION)
    number = models.CharField(_("Number"), max_length=60, blank=True)
    issued_on = models.DateField(_("Issued on"), null=True, blank=True)
    issued_year = models.PositiveSmallIntegerField(_("Issued in"), null=True, blank=True)
    issuer = models.CharField(_("Issued by"), max_length=200, blank=True)
    amendment = models.PositiveSmallIntegerField(_("Amendment"), default=0)  # 0: first issue
    changes = models.TextField(_("What changed"), blank=True)
    capital = models.DecimalField(_("Capital after it"), max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, choices=Currency, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["project", "amendment", "issued_on"]
        constraints = [
            models.UniqueConstraint(fields=["project", "kind", "amendment"], name="one_certificate_an_amendment"),
        ]

    def __str__(self):
        return self.number or str(self.get_kind_display())


def converted(amount, currency, into, rates):
    """(amount, rate row) in another currency at the rates given ({currency: ExchangeRate}); None where a rate is missing.

    Never added up by itself: whoever shows it shows the rate and its day too."""
    if amount is None or not currency or currency == into:
        return None
    dong = Decimal(amount)
    used = None
    if currency != Currency.VND:
        used = rates.get(currency)
        if used is None:
            return None
        dong = dong * used.vnd
    if into == Currency.VND:
        return dong, used
    target = rates.get(into)
    if target is None:
        return None
    return dong / target.vnd, target
