"""Agencies, the people who act for them, and which agency took over from which."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from parkportal.text import fold, name_key, nfc, sort_key


class AgencyQuerySet(models.QuerySet):
    def with_duty(self):
        """Agencies that the plan names as lead of at least one task, under the name it used."""
        return self.filter(led_tasks__isnull=False).distinct()

    def matching(self, words):
        """Agencies whose name, or another way of writing it, contains every word, whatever its diacritics and case."""
        for word in fold(words).split():
            known_as = AgencyAlias.objects.filter(key__contains=word).values("agency")
            self = self.filter(Q(search_text__contains=word) | Q(pk__in=known_as))
        return self

    def in_order(self):
        return self.order_by("sort_key")


class Agency(models.Model):
    """A body that the plan names, or that took over from one: a department, a board, a newspaper, an association."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("Department")
        BOARD = "board", _("Management board")
        DISTRICTS = "district_committees", _("People's committees of localities")
        PRESS = "press", _("Press")
        ASSOCIATION = "association", _("Association or union")
        FUND = "fund", _("Fund")
        COUNCIL = "council", _("Council")
        INSTITUTE = "institute", _("Institute")
        CENTRE = "centre", _("Centre or portal")
        MINISTRY = "ministry", _("Central body")
        UNIVERSITY = "university", _("University")
        LOCALITY = "locality", _("Province or city")
        OTHER = "other", _("Other")

    key = models.SlugField(_("Key"), unique=True, max_length=60)
    name = models.CharField(_("Name"), max_length=200, unique=True)
    name_en = models.CharField(_("Name in English"), max_length=200, blank=True)
    abbreviation = models.CharField(_("Abbreviation"), max_length=40, blank=True)
    kind = models.CharField(_("Kind"), max_length=30, choices=Kind, default=Kind.OTHER)
    is_consolidator = models.BooleanField(_("Consolidates the reports"), default=False)
    dissolved_on = models.DateField(_("Ended on"), null=True, blank=True)
    unsure = models.TextField(_("What is not verified"), blank=True)
    source_url = models.TextField(_("Source"), blank=True)
    search_text = models.TextField(editable=False, blank=True)
    sort_key = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(excluded_fields=["search_text", "sort_key"])
    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["sort_key"]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.name = nfc(self.name).strip()
        self.search_text = fold(self.name, self.name_en, self.abbreviation)
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)

    @property
    def title(self):
        """The name in the reader's language; the Vietnamese one where there is no other."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def short(self):
        return self.abbreviation or self.title


class AgencyAlias(models.Model):
    """Another way in which documents write an agency's name, misprints included."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="aliases", verbose_name=_("Agency"))
    name = models.CharField(_("Name"), max_length=200)
    key = models.CharField(max_length=200, unique=True, editable=False)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name, self.key = nfc(self.name), name_key(self.name)
        super().save(*args, **kwargs)


class SuccessionQuerySet(models.QuerySet):
    def in_force(self, today):
        return self.filter(effective_on__lte=today)

    def heirs(self, today):
        """{agency id: id of the agency that bears its duty today} for every agency that was succeeded."""
        step = dict(self.in_force(today).order_by("effective_on").values_list("predecessor_id", "successor_id"))
        return {start: _follow(step, start) for start in step}


def _follow(step, start):
    seen, at = {start}, start
    while at in step and step[at] not in seen:
        at = step[at]
        seen.add(at)
    return at


class Succession(models.Model):
    """One agency's duties passing to another on a date. Duty, visibility and reminders follow it; finished reports do not."""

    predecessor = models.ForeignKey(Agency, models.PROTECT, related_name="successions", verbose_name=_("Before"))
    successor = models.ForeignKey(Agency, models.PROTECT, related_name="inheritances", verbose_name=_("After"))
    effective_on = models.DateField(_("From"))
    change = models.CharField(_("Change"), max_length=200, blank=True)
    legal_basis = models.TextField(_("Legal basis"), blank=True)
    source_url = models.TextField(_("Source"), blank=True)
    note = models.TextField(_("Note"), blank=True)

    history = HistoricalRecords()
    objects = SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering = ["effective_on", "predecessor__sort_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor"],
                name="one_successor",
                violation_error_message=_("This agency already has a successor. Change that entry instead."),
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")),
                name="successor_is_another",
                violation_error_message=_("An agency cannot follow itself. Choose another one."),
            ),
        ]

    def __str__(self):
        return f"{self.predecessor} → {self.successor} ({self.effective_on:%d/%m/%Y})"


class MembershipQuerySet(models.QuerySet):
    def active(self, today):
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today, user__is_active=True)


class Membership(models.Model):
    """A person acting for an agency between two dates: writing its report (officer) or signing it off (head, deputy)."""

    class Duty(models.TextChoices):
        OFFICER = "officer", _("Focal officer")
        HEAD = "head", _("Head")
        DEPUTY = "deputy", _("Deputy head")

    SIGNERS = [Duty.HEAD, Duty.DEPUTY]

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("Person"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships", verbose_name=_("Agency"))
    duty = models.CharField(_("Duty"), max_length=10, choices=Duty, default=Duty.OFFICER)
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"), null=True, blank=True)

    history = HistoricalRecords()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["agency__sort_key", "duty", "user__full_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency", "duty", "starts_on"],
                name="one_membership",
                violation_error_message=_("This person already has this duty from that day."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_start",
                violation_error_message=_("The last day lies before the first. Correct one of them."),
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_duty_display()}, {self.agency}"


class Holiday(models.Model):
    """A public holiday. Lunar ones are announced each year and entered by the administrator; unconfirmed ones do not count."""

    date = models.DateField(_("Day"), unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_en = models.CharField(_("Name in English"), max_length=120, blank=True)
    is_confirmed = models.BooleanField(_("Confirmed"), default=True)
    source = models.TextField(_("Source"), blank=True)

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        ordering = ["date"]

    def __str__(self):
        return f"{self.date:%d/%m/%Y} {self.name}"

    @classmethod
    def days(cls):
        """The confirmed holidays, as a set of dates."""
        return frozenset(cls.objects.filter(is_confirmed=True).values_list("date", flat=True))
