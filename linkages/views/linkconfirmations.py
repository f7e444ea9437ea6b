"""Links by which one side says whether a business link exists: officers send them, the side answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from firms import enquiries
from firms.views.confirmations import sealed
from linkages import linkconfirmations
from linkages.access import officers_only
from linkages.forms_links import AnswerForm, AskForm
from linkages.models import Link


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def link_ask(request, pk):
    link = get_object_or_404(Link.objects.with_parties(), pk=pk)
    now = timezone.now()
    sides = [
        (side, label, party, linkconfirmations.addresses_of(party))
        for side, label in linkconfirmations.Side.choices
        for party in [linkconfirmations.side_of(link, side)]
    ]
    asked = request.GET.get("side")
    chosen = next((it for it in sides if it[0] == asked), sides[0])
    initial = {"side": chosen[0], "email": next(iter(chosen[3]), "")}
    form = AskForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["side"].choices = [(side, f"{label}: {party.title}") for side, label, party, _addresses in sides]
    if request.method == "POST" and form.is_valid():
        side, email = form.cleaned_data["side"], form.cleaned_data["email"]
        try:
            linkconfirmations.send(link, side, email, request.user, now)
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("The question goes to {email} within a minute.").format(email=email))
            return redirect(link)
    return render(
        request, "linkages/link_ask.html", {"link": link, "form": form, "sides": sides}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def link_confirm(request, token):
    """What the portal says of the link, and the two answers. Looking at it changes nothing."""
    now = timezone.now()
    confirmation = linkconfirmations.find(token)
    if confirmation is None:
        return sealed(
            render(request, "linkages/link_confirm.html", {"state": "unknown", "office": enquiries.office()}, status=404)
        )
    state = linkconfirmations.state_of(confirmation, now)
    form = AnswerForm(request.POST if request.method == "POST" and state == "open" else None)
    if form.is_bound and form.is_valid():
        try:
            linkconfirmations.answer(confirmation, form.is_right, form.cleaned_data["remark"], now)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("link_confirm", token=token)
    context = {
        "state": state, "confirmation": confirmation, "link": confirmation.link, "form": form, "token": token,
        "office": enquiries.office(),
    }  # fmt: skip
    status = 422 if form.errors else 410 if state == "expired" else 200
    return sealed(render(request, "linkages/link_confirm.html", context, status=status))
