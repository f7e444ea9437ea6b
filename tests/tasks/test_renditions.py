"""Files of the consolidated report: who may have them, how they are made once, and what happens when a worker dies."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from parkportal.documents import fonts, presses
from parkportal.models import User
from tasks import drafting, issuing, jobs, renditions
from tasks.documents import pdf
from tasks.models import Rendition
from tests.builders import (
    TODAY,
    at,
    issue_draft,
    make_agency,
    make_consolidator,
    make_cycle,
    make_submitted_report,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = at(TODAY)


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """Files of one test are not those of another."""
    options = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": options}


@pytest.fixture
def hoa():
    return make_consolidator()


@pytest.fixture
def draft(hoa):
    cycle, agency = make_cycle(), make_agency("Sở Công Thương")
    make_task(agency, "I.1")
    make_submitted_report(agency, cycle)
    return drafting.start(cycle, hoa, TODAY, NOW)


@pytest.fixture
def issued(draft, hoa):
    for paragraph in draft.paragraphs.all():
        paragraph.write(paragraph.text.replace("…", "ba").replace("...", "ba"), paragraph.revision, hoa, NOW)
    draft.number, draft.issued_on, draft.signatory_name = 5, TODAY, "Nguyễn Thị Ánh"
    draft.recipients = "Như trên\nLưu: VT"
    draft.save()
    issuing.issue(draft, hoa, TODAY, NOW)
    draft.refresh_from_db()
    return draft


def ask(report, by, format="xlsx", now=NOW):
    return renditions.ask(report, format, by, TODAY, now)


def made(report, by, format="xlsx", now=NOW):
    rendition = ask(report, by, format, now)
    renditions.make(rendition.pk, lambda: now)
    rendition.refresh_from_db()
    return rendition


def test_a_file_of_the_same_content_is_made_once(draft, hoa):
    first = made(draft, hoa)
    second = ask(draft, make_consolidator("Phạm Văn Bình"), now=NOW + timedelta(hours=1))
    assert first.is_ready and second == first and second.is_ready
    assert Rendition.objects.count() == 1


def test_an_edited_draft_is_a_file_of_its_own_and_the_old_one_stays_what_it_was(draft, hoa):
    first = made(draft, hoa)
    paragraph = draft.paragraphs.filter(is_removed=False).exclude(text="").first()
    paragraph.write("Văn bản đã sửa.", paragraph.revision, hoa, NOW)
    second = made(draft, hoa)
    assert second != first and second.sha256 != first.sha256
    assert default_storage.exists(first.file.name)


def test_the_file_shows_what_was_asked_for_even_if_the_draft_changes_before_it_is_made(draft, hoa):
    rendition = ask(draft, hoa, "docx")
    paragraph = draft.paragraphs.filter(is_removed=False).exclude(text="").first()
    paragraph.write("Câu viết sau khi đã yêu cầu tệp.", paragraph.revision, hoa, NOW)
    renditions.make(rendition.pk, lambda: NOW)
    rendition.refresh_from_db()
    with rendition.file.open() as file:
        assert "Câu viết sau".encode() not in file.read()
    assert rendition.is_ready and rendition.content is None


@pytest.mark.parametrize("format", ["docx", "xlsx"])
def test_a_text_that_was_pasted_with_control_characters_in_it_breaks_no_file(draft, hoa, format):
    paragraph = draft.paragraphs.filter(is_removed=False).first()
    paragraph.write("Một\x0bhai\x01 ba\ufffe bốn.", paragraph.revision, hoa, NOW)
    draft.recipients = "Như trên\x02\x0bLưu: VT"
    draft.save()
    assert made(draft, hoa, format)


def test_two_workers_make_it_once(draft, hoa):
    rendition = ask(draft, hoa)
    calls = []
    original = renditions._made
    renditions._made = lambda *args: calls.append(1) or original(*args)
    try:
        renditions.make(rendition.pk, lambda: NOW)
        renditions.make(rendition.pk, lambda: NOW)
    finally:
        renditions._made = original
    assert calls == [1]


def test_what_a_killed_worker_left_is_taken_up_after_its_lease(draft, hoa):
    rendition = ask(draft, hoa)
    Rendition.objects.update(state=Rendition.State.RUNNING, percent=40, claimed_until=NOW + renditions.LEASE)
    later = NOW + renditions.LEASE + timedelta(seconds=1)
    assert renditions.unfinished(NOW + timedelta(seconds=30)) == []
    assert renditions.unfinished(later) == [rendition.pk]


def test_the_schedule_hands_out_what_was_left(draft, hoa):
    long_ago = timezone.now() - timedelta(hours=1)
    rendition = ask(draft, hoa, now=long_ago)
    Rendition.objects.update(state=Rendition.State.RUNNING, percent=40, claimed_until=long_ago)
    jobs.resume_renditions()
    rendition.refresh_from_db()
    assert rendition.is_ready


def test_asking_again_takes_up_what_a_killed_worker_left(draft, hoa):
    ask(draft, hoa)
    Rendition.objects.update(state=Rendition.State.RUNNING, claimed_until=NOW - timedelta(seconds=1))
    assert ask(draft, hoa).state == Rendition.State.QUEUED


def test_a_lost_file_is_made_again(draft, hoa, client):
    rendition = made(draft, hoa)
    default_storage.delete(rendition.file.name)
    client.force_login(hoa)
    assert client.get(reverse("rendition_download", args=[rendition.pk])).status_code == 302
    assert made(draft, hoa).is_ready
    assert client.get(reverse("rendition_download", args=[rendition.pk])).status_code == 200


def test_a_failure_is_told_in_words_and_can_be_tried_again(draft, hoa, client, monkeypatch):
    def broken(document):
        raise ValueError("a library's own trouble")

    client.force_login(hoa)
    with monkeypatch.context() as trouble:
        trouble.setattr(renditions.xlsx, "make", broken)
        page = client.post(reverse("rendition_ask", args=[draft.pk]), {"format": "xlsx"}, follow=True).content.decode()
    rendition = Rendition.objects.get()
    assert rendition.state == Rendition.State.FAILED and str(rendition.get_error_display()) in page
    client.post(reverse("rendition_ask", args=[draft.pk]), {"format": "xlsx"})
    rendition.refresh_from_db()
    assert rendition.is_ready and not rendition.error


def test_a_server_without_the_libraries_says_so_and_still_makes_word(draft, hoa, client, monkeypatch):
    monkeypatch.setattr(fonts, "missing", lambda: ["pango-1.0"])
    client.force_login(hoa)
    page = client.get(reverse("rendition_ask", args=[draft.pk])).content.decode()
    assert fonts.APT_LINE in page
    client.post(reverse("rendition_ask", args=[draft.pk]), {"format": "pdf"})
    assert not Rendition.objects.exists()
    client.post(reverse("rendition_ask", args=[draft.pk]), {"format": "docx"})
    assert Rendition.objects.get().is_ready


def test_the_consolidator_watches_and_takes_the_pdf(draft, hoa, client):
    client.force_login(hoa)
    page = client.post(reverse("rendition_ask", args=[draft.pk]), {"format": "pdf"}, follow=True)
    rendition = Rendition.objects.get()
    assert rendition.is_ready and reverse("rendition_download", args=[rendition.pk]) in page.content.decode()
    answer = client.get(reverse("rendition_download", args=[rendition.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="du-thao-bao-cao-2812-KH-UBND-2026.pdf"'
    assert len(PdfReader(BytesIO(b"".join(answer.streaming_content))).pages) >= 3


def test_the_page_shows_progress_and_asks_for_more_of_it(draft, hoa, client):
    rendition = ask(draft, hoa)
    Rendition.objects.update(state=Rendition.State.RUNNING, percent=43, claimed_until=NOW + renditions.LEASE)
    client.force_login(hoa)
    fragment = client.get(reverse("rendition_status", args=[rendition.pk]), headers={"HX-Request": "true"}).content.decode()
    assert 'value="43"' in fragment and "every 1s" in fragment and "<html" not in fragment
    assert client.get(reverse("rendition_status", args=[rendition.pk])).status_code == 302


def test_everybody_signed_in_takes_the_issued_pdf_under_its_number(issued, hoa, client):
    rendition = made(issued, hoa, "pdf")
    client.force_login(make_user())
    answer = client.get(reverse("rendition_download", args=[rendition.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="bao-cao-05-BC-SKHCN-2026.pdf"'
    assert client.post(reverse("rendition_ask", args=[issued.pk]), {"format": "docx"}).status_code == 404


def test_an_officer_sees_no_file_of_a_draft(draft, hoa, client):
    rendition = made(draft, hoa)
    client.force_login(make_user())
    for name, pk in (("rendition_ask", draft.pk), ("rendition_status", rendition.pk), ("rendition_download", rendition.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 404, name


def test_leadership_sees_files_of_issued_reports_only(issued, hoa, client):
    rendition = made(issued, hoa, "docx")
    client.force_login(make_user(role=User.Role.LEADERSHIP))
    assert client.get(reverse("rendition_download", args=[rendition.pk])).status_code == 200
    Rendition.objects.update(report=drafting.start(issued.cycle, hoa, TODAY, NOW))
    assert client.get(reverse("rendition_download", args=[rendition.pk])).status_code == 404


def test_nobody_but_the_consolidator_gets_a_file_of_the_draft_once_it_is_issued(draft, hoa, client):
    drafts = [made(draft, hoa, format) for format in ("pdf", "docx")]
    issue_draft(draft, hoa)
    for person in (make_user(), make_user(role=User.Role.LEADERSHIP)):
        client.force_login(person)
        for one in drafts:
            assert client.get(reverse("rendition_download", args=[one.pk])).status_code == 404
    client.force_login(hoa)
    page = client.get(reverse("rendition_ask", args=[draft.pk])).text
    assert reverse("rendition_download", args=[drafts[0].pk]) not in page  # it would carry the number of what was issued


def test_a_stranger_is_sent_to_sign_in(issued, hoa, client):
    rendition = made(issued, hoa, "xlsx")
    assert "login" in client.get(reverse("rendition_download", args=[rendition.pk]))["Location"]


def test_an_unknown_format_is_not_found(draft, hoa, client):
    client.force_login(hoa)
    assert client.post(reverse("rendition_ask", args=[draft.pk]), {"format": "exe"}).status_code == 404


def test_unchanged_parts_are_not_laid_out_again(draft, hoa, monkeypatch):
    made(draft, hoa, "pdf")
    orders = []
    original = presses.render
    monkeypatch.setattr(presses, "render", lambda order: orders.append(order) or original(order))
    paragraph = draft.paragraphs.filter(is_removed=False).exclude(text="").first()
    paragraph.write("Văn bản đã sửa.", paragraph.revision, hoa, NOW)
    made(draft, hoa, "pdf")
    assert len(orders) == 1 and "Văn bản đã sửa" in orders[0]["html"]


def test_a_part_cut_off_while_being_written_is_laid_out_again():
    parts = renditions.KeptParts()
    parts.put("key", b"%PDF whole")
    assert parts.get("key") == b"%PDF whole"
    default_storage.delete("rendition-parts/key.part")
    default_storage.save("rendition-parts/key.part", ContentFile(b"x" * 40))
    assert parts.get("key") is None and parts.get("another") is None


def test_old_parts_are_forgotten():
    renditions.KeptParts().put("key", b"%PDF")
    renditions.forget_old_parts(at(TODAY) + timedelta(days=-900))
    assert renditions.KeptParts().get("key")
    renditions.forget_old_parts(at(TODAY) + timedelta(days=9000))
    assert renditions.KeptParts().get("key") is None


def test_a_press_that_takes_too_long_is_ended_and_the_next_part_gets_a_new_one():
    order = {"html": "<html lang=vi><title>x</title><p>Đà Nẵng", "css": pdf.style_sheet(), "variant": None}
    presses.close_all()
    with pytest.raises(presses.PressFailed):
        presses.render(order, seconds=0.05)
    assert presses.render(order).startswith(b"%PDF")


def test_a_press_that_died_between_two_parts_is_replaced():
    order = {"html": "<html lang=vi><title>x</title><p>Đà Nẵng", "css": pdf.style_sheet(), "variant": None}
    presses.render(order)
    presses._idle[-1].process.stdin.close()
    presses._idle[-1].process.wait()
    assert presses.render(order).startswith(b"%PDF")
