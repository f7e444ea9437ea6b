"""What everybody may see of the plan: its official text and where it stands, and nothing that people wrote in their reports."""

import re
from datetime import date

import pytest
from django.db import models
from django.urls import reverse
from django.utils import timezone, translation

from parkportal.models import User
from tasks.models import Agency, AgencyReport, Contribution, Evidence, Progress, Succession, Task, TaskCoordinator, TaskReference
from tasks.status import State
from tests.builders import (
    NOW,
    TODAY,
    make_accepted_report,
    make_agency,
    make_cycle,
    make_filled_report,
    make_member,
    make_submitted_report,
    make_succession,
    make_task,
)

pytestmark = pytest.mark.django_db
PLAN = "/plan/"
LANGUAGES = ["", "/en"]


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def mark_every_text(instance, marker):
    """Puts a marker of its own into every free text of an object, and gives them back."""
    texts = [
        column
        for column in instance._meta.concrete_fields
        if isinstance(column, models.TextField | models.CharField)
        and column.editable
        and not column.choices
        and not column.unique
    ]
    markers = {column.name: f"{marker}_{column.name}"[: column.max_length or None] for column in texts}
    for name, value in markers.items():
        setattr(instance, name, value)
    instance.save()
    return list(markers.values())


def a_world_full_of_words():
    """An accepted, a submitted and a drafted report with a marker in every text of everything behind them and in every person."""
    agency = make_agency("Sở Công Thương")
    task = make_task(agency, code="I.1.1", content="Đào tạo nguồn nhân lực", content_en="Train people")
    officer = make_member(agency)
    accepted = make_accepted_report(agency, make_cycle(2024))
    submitted = make_submitted_report(agency, make_cycle(2025))
    drafted = make_filled_report(agency, make_cycle(2026))
    markers = []
    for report in (accepted, submitted, drafted):
        markers += mark_every_text(report, f"XBAOCAO{report.pk}")
        row = report.rows.get()
        markers += mark_every_text(row, f"XDONG{report.pk}")
        helper = make_agency(f"Sở Hỏi {report.pk}")
        asked = Contribution.objects.create(row=row, agency=helper, due_on=TODAY, asked_by=officer, asked_at=NOW)
        markers += mark_every_text(asked, f"XGOPY{report.pk}")
        file = Evidence.objects.create(row=row, file="x", name="x", size=1, uploaded_by=officer, uploaded_at=NOW)
        markers += mark_every_text(file, f"XTEP{report.pk}")
    for user in User.objects.all():
        markers += mark_every_text(user, f"XNGUOI{user.pk}")
        user.email = f"xthu{user.pk}@danang.test"
        user.save()
        markers.append(user.email)
    return task, markers


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_report_and_no_name_of_a_person_leaves_the_house(client, language):
    task, secrets = a_world_full_of_words()
    assert len(secrets) > 60
    pages = [PLAN, f"{PLAN}?q=x", f"{PLAN}?year=2024", f"{PLAN}?state=in_progress", f"{PLAN}{task.code}/", f"{PLAN}nothing/"]
    for address in pages:
        html = client.get(language + address).content.decode()
        assert [secret for secret in secrets if secret in html] == [], address
    # Nor can it be found by what it does not show.
    marker = Progress.objects.first().results
    assert task.content not in client.get(f"{language}{PLAN}", {"q": marker}).content.decode()


def test_only_what_was_accepted_counts(client):
    agency = make_agency()
    task = make_task(agency, code="I.1.1")
    submitted = make_submitted_report(agency, make_cycle(timezone.localdate().year))
    with translation.override("vi"):
        words = str(State.IN_PROGRESS.label)
    assert words not in page(client, f"{PLAN}{task.code}/") and words not in page(client, PLAN)
    AgencyReport.objects.filter(pk=submitted.pk).update(state=AgencyReport.State.ACCEPTED)
    assert words in page(client, f"{PLAN}{task.code}/") and words in page(client, PLAN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_anybody_reads_the_plan_in_vietnamese_and_in_english(client, language):
    group = make_task(code="I", content="Nhóm nhiệm vụ", content_en="Group of tasks")
    make_task(
        make_agency("Sở Y tế", name_en="Department of Health"),
        code="I.1",
        content="Đào tạo",
        content_en="Train people",
        parent=group,
    )
    html = page(client, language + PLAN)
    assert ("Train people" if language else "Đào tạo") in html
    assert ("Department of Health" if language else "Sở Y tế") in html
    assert f'href="{language}/plan/I.1/"' in html


def test_the_english_page_of_a_task_marks_its_translation_and_shows_the_official_text_beside_it(client):
    make_task(make_agency(), code="I.1", content="Đào tạo nguồn nhân lực", content_en="Train people")
    html = page(client, "/en/plan/I.1/")
    assert "Unofficial translation" in html and "Train people" in html
    assert re.search(r'<div lang="vi">.*?Đào tạo nguồn nhân lực', html, re.S)
    assert "Train people" not in page(client, "/plan/I.1/")


def test_a_task_shows_who_bears_it_today_and_by_what_law(client):
    old, heir = make_agency("Sở Thông tin và Truyền thông"), make_agency("Sở Khoa học và Công nghệ")
    task = make_task(old, code="I.4.4")
    TaskCoordinator.objects.create(task=task, text="các sở, ngành liên quan", position=0)
    TaskReference.objects.create(task=task, kind="Kế hoạch", number="4844/KH-UBND", text="Theo Kế hoạch số 4844/KH-UBND")
    make_succession(old, heir)
    html = page(client, "/plan/I.4.4/")
    for words in (old.name, heir.name, "01/03/2025", "Nghị quyết ngày 20/02/2025", "các sở, ngành liên quan", "4844/KH-UBND"):
        assert words in html


def test_every_year_has_its_line(client):
    agency = make_agency()
    make_task(agency, code="I.1", ends=2022)
    for year in (2024, 2025):
        make_accepted_report(agency, make_cycle(year))
    with translation.override("vi"):
        html = page(client, "/plan/I.1/")
    rows = re.findall(r"<tr><th scope=\"row\">(\d+)</th>.*?status--([\w-]+)", html, re.S)
    assert rows == [("2025", "overdue"), ("2024", "overdue")]


@pytest.mark.parametrize("code", ["I.99", "khong-co", "I.1.1<script>"])
def test_an_unknown_code_leads_back_to_the_plan(client, code):
    response = client.get(reverse("plan_task_public", args=[code]))
    html = response.content.decode()
    assert response.status_code == 404
    assert f'action="{PLAN}"' in html and "<script>" not in html.split("<main")[1].split("</main>")[0]


def test_a_code_is_found_in_small_letters_too(client):
    make_task(make_agency(), code="II.5.1.a", content="Hợp tác với UNDP")
    assert "Hợp tác với UNDP" in page(client, "/plan/ii.5.1.A/")


def test_nothing_can_be_posted(client):
    make_task(make_agency(), code="I.1")
    assert client.post(PLAN).status_code == 405
    assert client.post(f"{PLAN}I.1/").status_code == 405


def test_the_figures_count_every_assignment_once(client):
    agency = make_agency()
    make_task(code="I", content="Nhóm I")
    for number in range(3):
        make_task(agency, code=f"I.{number}", ends=2022 if number else timezone.localdate().year + 4)
    response = client.get(PLAN)
    by_state, by_time = response.context["by_state"], response.context["by_time"]
    assert response.context["total"] == sum(it.number for it in by_state) == sum(it.number for it in by_time) == 3
    assert [(it.number, it.tone) for it in by_time] == [(1, "tone--on-time"), (2, "tone--overdue")]
    assert abs(sum(float(it.width) for it in by_time) - 100) < 0.01
    # The filters narrow the list, never the figures of the plan.
    narrowed = client.get(PLAN, {"timeliness": "overdue"})
    assert narrowed.context["by_time"] == by_time and len(narrowed.context["tasks"].found) == 2


def test_before_the_plan_is_loaded_the_page_says_so(client):
    with translation.override("vi"):
        assert "Chưa nạp kế hoạch" in page(client, PLAN)


def test_the_number_of_queries_stays_the_same(client, django_assert_max_num_queries):
    agency = make_agency()
    for number in range(60):
        task = make_task(agency, code=f"I.{number}")
        TaskCoordinator.objects.create(task=task, agency=agency, text="x", position=0)
    for year in range(2006, 2026):
        make_cycle(year)
    with django_assert_max_num_queries(9):
        client.get(PLAN)
    with django_assert_max_num_queries(12):
        client.get(f"{PLAN}I.7/")


def test_a_succession_that_is_still_to_come_moves_nothing(client):
    old, heir = make_agency("Sở Cũ"), make_agency("Sở Mới")
    make_task(old, code="I.1")
    Succession.objects.create(predecessor=old, successor=heir, effective_on=date(2099, 1, 1))
    assert "Sở Mới" not in page(client, "/plan/I.1/")
    assert Agency.objects.count() == 2 and Task.objects.get().lead == old


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_a_stranger_finds_no_barrier_on_the_public_pages(new_context, watch, axe, width, scheme):
    agency = make_agency()
    group = make_task(code="I", content="Nhóm nhiệm vụ", content_en="Group")
    make_task(agency, code="I.1", content="Đào tạo", content_en="Train", parent=group)
    make_accepted_report(agency, make_cycle(2025))
    opened = watch(new_context(color_scheme=scheme).new_page())
    opened.set_viewport_size({"width": width, "height": 844})
    for address in ("/plan/", "/en/plan/", "/plan/I.1/", "/en/plan/I.1/", "/plan/zzz/", "/plan/?q=zzz"):
        opened.goto(address)
        axe(opened)
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
