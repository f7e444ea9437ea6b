"""Fills the scratch database with plan, demonstration and 20 years of accepted reports; prints addresses and sessions as JSON."""

import io
import json
import sys
from datetime import date, datetime, time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from simple_history.utils import bulk_create_with_history  # noqa: E402

from parkportal.models import User  # noqa: E402
from tasks.models import AgencyReport, Plan, Progress, ReportingCycle  # noqa: E402
from tasks.status import State  # noqa: E402

TEXT = "Đã ban hành kế hoạch, tổ chức 02 hội nghị và hỗ trợ 05 doanh nghiệp hoàn thiện công nghệ trong lĩnh vực được giao. " * 4


def moment(year, month, day):
    return timezone.make_aware(datetime.combine(date(year, month, day), time(9)))


def write_year(year, pattern, by):
    """A closed cycle in which every agency of the pattern cycle was accepted."""
    cycle = ReportingCycle.objects.create(
        plan=Plan.objects.get(), year=year, state=ReportingCycle.State.CLOSED, opens_on=date(year, 11, 1),
        agencies_due_on=date(year, 12, 10), consolidation_due_on=date(year, 12, 15), cutoff_on=date(year, 11, 30),
        opened_at=moment(year, 11, 1), closed_at=moment(year, 12, 15),
    )  # fmt: skip
    now, accepted = moment(year, 12, 8), AgencyReport.State.ACCEPTED
    stamps = {"submitted_by": by, "submitted_at": now, "first_submitted_at": now, "accepted_at": now}
    models = [AgencyReport(cycle=cycle, agency=r.agency, agency_name=r.agency_name, state=accepted, **stamps) for r in pattern]
    reports = {report.agency_id: report for report in bulk_create_with_history(models, AgencyReport, default_user=by)}
    rows = [
        Progress(
            report=reports[r.agency_id],
            task=row.task,
            state=State.IN_PROGRESS,
            percent=50,
            results=TEXT,
            obstacles=TEXT,
            revision=9,
        )
        for r in pattern
        for row in r.rows.all()
    ]
    bulk_create_with_history(rows, Progress, default_user=by)


def session(person):
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def fill(years):
    for command in ["compile_catalogue", "build_fonts", "migrate", "load_plan", "load_registry", "load_demonstration"]:
        call_command(command, verbosity=0, stdout=io.StringIO())
    call_command("collectstatic", verbosity=0, interactive=False)
    cycle = ReportingCycle.objects.current()
    pattern = list(cycle.reports.select_related("agency").prefetch_related("rows__task"))
    consolidator = User.objects.filter(role=User.Role.CONSOLIDATOR).first()
    known = set(ReportingCycle.objects.values_list("year", flat=True))
    for year in range(cycle.year - years, cycle.year):
        if year not in known:
            write_year(year, pattern, consolidator)
    # What the database does by itself in years of use: look at its tables, so that it plans for their real size.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    usual = sorted(pattern, key=lambda report: len(report.rows.all()))
    answers = {"cycles": ReportingCycle.objects.count(), "rows": Progress.objects.count(), "pages": {}}
    board = session(consolidator)
    answers["bare"], answers["frame"] = ["/bench/bare/", board], ["/bench/frame/", board]
    for words, report in [("largest", usual[-1]), ("middle", usual[len(usual) // 2])]:
        officer = User.objects.filter(memberships__agency=report.agency, memberships__duty="officer").first()
        name = f"officer's page, {len(report.rows.all())} rows ({words} agency)"
        answers["pages"][name] = [reverse("report_edit", args=[report.pk]), session(officer)]
    answers["pages"]["officer's desk"] = [reverse("my_work"), session(officer)]
    answers["pages"]["board"] = [reverse("board"), board]
    answers["pages"]["task list"] = [reverse("task_list"), board]
    return answers


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]))))
