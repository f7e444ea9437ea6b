"""Both sides of a link say through a mailed link whether it exists; neither has an account."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms.models import Contact
from linkages import linkconfirmations
from linkages.models import LinkConfirmation, Party
from tests.builders import NOW
from tests.builders_firms import make_editor
from tests.builders_linkages import make_link, make_party
from tests.firms.outsiders import link_in, mails_to

pytestmark = pytest.mark.django_db
ADDRESS = "giamdoc@niwa.example.vn"


def asked(side="source", link=None, now=None):
    """A confirmation that was sent, with the address that its mail carries."""
    link = link or make_link()
    found = linkconfirmations.send(link, side, ADDRESS, make_editor(), now or timezone.now())
    found.path = link_in(mails_to(ADDRESS)[-1], "/link-confirmation/")
    return found


def officer():
    client = Client()
    client.force_login(make_editor())
    return client


class TestAsking:
    def test_the_officer_asks_one_side_at_an_address_that_the_portal_knows(self):
        link = make_link(target=make_party(kind=Party.Kind.SCHOOL, email="truong@example.vn"))
        Contact.objects.create(firm=link.source_party.firm, email=ADDRESS)
        client, path = officer(), reverse("link_ask", args=[link.pk])
        assert f'value="{ADDRESS}"' in client.get(path).text
        assert 'value="truong@example.vn"' in client.get(f"{path}?side=target").text
        assert client.post(path, {"side": "source", "email": ADDRESS}).status_code == 302
        page = client.get(link.get_absolute_url()).text
        assert ADDRESS in page and "sẽ gửi trong vòng một phút" in page

    def test_the_mail_is_in_both_languages_and_tells_no_value(self):
        asked(link=make_link(value_band="from-100"))
        [letter] = mails_to(ADDRESS)
        for text in (letter.text, letter.html):
            assert "Liên kết này có đúng không" in text and "Does this business link exist" in text
            assert "100" not in text.replace("w-100", "").split("link-confirmation")[0][-400:]
        assert "/en/link-confirmation/" in letter.text

    def test_only_a_hash_of_the_secret_is_kept(self):
        found = asked()
        token = found.path.strip("/").split("/")[-1]
        assert len(token) >= 43 and token not in str(LinkConfirmation.objects.values().get())

    def test_two_presses_send_one_mail(self):
        link = make_link()
        asked(link=link, now=NOW)
        with pytest.raises(ValidationError):
            linkconfirmations.send(link, "source", ADDRESS.upper(), make_editor("Hai"), NOW)
        linkconfirmations.send(link, "target", ADDRESS, make_editor("Ba"), NOW)
        assert len(mails_to(ADDRESS)) == 2

    @pytest.mark.parametrize("given", [{"side": "source", "email": "khong phai"}, {"side": "x", "email": ADDRESS}, {}])
    def test_a_wrong_address_or_side_is_told(self, given):
        page = officer().post(reverse("link_ask", args=[make_link().pk]), given)
        assert page.status_code == 422 and not LinkConfirmation.objects.exists()


class TestAnswering:
    def test_looking_changes_nothing(self):
        found = asked()
        page = Client().get(found.path)
        assert page.status_code == 200 and "Đúng, có liên kết này" in page.text and page["X-Robots-Tag"] == "noindex, nofollow"
        found.link.refresh_from_db()
        assert found.link.source_confirmed_on is None

    def test_yes_confirms_ones_own_side_alone(self):
        found = asked("target")
        page = Client().post(found.path, {"answer": "yes", "remark": "từ 2024"}, follow=True)
        assert "Quý đơn vị đã xác nhận" in page.text
        link = found.link
        link.refresh_from_db()
        assert (link.source_confirmed_on, link.target_confirmed_on) == (None, timezone.localdate()) and not link.is_confirmed
        told = link.history.first()
        assert told.history_user is None and told.history_change_reason == f"confirmation {found.pk}"
        page = officer().get(link.get_absolute_url()).text
        assert "bên tiếp nhận đã xác nhận" in page and "từ 2024" in page

    def test_both_sides_make_it_confirmed(self):
        link = make_link()
        for side in ("source", "target"):
            Client().post(asked(side, link).path, {"answer": "yes", "remark": ""})
        link.refresh_from_db()
        assert link.is_confirmed

    def test_no_takes_an_earlier_yes_back_and_the_officer_reads_why(self):
        link = make_link(source_confirmed_on=NOW.date())
        found = asked("source", link)
        Client().post(found.path, {"answer": "no", "remark": "đã ngừng từ tháng 3"})
        link.refresh_from_db()
        assert link.source_confirmed_on is None
        page = officer().get(link.get_absolute_url()).text
        assert "đã ngừng từ tháng 3" in page and "bên cung cấp cho biết không đúng" in page

    def test_a_no_says_why(self):
        found = asked()
        page = Client().post(found.path, {"answer": "no", "remark": " "})
        assert page.status_code == 422 and "điều chưa đúng" in page.text
        assert Client().post(found.path, {"remark": "gì đó"}).status_code == 422
        found.refresh_from_db()
        assert not found.answer

    def test_an_answer_is_given_once(self):
        found = asked()
        Client().post(found.path, {"answer": "yes", "remark": ""})
        page = Client().post(found.path, {"answer": "no", "remark": "khác"})
        found.refresh_from_db()
        assert found.answer == "yes" and "Quý đơn vị đã xác nhận" in page.text
        with pytest.raises(ValidationError):
            linkconfirmations.answer(found, False, "khác", timezone.now())

    def test_a_link_that_has_run_out_says_so(self):
        found = asked(now=timezone.now() - linkconfirmations.VALID_FOR - timedelta(days=1))
        page = Client().get(found.path)
        assert page.status_code == 410 and "Đúng, có liên kết này" not in page.text
        Client().post(found.path, {"answer": "yes", "remark": ""})
        found.link.refresh_from_db()
        assert found.link.source_confirmed_on is None

    def test_a_link_cut_in_two_is_explained(self):
        page = Client().get(reverse("link_confirm", args=["nua-duong"]))
        assert page.status_code == 404 and "h1" in page.text
