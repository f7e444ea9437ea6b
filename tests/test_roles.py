"""Every page by every role, as one table. A new page has to take its place in it."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from parkportal import urls as portal_urls
from parkportal.models import Heartbeat, OutgoingMail, User
from tasks import urls as plan_urls
from tasks.models import ConsolidatedReport, Contribution, Evidence, KeptText, Reminder, Rendition, ReportParagraph
from tasks.views.unsent import page_token
from tests.builders import (
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db

ROLES = ["stranger", "officer", "head", "other", "consolidator", "leadership", "editor", "administrator"]
# What some addresses need to be told before they ask who is there.
WORDS = {"choice": "both", "format": "xlsx", "rows": "in_progress"}
TABLE = """
#                           stran offic head  other conso leade edito admin
get  agency_detail          door  yes   yes   yes   yes   yes   yes   yes
get  agency_list            door  yes   yes   yes   yes   yes   yes   yes
get  audit                  door  no    no    no    yes   no    no    yes
get  board                  door  no    no    no    yes   yes   no    yes
get  board_tasks            door  no    no    no    yes   yes   no    yes
get  consolidated_detail    door  no    no    no    yes   no    no    yes
post consolidated_detail    door  no    no    no    yes   no    no    no
get  consolidated_issue     door  no    no    no    yes   no    no    no
post consolidated_issue     door  no    no    no    yes   no    no    no
get  consolidated_preview   door  no    no    no    yes   no    no    yes
post consolidated_refill    door  no    no    no    yes   no    no    no
post consolidated_start     door  no    no    no    yes   no    no    no
get  contribution_answer    door  no    no    yes   no    no    no    no
post contribution_answer    door  no    no    yes   no    no    no    no
get  contribution_ask       door  yes   yes   no    no    no    no    no
post contribution_ask       door  yes   yes   no    no    no    no    no
get  contribution_list      door  yes   yes   yes   yes   yes   yes   yes
post contribution_list      door  yes   yes   yes   yes   yes   yes   yes
post cover_save             door  yes   yes   no    no    no    no    no
post cycle_close            door  no    no    no    yes   no    no    yes
get  cycle_create           door  no    no    no    yes   no    no    yes
post cycle_create           door  no    no    no    yes   no    no    yes
get  cycle_detail           door  no    no    no    yes   yes   no    yes
get  cycle_edit             door  no    no    no    yes   no    no    yes
post cycle_edit             door  no    no    no    yes   no    no    yes
get  cycle_list             door  no    no    no    yes   yes   no    yes
post cycle_open             door  no    no    no    yes   no    no    yes
post cycle_reopen           door  no    no    no    yes   no    no    yes
post evidence_add           door  yes   yes   no    no    no    no    no
get  evidence_download      door  yes   yes   yes   yes   no    no    yes
post evidence_remove        door  yes   yes   no    no    no    no    no
post evidence_restore       door  yes   yes   no    no    no    no    no
get  healthz                yes   yes   yes   yes   yes   yes   yes   yes
get  home                   yes   yes   yes   yes   yes   yes   yes   yes
post kept_text_settle       door  yes   yes   no    no    no    no    no
get  mail_detail            door  yes   yes   no    yes   yes   no    yes
post mail_retry             door  no    no    no    yes   no    no    yes
post mails_retry            door  no    no    no    yes   no    no    yes
get  my_work                door  yes   yes   yes   yes   yes   yes   yes
post my_work                door  yes   yes   yes   yes   yes   yes   yes
post paragraph_add          door  no    no    no    yes   no    no    no
post paragraph_move         door  no    no    no    yes   no    no    no
post paragraph_remove       door  no    no    no    yes   no    no    no
post paragraph_restore      door  no    no    no    yes   no    no    no
post paragraph_save         door  no    no    no    yes   no    no    no
get  plan_public            yes   yes   yes   yes   yes   yes   yes   yes
get  plan_task_public       yes   yes   yes   yes   yes   yes   yes   yes
get  profile                door  yes   yes   yes   yes   yes   yes   yes
post profile                door  yes   yes   yes   yes   yes   yes   yes
post remind_now             door  no    no    no    yes   no    no    no
get  reminder_ledger        door  yes   yes   yes   yes   yes   no    yes
get  reminder_preview       door  no    no    no    yes   no    no    yes
get  rendition_ask          door  no    no    no    yes   no    no    yes
post rendition_ask          door  no    no    no    yes   no    no    yes
get  rendition_download     door  no    no    no    no    no    no    no
get  rendition_status       door  no    no    no    yes   no    no    yes
post report_accept          door  no    no    no    yes   no    no    no
get  report_detail          door  yes   yes   no    yes   no    no    yes
post report_detail          door  yes   yes   no    yes   no    no    yes
get  report_edit            door  yes   yes   no    no    no    no    no
post report_edit            door  yes   yes   no    no    no    no    no
post report_presence        door  yes   yes   no    no    no    no    no
post report_ready           door  yes   yes   no    no    no    no    no
get  report_review          door  no    no    no    yes   no    no    yes
post report_send_back       door  no    no    no    yes   no    no    no
post report_submit          door  no    yes   no    no    no    no    no
post report_withdraw        door  no    yes   no    no    no    no    no
post row_copy               door  yes   yes   no    no    no    no    no
post row_nothing            door  yes   yes   no    no    no    no    no
post row_save               door  yes   yes   no    no    no    no    no
get  search                 yes   yes   yes   yes   yes   yes   yes   yes
get  task_detail            door  yes   yes   yes   yes   yes   yes   yes
get  task_list              door  yes   yes   yes   yes   yes   yes   yes
get  verify                 no    no    no    no    no    no    no    no
"""


@pytest.fixture
def world():
    """One agency's report that is being filled in this year, with one of everything that has an address."""
    today = timezone.localdate()
    cycle = make_cycle(
        year=today.year, opens_on=today - timedelta(days=30), agencies_due_on=today + timedelta(days=10),
        consolidation_due_on=today + timedelta(days=15), cutoff_on=today,
    )  # fmt: skip
    agency, other = make_agency(), make_agency("Sở Nội vụ")
    report = make_filled_report(agency, cycle, tasks=2)
    row = report.rows.first()
    lan = make_member(agency)
    people = {
        "stranger": None,
        "officer": lan,
        "head": make_head(agency),
        "other": make_member(other, "Phạm Văn Minh"),
        "consolidator": make_consolidator(),
        "leadership": make_user("Huỳnh Ngọc Ánh", User.Role.LEADERSHIP),
        "editor": make_user("Bùi Hải Yến", User.Role.EDITOR),
        "administrator": make_user("Đặng Quốc Việt", User.Role.ADMINISTRATOR),
    }
    now = timezone.now()
    Heartbeat.objects.create(name="schedule", at=now)
    consolidated = ConsolidatedReport.objects.create(cycle=cycle)
    paragraph = ReportParagraph.objects.create(report=consolidated, section="I", position=1, text="Đoạn một.")
    contribution = Contribution.objects.create(row=row, agency=other, due_on=today, asked_by=lan, asked_at=now)
    evidence = Evidence.objects.create(
        row=row, file=ContentFile(b"x", "x"), name="minh-chung.pdf", content_type="application/pdf", size=1, sha256="0" * 64,
        uploaded_by=lan, uploaded_at=now,
    )  # fmt: skip
    kept = KeptText.objects.create(report=report, row=row, field="results", text="Bản thứ hai.", by=lan, at=now)
    letter = OutgoingMail.objects.create(key="1", person=lan, to=lan.email, subject="Nhắc", text="Nhắc", message_id="<1@portal>")
    Reminder.objects.create(
        cycle=cycle, report=report, agency=agency, obligation=f"report:{report.pk}", due_on=today, rung=7, person=lan,
        reason="officer", mail=letter, created_at=now,
    )  # fmt: skip
    rendition = Rendition.objects.create(
        report=consolidated, format="pdf", sha256="0" * 64, asked_by=people["consolidator"], asked_at=now
    )
    task = make_task(agency)
    numbers = {
        "reports": report, "rows": row, "kept": kept, "evidence": evidence, "contributions": contribution, "cycles": cycle,
        "consolidated": consolidated, "paragraphs": paragraph, "renditions": rendition, "mails": letter,
    }  # fmt: skip
    return {"people": people, "report": report, "task": task, "agency": agency, "numbers": numbers}


def address(pattern, world):
    route = str(pattern.pattern)
    if "<int:pk>" in route:
        return reverse(pattern.name, args=[world["numbers"][route.split("/")[0]].pk])
    if "<str:code>" in route:
        return reverse(pattern.name, args=[world["task"].code])
    if "<slug:key>" in route:
        return reverse(pattern.name, args=[world["agency"].key])
    if "<uuid:code>" in route:
        return reverse(pattern.name, args=[world["numbers"]["consolidated"].verification])
    return reverse(pattern.name)


def patterns():
    found = list(plan_urls.urlpatterns)
    for pattern in portal_urls.urlpatterns:
        parts = getattr(pattern, "url_patterns", [pattern])
        found += [part for part in parts if isinstance(part, URLPattern) and part.name not in {p.name for p in found}]
    return [pattern for pattern in found if pattern.name != "account_login"]


def answer(response):
    """yes (shown, done, or told what is wrong with the input), door (sign in first), no (not for this role), - (not so)."""
    status = response.status_code
    if status in (301, 302) and response.url.startswith(reverse("account_login")):
        return "door"
    return {403: "no", 404: "no", 405: "-"}.get(status, "yes" if status < 500 else str(status))


def ask(client, method, pattern, world, person):
    data = WORDS | ({"page": page_token(person, world["report"])} if person else {})
    with transaction.atomic():
        got = answer(getattr(client, method)(address(pattern, world), data))
        transaction.set_rollback(True)
    return got


def expected():
    lines = [line.split() for line in TABLE.strip().splitlines() if not line.startswith("#")]
    return {(method, name): list(words) for method, name, *words in lines}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_is_hers_and_nothing_else(role, world):
    client, person = Client(raise_request_exception=False), world["people"][role]
    if person:
        client.force_login(person)
    wanted = {key: answers[ROLES.index(role)] for key, answers in expected().items()}
    got = {(method, p.name): ask(client, method, p, world, person) for p in patterns() for method in ("get", "post")}
    # What the table leaves out is not answered at all: a GET of an action, a POST to a page.
    listed = {key: word for key, word in got.items() if key in wanted or word not in ("-", "door")}
    assert listed == wanted


def test_the_table_names_no_page_that_is_gone():
    assert {name for _method, name in expected()} == {pattern.name for pattern in patterns()}


def test_a_second_language_opens_no_other_door(world):
    for path in ["/en/board/", "/en/history/", "/en/my-work/"]:
        assert answer(Client().get(path)) == "door"
