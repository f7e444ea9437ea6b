"""The consolidator's editor, the preview, the issue and the public verification, as each person meets them."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks import drafting, issuing
from tasks.models import ConsolidatedReport, ReportingCycle
from tests.builders import (
    TODAY,
    at,
    make_agency,
    make_consolidator,
    make_cycle,
    make_head,
    make_report,
    make_submitted_report,
    make_task,
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
    """Sở Công Thương has reported on three tasks, Sở Tài chính on none of its one."""
    cycle = make_cycle()
    trade, finance = make_agency("Sở Công Thương"), make_agency("Sở Tài chính")
    for code in ("I.1", "I.2", "II.1"):
        make_task(trade, code)
    make_task(finance, "II.2")
    make_submitted_report(trade, cycle)
    make_report(finance, cycle)
    return drafting.start(cycle, hoa, TODAY, at(TODAY))


def paragraph(draft, slot="II.1:count"):
    return draft.paragraphs.get(slot=slot)


def filled(draft, by):
    """The same draft with nothing left to fill in and its head complete."""
    for one in draft.paragraphs.all():
        if one.blanks:
            one.write("Sở đã ban hành 02 công văn đôn đốc.", one.revision, by, at(TODAY))
    draft.refresh_from_db()
    draft.recipients = "Như trên\nLưu: VT, KHTC"
    draft.save()
    return draft


def issued(draft, by, number=5):
    filled(draft, by)
    draft.number, draft.issued_on, draft.signatory_name = number, TODAY, "Nguyễn Thị Ánh"
    draft.save()
    issuing.issue(draft, by, TODAY, at(TODAY))
    return draft


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
    issued(draft, hoa)
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
    issued(draft, hoa)
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


def test_a_paragraph_moves_by_a_button(client, draft):
    first, second = draft.paragraphs.filter(section="II.1").order_by("position")[:2]
    client.post(reverse("paragraph_move", args=[second.pk]), {"way": "up"})
    assert list(draft.paragraphs.filter(section="II.1").order_by("position")[:2]) == [second, first]


# Issue ----------------------------------------------------------------------------------------------------------------
def issue_page(client, draft):
    page = client.get(reverse("consolidated_issue", args=[draft.pk]))
    return page, re.search(r'name="seen" value="(\w{64})"', page.content.decode()).group(1)


def test_the_page_of_issue_says_what_is_frozen_and_who_is_missing_and_then_issues(client, draft, hoa):
    filled(draft, hoa)
    page, seen = issue_page(client, draft)
    assert "Sở Tài chính" in page.content.decode()
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen})
    assert answer.url == reverse("consolidated_detail", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.is_issued and draft.full_number == "05/BC-SKHCN" and draft.issued_by == hoa
    again = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen, "number": "9"})
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.number == 5


@pytest.mark.parametrize("name", ["number", "issued_on", "signatory_name", "signatory_title", "recipients", "place", "addressee"])
def test_what_is_lacking_is_said_at_its_box(client, draft, hoa, name):
    filled(draft, hoa)
    _page, seen = issue_page(client, draft)
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {name: "", "seen": seen})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [name]
    draft.refresh_from_db()
    assert not draft.is_issued


def test_open_places_keep_it_from_being_issued(client, draft):
    _page, seen = issue_page(client, draft)
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen})
    assert answer.status_code == 409
    assert "[Nêu các văn bản chỉ đạo" in str(answer.context["form"].non_field_errors())
    filled(draft, draft.paragraphs.first().updated_by or make_consolidator())
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen, "recipients": "Lưu: VT, [… bản]"})
    assert list(answer.context["form"].errors) == ["recipients"]


def test_a_draft_that_changed_meanwhile_is_shown_again_instead_of_issued(client, draft, hoa):
    filled(draft, hoa)
    _page, seen = issue_page(client, draft)
    one = paragraph(draft)
    one.write("Đồng nghiệp vừa sửa.", one.revision, make_consolidator("Nam"), at(TODAY))
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen})
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert not draft.is_issued
    _page, seen = issue_page(client, draft)
    assert client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen}).status_code == 302


@pytest.mark.parametrize(
    ("box", "changes"),
    [
        ("issued_on", {"issued_on": "2062-12-14"}),
        ("issued_on", {"issued_on": "2025-12-14"}),
        ("signatory_title", {"signing_as": "KT."}),  # a deputy does not sign as director
    ],
)
def test_a_slip_that_would_be_frozen_for_good_is_stopped(client, draft, hoa, box, changes):
    filled(draft, hoa)
    _page, seen = issue_page(client, draft)
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen} | changes)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [box]


def test_a_deputy_signs_for_the_director(client, draft, hoa):
    filled(draft, hoa)
    _page, seen = issue_page(client, draft)
    head = HEAD | {"seen": seen, "signing_as": "KT.", "signatory_title": "PHÓ GIÁM ĐỐC"}
    assert client.post(reverse("consolidated_issue", args=[draft.pk]), head).status_code == 302
    draft.refresh_from_db()
    assert draft.content["signing_authority"] == "GIÁM ĐỐC"


def test_what_people_type_is_text_and_never_markup(client, draft, hoa):
    own = paragraph(draft)
    own.write("<script>alert(1)</script> & <b>đậm</b>", own.revision, hoa, at(TODAY))
    for name in ("consolidated_detail", "consolidated_preview"):
        page = client.get(reverse(name, args=[draft.pk])).content.decode()
        assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


def test_a_paragraph_of_a_section_that_the_report_no_longer_has_is_not_lost(client, draft, hoa):
    draft.cycle.kind = ReportingCycle.Kind.FINAL
    draft.cycle.save()
    own = drafting.add(draft, "lessons", hoa, at(TODAY))
    own.write("Bài học của chúng tôi.", 0, hoa, at(TODAY))
    draft.cycle.kind = ReportingCycle.Kind.ANNUAL
    draft.cycle.save()
    assert "Bài học của chúng tôi." in client.get(reverse("consolidated_preview", args=[draft.pk])).content.decode()
    assert client.post(reverse("paragraph_move", args=[own.pk]), {"way": "up"}).status_code == 302
    own.refresh_from_db()
    assert own.section == "V"


def test_a_number_used_before_in_the_year_asks_to_be_confirmed(client, draft, hoa):
    issued(draft, hoa)
    client.post(reverse("consolidated_start", args=[draft.cycle_id]))
    second = ConsolidatedReport.objects.drafts().get()
    assert second.edition == 2
    _page, seen = issue_page(client, second)
    url = reverse("consolidated_issue", args=[second.pk])
    answer = client.post(url, HEAD | {"seen": seen, "issued_on": TODAY.isoformat()})
    assert answer.status_code == 422 and 'name="is_number_meant"' in answer.content.decode()
    answer = client.post(url, HEAD | {"seen": seen, "issued_on": TODAY.isoformat(), "is_number_meant": "on"})
    assert answer.status_code == 302
    second.refresh_from_db()
    assert second.is_issued


# Verification ---------------------------------------------------------------------------------------------------------
def test_anybody_holds_a_copy_against_what_was_issued(client, draft, hoa):
    issued(draft, hoa)
    client.logout()
    url = reverse("verify", args=[draft.verification])
    page = client.get(url)
    words = page.content.decode()
    assert page.status_code == 200
    assert "05/BC-SKHCN" in words and "Nguyễn Thị Ánh" in words and draft.sha256 in words
    assert hoa.full_name not in words and "Đã ban hành kế hoạch" not in words  # nobody's name and nobody's text
    spaced = " ".join(draft.sha256[n : n + 8] for n in range(0, 64, 8)).upper()
    assert client.get(url, {"hash": spaced}).context["verdict"] == "same"
    assert client.get(url, {"hash": "0" * 64}).context["verdict"] == "other"
    assert client.get(url, {"hash": "không phải mã"}).context["verdict"] == "unreadable"
    assert client.post(url).status_code == 405
    english = client.get(f"/en{url}")
    assert english.status_code == 200 and "Is this copy genuine?" in english.content.decode()


def test_a_draft_or_an_unknown_code_is_verified_by_nobody(client, draft):
    client.logout()
    assert client.get(reverse("verify", args=[draft.verification])).status_code == 404
    assert client.get(reverse("verify", args=[uuid.uuid4()])).status_code == 404


def test_an_old_copy_is_told_of_the_newer_edition(client, draft, hoa):
    issued(draft, hoa)
    second = issued(drafting.start(draft.cycle, hoa, TODAY, at(TODAY)), hoa, number=6)
    client.logout()
    assert (
        reverse("verify", args=[second.verification]) in client.get(reverse("verify", args=[draft.verification])).content.decode()
    )
    page = client.get(reverse("verify", args=[second.verification]))
    assert page.context["newer"] is None


# Cost -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["consolidated_detail", "consolidated_preview", "consolidated_issue"])
def test_pages_cost_no_more_queries_for_thirty_agencies_than_for_two(client, draft, hoa, name, django_assert_max_num_queries):
    url = reverse(name, args=[draft.pk])
    client.get(url)
    with django_assert_max_num_queries(30) as few:
        client.get(url)
    for n in range(28):
        make_submitted_report(make_agency(f"Cơ quan {n}"), draft.cycle, tasks=2)
    drafting.refill(draft, hoa, TODAY, timezone.now())
    with django_assert_max_num_queries(len(few)):
        client.get(url)
