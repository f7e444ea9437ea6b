"""Two entries that are one firm become one, and two again: whole, told before, and put back exactly."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firms import merging, unmerging
from firms.models import (
    Certificate,
    ConfirmationLink,
    Contact,
    Correction,
    Enquiry,
    Firm,
    FirmActivity,
    FirmMerge,
    FirmName,
    FirmYear,
    LikelyPair,
    Qualification,
)
from linkages.models import Party
from tests.builders import NOW
from tests.builders_firms import make_capability, make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def make_full_firm(name, editor, **fields):
    """A firm with a row of everything that can refer to one."""
    firm = make_firm(name, **fields)
    project = make_project(firm, f"Dự án của {name}")
    Certificate.objects.create(firm=firm, project=project, number=f"GCN {name}")
    make_capability(firm)
    FirmName.objects.create(firm=firm, name=f"{name} cũ", kind=FirmName.Kind.FORMER)
    FirmActivity.objects.create(firm=firm, version="2018", code="2592")
    FirmYear.objects.create(firm=firm, year=2024, kind="jobs", value=len(name))
    Contact.objects.create(firm=firm, person="Nguyễn Văn A")
    Qualification.objects.create(firm=firm, kind="ISO 9001")
    link = ConfirmationLink.objects.create(
        firm=firm, email="a@example.org", token_hash=f"1{firm.pk}", sent_by=editor, sent_at=NOW, expires_at=LATER
    )
    Correction.objects.create(firm=firm, link=link, message="Sai địa chỉ")
    Enquiry.objects.create(firm=firm, name="An", email="an@example.org", message="Xin hỏi", token_hash=f"2{firm.pk}")
    make_firm(f"Công ty chuyển tới {name}", moved_to=firm)
    return firm


def everything():
    """Every row of the registry that a merge could touch, without the stamp of the last change."""
    models = {model for model, _name in merging.RELATIONS} - {FirmMerge}
    rows = {}
    for model in models:
        for row in model._default_manager.order_by("pk").values():
            row.pop("touched_at", None)
            rows[model.__name__, row["id"]] = row
    return rows


def test_whoever_makes_firms_known_to_something_new_must_say_what_a_merge_does_with_it():
    assert merging.unknown_relations() == []
    assert len({model for model, _name in merging.RELATIONS}) >= 14


def test_a_relation_that_nobody_knows_stops_the_merge_before_anything_moves():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai")
    how = merging.RELATIONS[Contact, "firm"]
    merging.unrelate(Contact, "firm")
    try:
        with pytest.raises(ValidationError, match=r"firms\.Contact\.firm"):
            merging.merge(kept, merged, {}, editor, NOW)
    finally:
        merging.relate(Contact, "firm", moves=how.moves, once=how.once)
    assert Firm.objects.current().count() == 2


def test_everything_that_refers_to_the_merged_firm_moves_and_the_entry_stays_hidden():
    editor = make_editor()
    kept = make_firm("Công ty TNHH Sông Hàn", tax_code=None, country="")
    merged = make_full_firm("Song Han Precision Co., Ltd", editor, tax_code="0100112437", country="JP", zone=make_zone())
    plan = merging.plan(kept, merged)
    done = merging.merge(kept, merged, {}, editor, NOW, "Hai tên của một doanh nghiệp")
    kept.refresh_from_db()
    merged.refresh_from_db()
    assert (kept.tax_code, kept.country, kept.zone) == ("0100112437", "JP", merged.zone)
    assert (merged.merged_into, merged.is_public, merged.tax_code) == (kept, False, None)
    assert {name.name for name in kept.other_names.all()} >= {"Song Han Precision Co., Ltd", "Song Han Precision Co., Ltd cũ"}
    assert plan.total == sum(len(pks) for pks in done.moved["rows"].values()) == 12
    for (model, name), how in merging.RELATIONS.items():
        if how.moves and not how.through:
            assert not model._default_manager.filter(**{name: merged}).exists(), model
    told = kept.history.first()
    assert (told.history_user, told.history_change_reason) == (editor, f"merge {done.pk}")
    assert kept.projects.get().history.first().history_change_reason == f"merge {done.pk}"


def test_the_editor_chooses_between_values_and_the_name_that_gives_way_is_kept():
    editor = make_editor()
    kept = make_firm("Tên thứ nhất", address="Số 1", website="https://mot.example", unsure={"address": "đoán"})
    merged = make_firm("Tên thứ hai", address="Số 2", website="https://hai.example", unsure={"website": "suy ra"})
    assert {line.name for line in merging.plan(kept, merged).differs} == {"name", "address", "website"}
    merging.merge(kept, merged, {"name": "merged", "website": "merged", "address": "kept"}, editor, NOW)
    kept.refresh_from_db()
    assert (kept.name, kept.address, kept.website) == ("Tên thứ hai", "Số 1", "https://hai.example")
    assert [name.name for name in kept.other_names.all()] == ["Tên thứ nhất"]
    assert kept.unsure == {"address": "đoán", "website": "suy ra"}


def test_a_figure_of_the_same_year_stays_with_the_merged_entry_and_is_told():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai")
    for firm, jobs in ((kept, 100), (merged, 120)):
        FirmYear.objects.create(firm=firm, year=2024, kind="jobs", value=jobs)
    FirmYear.objects.create(firm=merged, year=2023, kind="jobs", value=90)
    move = next(move for move in merging.plan(kept, merged).moves if move.model is FirmYear)
    assert ([row.year for row in move.rows], [row.year for row in move.stays]) == ([2023], [2024])
    merging.merge(kept, merged, {}, editor, NOW)
    assert [(it.year, it.value) for it in kept.years.all()] == [(2024, 100), (2023, 90)]


def test_the_partner_of_a_merged_firm_goes_along_unless_the_kept_one_has_its_own():
    editor, kept, merged, third = make_editor(), make_firm("Một"), make_firm("Hai"), make_firm("Ba")
    partner = Party.objects.of_firm(merged)
    merging.merge(kept, merged, {}, editor, NOW)
    partner.refresh_from_db()
    assert partner.firm == kept
    second = Party.objects.of_firm(third)
    move = next(move for move in merging.plan(kept, third).moves if move.model is Party)
    assert (move.rows, move.stays) == ([], [second])


def test_a_pair_of_tax_codes_or_zones_that_differ_is_pointed_out():
    kept = make_firm("Một", tax_code="0100112437", zone=make_zone())
    merged = make_firm("Hai", tax_code="0100233488", zone=make_zone("Khu khác"), is_public=False)
    assert len(merging.plan(kept, merged).warnings) == 3


def test_nobody_merges_an_entry_with_itself_or_one_that_is_merged_already():
    editor, one, two, three = make_editor(), make_firm("Một"), make_firm("Hai"), make_firm("Ba")
    with pytest.raises(ValidationError, match="khác nhau"):
        merging.plan(one, one)
    merging.merge(one, two, {}, editor, NOW)
    two.refresh_from_db()
    with pytest.raises(ValidationError, match=one.code):
        merging.plan(three, two)


def test_what_changed_since_the_preview_is_shown_again_before_anything_happens():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai")
    seen = merging.plan(kept, merged).fingerprint
    make_project(merged)
    with pytest.raises(merging.Stale):
        merging.merge(kept, merged, {}, editor, NOW, seen=seen)
    assert not FirmMerge.objects.exists()


def test_an_old_number_leads_through_every_merge_to_the_firm_of_today():
    editor, one, two, three = make_editor(), make_firm("Một"), make_firm("Hai"), make_firm("Ba")
    merging.merge(two, one, {}, editor, NOW)
    merging.merge(three, two, {}, editor, NOW)
    assert merging.resolve(one.code) == merging.Found(three, True)
    assert merging.resolve(three.code) == merging.Found(three, False)
    assert merging.resolve("DN9999999") is None


def test_a_firm_that_moved_to_the_other_one_does_not_move_to_itself_afterwards():
    editor, kept = make_editor(), make_firm("Một")
    merged = make_firm("Hai", moved_to=kept)
    kept.moved_to = merged
    kept.save()
    merging.merge(kept, merged, {}, editor, NOW)
    kept.refresh_from_db()
    assert kept.moved_to is None


# Undoing ------------------------------------------------------------------------------------------------------------
def test_a_merge_undone_puts_everything_back_as_it_was():
    editor = make_editor()
    kept = make_full_firm("Công ty Một", editor, note="Ghi chú một")
    merged = make_full_firm("Công ty Hai", editor, tax_code="0100112437", note="Ghi chú hai", unsure={"country": "đoán"})
    LikelyPair.objects.create(
        first=min(kept, merged, key=lambda it: it.pk), second=max(kept, merged, key=lambda it: it.pk), score=90
    )
    before = everything()
    done = merging.merge(kept, merged, {"name": "merged", "address": "merged"}, editor, NOW)
    assert everything() != before
    found = unmerging.undo(done, editor, LATER)
    assert (found.obstacles, found.remarks) == ([], [])
    assert everything() == before
    done.refresh_from_db()
    assert (done.undone_by, done.undone_at) == (editor, LATER)
    assert merging.resolve(merged.code) == merging.Found(merged, False)


TEXTS = st.sampled_from(["", "Số 1, đường A", "Số 2"])
FIRMS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Công ty Sông Hàn", "Cong ty Song Han", "Song Han Co., Ltd", "Ngũ Hành Sơn"]),
        "name_en": st.sampled_from(["", "Song Han Co., Ltd"]),
        "native_name": st.sampled_from(["", "ソンハン"]),
        "tax_code": st.sampled_from([None, "0100112437", "0100233488"]),
        "status": st.sampled_from(Firm.Status.values),
        "country": st.sampled_from(["", "JP", "KR"]),
        "other_countries": st.sampled_from([[], ["US"]]),
        "is_supporting": st.booleans(),
        "is_public": st.booleans(),
        "founded_year": st.sampled_from([None, 2012]),
        "address": TEXTS,
        "source": st.sampled_from(["", "https://example.org/mot", "https://example.org/mot\nhttps://example.org/hai"]),
        "note": TEXTS,
        "as_of": st.sampled_from([None, date(2025, 1, 1)]),
        "unsure": st.sampled_from([{}, {"address": "đoán"}, {"country": "suy ra"}]),
        "years": st.sets(st.tuples(st.integers(2022, 2024), st.sampled_from(["jobs", "revenue"])), max_size=3),
        "lines": st.sets(st.sampled_from(["2592", "2610"]), max_size=2),
        "projects": st.integers(0, 2),
        "names": st.lists(st.sampled_from(["Tên cũ", "Song Han"]), max_size=2),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=FIRMS, merged=FIRMS, choices=st.dictionaries(st.sampled_from(merging.chosen_fields()), st.just("merged")))
def test_undoing_any_merge_restores_every_row_and_every_field(kept, merged, choices):
    with transaction.atomic():
        editor = make_editor()
        same = kept["tax_code"] == merged["tax_code"]
        one, two = make_random_firm(kept), make_random_firm(merged | {"tax_code": None} if same else merged)
        before = everything()
        done = merging.merge(one, two, choices, editor, NOW)
        unmerging.undo(done, editor, LATER)
        after = everything()
        transaction.set_rollback(True)
    assert after == before


def make_random_firm(values):
    values = dict(values)
    years, lines, projects, names = (values.pop(key) for key in ("years", "lines", "projects", "names"))
    firm = make_firm(**values)
    for year, kind in sorted(years):
        FirmYear.objects.create(firm=firm, year=year, kind=kind, value=1)
    for code in sorted(lines):
        FirmActivity.objects.create(firm=firm, version="2018", code=code)
    for number in range(projects):
        make_project(firm, f"Dự án {number}")
    for name in names:
        FirmName.objects.create(firm=firm, name=name)
    return firm


def test_merges_on_top_of_each_other_are_undone_from_the_last_one():
    editor, one, two, three = make_editor(), make_firm("Một"), make_firm("Hai"), make_firm("Ba")
    make_project(one)
    before = everything()
    first, second = merging.merge(two, one, {}, editor, NOW), merging.merge(three, two, {}, editor, NOW)
    with pytest.raises(ValidationError, match=three.code):
        unmerging.undo(first, editor, LATER)
    unmerging.undo(second, editor, LATER)
    unmerging.undo(first, editor, LATER)
    assert everything() == before
    with pytest.raises(ValidationError):
        unmerging.undo(first, editor, LATER)


def test_what_somebody_changed_since_the_merge_stays_and_is_said():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai", address="Số 2", country="JP")
    project = make_project(merged)
    done = merging.merge(kept, merged, {}, editor, NOW)
    kept.refresh_from_db()
    kept.address = "Số 3"
    kept.save()
    project.delete()
    found = unmerging.undo(done, editor, LATER)
    kept.refresh_from_db()
    assert len(found.remarks) == 2
    assert (kept.address, kept.country) == ("Số 3", "")


def test_a_tax_code_given_to_a_third_firm_since_prevents_the_undoing():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai", tax_code="0100112437")
    done = merging.merge(kept, merged, {}, editor, NOW)
    kept.refresh_from_db()
    kept.tax_code = None
    kept.save()
    third = make_firm("Ba", tax_code="0100112437")
    with pytest.raises(ValidationError, match=third.code):
        unmerging.undo(done, editor, LATER)
    assert Firm.objects.get(pk=merged.pk).merged_into == kept


def test_a_row_that_the_hidden_entry_got_since_prevents_the_undoing():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai")
    FirmActivity.objects.create(firm=merged, version="2018", code="2592")
    done = merging.merge(kept, merged, {}, editor, NOW)
    FirmActivity.objects.create(firm=merged, version="2018", code="2592")
    assert len(unmerging.look(FirmMerge.objects.get(pk=done.pk)).obstacles) == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_editors_who_merge_the_same_firms_at_once_do_it_once():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai")
    make_project(merged)
    start, outcomes = threading.Barrier(2), []

    def press(one, two):
        start.wait()
        try:
            merging.merge(one, two, {}, editor, NOW)
            outcomes.append("merged")
        except ValidationError:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=pair) for pair in ((kept, merged), (merged, kept))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connection.vendor == "postgresql"
    assert sorted(outcomes) == ["merged", "told"]
    assert Firm.objects.current().count() == 1
