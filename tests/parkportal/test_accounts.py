"""Signing in: by e-mail, locked after five wrong passwords, never by self-registration, with a second factor where it counts."""

import smtplib
from unittest import mock

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from parkportal.models import User
from tests.builders import PASSWORD, make_consolidator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget_failures():
    cache.clear()


def sign_in(client, email, password=PASSWORD, language="/"):
    return client.post(f"{language}accounts/login/", {"login": email, "password": password})


def test_lan_signs_in_with_her_address_however_she_writes_it(client):
    lan = make_user(email="lan@danang.test")
    answer = sign_in(client, "Lan@DaNang.test")
    assert answer.status_code == 302
    assert int(client.session["_auth_user_id"]) == lan.pk


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client):
    lan = make_user()
    wrong, unknown = (sign_in(client, email, "sai-mat-khau").content.decode() for email in [lan.email, "ai-do@danang.test"])
    said = "không khớp nhau"
    assert said in wrong
    assert said in unknown


def test_five_wrong_passwords_lock_the_address_and_say_for_how_long(client):
    lan, minh = make_user(), make_user()
    for _attempt in range(5):
        assert "15 phút" not in sign_in(client, lan.email, "sai-mat-khau").content.decode()
    locked = sign_in(client, lan.email, PASSWORD)
    assert locked.status_code == 200
    assert "khóa trong 15 phút" in locked.content.decode()
    assert "_auth_user_id" not in client.session
    assert "locked for 15 minutes" in sign_in(client, lan.email, PASSWORD, language="/en/").content.decode()
    assert sign_in(client, minh.email).status_code == 302, "the lock is the address's, not the office's"


def test_a_right_password_does_not_forgive_wrong_ones_before_it(client):
    lan = make_user()
    for _attempt in range(4):
        sign_in(client, lan.email, "sai-mat-khau")
    assert sign_in(client, lan.email).status_code == 302
    stranger = Client()
    sign_in(stranger, lan.email, "sai-mat-khau")
    assert "15 phút" in sign_in(stranger, lan.email, "sai-mat-khau").content.decode()


@pytest.mark.parametrize("password", ["ngan", "1234567890123", "password1234", "nguyenthilan"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, make_user(email="nguyenthilan@danang.test", name="Nguyễn Thị Lan"))


def test_nobody_registers_himself(client):
    page = client.get("/accounts/signup/")
    assert "password1" not in page.content.decode()
    client.post("/accounts/signup/", {"email": "la@la.test", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="la@la.test").exists()


def test_a_forgotten_password_is_replaced_by_mail(client):
    lan = make_user()
    client.post("/accounts/password/reset/", {"email": lan.email})
    (letter,) = mail.outbox
    assert letter.to == [lan.email]
    link = next(word for word in letter.body.split() if "/password/reset/key/" in word)
    page = client.get(link[link.index("/accounts/") :], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "mot-cau-that-dai-9", "password2": "mot-cau-that-dai-9"})
    assert sign_in(Client(), lan.email, "mot-cau-that-dai-9").status_code == 302


def test_an_unknown_address_gets_no_mail_and_the_page_does_not_tell(client):
    lan = make_user()
    known = client.post("/accounts/password/reset/", {"email": lan.email})
    unknown = client.post("/accounts/password/reset/", {"email": "ai-do@danang.test"})
    assert known.status_code == unknown.status_code == 302
    assert known.url == unknown.url
    assert len(mail.outbox) == 1


def test_a_dead_mail_server_does_not_break_the_page(client, settings):
    lan = make_user()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post("/accounts/password/reset/", {"email": lan.email}, follow=True)
    assert answer.status_code == 200
    assert "chưa gửi được thư" in answer.content.decode()


def test_whoever_is_deactivated_is_out_at_once(client):
    lan = make_user()
    client.force_login(lan)
    assert client.get("/profile/").status_code == 200
    lan.is_active = False
    lan.save()
    assert client.get("/profile/").status_code == 302
    again = Client()
    sign_in(again, lan.email)
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("role", [User.Role.CONSOLIDATOR, User.Role.ADMINISTRATOR])
def test_who_accepts_or_administers_sets_up_a_second_factor_first(client, settings, role):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(make_user(role=role))
    answer = client.get(reverse("board"))
    assert answer.status_code == 302
    assert answer.url == reverse("mfa_activate_totp")
    assert client.get(reverse("mfa_activate_totp")).status_code in (200, 302)
    assert client.post(reverse("account_logout")).status_code == 302


def test_agency_staff_may_go_without_a_second_factor(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(make_user())
    assert client.get("/profile/").status_code == 200


def test_with_a_second_factor_the_password_alone_does_not_open_the_account(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    hoa = make_consolidator()
    TOTP.activate(hoa, generate_totp_secret())
    answer = sign_in(client, hoa.email)
    assert answer.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    with mock.patch.object(TOTP, "validate_code", return_value=True):
        client.post(answer.url, {"code": "123456"})
    assert client.get(reverse("board")).status_code == 200


def test_every_account_can_have_a_second_factor(client):
    lan = make_user()
    client.force_login(lan)
    door = client.get(reverse("mfa_activate_totp"))
    assert door.url.startswith(reverse("account_reauthenticate")), "the password is asked once more"
    page = client.post(door.url, {"password": PASSWORD}, follow=True)
    assert page.request["PATH_INFO"] == reverse("mfa_activate_totp")
    assert "<svg" in page.content.decode() or "data:image/svg" in page.content.decode()


def test_the_first_administrator_comes_from_the_command_line():
    call_command("createsuperuser", interactive=False, email="QuanTri@danang.test", full_name="Đặng Quốc Việt")
    person = User.objects.get(email="quantri@danang.test")
    assert person.is_administrator
    assert person.is_staff
    assert person.has_perm("tasks.change_agency")


def test_smtp_errors_are_among_those_that_the_page_survives():
    assert issubclass(smtplib.SMTPException, OSError)


def test_nobody_takes_an_address_that_the_administrator_did_not_give_her(client):
    """It would draw somebody else's single sign-on and reminders to her account."""
    lan = make_user(email="lan@danang.test")
    client.force_login(lan)
    for path in (reverse("account_email"), f"/en{reverse('account_email')}"):
        assert client.get(path).status_code == 404
        for action in ("action_add", "action_primary"):
            assert client.post(path, {action: "", "email": "giamdoc@danang.test"}).status_code == 404
    lan.refresh_from_db()
    assert lan.email == "lan@danang.test"


def test_the_next_person_at_the_desk_finds_nothing_behind_the_back_button(client):
    client.force_login(make_user())
    assert "private" in client.get(reverse("my_work"))["Cache-Control"]
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get(reverse("home"))
