"""The figures of the registry for everybody, and the rows behind each of them."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from firms import figurefile, published
from firms.figurepage import FigurePage, RowsPage

ROWS_A_PAGE = 200


@require_safe
@login_not_required
def figures(request):
    page = FigurePage(request.GET, timezone.localdate())
    if request.GET.get("export") in figurefile.FORMATS:
        return figurefile.download(page, request.GET["export"])
    context = {"page": page, "figures": page.figures, "printed": page.beside(published.printed(), published.PARK)}
    return render(request, "firms/figures.html", context)


@require_safe
@login_not_required
def figure_rows(request):
    rows = RowsPage(request.GET, timezone.localdate())
    firms, projects = Paginator(rows.firms, ROWS_A_PAGE), Paginator(rows.projects, ROWS_A_PAGE)
    number = request.GET.get("page")
    longer = max(firms, projects, key=lambda paginator: paginator.num_pages).get_page(number)
    context = {
        "rows": rows,
        "figures": rows.figures,
        "firms": rows.people(_page(firms, longer.number)),
        "projects": rows.amounts(_page(projects, longer.number)),
        "page_obj": longer,
    }
    return render(request, "firms/figure_rows.html", context)


def _page(paginator, number):
    return paginator.page(number).object_list if number <= paginator.num_pages else []
