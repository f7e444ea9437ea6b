"""The visitor's shortlist: open to everybody, kept in the visitor's own browser, every change of it undone by one press."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from firms import comparison, dossiers
from firms import shortlist as lists
from firms.shortlist import Entry, Shortlist

hers = cache_control(private=True, no_store=True)


@login_not_required
@require_safe
@hers
def shortlist(request):
    """My own list, or the one that an address names; somebody else's never takes the place of mine by itself."""
    asked = lists.asked(request.GET)
    is_shared = "firm" in request.GET or "zone" in request.GET
    entries = asked[: lists.MOST] if is_shared else list(request.shortlist.entries)
    found = lists.find(entries, lists.FIRM_CARDS, lists.ZONE_CARDS)
    new = [entry for entry in lists.entries_of(found) if entry.key not in request.shortlist.keys]
    context = {
        "is_shared": is_shared,
        "found": found,
        "lines": lists.lines(found, request.shortlist),
        "left_out": len(asked) - len(entries) if is_shared else 0,
        "new": len(new),
        "mine": len(request.shortlist),
        "fits": len(request.shortlist) + len(new) <= lists.MOST,
        "share_url": request.build_absolute_uri(address_of(found)),
        "undo_words": None if is_shared else _undo_words(request),
        "compare_most": comparison.MOST,
        "note_length": lists.NOTE_LENGTH,
        "most": lists.MOST,
        "formats": dossiers.formats(),
    }
    return render(request, "firms/shortlist.html", context)


@login_not_required
@require_POST
def shortlist_add(request):
    entry, thing = _named(request)
    if thing is None:
        raise Http404
    was = lists.before(request)
    entry = (was and was.get(entry.kind, thing.code)) or Entry(entry.kind, thing.code)  # put back with its note
    try:
        new = lists.settled(request.shortlist).added(entry)
        new.dumps()
    except lists.NoRoom:
        words = _no_room()
        if request.htmx:
            return _button(request, entry, thing, request.shortlist, words)
        messages.error(request, words)
        return _back(request)
    return _changed(
        request, new, _("“{name}” is on your shortlist.").format(name=thing.title), partial(_button, request, entry, thing)
    )


@login_not_required
@require_POST
def shortlist_remove(request):
    entry, thing = _named(request)
    new = request.shortlist.without(entry.kind, entry.code)
    if thing:
        new = new.without(entry.kind, thing.code)
    words = _("“{name}” is off your shortlist.").format(name=thing.title if thing else entry.code)
    # From the list itself, where nothing says "next", the list is wanted and no button.
    fragment = partial(_button, request, entry, thing) if thing and "next" in request.POST else None
    return _changed(request, new, words, fragment)


@login_not_required
@require_POST
def shortlist_move(request):
    entry, _thing = _named(request)
    step = {"up": -1, "down": 1}.get(request.POST.get("way"), 0)
    return _changed(request, request.shortlist.moved(entry.kind, entry.code, step), anchor=entry.anchor)


@login_not_required
@require_POST
def shortlist_note(request):
    """Her own words on one entry. For htmx the word that they are saved, else the list again."""
    entry, _thing = _named(request)
    new = request.shortlist.noted(entry.kind, entry.code, request.POST.get("note", ""))
    try:
        new.dumps()
    except lists.NoRoom:
        words = _("Your notes have no room for so many words. Shorten this one or another.")
        if request.htmx:
            return render(request, "firms/_shortlist_note_state.html", {"error": words})
        messages.error(request, words)
        return redirect(f"{reverse('shortlist')}#{entry.anchor}")
    context = {"saved_at": timezone.now()}
    return _changed(
        request, new, anchor=entry.anchor,
        fragment=lambda new: render(request, "firms/_shortlist_note_state.html", context),
    )  # fmt: skip


@login_not_required
@require_POST
def shortlist_clear(request):
    return _changed(request, Shortlist())


@login_not_required
@require_POST
def shortlist_undo(request):
    """The list as it was before its last change. Undoing once more brings the change back."""
    was = lists.before(request)
    if was is None:
        messages.info(request, _("There is nothing left to undo."))
        return redirect("shortlist")
    return _changed(request, was)


@login_not_required
@require_POST
def shortlist_take(request):
    """Somebody else's list: added to mine, or in the place of mine."""
    theirs = lists.entries_of(lists.find(lists.asked(request.POST)[: lists.MOST]))
    mine = Shortlist() if request.POST.get("way") == "replace" else request.shortlist
    try:
        new = mine.added(*theirs)
        new.dumps()
    except lists.NoRoom:
        messages.error(request, _no_room())
        return redirect(address_of(lists.find(theirs)))
    return _changed(request, new)


# What they share --------------------------------------------------------------------------------------------------------
def address_of(found, name="shortlist"):
    """The address that holds these firms and zones."""
    query = "&".join([f"firm={firm.code}" for firm in found.firms] + [f"zone={zone.code}" for zone in found.zones])
    return f"{reverse(name)}?{query}"


def _named(request):
    """The entry that the form names, and what stands behind it today (None where the directory no longer shows it)."""
    kind, code = request.POST.get("kind"), request.POST.get("code", "")
    found = lists.asked({kind: code}) if kind in lists.KINDS else []
    if not found:
        raise Http404
    things = lists.find(found).things
    return found[0], things[0] if things else None


def _changed(request, new, words="", fragment=None, anchor=""):
    """Keeps the new list and what it was before; answers htmx with the fragment, everybody else with the page they came from."""
    old = request.shortlist
    if request.htmx and fragment:
        response = fragment(new)
    else:
        if words and "next" in request.POST:
            messages.success(request, words)
        response = _back(request, anchor)
    return lists.keep(response, new, old) if new.entries != old.entries else response


def _button(request, entry, thing, new, error=""):
    """The pressed button and the counter in the header, as they are now."""
    request.shortlist = new
    context = {"kind": entry.kind, "code": thing.code, "title": thing.title, "error": error, "is_answer": True}
    context |= {"look": request.POST.get("look", ""), "next": request.POST.get("next", "")}
    return render(request, "firms/_shortlist_button.html", context)


def _back(request, anchor=""):
    """Where she came from, if that is a page of ours; else the list."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return redirect(address)
    return redirect(reverse("shortlist") + (f"#{anchor}" if anchor else ""))


def _undo_words(request):
    """What the last change did, where it can be undone."""
    was = lists.before(request)
    if was is None or was.entries == request.shortlist.entries:
        return ""
    gone = [entry for entry in was.entries if entry.key not in request.shortlist.keys]
    come = [entry for entry in request.shortlist.entries if entry.key not in was.keys]
    if gone:
        return ngettext("{n} entry was taken off.", "{n} entries were taken off.", len(gone)).format(n=len(gone))
    if come:
        return ngettext("{n} entry was added.", "{n} entries were added.", len(come)).format(n=len(come))
    return ""


def _no_room():
    return _("A shortlist holds {most} entries. Take one off first.").format(most=lists.MOST)
