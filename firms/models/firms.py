"""Firms: who they are, where, in what line, and how to reach them. A firm is not its project, certificate or plot."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms import taxcodes
from firms.codes import code_of
from firms.models.edition import Edition
from firms.models.sourced import OfFirm, Review, Sourced, Texts
from firms.models.zones import Zone
from firms.names import firm_key
from parkportal.text import fold, sort_key


class Sector(models.Model):
    """A line of business of the portal's own two-level list; parents hold their children."""

    key = models.SlugField(_("Key"), unique=True, max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Above"))
    name = models.CharField(_("Name"), max_length=120)
    name_en = models.CharField(_("Name in English"), max_length=120)
    position = models.PositiveSmallIntegerField(_("Place in lists"), default=0)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    @property
    def title(self):
        return self.name_en if get_language() == "en" else self.name


class CodeCounter(models.Model):
    """The last number given to a firm. One row, taken under a lock."""

    last = models.PositiveIntegerField(default=0)

    @classmethod
    def take(cls, count=1):
        """The next `count` numbers, never given before and never again."""
        with transaction.atomic():
            cls.objects.get_or_create(pk=1)
            cls.objects.filter(pk=1).update(last=F("last") + count)
            last = cls.objects.get(pk=1).last
        return range(last - count + 1, last + 1)


class FirmQuerySet(models.QuerySet):
    def current(self):
        """Firms that stand for themselves: not those that were merged into another one."""
        return self.filter(merged_into__isnull=True)

    def public(self):
        return self.current().filter(is_public=True)

    def changed_since(self, moment):
        return self.filter(touched_at__gte=moment)

    def in_order(self):
        return self.order_by("sort_key", "pk")


class Firm(Texts, Sourced):
    """A firm in or around the zones, or one that is about to come. `code` is its number here, for ever.

    `name` is Vietnamese; where only an English name is known it stands in both. `touched_at` is when anything that the
    directory shows of it last changed: every process that keeps the directory in memory reads those firms again."""

    class Status(models.TextChoices):
        INTERESTED = "interested", _("interested (memorandum or proposal)")
        PROCEDURE = "procedure", _("in procedure")
        BUILDING = "building", _("under construction")
        OPERATING = "operating", _("operating")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")
        REVOKED = "revoked", _("revoked")
        MOVED = "moved", _("moved away")
        UNKNOWN = "unknown", _("not stated")

    class Capital(models.TextChoices):
        DOMESTIC = "domestic", _("domestic")
        FOREIGN = "foreign", _("foreign (FDI)")
        JOINT = "joint", _("joint venture")
        UNKNOWN = "unknown", _("not stated")

    class HighTech(models.TextChoices):
        """The four fields to which the Law on High Technology 21/2008/QH12, article 5 paragraph 1, gives priority."""

        INFORMATION = "information", _("information technology")
        BIOTECHNOLOGY = "biotechnology", _("biotechnology")
        MATERIALS = "materials", _("new materials technology")
        AUTOMATION = "automation", _("automation technology")

    # Those that count as firms of a zone; the others have only shown interest, or are gone.
    PRESENT = [Status.PROCEDURE, Status.BUILDING, Status.OPERATING, Status.SUSPENDED, Status.UNKNOWN]

    code = models.CharField(_("Registry number"), max_length=12, unique=True, editable=False)
    tax_code = models.CharField(_("Tax code"), max_length=14, unique=True, null=True, blank=True)
    name = models.CharField(_("Name"), max_length=250)
    name_en = models.CharField(_("Name in English"), max_length=250, blank=True)
    short_name = models.CharField(_("Abbreviation"), max_length=80, blank=True)
    native_name = models.CharField(_("Native name"), max_length=250, blank=True)
    capital_type = models.CharField(_("Capital"), max_length=10, choices=Capital, default=Capital.UNKNOWN)
    country = models.CharField(_("Investor's country"), max_length=2, blank=True)  # ISO 3166-1
    other_countries = models.JSONField(_("Other countries"), default=list, blank=True)
    parent_company = models.CharField(_("Parent company"), max_length=250, blank=True)
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="firms", verbose_name=_("Zone"))
    sector = models.ForeignKey(Sector, models.PROTECT, null=True, blank=True, related_name="firms", verbose_name=_("Sector"))
    sector_words = models.CharField(_("Sector, as the source says"), max_length=150, blank=True)
    high_tech = models.CharField(_("High-tech field"), max_length=20, choices=HighTech, blank=True)
    is_supporting = models.BooleanField(_("Supporting industry"), default=False)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.UNKNOWN)
    status_words = models.CharField(_("Status, as the source says"), max_length=250, blank=True)
    founded_year = models.PositiveSmallIntegerField(_("In the zone since"), null=True, blank=True)
    address = models.CharField(_("Address"), max_length=300, blank=True)
    website = models.URLField(_("Website"), max_length=300, blank=True)
    intro = models.TextField(_("About the firm"), blank=True)
    intro_en = models.TextField(_("About the firm, in English"), blank=True)
    review = models.CharField(_("Review"), max_length=10, choices=Review, default=Review.LOADED)
    confirmed_on = models.DateField(_("Confirmed by the firm on"), null=True, blank=True)
    is_public = models.BooleanField(_("Public"), default=True)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("Merged into"), editable=False
    )
    moved_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="moved_from", verbose_name=_("Moved to")
    )
    name_key = models.CharField(max_length=250, editable=False, db_index=True)
    search_text = models.TextField(editable=False, blank=True)
    sort_key = models.TextField(editable=False, blank=True)
    touched_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=["search_text", "sort_key", "name_key", "touched_at"])
    objects = FirmQuerySet.as_manager()

    class Meta:
        verbose_name = _("firm")
        verbose_name_plural = _("firms")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(tax_code=""),
                name="firm_has_a_tax_code_or_none",
                violation_error_message=_("Leave the tax code out instead of storing an empty one."),
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        if self.tax_code:
            found = taxcodes.read(self.tax_code)
            if not found.is_valid:
                raise ValidationError({"tax_code": found.message})
            self.tax_code = found.code

    def prepare(self):
        """Fills what is derived: called by save() and by whatever writes many firms at once. `code` is taken apart."""
        self.normalise()
        self.name = self.name or self.name_en
        self.tax_code = self.tax_code or None
        self.name_key = firm_key(self.name)[:250]
        self.search_text = fold(self.code, self.tax_code, self.name, self.name_en, self.short_name, self.native_name)
        self.sort_key = sort_key(self.name)
        self.touched_at = timezone.now()

    def save(self, *args, **kwargs):
        if not self.code:
            self.code = code_of(CodeCounter.take()[0])
        self.prepare()
        super().save(*args, **kwargs)
        Edition.turn()

    def get_absolute_url(self):
        return reverse("firm_detail", args=[self.code])

    @property
    def title(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def countries(self):
        """Codes of all investing countries, the main one first."""
        return [code for code in [self.country, *self.other_countries] if code]


class FirmName(OfFirm):
    """Another name of a firm: an old one with the day it ended, a trading name, one in another script, a printed variant."""

    class Kind(models.TextChoices):
        FORMER = "former", _("former name")
        TRADING = "trading", _("trading name")
        NATIVE = "native", _("native name")
        VARIANT = "variant", _("other spelling")

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="other_names", verbose_name=_("Firm"))
    name = models.CharField(_("Name"), max_length=250)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.VARIANT)
    until_on = models.DateField(_("Until"), null=True, blank=True)
    name_key = models.CharField(max_length=250, editable=False, db_index=True)

    history = HistoricalRecords(excluded_fields=["name_key"])

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ["firm", "name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name_key = firm_key(self.name)[:250]
        super().save(*args, **kwargs)


class FirmActivity(OfFirm):
    """A firm's line of business by the national classification VSIC, with the version the code belongs to."""

    class Version(models.TextChoices):
        VSIC_2018 = "2018", _("VSIC 2018 (Decision 27/2018/QĐ-TTg)")
        VSIC_2025 = "2025", _("VSIC 2025 (Decision 36/2025/QĐ-TTg)")

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="activities", verbose_name=_("Firm"))
    version = models.CharField(_("Version"), max_length=4, choices=Version)
    code = models.CharField(_("Code"), max_length=6)
    is_main = models.BooleanField(_("Main line"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("line of business")
        verbose_name_plural = _("lines of business")
        ordering = ["firm", "-is_main", "code"]
        constraints = [models.UniqueConstraint(fields=["firm", "version", "code"], name="vsic_once_a_firm")]

    def __str__(self):
        return f"{self.code} ({self.version})"


class Contact(OfFirm):
    """A person or office of a firm. Shown only with the consent of whom it names; mail goes through the portal's relay."""

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="contacts", verbose_name=_("Firm"))
    person = models.CharField(_("Person"), max_length=120, blank=True)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    email = models.EmailField(_("E-mail address"), blank=True)
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)
    consented_on = models.DateField(_("Consent to publish given on"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["firm", "pk"]

    def __str__(self):
        return self.person or self.email or self.phone


class FirmYear(OfFirm):
    """One figure of a firm for one year, in its stated unit."""

    class Kind(models.TextChoices):
        JOBS = "jobs", _("jobs (people)")
        REVENUE = "revenue", _("revenue (million USD)")
        EXPORTS = "exports", _("exports (million USD)")
        RESEARCH = "research", _("spending on research (million USD)")
        BUDGET = "budget", _("paid to the state budget (billion VND)")
        REVENUE_VND = "revenue_vnd", _("revenue (billion VND)")

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="years", verbose_name=_("Firm"))
    year = models.PositiveSmallIntegerField(_("Year"))
    kind = models.CharField(_("Figure"), max_length=12, choices=Kind)
    value = models.DecimalField(_("Value"), max_digits=18, decimal_places=3)
    is_estimated = models.BooleanField(_("Estimated"), default=False)
    is_public = models.BooleanField(_("Public"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("yearly figure")
        verbose_name_plural = _("yearly figures")
        ordering = ["firm", "-year", "kind"]
        constraints = [models.UniqueConstraint(fields=["firm", "year", "kind"], name="one_figure_a_year")]

    def __str__(self):
        return f"{self.firm} {self.year} {self.get_kind_display()}"


class Qualification(OfFirm):
    """A certificate that a firm holds of itself or its processes: ISO 9001, IATF 16949, high-tech enterprise."""

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="qualifications", verbose_name=_("Firm"))
    kind = models.CharField(_("Certificate"), max_length=60)
    number = models.CharField(_("Number"), max_length=60, blank=True)
    issuer = models.CharField(_("Issued by"), max_length=150, blank=True)
    issued_on = models.DateField(_("Issued on"), null=True, blank=True)
    expires_on = models.DateField(_("Valid until"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("certificate of quality")
        verbose_name_plural = _("certificates of quality")
        ordering = ["firm", "kind"]

    def __str__(self):
        return self.kind


class Capability(OfFirm):
    """What a firm makes or can do, or an input that it buys."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("product")
        PROCESS = "process", _("process")
        SERVICE = "service", _("service")
        INPUT = "input", _("input it buys")

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="capabilities", verbose_name=_("Firm"))
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.PRODUCT)
    name = models.CharField(_("Name"), max_length=300)
    name_en = models.CharField(_("Name in English"), max_length=300, blank=True)
    process = models.CharField(_("Process"), max_length=120, blank=True)
    materials = models.CharField(_("Materials"), max_length=200, blank=True)
    tolerance = models.CharField(_("Tolerance"), max_length=80, blank=True)
    machines = models.TextField(_("Main machines"), blank=True)
    capacity = models.DecimalField(_("Capacity"), max_digits=18, decimal_places=3, null=True, blank=True)
    capacity_unit = models.CharField(_("Unit of the capacity"), max_length=40, blank=True)  # sản phẩm/năm
    spare_percent = models.PositiveSmallIntegerField(_("Spare capacity (%)"), null=True, blank=True)
    certificates = models.CharField(_("Certificates"), max_length=200, blank=True)
    markets = models.CharField(_("Markets"), max_length=200, blank=True)
    origin = models.CharField(_("Bought from"), max_length=120, blank=True)  # of an input
    is_public = models.BooleanField(_("Public"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("product or capability")
        verbose_name_plural = _("products and capabilities")
        ordering = ["firm", "kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(spare_percent__isnull=True) | Q(spare_percent__lte=100),
                name="spare_capacity_is_a_percentage",
                violation_error_message=_("Spare capacity lies between 0 and 100 percent."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def title(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name
