"""History that nobody rewrites, and the page on which it is read."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from parkportal import tamperproof
from parkportal.models import User
from tasks.models import Progress
from tests.builders import NOW, make_consolidator, make_filled_report, make_member, make_submitted_report, make_user

pytestmark = pytest.mark.django_db

TABLES = tamperproof.history_tables(apps)


def test_every_kind_of_record_that_the_issue_names_keeps_its_history():
    kept = {table.split("_historical")[1] for table in TABLES}
    assert kept >= {
        "task", "agencyreport", "progress", "agency", "membership", "succession", "reportingcycle", "user",
        "consolidatedreport", "reportparagraph", "evidence", "contribution",
    }  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_history_table_has_its_trigger(table):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        assert (tamperproof.trigger_name(table),) in cursor.fetchall()


def test_nobody_rewrites_what_was_once_recorded():
    make_consolidator()
    row = make_filled_report().rows.get()
    before = list(row.history.values_list("history_id", "results"))
    with pytest.raises(IntegrityError), transaction.atomic():
        row.history.update(results="Đã hoàn thành vượt mức.")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE parkportal_historicaluser SET role = 'administrator'")
    assert list(row.history.values_list("history_id", "results")) == before


@pytest.mark.services
def test_nobody_deletes_what_was_once_recorded():
    row = make_filled_report().rows.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.history.all().delete()


def test_the_consolidator_reads_who_changed_what(client):
    report = make_submitted_report()
    lan = make_member(report.agency)
    row = report.rows.get()
    row.results, row._history_user = "Đã tổ chức 03 hội nghị.", lan
    row.save()
    client.force_login(make_consolidator())
    page = client.get(reverse("audit")).content.decode()
    assert "Trần Thị Lan" in page
    assert row.task.code in page
    assert "<ins>03</ins>" in page


def test_the_history_is_filtered_by_person_kind_and_day(client):
    report = make_submitted_report()
    lan = make_member(report.agency)
    row = report.rows.get()
    row.results, row._history_user = "Chữ của Lan.", lan
    row.save()
    client.force_login(make_consolidator())

    def events(**query):
        return client.get(reverse("audit"), query).context["events"]

    assert {event.user_id for event in events(person=lan.pk)} == {lan.pk}
    assert {event.kind for event in events(kind="progress")} == {str(row._meta.verbose_name)}
    tomorrow = NOW.date() + timedelta(days=3650)
    assert events(since=tomorrow.isoformat()) == []


@pytest.mark.parametrize("query", ["since=chưa biết", "kind=mật khẩu", "person=abc", "page=x", "page=-3"])
def test_a_mistyped_filter_shows_a_page_and_not_an_error(client, query):
    client.force_login(make_consolidator())
    assert client.get(f"{reverse('audit')}?{query}").status_code == 200


def test_many_records_need_no_more_queries_than_few(client):
    client.force_login(make_consolidator())
    make_filled_report(tasks=3)
    few = count(client)
    for row in Progress.objects.all():
        for results in ["một", "hai", "ba", "bốn"]:
            row.results = results
            row.save()
    assert count(client) == few


def count(client):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("audit")).status_code == 200
    return len(queries)


@pytest.mark.parametrize("role", [User.Role.STAFF, User.Role.LEADERSHIP, User.Role.EDITOR])
def test_nobody_else_reads_the_portal_wide_history(client, role):
    client.force_login(make_user(role=role))
    assert client.get(reverse("audit")).status_code == 404


def test_the_history_is_only_read(client):
    client.force_login(make_user(role=User.Role.ADMINISTRATOR))
    assert client.post(reverse("audit")).status_code == 405
