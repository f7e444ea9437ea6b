"""Import substitution: what the park's firms buy abroad, and who in the region could supply it."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linkages import importgapfile
from linkages.access import officers_only
from linkages.importfilter import Asked
from parkportal.text import whole_number

PAGE_SIZE = 30


@require_safe
@officers_only
def import_gaps(request):
    asked = Asked(request.GET)
    page = Paginator(asked.found, PAGE_SIZE).get_page(whole_number(request.GET.get("page", ""), 1))
    return render(request, "linkages/import_gaps.html", {"asked": asked, "page": page})


@require_safe
@officers_only
def import_gaps_download(request):
    name = "csv" if request.GET.get("format") == "csv" else "xlsx"
    gaps = Asked(request.GET).found
    content = importgapfile.csv_of(gaps) if name == "csv" else importgapfile.workbook_of(gaps)
    headers = {"Content-Disposition": f'attachment; filename="thay-the-nhap-khau.{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=importgapfile.TYPES[name], headers=headers)
