"""The plan and its rows, with the printed text of every cell kept apart from what is parsed out of it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from parkportal.text import fold
from tasks.models.agencies import Agency, Succession
from tasks.models.reports import AgencyReport, Progress
from tasks.status import DONE, DUE_SOON, Timeliness, deadline, label, tone


class Plan(models.Model):
    """A plan of the city, such as 2812/KH-UBND."""

    code = models.CharField(_("Number"), max_length=60, unique=True)
    title = models.TextField(_("Title"))
    title_en = models.TextField(_("Title in English"), blank=True)
    short_title = models.CharField(_("Short title"), max_length=200, blank=True)
    issued_on = models.DateField(_("Issued on"))
    issuer = models.CharField(_("Issued by"), max_length=200)
    starts_year = models.PositiveSmallIntegerField()
    ends_year = models.PositiveSmallIntegerField()
    source = models.TextField(blank=True)

    class Meta:
        verbose_name = _("plan")

    def __str__(self):
        return self.code


class TaskQuerySet(models.QuerySet):
    def assignments(self):
        """Rows that name a lead agency: the 68 that somebody must report on."""
        return self.filter(lead__isnull=False)

    def led_by(self, agency, today):
        """Assignments whose duty this agency bears today, its own and those it inherited."""
        heirs = Succession.objects.heirs(today)
        inherited = [old for old, new in heirs.items() if new == agency.pk]
        own = [] if agency.pk in heirs else [agency.pk]
        return self.filter(lead_id__in=[*own, *inherited])

    def matching(self, words):
        """Rows containing every word, whatever its diacritics and case."""
        for word in fold(words).split():
            self = self.filter(search_text__contains=word)
        return self

    def with_status(self, year, today, report_states=None):
        """Adds `state`, `percent`, `completed_on`, `reported_year`, `is_nothing` of what was reported, and `timeliness`.

        A yearly task is judged by that year's report alone; any other keeps its latest earlier one. A report of "nothing
        to report" leaves an earlier state as it was. By default only reports that were sent in or accepted count; pass
        [ACCEPTED] for the public."""
        states = report_states or AgencyReport.SENT
        sent = Progress.objects.filter(task=OuterRef("pk"), report__state__in=states)
        told = (
            sent.exclude(state="")
            .filter(Q(report__cycle__year=year) | ~Q(task__running_kind=Task.Period.YEARLY), report__cycle__year__lte=year)
            .order_by("-report__cycle__year", "-report__cycle__agencies_due_on", "-report__submitted_at", "-pk")
        )
        rows = self.annotate(
            state=Coalesce(Subquery(told.values("state")[:1]), Value("")),
            percent=Subquery(told.values("percent")[:1]),
            completed_on=Subquery(told.values("completed_on")[:1]),
            reported_year=Subquery(told.values("report__cycle__year")[:1]),
            is_nothing=Exists(sent.filter(report__cycle__year=year, is_nothing_to_report=True)),
        )
        ends = Case(
            When(running_kind=Task.Period.YEARLY, then=Value(year)),
            When(running_kind=Task.Period.YEARS, then=F("running_ends")),
            default=None,
            output_field=models.IntegerField(),
        )
        done, soon = Q(state__in=[s.value for s in DONE]), (today + DUE_SOON)
        # 31 December of `ends` lies before today; or within the days that count as soon.
        past, near = Q(ends_in__lt=today.year), Q(ends_in__lt=soon.year) | Q(ends_in=soon.year) & _year_end_within(soon)
        return rows.annotate(ends_in=ends).annotate(
            timeliness=Case(
                When(ends_in=None, then=Value(Timeliness.NO_DEADLINE)),
                When(done & Q(completed_on__year__gt=F("ends_in")), then=Value(Timeliness.OVERDUE)),
                When(done, then=Value(Timeliness.ON_TIME)),
                When(past, then=Value(Timeliness.OVERDUE)),
                When(near, then=Value(Timeliness.DUE_SOON)),
                default=Value(Timeliness.ON_TIME),
                output_field=models.CharField(),
            )
        )


def _year_end_within(day):
    """True for every row if 31 December of `day`'s year is not after `day`; a condition that the database can take."""
    return Q(pk__isnull=not (day.month == 12 and day.day == 31))


class Task(models.Model):
    """One row of the plan's annex: a group (I, II), a heading, or an assignment with a lead agency.

    `printed_*` are the seven cells as printed, misprints included, and never change in place. Everything else is read out
    of them. `running_*` is the period after inheritance from the heading above where the row's own cell is empty."""

    class Period(models.TextChoices):
        YEARS = "years", _("years")
        YEARLY = "yearly", _("yearly")
        NONE = "none", _("not stated")

    class Deliverable(models.TextChoices):
        YEAR = "year", _("in a year")
        RANGE = "range", _("over years")
        YEARLY = "yearly", _("yearly")
        NONE = "none", _("not stated")

    class Kind(models.TextChoices):
        NEW = "new", _("New task")
        ROUTINE = "routine", _("Routine task")
        ANNUAL_PLAN = "annual_plan", _("Task under the yearly approved plan")
        SCHEME = "scheme", _("Scheme")

    PRINTED = ["number", "content", "lead", "coordinators", "period", "deliverable", "note"]

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="tasks")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    group = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members")
    code = models.CharField(_("Code"), max_length=20)
    position = models.PositiveSmallIntegerField()
    depth = models.PositiveSmallIntegerField(default=0)

    printed_number = models.TextField(blank=True)
    printed_content = models.TextField()
    printed_lead = models.TextField(blank=True)
    printed_coordinators = models.TextField(blank=True)
    printed_period = models.TextField(blank=True)
    printed_deliverable = models.TextField(blank=True)
    printed_note = models.TextField(blank=True)

    content = models.TextField(_("Content"))
    content_en = models.TextField(_("Content in English (unofficial)"), blank=True)
    lead = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="led_tasks", verbose_name=_("Lead agency")
    )
    period_kind = models.CharField(max_length=10, choices=Period, default=Period.NONE)
    period_starts = models.PositiveSmallIntegerField(null=True, blank=True)
    period_ends = models.PositiveSmallIntegerField(null=True, blank=True)
    deliverable_kind = models.CharField(max_length=10, choices=Deliverable, default=Deliverable.NONE)
    deliverable_starts = models.PositiveSmallIntegerField(null=True, blank=True)
    deliverable_ends = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind, blank=True)
    unsure = models.JSONField(default=list, blank=True)  # names of cells whose reading is ours

    running_kind = models.CharField(max_length=10, choices=Period, default=Period.NONE)
    running_starts = models.PositiveSmallIntegerField(null=True, blank=True)
    running_ends = models.PositiveSmallIntegerField(null=True, blank=True)
    effective_deliverable_kind = models.CharField(max_length=10, choices=Deliverable, default=Deliverable.NONE)
    effective_deliverable_starts = models.PositiveSmallIntegerField(null=True, blank=True)
    effective_deliverable_ends = models.PositiveSmallIntegerField(null=True, blank=True)
    effective_kind = models.CharField(max_length=20, choices=Kind, blank=True)
    search_text = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(excluded_fields=["search_text"])
    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="one_code_a_plan"),
            models.UniqueConstraint(fields=["plan", "position"], name="one_position_a_plan"),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"

    def save(self, *args, **kwargs):
        if self.pk:
            self._refuse_changed_print()
        self.search_text = fold(self.code, self.content, self.content_en, self.printed_lead, self.printed_coordinators)
        super().save(*args, **kwargs)

    def _refuse_changed_print(self):
        fields = [f"printed_{name}" for name in self.PRINTED]
        stored = Task.objects.filter(pk=self.pk).values(*fields).first()
        if stored and any(stored[name] != getattr(self, name) for name in fields):
            raise ValidationError(_("The printed text of the plan is never edited in place."))

    @property
    def title(self):
        """The task in the reader's language; the English is an unofficial translation."""
        return self.content_en if self.content_en and get_language() == "en" else self.content

    @property
    def is_yearly(self):
        return self.running_kind == self.Period.YEARLY

    @property
    def is_period_inherited(self):
        return self.period_kind == self.Period.NONE and self.running_kind != self.Period.NONE

    @property
    def period_words(self):
        return _years_in_words(self.running_kind, self.running_starts, self.running_ends)

    @property
    def deliverable_words(self):
        return _years_in_words(
            self.effective_deliverable_kind, self.effective_deliverable_starts, self.effective_deliverable_ends
        )

    def deadline(self, year):
        """The last day for this task as seen from the report of `year`, or None."""
        return deadline(self.running_kind, self.running_ends, year)

    @property
    def status_label(self):
        """Official words of the status; only on rows from `with_status`."""
        return label(self.state, self.timeliness, self.is_nothing)

    @property
    def tone(self):
        return tone(self.state, self.timeliness)


def _years_in_words(kind, first, last):
    if kind == "yearly":
        return _("yearly")
    if not first:
        return ""
    return str(first) if last in (None, first) else f"{first}–{last}"


class TaskCoordinator(models.Model):
    """A body, or words such as "các sở, ngành liên quan", in the coordinating cell of a task."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="coordinators")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="coordinated")
    text = models.CharField(max_length=400)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["task", "position"]
        constraints = [models.UniqueConstraint(fields=["task", "position"], name="one_place_a_coordinator")]

    def __str__(self):
        return self.text


class TaskReference(models.Model):
    """Another document that a task's note names: Kế hoạch số 4844/KH-UBND."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="references")
    kind = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=60)
    issued_on = models.DateField(null=True, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["task", "pk"]

    def __str__(self):
        return self.text
