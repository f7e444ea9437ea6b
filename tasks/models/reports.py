"""An agency's report in a cycle: a cover part and one row of progress for each of its tasks."""

import hashlib
import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from parkportal.text import nfc
from tasks.models.agencies import Agency, Membership, Succession
from tasks.models.cycles import ReportingCycle
from tasks.status import REPORTABLE, State

# States that answer a row: what an officer may choose, and what a consolidator made of her claim.
ANSWERING = [*REPORTABLE, State.COMPLETED]


def agency_ids_of(user, today, duties=None):
    """Agencies in whose name a person acts today: her own and every one that they took over from."""
    if not user.is_authenticated:
        return set()
    memberships = Membership.objects.active(today).filter(user=user)
    if duties:
        memberships = memberships.filter(duty__in=duties)
    own = set(memberships.values_list("agency_id", flat=True))
    if not own:
        return own
    heirs = Succession.objects.heirs(today)
    return {pk for pk in own if pk not in heirs} | {old for old, new in heirs.items() if new in own}


class AgencyReportQuerySet(models.QuerySet):
    def visible_to(self, user, today):
        """Own reports; every one for consolidators and administrators; what was sent in for the city's leadership."""
        if user.is_consolidator or user.is_administrator:
            return self
        mine = Q(agency_id__in=agency_ids_of(user, today))
        if user.is_leadership:
            mine |= Q(state__in=AgencyReport.SENT)
        return self.filter(mine)

    def editable_by(self, user, today):
        return self.filter(
            agency_id__in=agency_ids_of(user, today),
            state__in=AgencyReport.WRITABLE,
            cycle__state=ReportingCycle.State.OPEN,
        )

    def held(self, pk):
        """The report as it is now, held until the transaction ends (SQLite holds the whole database instead).

        The cycle is read once the lock is held, not joined to it: a join would show the cycle as it was before the wait, and
        something could be written into a cycle that was closed meanwhile."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def in_order(self):
        return self.order_by("agency__sort_key")

    def missing(self):
        """Reports that have not been sent in (again)."""
        return self.filter(state__in=AgencyReport.WRITABLE)

    def sent(self):
        return self.filter(state__in=AgencyReport.SENT)


class AgencyReport(models.Model):
    """What one agency reports in one cycle, signed off by its head or deputy.

    empty -> draft -> submitted -> accepted; submitted -> returned (with a reason) -> submitted; the signer may withdraw a
    submission until it is accepted. When the cycle closes, a report that was never sent in stays as it is and counts as
    "chưa báo cáo"."""

    class State(models.TextChoices):
        EMPTY = "empty", _("not begun")
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("sent back")
        ACCEPTED = "accepted", _("accepted")

    WRITABLE = [State.EMPTY, State.DRAFT, State.RETURNED]
    SENT = [State.SUBMITTED, State.ACCEPTED]
    COVER = ["direction", "shortcomings", "causes_objective", "causes_subjective", "next_directions", "proposals"]
    # state -> states it may go to: the whole life of a report.
    TRANSITIONS = {
        State.EMPTY: {State.DRAFT, State.SUBMITTED},
        State.DRAFT: {State.SUBMITTED},
        State.SUBMITTED: {State.RETURNED, State.ACCEPTED, State.DRAFT},
        State.RETURNED: {State.SUBMITTED},
        State.ACCEPTED: {State.RETURNED},
    }

    cycle = models.ForeignKey(ReportingCycle, models.PROTECT, related_name="reports")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="reports")
    agency_name = models.CharField(max_length=200)  # as it was called on the day it last acted
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.EMPTY)
    direction = models.TextField(_("Direction and organisation of the work"), blank=True)
    shortcomings = models.TextField(_("Shortcomings"), blank=True)
    causes_objective = models.TextField(_("Objective causes"), blank=True)
    causes_subjective = models.TextField(_("Subjective causes"), blank=True)
    next_directions = models.TextField(_("Directions for next year"), blank=True)
    proposals = models.TextField(_("Proposals to the city"), blank=True)
    revision = models.PositiveIntegerField(default=0)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(_("Reason for sending back"), blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = AgencyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency's report")
        verbose_name_plural = _("agencies' reports")
        ordering = ["cycle", "agency__sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "agency"], name="one_report_an_agency_and_cycle"),
        ]

    def __str__(self):
        return f"{self.agency_name}, {self.cycle}"

    @property
    def title(self):
        """The agency's name as this report carries it; in English where the agency still goes by that name."""
        return self.agency.title if self.agency_name == self.agency.name else self.agency_name

    @property
    def is_sent(self):
        return self.state in self.SENT

    @property
    def is_writable(self):
        return self.state in self.WRITABLE and self.cycle.is_open

    @property
    def is_missing_at_close(self):
        """Closed without having been sent in: shown as "chưa báo cáo", never as an empty success."""
        return self.cycle.is_closed and not self.is_sent

    @property
    def days_late(self):
        """Days by which it was first sent in after the agencies' last day; 0 if on time or not sent."""
        return self.cycle.days_late(self.first_submitted_at) if self.first_submitted_at else 0

    def signers(self, today):
        """Memberships of those who may sign it off today: heads and deputies of the agency that now bears the duty."""
        heir = Succession.objects.heirs(today).get(self.agency_id, self.agency_id)
        return Membership.objects.active(today).filter(agency_id=heir, duty__in=Membership.SIGNERS)

    def can_edit(self, user, today):
        return self.is_writable and self.agency_id in agency_ids_of(user, today)

    def can_sign(self, user, today):
        return self.agency_id in agency_ids_of(user, today, Membership.SIGNERS)

    def unanswered(self):
        """Rows that still need an answer before the report can be sent in."""
        return [row for row in self.rows.select_related("task") if not row.is_answered]

    # Verbs: guard first, change second, history always --------------------------------------------------------------
    def submit(self, by, now):
        """Signs the report off and sends it to the consolidator."""
        with transaction.atomic():
            report = self._locked()
            report.cycle.require_open()
            if not report.can_sign(by, timezone.localdate(now)):
                raise PermissionDenied("Only the head or a deputy of the agency sends its report.")
            if rows := report.unanswered():
                codes = ", ".join(row.task.code for row in rows)
                raise ValidationError(
                    _("These tasks have no answer yet: %(codes)s. Fill them in or mark “nothing to report”."),
                    code="unanswered",
                    params={"codes": codes},
                )
            report._move_to(
                self.State.SUBMITTED,
                by,
                now,
                agency_name=report.agency.name,
                submitted_by=by,
                submitted_at=now,
                first_submitted_at=report.first_submitted_at or now,
            )
        self.refresh_from_db()

    def withdraw(self, by, now):
        """Takes a submission back to draft, as long as nobody has accepted it."""
        with transaction.atomic():
            report = self._locked()
            report.cycle.require_open()
            if not report.can_sign(by, timezone.localdate(now)):
                raise PermissionDenied("Only the head or a deputy of the agency takes its report back.")
            if report.state != self.State.SUBMITTED:
                raise ValidationError(_("Only a report that is waiting for acceptance can be taken back."))
            report._move_to(self.State.DRAFT, by, now)
        self.refresh_from_db()

    def send_back(self, by, reason, now, redo=()):
        """Returns the report with a reason; rows named in `redo` (ids) are marked to be redone.

        Taking back an acceptance takes back the completions that it confirmed: they are claims again."""
        if not by.is_consolidator:
            raise PermissionDenied("Only a consolidator sends a report back.")
        if not reason.strip():
            raise ValidationError({"reason": _("Write why the report goes back, so that the agency can mend it.")})
        with transaction.atomic():
            report = self._locked()
            report.cycle.require_open()
            was_accepted = report.state == self.State.ACCEPTED
            report._move_to(self.State.RETURNED, by, now, returned_by=by, returned_at=now, return_reason=nfc(reason.strip()))
            for row in report.rows.filter(is_settled=False):
                if row.pk in set(redo):
                    row.set_state(State.REDO, by, now)
                elif was_accepted and row.state == State.COMPLETED:
                    row.set_state(State.AWAITING, by, now)
        self.refresh_from_db()

    def accept(self, by, now):
        """Receives the report; rows that claim completion become completed. Never by the person who sent it in."""
        if not by.is_consolidator:
            raise PermissionDenied("Only a consolidator accepts a report.")
        with transaction.atomic():
            report = self._locked()
            report.cycle.require_open()
            if report.submitted_by_id == by.pk:
                raise ValidationError(_("You sent this report in yourself. Ask another consolidator to accept it."), code="own")
            report._move_to(self.State.ACCEPTED, by, now, accepted_by=by, accepted_at=now, agency_name=report.agency.name)
            for row in report.rows.filter(state=State.AWAITING):
                row.set_state(State.COMPLETED, by, now)
        self.refresh_from_db()

    def _locked(self):
        """The row as it is now, held until the transaction ends."""
        return AgencyReport.objects.held(self.pk)

    def _move_to(self, state, by, now, **changes):
        if state not in self.TRANSITIONS[self.state]:
            raise ValidationError(
                _("The report is now “%(state)s”. Somebody else may have been quicker; look at it again."),
                code="moved",
                params={"state": self.get_state_display()},
            )
        self.state = state
        for name, value in changes.items():
            setattr(self, name, value)
        self._history_user, self._history_date = by, now
        self.save()


class ProgressQuerySet(models.QuerySet):
    def visible_to(self, user, today):
        """Rows of visible reports, rows of others once sent in where one's agency coordinates, and rows one was asked about."""
        if user.is_consolidator or user.is_administrator:
            return self
        own = agency_ids_of(user, today)
        seen = Q(report__agency_id__in=own) | Q(contributions__agency_id__in=own)
        seen |= Q(task__coordinators__agency_id__in=own, report__state__in=AgencyReport.SENT)
        if user.is_leadership:
            seen |= Q(report__state__in=AgencyReport.SENT)
        return self.filter(pk__in=Progress.objects.filter(seen).values("pk"))

    def in_order(self):
        return self.order_by("task__position")

    def with_answered(self):
        """Adds `answered`: what Progress.is_answered says, counted by the database."""
        written = Q(state__in=ANSWERING, results__regex=r"\S") & (~Q(state=State.AWAITING) | Q(completed_on__isnull=False))
        answered = Q(is_settled=True) | Q(is_nothing_to_report=True) | written
        return self.annotate(answered=Case(When(answered, then=True), default=False, output_field=models.BooleanField()))


class Progress(models.Model):
    """What became of one task in one cycle, in the words of its lead agency."""

    TEXTS = ["results", "obstacles", "causes", "proposals", "next_directions"]
    ANSWER = ["state", "percent", *TEXTS, "completed_on", "is_nothing_to_report"]

    report = models.ForeignKey(AgencyReport, models.PROTECT, related_name="rows")
    task = models.ForeignKey("tasks.Task", models.PROTECT, related_name="progress")
    state = models.CharField(_("State"), max_length=20, choices=State, blank=True)
    percent = models.PositiveSmallIntegerField(_("Percent done"), null=True, blank=True)
    results = models.TextField(_("Results"), blank=True)
    obstacles = models.TextField(_("Obstacles"), blank=True)
    causes = models.TextField(_("Causes"), blank=True)
    proposals = models.TextField(_("Proposals"), blank=True)
    next_directions = models.TextField(_("Next year's directions"), blank=True)
    completed_on = models.DateField(_("Completed on"), null=True, blank=True)
    is_nothing_to_report = models.BooleanField(_("Nothing to report"), default=False)
    # A one-off task that an earlier cycle confirmed as completed needs no new answer.
    is_settled = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress of a task")
        verbose_name_plural = _("progress of tasks")
        ordering = ["report", "task__position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "task"], name="one_row_a_task_and_report"),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__lte=100),
                name="percent_up_to_100",
                violation_error_message=_("Write the percentage as a whole number from 0 to 100."),
            ),
        ]

    def __str__(self):
        return f"{self.task.code}, {self.report}"

    @property
    def is_answered(self):
        """Enough to be sent in: settled, nothing to report, or a state with results (and a day, if it claims completion)."""
        if self.is_settled or self.is_nothing_to_report:
            return True
        return bool(self.state in ANSWERING and self.results.strip() and (self.state != State.AWAITING or self.completed_on))

    @property
    def lacks(self):
        """What is still missing, in the words of the labels; empty if the row is answered."""
        if self.is_answered:
            return []
        lacks = []
        if self.state not in ANSWERING:
            lacks.append(_("State"))
        if not self.results.strip():
            lacks.append(_("Results"))
        if self.state == State.AWAITING and not self.completed_on:
            lacks.append(_("Completed on"))
        return lacks

    def set_state(self, state, by, now):
        """The consolidator's confirmation or refusal of a claimed completion."""
        self.state, self.updated_by, self.updated_at = state, by, now
        self.revision += 1
        self._history_user, self._history_date = by, now
        self.save(update_fields=["state", "updated_by", "updated_at", "revision"])


class KeptText(models.Model):
    """The second text of two people who changed one box at the same time. It stays beside the first until somebody decides."""

    report = models.ForeignKey(AgencyReport, models.PROTECT, related_name="kept_texts")
    row = models.ForeignKey(Progress, models.PROTECT, null=True, blank=True, related_name="kept_texts")
    field = models.CharField(max_length=40)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]

    def __str__(self):
        return f"{self.row or self.report}: {self.field}"


def evidence_path(evidence, name):
    """Where an upload is kept: a name of our own, so that nothing of the sender's name reaches the disk."""
    return f"evidence/{uuid.uuid4().hex}"


class Evidence(models.Model):
    """A file that shows a result. Removing one hides it; the file and its trace stay."""

    row = models.ForeignKey(Progress, models.PROTECT, related_name="evidence")
    file = models.FileField(upload_to=evidence_path)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("evidence")
        ordering = ["uploaded_at"]

    def __str__(self):
        return self.name

    @staticmethod
    def digest(upload):
        total = hashlib.sha256()
        for chunk in upload.chunks():
            total.update(chunk)
        return total.hexdigest()


class Contribution(models.Model):
    """A coordinating agency's part in a row, asked for by the lead.

    asked -> answered (may be changed until the report is sent in)."""

    row = models.ForeignKey(Progress, models.PROTECT, related_name="contributions")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="contributions")
    question = models.TextField(_("What is asked"), blank=True)
    due_on = models.DateField(_("Answer by"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(_("Answer"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("contribution")
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["row", "agency"],
                name="one_contribution_an_agency_and_row",
                violation_error_message=_("This agency has already been asked about this task."),
            ),
        ]

    def __str__(self):
        return f"{self.agency}, {self.row}"

    @property
    def is_answered(self):
        return self.answered_at is not None
