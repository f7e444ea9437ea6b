"""A firm confirms or corrects its own entry through a link that an editor sent it; it has no account."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms import confirmations, proposals
from firms.models import Capability, ConfirmationLink, Contact, Correction, Firm
from parkportal.models import OutgoingMail
from tests.builders import NOW, make_user
from tests.builders_firms import make_capability, make_editor, make_firm
from tests.firms.outsiders import link_in, mails_to

pytestmark = pytest.mark.django_db
ADDRESS = "giamdoc@songhan.example.vn"


@pytest.fixture
def firm():
    firm = make_firm(name_en="Song Han Precision")
    make_capability(firm, "Trục máy", Capability.Kind.PRODUCT)
    return firm


@pytest.fixture
def yen():
    return make_editor()


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def send_path(firm):
    return reverse("confirmation_send", args=[firm.code])


def link_of(firm, by, now=None):
    """A link that was sent, with the address that its mail carries."""
    link = confirmations.send(firm, ADDRESS, by, now or timezone.now())
    link.path = link_in(mails_to(ADDRESS)[-1], "/confirm/")
    return link


def filled(firm, **changes):
    form = {"message": "", "products": proposals.current(firm, "products"), "processes": proposals.current(firm, "processes")}
    form |= {f"initial-{name}": form[name] for name in ("products", "processes")}
    for name in proposals.plain_fields(firm):
        form[f"entry_{name}"] = form[f"initial-entry_{name}"] = proposals.current(firm, name)
    contact = proposals.contact_of(firm)
    form |= {name: contact[name] for name in proposals.CONTACT} | ({"consent": "on"} if contact["consent"] else {})
    return form | changes


class TestTheEditor:
    def test_sends_a_link_to_the_address_that_the_registry_has(self, firm, yen):
        Contact.objects.create(firm=firm, email="khac@example.vn")
        Contact.objects.create(firm=firm, email=ADDRESS, consented_on=date(2026, 1, 5))
        client = signed_in(yen)
        assert f'value="{ADDRESS}"' in client.get(send_path(firm)).text
        assert client.post(send_path(firm), {"email": ADDRESS}).status_code == 302
        [letter] = mails_to(ADDRESS)
        assert letter.person is None and letter.subject.startswith("Xác nhận thông tin")
        page = client.get(send_path(firm)).text
        assert ADDRESS in page and "sẽ gửi trong vòng một phút" in page

    def test_the_mail_is_readable_in_both_languages_with_a_link_for_each(self, firm, yen):
        link_of(firm, yen)
        [letter] = mails_to(ADDRESS)
        for text in (letter.text, letter.html):
            assert "Kính gửi ông/bà," in text and "Song Han Precision" in text
            assert "có đúng không" in text and "No account is needed" in text
            assert "/en/confirm/" in text and "/confirm/" in text.replace("/en/confirm/", "")

    def test_only_a_hash_of_the_secret_is_kept(self, firm, yen):
        link = link_of(firm, yen)
        token = link.path.strip("/").split("/")[1]
        assert len(token) >= 43 and token not in str(ConfirmationLink.objects.values().get())

    def test_an_address_that_is_none_is_told(self, firm, yen):
        page = signed_in(yen).post(send_path(firm), {"email": "giam doc"})
        assert page.status_code == 422 and "ten@example.org" in page.text and "giam doc" in page.text

    def test_two_presses_send_one_mail(self, firm, yen):
        client = signed_in(yen)
        client.post(send_path(firm), {"email": ADDRESS})
        again = client.post(send_path(firm), {"email": ADDRESS.upper()})
        assert again.status_code == 422 and "chờ vài phút" in again.text
        assert ConfirmationLink.objects.count() == 1

    def test_withdraws_a_link_and_a_mail_that_has_not_gone_out_stays_here(self, firm, yen, client):
        link = link_of(firm, yen)
        done = signed_in(yen).post(reverse("confirmation_withdraw", args=[link.pk]), follow=True)
        assert "Đã thu hồi" in done.text
        assert mails_to(ADDRESS)[0].state == OutgoingMail.State.WITHDRAWN
        page = client.get(link.path)
        assert page.status_code == 410 and "đã thu hồi" in page.text
        again = signed_in(yen).post(reverse("confirmation_withdraw", args=[link.pk]), follow=True)
        assert "không có gì thay đổi" in again.text

    def test_sees_what_became_of_each_link(self, firm, yen):
        now = timezone.now()
        ConfirmationLink.objects.create(
            firm=firm, email="a@x.vn", token_hash="a", sent_by=yen, sent_at=now, expires_at=now - timedelta(days=1)
        )
        used = link_of(firm, yen)
        confirmations.confirm(used, now)
        failed = confirmations.send(firm, "b@x.vn", yen, now)
        OutgoingMail.objects.filter(key=confirmations.mail_key(failed)).update(state="failed", trouble="address")
        page = signed_in(yen).get(send_path(firm)).text
        for words in ("hết hạn, chưa dùng", "đã xác nhận", "thư không gửi được"):
            assert words in page

    def test_nobody_else_may(self, firm, yen):
        link = link_of(firm, yen)
        for path in (send_path(firm), reverse("confirmation_withdraw", args=[link.pk])):
            assert signed_in(make_user()).post(path, {"email": "x@y.vn"}).status_code == 404
            assert Client().post(path, {"email": "x@y.vn"}).status_code == 302
        assert ConfirmationLink.objects.filter(withdrawn_at=None).count() == 1


class TestTheFirm:
    def test_sees_its_entry_and_looking_changes_nothing(self, firm, yen, client):
        link = link_of(firm, yen)
        before = Firm.history.count()
        for _ in range(2):
            page = client.get(link.path)
            assert page.status_code == 200 and "Trục máy" in page.text and "Đúng" in page.text
        assert client.head(link.path).status_code == 200
        link.refresh_from_db()
        assert (link.opened_at, link.confirmed_at, Firm.history.count()) == (None, None, before)

    def test_its_secret_leaks_to_nobody(self, firm, yen, client):
        page = client.get(link_of(firm, yen).path)
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "same-origin"

    def test_says_that_it_is_right(self, firm, yen, client):
        link = link_of(firm, yen)
        done = client.post(link.path, follow=True)
        today = timezone.localdate()
        assert "doanh nghiệp xác nhận ngày" in done.text
        firm.refresh_from_db()
        record = firm.history.first()
        assert firm.confirmed_on == today
        assert record.history_user is None and "Doanh nghiệp tự xác nhận" in record.history_change_reason
        assert not Correction.objects.exists()

    def test_an_editor_who_opens_the_page_confirms_nothing_in_her_own_name(self, firm, yen):
        link = link_of(firm, yen)
        signed_in(yen).post(link.path)
        assert firm.history.first().history_user is None

    def test_corrects_some_and_the_rest_counts_at_once(self, firm, yen, client):
        link = link_of(firm, yen)
        form = filled(firm, entry_address="Lô 9", products="Trục máy\nKhuôn ép", message="Chúng tôi mở rộng.")
        done = client.post(f"{link.path}edit/", form, follow=True)
        assert "phần để nguyên được coi là đã xác nhận" in done.text
        one = Correction.objects.get()
        assert (one.origin, one.link, one.email, one.state) == ("firm", link, ADDRESS, "waiting")
        assert one.fields == {"address": ["", "Lô 9"], "products": ["Trục máy", "Trục máy\nKhuôn ép"]}
        firm.refresh_from_db()
        assert firm.confirmed_on == timezone.localdate() and firm.address == ""
        assert list(firm.capabilities.values_list("name", flat=True)) == ["Trục máy"]

    def test_who_changes_nothing_in_the_form_has_confirmed(self, firm, yen, client):
        link = link_of(firm, yen)
        client.post(f"{link.path}edit/", filled(firm))
        firm.refresh_from_db()
        assert firm.confirmed_on and not Correction.objects.exists()

    def test_gives_a_contact_and_consents(self, firm, yen, client):
        link = link_of(firm, yen)
        client.post(f"{link.path}edit/", filled(firm, person="Lê An", email="an@songhan.example.vn", consent="on"))
        before, after = Correction.objects.get().fields["contact"]
        assert before["email"] == "" and after["consent"] is True and after["email"] == "an@songhan.example.vn"

    def test_states_its_spare_capacity(self, firm, yen, client):
        row, link = firm.capabilities.get(), link_of(firm, yen)
        client.post(f"{link.path}edit/", filled(firm) | {f"spare_{row.pk}": "35", f"initial-spare_{row.pk}": ""})
        assert Correction.objects.get().fields == {f"spare:{row.pk}": ["", "35"]}

    @pytest.mark.parametrize(
        "change, words",
        [
            ({"email": "an"}, "ten@example.org"),
            ({"products": "x" * 400}, "dưới 300 ký tự"),
            ({"entry_founded_year": "99999"}, "2100"),
            ({"entry_name": "\x00"}, 'href="#id_entry_name"'),
        ],
    )
    def test_what_does_not_fit_is_told_and_kept(self, firm, yen, client, change, words):
        link = link_of(firm, yen)
        page = client.post(f"{link.path}edit/", filled(firm, message="Giữ lại", **change))
        assert page.status_code == 422 and words in page.text and "Giữ lại" in page.text
        link.refresh_from_db()
        assert link.confirmed_at is None

    def test_a_spare_capacity_beyond_all_is_told(self, firm, yen, client):
        row, link = firm.capabilities.get(), link_of(firm, yen)
        page = client.post(f"{link.path}edit/", filled(firm) | {f"spare_{row.pk}": "140"})
        assert page.status_code == 422 and "từ 0 đến 100" in page.text

    def test_a_used_link_says_when_and_what_to_do(self, firm, yen, client):
        link = link_of(firm, yen)
        client.post(link.path)
        page = client.get(link.path)
        assert "Liên kết này đã dùng" in page.text and reverse("correction_create", args=[firm.code]) in page.text
        assert "Liên kết này đã dùng" in client.get(f"{link.path}edit/").text
        before = Firm.history.count()
        again = client.post(link.path, follow=True)
        assert "không có gì thay đổi" in again.text and Firm.history.count() == before

    def test_a_link_that_ran_out_says_so(self, firm, yen, client):
        link = link_of(firm, yen, timezone.now() - timedelta(days=31))
        for path in (link.path, f"{link.path}edit/"):
            page = client.get(path)
            assert page.status_code == 410 and "không còn hiệu lực" in page.text
        client.post(link.path)
        client.post(f"{link.path}edit/", filled(firm))
        firm.refresh_from_db()
        assert firm.confirmed_on is None

    @pytest.mark.parametrize("token", ["x", "A" * 43, "%F0%9F%98%80", "a" * 3000])
    def test_an_address_that_was_cut_says_what_to_do(self, client, token):
        for path in (f"/confirm/{token}/", f"/confirm/{token}/edit/", f"/en/confirm/{token}/"):
            assert client.get(path).status_code == 404
            assert client.post(path).status_code in (302, 404)
        assert "sao chép trọn địa chỉ" in client.get(f"/confirm/{token}/").text

    def test_a_firm_that_was_merged_meanwhile_confirms_what_it_became(self, firm, yen, client):
        link, heir = link_of(firm, yen), make_firm("Tập đoàn Sông Hàn")
        firm.merged_into = heir
        firm.save()
        assert "Tập đoàn Sông Hàn" in client.get(link.path).text
        client.post(link.path)
        heir.refresh_from_db()
        assert heir.confirmed_on

    def test_two_people_with_one_link_are_not_both_heard(self, firm, yen):
        link = link_of(firm, yen)
        confirmations.confirm(link, timezone.now())
        with pytest.raises(ValidationError):
            confirmations.confirm(link, timezone.now(), {"address": "Nơi khác"})
        assert not Correction.objects.exists()


class TestWhatThePublicReads:
    def shown(self, day, today=date(2026, 11, 23)):
        return render_to_string("firms/_confirmed.html", {"firm": Firm(confirmed_on=day), "today": today})

    def test_a_confirmation_is_told_with_its_day(self):
        assert "Doanh nghiệp xác nhận ngày 20/11/2026" in self.shown(date(2026, 11, 20))
        assert "meta" not in self.shown(date(2025, 11, 23))

    def test_it_turns_grey_after_twelve_months(self):
        assert "meta" in self.shown(date(2025, 11, 22)) and "hơn một năm" in self.shown(date(2025, 11, 22))
        assert "meta" in self.shown(date(2024, 2, 29), date(2025, 3, 1))

    def test_nothing_is_said_where_nothing_was_confirmed(self):
        assert self.shown(None).strip() == ""

    def test_a_link_that_is_sent_shows_nowhere(self, firm, yen, client):
        confirmations.send(firm, ADDRESS, yen, NOW)
        assert ADDRESS not in client.get(firm.get_absolute_url()).text
