"""What becomes of a link: its steps, its evidence on a day, its reviews, and who may see it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from linkages import links
from linkages.models import EvidenceLevel, Link, LinkEvidence
from tests.builders import NOW
from tests.builders_firms import make_editor, make_firm
from tests.builders_linkages import TODAY, make_link, make_party

pytestmark = pytest.mark.django_db
State = Link.State


class TestSteps(TestCase):
    """Whatever two officers press, in whatever order: a link never ends up in what cannot be."""

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(State.values), st.integers(0, 900)), max_size=7))
    def test_no_order_of_steps_breaks_a_link(self, presses):
        officer = make_editor(email="lan@example.vn")
        link = make_link(state=State.POSSIBLE, starts_on=None)
        for to, days in presses:
            before = link.state
            try:
                links.move(link, to, date(2024, 1, 1) + timedelta(days), officer)
            except ValidationError as refused:
                assert refused.messages
                link.refresh_from_db()
                assert link.state == before
                continue
            link.refresh_from_db()
            assert link.state == to and to in links.STEPS[before]
            assert (to == State.ENDED) == bool(link.ends_on)
            assert not (link.starts_on and link.ends_on) or link.starts_on <= link.ends_on
            assert link.history.first().history_user == officer


def test_a_link_begins_on_the_day_on_which_it_is_taken_up():
    link = make_link(state=State.NEGOTIATED, starts_on=None)
    links.move(link, State.RUNNING, date(2026, 3, 1), make_editor(), "hợp đồng khung")
    link.refresh_from_db()
    assert (link.state, link.starts_on, link.history.first().history_change_reason) == (
        State.RUNNING, date(2026, 3, 1), "hợp đồng khung",
    )  # fmt: skip


def test_a_running_link_does_not_end_before_it_began():
    link = make_link(starts_on=date(2025, 1, 1))
    with pytest.raises(ValidationError, match="01/01/2025"):
        links.move(link, State.ENDED, date(2024, 12, 31), make_editor())


def test_two_officers_press_review_on_one_day_and_one_line_is_written():
    link, officer = make_link(), make_editor()
    assert links.review(link, officer, TODAY)
    assert not links.review(link, officer, TODAY)
    assert link.history.count() == 2


def test_reviews_fall_due_after_a_year_and_only_of_links_under_way():
    old, never = make_link(reviewed_on=TODAY - timedelta(days=366)), make_link()
    make_link(reviewed_on=TODAY - timedelta(days=365))
    make_link(state=State.ENDED)
    assert set(Link.objects.due_for_review(TODAY)) == {old, never}


# Evidence -----------------------------------------------------------------------------------------------------------
def add(link, level, **fields):
    return LinkEvidence.objects.create(link=link, level=level, title=str(level), **fields)


DAYS = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2026, 12, 31)))


class TestLevel(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(st.tuples(st.sampled_from(EvidenceLevel.values), DAYS, DAYS, st.booleans()), max_size=5),
        st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    )
    def test_the_database_the_page_and_the_network_agree_on_the_level_of_any_day(self, pieces, day):
        link = make_link()
        for level, dated_on, valid_until, is_removed in pieces:
            add(link, level, dated_on=dated_on, valid_until=valid_until, removed_at=NOW if is_removed else None)
        stored = Link.objects.with_evidence(day).get(pk=link.pk).level
        assert stored == (links.level_of(link.evidence.all(), day) or 0)
        by_hand = [
            level
            for level, begun, until, gone in pieces
            if not gone and (not begun or begun <= day) and (not until or until >= day)
        ]
        assert stored == max(by_hand, default=0)


def test_a_contract_counts_from_its_day_until_it_runs_out():
    link = make_link()
    add(link, 3, dated_on=date(2026, 1, 10), valid_until=date(2026, 6, 30))
    add(link, 1, dated_on=date(2025, 5, 1))
    levels = [Link.objects.with_evidence(day).get().level for day in (date(2026, 1, 9), date(2026, 1, 10), date(2026, 7, 1))]
    assert levels == [1, 3, 1]


def test_a_removed_piece_stays_with_who_removed_it_and_counts_again_when_it_is_brought_back():
    link, officer = make_link(level=3), make_editor()
    piece = link.evidence.get()
    assert links.remove_evidence(piece, officer, NOW, "nhầm liên kết")
    assert not links.remove_evidence(piece, officer, NOW)
    piece.refresh_from_db()
    assert (piece.removed_by, piece.removed_at) == (officer, NOW)
    assert Link.objects.with_evidence(TODAY).get().level == 0
    assert links.restore_evidence(piece, officer)
    assert not links.restore_evidence(piece, officer)
    assert Link.objects.with_evidence(TODAY).get().level == 3
    assert piece.history.count() == 3


def test_a_file_keeps_its_name_and_what_it_is(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    link, officer = make_link(), make_editor()
    upload = ContentFile(b"%PDF-1.4", "C:\\tai lieu\\Hợp đồng khung.PDF")
    piece = links.add_evidence(link, LinkEvidence(level=3, title="Hợp đồng khung"), upload, officer, NOW)
    assert (piece.file_name, piece.added_by) == ("Hợp đồng khung.PDF", officer)
    assert links.content_type(piece) == "application/pdf"
    assert piece.file.read() == b"%PDF-1.4"


# Who sees it --------------------------------------------------------------------------------------------------------
def test_everybody_sees_a_link_only_if_it_and_both_its_ends_may_be_seen():
    shown = make_link()
    make_link(is_public=False)
    make_link(target=make_party(firm=make_firm("Ẩn", is_public=False)))
    make_link(source=make_party(kind="school", name="Trường kín", is_public=False))
    merged = make_firm("Gộp", merged_into=make_firm("Giữ"))
    make_link(source=make_party(firm=merged))
    with_school = make_link(source=make_party(kind="school", name="Trường mở"))
    assert set(Link.objects.public()) == {shown, with_school}


def test_a_link_with_a_hidden_partner_is_not_shown():
    link = make_link(target=make_party(firm=make_firm("Công ty Ẩn", is_public=False)), is_public=False)
    with pytest.raises(ValidationError, match="Công ty Ẩn"):
        links.show(link, True, make_editor())


def test_showing_twice_changes_nothing_the_second_time():
    link, officer = make_link(is_public=False), make_editor()
    assert links.show(link, True, officer)
    assert not links.show(link, True, officer)
    assert links.show(link, False, officer)
