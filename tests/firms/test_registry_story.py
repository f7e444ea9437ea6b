"""The history of firms and zones is told in sentences; what everybody reads of it names nobody."""

from datetime import date

import pytest
from django.urls import reverse

from firms import merging, registry, story, unmerging
from firms.models import Contact, Firm, FirmName, FirmYear, Review
from parkportal import timeline
from tests.builders import NOW, make_consolidator
from tests.builders_firms import make_capability, make_editor, make_firm, make_project, make_zone

pytestmark = pytest.mark.django_db


def saved(row, by=None, why=None, **changes):
    for name, value in changes.items():
        setattr(row, name, value)
    row._history_user, row._change_reason = by, why
    row.save()


def sentences(firm):
    return [event.sentence for event in story.of_firm(firm)]


def test_every_model_of_the_registry_with_a_history_has_it_told():
    assert {Firm, *story.OF_FIRM, *story.OF_ZONE} <= set(timeline.models())


def test_the_steps_of_an_entry_are_told_as_sentences():
    editor = make_editor()
    firm, other = make_firm("Một"), make_firm("Hai")
    registry.mark_reviewed(firm, editor)
    registry.mark_doubted(firm, editor, "Trang web đã đóng")
    saved(firm, confirmed_on=date(2026, 11, 1), review=Review.DOUBTED)
    saved(firm, editor, is_public=False)
    saved(firm, editor, is_public=True)
    done = merging.merge(firm, other, {}, editor, NOW)
    unmerging.undo(done, editor, NOW)
    told = sentences(firm)
    for sentence in (
        "đánh dấu đã rà soát", "đánh dấu cần kiểm tra", "ghi nhận doanh nghiệp đã xác nhận hồ sơ", "ẩn hồ sơ", "công khai hồ sơ",
        "gộp hồ sơ khác vào đây", "trả lại những gì lần gộp đã chuyển sang",
    ):  # fmt: skip
        assert sentence in told, sentence
    doubt = next(event for event in story.of_firm(firm) if event.sentence == "đánh dấu cần kiểm tra")
    assert (doubt.who, doubt.reason) == (editor.full_name, "Trang web đã đóng")
    assert "gộp vào hồ sơ khác" in sentences(other)


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("upload 12, row 27", "Nhập từ tệp: lần tải 12, dòng 27"),
        ("merge 3", "Lần gộp 3"),
        ("unmerge 3", "Hoàn tác lần gộp 3"),
        ("fixtures/registry F001", "Nạp từ nguồn công khai"),
        ("Theo công văn 12", "Theo công văn 12"),
    ],
)
def test_reasons_that_processes_write_are_told_in_the_readers_language(kept, told):
    firm = make_firm()
    saved(firm, why=kept, address="Mới")
    assert story.of_firm(firm)[0].reason == told


def test_a_row_that_was_taken_out_is_told_by_its_name():
    firm, editor = make_firm(), make_editor()
    name = FirmName.objects.create(firm=firm, name="Viết sai")
    registry.take_out(name, editor)
    assert "Viết sai" in story.of_firm(firm)[0].subject


def test_a_row_that_a_merge_brought_is_told_in_both_entries():
    editor, kept, merged = make_editor(), make_firm("Một"), make_firm("Hai")
    make_project(merged)
    merging.merge(kept, merged, {}, editor, NOW)
    assert "chuyển sang doanh nghiệp khác" in sentences(kept)


def test_the_portals_history_tells_firms_and_zones_too(client):
    firm, zone = make_firm("Công ty Sông Hàn"), make_zone("Khu công nghệ cao")
    client.force_login(make_consolidator())
    page = client.get(reverse("audit")).text
    assert firm.name in page and zone.name in page
    assert client.get(f"{reverse('audit')}?kind=firm").status_code == 200


def test_everybody_reads_days_and_deeds_and_no_names():
    editor = make_editor("Bùi Hải Yến")
    firm = make_firm()
    saved(firm, editor, address="Mới", note="Ghi chú nội bộ")
    Contact.objects.create(firm=firm, person="Nguyễn Văn A")
    FirmYear.objects.create(firm=firm, year=2024, kind="revenue", value=1)
    saved(firm, confirmed_on=date(2026, 11, 1))
    registry.mark_reviewed(firm, editor)
    told = story.story_of(firm)
    words = " ".join(f"{line.who} {' '.join(line.sentences)}" for line in told)
    assert "Địa chỉ" in words and "xác nhận hồ sơ của mình" in words
    for kept_back in ("Yến", "Nguyễn", "Ghi chú", "2024", "rà soát", "Mới"):
        assert kept_back not in words
    assert {line.who for line in told} == {"Cơ quan quản lý", "Doanh nghiệp"}


def test_what_an_entry_began_with_is_told_by_its_beginning():
    firm = make_firm()
    make_capability(firm)
    assert [line.sentences for line in story.story_of(firm)] == [["nhập hồ sơ doanh nghiệp"]]
