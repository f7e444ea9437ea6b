"""Two people write in one report: nobody's text is lost, whoever is quicker."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from tasks import writing
from tasks.models import AgencyReport, KeptText, Progress
from tasks.status import State
from tests.builders import (
    NOW,
    at,
    make_accepted_report,
    make_agency,
    make_cycle,
    make_filled_report,
    make_member,
    make_report,
    make_submitted_report,
)

TEXTS = st.text(alphabet="ab \n", max_size=6)
BOXES = ["results", "obstacles"]


@given(
    base=st.none() | st.fixed_dictionaries(dict.fromkeys(BOXES, TEXTS)),
    stored=st.fixed_dictionaries(dict.fromkeys(BOXES, TEXTS)),
    mine=st.fixed_dictionaries({}, optional=dict.fromkeys(BOXES, TEXTS)),
)
def test_no_text_of_either_side_is_ever_lost_in_a_merge(base, stored, mine):
    merged = writing.merge(base, stored, mine)
    result = stored | merged.values
    for name, text in mine.items():
        known = base[name] if base else ""
        assert text in result[name] or text == known or merged.kept.get(name) == text
    for name, text in stored.items():
        known = base[name] if base else ""
        assert text in result[name] or text == known
    assert not set(merged.values) & set(merged.kept)


@pytest.mark.parametrize(
    ("base", "stored", "mine", "result"),
    [
        ("", "", "mới", "mine"),
        ("cũ", "cũ", "mới", "mine"),
        ("cũ", "của chị Hoa", "cũ", "theirs"),
        ("cũ", "của chị Hoa", "của tôi", "kept"),
        ("cũ", "giống nhau", "giống nhau", "same"),
        ("cũ", "", "của tôi", "mine"),
        ("cũ", "của chị Hoa", "", "theirs"),
        ("cũ", "cũ và thêm", "cũ và thêm nữa", "mine"),
    ],
)
def test_a_box_is_merged_by_who_changed_it(base, stored, mine, result):
    merged = writing.merge({"results": base}, {"results": stored}, {"results": mine})
    found = "mine" if merged.values else "theirs" if merged.theirs else "kept" if merged.kept else "same"
    assert found == result


@pytest.fixture
def pair(db):
    agency = make_agency()
    report = make_report(agency)
    return report.rows.get(), make_member(agency, "Trần Thị Lan"), make_member(agency, "Phạm Quang Minh")


def test_the_first_words_make_the_report_a_draft_and_name_their_writer(pair):
    row, lan, _minh = pair
    saved = writing.save_row(row, {"results": "Đã xong\r\nphần đầu"}, 0, lan, NOW)
    row.refresh_from_db()
    assert (row.results, row.revision, row.updated_by) == ("Đã xong\nphần đầu", 1, lan)
    assert saved.merged.values == {"results": "Đã xong\nphần đầu"}
    assert AgencyReport.objects.get().state == AgencyReport.State.DRAFT
    assert row.history.first().history_user == lan


def test_two_people_in_different_boxes_of_one_row_both_get_their_way(pair):
    row, lan, minh = pair
    writing.save_row(row, {"results": "của Lan", "obstacles": ""}, 0, lan, NOW)
    saved = writing.save_row(row, {"results": "", "obstacles": "của Minh"}, 0, minh, NOW)
    row.refresh_from_db()
    assert (row.results, row.obstacles, row.revision) == ("của Lan", "của Minh", 2)
    assert saved.merged.theirs == ["results"]
    assert not KeptText.objects.exists()


def test_two_people_in_the_same_box_leave_the_first_text_and_the_second_beside_it(pair):
    row, lan, minh = pair
    writing.save_row(row, {"results": "của Lan"}, 0, lan, NOW)
    saved = writing.save_row(row, {"results": "của Minh"}, 0, minh, NOW)
    row.refresh_from_db()
    kept = KeptText.objects.get()
    assert row.results == "của Lan"
    assert (kept.text, kept.by, kept.row, kept.field) == ("của Minh", minh, row, "results")
    assert saved.kept == [kept]


def test_typing_on_into_a_conflict_keeps_one_text_and_the_longer_one(pair):
    row, lan, minh = pair
    writing.save_row(row, {"results": "của Lan"}, 0, lan, NOW)
    writing.save_row(row, {"results": "của Minh"}, 0, minh, NOW)
    writing.save_row(row, {"results": "của Minh, thêm"}, 0, minh, NOW)
    assert KeptText.objects.get().text == "của Minh, thêm"


def test_a_save_that_is_repeated_because_its_answer_was_lost_conflicts_with_nobody(pair):
    row, lan, _minh = pair
    writing.save_row(row, {"results": "một"}, 0, lan, NOW)
    writing.save_row(row, {"results": "một"}, 0, lan, NOW)
    writing.save_row(row, {"results": "một hai"}, 0, lan, NOW)
    row.refresh_from_db()
    assert (row.results, row.revision) == ("một hai", 2)
    assert not KeptText.objects.exists()


def test_a_revision_that_the_history_does_not_know_overwrites_nothing(pair):
    row, lan, minh = pair
    writing.save_row(row, {"results": "của Lan"}, 0, lan, NOW)
    writing.save_row(row, {"results": "của Minh"}, 7, minh, NOW)
    row.refresh_from_db()
    assert row.results == "của Lan"
    assert KeptText.objects.get().text == "của Minh"


def test_two_states_at_once_are_both_kept_too(pair):
    row, lan, minh = pair
    writing.save_row(row, {"state": State.IN_PROGRESS, "percent": 40}, 0, lan, NOW)
    writing.save_row(row, {"state": State.SUSPENDED, "percent": 10}, 0, minh, NOW)
    assert {kept.field: kept.text for kept in KeptText.objects.all()} == {"state": "suspended", "percent": "10"}


def test_what_is_typed_while_the_head_sends_the_report_in_is_kept_and_not_in_the_report(db):
    agency = make_agency()
    report, lan = make_submitted_report(agency), make_member(agency)
    row = report.rows.get()
    before = row.results
    saved = writing.save_row(row, {"results": "viết sau khi ký"}, row.revision, lan, NOW)
    row.refresh_from_db()
    assert saved.is_closed
    assert row.results == before
    assert KeptText.objects.get().text == "viết sau khi ký"


def test_the_cover_part_is_merged_like_a_row(pair):
    row, lan, minh = pair
    writing.save_cover(row.report, {"direction": "của Lan", "shortcomings": ""}, 0, lan, NOW)
    writing.save_cover(row.report, {"direction": "của Minh", "shortcomings": "ít cán bộ"}, 0, minh, NOW)
    report = AgencyReport.objects.get()
    assert (report.direction, report.shortcomings, report.revision) == ("của Lan", "ít cán bộ", 2)
    assert KeptText.objects.get(row=None).text == "của Minh"


@pytest.mark.parametrize(("choice", "result"), [("mine", "của Minh"), ("theirs", "của Lan"), ("both", "của Lan\n\ncủa Minh")])
def test_either_of_the_two_chooses_between_the_versions(pair, choice, result):
    row, lan, minh = pair
    writing.save_row(row, {"results": "của Lan"}, 0, lan, NOW)
    (kept,) = writing.save_row(row, {"results": "của Minh"}, 0, minh, NOW).kept
    writing.settle(kept, choice, lan, NOW, seen="của Lan")
    row.refresh_from_db()
    kept.refresh_from_db()
    assert row.results == result
    assert kept.settled_by == lan
    writing.settle(kept, "mine", minh, NOW)
    row.refresh_from_db()
    assert row.results == result, "a choice that was made is not made again"


def test_a_choice_made_before_a_text_that_has_changed_since_changes_nothing(pair):
    row, lan, minh = pair
    writing.save_row(row, {"results": "của Lan"}, 0, lan, NOW)
    (kept,) = writing.save_row(row, {"results": "của Minh"}, 0, minh, NOW).kept
    writing.save_row(row, {"results": "của Lan, sửa lại"}, 1, lan, NOW)
    with pytest.raises(ValidationError):
        writing.settle(kept, "mine", minh, NOW, seen="của Lan")
    row.refresh_from_db()
    assert row.results == "của Lan, sửa lại"


def test_a_chosen_day_and_percentage_come_back_as_what_they_are(pair):
    row, lan, minh = pair
    writing.save_row(row, {"percent": 40, "completed_on": date(2026, 5, 1)}, 0, lan, NOW)
    kept = writing.save_row(row, {"percent": 10, "completed_on": date(2026, 6, 2)}, 0, minh, NOW).kept
    for one in kept:
        writing.settle(one, "mine", minh, NOW)
    row.refresh_from_db()
    assert (row.percent, row.completed_on) == (10, date(2026, 6, 2))


def test_nothing_to_report_answers_a_row_and_its_undo_gives_the_text_back(pair):
    row, lan, _minh = pair
    writing.save_row(row, {"results": "dở dang"}, 0, lan, NOW)
    assert writing.mark_nothing(row, True, lan, NOW).is_answered
    back = writing.mark_nothing(row, False, lan, NOW)
    assert (back.is_nothing_to_report, back.results) == (False, "dở dang")


def test_nobody_marks_a_row_of_a_report_that_was_sent_in(db):
    report = make_submitted_report()
    with pytest.raises(ValidationError):
        writing.mark_nothing(report.rows.get(), True, make_member(report.agency), NOW)


@pytest.fixture
def second_year(db):
    agency = make_agency()
    make_accepted_report(agency, make_cycle(2025), now=at(date(2025, 12, 1)))
    report = AgencyReport.objects.create(cycle=make_cycle(2026), agency=agency, agency_name=agency.name)
    task = Progress.objects.get().task
    return Progress.objects.create(report=report, task=task), make_member(agency)


def test_last_years_answer_fills_only_the_empty_boxes_and_can_be_taken_out_again(second_year):
    row, lan = second_year
    writing.save_row(row, {"obstacles": "của năm nay"}, 0, lan, NOW)
    row = writing.copy_earlier(row, lan, NOW)
    assert (row.state, row.percent, row.obstacles) == (State.IN_PROGRESS, 60, "của năm nay")
    assert row.results == "Đã ban hành kế hoạch và tổ chức 02 hội nghị."
    row = writing.uncopy_earlier(row, lan, NOW)
    assert (row.state, row.percent, row.results, row.obstacles) == ("", None, "", "của năm nay")


def test_words_that_were_changed_after_being_taken_over_stay(second_year):
    row, lan = second_year
    row = writing.copy_earlier(row, lan, NOW)
    writing.save_row(row, {"results": row.results + " Năm nay thêm 03."}, row.revision, lan, NOW)
    row = writing.uncopy_earlier(row, lan, NOW)
    assert row.results.endswith("thêm 03.")


def test_an_earlier_report_that_was_never_sent_in_is_not_shown_beside_this_years(db):
    agency = make_agency()
    make_filled_report(agency, make_cycle(2025))
    report = AgencyReport.objects.create(cycle=make_cycle(2026), agency=agency, agency_name=agency.name)
    row = Progress.objects.create(report=report, task=Progress.objects.get().task)
    assert writing.earlier_rows(report) == {}
    assert writing.copyable(row, None) == []


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_the_same_moment_lose_nothing(people=6, rounds=5):
    """Many people save the same box from the same revision at once: one text is stored, every other is kept."""
    agency = make_agency()
    report = make_report(agency)
    row = report.rows.get()
    writers = [make_member(agency, f"Người {n}") for n in range(people)]
    for turn in range(rounds):
        row.refresh_from_db()
        KeptText.objects.all().delete()
        revision, barrier, failures = row.revision, threading.Barrier(people), []

        def write(n, revision=revision, barrier=barrier, failures=failures, turn=turn):
            try:
                barrier.wait(10)
                writing.save_row(row, {"results": f"lượt {turn} của {n}."}, revision, writers[n], NOW)
            except Exception as error:
                failures.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=write, args=(n,)) for n in range(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        row.refresh_from_db()
        texts = {row.results, *KeptText.objects.values_list("text", flat=True)}
        assert texts == {f"lượt {turn} của {n}." for n in range(people)}, connection.vendor
        assert row.revision == revision + 1
