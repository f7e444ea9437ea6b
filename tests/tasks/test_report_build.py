"""The figures of the consolidated report, every one counted by hand in a small world."""

from datetime import date

import pytest

from tasks import report
from tasks.models import ConsolidatedReport, ReportingCycle
from tasks.status import State
from tasks.yearreport import YearReport
from tests.builders import TODAY, at, make_agency, make_cycle, make_head, make_report, make_submitted_report, make_task

pytestmark = pytest.mark.django_db


def test_an_empty_cycle_builds():
    cycle = make_cycle()
    made = report.build(ConsolidatedReport.objects.create(cycle=cycle), TODAY)
    assert YearReport.from_json(made.as_json()) == made
    print(made)
