"""Matching sessions: who is invited, who meets whom when, what came of it, and what is owed afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models.sourced import Texts
from linkages.models.market import Match, Posting
from linkages.models.parties import Party

FOLLOW_UP_DAYS = (30, 90, 180)


class MatchingSession(Texts, models.Model):
    """A day on which firms meet one to one. The timetable is computed; meetings never clash for a participant or a table."""

    class Kind(models.TextChoices):
        VENUE = "venue", _("at a venue")
        ONLINE = "online", _("online")
        BOTH = "both", _("at a venue and online")

    class State(models.TextChoices):
        PLANNED = "planned", _("being prepared")
        INVITING = "inviting", _("invitations are out")
        SCHEDULED = "scheduled", _("timetable is out")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("cancelled")

    code = models.SlugField(_("Code"), max_length=20, unique=True)
    title = models.CharField(_("Title"), max_length=250)
    title_en = models.CharField(_("Title in English"), max_length=250, blank=True)
    topic = models.TextField(_("Topic"), blank=True)
    topic_en = models.TextField(_("Topic in English"), blank=True)
    countries = models.JSONField(_("Partner countries"), default=list, blank=True)
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind, default=Kind.VENUE)
    starts_at = models.DateTimeField(_("Begins"))
    ends_at = models.DateTimeField(_("Ends"))
    slot_minutes = models.PositiveSmallIntegerField(_("Minutes a meeting"), default=20)
    pause_minutes = models.PositiveSmallIntegerField(_("Minutes between meetings"), default=5)
    tables = models.PositiveSmallIntegerField(_("Tables"), default=10)
    most_meetings = models.PositiveSmallIntegerField(_("Meetings a participant, at most"), default=6)
    venue = models.CharField(_("Venue"), max_length=250, blank=True)
    online_address = models.URLField(_("Address online"), blank=True)
    organisers = models.CharField(_("Organisers"), max_length=300, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.PLANNED)
    is_public = models.BooleanField(_("Public"), default=False)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Officer")
    )
    minutes = models.TextField(_("Minutes of the session"), blank=True)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("matching session")
        verbose_name_plural = _("matching sessions")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_it_begins",
                violation_error_message=_("The session ends before it begins."),
            )
        ]

    def __str__(self):
        return self.shown_title

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("session_detail", args=[self.code])

    @property
    def shown_title(self):
        return self.title_en if self.title_en and get_language() == "en" else self.title

    @property
    def shown_topic(self):
        return self.topic_en if self.topic_en and get_language() == "en" else self.topic


class Participant(Texts, models.Model):
    """A party at a session, with the person who comes. invited -> confirmed or declined -> came or stayed away."""

    class Side(models.TextChoices):
        SEEKS = "seeks", _("seeks")
        OFFERS = "offers", _("offers")
        BOTH = "both", _("seeks and offers")

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")
        CAME = "came", _("came")
        ABSENT = "absent", _("stayed away")

    session = models.ForeignKey(MatchingSession, models.CASCADE, related_name="participants", verbose_name=_("Session"))
    party = models.ForeignKey(Party, models.PROTECT, related_name="participations", verbose_name=_("Partner"))
    person = models.CharField(_("Person"), max_length=120, blank=True)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    email = models.EmailField(_("E-mail address"), blank=True)
    language = models.CharField(_("Language"), max_length=2, default="vi")
    needs_interpreter = models.BooleanField(_("Needs an interpreter"), default=False)
    side = models.CharField(_("Side"), max_length=6, choices=Side, default=Side.BOTH)
    posting = models.ForeignKey(
        Posting, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Need or offer")
    )
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.INVITED)
    wishes = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="wished_by", verbose_name=_("Wants to meet")
    )
    available_from = models.TimeField(_("There from"), null=True, blank=True)
    available_until = models.TimeField(_("There until"), null=True, blank=True)
    # Only NULL may stand in several rows.
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    invited_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    history = HistoricalRecords(excluded_fields=["token_hash"])

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["session", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "party"], name="party_once_a_session")]

    def __str__(self):
        return self.party.title

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)


class Meeting(models.Model):
    """Two participants at one table in one slot (counted from 0), and what came of it."""

    class Result(models.TextChoices):
        NONE = "", _("not noted yet")
        NOTHING = "nothing", _("no common ground")
        AGAIN = "again", _("will talk again")
        SAMPLE = "sample", _("sample or visit agreed")
        MEMORANDUM = "memorandum", _("memorandum")
        CONTRACT = "contract", _("contract")
        MISSED = "missed", _("did not take place")

    session = models.ForeignKey(MatchingSession, models.CASCADE, related_name="meetings", verbose_name=_("Session"))
    first = models.ForeignKey(Participant, models.CASCADE, related_name="meetings_first", verbose_name=_("First"))
    second = models.ForeignKey(Participant, models.CASCADE, related_name="meetings_second", verbose_name=_("Second"))
    slot = models.PositiveSmallIntegerField(_("Slot"))
    table = models.PositiveSmallIntegerField(_("Table"))
    is_fixed = models.BooleanField(_("Stays when the timetable is made again"), default=False)
    match = models.ForeignKey(Match, models.SET_NULL, null=True, blank=True, related_name="meetings", verbose_name=_("Match"))
    result = models.CharField(_("Result"), max_length=10, choices=Result, blank=True)
    note = models.TextField(_("Note"), blank=True)
    value_vnd = models.DecimalField(_("Value (billion VND)"), max_digits=14, decimal_places=3, null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["session", "slot", "table"]
        constraints = [
            models.UniqueConstraint(fields=["session", "slot", "table"], name="one_meeting_a_table"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="meeting_in_order"),
            models.UniqueConstraint(fields=["session", "first", "second"], name="pair_meets_once"),
        ]

    def __str__(self):
        return f"{self.first} – {self.second}"

    def get_absolute_url(self):
        return reverse("meeting_result", args=[self.pk])


class FollowUp(models.Model):
    """What is owed 30, 90 and 180 days after a meeting that led somewhere."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="follow_ups", verbose_name=_("Meeting"))
    days = models.PositiveSmallIntegerField(_("Days after"))
    due_on = models.DateField(_("Due on"))
    done_on = models.DateField(_("Done on"), null=True, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Match.State, blank=True)
    value_vnd = models.DecimalField(_("Value (billion VND)"), max_digits=14, decimal_places=3, null=True, blank=True)
    note = models.TextField(_("Note"), blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "days"], name="follow_up_once")]

    def __str__(self):
        return f"{self.meeting} +{self.days}"
