"""The tax-code doctor: anybody pastes a list and gets it checked and repaired; nothing of it is kept."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from firms import taxdoctor

SHOWN = 1000
FILES = {
    "csv": (taxdoctor.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (taxdoctor.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class ListForm(forms.Form):
    """A pasted list, or a small file; the file wins where both are given."""

    codes = forms.CharField(
        label=_("Tax codes"),
        required=False,
        max_length=taxdoctor.MOST_BYTES,
        strip=False,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One on a line. A whole table copied out of Excel will do: the column with the codes is found."),
    )
    file = forms.FileField(
        label=_("or a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".xlsx,.csv,.txt"}),
        help_text=_(".xlsx, .csv or .txt, at most 1 MB"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        if values.get("file"):
            try:
                values["codes"] = taxdoctor.text_of(values["file"])
            except ValidationError as refused:
                self.add_error("file", refused)
                return values
        try:
            values["examined"] = taxdoctor.examine(values.get("codes") or "")
        except ValidationError as refused:
            self.add_error("file" if values.get("file") else "codes", refused)
        return values


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def tax_code_doctor(request):
    if request.method != "POST":
        return render(request, "firms/tax_code_doctor.html", {"form": ListForm(), "most": taxdoctor.MOST_LINES})
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "firms/tax_code_doctor.html", {"form": form, "most": taxdoctor.MOST_LINES})
    examined = form.cleaned_data["examined"]
    if file := FILES.get(request.POST.get("format")):
        write, content_type = file
        name = f"tax-codes.{request.POST['format']}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(write(examined), content_type=content_type, headers=headers)
    # What was in a file stands in the box afterwards, so that it can be corrected there and examined again.
    again = ListForm(initial={"codes": form.cleaned_data["codes"]})
    context = {"form": again, "examined": examined, "counts": examined.counts, "codes": form.cleaned_data["codes"]}
    context |= {
        "telling": examined.telling[:SHOWN],
        "plain": examined.plain[:SHOWN],
        "shown": SHOWN,
        "most": taxdoctor.MOST_LINES,
    }
    return render(request, "firms/tax_code_doctor.html", context)
