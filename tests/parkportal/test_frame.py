"""The frame around every page: what each person finds in the header, the other language, search, profile and sign-in."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import translation

from parkportal import views
from parkportal.models import User
from tasks.models import Membership
from tests.builders import make_agency, make_consolidator, make_head, make_member, make_task, make_user

pytestmark = pytest.mark.django_db


def page_for(user, path="/nothing-here/", client=None):
    client = client or Client()
    if user:
        client.force_login(user)
    return client.get(path)


def sections_of(user):
    return [link["label"] for section in [page_for(user).context["sections"]] for link in section()]


PUBLIC = ["Doanh nghiệp", "Khu", "Số liệu", "Liên kết"]


# The header ---------------------------------------------------------------------------------------------------------
def test_a_stranger_finds_the_plan_and_the_way_in():
    answer = page_for(None)
    assert sections_of(None) == [*PUBLIC, "Kế hoạch"]
    assert reverse("account_login") in answer.content.decode()


def test_the_officer_finds_her_work_first():
    lan = make_member(make_agency())
    assert sections_of(lan) == ["Việc của tôi", "Nhiệm vụ", "Cơ quan", "Nhắc việc", "Kế hoạch", *PUBLIC]


def test_a_person_whose_duty_has_ended_has_no_work_in_the_header():
    lan = make_member(make_agency())
    Membership.objects.update(ends_on="2021-01-01")
    assert sections_of(lan) == ["Nhiệm vụ", "Cơ quan", "Kế hoạch", *PUBLIC]


@pytest.mark.parametrize(
    ("role", "finds", "misses"),
    [
        (User.Role.CONSOLIDATOR, {"Bảng theo dõi", "Kỳ báo cáo", "Nhắc việc", "Lịch sử thay đổi"}, {"Quản trị", "Việc của tôi"}),
        (User.Role.LEADERSHIP, {"Bảng theo dõi"}, {"Kỳ báo cáo", "Lịch sử thay đổi", "Quản trị"}),
        (User.Role.ADMINISTRATOR, {"Bảng theo dõi", "Kỳ báo cáo", "Lịch sử thay đổi", "Quản trị"}, {"Việc của tôi"}),
        (User.Role.EDITOR, {"Nhiệm vụ", "Cơ quan"}, {"Bảng theo dõi", "Kỳ báo cáo", "Quản trị"}),
    ],
)
def test_each_role_finds_its_own_sections(role, finds, misses):
    found = set(sections_of(make_user(role=role)))
    assert finds <= found
    assert not misses & found


def test_the_open_section_is_marked_and_no_other():
    lan = make_member(make_agency())
    page = page_for(lan, reverse("my_work")).content.decode()
    assert f'<a href="{reverse("my_work")}" aria-current="page">' in page
    assert page.count("aria-current=") - page.count('aria-current="step"') == 1


def test_the_header_costs_one_query_and_a_page_without_it_none(django_assert_num_queries):
    lan = make_member(make_agency())
    client = Client()
    client.force_login(lan)
    with django_assert_num_queries(3):  # session, person, whether she acts for an agency
        client.get("/nothing-here/")


@pytest.mark.parametrize(
    ("here", "there"),
    [("/", "/en/"), ("/search/?q=c%C3%B4ng", "/en/search/?q=c%C3%B4ng"), ("/accounts/login/", "/en/accounts/login/")],
)
def test_the_language_switch_leads_to_the_same_page_and_back(client, here, there):
    vietnamese, english = client.get(here), client.get(there)
    assert vietnamese.context["other_language_url"] == there
    assert english.context["other_language_url"] == here
    assert '<html lang="vi">' in vietnamese.content.decode()
    assert '<html lang="en">' in english.content.decode()


def test_the_demonstration_says_so_on_every_page_and_production_does_not(client, settings):
    assert "Dữ liệu minh họa" in client.get("/").content.decode()
    settings.DEMONSTRATION = False
    assert "Dữ liệu minh họa" not in client.get("/").content.decode()


# Search -------------------------------------------------------------------------------------------------------------
def test_search_finds_without_diacritics_and_capitals(client):
    make_task(make_agency("Sở Công Thương"), code="I.1.1", content="Phát triển công nghiệp hỗ trợ")
    answer = client.get(reverse("search"), {"q": "CONG nghiep"})
    assert [task.code for task in answer.context["tasks"]] == ["I.1.1"]


def test_a_stranger_searches_the_public_plan_alone(client):
    agency = make_agency("Sở Công Thương")
    make_task(agency, code="I.1.1")
    answer = client.get(reverse("search"), {"q": "cong thuong"})
    assert answer.context["agencies"] == []
    page = answer.content.decode()
    assert reverse("plan_task_public", args=["I.1.1"]) in page
    assert reverse("task_detail", args=["I.1.1"]) not in page


def test_the_officer_finds_agencies_by_any_of_their_names():
    agency = make_agency("Viện Nghiên cứu phát triển kinh tế - xã hội")
    agency.aliases.create(name="Viên NCPT KTXH")
    lan = make_member(make_agency())
    answer = page_for(lan, reverse("search") + "?q=vien+ktxh")
    assert answer.context["agencies"] == [agency]
    assert reverse("agency_detail", args=[agency.key]) in answer.content.decode()


def test_a_search_that_finds_nothing_says_what_to_try(client):
    page = client.get(reverse("search"), {"q": "không có từ này"}).content.decode()
    assert "“không có từ này”" in page
    assert reverse("plan_public") in page


def test_an_empty_search_asks_for_a_word(client):
    assert "II.5.1" in client.get(reverse("search")).content.decode()


def test_what_is_searched_for_is_text_and_never_markup(client):
    page = client.get(reverse("search"), {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page


def test_search_asks_the_same_number_of_questions_however_much_it_finds(client, django_assert_max_num_queries):
    agency = make_agency()
    for _n in range(30):
        make_task(agency)
    with django_assert_max_num_queries(7):  # tasks, agencies, firms, zones
        answer = client.get(reverse("search"), {"q": "cong nghiep"})
    assert len(answer.context["tasks"]) == 30


# Profile ------------------------------------------------------------------------------------------------------------
def test_lan_changes_her_position_and_telephone_but_not_her_name_or_role(client):
    lan = make_user("Trần Thị Lan")
    client.force_login(lan)
    client.post(
        reverse("profile"),
        {"position": "Phó Trưởng phòng", "phone": "0236 3123456", "full_name": "Ai khác", "role": "administrator"},
    )
    lan.refresh_from_db()
    assert (lan.position, lan.phone) == ("Phó Trưởng phòng", "0236 3123456")
    assert (lan.full_name, lan.role) == ("Trần Thị Lan", User.Role.STAFF)


def test_the_profile_shows_for_whom_she_acts_and_the_ways_to_her_security():
    agency = make_agency("Sở Công Thương")
    page = page_for(make_head(agency), reverse("profile")).content.decode()
    assert "Sở Công Thương" in page
    for name in ["account_change_password", "mfa_index", "usersessions_list"]:
        assert reverse(name) in page


def test_a_stranger_has_no_profile(client):
    assert client.get(reverse("profile")).url.startswith(reverse("account_login"))


# Sign-in ------------------------------------------------------------------------------------------------------------
def test_the_demonstration_fills_in_the_chosen_address(client):
    page = client.get(reverse("account_login"), {"email": "canbo@minhhoa.invalid"}).content.decode()
    assert 'value="canbo@minhhoa.invalid"' in page


def test_production_fills_in_nothing_and_lists_nobody(client, settings):
    settings.DEMONSTRATION = False
    make_user("Người Minh Họa", is_demonstration=True)
    page = client.get(reverse("account_login"), {"email": "canbo@minhhoa.invalid"}).content.decode()
    assert "canbo@minhhoa.invalid" not in page.replace("?email=canbo@minhhoa.invalid", "")
    assert "minh-hoa-2812" not in page
    assert "Người Minh Họa" not in page


def test_the_administration_has_no_door_of_its_own(client):
    """Django's own sign-in knows neither the lock-out nor the second factor."""
    assert client.get("/admin/login/?next=/admin/").url.startswith(reverse("account_login"))
    assert client.post("/admin/login/", {"username": "a@b.test", "password": "x"}).url.startswith(reverse("account_login"))


ACCOUNT_PAGES = ["account_change_password", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "usersessions_list"]


@pytest.mark.parametrize("name", [*ACCOUNT_PAGES, "account_logout"])
def test_pages_of_the_account_stand_in_the_frame_and_speak_vietnamese(name, client):
    client.force_login(make_user())
    page = client.get(reverse(name), follow=True).content.decode()  # some ask for the password first
    assert 'class="masthead"' in page
    assert "<title>" in page
    for english in ["Sign Out", "Two-Factor", "Change Password", "Current", "Confirm", "Security Key", "Please"]:
        assert english not in page


# What went wrong ----------------------------------------------------------------------------------------------------
def test_a_wrong_address_says_so_and_shows_the_way_on(client):
    answer = client.get("/khong-co/")
    assert answer.status_code == 404
    assert "Không có trang này" in answer.content.decode()
    assert reverse("plan_public") in answer.content.decode()


def test_the_page_for_our_own_faults_asks_the_database_nothing(rf, django_assert_num_queries):
    with translation.override("vi"), django_assert_num_queries(0):
        answer = views.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "nhật ký máy chủ" in answer.content.decode()


def test_a_form_that_is_too_old_is_explained_and_changes_nothing():
    lan = make_user(position="Chuyên viên")
    client = Client(enforce_csrf_checks=True)
    client.force_login(lan)
    answer = client.post(reverse("profile"), {"position": "Khác"})
    assert answer.status_code == 403
    assert "Trang đã mở quá lâu" in answer.content.decode()
    assert "nội dung đã nhập vẫn còn" in answer.content.decode()
    lan.refresh_from_db()
    assert lan.position == "Chuyên viên"


# Forms and small tags -----------------------------------------------------------------------------------------------
class Sample(forms.Form):
    year = forms.IntegerField(label="Năm", help_text="Năm của kỳ báo cáo")
    note = forms.CharField(label="Ghi chú", required=False)
    is_late = forms.BooleanField(label="Gửi muộn", required=False)
    kind = forms.ChoiceField(label="Loại", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def test_a_form_with_mistakes_begins_with_a_summary_that_leads_to_each_field():
    html = str(Sample({"kind": "c"}))
    assert html.index('href="#id_year"') < html.index('id="id_year_error"') < html.index('<input type="number"')
    assert 'aria-describedby="id_year_helptext id_year_error"' in html
    assert 'href="#id_kind' in html


def test_a_fresh_form_names_every_control_and_says_what_may_stay_empty():
    with translation.override("vi"):
        html = str(Sample())
    assert "error-summary" not in html
    assert '<label for="id_note">Ghi chú <span class="field__optional">(không bắt buộc)</span></label>' in html
    assert "<legend>Loại</legend>" in html
    assert html.count('name="is_late"') == 1


def test_a_status_is_words_and_the_class_that_gives_it_a_shape():
    template = Template('{% load frame %}{% status "due_soon" words %}{% report_state "missing" %}')
    with translation.override("vi"):
        html = template.render(Context({"words": "đang thực hiện, <sắp đến hạn>"}))
    assert '<span class="status status--due-soon">đang thực hiện, &lt;sắp đến hạn&gt;</span>' in html
    assert '<span class="state state--missing">chưa báo cáo</span>' in html.casefold()


def test_the_consolidator_without_an_agency_is_told_who_records_duties():
    assert "Quản trị viên" in page_for(make_consolidator(), reverse("profile")).content.decode()
