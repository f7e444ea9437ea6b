"""The reporting year as five people live it in the browser, from the last unanswered row to the issued document."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.translation import gettext, override

from parkportal import mail as outbox
from parkportal.dates import ONE_DAY, previous_working_day
from parkportal.models import User
from tasks import demonstration, loading, reminders
from tasks.models import AgencyReport, ConsolidatedReport, Reminder, ReportingCycle
from tasks.status import State
from tests.builders import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def vi(words):
    """The words as they stand on the Vietnamese page."""
    with override("vi"):
        return gettext(words)


def button(page, words):
    return page.get_by_role("button", name=vi(words), exact=True)


@pytest.fixture
def year(transactional_db):
    loading.load_all()
    demonstration.load(timezone.localdate())
    return ReportingCycle.objects.open().get()


@pytest.fixture
def sign_in(new_context, watch):
    """sign_in("canbo") -> the person's own browser, through the sign-in form."""

    def through_the_form(login):
        page = watch(new_context().new_page())
        page.goto("/accounts/login/")
        page.fill("input[name=login]", f"{login}@{demonstration.DOMAIN}")
        page.fill("input[name=password]", demonstration.PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(re.compile(r"/$|/my-work/|/board/"))
        return page

    return through_the_form


def fill_the_missing_rows(page, report):
    """Answers every open row of the report: one by one click, the others by typing."""
    page.goto(f"/reports/{report.pk}/edit/")
    for place, row in enumerate(report.unanswered()):
        section = page.locator(f"#row-{row.pk}")
        if not section.locator("details.row__fold").evaluate("fold => fold.open"):
            section.locator("summary.row__head").click()
        if place == 0:
            button(section, "Nothing to report").click()
            page.wait_for_url(re.compile(r"/edit/"))
            continue
        section.locator("select[name$=state]").select_option(State.IN_PROGRESS)
        section.locator("textarea[name$=results]").fill(f"Đã hoàn thành hồ sơ nhiệm vụ {row.task.code}, đang lấy ý kiến.")
        section.locator("textarea[name$=obstacles]").focus()
        wait_until_saved(page, row)
    page.goto(f"/reports/{report.pk}/")


def wait_until_saved(page, row):
    said = page.locator(f"#row-{row.pk} [data-saved]")
    said.filter(has_text=re.compile(r"\d\d:\d\d")).wait_for()


def send_in(page, report):
    page.goto(f"/reports/{report.pk}/")
    button(page, "Sign and send in").click()
    page.wait_for_load_state()
    report.refresh_from_db()
    assert report.state == AgencyReport.State.SUBMITTED


def test_the_year_from_the_last_row_to_the_issued_report(year, sign_in, tmp_path):
    report = year.reports.get(agency__key="bqlkcnc")
    lan, phuoc, hoa = sign_in("canbo"), sign_in("truongban"), sign_in("tonghop")

    lan.goto("/my-work/")
    assert lan.get_by_text("17").first.is_visible()
    fill_the_missing_rows(lan, report)
    assert report.unanswered() == []

    send_in(phuoc, report)

    reason = "Dòng I.4.2 chưa nêu rõ diện tích đã bàn giao."
    hoa.goto(f"/reports/{report.pk}/review/")
    hoa.locator("#send-back textarea").fill(reason)
    button(hoa, "Send back").click()
    hoa.wait_for_load_state()
    report.refresh_from_db()
    assert report.state == AgencyReport.State.RETURNED

    lan.goto("/my-work/")
    assert lan.get_by_text(reason).first.is_visible()
    lan.goto(f"/reports/{report.pk}/edit/")
    row = report.rows.get(task__code="I.4.2")
    section = lan.locator(f"#row-{row.pk}")
    if not section.locator("details.row__fold").evaluate("fold => fold.open"):
        section.locator("summary.row__head").click()
    results = section.locator("textarea[name$=results]")
    results.fill(results.input_value() + " Diện tích đã bàn giao: 62 ha.")
    button(section, "Save").click()
    wait_until_saved(lan, row)
    row.refresh_from_db()
    assert "62 ha" in row.results

    send_in(phuoc, report)
    hoa.goto(f"/reports/{report.pk}/review/")
    button(hoa, "Accept the report").click()
    hoa.wait_for_load_state()
    report.refresh_from_db()
    assert report.state == AgencyReport.State.ACCEPTED

    consolidated = issue(hoa, year)
    document = consolidated.content
    assert "62 ha" in str(document["appendix_1"])
    download_all(hoa, consolidated, tmp_path)
    verify(lan, consolidated)

    tell_the_late(year)
    minh = sign_in("canbo.sct")
    minh.goto("/reminders/")
    assert minh.locator("main tbody").get_by_text("Phạm Quang Minh").first.is_visible()


def issue(page, cycle):
    page.goto(f"/cycles/{cycle.pk}/")
    button(page, "Draw it up").click()
    page.wait_for_url(re.compile(r"/consolidated/\d+/"))
    consolidated = ConsolidatedReport.objects.get(cycle=cycle)
    for paragraph in consolidated.paragraphs.all():
        if paragraph.blanks:
            page.locator(f"#text-{paragraph.pk}").fill("Sở đã tham mưu ban hành kế hoạch và 02 văn bản đôn đốc trong năm.")
            page.locator(f"#text-{paragraph.pk}").blur()
    button(page, "Save").last.click()
    page.wait_for_load_state()
    page.goto(f"/consolidated/{consolidated.pk}/issue/")
    page.fill("[name=number]", "7")
    page.fill("[name=issued_on]", timezone.localdate().isoformat())
    page.fill("[name=signatory_name]", "Lê Đình Khoa")
    page.fill("[name=recipients]", "Như trên\nVăn phòng UBND thành phố\nLưu: VT, KHTH")
    button(page, "Issue: freeze this edition").click()
    page.wait_for_load_state()
    consolidated.refresh_from_db()
    assert consolidated.is_issued, page.locator("main").inner_text()[:1500]
    return consolidated


def download_all(page, consolidated, folder):
    files = {"pdf": ("PDF", b"%PDF-"), "docx": ("Word", b"PK"), "xlsx": ("Excel", b"PK")}
    for kind, (label, signature) in files.items():
        page.goto(f"/consolidated/{consolidated.pk}/")
        page.locator(f"button[name=format][value={kind}]").first.click()
        link = page.locator("a[download]").filter(has_text=label)
        link.wait_for(timeout=60_000)
        with page.expect_download() as waiting:
            link.click()
        path = folder / f"bao-cao.{kind}"
        waiting.value.save_as(path)
        assert path.read_bytes().startswith(signature)
        assert waiting.value.suggested_filename.endswith(f".{kind}")


def verify(page, consolidated):
    page.goto(f"/verify/{consolidated.verification}/")
    assert page.get_by_text("07/BC-SKHCN").first.is_visible()
    assert page.get_by_text(consolidated.sha256[:12]).first.is_visible()


def tell_the_late(cycle):
    """The sweep of the last working day before the last day: those who have not reported hear of it, the others do not."""
    now = at(previous_working_day(cycle.agencies_last_day - ONE_DAY))
    reminders.send_due(now)
    outbox.deliver_due(now, worker="test")
    told = {person for letter in mail.outbox for person in letter.to}
    late = cycle.reports.missing()
    assert Reminder.objects.filter(report__in=late).exists()
    assert not Reminder.objects.filter(report__in=cycle.reports.sent()).exists()
    assert User.objects.get(email__startswith="canbo.sct").email in told
    assert User.objects.get(email__startswith="canbo.baodn").email not in told
