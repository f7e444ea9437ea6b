"""The pages on which a part of an entry is written: boxes, short rows, or one row with what belongs to it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from firms import registry
from firms.models import Project
from parkportal.text import whole_number


def _seen(request, name="seen"):
    return whole_number(request.POST.get(name, ""), 0)


def _tell(request, saved):
    messages.success(request, _("Saved."))
    if saved.kept:
        words = _("Meanwhile {who} changed {fields}. Both changes are kept.")
        messages.info(request, words.format(who=saved.writer, fields=", ".join(saved.kept)))


def part_page(request, entry, title, form_class, template, back):
    """Boxes of an entry itself."""
    saved = registry.Saved(entry)
    if request.method == "POST":
        form, saved = registry.save_entry(lambda it: form_class(request.POST, instance=it), entry, _seen(request), request.user)
        if saved.is_done:
            _tell(request, saved)
            return redirect(back)
    else:
        form = form_class(instance=entry)
    # After a clash the next press is over what was just shown; after a mistake the writer has still seen no more than before.
    seen = registry.version_of(entry) if saved.clashes or request.method != "POST" else _seen(request)
    context = {"entry": entry, "title": title, "form": form, "saved": saved, "seen": seen, "back": back}
    return render(request, template, context)


def rows_page(request, entry, kind, template, back):
    """Short rows of one kind."""
    saved = registry.Saved(entry)
    now = registry.version_of_rows(kind.model, **{f"{kind.owner}_id": entry.pk})
    if request.method == "POST":
        rows, saved = registry.save_rows(kind, entry, request.POST, _seen(request), request.user)
        if saved.is_done:
            _tell(request, saved)
            return redirect(request.path if "more" in request.POST else back)
    else:
        rows = kind.formset(entry)
    seen = saved.clashes[0] if saved.clashes else now if request.method != "POST" else _seen(request)
    context = {"entry": entry, "title": kind.title, "kind": kind, "rows": rows, "saved": saved, "seen": seen, "back": back}
    return render(request, template, context)


def row_page(request, firm, page, row, back):
    """One project or product, with the rows that belong to it."""
    saved, inner_saved = registry.Saved(row), registry.Saved(row)
    inner = page.inner
    if request.method == "POST":
        form, rows, saved, inner_saved = registry.save_row(
            page, firm, row, request.POST, _seen(request), _seen(request, "rows_seen"), request.user
        )
        if saved.is_done and (rows is None or inner_saved.is_done):
            _tell(request, saved)
            if isinstance(saved.instance, Project):
                certificates = list(saved.instance.certificates.all())
                for words in registry.gaps(saved.instance, certificates):
                    messages.warning(request, words)
            return redirect(back)
    else:
        form = page.form(instance=row)
        rows = inner.formset(firm, project=row) if inner else None
    is_fresh = request.method != "POST"
    seen = registry.version_of(row) if is_fresh or saved.clashes else _seen(request)
    rows_now = registry.version_of_rows(inner.model, firm_id=firm.pk, project_id=row.pk) if inner and row.pk else 0
    rows_seen = rows_now if is_fresh or inner_saved.clashes else _seen(request, "rows_seen")
    context = {
        "entry": firm, "page": page, "row": row, "form": form, "rows": rows, "kind": inner, "saved": saved,
        "inner_saved": inner_saved, "seen": seen, "rows_seen": rows_seen, "back": back,
    }  # fmt: skip
    return render(request, "firms/firm_row.html", context)
