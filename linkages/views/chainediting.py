"""The officer's pages of a chain: one page with everything, and the forms behind its parts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from firms.views.entrypages import part_page
from linkages import chainpage, chains
from linkages.access import officers_only
from linkages.forms_chains import ChainForm, LastDayForm, MemberForm, RoleForm, TieForm, WorkForm
from linkages.forms_links import LinkForm
from linkages.models import Chain, ChainLink, ChainMember, ChainRole, Link, Party
from parkportal.text import whole_number

reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])
PARTS = {
    "facts": (gettext_lazy("What the chain is"), ChainForm),
    "work": (gettext_lazy("Officer, blocker, decision"), WorkForm),
}


def _chain(code):
    return get_object_or_404(Chain, code=code.replace("\x00", ""))


def _edit_address(chain, anchor=""):
    return reverse("chain_edit", args=[chain.code]) + (f"#{anchor}" if anchor else "")


def _done(request, chain, verb, words, anchor=""):
    """Tells what a press did, or in words why it did nothing, and goes back to where it was pressed."""
    try:
        done = verb()
    except ValidationError as error:
        for line in error.messages:
            messages.error(request, line)
    else:
        if done is False:
            messages.info(request, _("It stands so already; nothing was changed."))
        else:
            messages.success(request, words)
    return redirect(_edit_address(chain, anchor))


@require_safe
@officers_only
def chain_edit(request, code):
    chain = chainpage.chain_of(code, True)
    if chain is None:
        raise Http404
    today = timezone.localdate()
    context = chainpage.editing(chain, today)
    tie = TieForm(links=chains.may_tie(chain), initial={"added_on": today})
    return render(request, "linkages/chain_edit.html", context | {"tie": tie})


@reading_or_writing
@officers_only
def chain_create(request):
    saved, today = registry.Saved(Chain()), timezone.localdate()
    if request.method == "POST":
        new = Chain(code=chains.next_code(), officer=request.user)
        form, saved = registry.save_entry(lambda it: ChainForm(request.POST, instance=it), new, 0, request.user)
        if saved.is_done:
            if saved.instance.lead:
                chains.seat_lead(saved.instance, request.user, today)
            messages.success(request, _("The chain is entered. Describe its roles, then name who plays them."))
            return redirect("chain_edit", code=saved.instance.code)
    else:
        form = ChainForm()
    context = {"entry": None, "form": form, "saved": saved, "title": _("New chain"), "seen": 0, "back": reverse("chain_list")}
    return render(request, "linkages/chain_part.html", context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def chain_part(request, code, part):
    chain = _chain(code)
    if part not in PARTS:
        raise Http404
    title, form_class = PARTS[part]
    return part_page(request, chain, title, form_class, "linkages/chain_part.html", _edit_address(chain, part))


@require_POST
@officers_only
def chain_move(request, code):
    chain, to = _chain(code), request.POST.get("to", "")
    verb = lambda: chains.move(chain, to, request.POST.get("was", ""), request.user, timezone.localdate())  # noqa: E731
    return _done(request, chain, verb, _("The stage is changed."), "stage")


@require_POST
@officers_only
def chain_show(request, code):
    chain, is_public = _chain(code), request.POST.get("public") == "yes"
    words = _("Everybody sees the chain now.") if is_public else _("Only officers see the chain now.")
    return _done(request, chain, lambda: chains.show(chain, is_public, request.user), words, "public")


# Roles ---------------------------------------------------------------------------------------------------------------
@reading_or_writing
@officers_only
def role_create(request, code):
    chain = _chain(code)
    role = ChainRole(chain=chain)
    return part_page(request, role, _("New role"), RoleForm, "linkages/chain_part.html", _edit_address(chain, "roles"))


@reading_or_writing
@officers_only
def role_edit(request, pk):
    role = get_object_or_404(ChainRole.objects.select_related("chain"), pk=pk)
    back = _edit_address(role.chain, f"role-{role.pk}")
    return part_page(request, role, role.title, RoleForm, "linkages/chain_part.html", back)


@require_POST
@officers_only
def role_open(request, pk):
    role = get_object_or_404(ChainRole.objects.select_related("chain"), pk=pk)
    is_open, today = request.POST.get("open") == "yes", timezone.localdate()
    words = _("Published: it stands among the opportunities now.") if is_open else _("Closed: nobody can apply any more.")
    verb = lambda: chains.publish_role(role, is_open, request.user, today)  # noqa: E731
    return _done(request, role.chain, verb, words, f"role-{role.pk}")


@require_POST
@officers_only
def role_remove(request, pk):
    role = get_object_or_404(ChainRole.objects.select_related("chain"), pk=pk)
    words = _("“{role}” is taken out. It can be put back below.").format(role=role.title)
    return _done(request, role.chain, lambda: chains.remove_role(role, request.user), words, "roles")


# Members -------------------------------------------------------------------------------------------------------------
@reading_or_writing
@officers_only
def member_add(request, pk):
    role = get_object_or_404(ChainRole.objects.select_related("chain"), pk=pk)
    form = MemberForm(request.POST if request.method == "POST" else None, initial={"starts_on": timezone.localdate()})
    form.label_suffix = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            member = chains.join(role, given["party"], given["starts_on"], given["note"], request.user)
            messages.success(request, _("{party} plays the role “{role}”.").format(party=member.party.title, role=role.title))
            return redirect(_edit_address(role.chain, f"role-{role.pk}"))
        except ValidationError as error:
            form.add_error(None, error)
    context = {"role": role, "chain": role.chain, "form": form, "back": _edit_address(role.chain, f"role-{role.pk}")}
    return render(request, "linkages/chain_member.html", context, status=422 if form.errors else 200)


def _member(pk):
    return get_object_or_404(ChainMember.objects.select_related("role__chain", "party__firm"), pk=pk)


@require_POST
@officers_only
def member_end(request, pk):
    member, form = _member(pk), LastDayForm(request.POST)
    anchor = f"role-{member.role_id}"
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["last_day"]))
        return redirect(_edit_address(member.role.chain, anchor))
    words = _("{party} leaves the role; earlier days keep it. The end can be taken back.").format(party=member.party.title)
    verb = lambda: chains.end(member, form.cleaned_data["last_day"], request.user)  # noqa: E731
    return _done(request, member.role.chain, verb, words, anchor)


@require_POST
@officers_only
def member_return(request, pk):
    member = _member(pk)
    words = _("The end is taken back: {party} plays the role.").format(party=member.party.title)
    return _done(request, member.role.chain, lambda: chains.come_back(member, request.user), words, f"role-{member.role_id}")


@require_POST
@officers_only
def member_remove(request, pk):
    member = _member(pk)
    words = _("{party} is taken out as entered by mistake. It can be put back below.").format(party=member.party.title)
    return _done(request, member.role.chain, lambda: chains.remove_member(member, request.user), words, f"role-{member.role_id}")


@require_POST
@officers_only
def chain_put_back(request, code):
    chain = _chain(code)
    verb = lambda: chains.put_back(chain, request.POST.get("row", ""), request.user)  # noqa: E731
    return _done(request, chain, verb, _("It is back."), "roles")


# Links ---------------------------------------------------------------------------------------------------------------
@require_POST
@officers_only
def chain_link_add(request, code):
    chain = _chain(code)
    form = TieForm(request.POST, links=chains.may_tie(chain))
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect(_edit_address(chain, "links"))
    given = form.cleaned_data
    verb = lambda: chains.tie(chain, given["link"], given["added_on"], request.user)  # noqa: E731
    return _done(request, chain, verb, _("The link is part of the chain."), "links")


@reading_or_writing
@officers_only
def chain_link_create(request, code):
    """A new link between two partners of the chain, part of it from today on. ?source=12&target=15: numbers of partners."""
    chain, today = _chain(code), timezone.localdate()
    saved = registry.Saved(Link())
    if request.method == "POST":
        form, saved = registry.save_entry(lambda it: LinkForm(request.POST, instance=it), Link(), 0, request.user)
        if saved.is_done:
            return _tie_new(request, chain, saved.instance, today)
    else:
        sides = {side: whole_number(request.GET.get(side, ""), 0) for side in ("source", "target")}
        known = Party.objects.filter(pk__in=chains.parties_of(chain)).in_bulk(list(sides.values()))
        form = LinkForm(initial={f"{side}_party": known[pk] for side, pk in sides.items() if pk in known})
    context = {"chain": chain, "form": form, "saved": saved, "back": _edit_address(chain, "links")}
    return render(request, "linkages/chain_link.html", context, status=422 if form.errors else 200)


def _tie_new(request, chain, link, today):
    """The new link belongs to the chain if its ends do; if one does not, it stands as a link and the page says why."""
    try:
        chains.tie(chain, link, today, request.user)
        messages.success(request, _("The link is entered and part of the chain. Add what shows that it exists."))
    except ValidationError:
        words = _("The link is entered, but one of its ends plays no role here yet. Name it as a member, then take the link in.")
        messages.warning(request, words)
    return redirect(_edit_address(chain, "links"))


@require_POST
@officers_only
def chain_link_remove(request, pk):
    row = get_object_or_404(ChainLink.objects.select_related("chain"), pk=pk)
    words = _("The link no longer belongs to the chain; earlier days keep it. It can be taken in again below.")
    return _done(request, row.chain, lambda: chains.untie(row, request.user, timezone.localdate()), words, "links")
