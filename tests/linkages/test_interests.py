"""Somebody is interested: the officer reads it first, introduces both sides, and the pair can be followed."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms.models import Authority
from linkages import interests, market, matches
from linkages.models import Interest, Match, Party, Posting
from tests.builders_firms import make_editor, make_firm
from tests.builders_linkages import make_party, make_posting
from tests.firms.outsiders import by_hand, mails_to

pytestmark = pytest.mark.django_db
OWNER, ASKER, OFFICE = "chu@need.example.vn", "anna@shop.example", "bql@danang.example.vn"
MESSAGE = "Xưởng chúng tôi có sáu máy 5 trục và còn công suất từ tháng sau."


@pytest.fixture(autouse=True)
def office(db):
    cache.clear()
    return Authority.objects.create(key="bql", name="Ban Quản lý", email=OFFICE, is_ours=True)


@pytest.fixture
def yen(db):
    return make_editor()


@pytest.fixture
def desk(yen):
    client = Client()
    client.force_login(yen)
    return client


@pytest.fixture
def need(db):
    return make_posting(
        contact_email=OWNER, contact_name="Chị Chủ", owner_words="Công ty Cần Máy", owner=make_party("Công ty Cần Máy")
    )


def form(**changes):
    values = {"organisation": "Five Axis Shop", "name": "Anna Berg", "email": ASKER, "message": MESSAGE, "terms": "on"}
    return by_hand(**(values | changes))


def interest_in(posting, **changes):
    values = {"organisation": "Five Axis Shop", "name": "Anna Berg", "email": ASKER, "message": MESSAGE} | changes
    return interests.express(posting, values, "en", timezone.now())


class TestAsking:
    def test_it_is_written_down_and_nobodys_address_goes_anywhere(self, client, need):
        sent = client.post(need.get_absolute_url(), form(), follow=True)
        assert "Lời nhắn của bạn đã tới cán bộ" in sent.text and OWNER not in sent.text
        one = Interest.objects.get()
        assert (one.state, one.posting, one.history.first().history_user) == ("new", need, None)
        assert len(mails_to(ASKER)) == 1 and OWNER not in mails_to(ASKER)[0].text
        assert MESSAGE in mails_to(OFFICE)[0].text and mails_to(OWNER) == []

    def test_pressed_twice_it_comes_once(self, client, need):
        data = form()
        for _press in range(2):
            client.post(need.get_absolute_url(), data)
        assert Interest.objects.count() == 1

    def test_what_is_wrong_is_told_and_what_was_typed_stays(self, client, need):
        answer = client.post(need.get_absolute_url(), form(message="ngắn", terms=""))
        assert answer.status_code == 422 and "Five Axis Shop" in answer.text and "Đánh dấu ô này" in answer.text
        assert client.post(need.get_absolute_url(), form(message=f"{MESSAGE} www.shop.example.com")).status_code == 422
        assert client.post(need.get_absolute_url(), form(nickname="bot")).status_code == 422
        assert not Interest.objects.exists()

    def test_what_is_over_takes_no_message(self, client, need):
        Posting.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
        assert client.post(need.get_absolute_url(), form()).status_code == 410
        assert not Interest.objects.exists()

    def test_a_flood_is_stopped_in_words(self, client, need):
        for number in range(interests.FROM_ONE_ADDRESS):
            interest_in(make_posting(f"Nhu cầu {number}"))
        answer = client.post(need.get_absolute_url(), form())
        assert answer.status_code == 422 and "một địa chỉ thư điện tử" in answer.text
        for number in range(interests.IN_ONE):
            interest_in(need, email=f"a{number}@example.vn")
        assert "người viết về tin này" in client.post(need.get_absolute_url(), form(email="moi@example.vn")).text


class TestIntroducing:
    def test_both_get_the_other_ones_name_and_the_pair_is_there(self, desk, need, yen):
        interest, firm = interest_in(need), make_firm("Công ty Năm Trục")
        path = reverse("interest_detail", args=[interest.pk])
        assert MESSAGE in desk.get(path).text
        answer = desk.post(
            path, {"what": "introduce", "party": firm.code, "reply": "Mời hai bên gặp trong tuần tới."}, follow=True
        )
        assert "Hai bên nhận tên và địa chỉ" in answer.text
        to_owner, to_asker = mails_to(OWNER)[-1], mails_to(ASKER)[-1]
        assert ASKER in to_owner.text and MESSAGE in to_owner.text and "Anna Berg" in to_owner.text
        assert OWNER in to_asker.text and "We introduce you to each other" in to_asker.text
        match = Match.objects.get()
        assert (match.need, match.party.firm, match.origin, match.state) == (need, firm, "interest", "agreed")
        need.refresh_from_db()
        interest.refresh_from_db()
        assert need.state == "connecting" and (interest.state, interest.handled_by) == ("introduced", yen)
        assert interests.match_of(interest) == match

    def test_interest_in_an_offer_writes_down_the_need_behind_it(self, yen):
        offer = make_posting("Nhận gia công 5 trục", direction="offer", contact_email=OWNER, owner=make_party())
        party = make_party("Công ty Cần Máy")
        match = interests.introduce(interest_in(offer), party, "", yen, timezone.now())
        assert match.offer == offer and match.need.owner == party and match.need.state == "draft"
        again = interests.introduce(interest_in(offer, email="b@example.vn"), party, "", yen, timezone.now())
        assert again == match and Posting.objects.needs().count() == 1

    @pytest.mark.parametrize("data", [{"party": ""}, {"party": "Không ai cả"}, {"party": "owner"}])
    def test_without_a_known_other_side_nothing_is_sent(self, desk, need, data):
        interest = interest_in(need)
        who = need.owner.firm.code if data["party"] == "owner" else data["party"]
        answer = desk.post(reverse("interest_detail", args=[interest.pk]), {"what": "introduce", "party": who})
        assert answer.status_code == 409 and mails_to(OWNER) == [] and not Match.objects.exists()

    def test_an_owner_without_an_address_is_told_of(self, desk, need):
        Posting.objects.update(contact_email="")
        interest, firm = interest_in(need), make_firm("Công ty Năm Trục")
        answer = desk.post(reverse("interest_detail", args=[interest.pk]), {"what": "introduce", "party": firm.code})
        assert "chưa có địa chỉ của chủ tin" in answer.text and Interest.objects.get().state == "new"

    def test_declined_with_words_a_mail_goes_and_without_none(self, desk, need):
        first, second = interest_in(need), interest_in(need, email="b@example.vn")
        desk.post(reverse("interest_detail", args=[first.pk]), {"what": "decline", "reply": "Bên kia cần ISO 13485."})
        desk.post(reverse("interest_detail", args=[second.pk]), {"what": "decline", "party": "bất kỳ"})
        assert "ISO 13485" in mails_to(ASKER)[-1].text and len(mails_to("b@example.vn")) == 1
        assert set(Interest.objects.values_list("state", flat=True)) == {"declined"}

    def test_of_two_officers_the_first_one_counts(self, need, yen):
        interest = interest_in(need)
        interests.decline(interest, "", yen, timezone.now())
        with pytest.raises(ValidationError):
            interests.introduce(interest, make_party(), "", yen, timezone.now())
        assert mails_to(OWNER) == [] and not Match.objects.exists()

    def test_the_list_begins_with_what_is_new_and_its_queries_do_not_grow(self, desk, need, django_assert_max_num_queries):
        for number in range(12):
            interest_in(need, email=f"a{number}@example.vn")
        with django_assert_max_num_queries(10):
            answer = desk.get(reverse("interest_list"))
        assert answer.text.count("Five Axis Shop") == 12
        assert "Không có lời nhắn ở trạng thái này" in desk.get(reverse("interest_list") + "?state=declined").text


def test_a_pair_that_has_come_far_is_not_set_back_by_another_message(need, yen):
    party = Party.objects.of_firm(make_firm("Công ty Năm Trục"))
    match = interests.introduce(interest_in(need), party, "", yen, timezone.now())
    matches.move(match, "agreed", "quoted", yen, timezone.now())
    interests.introduce(interest_in(need, email="b@example.vn"), party, "", yen, timezone.now())
    match.refresh_from_db()
    assert match.state == "quoted" and market.can(need, "edit")


def test_a_new_message_shows_no_pair_that_is_somebody_elses(need, desk, yen):
    offer = make_posting("Nhận gia công", direction="offer")
    matches.pair_up(need, offer, None, yen, timezone.now())
    assert interests.match_of(interest_in(need)) is None
