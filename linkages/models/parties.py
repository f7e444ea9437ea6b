"""Whoever can be one end of a link, of a need, of a meeting or of an agreement: a firm of the registry or another body."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from firms import merging
from firms.models import Authority, Edition, Firm, Zone
from firms.models.sourced import Sourced, Texts
from parkportal.text import fold, sort_key


class PartyQuerySet(models.QuerySet):
    def of_firm(self, firm):
        """The party that stands for a firm of the registry, made the first time it is needed."""
        return self.get_or_create(firm=firm, defaults={"kind": Party.Kind.FIRM, "name": firm.name, "name_en": firm.name_en})[0]

    def shown(self):
        """Those of whom everybody may know."""
        firms = Q(firm__isnull=True) | Q(firm__is_public=True, firm__merged_into__isnull=True)
        return self.filter(firms, is_public=True)

    def matching(self, words):
        for word in fold(words).split():
            self = self.filter(Q(search_text__contains=word) | Q(firm__search_text__contains=word))
        return self


class Party(Texts, Sourced):
    """A firm of the registry (`firm`), or a body that is not in it: a school, an institute, a board, a firm from elsewhere.

    Name, zone and country of a firm are those of its entry; the fields here are for the others."""

    class Kind(models.TextChoices):
        FIRM = "firm", _("firm")
        SCHOOL = "school", _("school or university")
        INSTITUTE = "institute", _("research institute")
        BOARD = "board", _("board of zones")
        AGENCY = "agency", _("agency")
        INCUBATOR = "incubator", _("incubator")
        ASSOCIATION = "association", _("association")
        OTHER = "other", _("other body")

    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.FIRM)
    firm = models.OneToOneField(Firm, models.PROTECT, null=True, blank=True, related_name="party", verbose_name=_("Firm"))
    authority = models.OneToOneField(
        Authority, models.PROTECT, null=True, blank=True, related_name="party", verbose_name=_("Managing authority")
    )
    name = models.CharField(_("Name"), max_length=250)
    name_en = models.CharField(_("Name in English"), max_length=250, blank=True)
    country = models.CharField(_("Country"), max_length=2, blank=True)
    place = models.CharField(_("Place"), max_length=200, blank=True)
    website = models.URLField(_("Website"), blank=True)
    email = models.EmailField(_("E-mail address"), blank=True)  # internal
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)  # internal
    is_public = models.BooleanField(_("Public"), default=True)
    is_demonstration = models.BooleanField(_("Demonstration"), default=False, editable=False)
    search_text = models.TextField(editable=False, blank=True)
    sort_key = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(excluded_fields=["search_text", "sort_key"])
    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["sort_key", "pk"]

    def __str__(self):
        return self.firm.name if self.firm_id else self.name

    def save(self, *args, **kwargs):
        self.normalise()
        self.search_text = fold(self.name, self.name_en, self.place)
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)
        Edition.turn(Edition.NETWORK)

    @property
    def title(self):
        if self.firm_id:
            return self.firm.title
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def zone(self):
        """The zone of a firm; None of any other body."""
        return self.firm.zone if self.firm_id else None

    @property
    def is_in_park(self):
        """True for a firm of the high-tech park or of one of its parts."""
        return bool(self.zone) and self.zone.kind in (Zone.Kind.HIGH_TECH_PARK, Zone.Kind.HIGH_TECH_PART)

    @property
    def is_shown(self):
        """Everybody may know of it: neither itself nor its firm's entry is hidden."""
        return self.is_public and (not self.firm_id or (self.firm.is_public and not self.firm.merged_into_id))

    def get_absolute_url(self):
        return self.firm.get_absolute_url() if self.firm_id else ""


# Where two entries of one firm are merged, its partner goes along; if both have one, the second stays with the hidden entry.
merging.relate(Party, "firm", is_single=True)


class BoardMember(models.Model):
    """That a person acts for the board of other zones: she sees and keeps what concerns the zones it manages."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="boards", verbose_name=_("Person"))
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="members", verbose_name=_("Board"))
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("member of a board")
        verbose_name_plural = _("members of boards")
        constraints = [models.UniqueConstraint(fields=["user", "authority", "starts_on"], name="board_member_once")]

    def __str__(self):
        return f"{self.user}, {self.authority}"
