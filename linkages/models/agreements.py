"""Cooperation frameworks and memoranda with their commitments, training links, and the programme's targets."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models.sourced import Sourced, Texts
from linkages.models.chains import Chain
from linkages.models.parties import Party


class Agreement(Texts, Sourced):
    """A framework or memorandum between boards, schools, firms, foreign partners."""

    class Kind(models.TextChoices):
        FRAMEWORK = "framework", _("cooperation framework between boards")
        MEMORANDUM = "memorandum", _("memorandum of understanding")
        TRAINING = "training", _("training agreement")
        FOREIGN = "foreign", _("agreement with a foreign partner")

    class Term(models.TextChoices):
        MEDIUM = "medium", _("medium term")
        LONG = "long", _("long term")

    number = models.CharField(_("Number"), max_length=80, blank=True)
    title = models.CharField(_("Title"), max_length=300)
    title_en = models.CharField(_("Title in English"), max_length=300, blank=True)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    parties = models.ManyToManyField(Party, related_name="agreements", verbose_name=_("Parties"))
    signed_on = models.DateField(_("Signed on"), null=True, blank=True)
    starts_on = models.DateField(_("In force from"), null=True, blank=True)
    ends_on = models.DateField(_("In force until"), null=True, blank=True)
    term = models.CharField(_("Term"), max_length=6, choices=Term, blank=True)
    fields = models.TextField(_("Fields"), blank=True)
    chains = models.ManyToManyField(Chain, blank=True, related_name="agreements", verbose_name=_("Chains"))
    file = models.FileField(_("File"), upload_to="agreements/%Y/", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    is_public = models.BooleanField(_("Public"), default=False)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(m2m_fields=[parties])

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="agreement_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first one."),
            )
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("agreement_detail", args=[self.pk])

    @property
    def shown_title(self):
        return self.title_en if self.title_en and get_language() == "en" else self.title


class Commitment(Texts, models.Model):
    """What one party of an agreement owes, until when, and what shows that it was done."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="commitments", verbose_name=_("Agreement"))
    text = models.TextField(_("What is owed"))
    owner = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name=_("Owed by"))
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.OPEN)
    done_on = models.DateField(_("Done on"), null=True, blank=True)
    evidence = models.TextField(_("Evidence"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["agreement", F("due_on").asc(nulls_last=True), "pk"]

    def __str__(self):
        return self.text[:80]

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)


class SkillNeed(Texts, models.Model):
    """People that a firm looks for: a skill, a level, how many, by when."""

    class Level(models.TextChoices):
        WORKER = "worker", _("skilled worker")
        COLLEGE = "college", _("college")
        ENGINEER = "engineer", _("engineer")
        POSTGRADUATE = "postgraduate", _("postgraduate")

    party = models.ForeignKey(Party, models.PROTECT, related_name="skill_needs", verbose_name=_("Firm"))
    skill = models.CharField(_("Skill"), max_length=200)
    skill_en = models.CharField(_("Skill in English"), max_length=200, blank=True)
    level = models.CharField(_("Level"), max_length=12, choices=Level)
    number = models.PositiveIntegerField(_("People"), default=1)
    needed_by = models.DateField(_("Needed by"), null=True, blank=True)
    stated_on = models.DateField(_("Stated on"))
    is_public = models.BooleanField(_("Public"), default=True)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("need of people")
        verbose_name_plural = _("needs of people")
        ordering = ["-stated_on", "pk"]

    def __str__(self):
        return f"{self.party}: {self.skill}"

    @property
    def shown_skill(self):
        return self.skill_en if self.skill_en and get_language() == "en" else self.skill

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)


class TrainingProgramme(Texts, models.Model):
    """What a school teaches: a skill, a level, how many a year."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="training_programmes", verbose_name=_("School"))
    name = models.CharField(_("Programme"), max_length=200)
    name_en = models.CharField(_("Programme in English"), max_length=200, blank=True)
    skills = models.TextField(_("Skills"))
    level = models.CharField(_("Level"), max_length=12, choices=SkillNeed.Level)
    places = models.PositiveIntegerField(_("Graduates a year"), null=True, blank=True)
    source = models.TextField(_("Source"), blank=True)
    is_public = models.BooleanField(_("Public"), default=True)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("training programme")
        verbose_name_plural = _("training programmes")
        ordering = ["party", "name"]

    def __str__(self):
        return self.name

    @property
    def shown_name(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)


class Target(Texts, Sourced):
    """What the programme wants in a phase. `measure` names the function of linkages.targets that counts what is there."""

    key = models.SlugField(_("Key"), max_length=40, unique=True)
    document = models.CharField(_("Document"), max_length=200)
    phase_starts = models.PositiveSmallIntegerField(_("Phase from"))
    phase_ends = models.PositiveSmallIntegerField(_("Phase until"))
    name = models.CharField(_("Target"), max_length=300)
    name_en = models.CharField(_("Target in English"), max_length=300, blank=True)
    measure = models.CharField(_("Measure"), max_length=40)
    target = models.DecimalField(_("Target value"), max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("Unit"), max_length=40, blank=True)
    blocker = models.TextField(_("Blocker"), blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("programme target")
        verbose_name_plural = _("programme targets")
        ordering = ["phase_starts", "position"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    @property
    def shown_name(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name
