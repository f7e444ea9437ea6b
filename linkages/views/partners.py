"""Partners: firms' parties and other bodies, with what they are linked to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import registry
from firms.views.entrypages import part_page
from linkages import partners
from linkages.access import officers_only
from linkages.forms_links import PartyForm
from linkages.models import Party
from parkportal import timeline
from parkportal.text import whole_number

PAGE_SIZE = 50
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@officers_only
def partner_list(request):
    asked = partners.Asked.of(request.GET)
    page = Paginator(asked.parties, PAGE_SIZE).get_page(whole_number(request.GET.get("page", ""), 1))
    return render(request, "linkages/partner_list.html", {"asked": asked, "page": page})


@reading_or_writing
@officers_only
def partner_create(request):
    if request.method == "POST":
        form, saved = registry.save_entry(lambda it: PartyForm(request.POST, instance=it), Party(), 0, request.user)
        if saved.is_done:
            messages.success(request, _("{name} is entered as a partner.").format(name=saved.instance.title))
            return redirect("partner_edit", pk=saved.instance.pk)
    else:
        name = request.GET.get("name", "").replace("\x00", "")[:250]
        form = PartyForm(initial={"name": name, "kind": Party.Kind.OTHER})
    context = {"form": form, "alike": partners.alike(form["name"].value() or "")}
    return render(request, "linkages/partner_create.html", context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def partner_edit(request, pk):
    party = get_object_or_404(Party.objects.select_related("firm"), pk=pk)
    if party.firm_id:
        return redirect(party.firm)
    party.story = timeline.of(party)
    return part_page(request, party, party.title, PartyForm, "linkages/partner_edit.html", request.path)
