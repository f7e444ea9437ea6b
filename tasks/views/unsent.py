"""Pages full of typed text outlive their session: what an expired or half-renewed login posts is kept for its writer."""

import re
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

_SALT = "page of a report"
_DAYS = 30 * 24 * 3600
_LIMIT = 2_000_000  # characters
_BOX = re.compile(r"^(r\d+|c)-[a-z_]+$")


def page_token(user, report):
    """Says for whom and for which report a page was made; only this server can write it."""
    return signing.dumps({"user": user.pk, "report": report.pk}, salt=_SALT)


def _page(request):
    try:
        return signing.loads(request.POST.get("page", ""), salt=_SALT, max_age=_DAYS)
    except signing.BadSignature:
        return None


def is_fetch(request):
    """Sent by the page's script, which wants JSON and never a redirect."""
    return request.headers.get("X-Requested-With") == "fetch"


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request, reason):
        return reason


def keeps_text(view):
    """A view to which a page posts what a person typed: nothing is lost to an expired session or a renewed token.

    A script gets 401 and sends again later. A plain form's boxes wait in the session, bound to the person for whom the page
    was made, until she has signed in again. The check against forged requests is made here instead of in the middleware:
    a request that fails it writes nothing, and is only remembered if it carries a page token of this server."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def kept(request, pk):
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        if request.method != "POST":
            return view(request, pk) if request.user.is_authenticated else redirect_to_login(request.get_full_path())
        forged = _CsrfCheck(view).process_view(request, None, (), {})
        page = _page(request)
        is_hers = page is not None and page["user"] == request.user.pk
        if request.user.is_authenticated and is_hers and not forged:
            return view(request, pk)
        if is_fetch(request):
            reason = "token" if forged and is_hers else "login"
            return JsonResponse({"reason": reason}, status=403 if reason == "token" else 401)
        if page is None:
            return _refuse(request, forged)
        return _remember(request, page)

    return kept


def _refuse(request, forged):
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("my_work"))
    messages.error(request, _("That page was too old to be saved. Open it again."))
    return redirect("my_work")


def _remember(request, page):
    address = reverse("report_edit", args=[page["report"]])
    if request.user.is_authenticated and request.user.pk != page["user"]:
        messages.error(
            request,
            _("Somebody else has signed in on this browser, so nothing was saved. Go back with the browser's own button."),
        )
        return redirect("my_work")
    boxes = {name: value for name, value in request.POST.items() if _BOX.match(name)}
    if sum(map(len, boxes.values())) > _LIMIT:
        messages.error(
            request,
            _("What you typed is too long to be kept. Go back with the browser's own button, sign in beside it, then save."),
        )
    else:
        keep_unsent(request, page["user"], page["report"], boxes)
        if not request.user.is_authenticated:
            messages.info(request, _("Your session has ended. Sign in again: what you typed is kept and will be shown."))
    if request.FILES:
        messages.warning(request, _("The files that you had chosen were not taken. Choose them again."))
    return redirect(address) if request.user.is_authenticated else redirect_to_login(address)


def keep_unsent(request, user_pk, report_pk, boxes):
    """Keeps a page's boxes in the session until its writer opens it again; those of her other reports stay beside them."""
    unsent = request.session.get("unsent") or {}
    pages = unsent["pages"] if unsent.get("user") == user_pk else {}
    request.session["unsent"] = {"user": user_pk, "pages": pages | {str(report_pk): boxes}}


def unsent_boxes(request, report):
    """Boxes that wait in the session for this person and this report, or None. Another person's are dropped unread."""
    unsent = request.session.get("unsent")
    if not unsent:
        return None
    if unsent["user"] != request.user.pk:
        del request.session["unsent"]
        return None
    return unsent["pages"].get(str(report.pk))


def forget_unsent(request, report):
    if unsent_boxes(request, report) is not None:
        del request.session["unsent"]["pages"][str(report.pk)]
        request.session.modified = True
