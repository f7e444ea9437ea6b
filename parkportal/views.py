"""Front page, search, profile, health and error pages: the only views that know all apps."""

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponseServerError, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from firms import frontpage as directory
from parkportal import health, timeline
from parkportal.forms import ProfileForm
from parkportal.history import HistoryForm
from tasks import cycles, demonstration, frontpage
from tasks.models import AgencyReport

API = "/api/"


@login_not_required
@require_safe
def home(request):
    today = timezone.localdate()
    cycle = frontpage.current_cycle()
    context = {"figures": frontpage.plan_figures(cycle, today), "cycle": cycle, "today": today}
    context["issued"] = frontpage.issued_reports()
    context["directory"] = directory.opening(today)
    if cycle:
        context["path"] = cycles.public_path(cycle, today)
    if request.user.is_authenticated:
        context["turns"] = frontpage.turns_of(request.user, cycle, today)
    return render(request, "home.html", context)


@login_not_required
@require_safe
def search(request):
    """Over firms, zones, tasks and agencies; for a stranger over what is public."""
    words = " ".join(request.GET.get("q", "").split())[:200]
    context = {"search_words": words}
    if words:
        today, inside = timezone.localdate(), request.user.is_authenticated
        states = None if inside else [AgencyReport.State.ACCEPTED]
        context["tasks"] = list(frontpage.found_tasks(words, frontpage.current_cycle(), today, states))
        context["agencies"] = list(frontpage.found_agencies(words)) if inside else []
        context["directory"] = directory.found(words)
        context["task_page"] = "task_detail" if inside else "plan_task_public"
    return render(request, "search.html", context)


@method_decorator(login_not_required, "dispatch")
class Login(LoginView):
    """Sign-in. The demonstration lists its accounts and fills in the address that was chosen; production does neither."""

    def get_initial(self):
        chosen = {"login": self.request.GET.get("email", "")} if settings.DEMONSTRATION else {}
        return super().get_initial() | chosen

    def get_context_data(self, **kwargs):
        shown = {"accounts": demonstration.accounts(), "password": demonstration.PASSWORD} if settings.DEMONSTRATION else {}
        return super().get_context_data(**kwargs) | {"demonstration": shown}


@require_GET
def audit(request):
    """Every change in the portal, newest first, for those who answer for it."""
    if not (request.user.is_consolidator or request.user.is_administrator):
        raise Http404
    form = HistoryForm(request.GET, timeline.models())
    sees_internal = request.user.keeps_linkages
    if one := form.one_object():
        return render(request, "audit.html", {"form": form, "one": one, "events": timeline.of(one, sees_internal=sees_internal)})
    wanted = form.wanted()
    page = timeline.recent(**wanted, sees_internal=sees_internal)
    context = {"form": form, "events": page.events, "next_offset": page.next_offset, "offset": wanted["offset"]}
    return render(request, "audit.html", context)


def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    memberships = request.user.memberships.select_related("agency").order_by("ends_on", "agency__sort_key")
    context = {"form": form, "memberships": memberships, "has_single_sign_on": bool(settings.OIDC_SERVER_URL)}
    return render(request, "profile.html", context)


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """For monitoring; with ?only=web for the web server's own health check, which a silent worker must not fail."""
    parts = health.web() if request.GET.get("only") == "web" else health.everything(timezone.now())
    is_well = all(answer == health.OK for answer in parts.values())
    return JsonResponse({"status": "ok" if is_well else "bad", "parts": parts}, status=200 if is_well else 503)


@login_not_required
def csrf_failure(request, reason=""):
    return render(request, "csrf_failure.html", status=403)


@login_not_required
def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def told_as_json(status, code, words):
    """What a program is told where a person is shown a page, in the form of firms.opendata.errors."""
    answer = {"status": status, "code": code, "detail": words, "errors": {}}
    return JsonResponse(answer, status=status, headers={"Access-Control-Allow-Origin": "*"})


@login_not_required
def not_found(request, exception=None):
    if request.path.startswith(API):
        return told_as_json(404, "not_found", _("There is nothing under this address."))
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request):
    """Rendered without the request: whatever failed, session and database among it, is not asked again."""
    if request.path.startswith(API):
        return told_as_json(500, "error", _("The portal could not answer. Ask again in a few minutes."))
    return HttpResponseServerError(render_to_string("500.html"))
