"""Zones, their parts, their land, and the authority that manages them at a time."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models.edition import Edition
from firms.models.sourced import Review, Sourced, Texts
from parkportal.text import fold, sort_key


class Authority(Texts, models.Model):
    """A body that manages zones, with the office that an investor calls."""

    key = models.SlugField(_("Key"), unique=True, max_length=40)
    name = models.CharField(_("Name"), max_length=200, unique=True)
    name_en = models.CharField(_("Name in English"), max_length=200, blank=True)
    short_name = models.CharField(_("Abbreviation"), max_length=40, blank=True)
    address = models.CharField(_("Address"), max_length=250, blank=True)
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)
    email = models.EmailField(_("E-mail address"), blank=True)
    website = models.URLField(_("Website"), blank=True)
    source = models.TextField(_("Source"), blank=True)
    is_ours = models.BooleanField(_("Runs this portal"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("managing authority")
        verbose_name_plural = _("managing authorities")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    @property
    def title(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name


class ZoneQuerySet(models.QuerySet):
    def public(self):
        return self.filter(is_public=True)

    def wholes(self):
        """Zones that are no part of another one of the same kind: what a list of zones begins with."""
        return self.exclude(kind__in=Zone.PARTS)

    def managed_by(self, authority, day):
        """Zones that the authority manages on a day."""
        rows = ZoneAuthority.objects.on(day).filter(authority=authority)
        return self.filter(pk__in=rows.values("zone"))

    def matching(self, words):
        for word in fold(words).split():
            self = self.filter(search_text__contains=word)
        return self

    def in_order(self):
        return self.order_by("rank", "sort_key")


class Zone(Texts, Sourced):
    """A high-tech park, industrial zone or cluster, IT park, economic or free-trade zone, or a part of one.

    Land is told by dated rows (LandFigures); who manages it by dated rows (ZoneAuthority)."""

    class Kind(models.TextChoices):
        HIGH_TECH_PARK = "KCNC", _("high-tech park")
        HIGH_TECH_PART = "KCNC-phan-khu", _("part of the high-tech park")
        IT_PARK = "KCNTT", _("concentrated IT park")
        IT_PART = "KCNTT-phan-khu", _("part of an IT park")
        INDUSTRIAL_ZONE = "KCN", _("industrial zone")
        INDUSTRIAL_CLUSTER = "CCN", _("industrial cluster")
        ECONOMIC_ZONE = "KKT", _("economic zone")
        FREE_TRADE_ZONE = "KTMTD", _("free-trade zone")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        BUILDING = "building", _("under construction")
        OPERATING = "operating", _("operating")
        UNKNOWN = "unknown", _("not stated")

    PARTS = [Kind.HIGH_TECH_PART, Kind.IT_PART]

    code = models.SlugField(_("Code"), max_length=30, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("Part of"))
    name = models.CharField(_("Name"), max_length=200)
    name_en = models.CharField(_("Name in English"), max_length=200, blank=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind)
    rank = models.PositiveSmallIntegerField(_("Place in lists"), default=100)
    province = models.CharField(_("Province"), max_length=80, blank=True)  # since 1 July 2025
    province_before = models.CharField(_("Province before 1 July 2025"), max_length=80, blank=True)
    location = models.CharField(_("Location"), max_length=300, blank=True)
    established_year = models.PositiveSmallIntegerField(_("Established in"), null=True, blank=True)
    decision = models.CharField(pgettext_lazy("zone", "Decision"), max_length=300, blank=True)
    developer = models.CharField(_("Infrastructure developer"), max_length=250, blank=True)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.UNKNOWN)
    state_words = models.CharField(_("State, as the source says"), max_length=250, blank=True)
    infrastructure = models.TextField(_("Infrastructure"), blank=True)
    infrastructure_en = models.TextField(_("Infrastructure, in English"), blank=True)
    incentives = models.TextField(_("Incentives"), blank=True)
    incentives_en = models.TextField(_("Incentives, in English"), blank=True)
    website = models.URLField(_("Website"), blank=True)
    latitude = models.DecimalField(_("Latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("Longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    point_basis = models.CharField(_("How the point was found"), max_length=250, blank=True)
    is_point_sourced = models.BooleanField(_("The point has a source"), default=False)
    outline = models.JSONField(_("Outline (GeoJSON)"), null=True, blank=True)
    review = models.CharField(_("Review"), max_length=10, choices=Review, default=Review.LOADED)
    is_public = models.BooleanField(_("Public"), default=True)
    search_text = models.TextField(editable=False, blank=True)
    sort_key = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(excluded_fields=["search_text", "sort_key"])
    objects = ZoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ["rank", "sort_key"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.normalise()
        self.search_text = fold(self.code, self.name, self.name_en, self.location, self.province, self.province_before)
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)
        Edition.turn()

    def get_absolute_url(self):
        return reverse("zone_detail", args=[self.code])

    @property
    def title(self):
        """The name in the reader's language; the Vietnamese one where there is no other."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def is_part(self):
        return self.kind in self.PARTS


class ZoneAuthorityQuerySet(models.QuerySet):
    def on(self, day):
        """Rows in force on a day; a row without a beginning has always been."""
        begun = Q(starts_on__isnull=True) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class ZoneAuthority(Texts, models.Model):
    """That an authority manages a zone from a day on (both ends included); a blank day is not known."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="authorities", verbose_name=_("Zone"))
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="zones", verbose_name=_("Managing authority"))
    starts_on = models.DateField(_("From"), null=True, blank=True)
    ends_on = models.DateField(_("Until"), null=True, blank=True)
    basis = models.CharField(_("Legal basis"), max_length=250, blank=True)
    source = models.TextField(_("Source"), blank=True)

    history = HistoricalRecords()
    objects = ZoneAuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("management of a zone")
        verbose_name_plural = _("management of zones")
        ordering = ["zone", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="zone_authority_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first one."),
            )
        ]

    def __str__(self):
        return f"{self.zone} – {self.authority}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)


class LandQuerySet(models.QuerySet):
    def latest(self, day):
        """{zone id: its newest figures that speak of the day or before}; figures without a day count as the oldest."""
        rows = self.filter(Q(as_of__isnull=True) | Q(as_of__lte=day)).order_by(models.F("as_of").asc(nulls_first=True), "pk")
        return {row.zone_id: row for row in rows}


class LandFigures(Texts, Sourced):
    """A zone's land at a time, in hectares. Occupancy is computed: leased / leasable, never typed."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="land", verbose_name=_("Zone"))
    area_ha = models.DecimalField(_("Area (ha)"), max_digits=12, decimal_places=4, null=True, blank=True)
    leasable_ha = models.DecimalField(_("Leasable (ha)"), max_digits=12, decimal_places=4, null=True, blank=True)
    leased_ha = models.DecimalField(_("Leased (ha)"), max_digits=12, decimal_places=4, null=True, blank=True)
    ready_ha = models.DecimalField(_("Ready land (ha)"), max_digits=12, decimal_places=4, null=True, blank=True)
    printed_occupancy = models.DecimalField(_("Occupancy as printed (%)"), max_digits=6, decimal_places=2, null=True, blank=True)

    history = HistoricalRecords()
    objects = LandQuerySet.as_manager()

    class Meta:
        verbose_name = _("land of a zone")
        verbose_name_plural = _("land of zones")
        ordering = ["zone", "as_of"]
        constraints = [
            models.CheckConstraint(
                condition=Q(leased_ha__isnull=True) | Q(leasable_ha__isnull=True) | Q(leased_ha__lte=models.F("leasable_ha")),
                name="zone_leases_no_more_than_it_has",
                violation_error_message=_("More land is leased than can be leased."),
            )
        ]

    def __str__(self):
        return f"{self.zone} {self.as_of_shown}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    @property
    def occupancy(self):
        """Percent of the leasable land that is leased (a part of a zone: of its whole area); None where a figure is missing."""
        base = self.leasable_ha or (self.area_ha if self.zone.is_part else None)
        if self.leased_ha is None or not base:
            return None
        return self.leased_ha / base * 100

    @property
    def free_ha(self):
        """Hectares that can still be leased: what the source calls ready, else leasable less leased."""
        if self.ready_ha is not None:
            return self.ready_ha
        if self.leasable_ha is None or self.leased_ha is None:
            return None
        return self.leasable_ha - self.leased_ha


class Plot(Texts, Sourced):
    """A plot of land of a zone, as its plan numbers it (A17, H4)."""

    class State(models.TextChoices):
        FREE = "free", _("free")
        RESERVED = "reserved", _("reserved")
        LEASED = "leased", _("leased")
        UNKNOWN = "unknown", _("not stated")

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="plots", verbose_name=_("Zone"))
    number = models.CharField(_("Plot"), max_length=40)
    area_ha = models.DecimalField(_("Area (ha)"), max_digits=12, decimal_places=4, null=True, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.UNKNOWN)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("plot")
        verbose_name_plural = _("plots")
        ordering = ["zone", "number"]
        constraints = [models.UniqueConstraint(fields=["zone", "number"], name="plot_once_a_zone")]

    def __str__(self):
        return f"{self.zone} {self.number}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)
