"""Training links: the people whom firms look for beside what schools teach."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from firms import registry
from firms.views.entrypages import part_page
from linkages import training
from linkages.access import officers_only
from linkages.forms_programme import ProgrammeForm, SkillNeedForm
from linkages.models import SkillNeed, TrainingProgramme

reading_or_writing = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_not_required
def training_list(request):
    is_officer = getattr(request.user, "keeps_linkages", False)
    asked, programmes = training.pairs(is_officer)
    context = {"asked": asked, "programmes": programmes, "is_officer": is_officer}
    return render(request, "linkages/training_list.html", context)


@reading_or_writing
@officers_only
def skill_need_create(request):
    return _create(request, SkillNeedForm, SkillNeed(), _("Enter a need of people"), {"stated_on": timezone.localdate()})


@reading_or_writing
@officers_only
def programme_create(request):
    return _create(request, ProgrammeForm, TrainingProgramme(), _("Enter a training programme"), {})


def _create(request, form_class, row, title, initial):
    form = form_class(initial=initial)
    if request.method == "POST":
        form, saved = registry.save_entry(lambda it: form_class(request.POST, instance=it), row, 0, request.user)
        if saved.is_done:
            return redirect("training_list")
    context = {"form": form, "title": title, "back": "training_list"}
    return render(request, "linkages/training_form.html", context, status=422 if form.errors else 200)


@reading_or_writing
@officers_only
def skill_need_edit(request, pk):
    need = get_object_or_404(SkillNeed, pk=pk)
    return part_page(request, need, need.skill, SkillNeedForm, "linkages/training_form.html", "training_list")


@reading_or_writing
@officers_only
def programme_edit(request, pk):
    programme = get_object_or_404(TrainingProgramme, pk=pk)
    return part_page(request, programme, programme.name, ProgrammeForm, "linkages/training_form.html", "training_list")
