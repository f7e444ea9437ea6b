"""One link: its page, and what officers do with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import registry
from firms.views.entrypages import part_page
from linkages import linkpage, links, partners
from linkages.access import officers_only
from linkages.forms_links import EvidenceForm, LinkForm, MoveForm
from linkages.models import Link, LinkEvidence, Party
from parkportal import attachments
from parkportal.text import whole_number

reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_not_required
def link_detail(request, pk):
    return _page(request, pk)


def _page(request, pk, move=None):
    """The link's page; with a step that could not be taken, what was typed of it and why."""
    now = timezone.now()
    is_officer = getattr(request.user, "keeps_linkages", False)
    link = linkpage.link_of(pk, is_officer)
    if link is None:
        raise Http404
    context = linkpage.context(link, timezone.localdate(now)) | {"is_officer": is_officer}
    if is_officer:
        context |= linkpage.officers_context(link, now)
        context["move"] = move or MoveForm(initial={"on": timezone.localdate(now)})
    return render(request, "linkages/link_detail.html", context, status=422 if move else 200)


@reading_or_writing
@officers_only
def link_create(request):
    """An empty link, or one begun elsewhere: ?source=DN…&target=DN…&kind=input&product=…"""
    saved = registry.Saved(Link())
    if request.method == "POST":
        form, saved = registry.save_entry(lambda it: LinkForm(request.POST, instance=it), Link(), 0, request.user)
        if saved.is_done:
            messages.success(request, _("The link is entered. Add what shows that it exists."))
            return redirect(saved.instance)
    else:
        form = LinkForm(initial=_begun(request.GET))
    context = {"form": form, "saved": saved, "is_begun": bool(request.GET.get("source"))}
    return render(request, "linkages/link_create.html", context, status=422 if form.errors else 200)


def _begun(asked):
    """What an address says of the link that is to be entered; what it does not say rightly is left out."""
    initial = {}
    for side in ("source", "target"):
        found = partners.by_key(f"firm:{asked[side]}") if asked.get(side) else None
        party = found and Party.objects.filter(firm=found).first()
        if party:
            initial[f"{side}_party"] = party
        elif found:
            one = partners.candidate_of(found)
            initial[f"{side}_party"] = (one.label, one.key, one.label)
    if asked.get("kind") in Link.Kind.values:
        initial["kind"] = asked["kind"]
    product = asked.get("product", "").replace("\x00", "")[:250]
    return initial | ({"product": product} if product else {})


@reading_or_writing
@officers_only
def link_edit(request, pk):
    link = get_object_or_404(Link.objects.with_parties(), pk=pk)
    return part_page(request, link, _("Edit the link"), LinkForm, "linkages/link_edit.html", link.get_absolute_url())


@require_POST
@officers_only
def link_move(request, pk):
    link = get_object_or_404(Link, pk=pk)
    form = MoveForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            done = links.move(link, given["to"], given["on"], request.user, given["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _said(request, link, done, _("The link is taken further."))
    return _page(request, pk, form)


@require_POST
@officers_only
def link_review(request, pk):
    link = get_object_or_404(Link, pk=pk)
    return _done(request, link, lambda: links.review(link, request.user, timezone.localdate()), _("Marked as reviewed today."))


@require_POST
@officers_only
def link_show(request, pk):
    link = get_object_or_404(Link, pk=pk)
    is_public = request.POST.get("public") == "yes"
    words = _("Everybody sees the link now.") if is_public else _("Only officers see the link now.")
    return _done(request, link, lambda: links.show(link, is_public, request.user), words)


def _done(request, link, verb, words):
    """Tells what a press did, or in words why it did nothing."""
    try:
        done = verb()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(link)
    return _said(request, link, done, words)


def _said(request, link, done, words):
    if done:
        messages.success(request, words)
    else:
        messages.info(request, _("It stands so already; nothing was changed."))
    return redirect(link)


# Evidence ------------------------------------------------------------------------------------------------------------
@reading_or_writing
@officers_only
def link_evidence_add(request, pk):
    link = get_object_or_404(Link.objects.with_parties(), pk=pk)
    level = whole_number(request.GET.get("level", ""), 0)
    form = EvidenceForm(
        request.POST if request.method == "POST" else None, request.FILES or None, initial={"level": level if level < 4 else 0}
    )
    if request.method == "POST" and form.is_valid():
        evidence = form.save(commit=False)
        links.add_evidence(link, evidence, form.cleaned_data["upload"], request.user, timezone.now())
        messages.success(request, _("“{title}” is added to the link.").format(title=evidence.title))
        return redirect(link)
    return render(request, "linkages/link_evidence_add.html", {"link": link, "form": form}, status=422 if form.errors else 200)


@require_safe
@officers_only
def link_evidence_download(request, pk):
    evidence = get_object_or_404(LinkEvidence.objects.exclude(file=""), pk=pk)
    return attachments.response(evidence.file, evidence.file_name, links.content_type(evidence))


@require_POST
@officers_only
def link_evidence_remove(request, pk):
    evidence = get_object_or_404(LinkEvidence.objects.select_related("link"), pk=pk)
    words = _("“{title}” no longer counts. It can be brought back below.").format(title=evidence.title)
    return _done(request, evidence.link, lambda: links.remove_evidence(evidence, request.user, timezone.now()), words)


@require_POST
@officers_only
def link_evidence_restore(request, pk):
    evidence = get_object_or_404(LinkEvidence.objects.select_related("link"), pk=pk)
    words = _("“{title}” counts again.").format(title=evidence.title)
    return _done(request, evidence.link, lambda: links.restore_evidence(evidence, request.user), words)
