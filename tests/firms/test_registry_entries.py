"""An editor writes an entry part by part; nobody's text is lost, nothing goes without trace, and what is odd is told in words."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from firms import registry, story
from firms.forms import FIRM_PARTS
from firms.models import (
    Capability,
    Certificate,
    Contact,
    Firm,
    FirmActivity,
    FirmName,
    FirmYear,
    Plot,
    Project,
    Review,
)
from tests.builders_firms import make_capability, make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def yen(client):
    """The editor, signed in."""
    editor = make_editor()
    client.force_login(editor)
    return editor


def part(firm, name):
    return reverse("firm_part", args=[firm.code, name])


def form_of(client, url):
    """What the page's form would send as it stands."""
    page = client.get(url)
    assert page.status_code == 200
    data = {"seen": page.context["seen"]}
    if "rows_seen" in page.context:
        data["rows_seen"] = page.context["rows_seen"]
    forms = [page.context["form"]] if page.context.get("form") else []
    if rows := page.context.get("rows"):
        forms += [*rows.forms, rows.management_form]
    for form in forms:
        for box in form:
            value = box.value()
            if value is True:
                data[box.html_name] = "on"
            elif value is not None and value is not False and value != "":
                data[box.html_name] = value.isoformat() if isinstance(value, date) else value
    return data


# Boxes ----------------------------------------------------------------------------------------------------------------
def test_saving_a_part_as_it_stands_changes_nothing(client, yen):
    firm = make_firm(
        zone=make_zone(), country="KR", other_countries=["JP", "US"], unsure={"country": "inferred"}, tax_code="0100112437",
        as_of=date(2025, 1, 1), intro="Dòng một\nDòng hai", confirmed_on=date(2025, 3, 1), founded_year=2015,
    )  # fmt: skip
    before, records = Firm.objects.filter(pk=firm.pk).values().get(), firm.history.count()
    for name in FIRM_PARTS:
        assert client.post(part(firm, name), form_of(client, part(firm, name))).status_code == 302, name
    assert Firm.objects.filter(pk=firm.pk).values().get() == before
    assert firm.history.count() == records


def test_an_editor_changes_a_name_and_the_history_says_so(client, yen):
    firm = make_firm("Tên cũ")
    data = form_of(client, part(firm, "identity")) | {
        "name": "Tên mới",
        "other_countries": "Hàn Quốc, jp",
        "tax_code": "100112437",
    }
    assert client.post(part(firm, "identity"), data).status_code == 302
    firm.refresh_from_db()
    assert (firm.name, firm.other_countries, firm.tax_code) == ("Tên mới", ["KR", "JP"], "0100112437")
    assert firm.history.first().history_user == yen
    assert "Đã lưu" in client.get(reverse("firm_edit", args=[firm.code])).text


def test_a_firm_with_an_english_name_alone_stands_under_it(client, yen):
    firm = make_firm("Tên cũ")
    client.post(part(firm, "identity"), form_of(client, part(firm, "identity")) | {"name": "", "name_en": "Song Han Co., Ltd"})
    firm.refresh_from_db()
    assert firm.name == firm.name_en == "Song Han Co., Ltd"


@pytest.mark.parametrize(
    ("name", "field", "value", "words"),
    [
        ("identity", "tax_code", "0100112438", "Chữ số kiểm tra"),
        ("identity", "name", "", "Nhập tên doanh nghiệp"),
        ("identity", "other_countries", "Atlantis", "Atlantis"),
        ("work", "founded_year", "20155", "2099"),
        ("work", "moved_to", "DN9999999", "mã hồ sơ"),
        ("source", "as_of", "0026-01-01", "năm"),
        ("source", "new_doubt", "country", "lý do"),
    ],
)
def test_a_mistake_is_told_above_its_box_and_keeps_what_was_typed(client, yen, name, field, value, words):
    firm = make_firm()
    answer = client.post(part(firm, name), form_of(client, part(firm, name)) | {field: value})
    assert answer.status_code == 200
    assert "error-summary" in answer.text
    assert words in answer.text
    assert not value or value in answer.text
    assert Firm.objects.get(pk=firm.pk).history.count() == 1


def test_a_tax_code_that_another_firm_has_is_refused(client, yen):
    make_firm("Công ty khác", tax_code="0100112437")
    firm = make_firm()
    answer = client.post(part(firm, "identity"), form_of(client, part(firm, "identity")) | {"tax_code": "0100112437"})
    assert answer.status_code == 200
    assert firm.history.count() == 1


def test_changing_a_value_settles_its_doubt_and_no_other(client, yen):
    firm = make_firm(country="KR", unsure={"country": "inferred", "address": "đoán"})
    client.post(part(firm, "identity"), form_of(client, part(firm, "identity")) | {"country": "JP"})
    firm.refresh_from_db()
    assert firm.unsure == {"address": "đoán"}


def test_doubts_are_settled_reworded_and_added(client, yen):
    firm = make_firm(unsure={"country": "inferred", "address": "đoán"})
    data = form_of(client, part(firm, "source"))
    assert data["doubt-country"] != "inferred"  # a reason that the registry knows is shown in words, and stays a key
    data |= {"doubt-address": "", "new_doubt": "founded_year", "new_doubt_reason": "báo ghi khác nhau"}
    client.post(part(firm, "source"), data)
    firm.refresh_from_db()
    assert firm.unsure == {"country": "inferred", "founded_year": "báo ghi khác nhau"}


def test_a_number_with_two_readings_is_refused_with_both(client, yen):
    firm = make_firm()
    url = reverse("firm_row", args=[firm.code, "projects", make_project(firm).pk])
    answer = client.post(url, form_of(client, url) | {"land_ha": "1.854"})
    assert answer.status_code == 200
    assert "1854" in answer.text
    for typed, stored in {"1.854,5": "1854.5", "16,7": "16.7", "1 200": "1200"}.items():
        assert client.post(url, form_of(client, url) | {"land_ha": typed}).status_code == 302
        assert firm.projects.get().land_ha == Decimal(stored)
    firm.projects.update(land_ha="16.705")
    assert client.post(url, form_of(client, url)).status_code == 302  # read back as it was meant
    assert str(firm.projects.get().land_ha) == "16.7050"


# Two people at once ---------------------------------------------------------------------------------------------------
def test_what_two_editors_change_in_different_boxes_stands_both(client, yen):
    firm, hoa = make_firm(address="Cũ", website="https://cu.example"), make_editor("Lê Thị Hoa")
    data = form_of(client, part(firm, "work"))
    firm.address, firm._history_user = "Số 9, đường mới", hoa
    firm.save()
    answer = client.post(part(firm, "work"), data | {"website": "https://moi.example"}, follow=True)
    firm.refresh_from_db()
    assert (firm.address, firm.website) == ("Số 9, đường mới", "https://moi.example")
    assert "Lê Thị Hoa" in answer.text


def test_what_two_editors_change_in_one_box_is_shown_twice_and_decided_by_a_second_press(client, yen):
    firm, hoa = make_firm(address="Cũ"), make_editor("Lê Thị Hoa")
    data = form_of(client, part(firm, "work"))
    firm.address, firm._history_user = "Của chị Hoa", hoa
    firm.save()
    answer = client.post(part(firm, "work"), data | {"address": "Của tôi"})
    firm.refresh_from_db()
    assert firm.address == "Của chị Hoa"
    for words in ("Lê Thị Hoa", "Của chị Hoa", "Của tôi"):
        assert words in answer.text
    again = data | {"address": "Của tôi", "seen": answer.context["seen"]}
    assert client.post(part(firm, "work"), again).status_code == 302
    firm.refresh_from_db()
    assert firm.address == "Của tôi"
    assert [record.address for record in firm.history.all()] == ["Của tôi", "Của chị Hoa", "Cũ"]


def test_a_mistake_beside_a_change_of_somebody_else_hides_nothing(client, yen):
    firm = make_firm(address="Cũ")
    data = form_of(client, part(firm, "work"))
    firm.address = "Của chị Hoa"
    firm.save()
    wrong = client.post(part(firm, "work"), data | {"address": "Của tôi", "founded_year": "1"})
    right = client.post(part(firm, "work"), data | {"address": "Của tôi", "seen": wrong.context["seen"]})
    assert "Của chị Hoa" in right.text
    firm.refresh_from_db()
    assert firm.address == "Của chị Hoa"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_lose_no_text(client):
    firm, editor = make_firm(address="Cũ"), make_editor()
    form = FIRM_PARTS["work"][1]
    client.force_login(editor)
    data, seen = form_of(client, part(firm, "work")), registry.version_of(firm)
    start, outcomes = threading.Barrier(2), []

    def press(words):
        start.wait()
        try:
            _form, saved = registry.save_entry(lambda it: form(data | {"address": words}, instance=it), firm, seen, editor)
            outcomes.append("saved" if saved.is_done else "shown")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(words,)) for words in ("Một", "Hai")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "shown"]


# Rows -----------------------------------------------------------------------------------------------------------------
def test_rows_are_added_changed_and_taken_out_at_one_press(client, yen):
    firm = make_firm()
    stays = FirmName.objects.create(firm=firm, name="Tên cũ")
    goes = FirmName.objects.create(firm=firm, name="Viết sai")
    data = form_of(client, part(firm, "names"))
    places = {data["names-0-pk"]: 0, data["names-1-pk"]: 1}
    data |= {f"names-{places[stays.pk]}-kind": "former", f"names-{places[goes.pk]}-DELETE": "on"}
    data |= {"names-2-name": "ソンハン", "names-2-kind": "native"}
    assert client.post(part(firm, "names"), data).status_code == 302
    assert {(name.name, name.kind) for name in firm.other_names.all()} == {("Tên cũ", "former"), ("ソンハン", "native")}
    assert FirmName.history.get(id=goes.pk, history_type="-").history_user == yen


def test_a_row_taken_out_is_put_back_under_its_old_number(client, yen):
    firm = make_firm()
    goes = FirmName.objects.create(firm=firm, name="Viết sai")
    registry.take_out(goes, yen)
    page = client.get(reverse("firm_edit", args=[firm.code]))
    [gone] = page.context["gone"]
    client.post(reverse("firm_put_back", args=[firm.code]), {"row": gone.key})
    assert firm.other_names.get().name == "Viết sai"
    assert client.get(reverse("firm_edit", args=[firm.code])).context["gone"] == []
    answer = client.post(reverse("firm_put_back", args=[firm.code]), {"row": gone.key}, follow=True)
    assert "Không có gì để khôi phục" in answer.text


def test_a_project_taken_out_comes_back_before_its_certificates(client, yen):
    firm = make_firm()
    project = make_project(firm)
    Certificate.objects.create(firm=firm, project=project, number="123")
    url = reverse("firm_row", args=[firm.code, "projects", project.pk])
    client.post(url, {"take-out": "1"})
    assert not firm.projects.exists() and not firm.certificates.exists()
    gone = {row.record.instance_type: row.key for row in registry.gone_rows(story.OF_FIRM, firm_id=firm.pk)}
    with pytest.raises(ValidationError):
        registry.put_back(gone[Certificate], story.OF_FIRM, yen, firm_id=firm.pk)
    registry.put_back(gone[Project], story.OF_FIRM, yen, firm_id=firm.pk)
    registry.put_back(gone[Certificate], story.OF_FIRM, yen, firm_id=firm.pk)
    assert firm.projects.get().certificates.get().number == "123"


@pytest.mark.parametrize("key", ["", ":", "firmname:", "firmname:x", "user:1", f"firmname:{'9' * 40}", "firmname:\x00"])
def test_nothing_else_can_be_put_back(client, yen, key):
    assert client.post(reverse("firm_put_back", args=[make_firm().code]), {"row": key}).status_code == 302


def test_the_same_figure_of_a_year_is_refused_beside_its_row(client, yen):
    firm = make_firm()
    FirmYear.objects.create(firm=firm, year=2024, kind="jobs", value=100)
    data = form_of(client, part(firm, "years")) | {"years-1-year": "2024", "years-1-kind": "jobs", "years-1-value": "120"}
    answer = client.post(part(firm, "years"), data)
    assert "Số liệu này của năm này đã có" in answer.text
    assert firm.years.count() == 1


def test_rows_that_somebody_else_changed_meanwhile_stop_the_press_and_are_shown(client, yen):
    firm = make_firm()
    row = FirmYear.objects.create(firm=firm, year=2024, kind="jobs", value=100)
    data = form_of(client, part(firm, "years"))
    row.value = 150
    row.save()
    answer = client.post(part(firm, "years"), data | {"years-0-value": "120"})
    assert "150" in answer.text and "120" in answer.text
    row.refresh_from_db()
    assert row.value == 150
    assert client.post(part(firm, "years"), data | {"years-0-value": "120", "seen": answer.context["seen"]}).status_code == 302
    row.refresh_from_db()
    assert row.value == 120


def test_a_row_that_somebody_else_took_out_meanwhile_is_not_lost_with_what_was_typed(client, yen):
    firm = make_firm()
    row = Contact.objects.create(firm=firm, person="Nguyễn Văn A")
    data = form_of(client, part(firm, "contacts")) | {"contacts-0-phone": "0236 123 456"}
    registry.take_out(row, yen)
    answer = client.post(part(firm, "contacts"), data)
    assert "0236 123 456" in answer.text
    client.post(part(firm, "contacts"), data | {"seen": answer.context["seen"]})
    assert firm.contacts.get().phone == "0236 123 456"


def test_a_line_of_business_is_written_without_its_points(client, yen):
    firm = make_firm()
    data = form_of(client, part(firm, "lines")) | {"lines-0-version": "2025", "lines-0-code": "c25.92", "lines-0-is_main": "on"}
    assert client.post(part(firm, "lines"), data).status_code == 302
    assert FirmActivity.objects.get().code == "C2592"


# Projects and products ------------------------------------------------------------------------------------------------
def test_a_project_is_entered_with_its_certificate_at_one_press(client, yen):
    firm = make_firm(zone=make_zone())
    url = reverse("firm_row_new", args=[firm.code, "projects"])
    data = form_of(client, url) | {"name": "Nhà máy", "stage": "certified", "capital": "170.000.000", "currency": "USD"}
    data |= {"certificates-0-number": "GCN 1", "certificates-0-issued_on": "2019-03-01"}
    assert client.post(url, data).status_code == 302
    project = firm.projects.get()
    assert (project.zone, project.capital, project.certificates.get().number) == (firm.zone, 170_000_000, "GCN 1")


def test_a_new_project_with_a_wrong_certificate_is_written_neither_in_part_nor_twice(client, yen):
    firm = make_firm()
    url = reverse("firm_row_new", args=[firm.code, "projects"])
    data = form_of(client, url) | {"name": "Nhà máy", "certificates-0-number": "GCN 1", "certificates-0-capital": "5"}
    answer = client.post(url, data)
    assert answer.status_code == 200
    assert "GCN 1" in answer.text
    assert not Project.objects.exists()
    assert client.post(url, data | {"certificates-0-currency": "USD"}).status_code == 302
    assert Project.objects.count() == Certificate.objects.count() == 1


def test_what_a_stage_lacks_is_warned_about_and_never_blocks(client, yen):
    firm = make_firm()
    url = reverse("firm_row_new", args=[firm.code, "projects"])
    answer = client.post(url, form_of(client, url) | {"name": "Nhà máy", "stage": "operating"}, follow=True)
    assert "chưa có số" in answer.text
    assert firm.projects.count() == 1


@pytest.mark.parametrize(
    ("fields", "certificate", "count"),
    [
        ({"stage": "operating"}, None, 3),
        ({"stage": "operating", "capital": 1, "currency": "USD", "registered_year": 2020}, {"number": "1"}, 0),
        ({"stage": "certified", "capital": 1, "currency": "USD", "registered_year": 2020}, {"kind": "not_needed"}, 0),
        ({"stage": "memorandum"}, {"number": "1"}, 1),
        ({"stage": "ended"}, None, 1),
        ({"stage": "unknown", "ended_on": date(2020, 1, 1)}, None, 1),
        ({"stage": "contact"}, None, 0),
    ],
)
def test_each_stage_asks_for_what_belongs_to_it(fields, certificate, count):
    project = Project(**fields)
    assert len(registry.gaps(project, [Certificate(**certificate)] if certificate else [])) == count


def test_a_plot_of_another_zone_goes_when_the_zone_changes(client, yen):
    zone, other = make_zone(), make_zone("Khu khác")
    firm = make_firm(zone=zone)
    project = make_project(firm, plot=Plot.objects.create(zone=zone, number="A17"))
    url = reverse("firm_row", args=[firm.code, "projects", project.pk])
    client.post(url, form_of(client, url) | {"zone": other.pk})
    project.refresh_from_db()
    assert (project.zone, project.plot) == (other, None)


def test_a_product_is_entered_and_changed(client, yen):
    firm = make_firm()
    url = reverse("firm_row_new", args=[firm.code, "products"])
    answer = client.post(url, form_of(client, url) | {"kind": "process", "name": "Gia công CNC", "spare_percent": "120"})
    assert "100" in answer.text and not Capability.objects.exists()
    assert (
        client.post(url, form_of(client, url) | {"kind": "process", "name": "Gia công CNC", "spare_percent": "20"}).status_code
        == 302
    )
    assert firm.capabilities.get().spare_percent == 20


# Firms ----------------------------------------------------------------------------------------------------------------
def test_a_firm_is_entered_by_its_name_alone(client, yen):
    url = reverse("firm_create")
    assert client.post(url, {"capital_type": "unknown", "status": "unknown", "confidence": "medium"}).status_code == 200
    data = {
        "name": "Công ty Sông Hàn",
        "capital_type": "unknown",
        "status": "operating",
        "confidence": "medium",
        "is_public": "on",
    }
    assert client.post(url, data).status_code == 302
    firm = Firm.objects.get()
    assert (firm.review, firm.history.get().history_user) == (Review.LOADED, yen)


def test_a_firm_that_seems_to_be_here_is_shown_before_it_is_entered_again(client, yen):
    known = make_firm("Công ty TNHH Cơ khí Sông Hàn")
    data = {"name": "Cơ khí Sông Hàn Co., Ltd", "capital_type": "unknown", "status": "unknown", "confidence": "medium"}
    answer = client.post(reverse("firm_create"), data)
    assert known.code in answer.text
    assert Firm.objects.count() == 1
    assert client.post(reverse("firm_create"), data | {"another": "1"}).status_code == 302
    assert Firm.objects.count() == 2


def test_reviewing_is_one_press_and_a_doubt_needs_its_reason(client, yen):
    firm = make_firm()
    url = reverse("firm_review", args=[firm.code])
    client.post(url, {"review": "reviewed"})
    firm.refresh_from_db()
    assert firm.review == Review.REVIEWED
    client.post(url, {"review": "doubted"})
    firm.refresh_from_db()
    assert firm.review == Review.REVIEWED
    page = client.post(url, {"review": "doubted", "reason": "Trang web đã đóng"}, follow=True)
    assert "Trang web đã đóng" in page.text
    client.post(url, {"review": "nonsense"})
    firm.refresh_from_db()
    assert firm.review == Review.DOUBTED


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["khong-co", "identity"])
def test_a_part_or_a_firm_that_does_not_exist_is_not_found(client, yen, method, name):
    code = "DN9999999" if name == "identity" else make_firm().code
    assert getattr(client, method)(reverse("firm_part", args=[code, name])).status_code == 404
    assert getattr(client, method)(reverse("firm_row_new", args=[make_firm().code, "khong-co"])).status_code == 404


def test_a_row_of_another_firm_is_not_found(client, yen):
    project = make_project(make_firm("Một"))
    assert client.get(reverse("firm_row", args=[make_firm("Hai").code, "projects", project.pk])).status_code == 404


def test_an_entry_costs_the_same_number_of_queries_however_much_hangs_on_it(client, yen):
    firm = make_firm(zone=make_zone())

    def add(number):
        for _n in range(number):
            Certificate.objects.create(firm=firm, project=make_project(firm))
            make_capability(firm)
            FirmName.objects.create(firm=firm, name="Tên khác")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("firm_edit", args=[firm.code]))
        return len(captured)

    add(1)
    first = queries()
    add(8)
    assert queries() == first
