"""Two people at the same moment: whoever comes second meets what the first has done, never what stood there before."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connections, transaction

from tasks import contributions, drafting, evidence, issuing, renditions, writing
from tasks.cycles import close_cycle, open_cycle
from tasks.forms_cycle import CycleForm
from tasks.models import ConsolidatedReport, Contribution, Evidence, KeptText, ReportingCycle
from tests.atonce import all_at_once
from tests.builders import (
    NOW,
    TODAY,
    fill_blanks,
    make_agency,
    make_consolidated_draft,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_task,
)

pytestmark = pytest.mark.django_db(transaction=True)
MOMENT = 0.4  # in which a thread reaches the lock that another one holds


def while_held(change, act):
    """Runs `act` in a thread of its own while `change` is done and not yet committed; returns what it returned or raised."""
    outcome = []

    def run():
        try:
            outcome.append(act())
        except Exception as error:
            outcome.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        change()
        thread.start()
        thread.join(MOMENT)
    thread.join(20)
    return outcome[0]


@pytest.fixture
def report():
    return make_filled_report()


@pytest.fixture
def lan(report):
    return make_member(report.agency)


def test_what_an_officer_types_while_the_cycle_is_closed_is_kept_beside_the_closed_report(report, lan):
    row, cover, hoa = report.rows.get(), report.direction, make_consolidator()
    saved = while_held(
        lambda: close_cycle(report.cycle, hoa, NOW),
        lambda: (
            writing.save_row(row, {"results": "Viết muộn."}, row.revision, lan, NOW),
            writing.save_cover(report, {"direction": "Viết muộn."}, report.revision, lan, NOW),
        ),
    )
    assert [one.is_closed for one in saved] == [True, True]
    before = row.results
    row.refresh_from_db()
    report.refresh_from_db()
    assert (row.results, report.direction) == (before, cover)
    assert [kept.text for kept in KeptText.objects.all()] == ["Viết muộn.", "Viết muộn."]


@pytest.mark.parametrize(
    "act",
    [
        lambda row, lan: writing.mark_nothing(row, True, lan, NOW),
        lambda row, lan: evidence.store(row, ContentFile(b"%PDF-1.4", "a.pdf"), "application/pdf", lan, NOW),
        lambda row, lan: contributions.ask(row, [make_agency("Sở Nội vụ")], "Số liệu?", TODAY, lan, NOW),
    ],
    ids=["nothing to report", "evidence", "asking"],
)
def test_nothing_enters_a_report_while_its_cycle_is_closed(report, lan, act):
    row, hoa = report.rows.get(), make_consolidator()
    refusal = while_held(lambda: close_cycle(report.cycle, hoa, NOW), lambda: act(row, lan))
    assert isinstance(refusal, ValidationError)
    row.refresh_from_db()
    assert not row.is_nothing_to_report and not Evidence.objects.exists() and not Contribution.objects.exists()


def test_what_an_officer_types_while_the_head_sends_in_is_kept_and_she_is_told(report, lan):
    row, head = report.rows.get(), make_head(report.agency)
    saved = while_held(
        lambda: report.submit(head, NOW), lambda: writing.save_row(row, {"results": "Viết muộn."}, row.revision, lan, NOW)
    )
    assert saved.is_closed and KeptText.objects.get().text == "Viết muộn."


def test_an_answer_that_comes_while_the_lead_sends_in_is_refused(report, lan):
    row, head, minh = report.rows.get(), make_head(report.agency), make_member(make_agency("Sở Nội vụ"), "Phạm Văn Minh")
    agency = minh.memberships.get().agency
    asked = Contribution.objects.create(row=row, agency=agency, due_on=TODAY, asked_by=lan, asked_at=NOW)
    refusal = while_held(lambda: report.submit(head, NOW), lambda: contributions.answer(asked, "Đáp.", minh, NOW))
    assert isinstance(refusal, ValidationError)
    asked.refresh_from_db()
    assert asked.answer == ""


def test_new_dates_that_come_while_the_cycle_is_closed_do_not_open_it_again(report):
    cycle, hoa = ReportingCycle.objects.get(pk=report.cycle_id), make_consolidator()
    values = {name: getattr(cycle, name) for name in ("cutoff_on", "agencies_due_on", "consolidation_due_on", "reading")}
    form = CycleForm(values | {"cutoff_on": cycle.cutoff_on - timedelta(days=1)}, instance=cycle)
    assert form.is_valid(), form.errors
    refusal = while_held(lambda: close_cycle(report.cycle, hoa, NOW), form.save)
    assert isinstance(refusal, ValidationError)
    assert ReportingCycle.objects.get().is_closed


def test_two_who_open_one_cycle_write_every_report_once():
    make_task(make_agency())
    make_task(make_agency("Sở Nội vụ"))
    cycle, hoa, nam = make_cycle(state="planned", opened_at=None), make_consolidator(), make_consolidator("Hoàng Văn Nam")
    outcomes = all_at_once(*(lambda by=by: open_cycle(ReportingCycle.objects.get(pk=cycle.pk), by, NOW) for by in (hoa, nam)))
    assert outcomes == [None, None]
    assert (cycle.reports.count(), cycle.events.count()) == (2, 1)


def test_of_two_who_issue_one_edition_one_is_told_that_it_stands():
    hoa, nam = make_consolidator(), make_consolidator("Hoàng Văn Nam")
    draft = fill_blanks(make_consolidated_draft(hoa), hoa)
    draft.number, draft.issued_on, draft.signatory_name = 5, TODAY, "Nguyễn Thị Ánh"
    draft.save()
    outcomes = all_at_once(*(lambda by=by: issuing.issue(draft, by, TODAY, NOW) for by in (hoa, nam)))
    assert sum(isinstance(one, ValidationError) for one in outcomes) == 1, outcomes
    assert ConsolidatedReport.history.filter(state="issued").count() == 1


def test_two_who_begin_the_consolidated_report_find_one_draft():
    hoa, nam = make_consolidator(), make_consolidator("Hoàng Văn Nam")
    make_filled_report(cycle=make_cycle())
    cycle = ReportingCycle.objects.get()
    one, two = all_at_once(*(lambda by=by: drafting.start(cycle, by, TODAY, NOW) for by in (hoa, nam)))
    assert one == two and ConsolidatedReport.objects.count() == 1


def test_two_who_ask_for_one_file_wait_for_the_same_one():
    hoa, nam = make_consolidator(), make_consolidator("Hoàng Văn Nam")
    draft = make_consolidated_draft(hoa)
    one, two = all_at_once(*(lambda by=by: renditions.ask(draft, "docx", by, TODAY, NOW) for by in (hoa, nam)))
    assert one == two
