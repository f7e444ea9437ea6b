"""Where a public fact comes from, and how sure it is: what every row of the registry says about itself."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from firms.models.edition import Edition
from parkportal.text import nfc


class Confidence(models.TextChoices):
    """How far the source carries the fact; `low` and `unstated` are shown as unsure."""

    HIGH = "high", _("well sourced")
    MEDIUM = "medium", _("one source")
    LOW = "low", _("unsure")
    UNSTATED = "unstated", _("no source stated")


class Review(models.TextChoices):
    """Whether somebody of the authority has looked at the row."""

    LOADED = "loaded", _("not reviewed yet")
    REVIEWED = "reviewed", _("reviewed")
    DOUBTED = "doubted", _("to be checked")


class Sourced(models.Model):
    """A row with its source, the day its facts speak of, and how sure they are.

    `unsure` maps a field's name to the reason why it is in doubt: {"country": "inferred from the name"}."""

    source = models.TextField(_("Source"), blank=True, help_text=_("Addresses or document numbers, one on a line."))
    as_of = models.DateField(_("As of"), null=True, blank=True)
    as_of_words = models.CharField(_("As of, as printed"), max_length=80, blank=True)  # Q3/2025, Profile 2023
    retrieved_on = models.DateField(_("Source read on"), null=True, blank=True)
    confidence = models.CharField(_("Confidence"), max_length=10, choices=Confidence, default=Confidence.UNSTATED)
    unsure = models.JSONField(_("In doubt"), default=dict, blank=True)
    note = models.TextField(_("Note"), blank=True)  # internal: conflicts between sources

    class Meta:
        abstract = True

    @property
    def sources(self):
        """The sources one by one; an address begins with http."""
        return [line.strip() for line in self.source.splitlines() if line.strip()]

    @property
    def is_unsure(self):
        return self.confidence in (Confidence.LOW, Confidence.UNSTATED)

    @property
    def as_of_shown(self):
        """The day, or the words that the source prints instead of one; empty where it says neither."""
        return self.as_of or self.as_of_words


class Texts:
    """Stores every text in composed form, so that equal texts are equal."""

    def normalise(self):
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                value = getattr(self, field.attname)
                if value and not value.isascii():
                    setattr(self, field.attname, nfc(value))


class OfFirm(Texts, Sourced):
    """A row that belongs to a firm: saving it makes the firm's entry in the directory be read again."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.normalise()
        super().save(*args, **kwargs)
        self.touch_firm()

    def delete(self, *args, **kwargs):
        done = super().delete(*args, **kwargs)
        self.touch_firm()
        return done

    def touch_firm(self):
        firms = self._meta.get_field("firm").related_model.objects
        firms.filter(pk=self.firm_id).update(touched_at=timezone.now())
        Edition.turn()
