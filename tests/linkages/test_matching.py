"""Who could meet a need: the score and its reasons, the officer's verdict, the steps up to a link."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from firms.models import Capability, Sector
from linkages import matches, matching, suggestions, terms
from linkages.matching import POINTS, Weighing, profile
from linkages.models import EvidenceLevel, Link, Match, Posting
from linkages.reasons import Teller
from tests.bench import matching as bench
from tests.builders import NOW
from tests.builders_firms import make_capability, make_editor, make_firm, make_zone
from tests.builders_linkages import TODAY, make_party, make_posting
from tests.firms.outsiders import mails_to

WORDS = st.sampled_from(
    [
        "khuôn ép nhựa",
        "injection mould",
        "cnc",
        "đúc áp lực",
        "wood drying",
        "sấy gỗ",
        "tôm",
        "robot",
        "5 trục",
        "titan",
        "hàn",
        "xyz",
        "ISO 9001",
        "\x00",
        "1000",
        "",
    ]
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
PROFILES = st.builds(
    profile,
    st.just("a"),
    st.lists(TEXTS, max_size=2),
    st.lists(TEXTS, max_size=2),
    process=TEXTS,
    materials=TEXTS,
    certificates=TEXTS,
    kinds=st.sampled_from([(), ("technology",), ("production", "equipment"), ("skills",)]),
    sectors=st.sampled_from([(), ("a",), ("b", "a"), ("c", "a"), ("d",)]),
    readiness=st.sampled_from(["", *matching.STAGES]),
    transfers=st.frozensets(st.sampled_from(["sale", "licence"])),
    countries=st.frozensets(st.sampled_from(["VN", "JP"])),
    country=st.sampled_from(["", "VN", "KR"]),
    zones=st.sampled_from([(), ("k",), ("p", "k")]),
)


class TestTerms:
    def test_one_thing_in_two_languages_is_one_thing(self):
        assert terms.read(("Khuôn ép nhựa", 1)).named == terms.read(("Injection moulds", 1)).named == {"mould"}
        assert "machining" not in terms.read(("Phay CNC 5 trục", 1)).named  # the broader thing is meant, not named
        assert "c:machining" in terms.read(("Phay CNC 5 trục", 1)).weights

    def test_a_short_word_is_not_found_inside_another_one(self):
        assert "casting" not in terms.read(("Giáo dục mầm non", 1)).named  # đúc, dục
        assert terms.read(("đúc gang", 1)).named == {"casting"}
        assert terms.read(("gia cong co khi chinh xac", 1)).named == {"machining"}  # typed without diacritics

    def test_the_glossary_names_each_thing_in_both_languages_and_hangs_together(self):
        known = terms.glossary().concepts
        assert len(known) > 200
        for concept in known.values():
            assert concept.names["vi"] and concept.names["en"] and set(concept.broader) <= set(known)
            assert concept.key not in terms.glossary().above(concept.key)


class TestScore:
    def test_the_points_make_a_hundred(self):
        assert sum(POINTS.values()) == 100 and len(matching.CRITERIA) == len(POINTS)

    @settings(deadline=None)
    @given(one=PROFILES, other=PROFILES)
    def test_it_lies_between_nought_and_a_hundred_and_its_reasons_add_up(self, one, other):
        weighing = Weighing([one, other])
        score, reasons = weighing.compare(one, other)
        assert 0 <= score <= 100 and all(0 <= it.points <= it.of for it in reasons)
        assert abs(score - sum(it.points for it in reasons)) <= 0.5
        assert (score, reasons) == Weighing([other, one]).compare(one, other)  # nothing hangs on an order

    @settings(deadline=None)
    @given(one=PROFILES, other=PROFILES)
    def test_what_has_no_direction_is_the_same_from_both_sides(self, one, other):
        weighing = Weighing([one, other])
        there, back = ({it.criterion: it.points for it in weighing.compare(*pair)[1]} for pair in ((one, other), (other, one)))
        for criterion in POINTS.keys() - {"readiness", "certificates"}:  # these ask what the need asks for
            assert there[criterion] == pytest.approx(back[criterion]), criterion

    def test_saying_nothing_counts_half_and_saying_the_wrong_thing_nothing(self):
        need = profile("a", ["Đúc nhôm"], sectors=("a",), readiness="proven")
        points = lambda other: {it.criterion: it.points for it in Weighing([need, other]).compare(need, other)[1]}  # noqa: E731
        assert points(profile("b", ["Đúc nhôm"]))["sector"] == POINTS["sector"] / 2
        assert points(profile("b", ["Đúc nhôm"], sectors=("b",)))["sector"] == 0
        assert points(profile("b", ["Đúc nhôm"], readiness="prototype"))["readiness"] == POINTS["readiness"] / 2
        assert points(profile("b", ["Đúc nhôm"], readiness="idea"))["readiness"] == 0

    def test_on_the_labelled_set_it_is_far_above_plain_search(self):
        needs, offers, sectors = bench.read()
        assert len(needs) >= 30 and len(offers) >= 30
        held_out = bench.halves(needs)[1]
        ours = bench.mean(bench.figures(held_out, bench.by_ours(needs, offers, sectors)))
        for floor in (bench.by_keywords(needs, offers), bench.by_bm25(needs, offers)):
            theirs = bench.mean(bench.figures(held_out, floor))
            assert ours[0] > 2 * theirs[0] and ours[1] > 2 * theirs[1]
        assert ours[1] > 0.9


@pytest.fixture
def need(db):
    Sector.objects.create(key="mech", name="Cơ khí", name_en="Mechanics")
    return make_posting(
        "Cần gia công nhôm trên máy 5 trục",
        materials="nhôm",
        process="phay CNC",
        requirements="AS9100",
        owner=make_party("Công ty Cần"),
        contact_email="chu@need.example.vn",
    )


@pytest.fixture
def yen(db):
    return make_editor()


@pytest.fixture
def desk(yen):
    client = Client()
    client.force_login(yen)
    return client


def offer(title="Five-axis CNC milling of aluminium", **fields):
    values = {"direction": "offer", "summary": "Aluminium parts, AS9100 certified.", "owner": make_party()} | fields
    return make_posting(title, **values)


@pytest.mark.django_db
class TestSuggesting:
    def test_offers_and_firms_that_fit_stand_first_with_their_reasons(self, need):
        good, bad = offer(), offer("Lò sấy gỗ", summary="Sấy gỗ bằng hơi nước.")
        firm = make_firm("Công ty Năm Trục", make_zone())
        make_capability(firm, "Gia công CNC 5 trục nhôm", materials="nhôm", spare_percent=30)
        make_capability(firm, "Lắp ráp", spare_percent=30)
        make_capability(make_firm("Công ty Mua Nhôm"), "nhôm 5 trục CNC", Capability.Kind.INPUT)
        found = suggestions.suggest(need, TODAY)
        assert [it.key for it in found] == [f"offer:{good.pk}", f"firm:{firm.pk}"] and bad not in [it.offer for it in found]
        assert found[1].capability.name == "Gia công CNC 5 trục nhôm"
        with override("vi"):
            words = " ".join(line.words for line in Teller().lines(found[0].reasons))
        assert "nhôm" in words and "AS9100" in words
        with override("en"):
            words = " ".join(line.words for line in Teller().lines(found[0].reasons))
        assert "aluminium" in words and "Everything asked for is there" in words

    def test_the_same_question_gets_the_same_answer(self, need):
        for number in range(6):
            offer(f"Five-axis milling {number}")
        answers = {tuple((it.key, it.score) for it in suggestions.suggest(need, TODAY)) for _time in range(3)}
        assert len(answers) == 1 and len(answers.pop()) == 6

    def test_from_the_offer_the_need_has_the_same_points(self, need):
        one = offer()
        there = suggestions.suggest(need, TODAY)[0]
        back = suggestions.Exchange(TODAY).for_offer(one)[0]
        assert back.need == need and back.score == there.score

    def test_hidden_over_and_own_things_are_not_suggested(self, need):
        offer(expires_on=TODAY - timedelta(days=1))
        offer(state=Posting.State.REVIEW)
        offer(owner=need.owner)
        make_capability(need.owner.firm, "Gia công CNC 5 trục nhôm")
        hidden = make_firm("Công ty Kín", is_public=False)
        make_capability(hidden, "Gia công CNC 5 trục nhôm")
        make_capability(make_firm("Công ty Hé"), "Gia công CNC 5 trục nhôm", is_public=False)
        assert suggestions.suggest(need, TODAY) == []

    def test_a_pair_that_does_not_fit_never_comes_back_until_the_verdict_is_taken_back(self, need, desk):
        one, other = offer(), offer("CNC 5 trục, nhôm")
        path = reverse("match_suggest", args=[need.code])
        assert desk.post(path, {"what": "verdict", "key": f"offer:{one.pk}", "verdict": "unfit"}).status_code == 409
        desk.post(path, {"what": "verdict", "key": f"offer:{one.pk}", "verdict": "unfit", "reason": "Đã hết công suất."})
        assert [it.offer for it in suggestions.suggest(need, TODAY)] == [other]
        assert suggestions.Exchange(TODAY).for_offer(one) == []
        page = desk.get(path)
        assert "Đã hết công suất." in page.text and "Không gợi ý lại" in page.text
        match = Match.objects.get()
        assert match.score > 40 and match.reasons[0]["criterion"] == "words"
        desk.post(reverse("match_move", args=[match.pk]), {"what": "take_back"})
        assert {it.offer for it in suggestions.suggest(need, TODAY)} == {one, other}

    def test_a_firm_becomes_a_partner_only_when_it_is_chosen(self, need, desk):
        firm = make_firm("Công ty Năm Trục")
        make_capability(firm, "Gia công CNC 5 trục nhôm")
        path = reverse("match_suggest", args=[need.code])
        assert "Công ty Năm Trục" in desk.get(path).text and not hasattr(firm, "party")
        answer = desk.post(path, {"what": "verdict", "key": f"firm:{firm.pk}", "verdict": "fits"})
        match = Match.objects.get()
        assert answer.url == reverse("match_detail", args=[match.pk]) and match.party.firm == firm
        assert suggestions.suggest(need, TODAY) == []

    def test_from_the_page_of_an_offer_the_verdict_is_on_the_same_pair(self, need, desk):
        one = offer()
        path = reverse("match_suggest", args=[one.code])
        desk.post(path, {"what": "verdict", "key": f"need:{need.pk}", "verdict": "fits"})
        assert Match.objects.get().need == need and Match.objects.get().offer == one

    @pytest.mark.parametrize("key", ["", "offer:0", "firm:999999999999", "need:x", "offer:\x00", "offer:" + "9" * 25])
    def test_a_key_of_nothing_is_answered_in_words(self, need, desk, key):
        answer = desk.post(reverse("match_suggest", args=[need.code]), {"what": "verdict", "key": key, "verdict": "fits"})
        assert answer.status_code == 409 and not Match.objects.exists()

    def test_the_officer_pairs_what_he_saw_himself(self, need, desk):
        path = reverse("match_suggest", args=[need.code])
        firm = make_firm("Công ty Khác Nghề")
        assert desk.post(path, {"what": "pair", "offer": "CB99999"}).status_code == 409
        assert desk.post(path, {"what": "pair"}).status_code == 409
        desk.post(path, {"what": "pair", "party": firm.code})
        assert (Match.objects.get().party.firm, Match.objects.get().origin) == (firm, "officer")

    def test_the_number_of_queries_does_not_grow(self, need, desk, django_assert_max_num_queries):
        for number in range(12):
            offer(f"Five-axis milling {number}")
            make_capability(make_firm(f"Công ty {number}"), "Gia công CNC 5 trục nhôm")
        with django_assert_max_num_queries(24):
            desk.get(reverse("match_suggest", args=[need.code]))


@pytest.mark.django_db
class TestSteps:
    @pytest.fixture
    def match(self, need, yen):
        other = offer(contact_email="cung@offer.example.vn")
        found = suggestions.Exchange(TODAY, need).pair(need, f"offer:{other.pk}")
        return matches.judge(need, found, "fits", "", yen, NOW)

    def test_from_the_suggestion_to_the_contract_and_to_a_link(self, match, desk, need):
        move = reverse("match_move", args=[match.pk])
        desk.post(move, {"what": "propose", "seen": "suggested", "next_step": "Chờ trả lời", "next_due": "2026-12-10"})
        assert "chỉ khi hai bên cùng đồng ý" in mails_to("chu@need.example.vn")[0].text
        assert need.contact_email not in mails_to("cung@offer.example.vn")[0].text
        for before, after in zip(["sent", "agreed", "met"], ["agreed", "met", "contract"], strict=True):
            desk.post(move, {"seen": before, "to": after})
        match.refresh_from_db()
        need.refresh_from_db()
        assert (match.state, need.state) == ("contract", "connecting")
        answer = desk.post(reverse("match_link", args=[match.pk]))
        link = Link.objects.get()
        assert answer.url == link.get_absolute_url()
        assert (link.source_party, link.target_party, link.state) == (match.offer.owner, need.owner, "running")
        assert link.evidence.get().level == EvidenceLevel.CONTRACT
        desk.post(reverse("match_link", args=[match.pk]))
        need.refresh_from_db()
        assert Link.objects.count() == 1 and need.state == "done"
        told = desk.get(reverse("match_detail", args=[match.pk])).text
        assert "chuyển sang “hợp đồng”" in told.lower() and "ghi thành liên kết" in told

    def test_of_two_presses_the_second_is_told_so(self, match, desk):
        move = reverse("match_move", args=[match.pk])
        desk.post(move, {"seen": "suggested", "to": "met"})
        answer = desk.post(move, {"seen": "suggested", "to": "agreed"}, follow=True)
        match.refresh_from_db()
        assert match.state == "met" and "Chưa có gì thay đổi" in answer.text

    def test_a_stop_needs_its_reason_and_can_be_taken_up_again(self, match, yen):
        with pytest.raises(ValidationError):
            matches.move(match, "suggested", "stopped", yen, NOW)
        stopped = matches.move(match, "suggested", "stopped", yen, NOW, reason="Giá cao.")
        assert (stopped.stop_reason, stopped.next_step) == ("Giá cao.", "")
        again = matches.move(match, "stopped", "met", yen, NOW)
        assert (again.state, again.stop_reason) == ("met", "")

    def test_no_link_without_a_memorandum_and_without_two_partners(self, match, need, yen):
        with pytest.raises(ValidationError):
            matches.make_link(match, yen, TODAY, NOW)
        matches.move(match, "suggested", "memorandum", yen, NOW)
        Posting.objects.filter(pk=need.pk).update(owner=None)
        with pytest.raises(ValidationError):
            matches.make_link(match, yen, TODAY, NOW)
        Posting.objects.filter(pk=need.pk).update(owner=make_party())
        assert matches.make_link(match, yen, TODAY, NOW).state == "negotiated"

    def test_overdue_steps_stand_on_top(self, need, yen, desk):
        today = timezone.localdate()
        for title, days in [("Năm trục muộn", -3), ("Năm trục sớm", 5), ("Năm trục không hạn", None)]:
            match = matches.pair_up(need, offer(title), None, yen, NOW)
            matches.note(match, "Gọi điện", today + timedelta(days=days) if days is not None else None, None, yen, NOW)
        text = desk.get(reverse("match_list")).text
        assert text.index("Năm trục muộn") < text.index("Năm trục sớm") < text.index("Năm trục không hạn")
        assert "1 bước quá hạn" in text

    def test_the_next_step_and_the_value_are_kept_and_odd_ones_refused(self, match, desk):
        path = reverse("match_detail", args=[match.pk])
        desk.post(path, {"next_step": "Gửi mẫu", "next_due": "2026-12-24", "value_vnd": "1,5"})
        match.refresh_from_db()
        assert (match.next_step, match.next_due, match.value_vnd) == ("Gửi mẫu", date(2026, 12, 24), 1.5)
        for odd in ({"next_due": "9999-12-31"}, {"value_vnd": "-1"}, {"value_vnd": "9" * 40}, {"next_due": "0001-01-01"}):
            assert desk.post(path, odd).status_code == 422
        step = reverse("match_move", args=[match.pk])
        assert desk.post(step, {"seen": "x", "to": "y", "next_due": "9999-12-31"}).status_code == 422

    def test_a_step_that_cannot_be_taken_loses_nothing_that_was_typed(self, match, desk):
        typed = {"next_step": "Gọi lại giám đốc", "reason": "Giá quá cao", "next_due": "2026-12-24"}
        odd = [{"seen": "met", "to": "tested"}, {"seen": "x", "to": "y"}, {"seen": match.state, "to": "met", "next_due": "xx"}]
        for wrong in odd:
            page = desk.post(reverse("match_move", args=[match.pk]), typed | wrong)
            assert page.status_code == 422 and "error-summary" in page.text
            assert "Seen:" not in page.text and "To:" not in page.text
            assert 'value="Gọi lại giám đốc"' in page.text and 'value="Giá quá cao"' in page.text

    def test_the_list_asks_the_database_as_often_for_many(self, need, yen, desk, django_assert_max_num_queries):
        for number in range(20):
            matches.pair_up(need, offer(f"Chào bán {number}"), None, yen, NOW)
        with django_assert_max_num_queries(12):
            desk.get(reverse("match_list"))
