"""Likely pairs are found by night and decided by a person; a merge is seen before it is done and after it is undone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from firms import jobs, merging, pairs
from firms.models import Firm, FirmMerge, LikelyPair
from tests.builders import NOW
from tests.builders_firms import make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def yen(client):
    editor = make_editor()
    client.force_login(editor)
    return editor


def alike():
    zone = make_zone()
    return make_firm("Công ty TNHH Cơ khí chính xác Sông Hàn", zone=zone), make_firm("Co khi chinh xac Song Han JSC", zone=zone)


# Finding --------------------------------------------------------------------------------------------------------------
def test_the_night_finds_entries_that_look_like_one_firm_once():
    one, two = alike()
    make_firm("Công ty Ngũ Hành Sơn")
    assert pairs.find(NOW) == 1
    assert pairs.find(NOW) == 0
    pair = pairs.queue().get()
    assert (pair.first, pair.second) == (one, two)
    assert pair.score >= 90 and pair.reasons


def test_firms_whose_names_differ_by_a_number_are_never_asked_about():
    for name in ("ICT Vina", "ICT Vina II", "ICT Vina III"):
        make_firm(name)
    assert pairs.find(NOW) == 0


def test_after_an_import_only_what_was_touched_is_looked_at():
    alike()
    assert pairs.find(NOW, changed_since=NOW + timedelta(days=3650)) == 0
    assert pairs.find(NOW, changed_since=NOW - timedelta(days=3650)) == 1


def test_one_night_puts_a_bounded_number_of_questions():
    for number in range(6):
        make_firm(f"Công ty Hải Vân {'abcdef'[number]}")
    assert pairs.find(NOW, most=3) == 3
    assert pairs.queue().count() == 3


def test_a_pair_told_apart_is_not_asked_about_again_not_even_after_a_merge(yen):
    one, two = alike()
    pairs.find(NOW)
    pairs.decide(LikelyPair.objects.get(), LikelyPair.Verdict.DIFFERENT, yen, NOW)
    assert pairs.find(NOW) == 0
    third = make_firm("Cơ khí chính xác Sông Hàn Co., Ltd", zone=one.zone)
    merging.merge(third, two, {}, yen, NOW)
    pairs.find(NOW)
    assert not pairs.queue().filter(first=one, second=third).exists()


def test_a_question_goes_when_a_name_is_corrected():
    one, _two = alike()
    pairs.find(NOW)
    one.name, one.name_en = "Công ty Ngũ Hành Sơn", ""
    one.save()
    pairs.find(NOW)
    assert not LikelyPair.objects.exists()


def test_a_pair_of_a_merged_entry_waits_for_nobody(yen):
    one, two = alike()
    pairs.find(NOW)
    merging.merge(make_firm("Khác hẳn"), two, {}, yen, NOW)
    assert not pairs.queue().exists()


def test_the_job_of_the_night_runs():
    alike()
    jobs.find_likely_pairs()
    assert pairs.queue().count() == 1


# Deciding -------------------------------------------------------------------------------------------------------------
def test_a_verdict_is_remembered_and_can_be_asked_again(client, yen):
    alike()
    pairs.find(NOW)
    pair = LikelyPair.objects.get()
    assert "Sông Hàn" in client.get(reverse("pair_list")).text
    client.post(reverse("pair_decide", args=[pair.pk]), {"verdict": "different"})
    pair.refresh_from_db()
    assert (pair.verdict, pair.decided_by) == (LikelyPair.Verdict.DIFFERENT, yen)
    assert 'class="empty"' in client.get(reverse("pair_list")).text
    assert yen.full_name in client.get(f"{reverse('pair_list')}?show=different").text
    client.post(reverse("pair_decide", args=[pair.pk]), {"verdict": "open"})
    assert pairs.queue().count() == 1


def test_that_two_are_one_is_said_by_merging_alone(client, yen):
    one, two = alike()
    pairs.find(NOW)
    pair = LikelyPair.objects.get()
    assert client.post(reverse("pair_decide", args=[pair.pk]), {"verdict": "same"}).status_code == 404
    merging.merge(one, two, {}, yen, NOW)
    with pytest.raises(ValidationError):
        pairs.decide(pair, LikelyPair.Verdict.DIFFERENT, yen, NOW)
    assert client.post(reverse("pair_decide", args=[pair.pk]), {"verdict": "different"}, follow=True).status_code == 200


# Merging --------------------------------------------------------------------------------------------------------------
def preview(one, two):
    return f"{reverse('merge_preview')}?kept={one.code}&merged={two.code}"


def test_two_entries_are_found_by_name_number_or_tax_code(client, yen):
    one, two = make_firm("Công ty Sông Hàn", tax_code="0100112437"), make_firm("Công ty Ngũ Hành")
    page = client.get(f"{reverse('merge_create')}?kept={one.code}&merged=ngu+hanh").text
    assert two.code in page
    for kept in (one.code, one.code.lower(), "0100112437"):
        assert client.get(f"{reverse('merge_create')}?kept={kept}&merged={two.code}").url == preview(one, two)
    assert "khác nhau" in client.get(f"{reverse('merge_create')}?kept={one.code}&merged={one.code}").text
    assert client.get(f"{reverse('merge_create')}?kept=khong+co+ai").status_code == 200


def test_an_editor_sees_what_would_move_chooses_and_merges(client, yen):
    one, two = make_firm("Công ty Sông Hàn", address="Số 1"), make_firm("Song Han Co., Ltd", address="Số 2")
    make_project(two, "Nhà máy Sông Hàn")
    page = client.get(preview(one, two))
    for words in ("Số 1", "Số 2", "Nhà máy Sông Hàn", "Song Han Co., Ltd"):
        assert words in page.text
    data = {"kept": one.code, "merged": two.code, "seen": page.context["plan"].fingerprint, "take-address": "merged"}
    answer = client.post(reverse("merge_confirm"), data | {"reason": "Cùng mã số"}, follow=True)
    one.refresh_from_db()
    assert (one.address, one.name) == ("Số 2", "Công ty Sông Hàn")
    assert two.code in answer.text
    assert "Cùng mã số" in client.get(reverse("merge_list")).text
    for url in (reverse("firm_edit", args=[two.code]), reverse("firm_detail", args=[two.code])):
        answer = client.get(url)
        assert (answer.status_code, answer.url) == (301, url.replace(two.code, one.code))


def test_what_changed_since_the_preview_is_shown_again_with_the_choices_kept(client, yen):
    one, two = make_firm("Công ty Sông Hàn", address="Số 1"), make_firm("Song Han Co., Ltd", address="Số 2")
    seen = client.get(preview(one, two)).context["plan"].fingerprint
    make_project(two)
    data = {"kept": one.code, "merged": two.code, "seen": seen, "take-address": "merged", "reason": "Cùng mã số"}
    answer = client.post(reverse("merge_confirm"), data)
    assert not FirmMerge.objects.exists()
    assert answer.context["taken"] == ["address"]
    assert "Cùng mã số" in answer.text and "error-summary" in answer.text


def test_a_second_press_merges_nothing_twice(client, yen):
    one, two = make_firm("Công ty Sông Hàn"), make_firm("Song Han Co., Ltd")
    data = {"kept": one.code, "merged": two.code, "seen": client.get(preview(one, two)).context["plan"].fingerprint}
    assert client.post(reverse("merge_confirm"), data).status_code == 302
    assert "error-summary" in client.post(reverse("merge_confirm"), data).text
    assert FirmMerge.objects.count() == 1


def test_an_editor_undoes_a_merge_after_reading_what_comes_back(client, yen):
    one, two = make_firm("Công ty Sông Hàn"), make_firm("Song Han Co., Ltd")
    make_project(two)
    done = merging.merge(one, two, {}, yen, NOW)
    url = reverse("merge_undo", args=[done.pk])
    assert two.code in client.get(url).text
    assert FirmMerge.objects.get().undone_at is None  # looking does nothing
    assert client.post(url).url == reverse("firm_edit", args=[two.code])
    assert Firm.objects.current().count() == 2
    answer = client.post(url, follow=True)
    assert "đã được hoàn tác" in answer.text


@pytest.mark.parametrize("code", ["", "DN9999999", "\x00", "9" * 500])
def test_odd_numbers_are_not_found(client, yen, code):
    firm = make_firm()
    assert client.get(reverse("merge_preview"), {"kept": firm.code, "merged": code}).status_code == 404
    assert client.post(reverse("merge_confirm"), {"kept": code, "merged": firm.code}).status_code == 404


def test_merging_an_entry_with_itself_is_refused_on_the_page(client, yen):
    firm = make_firm()
    assert "khác nhau" in client.get(preview(firm, firm)).text
