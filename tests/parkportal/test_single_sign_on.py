"""Single sign-on against a real provider on this machine: it opens an account that exists, and never makes one."""

from urllib.parse import urlsplit

import pytest
import requests
from django.core.cache import cache

from parkportal.models import User
from tests.builders import make_user
from tests.identity import CLIENT_ID, CLIENT_SECRET, IdentityProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    cache.clear()
    identity = IdentityProvider()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "city",
                    "name": "SSO thành phố",
                    "client_id": CLIENT_ID,
                    "secret": CLIENT_SECRET,
                    "settings": {"server_url": identity.url, "oauth_pkce_enabled": True},
                }
            ]
        }
    }
    yield identity
    identity.close()


def sign_in_over(provider, client):
    """What the browser does: to the provider, back with a code, through whatever follows."""
    start = client.post("/accounts/oidc/city/login/")
    assert start.status_code == 302
    assert start.url.startswith(f"{provider.url}/authorize?")
    assert "code_challenge=" in start.url
    back = requests.get(start.url, allow_redirects=False, timeout=10).headers["Location"]
    address = urlsplit(back)
    return client.get(f"{address.path}?{address.query}", follow=True)


def test_lan_comes_in_with_the_citys_sign_on_and_is_known_the_next_time(client, provider):
    lan = make_user(email="lan@danang.test")
    provider.person = {"sub": "1001", "email": "Lan@danang.test", "email_verified": True, "name": "Trần Thị Lan"}
    sign_in_over(provider, client)
    assert int(client.session["_auth_user_id"]) == lan.pk
    assert "/token" in provider.requests
    client.logout()
    provider.person = provider.person | {"email": "doi-dia-chi@danang.test"}
    sign_in_over(provider, client)
    assert int(client.session["_auth_user_id"]) == lan.pk


def test_an_unknown_address_is_told_whom_to_ask_and_gets_no_account(client, provider):
    provider.person = {"sub": "1002", "email": "khach@danang.test", "email_verified": True}
    page = sign_in_over(provider, client)
    assert "_auth_user_id" not in client.session
    assert "đăng nhập một lần" in page.content.decode()
    assert not User.objects.exists()


def test_an_address_that_the_provider_did_not_verify_opens_nothing(client, provider):
    make_user(email="lan@danang.test")
    provider.person = {"sub": "1003", "email": "lan@danang.test", "email_verified": False}
    sign_in_over(provider, client)
    assert "_auth_user_id" not in client.session


def test_a_deactivated_account_stays_shut(client, provider):
    make_user(email="lan@danang.test", is_active=False)
    provider.person = {"sub": "1004", "email": "lan@danang.test", "email_verified": True}
    sign_in_over(provider, client)
    assert "_auth_user_id" not in client.session


def test_the_sign_in_page_offers_the_city_only_where_it_is_configured(client, provider, settings):
    assert "SSO thành phố" in client.get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "SSO thành phố" not in client.get("/accounts/login/").content.decode()
