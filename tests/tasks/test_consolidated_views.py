"""The consolidator's editor, the preview, the issue and the public verification, as each person meets them."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks import drafting
from tasks.models import ConsolidatedReport, ReportingCycle
from tests.builders import (
    TODAY,
    at,
    issue_draft,
    make_agency,
    make_consolidated_draft,
    make_consolidator,
    make_cycle,
    make_head,
    make_submitted_report,
    make_user,
)

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def hoa(client):
    consolidator = make_consolidator()
    client.force_login(consolidator)
    return consolidator


@pytest.fixture
def draft(hoa):
    return make_consolidated_draft(hoa)


def paragraph(draft, slot="II.1:count"):
    return draft.paragraphs.get(slot=slot)


HEAD = {
    "number": "5",
    "symbol": "BC-SKHCN",
    "issued_on": "2026-12-14",
    "place": "Đà Nẵng",
    "addressee": "Ủy ban nhân dân thành phố Đà Nẵng",
    "signing_as": "",
    "signatory_title": "GIÁM ĐỐC",
    "signatory_name": "Nguyễn Thị Ánh",
    "recipients": "Như trên\nLưu: VT, KHTC",
}


# Who sees what --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["consolidated_detail", "consolidated_preview", "consolidated_issue"])
def test_a_draft_is_shown_to_the_consolidator_and_to_no_stranger(client, draft, name):
    url = reverse(name, args=[draft.pk])
    assert client.get(url).status_code == 200
    for other in (make_user(), make_head(make_agency("Thành đoàn")), make_user(role="editor"), make_user(role="leadership")):
        client.force_login(other)
        assert client.get(url).status_code == 404
    client.force_login(make_user(role="administrator"))
    assert client.get(url).status_code == (404 if name == "consolidated_issue" else 200)
    client.logout()
    assert reverse("account_login") in client.get(url).url


def test_the_citys_leadership_reads_the_issued_edition_and_changes_nothing(client, draft, hoa):
    issue_draft(draft, hoa)
    client.force_login(make_user(role="leadership"))
    page = client.get(reverse("consolidated_detail", args=[draft.pk]))
    assert page.status_code == 200
    assert "<textarea" not in page.content.decode() and draft.sha256 in page.content.decode()
    assert client.get(reverse("consolidated_preview", args=[draft.pk])).status_code == 200
    assert client.get(reverse("consolidated_issue", args=[draft.pk])).status_code == 404


CHANGES = [
    "consolidated_refill",
    "paragraph_add",
    "paragraph_save",
    "paragraph_remove",
    "paragraph_restore",
    "paragraph_move",
    "consolidated_start",
]


def target(name, draft):
    if name == "consolidated_start":
        return reverse(name, args=[draft.cycle_id])
    return reverse(name, args=[paragraph(draft).pk if name.startswith("paragraph_") and name != "paragraph_add" else draft.pk])


@pytest.mark.parametrize("name", CHANGES)
def test_only_a_consolidator_changes_the_draft_and_only_by_post(client, draft, name):
    url = target(name, draft)
    assert client.get(url).status_code == 405
    before = list(draft.paragraphs.values())
    for role in ("staff", "leadership", "administrator", "editor"):
        client.force_login(make_user(role=role))
        assert client.post(url, {"text": "Của người lạ", "section": "I"}).status_code == 404
    client.logout()
    assert client.post(url, {"text": "Của người lạ"}).status_code == 302
    assert list(draft.paragraphs.values()) == before


@pytest.mark.parametrize("name", CHANGES[:-1])
def test_nobody_changes_an_issued_edition(client, draft, hoa, name):
    url = target(name, draft)
    issue_draft(draft, hoa)
    before = list(draft.paragraphs.values())
    assert client.post(url, {"text": "Sửa", "revision": "0", "section": "I"}).status_code == 404
    assert client.post(reverse("consolidated_detail", args=[draft.pk]), HEAD).status_code == 404
    assert list(draft.paragraphs.values()) == before


# Starting and filling -------------------------------------------------------------------------------------------------
def test_starting_twice_opens_the_same_draft(client, draft):
    answer = client.post(reverse("consolidated_start", args=[draft.cycle_id]))
    assert answer.url == reverse("consolidated_detail", args=[draft.pk])
    assert ConsolidatedReport.objects.count() == 1


def test_a_cycle_that_is_not_open_yet_has_nothing_to_consolidate(client, hoa):
    cycle = make_cycle(2027, state=ReportingCycle.State.PLANNED)
    answer = client.post(reverse("consolidated_start", args=[cycle.pk]))
    assert answer.url == reverse("cycle_detail", args=[cycle.pk])
    assert not ConsolidatedReport.objects.exists()


def test_the_editor_shows_each_paragraph_with_its_sources_and_what_is_missing(client, draft):
    page = client.get(reverse("consolidated_detail", args=[draft.pk])).content.decode()
    for one in draft.paragraphs.all():
        assert f'name="text-{one.pk}"' in page
    row = draft.cycle.reports.get(agency__name="Sở Công Thương").rows.get(task__code="I.1")
    assert f"{reverse('report_detail', args=[row.report_id])}#row-{row.pk}" in page
    silent = draft.cycle.reports.get(agency__name="Sở Tài chính")
    assert reverse("report_detail", args=[silent.pk]) in page
    assert "14/12/2026" in page and "15/12/2026" in page  # the last day and the printed one


def test_the_editor_tells_when_the_data_changed_and_filling_again_settles_it(client, draft, hoa):
    own = paragraph(draft)
    own.write("Lời của tôi.", own.revision, hoa, at(TODAY))
    finance = draft.cycle.reports.get(agency__name="Sở Tài chính")
    make_head_and_submit(finance)
    page = client.get(reverse("consolidated_detail", args=[draft.pk])).content.decode()
    assert "Tổng số 04 nhiệm vụ, gồm: đã hoàn thành 0; đang thực hiện 04" in page  # the new wording beside mine
    assert "Lời của tôi." in page
    client.post(reverse("consolidated_refill", args=[draft.pk]))
    assert paragraph(draft).text == "Lời của tôi."
    assert not draft.paragraphs.filter(slot="III:unsent").exists()
    assert draft.paragraphs.filter(slot="II.3:in_progress:II.2").exists()


def make_head_and_submit(report):
    for row in report.rows.all():
        row.state, row.results = "in_progress", "Đang làm."
        row.save()
    report.submit(make_head(report.agency), at(TODAY))


def test_filling_again_saves_what_stands_in_the_boxes_first(client, draft):
    one = paragraph(draft)
    answer = client.post(
        reverse("consolidated_refill", args=[draft.pk]), {f"text-{one.pk}": "Vừa gõ", f"revision-{one.pk}": one.revision}
    )
    assert answer.status_code == 302
    assert paragraph(draft).text == "Vừa gõ"


# Saving ---------------------------------------------------------------------------------------------------------------
def test_a_paragraph_is_saved_by_itself_and_says_when(client, draft, hoa):
    one = paragraph(draft)
    answer = client.post(reverse("paragraph_save", args=[one.pk]), {"text": "Câu mới […]", "revision": one.revision}, **JSON)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["revision"], body["edited"], body["blanks"]) == (one.revision + 1, True, 1)
    assert re.fullmatch(r"\d\d:\d\d", body["saved"])
    one.refresh_from_db()
    assert (one.text, one.updated_by) == ("Câu mới […]", hoa)


def test_the_second_of_two_people_gets_both_texts(client, draft):
    one, nam = paragraph(draft), make_consolidator("Hoàng Văn Nam")
    seen = one.revision
    one.write("Bản của Nam", seen, nam, at(TODAY))
    url = reverse("paragraph_save", args=[one.pk])
    answer = client.post(url, {"text": "Bản của Hoa", "revision": seen}, **JSON)
    assert answer.status_code == 409
    assert answer.json() == {"text": "Bản của Nam", "by": "Hoàng Văn Nam", "revision": seen + 1}
    assert paragraph(draft).text == "Bản của Nam"
    assert client.post(url, {"text": "Bản của cả hai", "revision": seen + 1}, **JSON).status_code == 200
    page = client.post(url, {"text": "Không có JavaScript", "revision": seen})
    assert page.status_code == 409
    assert "Không có JavaScript" in page.content.decode() and "Bản của cả hai" in page.content.decode()


def test_without_javascript_the_page_saves_as_a_whole_and_keeps_both_texts(client, draft):
    first, second = paragraph(draft, "II.1:lead"), paragraph(draft)
    second.write("Bản của Nam", second.revision, make_consolidator("Nam"), at(TODAY))
    fields = {
        f"text-{first.pk}": "Câu của tôi",
        f"revision-{first.pk}": first.revision,
        f"text-{second.pk}": "Bản của Hoa",
        f"revision-{second.pk}": "0",
    }
    page = client.post(reverse("consolidated_detail", args=[draft.pk]), fields)
    assert page.status_code == 409
    words = page.content.decode()
    assert "Bản của Nam" in words and "Bản của Hoa" in words
    assert paragraph(draft, "II.1:lead").text == "Câu của tôi"
    shown = re.search(rf'name="revision-{second.pk}" value="(\d+)"', words).group(1)
    again = fields | {f"revision-{second.pk}": shown, f"revision-{first.pk}": "1"}
    assert client.post(reverse("consolidated_detail", args=[draft.pk]), again).status_code == 302
    assert paragraph(draft).text == "Bản của Hoa"


def test_a_missing_or_garbled_revision_never_overwrites(client, draft):
    one = paragraph(draft)
    for revision in ("", "abc", "-1", "99"):
        answer = client.post(reverse("paragraph_save", args=[one.pk]), {"text": "Đè lên", "revision": revision}, **JSON)
        assert answer.status_code == 409
    assert client.post(reverse("paragraph_save", args=[one.pk]), {"revision": "0"}, **JSON).status_code == 400
    assert paragraph(draft).text == one.text


def test_the_head_saves_only_the_boxes_that_this_person_changed(client, draft):
    shown = {f"initial-{name}": "" for name in HEAD} | {
        "initial-symbol": "BC-SKHCN",
        "initial-place": "Đà Nẵng",
        "initial-addressee": HEAD["addressee"],
        "initial-signatory_title": "GIÁM ĐỐC",
        "initial-recipients": draft.recipients,
    }
    colleague = ConsolidatedReport.objects.get(pk=draft.pk)
    colleague.signatory_name = "Do đồng nghiệp nhập"
    colleague.save()
    mine = HEAD | {"signatory_name": "", "recipients": draft.recipients}
    assert client.post(reverse("consolidated_detail", args=[draft.pk]), shown | mine).status_code == 302
    draft.refresh_from_db()
    assert (draft.number, draft.issued_on, draft.signatory_name) == (5, date(2026, 12, 14), "Do đồng nghiệp nhập")


def test_a_wrong_number_in_the_head_is_named_and_the_rest_is_kept(client, draft):
    one = paragraph(draft)
    fields = HEAD | {"number": "năm", f"text-{one.pk}": "Vừa gõ", f"revision-{one.pk}": one.revision}
    page = client.post(reverse("consolidated_detail", args=[draft.pk]), fields)
    assert page.status_code == 422
    assert "Vừa gõ" in page.content.decode() and paragraph(draft).text == "Vừa gõ"
    assert client.post(reverse("consolidated_detail", args=[draft.pk]), fields, **JSON).json()["errors"].keys() == {"number"}


# Paragraphs -----------------------------------------------------------------------------------------------------------
def test_a_paragraph_goes_out_and_comes_back(client, draft):
    one = paragraph(draft)
    answer = client.post(reverse("paragraph_remove", args=[one.pk]))
    assert answer.url.endswith(f"#p-{one.pk}")
    assert paragraph(draft).is_removed
    assert f'name="text-{one.pk}"' not in client.get(reverse("consolidated_detail", args=[draft.pk])).content.decode()
    client.post(reverse("paragraph_restore", args=[one.pk]), {"what": "back"})
    assert not paragraph(draft).is_removed


def test_the_drafted_text_can_be_had_back(client, draft, hoa):
    one = paragraph(draft)
    one.write("Của tôi", one.revision, hoa, at(TODAY))
    client.post(reverse("paragraph_restore", args=[one.pk]), {"what": "prefilled"})
    assert paragraph(draft).text == one.prefilled


def test_the_new_wording_is_taken_or_the_own_one_kept(client, draft, hoa):
    count, silent = paragraph(draft), paragraph(draft, "III:unsent")
    for one in (count, silent):
        one.write("Của tôi", one.revision, hoa, at(TODAY))
    make_head_and_submit(draft.cycle.reports.get(agency__name="Sở Tài chính"))
    client.post(reverse("paragraph_restore", args=[silent.pk]), {"what": "keep"})
    silent.refresh_from_db()
    assert silent.text == "Của tôi" and silent.is_own  # nothing behind it any more: it is a person's own
    client.post(reverse("paragraph_restore", args=[count.pk]), {"what": "keep"})
    assert paragraph(draft).text == "Của tôi"
    assert "đang thực hiện 04" in paragraph(draft).prefilled
    client.post(reverse("paragraph_restore", args=[count.pk]), {"what": "new"})
    assert "đang thực hiện 04" in paragraph(draft).text


def test_an_own_paragraph_is_added_where_it_was_asked_for(client, draft):
    answer = client.post(reverse("paragraph_add", args=[draft.pk]), {"section": "VI"})
    own = draft.paragraphs.get(slot="")
    assert own.section == "VI" and answer.url.endswith(f"#p-{own.pk}")
    client.post(reverse("paragraph_add", args=[draft.pk]), {"section": "XX"})
    assert draft.paragraphs.filter(slot="").count() == 1


def test_what_hoa_typed_before_she_moved_a_paragraph_into_the_next_section_moves_along(client, draft):
    last = draft.paragraphs.filter(section="II.1").order_by("position").last()
    typed = {f"text-{last.pk}": "Câu mới của Hoa.", f"revision-{last.pk}": last.revision}
    client.post(reverse("paragraph_move", args=[last.pk]), typed | {"way": "down"})
    last.refresh_from_db()
    assert (last.section != "II.1", last.text) == (True, "Câu mới của Hoa.")


def test_a_paragraph_moves_by_a_button(client, draft):
    first, second = draft.paragraphs.filter(section="II.1").order_by("position")[:2]
    client.post(reverse("paragraph_move", args=[second.pk]), {"way": "up"})
    assert list(draft.paragraphs.filter(section="II.1").order_by("position")[:2]) == [second, first]


# Cost -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["consolidated_detail", "consolidated_preview", "consolidated_issue"])
def test_pages_cost_no_more_queries_for_thirty_agencies_than_for_two(client, draft, hoa, name, django_assert_max_num_queries):
    url = reverse(name, args=[draft.pk])
    client.get(url)
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    for n in range(28):
        make_submitted_report(make_agency(f"Cơ quan {n}"), draft.cycle, tasks=2)
    drafting.refill(draft, hoa, TODAY, timezone.now())
    with django_assert_max_num_queries(len(few)):
        client.get(url)
