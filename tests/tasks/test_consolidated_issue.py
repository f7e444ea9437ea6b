"""Issuing the consolidated report on its page, and holding a copy against it on the public one."""

import re
import uuid

import pytest
from django.urls import reverse

from tasks import drafting
from tasks.models import ConsolidatedReport, ReportingCycle
from tests.builders import TODAY, at, fill_blanks, issue_draft, make_consolidated_draft, make_consolidator

pytestmark = pytest.mark.django_db


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


# Issue ----------------------------------------------------------------------------------------------------------------
def issue_page(client, draft):
    page = client.get(reverse("consolidated_issue", args=[draft.pk]))
    return page, re.search(r'name="seen" value="(\w{64})"', page.content.decode()).group(1)


def test_the_page_of_issue_says_what_is_frozen_and_who_is_missing_and_then_issues(client, draft, hoa):
    fill_blanks(draft, hoa)
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
    fill_blanks(draft, hoa)
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
    fill_blanks(draft, draft.paragraphs.first().updated_by or make_consolidator())
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen, "recipients": "Lưu: VT, [… bản]"})
    assert list(answer.context["form"].errors) == ["recipients"]


def test_a_draft_that_changed_meanwhile_is_shown_again_instead_of_issued(client, draft, hoa):
    fill_blanks(draft, hoa)
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
    fill_blanks(draft, hoa)
    _page, seen = issue_page(client, draft)
    answer = client.post(reverse("consolidated_issue", args=[draft.pk]), HEAD | {"seen": seen} | changes)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [box]


def test_a_deputy_signs_for_the_director(client, draft, hoa):
    fill_blanks(draft, hoa)
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
    issue_draft(draft, hoa)
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
    issue_draft(draft, hoa)
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
    issue_draft(draft, hoa)
    second = issue_draft(drafting.start(draft.cycle, hoa, TODAY, at(TODAY)), hoa, number=6)
    client.logout()
    assert (
        reverse("verify", args=[second.verification]) in client.get(reverse("verify", args=[draft.verification])).content.decode()
    )
    page = client.get(reverse("verify", args=[second.verification]))
    assert page.context["newer"] is None
