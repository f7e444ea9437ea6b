"""A firm, an institute or a school enters a need or an offer; the officer looks it over; nothing shows that should not."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firms.models import Authority, Sector
from linkages import anonymity, demonstration, market, renewals
from linkages.models import Interest, Posting
from parkportal.models import OutgoingMail
from tests.builders import NOW, make_consolidator
from tests.builders_firms import make_editor, make_firm
from tests.builders_linkages import make_party, make_posting
from tests.firms.outsiders import by_hand, link_in, mails_to

pytestmark = pytest.mark.django_db
ADDRESS = "ky-thuat@tram-do.example.vn"
OFFICE = "bql@danang.example.vn"
SUMMARY = "Chúng tôi cần nơi dán linh kiện và kiểm tra chức năng bo mạch hai lớp, 5.000 bộ mỗi tháng."
State = Posting.State


@pytest.fixture(autouse=True)
def office(db):
    cache.clear()
    return Authority.objects.create(key="bql", name="Ban Quản lý", email=OFFICE, phone="0236 366 6117", is_ours=True)


@pytest.fixture
def yen(db):
    return make_editor()


@pytest.fixture
def desk(yen):
    client = Client()
    client.force_login(yen)
    return client


def form(**changes):
    values = {
        "direction": "need", "kind": "production", "title": "Lắp ráp bo mạch cảm biến", "summary": SUMMARY,
        "owner_words": "Công ty Trạm đo Sông Thu", "contact_name": "Lê Văn Tám", "contact_email": ADDRESS, "is_anonymous": "on",
        "confidential": "Ngân sách 2 tỷ đồng một năm.", "terms": "on",
    }  # fmt: skip
    return by_hand(**(values | changes))


def send(client, **changes):
    return client.post(reverse("posting_create"), form(**changes), follow=True)


def entered(**changes):
    """One that a stranger has handed in."""
    values = {
        "direction": "need", "kind": "production", "title": "Lắp ráp bo mạch", "summary": SUMMARY, "contact_email": ADDRESS,
        "owner_words": "Công ty Trạm đo Sông Thu", "confidential": "Ngân sách 2 tỷ đồng.",
    } | changes  # fmt: skip
    return market.hand_in(Posting(**values), "vi", timezone.now())


class TestEntering:
    def test_a_firm_without_an_account_enters_a_need_and_gets_her_own_link(self, client):
        sent = send(client)
        assert "Đã nhận tin" in sent.text and sent.status_code == 200
        posting = Posting.objects.get()
        assert (posting.state, posting.code, posting.is_anonymous, posting.language) == ("review", "NC00001", True, "vi")
        [mail] = mails_to(ADDRESS)
        own = client.get(link_in(mail, "/technology/mine/"))
        assert "Lắp ráp bo mạch cảm biến" in own.text and own["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in own["Cache-Control"]
        [copy] = mails_to(OFFICE)
        assert "/registry/postings/NC00001/" in copy.text and "Ngân sách" not in copy.text

    def test_nobody_sees_it_before_the_officer_has_read_it(self, client):
        posting = entered()
        assert client.get(posting.get_absolute_url()).status_code == 404
        assert posting.title not in client.get(reverse("posting_list")).text

    def test_pressed_twice_it_is_entered_once(self, client):
        data = form()
        for _press in range(2):
            assert client.post(reverse("posting_create"), data).status_code == 302
        assert Posting.objects.count() == 1

    def test_one_language_is_enough(self, client):
        client.get("/en/technology/new/")
        data = form(
            title="", summary="", title_en="Assembly of sensor boards", summary_en="We look for SMT assembly, 5,000 a month."
        )
        client.post("/en/technology/new/", data)
        posting = Posting.objects.get()
        assert posting.title == posting.title_en == "Assembly of sensor boards" and posting.language == "en"
        assert "Your need has come in" in mails_to(ADDRESS)[0].text

    @pytest.mark.parametrize(
        ("field", "text", "told"),
        [
            ("summary", SUMMARY + " Gọi 0905 123 456 nhé.", "0905 123 456"),
            ("summary", SUMMARY + " Xem www.tramdo.vn", "www.tramdo.vn"),
            ("requirements", "Viết cho lan@tramdo.vn", "lan@tramdo.vn"),
            ("title", "Công ty TNHH Trạm Đo cần lắp ráp bo mạch", "Công ty TNHH Trạm"),
            ("summary", SUMMARY + " Trạm đo Sông Thu giao hàng tận nơi.", "Trạm đo Sông Thu"),
            ("summary", SUMMARY + " Liên hệ anh Lê Văn Tám.", "Lê Văn Tám"),
            ("summary", SUMMARY + " Nhà máy ở lô B12 khu công nghiệp Hòa Khánh.", "lô B12"),
        ],
    )
    def test_what_tells_whose_it_is_has_to_come_out_and_nothing_typed_is_lost(self, client, field, text, told):
        answer = send(client, **{field: text})
        assert answer.status_code == 422 and not Posting.objects.exists()
        assert f"“{told}”" in answer.text and "Bỏ" in answer.text
        assert "Ngân sách 2 tỷ đồng một năm." in answer.text and "Lê Văn Tám" in answer.text

    def test_with_the_name_it_may_say_the_name_but_no_number_to_call(self, client):
        named = SUMMARY + " Trạm đo Sông Thu giao hàng tận nơi."
        assert send(client, is_anonymous="", summary=f"{named} 0905 123 456").status_code == 422
        send(client, is_anonymous="", summary=named)
        assert Posting.objects.get().is_anonymous is False

    @pytest.mark.parametrize(
        "text",
        [
            "Máy CNC 5 trục, dung sai 0,005 mm, lô 500 chiếc",
            "Công ty cần nơi gia công, công suất 20.000 bộ/tháng",
            "ISO 9001, AS9100, node.js",
        ],
    )
    def test_plain_words_of_the_trade_tell_nothing(self, text):
        assert anonymity.objection(text, True, ["Công ty Trạm đo Sông Thu"]) == ""

    def test_mistakes_are_told_at_their_fields(self, client):
        answer = client.post(reverse("posting_create"), by_hand(contact_email="khong-phai-thu"))
        assert answer.status_code == 422
        for words in ("Nhập tiêu đề", "Nhập tóm tắt", "Chọn một mục", "ten@example.org"):
            assert words in answer.text or words == "ten@example.org"
        assert send(client, summary="Ngắn quá.").status_code == 422

    def test_a_machine_is_kept_out(self, client):
        assert client.post(reverse("posting_create"), form(nickname="bot")).status_code == 422
        assert client.post(reverse("posting_create"), form(opened="giả")).status_code == 422
        assert not Posting.objects.exists()

    def test_a_flood_is_stopped_in_words(self, client):
        for number in range(market.FROM_ONE_ADDRESS):
            entered(title=f"Cần số {number}")
        answer = send(client)
        assert answer.status_code == 422 and "Mỗi ngày nhận 5" in answer.text
        cache.clear()
        for _form in range(6):
            send(client, contact_email="khac@example.vn", summary="ngắn")  # wrong ones are not counted
        many = [send(client, contact_email=f"a{number}@example.vn").status_code for number in range(7)]
        assert many[:6] == [200] * 6 and many[6] == 422

    def test_numbers_run_on_for_each_direction(self):
        codes = [entered(direction=direction, contact_email="").code for direction in ("need", "offer", "need", "offer", "need")]
        assert codes == ["NC00001", "CB00001", "NC00002", "CB00002", "NC00003"]


class TestOwner:
    def test_she_renews_with_one_press(self, client, yen):
        posting = entered()
        market.publish(posting, yen, timezone.now())
        soon = timezone.localdate() + timedelta(days=5)
        Posting.objects.update(expires_on=soon)
        path = reverse("posting_own", args=[market.token_of(posting)])
        assert client.get(path).status_code == 200 and Posting.objects.get().expires_on == soon  # looking changes nothing
        client.post(path, {"what": "renew"})
        posting.refresh_from_db()
        assert posting.expires_on == timezone.localdate() + market.PUBLISHED_FOR
        assert posting.history.first().history_user is None
        assert "còn hạn một năm rồi" in client.post(path, {"what": "renew"}, follow=True).text

    def test_she_withdraws_it_and_takes_that_back(self, client):
        posting = entered()
        path = reverse("posting_own", args=[market.token_of(posting)])
        client.post(path, {"what": "withdraw"})
        assert Posting.objects.get().state == "withdrawn"
        client.post(path, {"what": "submit"})
        assert Posting.objects.get().state == "review"

    def test_what_everybody_reads_goes_to_the_officer_again_and_what_only_he_reads_does_not(self, client, yen):
        posting = entered()
        market.publish(posting, yen, timezone.now())
        path = reverse("posting_own_edit", args=[market.token_of(posting)])
        seen = client.get(path).context["seen"]
        data = {name: value for name, value in form().items() if name not in ("direction", "terms")} | {"seen": seen}
        data |= {"title": posting.title, "summary": posting.summary, "owner_words": posting.owner_words, "contact_name": ""}
        data["contact_name"] = "Lê Văn Tám"
        client.post(path, data | {"confidential": "Ngân sách 3 tỷ đồng."})
        posting.refresh_from_db()
        assert (posting.state, posting.confidential) == ("published", "Ngân sách 3 tỷ đồng.")
        seen = client.get(path).context["seen"]
        answer = client.post(path, data | {"seen": seen, "title": "Lắp ráp bo mạch đo gió"}, follow=True)
        posting.refresh_from_db()
        assert posting.state == "review" and "chưa hiển thị" in answer.text
        assert client.get(posting.get_absolute_url()).status_code == 404

    def test_another_address_gets_another_link_and_the_old_one_ends(self, client):
        posting = entered()
        old = reverse("posting_own_edit", args=[market.token_of(posting)])
        data = {name: value for name, value in form().items() if name not in ("direction", "terms")}
        answer = client.post(old, data | {"seen": client.get(old).context["seen"], "contact_email": "moi@tram-do.example.vn"})
        assert client.get(old, follow=True).status_code == 404
        assert client.get(answer.url).status_code == 200

    def test_an_old_page_changes_nothing_after_the_officer_was_quicker(self, client, yen):
        posting = entered()
        path = reverse("posting_own_edit", args=[market.token_of(posting)])
        seen = client.get(path).context["seen"]
        market.send_back(posting, "Nêu rõ số lượng.", yen, timezone.now())
        data = {name: value for name, value in form().items() if name not in ("direction", "terms")}
        answer = client.post(path, data | {"seen": seen, "title": "Tên khác"})
        assert answer.status_code == 422 and "đã được sửa trong lúc" in answer.text and "Tên khác" in answer.text
        posting.refresh_from_db()
        assert (posting.state, posting.title) == ("returned", "Lắp ráp bo mạch")

    def test_a_link_that_is_none_says_so(self, client):
        for token in ("khong-co", "x" * 300):
            assert client.get(reverse("posting_own", args=[token])).status_code == 404
            assert client.get(reverse("posting_own_edit", args=[token])).status_code == 404


class TestReview:
    def test_the_officer_reads_everything_and_publishes(self, desk, client, yen):
        posting = entered()
        page = desk.get(reverse("posting_decide", args=[posting.code]))
        assert "Ngân sách 2 tỷ đồng." in page.text and "Công ty Trạm đo Sông Thu" in page.text and ADDRESS in page.text
        desk.post(reverse("posting_decide", args=[posting.code]), {"what": "publish", "seen": page.context["seen"]})
        posting.refresh_from_db()
        assert (posting.state, posting.officer) == ("published", yen)
        assert posting.expires_on == timezone.localdate() + timedelta(days=365)
        shown = client.get(posting.get_absolute_url())
        assert shown.status_code == 200
        for secret in ("Ngân sách", "Trạm đo Sông Thu", ADDRESS):
            assert secret not in shown.text + client.get(reverse("posting_list")).text
        assert "Đã công bố" in mails_to(ADDRESS)[-1].subject

    def test_what_was_changed_meanwhile_is_not_published_unread(self, desk):
        posting = entered()
        seen = desk.get(reverse("posting_decide", args=[posting.code])).context["seen"]
        posting.summary = "Nội dung mới mà cán bộ chưa đọc, dài hơn ba mươi chữ."
        market.written(posting, None)
        answer = desk.post(reverse("posting_decide", args=[posting.code]), {"what": "publish", "seen": seen})
        assert answer.status_code == 409 and "đã được sửa trong lúc" in answer.text
        assert Posting.objects.get().state == "review"

    def test_sending_back_needs_words_and_the_owner_gets_them(self, desk, client):
        posting = entered()
        path = reverse("posting_decide", args=[posting.code])
        assert desk.post(path, {"what": "send_back"}).status_code == 409
        desk.post(path, {"what": "send_back", "note": "Nêu rõ số lượng mỗi tháng."})
        mail = mails_to(ADDRESS)[-1]
        assert "Nêu rõ số lượng mỗi tháng." in mail.text
        assert "Nêu rõ số lượng mỗi tháng." in client.get(link_in(mail, "/technology/mine/")).text

    def test_the_queue_begins_with_what_waits(self, desk):
        entered(title="Đang chờ duyệt")
        make_posting("Đã đăng rồi")
        waiting = desk.get(reverse("posting_review"))
        assert "Đang chờ duyệt" in waiting.text and "Đã đăng rồi" not in waiting.text
        assert "Đã đăng rồi" in desk.get(reverse("posting_review") + "?state=all&q=da dang").text
        assert "Ở đây chưa có gì" in desk.get(reverse("posting_review") + "?state=expired").text

    def test_an_officer_enters_one_for_a_partner(self, desk, yen):
        firm = make_firm("Công ty Cơ khí Hải Vân")
        data = {
            "direction": "offer", "kind": "production", "title": "Nhận gia công CNC", "summary": SUMMARY, "owner": firm.code,
            "language": "vi", "is_anonymous": "on", "transfers": ["order", "support"], "countries": "Nhật Bản, KR",
        }  # fmt: skip
        answer = desk.post(reverse("posting_enter"), data)
        posting = Posting.objects.get()
        assert answer.status_code == 302 and posting.owner.firm == firm
        assert (posting.state, posting.code, posting.countries) == ("draft", "CB00001", ["JP", "KR"])
        assert posting.history.first().history_user == yen
        assert desk.post(reverse("posting_enter"), data | {"summary": SUMMARY + " Hải Vân giao hàng."}).status_code == 422
        desk.post(reverse("posting_decide", args=["CB00001"]), {"what": "submit"})
        assert Posting.objects.get().state == "review"

    def test_two_officers_edit_and_both_changes_stand(self, desk):
        posting = make_posting(owner_words="Công ty Một", contact_email=ADDRESS)
        path = reverse("posting_edit", args=[posting.code])
        page = desk.get(path)
        data = {"kind": "production", "title": posting.title, "summary": posting.summary, "language": "vi", "is_anonymous": "on"}
        data |= {"owner_words": "Công ty Một", "contact_email": ADDRESS, "seen": page.context["seen"]}
        posting.materials = "nhôm"
        posting.save()
        assert desk.post(path, data | {"process": "phay"}).status_code == 302
        posting.refresh_from_db()
        assert (posting.process, posting.materials) == ("phay", "nhôm")
        posting.title = "Tên của người kia"
        posting.save()
        clash = desk.post(path, data | {"title": "Tên của tôi"})
        assert clash.status_code == 200 and "Tên của người kia" in clash.text

    def test_of_two_presses_one_counts(self, yen):
        posting = entered()
        stale = Posting.objects.get()
        market.publish(posting, yen, timezone.now())
        with pytest.raises(ValidationError):
            market.send_back(stale, "Không.", yen, timezone.now())
        assert Posting.objects.get().state == "published"


class TestList:
    def test_words_without_diacritics_and_groups_with_counts(self, client):
        mechanical = Sector.objects.create(key="mech", name="Cơ khí", name_en="Mechanics")
        precise = Sector.objects.create(key="prec", name="Chính xác", name_en="Precision", parent=mechanical)
        make_posting("Gia công trục máy", sector=precise, transfers=["order"], readiness="proven")
        make_posting("Chào bán dây chuyền sấy", direction="offer", kind="equipment", countries=["JP"])
        assert [it.title for it in client.get(reverse("posting_list") + "?q=truc may").context["found"].rows] == [
            "Gia công trục máy"
        ]
        found = client.get(reverse("posting_list") + "?sector=mech").context["found"]  # a sector stands for its children
        assert found.count == 1 and found.chips[0].words == "Cơ khí"
        facets = {
            facet.name: {it.value: it.count for it in facet.options}
            for facet in client.get(reverse("posting_list")).context["found"].facets
        }
        assert facets["direction"] == {"need": 1, "offer": 1} and facets["country"] == {"JP": 1, "none": 1}
        both = client.get(reverse("posting_list") + "?direction=need&country=JP")
        assert both.context["found"].count == 0 and "Không có tin nào phù hợp" in both.text

    def test_sorting_is_told_in_words(self, client):
        make_posting("Ăng ten", deadline=timezone.localdate() + timedelta(days=90))
        make_posting("Bàn gá", deadline=timezone.localdate() + timedelta(days=9))
        titles = lambda sort: [it.title for it in client.get(reverse("posting_list") + f"?sort={sort}").context["found"].rows]  # noqa: E731
        assert (
            titles("needed") == ["Bàn gá", "Ăng ten"]
            and titles("title") == ["Ăng ten", "Bàn gá"]
            and titles("new") == ["Bàn gá", "Ăng ten"]
        )

    def test_what_has_run_out_says_so_and_what_was_taken_back_is_not_there(self, client):
        over = make_posting(expires_on=timezone.localdate() - timedelta(days=1))
        taken = make_posting("Đã rút", state=State.WITHDRAWN)
        assert client.get(reverse("posting_list")).context["found"].count == 0
        answer = client.get(over.get_absolute_url())
        assert answer.status_code == 410 and over.title not in answer.text
        assert client.get(taken.get_absolute_url()).status_code == 404

    def test_an_owner_whose_entry_is_hidden_is_not_named(self, client):
        party = make_party("Công ty Ẩn Mình")
        posting = make_posting(owner=party, is_anonymous=False)
        assert "Công ty Ẩn Mình" in client.get(posting.get_absolute_url()).text
        party.firm.is_public = False
        party.firm.save()
        assert "Công ty Ẩn Mình" not in client.get(posting.get_absolute_url()).text + client.get(reverse("posting_list")).text

    def test_the_number_of_queries_does_not_grow(self, client, django_assert_max_num_queries):
        for number in range(3):
            make_posting(f"Nhu cầu {number}", owner=make_party(), is_anonymous=False)
        with django_assert_max_num_queries(10):
            client.get(reverse("posting_list"))
        for number in range(20):
            make_posting(f"Chào bán {number}", direction="offer", owner=make_party(), is_anonymous=False)
        with django_assert_max_num_queries(10):
            client.get(reverse("posting_list"))

    def test_a_colleague_of_another_agency_has_no_desk(self):
        client = Client()
        client.force_login(make_consolidator())
        for path in (reverse("posting_review"), reverse("posting_enter"), reverse("interest_list"), reverse("match_list")):
            assert client.get(path).status_code == 404
        assert Client().get(reverse("posting_review")).status_code == 302


class TestTime:
    def published(self, days, **fields):
        today = timezone.localdate(NOW)
        values = {
            "expires_on": today + timedelta(days=days),
            "published_on": today - timedelta(days=300),
            "contact_email": ADDRESS,
        }
        posting = make_posting(**(values | fields))
        market.keep_link(posting)
        return posting

    def test_a_reminder_goes_out_thirty_and_seven_days_before_and_never_twice(self):
        posting = self.published(31)
        sent = []
        for day in range(33):
            sent.append(renewals.look(NOW + timedelta(days=day))["reminded"])
            renewals.look(NOW + timedelta(days=day, hours=4))
        assert [day for day, number in enumerate(sent) if number] == [1, 24] and len(mails_to(ADDRESS)) == 2
        assert market.token_of(posting) in mails_to(ADDRESS)[0].text
        posting.refresh_from_db()
        assert posting.state == "expired"

    def test_a_missed_fortnight_is_caught_up_with_one_mail(self):
        self.published(31)
        renewals.look(NOW + timedelta(days=26))
        renewals.look(NOW + timedelta(days=27))
        assert len(mails_to(ADDRESS)) == 1

    def test_renewed_it_is_reminded_of_its_new_end(self):
        posting = self.published(5)
        renewals.look(NOW)
        market.renew(posting, None, timezone.localdate(NOW))
        renewals.look(NOW + timedelta(days=1))
        assert len(mails_to(ADDRESS)) == 1
        renewals.look(NOW + timedelta(days=340))
        assert len(mails_to(ADDRESS)) == 2

    def test_one_that_is_shown_for_a_few_days_only_is_not_reminded_of_at_once(self):
        self.published(5, published_on=timezone.localdate(NOW))
        assert renewals.look(NOW)["reminded"] == 0

    def test_one_that_is_being_connected_stays_with_those_who_are_at_it(self):
        posting = self.published(-3, state=State.CONNECTING)
        renewals.look(NOW)
        posting.refresh_from_db()
        assert posting.state == "connecting" and not Posting.objects.published(timezone.localdate(NOW)).exists()

    def test_names_are_forgotten_a_year_after_the_end(self):
        posting = self.published(-3)
        interest = Interest.objects.create(
            posting=posting, organisation="A", name="B", email="b@example.vn", message="x", created_at=NOW
        )
        renewals.look(NOW)
        later = timezone.now() + timedelta(days=800)
        renewals.look(later)
        posting.refresh_from_db()
        interest.refresh_from_db()
        assert (posting.contact_email, posting.token_hash, interest.email, interest.message) == ("", None, "", "")

    def test_demonstration_postings_are_loaded_once_and_marked(self, client):
        assert demonstration.load_postings(timezone.now()) == 12
        assert demonstration.load_postings(timezone.now()) == 0
        assert Posting.objects.filter(is_demonstration=True).count() == 12
        assert client.get(reverse("posting_list")).text.count("Minh họa") >= 12
        assert "dựng lên để dùng thử" in client.get(Posting.objects.first().get_absolute_url()).text
        assert not OutgoingMail.objects.exists()


STEPS = ["submit", "publish", "send_back", "withdraw", "renew", "connect", "finish", "reopen", "expire"]


def press(step, posting, by, now):
    today = timezone.localdate(now)
    return {
        "submit": lambda: market.submit(posting, by, now),
        "publish": lambda: market.publish(posting, by, now),
        "send_back": lambda: market.send_back(posting, "Sửa lại.", by, now),
        "withdraw": lambda: market.withdraw(posting, by),
        "renew": lambda: market.renew(posting, None, today),
        "connect": lambda: market.connect(posting, by),
        "finish": lambda: market.finish(posting, by),
        "reopen": lambda: market.reopen(posting, by),
        "expire": lambda: market.expire_due(today),
    }[step]()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 300)), max_size=12))
def test_whatever_is_pressed_in_whatever_order_the_states_hold(yen, steps):
    posting, now = make_posting(state=State.REVIEW, published_on=None, expires_on=None, contact_email=ADDRESS), NOW
    for step, days in steps:
        now += timedelta(days=days)
        before, records = Posting.objects.get(pk=posting.pk).state, posting.history.count()
        try:
            press(step, posting, yen, now)
            after = Posting.objects.get(pk=posting.pk)
            if step != "expire":
                assert before in market.FROM[step]
        except ValidationError:
            after = Posting.objects.get(pk=posting.pk)
            assert after.state == before and posting.history.count() == records and before not in market.FROM[step]
        if after.state != before:
            assert posting.history.count() == records + 1
        if after.state in (State.PUBLISHED, State.CONNECTING):
            assert after.published_on and after.expires_on
        seen = Posting.objects.published(timezone.localdate(now)).filter(pk=posting.pk).exists()
        assert seen <= (after.state in (State.PUBLISHED, State.CONNECTING))
        if after.state in (State.REVIEW, State.DRAFT, State.RETURNED, State.WITHDRAWN, State.EXPIRED, State.DONE):
            assert not seen


ODD = ["\x00", "9" * 4400, "9999-12-31", "0001-01-01", "<script>", "-1"]


@pytest.mark.parametrize("what", [*STEPS, "", "khac", "\x00"])
def test_odd_words_beside_a_step_are_answered_in_words(what, desk, client):
    posting = entered()
    for place, state in enumerate(State.values):
        Posting.objects.update(state=state)
        # The other steps read nothing of what stands beside them: one odd word in each state shows that.
        for odd in ODD if what in ("publish", "send_back") else [ODD[place % len(ODD)]]:
            data = dict.fromkeys(["expires_on", "seen", "note"], odd) | {"what": what}
            assert desk.post(reverse("posting_decide", args=[posting.code]), data).status_code in (200, 302, 409)
            Posting.objects.update(state=state)
            assert client.post(reverse("posting_own", args=[market.token_of(posting)]), data).status_code == 302
            Posting.objects.update(state=state)
