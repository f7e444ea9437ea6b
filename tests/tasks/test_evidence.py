"""Evidence: what may be attached, what is refused and why, and who may fetch it."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkportal import attachments
from tasks import evidence
from tasks.models import AgencyReport, Evidence, TaskCoordinator
from tasks.views.unsent import page_token
from tests.builders import (
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_user,
)

FETCH = {"HTTP_X_REQUESTED_WITH": "fetch"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(40)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(40) + b"\xff\xd9"


def office(part, *more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ["[Content_Types].xml", part, *more]:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def old_office(stream):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(512)


DOCX, XLSX, PPTX = office("word/document.xml"), office("xl/workbook.xml"), office("ppt/presentation.xml")


def damaged(place, byte):
    """A Word file in whose directory one byte at this place from its beginning was changed on the way."""
    content = bytearray(DOCX)
    content[content.index(b"PK\x01\x02") + place] = byte
    return bytes(content)


@pytest.fixture
def lan(db, client):
    report = make_report(make_agency(), make_cycle(timezone.localdate().year))
    lan = make_member(report.agency)
    lan.report, lan.row = report, report.rows.get()
    client.force_login(lan)
    return lan


def add(client, lan, *files):
    data = {"page": page_token(lan, lan.report), f"r{lan.row.pk}-file": [SimpleUploadedFile(n, c) for n, c in files]}
    return client.post(reverse("evidence_add", args=[lan.row.pk]), data, **FETCH)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Quyết định.pdf", PDF),
        ("BÁO CÁO.DOCX", DOCX),
        ("số liệu.xlsx", XLSX),
        ("trình chiếu.pptx", PPTX),
        ("cũ.doc", old_office("WordDocument")),
        ("cũ.xls", old_office("Workbook")),
        ("ảnh.jpg", JPG),
        ("ảnh.jpeg", JPG),
        ("ảnh.png", PNG),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_documents_and_pictures_are_taken_and_come_back_byte_by_byte(client, lan, name, content):
    assert add(client, lan, (name, content)).status_code == 200
    file = Evidence.objects.get()
    assert (file.name, file.size, file.uploaded_by) == (name, len(content), lan)
    assert name.split(".")[0] not in file.file.name
    response = client.get(reverse("evidence_download", args=[file.pk]))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == attachments.TYPES[f".{name.rsplit('.')[-1].lower()}"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("trống.pdf", b""),
        ("giả.pdf", b"MZ\x90\x00" + bytes(60)),
        ("giả.pdf", PNG),
        ("giả.docx", XLSX),
        ("nén.zip", office("a.txt")),
        ("nén.docx", office("a.txt")),
        ("hỏng.docx", b"PK\x03\x04" + bytes(30)),
        ("macro.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("trang.html", b"<script>alert(1)</script>"),
        ("hình.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("không đuôi", PDF),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_refused_by_its_content_with_the_files_name_in_the_words(client, lan, name, content):
    response = add(client, lan, (name, content))
    assert response.status_code == 409
    assert name in response.json()["errors"][0]
    assert not Evidence.objects.exists()


def test_the_limit_is_stated_beside_the_field_and_held(client, lan, settings):
    settings.EVIDENCE_MAX_BYTES = 2048
    assert "2,0" in client.get(reverse("report_edit", args=[lan.report.pk])).text
    assert add(client, lan, ("lớn.pdf", PDF + bytes(2048))).status_code == 409
    assert add(client, lan, ("vừa.pdf", PDF)).status_code == 200


def test_one_bad_file_among_several_does_not_hold_up_the_good_ones(client, lan):
    answer = add(client, lan, ("tốt.pdf", PDF), ("trống.pdf", b""))
    assert len(answer.json()["errors"]) == 1
    assert Evidence.objects.get().name == "tốt.pdf"


def test_the_same_file_twice_is_kept_once(client, lan):
    add(client, lan, ("a.pdf", PDF))
    add(client, lan, ("a.pdf", PDF))
    assert Evidence.objects.count() == 1


def test_without_a_script_files_of_several_rows_go_with_the_page(client, db):
    report = make_report(make_agency(), make_cycle(timezone.localdate().year), tasks=2)
    lan = make_member(report.agency)
    client.force_login(lan)
    one, two = report.rows.in_order()
    data = {
        "page": page_token(lan, report),
        f"r{one.pk}-revision": 0,
        f"r{two.pk}-revision": 0,
        f"r{one.pk}-file": SimpleUploadedFile("một.pdf", PDF),
        f"r{two.pk}-file": SimpleUploadedFile("hai.exe", b"MZ"),
        f"r{two.pk}-results": "vẫn lưu",
    }
    page = client.post(reverse("evidence_add", args=[one.pk]), data, follow=True)
    two.refresh_from_db()
    assert Evidence.objects.get().row == one
    assert two.results == "vẫn lưu"
    assert "hai.exe" in page.text


def test_a_file_is_removed_and_brought_back_in_one_press_each(client, lan):
    add(client, lan, ("a.pdf", PDF))
    file, data = Evidence.objects.get(), {"page": page_token(lan, lan.report)}
    client.post(reverse("evidence_remove", args=[file.pk]), data)
    page = client.get(reverse("report_edit", args=[lan.report.pk]))
    assert reverse("evidence_restore", args=[file.pk]) in page.text
    assert f'href="{reverse("evidence_download", args=[file.pk])}"' not in page.text
    client.post(reverse("evidence_restore", args=[file.pk]), data, **FETCH)
    file.refresh_from_db()
    assert file.removed_at is None
    assert file.history.count() == 3


def test_files_of_a_report_that_was_sent_in_stay_as_they_are(client, lan):
    add(client, lan, ("a.pdf", PDF))
    file = Evidence.objects.get()
    AgencyReport.objects.update(state=AgencyReport.State.SUBMITTED)
    data = {"page": page_token(lan, lan.report)}
    assert client.post(reverse("evidence_remove", args=[file.pk]), data, **FETCH).status_code == 409
    assert client.post(reverse("evidence_remove", args=[file.pk]), data).status_code == 302
    assert add(client, lan, ("b.pdf", PDF + b" ")).status_code == 409
    file.refresh_from_db()
    assert file.removed_at is None
    assert Evidence.objects.count() == 1


def test_only_those_who_may_see_the_row_fetch_its_files(client, lan):
    add(client, lan, ("a.pdf", PDF))
    file = Evidence.objects.get()
    address = reverse("evidence_download", args=[file.pk])
    coordinator = make_agency("Sở Tài chính")
    TaskCoordinator.objects.create(task=lan.row.task, agency=coordinator, text=coordinator.name, position=1)

    def status(user):
        client.force_login(user)
        return client.get(address).status_code

    helper, stranger = make_member(coordinator, "Hồ Văn Kiên"), make_member(make_agency("Sở Nội vụ"))
    assert [status(make_consolidator()), status(make_head(lan.report.agency)), status(helper)] == [200, 200, 404]
    assert [status(stranger), status(make_user())] == [404, 404]
    AgencyReport.objects.update(state=AgencyReport.State.SUBMITTED)
    assert [status(helper), status(stranger)] == [200, 404]
    assert Client().get(address).status_code == 302
    assert client.post(address).status_code == 405


def test_a_removed_file_is_gone_for_everybody_but_its_own_agency(client, lan):
    add(client, lan, ("a.pdf", PDF))
    file = Evidence.objects.get()
    evidence.remove(file, lan, timezone.now())
    address = reverse("evidence_download", args=[file.pk])
    assert client.get(address).status_code == 200
    client.force_login(make_consolidator())
    assert client.get(address).status_code == 404


def test_an_officer_of_another_agency_adds_and_removes_nothing(client, lan):
    add(client, lan, ("a.pdf", PDF))
    file, stranger = Evidence.objects.get(), make_member(make_agency("Sở Nội vụ"))
    client.force_login(stranger)
    data = {"page": page_token(stranger, lan.report)}
    for name in ["evidence_remove", "evidence_restore"]:
        assert client.post(reverse(name, args=[file.pk]), data, **FETCH).status_code == 404
        assert client.get(reverse(name, args=[file.pk])).status_code == 405
    assert client.post(reverse("evidence_add", args=[lan.row.pk]), data, **FETCH).status_code == 404


def test_a_name_with_folders_and_control_characters_is_cleaned():
    assert attachments.clean_name("C:\\tài liệu\\a\x00b\u202e.pdf") == "ab.pdf"
    assert attachments.clean_name("x" * 300 + ".pdf").endswith("x.pdf")
    assert len(attachments.clean_name("x" * 300 + ".pdf")) == 200


def test_files_do_not_make_the_page_ask_more(client, db, django_assert_max_num_queries):
    report = make_filled_report(make_agency(), make_cycle(timezone.localdate().year), tasks=5)
    lan = make_member(report.agency)
    for row in report.rows.all():
        for n in range(3):
            upload = SimpleUploadedFile(f"{n}.pdf", PDF + str(n).encode())
            evidence.store(row, upload, "application/pdf", lan, timezone.now())
    client.force_login(lan)
    with django_assert_max_num_queries(25):
        assert client.get(reverse("report_edit", args=[report.pk])).text.count(".pdf</a>") == 15


@pytest.mark.parametrize("content", [DOCX[:-9], damaged(6, 200)])
def test_a_word_file_that_was_damaged_on_its_way_is_refused_in_words(client, lan, content):
    answer = add(client, lan, ("bao-cao.docx", content))
    assert answer.status_code == 409 and "bao-cao.docx" in answer.json()["errors"][0]
    assert not Evidence.objects.exists()


def test_no_damage_to_the_directory_of_a_word_file_breaks_the_page_that_checks_it():
    for place in range(46):
        for byte in (0, 127, 200, 255):
            attachments.content_extensions(SimpleUploadedFile("a.docx", damaged(place, byte)))
