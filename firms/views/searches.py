"""Saved searches: kept with an address, begun by a link in a mail, ended by one press from any mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from firms import gatekeeper, searches
from firms.forms_public import SavedSearchForm
from firms.views.confirmations import sealed


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def search_save(request):
    """The form of the directory page, and the page on which it is put right."""
    now = timezone.now()
    given = request.POST if request.method == "POST" else None
    query = searches.tidy((given or request.GET).get("query", ""))
    form = SavedSearchForm(given, now=now, initial={"query": query})
    if given is not None and gatekeeper.lets_in(request, form, "search", now):
        try:
            if gatekeeper.is_first(given):
                searches.save(query, form.cleaned_data["email"], get_language(), now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(f"{request.path}?sent=1")
    context = {"form": form, "query": query, "asked": searches.read(query), "is_sent": "sent" in request.GET and given is None}
    return render(request, "firms/search_save.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def search_confirm(request, token):
    search = searches.find(token)
    if request.method == "POST" and search:
        if searches.confirm(search, timezone.now()):
            messages.success(request, _("From now on you get a mail on each day on which this search finds something new."))
        return redirect("search_confirm", token=token)
    return _page(request, "firms/search_confirm.html", search, token)


@csrf_exempt  # mail programs press this button for their reader (RFC 8058); the address itself is the secret
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def search_end(request, token):
    search = searches.find(token)
    if request.method == "POST" and search:
        searches.end(search, timezone.now())
        return redirect("search_end", token=token)
    return _page(request, "firms/search_end.html", search, token)


def _page(request, template, search, token):
    context = {"search": search, "token": token}
    if search:
        context |= {"asked": searches.read(search.query), "is_active": searches.is_active(search)}
    return sealed(render(request, template, context, status=200 if search else 404))
