"""Signing in: by e-mail address, never by self-registration, and never with a demonstration account in production."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import User

log = logging.getLogger(__name__)


class PortalBackend(AuthenticationBackend):
    """Accounts by e-mail address; administrators may do everything in the administration pages, nobody else anything."""

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.is_active and user_obj.is_administrator

    def has_module_perms(self, user_obj, app_label):
        return user_obj.is_active and user_obj.is_administrator

    def user_can_authenticate(self, user):
        if user.is_demonstration and settings.PRODUCTION:
            return False
        return super().user_can_authenticate(user)

    def get_user(self, user_id):
        user = super().get_user(user_id)
        return user if user is None or self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("The e-mail address and the password do not belong together. Check both."),
        "too_many_login_attempts": gettext_lazy(
            "Five wrong passwords for this address: it is locked for 15 minutes. Try again then, or choose a new password now."
        ),
    }

    def is_open_for_signup(self, request):
        """Accounts are made by the administrator."""
        return False

    def send_mail(self, template_prefix, email, context):
        """A mail server that does not answer is told on the page; it does not break it."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's errors are among them
            log.error("mail %s was not sent: %s", template_prefix, error)
            messages.error(self.request, _("The mail could not be sent just now. Try again in some minutes."))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        """Single sign-on opens an existing account with the same verified address; it never makes one."""
        if sociallogin.is_existing:
            return
        verified = [address.email for address in sociallogin.email_addresses if address.verified]
        user = User.objects.filter(email__in=[email.lower() for email in verified], is_active=True).first()
        if user is None:
            messages.error(
                request,
                _("No account here has the address of your single sign-on. Ask the administrator to create one."),
            )
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, user)
