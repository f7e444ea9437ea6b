"""The pages of an upload: one at each step, for editors alone, with and without a script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from firms.models import Firm, Upload
from firms.uploads import choices, steps
from tests.builders import make_consolidator
from tests.builders_firms import (
    check_upload,
    import_upload,
    make_editor,
    make_firm,
    make_project,
    make_upload,
    make_zone,
    receive,
    workbook,
)

pytestmark = pytest.mark.django_db
State = Upload.State
HEADS = ["Tên doanh nghiệp", "MST", "Khu", "Địa chỉ"]
ROWS = [
    ["Công ty TNHH A", 400101404, "KCNC-DN", "Lô 1"],
    ["Công ty TNHH B", "123", "KCNC-DN", "Lô 2"],
    ["Công ty TNHH Tokyo Keikii", None, "KCNC-DN", "Lô 3"],
]


@pytest.fixture
def lan(client):
    """The editor, signed in; one zone and one firm are stored."""
    editor = make_editor()
    client.force_login(editor)
    make_firm("Công ty TNHH Tokyo Keiki", make_zone(code="KCNC-DN"))
    return editor


def page(client, upload, query=""):
    response = client.get(reverse("upload_detail", args=[upload.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def post(client, name, upload, **data):
    return client.post(reverse(name, args=[upload.pk]), data, follow=True)


def sent(client, content, name="danh-sach.xlsx"):
    return client.post(reverse("upload_create"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_the_whole_way_through_the_pages(client, lan):
    assert "Chưa có danh sách" in client.get(reverse("upload_list")).content.decode()
    response = sent(client, workbook(ROWS, HEADS))
    upload = Upload.objects.get()
    assert response.redirect_chain[-1][0] == reverse("upload_detail", args=[upload.pk])
    assert "Mỗi cột chứa nội dung gì?" in response.content.decode()
    chosen = {f"column_{place}": meaning for place, meaning in enumerate(["name", "tax_code", "zone", "address"])}
    preview = post(client, "upload_map", upload, **chosen, source="Báo cáo", numbers="", as_of="").content.decode()
    assert "Tokyo Keiki" in preview
    assert "Còn 1 dòng chờ quyết định." in preview
    refused = post(client, "upload_import", upload).content.decode()
    assert "Còn dòng chờ quyết định" in refused
    assert Firm.objects.count() == 1
    post(client, "upload_decide", upload, row=4, what="new", kind="waiting", page=1)
    assert "Còn dòng có lỗi" in post(client, "upload_import", upload).content.decode()
    done = post(client, "upload_import", upload, leave_out="1").content.decode()
    assert "2 doanh nghiệp mới" in done
    assert Firm.objects.count() == 3
    assert Firm.objects.get(tax_code="0400101404").source == "Báo cáo"
    assert Firm.objects.get(tax_code="0400101404").get_absolute_url() in done
    book = client.get(reverse("upload_annotated", args=[upload.pk]))
    assert b"".join(book.streaming_content)[:2] == b"PK"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"%PDF-1.7", "nội dung là PDF"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "định dạng Excel cũ"),
        ("a.csv", b"", "Tệp này trống"),
    ],
)
def test_a_wrong_file_is_refused_above_its_field_and_not_kept(client, lan, name, content, words):
    response = sent(client, content, name)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Upload.objects.exists()


def test_without_a_file_the_form_says_what_is_missing(client, lan):
    response = client.post(reverse("upload_create"))
    assert (response.status_code, "Chọn tệp chứa danh sách" in response.content.decode()) == (422, True)


def test_a_file_that_cannot_be_used_says_why_and_what_to_do(client, lan):
    sent(client, b"ten\n1\n2\n", "a.csv")
    upload = Upload.objects.get()
    text = page(client, upload)
    assert "Tải lên tệp khác" in text
    assert upload.problem and str(upload.problem) not in text


def test_columns_must_name_the_firm_and_none_twice(client, lan):
    upload = receive(workbook(ROWS, HEADS), lan)
    for chosen, words in [
        ({"column_1": "tax_code"}, "Chưa có cột nào là tên doanh nghiệp"),
        ({"column_0": "name", "column_1": "name"}, "Hai cột cùng được hiểu"),
        ({"column_0": "haha"}, "haha"),
    ]:
        response = post(client, "upload_map", upload, **chosen)
        assert (response.status_code, words in response.content.decode()) == (422, True), words
    upload.refresh_from_db()
    assert upload.state == State.MAPPING


def test_the_editor_may_say_where_the_headings_stand(client, lan):
    content = workbook([["Tên doanh nghiệp cũ", "x"], ["Tên", "Nơi"], ["Công ty A", "Lô 1"]])
    upload = receive(content, lan)
    post(client, "upload_map", upload, look="1", sheet="Danh sách", header_row=2)
    upload.refresh_from_db()
    assert (upload.header_row, [column["heading"] for column in upload.columns]) == (2, ["Tên", "Nơi"])
    assert "Không tìm thấy dòng tiêu đề" in post(client, "upload_map", upload, look="1", header_row=39).content.decode()


@pytest.mark.parametrize("state", [State.READING, State.CHECKING, State.IMPORTING])
def test_progress_is_shown_by_reload_and_by_htmx_and_ends_by_itself(client, lan, state):
    upload = make_upload(lan, state, percent=40)
    text = page(client, upload)
    assert "<progress" in text and 'http-equiv="refresh"' in text
    address = reverse("upload_detail", args=[upload.pk])
    bar = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<progress" in bar and "<html" not in bar
    Upload.objects.filter(pk=upload.pk).update(state=State.WITHDRAWN)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_rows_are_filtered_paged_and_shown_cell_by_cell(client, lan):
    firm = make_firm("Công ty TNHH A", Firm.objects.get().zone, tax_code="0400101404", address="Lô 9")
    upload = check_upload(workbook(ROWS, HEADS), lan)
    text = page(client, upload, "?kind=changed")
    assert "<del>Lô 9</del>" in text and "<ins>Lô 1</ins>" in text
    assert firm.get_absolute_url() in text
    assert "Đã bù số 0 bị mất" in text
    assert "Lô 2" not in text
    for kind in ["problem", "undecided", "waiting", "repaired", "all", "haha"]:
        assert "Dòng" in page(client, upload, f"?kind={kind}")
    fragment = client.get(reverse("upload_rows", args=[upload.pk]) + "?kind=all", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert client.get(reverse("upload_rows", args=[upload.pk]) + "?kind=all").status_code == 302


def test_the_number_of_queries_of_the_preview_is_constant(client, lan, django_assert_max_num_queries):
    zone = Firm.objects.get().zone
    for number in range(20):
        make_project(make_firm(f"Doanh nghiệp Sao Mai {chr(97 + number)}xx", zone), f"Dự án {number}")
    rows = [[f"Doanh nghiệp Sao Mai {chr(97 + number)}xy", None, "KCNC-DN", f"Lô {number}"] for number in range(20)]
    upload = check_upload(workbook(rows, HEADS), lan)
    assert upload.counts["undecided"] >= 15
    with django_assert_max_num_queries(20):
        page(client, upload, "?kind=undecided")


def test_a_decision_comes_back_to_its_row_or_as_a_fragment(client, lan):
    upload = check_upload(workbook(ROWS, HEADS), lan)
    address = reverse("upload_decide", args=[upload.pk])
    response = client.post(address, {"row": 4, "what": "new", "kind": "waiting", "page": 1})
    assert response.url == reverse("upload_detail", args=[upload.pk]) + "?kind=waiting&page=1#row-4"
    response = client.post(address, {"row": 4, "what": "skip", "kind": "undecided"}, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert 'id="preview"' in text and "đã chọn bỏ qua" in text
    assert "không" not in client.post(address, {"row": "x"}, follow=True).redirect_chain[-1][0]


def test_two_editors_who_press_at_once_do_not_both_win(client, lan):
    upload = check_upload(workbook(ROWS[:1], HEADS), lan)
    Upload.objects.filter(pk=upload.pk).update(state=State.IMPORTING)
    for name in ["upload_import", "upload_map", "upload_decide", "upload_withdraw"]:
        text = post(client, name, upload, what="new", row=2).content.decode()
        assert "Có người khác đã xử lý tiếp tệp này" in text, name
    upload.refresh_from_db()
    assert upload.state == State.IMPORTING


def test_an_upload_is_withdrawn_and_changes_nothing(client, lan):
    upload = check_upload(workbook(ROWS, HEADS), lan)
    assert "Đã rút lại tệp" in post(client, "upload_withdraw", upload).content.decode()
    assert "Tệp này đã được rút lại" in page(client, upload)
    assert Firm.objects.count() == 1


def test_a_file_that_is_gone_is_told_in_words(client, lan):
    upload = check_upload(workbook(ROWS, HEADS), lan)
    upload.checked.delete(save=False)
    upload.refresh_from_db()
    assert "không còn được lưu" in page(client, upload)
    for name in ["upload_import", "upload_decide"]:
        assert "không còn được lưu" in post(client, name, upload, row=2, what="new").content.decode()
    assert client.get(reverse("upload_rows", args=[upload.pk]), headers={"HX-Request": "true"}).status_code == 404


def test_a_workbook_with_remarks_that_is_not_there_yet_is_asked_for_again(client, lan, settings):
    upload = check_upload(workbook(ROWS, HEADS), lan)
    address = reverse("upload_annotated", args=[upload.pk])
    assert client.get(address).status_code == 302
    response = client.get(address)
    assert response["Content-Disposition"].startswith("attachment")
    upload.refresh_from_db()
    upload.annotated.storage.delete(upload.annotated.name)
    assert client.get(address).status_code == 302
    assert client.get(address).status_code == 200


def test_export_and_template_come_as_workbooks(client, lan):
    for address in [
        reverse("registry_export"),
        reverse("registry_export") + f"?firm={Firm.objects.get().code}",
        reverse("registry_template"),
    ]:
        response = client.get(address)
        assert (response.status_code, response.content[:2]) == (200, b"PK")


def test_the_result_says_which_row_brought_what(client, lan):
    upload = import_upload(check_upload(workbook(ROWS[:1], HEADS), lan))
    text = page(client, upload, "?kind=new")
    assert "Công ty TNHH A" in text and "Lô 1" in text
    assert "upload_decide" not in text


def test_who_keeps_no_registry_finds_no_upload(client, lan):
    upload = check_upload(workbook(ROWS, HEADS), lan)
    client.force_login(make_consolidator())
    for name in ["upload_detail", "upload_rows", "upload_annotated"]:
        assert client.get(reverse(name, args=[upload.pk])).status_code == 404
    for name in ["upload_map", "upload_decide", "upload_import", "upload_withdraw"]:
        assert client.post(reverse(name, args=[upload.pk])).status_code == 404
    for name in ["upload_list", "registry_export", "registry_template"]:
        assert client.get(reverse(name)).status_code == 404
    client.logout()
    assert client.get(reverse("upload_list")).status_code == 302


def test_english_editors_read_english(client, lan):
    upload = check_upload(workbook(ROWS, HEADS), lan)
    text = client.get(f"/en/registry/uploads/{upload.pk}/?kind=problem").content.decode()
    assert "with errors" in text.lower()
    choices.decide(upload, {"row": 4, "what": "new"}, {})
    assert timezone.now() and steps.percent_of(upload) == 100


@pytest.mark.parametrize(
    "odd", ["\x00", "9" * 30, "9" * 4400, "9999-12-31", "'\"><script>%s{{7*7}}", "-1", "firm:" + "9" * 40, "row:²"]
)
def test_odd_words_are_answered_and_change_nothing(client, lan, odd):
    mapped, ready = receive(workbook(ROWS, HEADS), lan), check_upload(workbook(ROWS, HEADS), lan)
    fields = dict.fromkeys(
        ["header_row", "sheet", "column_0", "column_1", "numbers", "source", "as_of", "row", "what", "all", "kind"], odd
    )
    for data in [fields, fields | {"look": "1"}]:
        assert post(client, "upload_map", mapped, **data).status_code < 500
    for data in [
        fields,
        fields | {"row": 4},
        {"what": odd},
        {"row": 4, "what": odd},
        {"row": 2, "all": odd, "cell_address": odd},
    ]:
        assert post(client, "upload_decide", ready, **data).status_code < 500
    ready.refresh_from_db()
    assert not ready.decisions
    for name in ["kind", "page"]:
        assert client.get(reverse("upload_detail", args=[ready.pk]), {name: odd}).status_code in (200, 404)
