"""The people who sign in, the mails that the portal owes, and the worker's heartbeat."""

from email import message_from_bytes, policy

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from parkportal.text import nfc


class UserManager(BaseUserManager):
    use_in_migrations = True

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """An administrator, for `manage.py createsuperuser` on a new server."""
        return self.create_user(email, password, role=User.Role.ADMINISTRATOR, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What she may do in an agency's name is her membership (tasks.Membership); `role` is for the whole portal."""

    class Role(models.TextChoices):
        STAFF = "staff", _("Agency staff")
        CONSOLIDATOR = "consolidator", _("Consolidator")
        LEADERSHIP = "leadership", _("City leadership (read only)")
        EDITOR = "editor", _("Registry editor")
        ADMINISTRATOR = "administrator", _("Administrator")

    email = models.EmailField(_("E-mail address"), unique=True)
    full_name = models.CharField(_("Full name"), max_length=120)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    role = models.CharField(_("Role"), max_length=20, choices=Role, default=Role.STAFF)
    is_active = models.BooleanField(_("Active"), default=True)
    is_demonstration = models.BooleanField(_("Demonstration account"), default=False, editable=False)
    date_joined = models.DateTimeField(_("Created at"), default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=["password", "last_login"])
    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["full_name"]

    def __str__(self):
        return self.full_name or self.email

    def save(self, *args, **kwargs):
        self.full_name = nfc(self.full_name)
        super().save(*args, **kwargs)

    @property
    def is_staff(self):
        """Django's word for who may enter its administration pages."""
        return self.is_administrator

    @property
    def is_administrator(self):
        return self.role == self.Role.ADMINISTRATOR

    @property
    def is_consolidator(self):
        return self.role == self.Role.CONSOLIDATOR

    @property
    def is_leadership(self):
        return self.role == self.Role.LEADERSHIP

    @property
    def keeps_registry(self):
        """May change the registry of firms and zones: the authority's editors, and administrators."""
        return self.role in (self.Role.EDITOR, self.Role.ADMINISTRATOR)

    @property
    def keeps_linkages(self):
        """Grows the linkage chains: the authority's officers, who also keep the registry."""
        return self.keeps_registry

    @property
    def needs_second_factor(self):
        """Those who can accept, issue or manage accounts sign in with a second factor (outside the demonstration)."""
        return settings.SECOND_FACTOR_REQUIRED and (self.is_consolidator or self.is_administrator)


class OutgoingMailQuerySet(models.QuerySet):
    def due(self, now):
        """Waiting mails whose time has come, and those that a worker took and never finished."""
        return self.filter(
            models.Q(state=OutgoingMail.State.WAITING, next_try_at__lte=now)
            | models.Q(state=OutgoingMail.State.SENDING, claimed_until__lt=now)
        )


class OutgoingMail(models.Model):
    """One mail to one person that the portal owes. Delivery truth lives here, never in the broker.

    waiting -> sending (claimed by a worker until `claimed_until`) -> sent, or back to waiting with a later `next_try_at`,
    or failed after the last try, or withdrawn before it was sent. `key` names the occasion: a second mail for the same
    occasion cannot be written."""

    class Trouble(models.TextChoices):
        UNREACHABLE = "unreachable", _("the mail server cannot be reached")
        ADDRESS = "address", _("the mail server does not accept the address")
        REFUSED = "refused", _("the mail server did not take the mail")
        LOST = "lost", _("the connection broke off while the mail was being sent")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("no longer needed")

    key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    text = models.TextField()
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True)  # what went wrong last, for people
    last_error = models.CharField(max_length=500, blank=True)  # the mail server's own words
    sent_at = models.DateTimeField(null=True)
    is_repeat_possible = models.BooleanField(default=False)  # a worker died between the server's yes and the stamp

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "next_try_at"])]
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.to}: {self.subject}"

    @property
    def html(self):
        return self.part("text/html")

    @property
    def calendar(self):
        """The iCalendar file, attached as hen-bao-cao.ics."""
        return self.part("text/calendar")

    def part(self, kind):
        """A part of the message as it is sent; empty if it has none of this kind."""
        parts = message_from_bytes(bytes(self.source.data), policy=policy.default).walk()
        return next((part.get_content() for part in parts if part.get_content_type() == kind), "")

    def try_again(self, now):
        """Puts a failed mail, or one that waits for its next try, at the head of the queue. False if it is neither (any more)."""
        mails = OutgoingMail.objects.filter(pk=self.pk, state__in=[self.State.FAILED, self.State.WAITING])
        return bool(mails.update(state=self.State.WAITING, attempts=0, next_try_at=now))


class MailSource(models.Model):
    """The whole message as it goes to the mail server, the same bytes at every try.

    Apart from the mail, because stamping a row writes all of it again."""

    mail = models.OneToOneField(OutgoingMail, models.CASCADE, primary_key=True, related_name="source")
    data = models.BinaryField()

    def __str__(self):
        return str(self.mail)


class Heartbeat(models.Model):
    """When the worker's schedule last ticked; /healthz reads it."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
