"""The reporting cycle: which year, what kind, which dates, and how the printed words "trước ngày" are read."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from parkportal.dates import ONE_DAY, next_working_day
from tasks.models.agencies import Holiday


class CycleQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=ReportingCycle.State.OPEN)

    def started(self):
        return self.exclude(state=ReportingCycle.State.PLANNED)

    def current(self):
        """The cycle that people work in now: the latest open one, else the latest of all, else None."""
        open_first = Case(When(state=ReportingCycle.State.OPEN, then=0), default=1)
        return self.started().order_by(open_first, "-year", "-pk").first()


class ReportingCycle(models.Model):
    """One round of reports on a plan. planned -> open -> closed; a closed one can be reopened with a reason.

    Part III of Plan 2812: agencies report before 10 December, the department of science and technology before
    15 December every year; an interim review follows after 3 years and a final one after 5."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", _("Annual report")
        INTERIM = "interim", _("Interim review (3 years)")
        FINAL = "final", _("Final review (5 years)")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Reading(models.TextChoices):
        BEFORE = "before", _("“Before” the date: the day before it is the last")
        INCLUSIVE = "inclusive", _("The date itself is the last day")

    plan = models.ForeignKey("tasks.Plan", models.PROTECT, related_name="cycles", verbose_name=_("Plan"))
    year = models.PositiveSmallIntegerField(_("Year"))
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.ANNUAL)
    opens_on = models.DateField(_("Opening date"))
    agencies_due_on = models.DateField(_("Agencies' date, as printed"))
    consolidation_due_on = models.DateField(_("Consolidation date, as printed"))
    reading = models.CharField(_("Reading of “trước ngày”"), max_length=10, choices=Reading, default=Reading.BEFORE)
    is_rolled = models.BooleanField(
        _("Move a last day that is no working day to the next working day"),
        default=False,
        help_text=_("By analogy with article 148 of the Civil Code; whether it applies here is the authority's choice."),
    )
    cutoff_on = models.DateField(_("Data cut-off"))
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.PLANNED, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    is_demonstration = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords()
    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting cycle")
        verbose_name_plural = _("reporting cycles")
        ordering = ["-year", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "year", "kind"],
                name="one_cycle_a_year_and_kind",
                violation_error_message=_("There is already a cycle of this kind for this year. Open that one."),
            ),
            models.CheckConstraint(
                condition=Q(agencies_due_on__lt=F("consolidation_due_on")),
                name="agencies_report_before_consolidation",
                violation_error_message=_("Set the consolidation date after the agencies' date."),
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lt=F("agencies_due_on")),
                name="opens_before_due",
                violation_error_message=_("Set the opening date before the agencies' date."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.year}"

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    @property
    def is_closed(self):
        return self.state == self.State.CLOSED

    def last_day(self, printed, holidays):
        day = printed - ONE_DAY if self.reading == self.Reading.BEFORE else printed
        return next_working_day(day, holidays) if self.is_rolled else day

    @property
    def agencies_last_day(self):
        """The last day on which an agency's report is on time."""
        return self.last_day(self.agencies_due_on, self._holidays())

    @property
    def consolidation_last_day(self):
        """The last day on which the consolidated report is on time."""
        return self.last_day(self.consolidation_due_on, self._holidays())

    def _holidays(self):
        return Holiday.days() if self.is_rolled else frozenset()

    def days_left(self, today):
        """Whole days until the agencies' last day; negative once it has passed."""
        return (self.agencies_last_day - today).days

    def days_late(self, moment):
        """Days by which a moment misses the agencies' last day; 0 if it is on time."""
        return max(0, (timezone.localdate(moment) - self.agencies_last_day).days)

    def require_open(self):
        if not self.is_open:
            raise ValidationError(_("This reporting cycle is not open, so nothing in it can change."), code="closed")


class CycleEvent(models.Model):
    """Opening, closing or reopening a cycle, with the reason that was given."""

    cycle = models.ForeignKey(ReportingCycle, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self):
        return f"{self.cycle} {self.verb}"
