"""Technology needs and offers, who is interested, and pairs with what became of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms.models import Capability, Sector
from firms.models.sourced import Texts
from linkages.models.links import Link
from linkages.models.parties import Party
from parkportal.text import fold


class PostingQuerySet(models.QuerySet):
    def published(self, today):
        live = [Posting.State.PUBLISHED, Posting.State.CONNECTING]
        return self.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=today), state__in=live)

    def needs(self):
        return self.filter(direction=Posting.Direction.NEED)

    def offers(self):
        return self.filter(direction=Posting.Direction.OFFER)


class Posting(Texts, models.Model):
    """A need or an offer. `summary` tells nothing of who it is; `confidential` is for the officer alone.

    draft -> review -> published -> connecting -> done; or returned with a note, expired, withdrawn."""

    class Direction(models.TextChoices):
        NEED = "need", _("need")
        OFFER = "offer", _("offer")

    class Kind(models.TextChoices):
        TECHNOLOGY = "technology", _("technology")
        EQUIPMENT = "equipment", _("equipment")
        PRODUCTION = "production", _("production partner")
        RESEARCH = "research", _("joint research")
        SKILLS = "skills", _("training and skills")

    class Readiness(models.TextChoices):
        """Stage of development; in brackets the technology readiness levels that it covers."""

        IDEA = "idea", _("concept (TRL 1–3)")
        LABORATORY = "laboratory", _("tried in the laboratory (TRL 4–5)")
        PROTOTYPE = "prototype", _("prototype (TRL 6–7)")
        PROVEN = "proven", _("proven in use (TRL 8–9)")

    class Protection(models.TextChoices):
        NONE = "none", _("no protection")
        SECRET = "secret", _("know-how kept secret")
        APPLIED = "applied", _("patent applied for")
        GRANTED = "granted", _("patent granted")
        COPYRIGHT = "copyright", _("copyright")

    class Transfer(models.TextChoices):
        SALE = "sale", _("outright sale")
        LICENCE = "licence", _("licence")
        SUPPORT = "support", _("with technical support")
        VENTURE = "venture", _("joint venture")
        ORDER = "order", _("production to order")
        RESEARCH = "research", _("joint research")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("waiting for review")
        RETURNED = "returned", _("sent back")
        PUBLISHED = "published", _("published")
        CONNECTING = "connecting", _("being connected")
        DONE = "done", _("has led to something")
        EXPIRED = "expired", _("expired")
        WITHDRAWN = "withdrawn", _("withdrawn")

    code = models.CharField(_("Code"), max_length=12, unique=True, editable=False)
    direction = models.CharField(_("Need or offer"), max_length=5, choices=Direction)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    title = models.CharField(_("Title"), max_length=200)
    title_en = models.CharField(_("Title in English"), max_length=200, blank=True)
    summary = models.TextField(_("Summary for everybody"))
    summary_en = models.TextField(_("Summary in English"), blank=True)
    requirements = models.TextField(_("Requirements or advantages"), blank=True)
    confidential = models.TextField(_("For the officer alone"), blank=True)
    sector = models.ForeignKey(Sector, models.PROTECT, null=True, blank=True, related_name="postings", verbose_name=_("Sector"))
    process = models.CharField(_("Process"), max_length=120, blank=True)
    materials = models.CharField(_("Materials"), max_length=200, blank=True)
    capability = models.ForeignKey(
        Capability, models.SET_NULL, null=True, blank=True, related_name="postings", verbose_name=_("Capability")
    )
    readiness = models.CharField(_("Stage of development"), max_length=12, choices=Readiness, blank=True)
    protection = models.CharField(_("Intellectual property"), max_length=12, choices=Protection, blank=True)
    transfers = models.JSONField(_("Forms of transfer"), default=list, blank=True)
    partner_sought = models.CharField(_("Partner sought"), max_length=250, blank=True)
    countries = models.JSONField(_("Countries"), default=list, blank=True)
    deadline = models.DateField(_("Needed by"), null=True, blank=True)
    owner = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="postings", verbose_name=_("Of"))
    owner_words = models.CharField(_("Firm or body"), max_length=250, blank=True)  # as typed by a stranger
    contact_name = models.CharField(_("Name"), max_length=120, blank=True)
    contact_email = models.EmailField(_("E-mail address"), blank=True)
    is_anonymous = models.BooleanField(_("Publish without the name"), default=True)
    language = models.CharField(max_length=2, default="vi")
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.DRAFT)
    review_note = models.TextField(_("Note of the review"), blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Officer")
    )
    published_on = models.DateField(_("Published on"), null=True, blank=True)
    expires_on = models.DateField(_("Expires on"), null=True, blank=True)
    # Of its owner's own link; only NULL may stand in several rows.
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    search_text = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(excluded_fields=["search_text", "token_hash", "contact_name", "contact_email"])
    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("need or offer")
        verbose_name_plural = _("needs and offers")
        ordering = ["-published_on", "-pk"]

    def __str__(self):
        return f"{self.code} {self.title}"

    def save(self, *args, **kwargs):
        self.normalise()
        self.search_text = fold(
            self.title, self.title_en, self.summary, self.summary_en, self.requirements, self.process, self.materials
        )
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("posting_detail", args=[self.code])

    @property
    def shown_title(self):
        return self.title_en if self.title_en and get_language() == "en" else self.title

    @property
    def shown_summary(self):
        return self.summary_en if self.summary_en and get_language() == "en" else self.summary


class Interest(Texts, models.Model):
    """That somebody wants to know more of a need or an offer; the officer is asked first."""

    class State(models.TextChoices):
        NEW = "new", _("new")
        INTRODUCED = "introduced", _("introduced")
        DECLINED = "declined", _("declined")

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="interests", verbose_name=_("Need or offer"))
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="interests", verbose_name=_("Partner"))
    organisation = models.CharField(_("Organisation"), max_length=250)
    name = models.CharField(_("Name"), max_length=120)
    email = models.EmailField(_("E-mail address"))
    message = models.TextField(_("Message"))
    language = models.CharField(max_length=2, default="vi")
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.NEW)
    reply = models.TextField(_("Reply"), blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    history = HistoricalRecords(excluded_fields=["name", "email", "message"])

    class Meta:
        verbose_name = _("expression of interest")
        verbose_name_plural = _("expressions of interest")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.organisation}: {self.posting.code}"

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)


class Match(models.Model):
    """A need and who could meet it: an offer, or a firm by its capability. What became of it, step by step.

    suggested -> sent -> agreed -> met -> tested -> quoted -> memorandum -> contract, or stopped with a reason at any step."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("suggested")
        SENT = "sent", _("sent to both")
        AGREED = "agreed", _("both have agreed")
        MET = "met", _("met")
        TESTED = "tested", _("sample tested")
        QUOTED = "quoted", _("quoted")
        MEMORANDUM = "memorandum", _("memorandum")
        CONTRACT = "contract", _("contract")
        STOPPED = "stopped", _("stopped")

    class Verdict(models.TextChoices):
        NONE = "", _("not looked at yet")
        FITS = "fits", _("fits")
        UNFIT = "unfit", _("does not fit")

    class Origin(models.TextChoices):
        COMPUTED = "computed", _("suggested by the portal")
        OFFICER = "officer", _("by the officer")
        INTEREST = "interest", _("out of an expression of interest")
        SESSION = "session", _("out of a matching session")

    need = models.ForeignKey(Posting, models.CASCADE, related_name="matches_as_need", verbose_name=_("Need"))
    offer = models.ForeignKey(
        Posting, models.CASCADE, null=True, blank=True, related_name="matches_as_offer", verbose_name=_("Offer")
    )
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="matches", verbose_name=_("Partner"))
    score = models.PositiveSmallIntegerField(_("Score"), default=0)  # 0-100
    reasons = models.JSONField(_("Reasons"), default=list)  # [{"criterion": key, "points": n, "of": n, "values": {…}}]
    origin = models.CharField(_("Origin"), max_length=10, choices=Origin, default=Origin.COMPUTED)
    verdict = models.CharField(_("Verdict"), max_length=6, choices=Verdict, blank=True)
    verdict_reason = models.CharField(_("Why"), max_length=300, blank=True)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.SUGGESTED)
    stop_reason = models.CharField(_("Why it stopped"), max_length=300, blank=True)
    next_step = models.CharField(_("Next step"), max_length=200, blank=True)
    next_due = models.DateField(_("Due on"), null=True, blank=True)
    value_vnd = models.DecimalField(_("Value (billion VND)"), max_digits=14, decimal_places=3, null=True, blank=True)
    link = models.ForeignKey(Link, models.SET_NULL, null=True, blank=True, related_name="matches", verbose_name=_("Link"))
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Officer"))
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["need", "offer"], condition=Q(offer__isnull=False), name="pair_of_postings_once"),
            models.UniqueConstraint(
                fields=["need", "party"], condition=Q(offer__isnull=True, party__isnull=False), name="need_and_party_once"
            ),
            models.CheckConstraint(condition=Q(offer__isnull=False) | Q(party__isnull=False), name="match_has_two_sides"),
        ]

    def __str__(self):
        return f"{self.need.code} – {self.offer.code if self.offer_id else self.party}"
