"""The linkage chains for everybody: how many are formed, how far each is, what it lacks, and its picture."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from linkages import chainpage, chainsheet, formation
from linkages.asof import DayForm
from parkportal.documents import pdf


@require_safe
@login_not_required
def chain_list(request):
    """The figure is the same for everybody and the one of the yearly report; strangers read of published chains only."""
    form = DayForm(request.GET, timezone.localdate())
    is_officer = getattr(request.user, "keeps_linkages", False)
    gauge = formation.gauge(form.day)
    shown = [it for it in gauge.standings if is_officer or it.chain.is_public]
    has_demonstration = any(it.chain.is_demonstration for it in shown)
    context = {"gauge": gauge, "shown": shown, "form": form, "is_officer": is_officer, "has_demonstration": has_demonstration}
    return render(request, "linkages/chain_list.html", context)


@require_safe
@login_not_required
def chain_detail(request, code):
    return _page(request, code)


def _page(request, code, why_no_pdf=""):
    form = DayForm(request.GET, timezone.localdate())
    is_officer = getattr(request.user, "keeps_linkages", False)
    chain = chainpage.chain_of(code, is_officer)
    if chain is None:
        raise Http404
    context = chainpage.reading(chain, form.day, is_officer) | {"form": form, "why_no_pdf": why_no_pdf or pdf.why_not()}
    return render(request, "linkages/chain_detail.html", context, status=503 if why_no_pdf else 200)


@require_safe
@login_not_required
def chain_pdf(request, code):
    """The chain's sheet for print. Everybody's leaves out what is not public; an officer's shows all."""
    form = DayForm(request.GET, timezone.localdate())
    is_officer = getattr(request.user, "keeps_linkages", False)
    chain = chainpage.chain_of(code, is_officer)
    if chain is None:
        raise Http404
    try:
        made = chainsheet.make(chain, form.day, is_officer)
    except pdf.NotPossibleHere as reason:
        return _page(request, code, str(reason))
    headers = {"Content-Disposition": f'inline; filename="{chain.code}-{form.day}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)
