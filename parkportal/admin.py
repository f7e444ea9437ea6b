"""Administration pages, for administrators only: people. Nothing that left a trace can be deleted."""

from allauth.account.decorators import secure_admin_login
from allauth.account.forms import ResetPasswordForm
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from parkportal.models import User


class PortalAdminSite(admin.AdminSite):
    """Only what is registered here by name; what other packages bring for themselves stays out."""

    site_header = site_title = _("Administration of the portal")
    index_title = _("People, agencies, calendar")

    def login(self, request, extra_context=None):
        """One door: Django's own sign-in would know neither the lock-out nor the second factor."""
        return secure_admin_login(super().login)(request, extra_context)


site = PortalAdminSite(name="admin")


class KeptAdmin(admin.ModelAdmin):
    """Objects that stay, with the portal's readable history behind the history button."""

    def has_delete_permission(self, request, obj=None):
        return False

    def history_view(self, request, object_id, extra_context=None):
        return redirect(f"{reverse('audit')}?kind={self.model._meta.model_name}&object={object_id}")


class UserForm(forms.ModelForm):
    def clean_email(self):
        """One address is one person, however it is written."""
        return self.cleaned_data["email"].lower()


@admin.register(User, site=site)
class UserAdmin(KeptAdmin):
    """A new account has no password: its owner gets a link by mail and chooses one. Nobody is deleted, only deactivated."""

    form = UserForm
    fields = ["email", "full_name", "position", "phone", "role", "is_active"]
    list_display = ["full_name", "email", "role", "position", "is_active", "last_login"]
    list_filter = ["role", "is_active", "memberships__agency"]
    search_fields = ["full_name", "email", "position"]
    ordering = ["full_name"]
    actions = ["send_password_link", "remove_second_factor", "deactivate"]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            self._send_link(request, obj)
            messages.success(request, _("%(person)s gets a mail with a link to choose a password.") % {"person": obj})

    @staticmethod
    def _send_link(request, person):
        form = ResetPasswordForm({"email": person.email})
        if form.is_valid():
            form.save(request)

    @admin.action(description=_("Send a link to choose a new password"))
    def send_password_link(self, request, queryset):
        people = list(queryset.filter(is_active=True))
        for person in people:
            self._send_link(request, person)
        text = ngettext("%(n)d person gets a mail with a link.", "%(n)d people get a mail with a link.", len(people))
        messages.success(request, text % {"n": len(people)})

    @admin.action(description=_("Remove the second factor (lost telephone)"))
    def remove_second_factor(self, request, queryset):
        Authenticator.objects.filter(user__in=queryset).delete()
        text = _("Removed. Whoever needs a second factor sets up a new one at the next sign-in.")
        messages.success(request, text)

    @admin.action(description=_("Deactivate: signs out at once and cannot sign in"))
    def deactivate(self, request, queryset):
        for person in queryset.exclude(pk=request.user.pk):
            person.is_active = False
            person.save(update_fields=["is_active"])
        messages.success(request, _("Deactivated. Your own account stays active."))
