"""The linkage chains for everybody: how many are formed, how far each is, what it lacks, and its picture."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from linkages import chaindrawing, formation
from linkages.asof import DayForm


@require_safe
@login_not_required
def chain_list(request):
    today = timezone.localdate()
    form = DayForm(request.GET, today)
    is_officer = getattr(request.user, "keeps_linkages", False)
    chains = formation.CHAINS.all() if is_officer else formation.CHAINS.filter(is_public=True)
    gauge = formation.gauge(form.day, chains)
    return render(request, "linkages/chain_list.html", {"gauge": gauge, "form": form, "today": today, "is_officer": is_officer})


@require_safe
@login_not_required
def chain_detail(request, code):
    today = timezone.localdate()
    form = DayForm(request.GET, today)
    is_officer = getattr(request.user, "keeps_linkages", False)
    chain = formation.CHAINS.filter(code=code).first()
    if chain is None or not (chain.is_public or is_officer):
        raise Http404
    standing = formation.standing(chain, form.day, formation.rules())
    picture = chaindrawing.draw(standing, is_officer)
    rows = chaindrawing.rows(standing, picture, is_officer)
    context = {
        "rows": rows,
        "chain": chain,
        "standing": standing,
        "picture": picture,
        "form": form,
        "today": today,
        "is_officer": is_officer,
    }
    return render(request, "linkages/chain_detail.html", context)
