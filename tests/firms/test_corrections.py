"""Somebody outside says what is wrong in an entry; an editor compares, takes over or refuses, and the sender hears of it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms import corrections, gatekeeper, proposals
from firms.models import Capability, Contact, Correction, Firm
from tests.builders import NOW, make_user
from tests.builders_firms import make_capability, make_editor, make_firm, make_zone
from tests.firms.outsiders import by_hand, mails_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


@pytest.fixture
def firm():
    return make_firm(website="https://cu.example.vn/", address="Lô 5, Khu công nghệ cao Đà Nẵng")


@pytest.fixture
def yen():
    return make_editor()


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def create_path(firm):
    return reverse("correction_create", args=[firm.code])


def filled(target, message="", sender="", email="", **changes):
    """The correction form as the browser sends it: every box with what stands, apart from the changes."""
    form = by_hand(message=message, name=sender, email=email)
    for name in proposals.plain_fields(target):
        form[f"entry_{name}"] = form[f"initial-entry_{name}"] = proposals.current(target, name)
    return form | {f"entry_{name}": value for name, value in changes.items()}


def decide_path(correction):
    return reverse("correction_decide", args=[correction.pk])


def decision(correction, take=(), what="take", reply=""):
    target = corrections.target_of(correction)
    seen = {f"seen-{key}": proposals.fingerprint(proposals.current(target, key)) for key in correction.fields}
    return {"take": list(take), "what": what, "reply": reply} | seen


def report(firm, message="", now=NOW, **proposed):
    return corrections.report(firm, proposed, message, now, email="khach@example.org", language="en")


class TestTheVisitor:
    def test_reports_in_words_and_is_thanked_and_the_entry_stays(self, client, firm):
        sent = client.post(create_path(firm), filled(firm, message="Công ty đã chuyển trụ sở.", email="Khach@example.org"))
        assert sent.status_code == 302
        page = client.get(sent.url)
        assert "góp ý đã tới biên tập viên" in page.text and "<form method" not in page.text.split("<main")[1]
        found = Correction.objects.get()
        assert (found.firm, found.message, found.fields) == (firm, "Công ty đã chuyển trụ sở.", {})
        assert (found.state, found.origin, found.language) == ("waiting", "visitor", "vi")
        assert Firm.objects.get().address == firm.address

    def test_proposes_values_and_only_what_was_changed_counts(self, client, firm):
        form = filled(firm, sender="Lê An", website="https://moi.example.vn/", status="suspended")
        client.post(create_path(firm), form)
        assert Correction.objects.get().name == "Lê An"
        assert Correction.objects.get().fields == {
            "website": ["https://cu.example.vn/", "https://moi.example.vn/"],
            "status": ["operating", "suspended"],
        }

    def test_does_not_undo_what_an_editor_wrote_while_the_form_was_open(self, client, firm):
        form = filled(firm, message="Tên tiếng Anh thiếu.", name_en="Song Han Precision")
        firm.address = "Lô 7, Khu công nghệ cao Đà Nẵng"
        firm.save()
        client.post(create_path(firm), form)
        assert list(Correction.objects.get().fields) == ["name_en"]

    def test_reports_on_a_zone_in_english(self, client):
        zone = make_zone(developer="Công ty A")
        form = filled(zone, developer="Công ty B", message="New developer since 2025", email="a@example.org")
        assert client.post("/en" + reverse("zone_correct", args=[zone.code]), form).status_code == 302
        found = Correction.objects.get()
        assert (found.zone, found.fields["developer"][1], found.language) == (zone, "Công ty B", "en")

    def test_who_says_nothing_is_asked_what_is_wrong(self, client, firm):
        page = client.post(create_path(firm), filled(firm))
        assert page.status_code == 422
        assert "Cho biết điều gì chưa đúng" in page.text
        assert not Correction.objects.exists()

    @pytest.mark.parametrize(
        "change, words",
        [
            ({"email": "khach"}, "ten@example.org"),
            ({"founded_year": "20266"}, "2100"),
            ({"website": "không có"}, "URL"),
            ({"name": ""}, "bắt buộc"),
            ({"message": "a.vn b.vn c.vn d.vn"}, "nhiều nhất 3 địa chỉ trang web"),
            ({"sender": "www.spam.com"}, "Chỉ ghi tên"),
        ],
    )
    def test_what_does_not_fit_is_told_and_nothing_typed_is_lost(self, client, firm, change, words):
        page = client.post(create_path(firm), filled(firm, **{"message": "Giữ lại câu này."} | change))
        assert page.status_code == 422
        assert words in page.text
        assert "Giữ lại câu này." in page.text or "message" in change
        assert not Correction.objects.exists()

    def test_a_merged_firms_number_leads_to_the_one_it_became(self, client, firm):
        old = make_firm("Công ty cũ", merged_into=firm)
        assert firm.name in client.get(create_path(old)).text

    def test_a_firm_that_is_not_public_is_not_there(self, client):
        assert client.get(create_path(make_firm(is_public=False))).status_code == 404
        assert client.get(reverse("correction_create", args=["DN9999999"])).status_code == 404

    def test_nothing_of_a_visitor_is_shown_to_another(self, client, firm):
        report(firm, "Bí mật của khách")
        for path in (create_path(firm), create_path(firm) + "?sent=1"):
            assert "Bí mật" not in client.get(path).text and "khach@example.org" not in client.get(path).text


class TestTheGate:
    def test_a_machine_that_fills_every_field_is_stopped_in_words(self, client, firm):
        page = client.post(create_path(firm), filled(firm, message="Mua ngay") | {gatekeeper.BAIT: "x"})
        assert page.status_code == 422 and "không nhìn thấy" in page.text
        assert "Mua ngay" in page.text

    def test_a_machine_that_answers_at_once_is_stopped_and_may_send_again(self, client, firm):
        quick = filled(firm, message="Sai địa chỉ") | {gatekeeper.STAMP: gatekeeper.stamp(timezone.now())}
        page = client.post(create_path(firm), quick)
        assert page.status_code == 422 and "nhanh hơn người gõ" in page.text and "Sai địa chỉ" in page.text

    @pytest.mark.parametrize("stamp", ["", "giả", "1:2:3", "x" * 5000])
    def test_a_form_without_its_stamp_is_shown_again_with_all_that_was_typed(self, client, firm, stamp):
        page = client.post(create_path(firm), filled(firm, message="Sai địa chỉ") | {gatekeeper.STAMP: stamp})
        assert page.status_code == 422 and "Sai địa chỉ" in page.text
        assert not Correction.objects.exists()

    def test_a_form_of_yesterday_keeps_its_text(self, client, firm):
        old = gatekeeper.stamp(timezone.now() - timedelta(days=2))
        page = client.post(create_path(firm), filled(firm, message="Sai địa chỉ") | {gatekeeper.STAMP: old})
        assert page.status_code == 422 and "hơn một ngày" in page.text and "Sai địa chỉ" in page.text

    def test_two_presses_of_the_button_are_one_correction(self, client, firm):
        form = filled(firm, message="Sai địa chỉ")
        assert [client.post(create_path(firm), form).status_code for _ in range(2)] == [302, 302]
        assert Correction.objects.count() == 1

    def test_a_flood_from_one_connection_stops_in_words_and_another_connection_goes_on(self, client, firm):
        answers = [client.post(create_path(firm), filled(firm, message=f"Thư {n}")) for n in range(14)]
        assert [one.status_code for one in answers[:12]] == [302] * 12
        assert answers[12].status_code == 422 and "từ một kết nối" in answers[12].text and "Thư 12" in answers[12].text
        other = client.post(create_path(firm), filled(firm, message="Khác"), REMOTE_ADDR="203.0.113.9")
        assert other.status_code == 302

    def test_one_household_has_one_share_whatever_its_machines_are_called(self, rf):
        hers = {gatekeeper.connection_of(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}")) for n in range(1, 5)}
        other = gatekeeper.connection_of(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"))
        assert len(hers) == 1 and other not in hers

    def test_a_share_is_counted_by_the_hour(self):
        now = timezone.now().replace(minute=59)
        waits = [gatekeeper.wait_of("enquiry", "ai", now) for _ in range(7)]
        assert waits[:6] == [None] * 6 and timedelta(0) < waits[6] - now <= timedelta(minutes=1)
        assert gatekeeper.wait_of("enquiry", "ai", now + timedelta(minutes=2)) is None


class TestTheEditor:
    def test_sees_what_waits_the_oldest_first(self, firm, yen):
        report(firm, "Thứ hai", NOW)
        report(firm, "Thứ nhất", NOW - timedelta(days=1))
        page = signed_in(yen).get(reverse("correction_list"))
        assert page.text.index("Thứ nhất") < page.text.index("Thứ hai")

    def test_sees_the_decided_ones_apart(self, firm, yen):
        report(firm, "Còn chờ")
        done = report(firm, "Xong rồi")
        corrections.decide(done.pk, None, {}, "", yen, NOW)
        client = signed_in(yen)
        assert "Xong rồi" not in client.get(reverse("correction_list")).text
        decided = client.get(reverse("correction_list") + "?state=decided").text
        assert "Xong rồi" in decided and "Còn chờ" not in decided

    def test_an_empty_list_says_what_belongs_there(self, yen):
        assert "Không có góp ý nào đang chờ" in signed_in(yen).get(reverse("correction_list")).text

    def test_compares_field_by_field(self, firm, yen):
        page = signed_in(yen).get(decide_path(report(firm, status="suspended")))
        row = page.text.split("<tbody>")[1]
        assert str(Firm.Status.OPERATING.label) in row and str(Firm.Status.SUSPENDED.label) in row

    def test_takes_all_over_with_history_and_reason_and_the_sender_is_told_in_his_language(self, firm, yen):
        one = report(firm, "Xem website", website="https://moi.example.vn/", founded_year="2019")
        done = signed_in(yen).post(decide_path(one), decision(one, ["website", "founded_year"], reply="Thank you."))
        assert done.status_code == 302
        now_stands, one = Firm.objects.get(), Correction.objects.get()
        assert (now_stands.website, now_stands.founded_year) == ("https://moi.example.vn/", 2019)
        assert (one.state, one.decided_by, one.reply) == ("accepted", yen, "Thank you.")
        record = now_stands.history.first()
        assert record.history_user == yen and f"góp ý số {one.pk}" in record.history_change_reason
        assert one.history.first().state == "accepted"
        [letter] = mails_to("khach@example.org")
        assert "Your correction was taken over" in letter.text and "Thank you." in letter.text
        assert "/en/firms/" in letter.text and 'lang="en"' in letter.html

    def test_takes_over_some(self, firm, yen):
        one = report(firm, website="https://moi.example.vn/", founded_year="2019")
        signed_in(yen).post(decide_path(one), decision(one, ["founded_year"]))
        now_stands = Firm.objects.get()
        assert (now_stands.website, now_stands.founded_year) == (firm.website, 2019)
        assert Correction.objects.get().state == "partly"

    def test_refuses_with_a_reason_that_the_sender_reads(self, firm, yen):
        one = report(firm, website="https://lua-dao.example/")
        client = signed_in(yen)
        silent = client.post(decide_path(one), decision(one, what="refuse"))
        assert silent.status_code == 409 and "vì sao không tiếp thu" in silent.text
        client.post(decide_path(one), decision(one, what="refuse", reply="The site is not theirs."))
        assert Correction.objects.get().state == "refused" and Firm.objects.get().website == firm.website
        assert "The site is not theirs." in mails_to("khach@example.org")[0].text

    def test_settles_a_message_that_names_no_field(self, firm, yen):
        one = corrections.report(firm, {}, "Sai số điện thoại", NOW)
        assert signed_in(yen).post(decide_path(one), decision(one)).status_code == 302
        assert Correction.objects.get().state == "accepted"
        assert not mails_to("")

    def test_who_ticks_nothing_is_asked_to(self, firm, yen):
        one = report(firm, website="https://moi.example.vn/")
        page = signed_in(yen).post(decide_path(one), decision(one, reply="Giữ câu này"))
        assert page.status_code == 409 and "Đánh dấu mục" in page.text and "Giữ câu này" in page.text
        assert Correction.objects.get().state == "waiting"

    def test_two_editors_at_once_the_second_is_told_who_was_quicker(self, firm, yen):
        one = report(firm, website="https://moi.example.vn/")
        form = decision(one, ["website"])
        signed_in(yen).post(decide_path(one), form)
        page = signed_in(make_editor("Lê Minh")).post(decide_path(one), form | {"what": "refuse", "reply": "Không"})
        assert page.status_code == 409 and "Bùi Hải Yến đã xử lý" in page.text
        assert Correction.objects.get().state == "accepted" and len(mails_to("khach@example.org")) == 1

    def test_a_change_since_the_page_was_opened_is_not_overwritten(self, firm, yen):
        one = report(firm, website="https://moi.example.vn/")
        form = decision(one, ["website"])
        firm.website = "https://khac.example.vn/"
        firm.save()
        page = signed_in(yen).post(decide_path(one), form)
        assert page.status_code == 409 and "Đối chiếu lại" in page.text and "khac.example.vn" in page.text
        assert Firm.objects.get().website == "https://khac.example.vn/"
        again = signed_in(yen).post(decide_path(one), decision(Correction.objects.get(), ["website"]))
        assert again.status_code == 302 and Firm.objects.get().website == "https://moi.example.vn/"

    @pytest.mark.parametrize("key, value", [("tax_code", "0400123456"), ("status", "tuyệt vời"), ("founded_year", "9" * 30)])
    def test_a_value_that_the_registry_cannot_hold_is_told_with_its_field(self, firm, yen, key, value):
        one = report(firm, **{key: value})
        page = signed_in(yen).post(decide_path(one), decision(one, [key]))
        assert page.status_code == 409
        assert str(Firm._meta.get_field(key).verbose_name) in page.text.split("error-summary")[1]
        assert Correction.objects.get().state == "waiting"

    def test_another_firms_tax_code_is_not_taken_over(self, firm, yen):
        make_firm("Công ty khác", tax_code="0101245486")
        one = report(firm, tax_code="0101245486")
        assert signed_in(yen).post(decide_path(one), decision(one, ["tax_code"])).status_code == 409

    def test_goes_on_to_the_next_one_that_waits(self, firm, yen):
        first, second = report(firm, "Một", NOW), report(firm, "Hai", NOW + timedelta(hours=1))
        done = signed_in(yen).post(decide_path(first), decision(first))
        assert done.url == decide_path(second)

    def test_the_number_of_queries_does_not_grow_with_the_list(self, firm, yen, django_assert_max_num_queries):
        client = signed_in(yen)
        for n in range(20):
            report(firm, f"Thư {n}")
        with django_assert_max_num_queries(10):
            client.get(reverse("correction_list"))

    @pytest.mark.parametrize("path", [lambda one: reverse("correction_list"), decide_path])
    def test_nobody_else_sees_any_of_it(self, firm, path):
        one = report(firm, "Bí mật")
        assert Client().get(path(one)).status_code == 302
        assert signed_in(make_user()).get(path(one)).status_code == 404
        assert signed_in(make_user()).post(path(one), decision(one)).status_code in (404, 405)


class TestTakingOver:
    """What a firm says of itself beyond the plain fields."""

    def own(self, firm, **proposed):
        return corrections.report(firm, proposed, "", NOW, Correction.Origin.FIRM)

    def take(self, one, yen):
        target = corrections.target_of(one)
        seen = {key: proposals.fingerprint(proposals.current(target, key)) for key in one.fields}
        return corrections.decide(one.pk, list(one.fields), seen, "", yen, NOW)

    def test_a_list_gains_new_lines_and_loses_none_that_came_meanwhile(self, firm, yen):
        for name in ("Trục máy", "Bánh răng"):
            make_capability(firm, name, Capability.Kind.PRODUCT)
        one = self.own(firm, products="Trục máy\nKhuôn ép")
        make_capability(firm, "Vỏ hộp số", Capability.Kind.PRODUCT)
        self.take(one, yen)
        rows = {row.name: row.is_public for row in firm.capabilities.all()}
        assert rows == {"Trục máy": True, "Bánh răng": False, "Khuôn ép": True, "Vỏ hộp số": True}

    def test_a_line_that_comes_back_is_shown_again(self, firm, yen):
        make_capability(firm, "Trục máy", Capability.Kind.PRODUCT, is_public=False)
        self.take(self.own(firm, products="Trục máy"), yen)
        assert [(row.name, row.is_public) for row in firm.capabilities.all()] == [("Trục máy", True)]

    def test_spare_capacity_goes_to_its_row(self, firm, yen):
        row = make_capability(firm)
        self.take(self.own(firm, **{f"spare:{row.pk}": "40"}), yen)
        row.refresh_from_db()
        assert row.spare_percent == 40

    def test_spare_capacity_of_a_row_that_is_gone_is_told(self, firm, yen):
        row = make_capability(firm)
        one = self.own(firm, **{f"spare:{row.pk}": "40"})
        row.delete()
        with pytest.raises(ValidationError):
            self.take(one, yen)

    def test_a_contact_without_consent_stays_unpublished_and_with_it_gets_a_day(self, firm, yen):
        values = {"person": "Lê An", "position": "", "email": "an@example.org", "phone": "", "consent": False}
        self.take(self.own(firm, contact=values), yen)
        assert Contact.objects.get().consented_on is None
        self.take(self.own(firm, contact=values | {"consent": True}), yen)
        assert Contact.objects.get().consented_on == timezone.localdate(NOW)

    def test_a_doubt_about_a_field_ends_when_the_field_is_put_right(self, yen):
        firm = make_firm(unsure={"address": "đoán từ tên", "country": "đoán"})
        self.take(self.own(firm, address="Lô 9"), yen)
        assert Firm.objects.get().unsure == {"country": "đoán"}
