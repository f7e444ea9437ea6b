"""The administration pages: for administrators alone, and nothing in them deletes what left a trace."""

import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import reverse
from openpyxl import Workbook

from parkportal.admin import site
from parkportal.models import User
from tasks.models import Agency, Holiday
from tests.builders import PASSWORD, make_agency, make_cycle, make_filled_report, make_member, make_user

pytestmark = pytest.mark.django_db
PAGES = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in site._registry]


@pytest.fixture
def viet(client):
    person = make_user("Đặng Quốc Việt", User.Role.ADMINISTRATOR)
    client.force_login(person)
    return person


def test_the_administrator_sees_people_agencies_and_the_calendar(viet, client):
    shown = {model._meta.model_name for model in site._registry}
    assert shown == {"user", "agency", "membership", "succession", "holiday", "reportingcycle", "boardmember"}
    make_filled_report()
    for page in ["admin:index", *PAGES]:
        assert client.get(reverse(page)).status_code == 200, page


@pytest.mark.parametrize("role", [role for role in User.Role if role != User.Role.ADMINISTRATOR])
def test_nobody_else_gets_in(client, role):
    client.force_login(make_user(role=role))
    for page in ["admin:index", *PAGES]:
        assert client.get(reverse(page), follow=True).status_code in (403, 404), page


def test_a_stranger_signs_in_through_the_portals_own_door(client):
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.request["PATH_INFO"] == reverse("account_login")


def test_a_new_person_gets_a_link_and_chooses_a_password_herself(viet, client):
    fields = {
        "email": "Moi@danang.test",
        "full_name": "Hồ Thị Mới",
        "position": "",
        "phone": "",
        "role": "staff",
        "is_active": "on",
    }
    answer = client.post(reverse("admin:parkportal_user_add"), fields, follow=True)
    person = User.objects.get(email="moi@danang.test")
    assert not person.has_usable_password()
    assert person.history.get().history_user == viet
    (letter,) = mail.outbox
    assert letter.to == ["moi@danang.test"]
    assert "/password/reset/key/" in letter.body
    assert "Hồ Thị Mới" in answer.content.decode()


def test_the_same_address_in_other_letters_is_not_taken_twice(viet, client):
    make_user(email="lan@danang.test")
    fields = {"email": "LAN@danang.test", "full_name": "Khác", "role": "staff", "is_active": "on"}
    answer = client.post(reverse("admin:parkportal_user_add"), fields)
    assert answer.status_code == 200
    assert User.objects.filter(email__iexact="lan@danang.test").count() == 1


def act(client, action, *people):
    data = {"action": action, "_selected_action": [person.pk for person in people]}
    return client.post(reverse("admin:parkportal_user_changelist"), data, follow=True)


def test_a_lost_telephone_is_forgotten(viet, client):
    hoa = make_user()
    TOTP.activate(hoa, generate_totp_secret())
    act(client, "remove_second_factor", hoa)
    assert not Authenticator.objects.filter(user=hoa).exists()


def test_people_are_deactivated_and_never_deleted(viet, client):
    lan = make_user()
    act(client, "deactivate", lan, viet)
    lan.refresh_from_db(), viet.refresh_from_db()
    assert not lan.is_active
    assert viet.is_active, "nobody locks himself out"
    act(client, "delete_selected", lan)
    assert User.objects.filter(pk=lan.pk).exists()
    assert client.post(reverse("admin:parkportal_user_delete", args=[lan.pk]), {"post": "yes"}).status_code == 403


def test_agencies_and_memberships_are_never_deleted(viet, client):
    agency = make_agency()
    membership = make_member(agency).memberships.get()
    for page, thing in [("agency", agency), ("membership", membership)]:
        assert client.post(reverse(f"admin:tasks_{page}_delete", args=[thing.pk]), {"post": "yes"}).status_code == 403


def test_an_agency_is_changed_with_its_other_names(viet, client):
    agency = make_agency()
    page = client.get(reverse("admin:tasks_agency_change", args=[agency.pk]))
    form = page.context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields} | {"abbreviation": "SCT"}
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    data |= {"aliases-TOTAL_FORMS": "1", "aliases-0-name": "Sở Công  thương TP", "aliases-0-agency": agency.pk}
    assert client.post(reverse("admin:tasks_agency_change", args=[agency.pk]), data).status_code == 302
    agency.refresh_from_db()
    assert agency.abbreviation == "SCT"
    assert agency.aliases.get().name == "Sở Công  thương TP"
    assert agency.history.first().history_user == viet


def test_cycles_are_only_read_here(viet, client):
    cycle = make_cycle()
    page = reverse("admin:tasks_reportingcycle_change", args=[cycle.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"year": 1999}).status_code == 403
    assert client.get(reverse("admin:tasks_reportingcycle_add")).status_code == 403


def test_the_history_button_leads_to_the_readable_history(viet, client):
    agency = make_agency("Sở Nội vụ")
    answer = client.get(reverse("admin:tasks_agency_history", args=[agency.pk]), follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == reverse("audit")
    assert answer.context["one"] == agency


def test_a_years_holidays_come_as_one_file(viet, client):
    book = Workbook()
    book.active.append(["date", "name", "name_en", "is_confirmed", "source"])
    book.active.append(["2027-02-06", "Tết Nguyên đán", "Lunar New Year", "1", "Thông báo số 1"])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "ngay-nghi-2027.xlsx"
    page = client.get(reverse("admin:tasks_holiday_import"))
    formats = {str(words).lower(): value for value, words in page.context["form"].fields["format"].choices}
    data = {"import_file": file, "format": formats["xlsx"], "resource": ""}
    preview = client.post(reverse("admin:tasks_holiday_import"), data)
    assert not Holiday.objects.exists(), "the first step only shows"
    client.post(reverse("admin:tasks_holiday_process_import"), preview.context["confirm_form"].initial)
    assert Holiday.objects.get().name == "Tết Nguyên đán"


@pytest.mark.browser
def test_the_administration_pages_obey_the_security_policy(signed_in_page):
    viet = make_user("Đặng Quốc Việt", User.Role.ADMINISTRATOR)
    make_filled_report()
    page = signed_in_page(viet)
    agency = Agency.objects.first()
    changes = [
        reverse("admin:tasks_agency_change", args=[agency.pk]),
        reverse("admin:parkportal_user_change", args=[viet.pk]),
        reverse("admin:parkportal_user_add"),
        reverse("admin:tasks_holiday_import"),
        reverse("admin:tasks_membership_add"),
    ]
    for address in [reverse("admin:index"), *map(reverse, PAGES), *changes]:
        assert page.goto(address).status == 200, address
        page.wait_for_load_state("networkidle")


def test_the_password_is_nowhere_in_the_administration(viet, client):
    lan = make_user()
    page = client.get(reverse("admin:parkportal_user_change", args=[lan.pk])).content.decode()
    lan.refresh_from_db()
    assert lan.password not in page
    assert PASSWORD not in page
