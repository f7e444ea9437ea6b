"""An investor asks a firm through the portal; the firm's address stays hidden, and no question gets lost."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from firms import enquiries, gatekeeper
from firms.models import Authority, Contact, Enquiry, ZoneAuthority
from parkportal import mail
from parkportal.models import MailSource, OutgoingMail
from tests.builders import NOW, make_consolidator, make_user
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.firms.outsiders import by_hand, link_in, mails_to
from tests.smtp import mail_server

ADDRESS = "kinhdoanh@songhan.example.vn"
OFFICE = "bql@danang.example.vn"
ASKER = "anna@investor.example"
QUESTION = "Chúng tôi tìm nơi gia công trục máy, dung sai 0,005 mm. Xin báo giá và thời gian giao hàng."


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


@pytest.fixture
def office(db):
    return Authority.objects.create(
        key="bql",
        name="Ban Quản lý Khu công nghệ cao",
        name_en="Park Authority",
        email=OFFICE,
        phone="0236 366 6117",
        is_ours=True,
    )


@pytest.fixture
def firm(office):
    firm = make_firm()
    Contact.objects.create(firm=firm, email="khong-dong-y@songhan.example.vn")
    Contact.objects.create(firm=firm, email=ADDRESS, consented_on=date(2026, 1, 5))
    return firm


@pytest.fixture
def quiet_firm(office):
    """A firm that the registry can reach and that has agreed to nothing."""
    firm = make_firm("Công ty Kín tiếng")
    Contact.objects.create(firm=firm, email="kin@example.vn")
    return firm


@pytest.fixture
def yen(db):
    return make_editor()


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def path_of(firm):
    return reverse("enquiry_create", args=[firm.code])


def form(**changes):
    return by_hand(name="Anna Berg", organisation="Nordic Tools", email=ASKER, message=QUESTION, terms="on") | changes


def ask(firm, now=None, **changes):
    values = {"name": "Anna Berg", "organisation": "", "email": ASKER, "message": QUESTION} | changes
    return enquiries.ask(firm, values, "en", now or timezone.now())


def detail(enquiry):
    return reverse("enquiry_detail", args=[enquiry.pk])


@pytest.mark.django_db
class TestTheAsker:
    def test_a_question_goes_straight_to_a_firm_that_agreed_and_its_address_is_shown_nowhere(self, firm, client):
        before = client.get(path_of(firm)).text
        sent = client.post(path_of(firm), form(), follow=True)
        assert "đang được chuyển tới doanh nghiệp" in sent.text
        assert ADDRESS not in before + sent.text + client.get(firm.get_absolute_url()).text
        one = Enquiry.objects.get()
        assert (one.state, one.firm) == ("forwarded", firm) and one.forwarded_at
        [letter] = mails_to(ADDRESS)
        assert QUESTION in letter.text and "Anna Berg" in letter.text and "The asker does not see your address" in letter.text
        assert mails_to("khong-dong-y@songhan.example.vn") == []

    def test_the_office_gets_a_copy_and_the_asker_a_receipt_without_the_firms_address(self, firm, client):
        client.post("/en" + path_of(firm), form())
        [copy] = mails_to(OFFICE)
        assert "Bản lưu" in copy.text and QUESTION in copy.text
        [receipt] = mails_to(ASKER)
        assert "has come in" in receipt.text and "Dear Sir or Madam" in receipt.text and "Park Authority" in receipt.text
        assert ADDRESS not in receipt.text + receipt.html

    def test_a_receipt_carries_no_words_that_somebody_else_could_send_with_it(self, firm, client):
        client.post(path_of(firm), form(name="Mua vàng ngay hôm nay"))
        assert "Mua vàng" not in mails_to(ASKER)[0].text + mails_to(ASKER)[0].html
        assert QUESTION not in mails_to(ASKER)[0].text

    def test_a_question_to_a_firm_that_has_not_agreed_waits_with_the_officer(self, quiet_firm, client):
        sent = client.post(path_of(quiet_firm), form(), follow=True)
        assert "cán bộ phụ trách" in sent.text
        assert Enquiry.objects.get().state == "waiting" and mails_to("kin@example.vn") == []
        assert "đang chờ xử lý" in mails_to(OFFICE)[0].text

    def test_without_an_office_address_the_editors_are_told(self, yen, client):
        client.post(path_of(make_firm()), form())
        [letter] = mails_to(yen.email)
        assert letter.person == yen and QUESTION in letter.text

    def test_a_question_about_a_zone_waits_with_the_officer(self, office, client):
        zone = make_zone()
        assert client.post(reverse("zone_enquiry", args=[zone.code]), form()).status_code == 302
        assert (Enquiry.objects.get().zone, Enquiry.objects.get().state) == (zone, "waiting")

    @pytest.mark.parametrize(
        "change, words",
        [
            ({"message": QUESTION + " Xem www.abc.example"}, "Bỏ địa chỉ trang web: “www.abc.example”"),
            ({"message": QUESTION + " hoặc bit.ly/x1"}, "Bỏ địa chỉ trang web"),
            ({"message": QUESTION + " abc[dot]com"}, "“abc.com”"),
            ({"message": QUESTION + " gửi ai@do.example.com"}, "Bỏ địa chỉ thư điện tử"),
            ({"message": QUESTION + " 0905 123 456, 0905 123 457, 0905 123 458"}, "nhiều nhất 2 số điện thoại"),
            ({"message": "Giá?"}, "là quá ngắn"),
            ({"message": ""}, "bắt buộc"),
            ({"email": "anna"}, "ten@example.org"),
            ({"email": ""}, "bắt buộc"),
            ({"name": "Casino vip.casino/x"}, "Chỉ ghi tên"),
            ({"organisation": "spam@x.com"}, "Chỉ ghi tên"),
            ({"terms": ""}, "Đọc điều khoản"),
            ({"message": "a\x00" * 30}, "Nội dung câu hỏi:"),
        ],
    )
    def test_what_is_not_passed_on_is_told_in_words_and_nothing_typed_is_lost(self, firm, client, change, words):
        page = client.post(path_of(firm), form(**change))
        assert page.status_code == 422 and words in page.text
        assert "Nordic Tools" in page.text or "organisation" in change
        assert QUESTION in page.text or "message" in change
        assert not Enquiry.objects.exists() and not OutgoingMail.objects.exists()

    def test_two_of_her_telephone_numbers_pass(self, firm, client):
        assert client.post(path_of(firm), form(message=QUESTION + " +46 70 123 45 67 hoặc 0236 3888 999")).status_code == 302

    def test_a_form_that_was_open_too_long_keeps_the_text(self, firm, client):
        old = {gatekeeper.STAMP: gatekeeper.stamp(timezone.now() - timedelta(days=3))}
        page = client.post(path_of(firm), form() | old)
        assert page.status_code == 422 and QUESTION in page.text and ASKER in page.text

    def test_two_presses_are_one_question(self, firm, client):
        twice = form()
        assert [client.post(path_of(firm), twice).status_code for _ in range(2)] == [302, 302]
        assert Enquiry.objects.count() == 1

    def test_one_connection_asks_six_times_an_hour(self, firm, client):
        answers = [client.post(path_of(firm), form(email=f"a{n}@x.example")) for n in range(7)]
        assert [one.status_code for one in answers] == [302] * 6 + [422]
        assert "từ một kết nối" in answers[-1].text and QUESTION in answers[-1].text

    def test_one_address_asks_eight_times_a_day_and_is_told_so(self, firm, client):
        for _ in range(enquiries.FROM_ONE_ADDRESS):
            ask(firm)
        page = client.post(path_of(make_firm("Công ty khác")), form(email=ASKER.upper()))
        assert page.status_code == 422 and "từ một địa chỉ thư điện tử" in page.text and QUESTION in page.text

    def test_one_firm_gets_twenty_a_day_and_tomorrow_more(self, firm, client):
        for n in range(enquiries.TO_ONE_FIRM):
            ask(firm, email=f"a{n}@x.example")
        page = client.post(path_of(firm), form())
        assert page.status_code == 422 and "tới một doanh nghiệp" in page.text
        assert enquiries.flood(firm, ASKER, timezone.now() + timedelta(days=1, minutes=1)) == ""

    def test_a_firm_that_is_not_public_cannot_be_asked(self, client, db):
        for path in (path_of(make_firm(is_public=False)), "/firms/DN9999999/contact/", "/zones/khong-co/contact/"):
            assert client.get(path).status_code == client.post(path, form()).status_code == 404


@pytest.mark.django_db
class TestTheFirm:
    def answer_path(self):
        return link_in(mails_to(ADDRESS)[-1], "/enquiries/")

    def test_answers_on_a_page_and_the_asker_gets_it_without_the_firms_address(self, firm, client):
        ask(firm)
        path = self.answer_path()
        page = client.get(path)
        assert QUESTION in page.text and page["X-Robots-Tag"] and "no-store" in page["Cache-Control"]
        client.post(path, {"what": "answer", "answer": "Giá 12 USD một chiếc."})
        one = Enquiry.objects.get()
        assert (one.state, one.answer, one.handled_by) == ("answered", "Giá 12 USD một chiếc.", None) and one.took
        letter = mails_to(ASKER)[-1]
        assert "Giá 12 USD" in letter.text and "answers your question" in letter.text and QUESTION in letter.text
        assert ADDRESS not in letter.text + letter.html + bytes(letter.source.data).decode()
        assert "đã được trả lời" in client.get(path).text and QUESTION not in client.get(path).text

    def test_says_that_it_answered_by_itself(self, firm, client):
        ask(firm)
        client.post(self.answer_path(), {"what": "done"})
        assert Enquiry.objects.get().state == "answered"
        assert len(mails_to(ASKER)) == 1  # the receipt

    def test_an_empty_answer_is_no_answer(self, firm, client):
        ask(firm)
        page = client.post(self.answer_path(), {"what": "answer", "answer": "  "})
        assert page.status_code == 422 and "Viết nội dung trả lời" in page.text
        assert Enquiry.objects.get().state == "forwarded"

    def test_two_answers_at_once_are_one(self, firm):
        one = ask(firm)
        enquiries.answer(one, "Một", timezone.now())
        with pytest.raises(ValidationError):
            enquiries.answer(one, "Hai", timezone.now())
        assert Enquiry.objects.get().answer == "Một" and len(mails_to(ASKER)) == 2

    def test_looking_changes_nothing(self, firm, client):
        ask(firm)
        before = list(Enquiry.objects.values())
        client.get(self.answer_path())
        assert list(Enquiry.objects.values()) == before

    def test_after_ninety_days_the_link_says_what_to_do(self, firm, client):
        ask(firm, timezone.now() - timedelta(days=91))
        path = self.answer_path()
        client.post(path, {"what": "answer", "answer": "Muộn"})
        page = client.get(path)
        assert "90 ngày" in page.text and OFFICE in page.text and QUESTION not in page.text
        assert Enquiry.objects.get().state == "forwarded"

    @pytest.mark.parametrize("token", ["x", "a" * 2000, "%2e%2e"])
    def test_a_wrong_link_says_what_to_do(self, client, token, office):
        page = client.get(f"/enquiries/{token}/")
        assert page.status_code == 404
        assert client.post(f"/enquiries/{token}/", {"what": "done"}).status_code == 404

    @pytest.mark.django_db(transaction=True)
    def test_a_reply_to_the_mail_reaches_the_office_over_a_real_mail_server(self, firm, settings):
        settings.DEMONSTRATION = False
        ask(firm)
        with mail_server(settings) as box:
            assert mail.deliver_due(timezone.now(), "may-1")["sent"] == 3
        [to_firm] = [message for message in box.messages if message["To"] == ADDRESS]
        assert to_firm["Reply-To"] == OFFICE
        assert QUESTION in to_firm.get_body(("plain",)).get_content().replace("\n", " ")
        assert "trả lời thư này" in to_firm.get_body(("html",)).get_content()
        others = [message for message in box.messages if message["To"] != ADDRESS]
        assert ADDRESS not in "".join(str(message) for message in others)

    @pytest.mark.django_db(transaction=True)
    def test_the_demonstration_writes_to_no_real_firm(self, firm, settings, tmp_path):
        settings.VAR_DIR, settings.DEMONSTRATION = tmp_path, True
        ask(firm)
        with mail_server(settings) as box:
            assert mail.deliver_due(timezone.now(), "may-1")["sent"] == 3
        assert box.taken == [] and len(list((tmp_path / "mails").iterdir())) == 1


@pytest.mark.django_db
class TestTheOfficer:
    def test_passes_on_what_waits_to_an_address_of_the_registry(self, quiet_firm, yen):
        one, client = ask(quiet_firm), signed_in(yen)
        page = client.get(detail(one))
        assert 'value="kin@example.vn"' in page.text
        client.post(detail(one), {"what": "forward", "email": "kin@example.vn"})
        one.refresh_from_db()
        assert (one.state, one.handled_by) == ("forwarded", yen)
        assert QUESTION in mails_to("kin@example.vn")[0].text
        assert one.history.first().history_user == yen

    def test_passes_on_once_more_and_only_the_newest_link_works(self, firm, yen, client):
        one = ask(firm)
        first = link_in(mails_to(ADDRESS)[0], "/enquiries/")
        signed_in(yen).post(detail(one), {"what": "forward", "email": "khac@songhan.example.vn"})
        second = link_in(mails_to("khac@songhan.example.vn")[0], "/enquiries/")
        assert client.get(first).status_code == 404 and client.get(second).status_code == 200

    def test_a_zones_question_is_offered_to_the_authority_that_manages_it(self, office, yen):
        zone = make_zone()
        other = Authority.objects.create(key="khac", name="Ban Quản lý khác", email="khac@bql.example.vn")
        ZoneAuthority.objects.create(zone=zone, authority=other, starts_on=date(2025, 8, 18))
        assert "khac@bql.example.vn" in signed_in(yen).get(detail(ask(zone))).text

    def test_answers_by_himself(self, quiet_firm, yen):
        one = ask(quiet_firm)
        client = signed_in(yen)
        empty = client.post(detail(one), {"what": "answer", "answer": ""})
        assert empty.status_code == 409 and "Viết nội dung trả lời" in empty.text
        client.post(detail(one), {"what": "answer", "answer": "Please call us."})
        assert "The authority answers your question" in mails_to(ASKER)[-1].text
        one.refresh_from_db()
        assert (one.state, one.handled_by) == ("answered", yen)

    def test_refuses_with_words_or_in_silence(self, quiet_firm, yen):
        polite, silent = ask(quiet_firm), ask(quiet_firm, email="bot@spam.example")
        client = signed_in(yen)
        client.post(detail(polite), {"what": "refuse", "answer": "This is advertising."})
        client.post(detail(silent), {"what": "refuse", "answer": ""})
        assert set(Enquiry.objects.values_list("state", flat=True)) == {"refused"}
        assert "This is advertising." in mails_to(ASKER)[-1].text and len(mails_to("bot@spam.example")) == 1

    def test_two_officers_at_once_the_second_is_told(self, quiet_firm, yen):
        one = ask(quiet_firm)
        signed_in(yen).post(detail(one), {"what": "refuse", "answer": ""})
        page = signed_in(make_editor("Lê Minh")).post(detail(one), {"what": "answer", "answer": "Trả lời"})
        assert page.status_code == 409 and "Bùi Hải Yến" in page.text
        assert Enquiry.objects.get().state == "refused"

    @pytest.mark.parametrize(
        "data", [{}, {"what": "khác"}, {"what": "forward", "email": "x"}, {"what": "answer", "answer": "\x00"}]
    )
    def test_what_makes_no_sense_changes_nothing(self, quiet_firm, yen, data):
        one = ask(quiet_firm)
        assert signed_in(yen).post(detail(one), data).status_code in (200, 409)
        assert Enquiry.objects.get().state == "waiting"

    def test_reads_the_log_with_states_and_the_median_time(self, firm, quiet_firm, yen):
        now = timezone.now()
        for hours in (2, 30, 4):
            one = ask(firm, now - timedelta(days=3))
            enquiries.answer(one, "Vâng", now - timedelta(days=3) + timedelta(hours=hours))
        ask(quiet_firm, now - timedelta(days=9))
        client = signed_in(yen)
        page = client.get(reverse("enquiry_list"))
        assert "trong vòng 4 giờ" in page.text and "đã chờ 9 ngày" in page.text
        answered = client.get(reverse("enquiry_list") + "?state=answered").text
        assert "2 giờ" in answered and "30 giờ" in answered
        assert "Công ty Kín tiếng" in client.get(reverse("enquiry_list") + "?state=all").text

    def test_an_empty_log_says_what_belongs_there(self, yen):
        assert "Chưa có câu hỏi nào" in signed_in(yen).get(reverse("enquiry_list")).text

    def test_the_number_of_queries_does_not_grow_with_the_log(self, quiet_firm, yen, django_assert_max_num_queries):
        for n in range(20):
            ask(quiet_firm, email=f"a{n}@x.example")
        client = signed_in(yen)
        with django_assert_max_num_queries(10):
            client.get(reverse("enquiry_list"))

    def test_nobody_else_reads_the_asker(self, quiet_firm):
        one = ask(quiet_firm)
        for path in (reverse("enquiry_list"), detail(one)):
            assert Client().get(path).status_code == 302
            assert signed_in(make_user()).get(path).status_code == 404


@pytest.mark.django_db
def test_history_holds_nothing_that_a_stranger_said(firm):
    ask(firm)
    assert "Anna" not in str(list(Enquiry.history.values())) and QUESTION not in str(list(Enquiry.history.values()))


def test_an_enquirys_time_to_answer_is_unknown_before_it():
    assert Enquiry(created_at=NOW).took is None
    assert Enquiry(created_at=NOW, answered_at=NOW + timedelta(hours=3)).took == timedelta(hours=3)


@pytest.mark.django_db
def test_the_bytes_of_every_mail_are_kept_with_it(firm):
    ask(firm)
    assert MailSource.objects.count() == OutgoingMail.objects.count() == 3


# What reads like a link ------------------------------------------------------------------------------------------------
ENGINEERS = (
    "gia công khuôn mẫu TP.HCM v.v. Co., Ltd ISO 9001:2015 ±0.005 mm 1.854,5 triệu R&D 3D Đà Nẵng Node.js ASP.NET "
    "tháng 12/2026 Hà Nội. Xin hỏi: giá? máy CNC 5-trục (SLA/SLS) 40% A4 e.g. kg/m2 12/KH-UBND TS.Nguyễn"
)
WORDS = st.lists(st.sampled_from(ENGINEERS.split()), min_size=1, max_size=30).map(" ".join)
HOSTS = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
ENDINGS = st.sampled_from(["com", "vn", "com.vn", "net", "org", "io", "ru", "xyz", "co.uk", "info", "top/x", "site/a?b=1", "COM"])


@given(WORDS)
def test_what_an_engineer_writes_holds_no_link(text):
    assert gatekeeper.links_in(text) == [] and gatekeeper.emails_in(text) == [] and gatekeeper.phones_in(text) == []


@given(WORDS, HOSTS, ENDINGS, WORDS)
def test_an_address_is_found_wherever_it_stands(before, host, ending, after):
    assert gatekeeper.links_in(f"{before} {host}s.{ending} {after}")


@given(HOSTS, ENDINGS, st.sampled_from(["[.]", "(dot)", " [dot] ", "。", "．", "\u200b.", ".\u2060", " dot "]))
def test_a_disguised_address_is_found(host, ending, dot):
    assert gatekeeper.links_in(f"xem {host}s{dot}{ending} nhé")


@given(
    st.sampled_from(["http://", "https://", "hxxp://", "HTTPS://", "www.", "ftp://"]),
    st.text(st.characters(categories=["L", "N"]), min_size=1),
)
def test_whatever_follows_a_scheme_is_a_link(scheme, rest):
    assert gatekeeper.links_in(f"xem {scheme}{rest}")


@given(st.text())
def test_no_text_breaks_the_reader(text):
    for found in (gatekeeper.links_in(text), gatekeeper.emails_in(text), gatekeeper.phones_in(text)):
        assert all(isinstance(one, str) and one for one in found)


@pytest.mark.parametrize(
    "text", ["a." * 3000, "@" * 3000, "0 " * 3000, "a-" * 3000, "[" * 3000, "(0" * 3000, "a@" * 3000, "x dot " * 600]
)
def test_a_hostile_text_is_read_quickly(text):
    gatekeeper.links_in(text), gatekeeper.emails_in(text), gatekeeper.phones_in(text)


@pytest.mark.django_db
class TestWhoReadsTheMails:
    def test_those_who_manage_the_plans_reminders_see_no_stranger_and_no_firms_link(self, firm):
        ask(firm)
        OutgoingMail.objects.update(state="failed")
        client = signed_in(make_consolidator())
        for letter in OutgoingMail.objects.all():
            assert client.get(reverse("mail_detail", args=[letter.pk])).status_code == 404
            assert client.post(reverse("mail_retry", args=[letter.pk])).status_code == 404
        page = client.get(reverse("reminder_preview"))
        assert page.status_code == 200 and ASKER not in page.text and ADDRESS not in page.text
        client.post(reverse("mails_retry"))
        assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"failed"}

    def test_the_editor_sees_what_failed_and_sends_it_again(self, firm, yen):
        one = ask(firm)
        OutgoingMail.objects.filter(to=ADDRESS).update(state="failed", trouble="refused")
        client = signed_in(yen)
        assert "Gửi lại thư bị lỗi" in client.get(detail(one)).text
        assert "gửi lại trong vòng một phút" in client.post(detail(one), {"what": "again"}, follow=True).text
        assert mails_to(ADDRESS)[0].state == "waiting"
