"""The registry for those who keep it: the desk, the list of entries, and each entry part by part."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firms import desk, entrypage, merging, registry, story
from firms.access import editors_only
from firms.forms import FIRM_PARTS, NewFirmForm
from firms.forms_rows import FIRM_ROWS, PAGES
from firms.models import Firm, Review
from firms.views import entrypages
from parkportal import timeline
from parkportal.models import User
from parkportal.text import whole_number

PAGE_SIZE = 50
MOST_AT_ONCE = 200
LATEST = 12
reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@editors_only
def registry_desk(request):
    today = timezone.localdate()
    latest = timeline.recent(story.ALL, by=User.objects.all(), limit=60).events[:LATEST]
    context = {
        "work": desk.work(today),
        "quality": desk.quality(today),
        "latest": latest,
        "total": Firm.objects.current().count(),
    }
    return render(request, "firms/registry_desk.html", context)


@require_safe
@editors_only
def registry_firms(request):
    entries = desk.Entries.of(request.GET, timezone.localdate())
    page = Paginator(entries.firms, PAGE_SIZE).get_page(whole_number(request.GET.get("page", ""), 1))
    return render(request, "firms/registry_firms.html", {"entries": entries, "page": page})


@require_POST
@editors_only
def firms_review(request):
    """Marks chosen entries of the list as reviewed at one press."""
    codes = request.POST.getlist("code")[:MOST_AT_ONCE]
    firms = Firm.objects.current().filter(code__in=[code for code in codes if "\x00" not in code])
    count = sum(registry.mark_reviewed(firm, request.user) for firm in firms)
    if count:
        words = ngettext("{n} entry is marked as reviewed.", "{n} entries are marked as reviewed.", count)
        messages.success(request, words.format(n=count))
    else:
        messages.info(request, _("Choose the entries that you have looked through first."))
    return redirect(_back(request, reverse("registry_firms")))


def _back(request, otherwise):
    there = request.POST.get("next", "")
    return there if url_has_allowed_host_and_scheme(there, {request.get_host()}) else otherwise


@reading_or_writing
@editors_only
def firm_create(request):
    form, alike = NewFirmForm(request.POST or None), []
    if request.method == "POST":
        if form.is_valid() and "another" not in request.POST:
            alike = entrypage.alike(*(form.cleaned_data.get(name) for name in ("name", "name_en", "tax_code")))
        if not alike:
            form, saved = registry.save_entry(lambda firm: NewFirmForm(request.POST, instance=firm), Firm(), 0, request.user)
            if saved.is_done:
                words = _("The firm is entered as {code}. Add what it makes and its projects.")
                messages.success(request, words.format(code=saved.instance.code))
                return redirect("firm_edit", saved.instance.code)
    return render(request, "firms/firm_create.html", {"form": form, "alike": alike})


@require_safe
@editors_only
def firm_edit(request, code):
    firm = _firm(code)
    if firm.code != code:
        return redirect("firm_edit", firm.code, permanent=True)
    return render(request, "firms/firm_edit.html", entrypage.firm_context(firm, timezone.now()))


def _firm(code):
    """The firm of a number, or the one that it was merged into."""
    found = merging.resolve(code) if "\x00" not in code else None
    if found is None:
        raise Http404
    return found.firm


@reading_or_writing
@editors_only
def firm_part(request, code, part):
    firm = _firm(code)
    back = reverse("firm_edit", args=[firm.code])
    if part in FIRM_PARTS:
        title, form = FIRM_PARTS[part]
        return entrypages.part_page(request, firm, title, form, "firms/firm_part.html", back)
    if part in FIRM_ROWS:
        return entrypages.rows_page(request, firm, FIRM_ROWS[part], "firms/firm_part.html", back)
    raise Http404


@reading_or_writing
@editors_only
def firm_row(request, code, kind, row=None):
    """A project or a product: a page of its own, to be filled in, changed, or taken out."""
    firm, page = _firm(code), PAGES.get(kind)
    if page is None:
        raise Http404
    row = get_object_or_404(page.model, firm=firm, pk=row) if row is not None else page.new(firm)
    back = f"{reverse('firm_edit', args=[firm.code])}#{kind}"
    if request.method == "POST" and "take-out" in request.POST and row.pk:
        registry.take_out(row, request.user)
        messages.success(request, _("“{name}” is taken out. Under “Taken out” it can be put back.").format(name=row))
        return redirect(back)
    return entrypages.row_page(request, firm, page, row, back)


@require_POST
@editors_only
def firm_review(request, code):
    firm = _firm(code)
    return review(request, firm, reverse("firm_edit", args=[firm.code]))


def review(request, entry, back):
    """One press: reviewed, to be checked (with a reason), or not reviewed after all."""
    verbs = {"reviewed": registry.mark_reviewed, "loaded": registry.take_review_back}
    verbs["doubted"] = partial(registry.mark_doubted, reason=request.POST.get("reason", ""))
    verb = verbs.get(request.POST.get("review"))
    try:
        if verb and verb(entry, request.user):
            entry.refresh_from_db()
            messages.success(request, _("Review: {state}.").format(state=Review(entry.review).label))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(_back(request, back))


@require_POST
@editors_only
def firm_put_back(request, code):
    firm = _firm(code)
    try:
        row = registry.put_back(request.POST.get("row", ""), story.OF_FIRM, request.user, firm_id=firm.pk)
        messages.success(request, _("“{name}” is back.").format(name=row))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("firm_edit", firm.code)
