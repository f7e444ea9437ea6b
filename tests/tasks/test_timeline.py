"""The history of an object as sentences about people."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from parkportal import timeline
from parkportal.models import User
from parkportal.wording import marked
from tasks import cycles
from tasks.models import AgencyReport, Contribution, Evidence, Membership, Progress, ReportingCycle
from tasks.status import State
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_report,
    make_submitted_report,
    make_task,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def edit(row, by, when, **values):
    """A save of some values by a person at a moment, as the officer's page makes it."""
    for name, value in values.items():
        setattr(row, name, value)
    row._history_user, row._history_date = by, when
    row.save()


def sentences(events):
    return [event.sentence for event in events]


def test_the_officers_edit_names_her_her_agency_the_field_and_the_words_that_changed():
    agency = make_agency("Sở Công Thương", abbreviation="SCT")
    lan = make_member(agency, "Trần Thị Lan")
    row = make_report(agency).rows.get()
    edit(row, lan, NOW, results="Đã tổ chức 01 hội nghị")
    edit(row, lan, NOW + timedelta(hours=1), results="Đã tổ chức 02 hội nghị")
    event = timeline.of(row)[0]
    assert (event.who, event.agency, event.sentence) == ("Trần Thị Lan", "SCT", "edited Results")
    assert event.at == NOW + timedelta(hours=1)
    assert event.changes[0].diff == "Đã tổ chức <del>01</del> <ins>02</ins> hội nghị"


def test_several_saves_of_one_person_within_half_an_hour_are_one_event():
    row = make_report().rows.get()
    lan = make_member(row.report.agency)
    for minute in (0, 10, 25):
        edit(row, lan, NOW + timedelta(minutes=minute), results=f"Bản thảo {minute}")
    edit(row, lan, NOW + timedelta(minutes=31), results="Bản cuối")
    latest, first, created = timeline.of(row)
    assert (first.merged, latest.merged) == (3, 1)
    assert (first.changes[0].before, first.changes[0].after) == ("", "Bản thảo 25")
    assert created.sentence == "opened the row"


def test_two_people_who_take_turns_keep_their_own_events():
    row = make_report().rows.get()
    lan, minh = make_member(row.report.agency), make_member(row.report.agency, "Phạm Minh")
    for minute, (who, text) in enumerate([(lan, "Một"), (minh, "Hai"), (lan, "Ba")]):
        edit(row, who, NOW + timedelta(minutes=minute), results=text)
    assert [event.who for event in timeline.of(row)][:3] == ["Trần Thị Lan", "Phạm Minh", "Trần Thị Lan"]


def test_an_edit_that_was_taken_back_within_the_sitting_still_leaves_a_line():
    row = make_report().rows.get()
    lan = make_member(row.report.agency)
    edit(row, lan, NOW, results="Nhầm")
    edit(row, lan, NOW + timedelta(minutes=2), results="")
    assert sentences(timeline.of(row))[0] == "edited it and put everything back"


def test_a_save_that_changed_nothing_people_read_leaves_no_line():
    row = make_report().rows.get()
    edit(row, make_member(row.report.agency), NOW, revision=7, updated_at=NOW)
    assert sentences(timeline.of(row)) == ["opened the row"]


def test_the_life_of_a_report_is_told_in_its_own_verbs_with_the_reason():
    report = make_submitted_report()
    hoa = make_consolidator()
    report.send_back(hoa, "Thiếu số liệu quý IV", NOW)
    report.submit(make_head(report.agency, "Võ Trưởng"), NOW)
    report.accept(hoa, NOW)
    told = timeline.of(report)
    assert sentences(told)[:4] == ["accepted the report", "submitted the report", "sent the report back", "submitted the report"]
    assert told[2].reason == "Thiếu số liệu quý IV"
    # No request stood behind these steps: the report itself names who did them.
    assert [event.who for event in told[:3]] == ["Lê Thị Hoa", "Võ Trưởng", "Lê Thị Hoa"]


def test_a_cycle_that_was_opened_again_says_why():
    cycle, hoa = make_cycle(), make_consolidator()
    cycles.close_cycle(cycle, hoa, NOW)
    cycles.reopen_cycle(cycle, hoa, "Sở Y tế gửi bổ sung", NOW + timedelta(hours=1))
    reopened, closed = timeline.of(cycle)[:2]
    assert (reopened.sentence, reopened.reason, reopened.who) == ("reopened the cycle", "Sở Y tế gửi bổ sung", "Lê Thị Hoa")
    assert (closed.sentence, closed.reason) == ("closed the cycle", "")


def test_a_report_taken_back_before_acceptance_says_so():
    report = make_submitted_report()
    report.withdraw(report.submitted_by, NOW)
    assert sentences(timeline.of(report))[0] == "took the report back"


def test_states_and_yes_or_no_are_shown_in_the_readers_language():
    row = make_report().rows.get()
    edit(row, make_member(row.report.agency), NOW, state=State.IN_PROGRESS, percent=40, completed_on=date(2026, 3, 5))
    with translation.override("vi"):
        changes = {change.label: change.after for change in timeline.of(row)[0].changes}
    assert State.IN_PROGRESS.label != "" and "05/03/2026" in changes.values() and "40%" in changes.values()
    assert "in_progress" not in changes.values()


def test_confirming_and_refusing_a_completion_are_told_as_such():
    row = make_report().rows.get()
    hoa = make_consolidator()
    edit(row, make_member(row.report.agency), NOW, state=State.AWAITING, results="Xong", completed_on=TODAY)
    row.set_state(State.COMPLETED, hoa, NOW)
    row.set_state(State.REDO, hoa, NOW)
    assert sentences(timeline.of(row))[:2] == ["asked for it to be redone", "confirmed the completion"]


def test_nothing_to_report_is_one_act():
    row = make_report().rows.get()
    edit(row, make_member(row.report.agency), NOW, is_nothing_to_report=True)
    assert sentences(timeline.of(row))[0] == "marked “nothing to report”"


def test_cycles_agencies_memberships_files_questions_and_accounts_have_their_stories():
    report = make_filled_report()
    row, lan = report.rows.get(), make_member(report.agency)
    cycle = report.cycle
    cycle.state = ReportingCycle.State.CLOSED
    cycle.save()
    cycle.state = ReportingCycle.State.OPEN
    cycle.save()
    report.agency.name = "Sở Công Thương và Năng lượng"
    report.agency.save()
    post = lan.memberships.get()
    post.duty = Membership.Duty.DEPUTY
    post.save()
    file = Evidence.objects.create(
        row=row, file="evidence/x", name="bien-ban.pdf", content_type="application/pdf", size=9, sha256="0" * 64,
        uploaded_by=lan, uploaded_at=NOW,
    )  # fmt: skip
    file.removed_by, file.removed_at = lan, NOW
    file.save()
    question = Contribution.objects.create(row=row, agency=make_agency("Sở Y tế"), due_on=TODAY, asked_by=lan, asked_at=NOW)
    question.answer, question.answered_by, question.answered_at = "Đã làm", lan, NOW
    question.save()
    lan.is_active = False
    lan.save()
    assert sentences(timeline.of(cycle))[:2] == ["reopened the cycle", "closed the cycle"]
    assert timeline.of(report.agency)[0].changes[0].diff.endswith("<ins> và Năng lượng</ins>")
    assert timeline.of(post)[0].changes[0].after == str(Membership.Duty.DEPUTY.label)
    assert sentences(timeline.of(file)) == ["removed the file", "attached the file"]
    assert sentences(timeline.of(question)) == ["answered the question", "asked for a contribution"]
    assert timeline.of(question)[0].changes[0].after == "Đã làm"
    assert sentences(timeline.of(lan)) == ["closed the account", "created the account"]


def test_the_audit_can_be_read_page_by_page_and_misses_no_record():
    row = make_report().rows.get()
    lan = make_member(row.report.agency)
    for hour in range(5):
        edit(row, lan, NOW + timedelta(hours=hour), results=f"Bản {hour}")
    whole = timeline.recent([Progress], limit=100)
    assert whole.next_offset is None
    first = timeline.recent([Progress], limit=2)
    second = timeline.recent([Progress], limit=2, offset=first.next_offset)
    assert [event.changes for event in first.events + second.events] == [event.changes for event in whole.events[:4]]


def test_the_audit_can_be_narrowed_to_a_person_an_agency_and_a_time():
    row = make_report().rows.get()
    lan, minh = make_member(row.report.agency), make_member(make_agency("Sở Y tế"), "Phạm Minh")
    edit(row, lan, at(date(2026, 11, 1)), results="Của Lan")
    edit(row, minh, at(date(2026, 11, 2)), results="Của Minh")
    people = User.objects.filter(memberships__agency=row.report.agency)
    assert {event.who for event in timeline.recent([Progress], by=minh).events} == {"Phạm Minh"}
    assert {event.who for event in timeline.recent([Progress], by=people).events} == {"Trần Thị Lan"}
    of_a_day = timeline.recent([Progress], since=at(date(2026, 11, 1), 0), until=at(date(2026, 11, 2), 0)).events
    assert [event.changes[0].after for event in of_a_day] == ["Của Lan"]


def test_a_person_without_an_agency_and_a_job_without_a_person_are_told_too():
    agency = make_agency()
    assert timeline.of(agency)[0].who == "the portal itself"
    edit(agency, make_user_without_agency(), NOW, abbreviation="SCT")
    assert (timeline.of(agency)[0].who, timeline.of(agency)[0].agency) == ("Quản trị", "")


def make_user_without_agency():
    return User.objects.create_user("quantri@danang.test", "x", full_name="Quản trị", role=User.Role.ADMINISTRATOR)


def test_the_number_of_queries_does_not_grow_with_the_history(django_assert_max_num_queries):
    agency, cycle = make_agency(), make_cycle()
    report = make_filled_report(agency, cycle, tasks=3)
    with django_assert_max_num_queries(10):
        few = timeline.of(report, report.rows.all())
    for _ in range(27):
        task = make_task(agency)
        row = Progress.objects.create(report=report, task=task)
        edit(row, make_member(agency), NOW, results="Đã làm")
    with django_assert_max_num_queries(10):
        many = timeline.of(report, report.rows.all())
    assert len(many) > len(few) + 27
    with django_assert_max_num_queries(len(timeline.models()) + 20):  # one asks each kind what is newest
        timeline.recent(limit=100)


def test_the_fragment_shows_the_difference_and_escapes_what_people_wrote():
    row = make_report().rows.get()
    edit(row, make_member(row.report.agency, "<b>Lan</b>"), NOW, results="<script>alert(1)</script>")
    html = render_to_string("components/_timeline.html", {"events": timeline.of(row), "with_subjects": True})
    assert "<script>" not in html and "<b>Lan" not in html
    assert "<ins>&lt;script&gt;" in html


TEXTS = st.lists(st.sampled_from(["công", "nghệ", "cao", "<b>", "&amp;", "2026", "\n"]), max_size=12).map(" ".join)


@given(TEXTS, TEXTS)
def test_the_marked_text_holds_both_versions_and_only_its_own_tags(before, after):
    html = marked(before, after)
    assert "<b>" not in html
    kept = re.sub(r"<del>[^<]*</del> ?(?=<ins>)|<del>[^<]*</del>", "", html)
    assert unescape(re.sub(r"</?ins>", "", kept)).split() == after.split()
    former = re.sub(r"(?<=</del>) <ins>[^<]*</ins>|<ins>[^<]*</ins>", "", html)
    assert unescape(re.sub(r"</?del>", "", former)).split() == before.split()


def test_long_unchanged_text_is_shortened_around_the_change():
    words = [f"từ{n}" for n in range(200)]
    html = marked(" ".join(words), " ".join([*words[:100], "mới", *words[100:]]))
    assert "<ins>mới" in html and "từ0 " not in html and "từ199" not in html and "…" in html


def test_an_accepted_report_is_described_in_vietnamese_too():
    report = make_submitted_report()
    report.accept(make_consolidator(), NOW)
    assert report.state == AgencyReport.State.ACCEPTED
    with translation.override("vi"):
        assert timeline.of(report)[0].sentence == "tiếp nhận báo cáo"
