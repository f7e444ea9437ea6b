"""Links by which a firm confirms its own entry: editors send and withdraw them, the firm opens them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from firms import confirmations, enquiries
from firms.access import editors_only
from firms.forms_public import AddressForm, OwnEntryForm
from firms.models import ConfirmationLink, Firm


def sealed(response):
    """For a page whose address is a secret: no search engine, no cache and no other site gets to know it.

    The portal's own referrer policy, same-origin, keeps the address from other sites; "no-referrer" would also take the
    Origin from the page's own forms, which then count as forged."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def confirmation_send(request, code):
    firm = get_object_or_404(Firm.objects.current().prefetch_related("contacts"), code=code)
    now = timezone.now()
    addresses = confirmations.addresses_of(firm)
    form = AddressForm(request.POST if request.method == "POST" else None, initial={"email": next(iter(addresses), "")})
    if request.method == "POST" and form.is_valid():
        try:
            link = confirmations.send(firm, form.cleaned_data["email"], request.user, now)
        except ValidationError as error:
            form.add_error("email", error)
        else:
            words = _("The link goes to {email} within a minute. It is valid until {day}.")
            messages.success(request, words.format(email=link.email, day=confirmations.last_day(link)))
            return redirect("confirmation_send", code=firm.code)
    context = {"firm": firm, "form": form, "addresses": addresses, "links": confirmations.sent_of(firm, now)}
    return render(request, "firms/confirmation_send.html", context, status=422 if form.errors else 200)


@require_POST
@editors_only
def confirmation_withdraw(request, pk):
    link = get_object_or_404(ConfirmationLink.objects.select_related("firm"), pk=pk)
    if confirmations.withdraw(link, timezone.now()):
        messages.success(request, _("The link to {email} is withdrawn; whoever opens it is told so.").format(email=link.email))
    else:
        messages.info(request, _("The link was used or withdrawn before, so nothing was changed."))
    return redirect("confirmation_send", code=link.firm.code)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def confirm_firm(request, token):
    """What the firm's entry says, and the buttons "right" and "correct". Looking at it changes nothing."""
    now = timezone.now()
    link = confirmations.find(token)
    if request.method == "POST" and link:
        try:
            confirmations.confirm(link, now)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("confirm_firm", token=token)
    return sealed(render(request, "firms/confirm_firm.html", **_page_of(link, token, now)))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def confirm_edit(request, token):
    """The firm's own entry as a form; what it changes waits for the editor, the rest counts as confirmed today."""
    now = timezone.now()
    link = confirmations.find(token)
    if link is None or confirmations.state_of(link, now) != "open":
        return sealed(render(request, "firms/confirm_firm.html", **_page_of(link, token, now)))
    form = OwnEntryForm(request.POST if request.method == "POST" else None, target=link.entry)
    if request.method == "POST" and form.is_valid():
        try:
            confirmations.confirm(link, now, form.proposed, form.cleaned_data["message"], get_language())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("confirm_firm", token=token)
    context = {"form": form, "link": link, "firm": link.entry, "token": token}
    return sealed(render(request, "firms/confirm_edit.html", context, status=422 if form.errors else 200))


def _page_of(link, token, now):
    """Context and status of the firm's page: its entry, or why the link opens nothing (any more) and what to do."""
    if link is None:
        return {"context": {"state": "unknown", "office": enquiries.office()}, "status": 404}
    state = confirmations.state_of(link, now)
    context = {"state": state, "link": link, "firm": link.entry, "office": enquiries.office(), "token": token}
    if state == "open":
        context["contact"] = confirmations.contact_words(link.entry)
        link.entry.public_capabilities = link.entry.capabilities.filter(is_public=True)
    if state == "used":
        context["waiting"] = link.corrections.filter(state="waiting").exists()
    return {"context": context, "status": {"open": 200, "used": 200}.get(state, 410)}
