"""The ledger of reminders, what would go out on a day, "remind now", and single mails."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from parkportal.dates import ONE_DAY, is_working_day, next_working_day, of_our_time
from tasks import ledger, reminders
from tasks.models import AgencyReport, Holiday, Reminder

PAGE = 50


@require_safe
def reminder_ledger(request):
    today = timezone.localdate()
    if not ledger.may_read(request.user, today):
        raise Http404
    rows = Reminder.objects.visible_to(request.user, today)
    rows = rows.select_related("cycle", "report", "agency", "person", "mail", "asked_by")
    chosen = ledger.LedgerFilter(request.GET, rows)
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "reads_everything": ledger.reads_everything(request.user),
        "may_preview": ledger.may_send_again(request.user),
        "now": timezone.now(),
    }
    return render(request, "tasks/reminder_ledger.html", context)


@require_safe
def reminder_preview(request):
    if not ledger.may_send_again(request.user):
        raise Http404
    today, error = timezone.localdate(), ""
    day = today
    if typed := request.GET.get("day", ""):
        try:
            of_our_time(asked := date.fromisoformat(typed))
            day = asked
        except (ValueError, ValidationError):
            error = _("Write the day with day, month and year, or choose it in the calendar.")
    holidays = Holiday.days()
    working = is_working_day(day, holidays)
    context = {
        "day": day,
        "typed": typed or day.isoformat(),
        "error": error,
        "is_today": day == today,
        "is_working_day": working,
        "next_working_day": next_working_day(day + ONE_DAY, holidays),
        "bundles": reminders.due(day) if working and not error else [],
        "failed": ledger.failed_mails(request.user).select_related("person")[:PAGE],
    }
    return render(request, "tasks/reminder_preview.html", context)


@require_POST
def remind_now(request, pk):
    now = timezone.now()
    if not request.user.is_consolidator:
        raise Http404
    report = get_object_or_404(AgencyReport.objects.visible_to(request.user, timezone.localdate(now)), pk=pk)
    try:
        told = reminders.remind_now(report, request.user, now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        people = ", ".join(str(letter.person) for letter in told)
        messages.success(
            request,
            _("%(agency)s is reminded now: the mail goes to %(people)s.") % {"agency": report.agency_name, "people": people},
        )
    return redirect(_back(request, reverse("board")))


@require_safe
def mail_detail(request, pk):
    today = timezone.localdate()
    letter = get_object_or_404(ledger.visible_mails(request.user, today).select_related("person", "source"), pk=pk)
    if "file" in request.GET:
        response = HttpResponse(bytes(letter.source.data), content_type="message/rfc822")
        response["Content-Disposition"] = f'attachment; filename="thu-{letter.pk}.eml"'
        return response
    context = {
        "letter": letter,
        "rows": letter.reminders.select_related("agency", "cycle", "asked_by"),
        "may_retry": ledger.may_send_again(request.user),
        "reads_ledger": ledger.may_read(request.user, today),
    }
    return render(request, "tasks/mail_detail.html", context)


@require_POST
def mail_retry(request, pk):
    if not ledger.may_send_again(request.user):
        raise Http404
    letter = get_object_or_404(ledger.visible_mails(request.user, timezone.localdate()), pk=pk)
    if letter.try_again(timezone.now()):
        messages.success(request, _("The mail to %(to)s is in the queue again; it goes out within a minute.") % {"to": letter.to})
    else:
        messages.info(request, _("This mail was sent meanwhile, so nothing was done."))
    return redirect(_back(request, reverse("mail_detail", args=[pk])))


@require_POST
def mails_retry(request):
    """Every failed mail once more, after the mail server was mended."""
    if not ledger.may_send_again(request.user):
        raise Http404
    now = timezone.now()
    count = sum(letter.try_again(now) for letter in ledger.failed_mails(request.user))
    words = ngettext("%(count)s mail is in the queue again.", "%(count)s mails are in the queue again.", count)
    messages.success(request, words % {"count": count})
    return redirect("reminder_preview")


def _back(request, otherwise):
    """The page that the button stood on, if it is one of ours."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if came_from and is_ours else otherwise
