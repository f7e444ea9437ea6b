"""What holds for every request and is not Django's own."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _


class OddAddressMiddleware:
    """An address with a NUL byte in it leads nowhere: no person typed it, and a database would choke on it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return self.get_response(request)


class PrivatePagesMiddleware:
    """What a signed-in person sees is hers: no cache on the way keeps it, and signing out empties the browser's own, so that
    the next at the desk finds nothing behind the back button. What waits unsent in the browser's storage stays."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in:
            response.setdefault("Cache-Control", "private")
            if not request.user.is_authenticated:
                response["Clear-Site-Data"] = '"cache"'
        return response


class SecondFactorMiddleware:
    """Leads people whose role requires a second factor to set one up before anything else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if user.is_authenticated and user.needs_second_factor and not self.is_open(request.path) and not is_mfa_enabled(user):
            messages.warning(request, _("Your role needs a second factor. Set one up to go on."))
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    @staticmethod
    def is_open(path):
        """Pages on which a second factor is set up, and the way out."""
        names = ["account_logout", "account_reauthenticate", "healthz"]
        return path.startswith(reverse("mfa_index")) or path in map(reverse, names)
