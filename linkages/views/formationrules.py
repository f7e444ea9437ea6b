"""The rule of formation for officers: which held when, and a new one from a day on."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linkages import formation, formationrules
from linkages.access import officers_only
from linkages.forms_chains import RuleForm
from linkages.models import FormationRule
from parkportal import timeline


@require_safe
@officers_only
def rule_list(request):
    today, known = timezone.localdate(), formation.rules()
    held = formation.rule_on(today, known)
    rows = [(rule, rule.pk == held.pk, rule.starts_on > today) for rule in reversed(known)]
    context = {"rows": rows, "default": FormationRule(), "default_holds": held.pk is None, "events": timeline.of(*known)}
    return render(request, "linkages/rule_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def rule_set(request):
    """Shows beside the form what the rule in force asks for, and after a try what the new one would change today."""
    today, known = timezone.localdate(), formation.rules()
    held = formation.rule_on(today, known)
    initial = {name: getattr(held, name) for name in formationrules.SET} | {"starts_on": today, "basis": ""}
    form = RuleForm(request.POST if request.method == "POST" else None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            formationrules.set_rule(form.cleaned_data, request.user)
            messages.success(request, _("The rule is set. Days before it keep the rule that held then."))
            return redirect("rule_list")
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "linkages/rule_set.html", {"form": form, "held": held}, status=422 if form.errors else 200)


@require_POST
@officers_only
def rule_withdraw(request, pk):
    rule = get_object_or_404(FormationRule, pk=pk)
    try:
        if formationrules.withdraw(rule, request.user, timezone.localdate()):
            messages.success(request, _("The rule is taken back before it came into force."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("rule_list")
