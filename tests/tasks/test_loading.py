"""The plan and the agencies as they stand in the database after loading."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from parkportal.models import User
from tasks import demonstration, loading
from tasks.models import Agency, AgencyReport, Progress, ReportingCycle, Succession, Task

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def plan():
    return loading.load_all()


def test_the_plan_has_79_rows_and_68_of_them_have_a_lead(plan):
    assert plan["tasks"] == Task.objects.count() == 79
    assert Task.objects.assignments().count() == 68
    assert Task.objects.assignments().filter(group__code="I").count() == 20
    assert Task.objects.assignments().filter(group__code="II").count() == 48


def test_every_printed_cell_is_stored_as_it_was_printed(plan):
    for row in loading.read("plan_2812.json")["rows"]:
        task = Task.objects.get(code=row["code"])
        assert {cell: getattr(task, f"printed_{cell}") for cell in row["printed"]} == row["printed"]


def test_a_second_load_changes_nothing_that_people_corrected(plan):
    Agency.objects.filter(key="sct").update(name_en="Department of Trade")
    assert set(loading.load_all().values()) == {0}
    assert Agency.objects.get(key="sct").name_en == "Department of Trade"


def test_a_row_without_a_period_takes_the_one_of_the_heading_above(plan):
    task = Task.objects.get(code="II.2.1")
    assert task.printed_period == "" and task.is_period_inherited
    assert (task.running_starts, task.running_ends) == (2020, 2030)
    assert task.effective_kind == Task.Kind.ANNUAL_PLAN and task.kind == ""


def test_the_printed_text_is_refused_any_change(plan):
    task = Task.objects.get(code="I.1.1")
    task.printed_content += " (sửa)"
    with pytest.raises(ValidationError):
        task.save()


def test_the_duties_of_the_planning_department_passed_to_finance_on_1_march_2025(plan):
    finance = Agency.objects.get(key="stc")
    assert not Task.objects.led_by(finance, date(2025, 2, 28)).exists()
    assert {task.code for task in Task.objects.led_by(finance, date(2025, 3, 1))} == {"II.2.3", "II.5.5", "II.7.6"}
    assert Succession.objects.heirs(date(2025, 3, 1))[Agency.objects.get(key="skhdt").pk] == finance.pk


def test_every_assignment_has_somebody_to_report_on_it_in_both_years_of_the_demonstration(plan):
    assert demonstration.load(TODAY)
    for cycle in ReportingCycle.objects.all():
        assert Progress.objects.filter(report__cycle=cycle).count() == 68
    open_cycle = ReportingCycle.objects.open().get()
    assert open_cycle.days_left(TODAY) == 17 and open_cycle.is_demonstration
    states = set(open_cycle.reports.values_list("state", flat=True))
    assert states == {state.value for state in AgencyReport.State}


def test_the_demonstration_is_made_once_and_then_left_alone(plan):
    demonstration.load(TODAY)
    people = User.objects.count()
    assert not demonstration.load(TODAY)
    assert User.objects.count() == people
    assert all("minh họa" in user.position for user in demonstration.accounts())


def test_production_refuses_the_demonstration(plan, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("load_demonstration")
    assert not User.objects.exists()
