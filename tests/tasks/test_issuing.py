"""Issuing the consolidated report: who may, what must be there, and that an issued edition never moves again."""

from datetime import date
from threading import Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections

from tasks import drafting, issuing, report
from tasks.models import Agency, AgencyReport, ConsolidatedReport
from tasks.models.consolidated import TextChanged
from tasks.yearreport import YearReport
from tests.builders import (
    at,
    make_agency,
    make_consolidator,
    make_cycle,
    make_report,
    make_submitted_report,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 14)
NOW = at(DAY)


def make_draft(by=None):
    """A draft over one agency that reported and one that did not, with nothing left to fill in."""
    cycle = make_cycle()
    trade, youth = make_agency("Sở Công Thương"), make_agency("Thành đoàn")
    make_task(trade, "I.1")
    make_task(youth, "II.1")
    make_submitted_report(trade, cycle)
    make_report(youth, cycle)
    by = by or make_consolidator()
    draft = drafting.start(cycle, by, DAY, NOW)
    for paragraph in draft.paragraphs.all():
        if paragraph.blanks:
            paragraph.write("Sở Khoa học và Công nghệ đã đôn đốc bằng 02 công văn.", paragraph.revision, by, NOW)
    draft.number, draft.issued_on = 5, DAY
    draft.signatory_name, draft.recipients = "Nguyễn Thị Ánh", "- Như trên;\n- Lưu: VT, KHTC."
    draft.save()
    return draft


@pytest.fixture
def draft():
    return make_draft()


def test_the_consolidator_issues_it_and_what_was_frozen_carries_its_own_hash(draft):
    hoa = make_consolidator()
    document = issuing.issue(draft, hoa, DAY, NOW)
    assert draft.is_issued and draft.issued_by == hoa and draft.issued_at == NOW
    assert (document.number, document.issued_on) == ("05/BC-SKHCN", "2026-12-14")
    assert document.recipients == ["Như trên", "Lưu: VT, KHTC"]
    assert f"/verify/{draft.verification}/" in document.verify_url
    assert document.digest() == draft.sha256 == YearReport.from_json(draft.content).digest()
    assert len(draft.sha256) == 64
    assert draft.history.first().state == "issued"


def test_an_issued_edition_reads_the_same_after_everything_behind_it_changed(draft):
    issued = issuing.issue(draft, make_consolidator(), DAY, NOW)
    for agency in Agency.objects.all():
        agency.name = f"{agency.name} và Đầu tư"
        agency.save()
    for one in AgencyReport.objects.all():
        one.agency_name, one.proposals = "Đổi tên", "Đề nghị mới"
        one.save()
    draft.cycle.plan.title = "Kế hoạch khác"
    draft.cycle.plan.save()
    later = ConsolidatedReport.objects.get(pk=draft.pk)
    again = report.document_of(later, date(2031, 1, 1))
    assert again == issued
    assert again.digest() == later.sha256
    assert [line.agency for line in again.appendix_2] == ["Sở Công Thương", "Thành đoàn"]
    assert issuing.is_intact(later)


def test_nobody_changes_deletes_or_adds_to_an_issued_edition(draft):
    issuing.issue(draft, make_consolidator(), DAY, NOW)
    draft.signatory_name = "Người khác"
    with pytest.raises(ValidationError, match="issued|ban hành"):
        draft.save()
    with pytest.raises(ValidationError):
        draft.delete()
    paragraph = draft.paragraphs.first()
    with pytest.raises(ValidationError):
        paragraph.write("Sửa sau khi ban hành", paragraph.revision, make_consolidator(), NOW)
    with pytest.raises(ValidationError):
        drafting.add(draft, "I", make_consolidator(), NOW)
    with pytest.raises(ValidationError):
        drafting.refill(draft, make_consolidator(), DAY, NOW)


def test_a_tampered_content_no_longer_has_its_hash(draft):
    issuing.issue(draft, make_consolidator(), DAY, NOW)
    content = draft.content | {"signatory_name": "Người khác"}
    ConsolidatedReport.objects.filter(pk=draft.pk).update(content=content)
    assert not issuing.is_intact(ConsolidatedReport.objects.get(pk=draft.pk))


def test_only_a_consolidator_drafts_and_issues(draft):
    for other in (make_user(), make_user(role="administrator"), make_user(role="leadership")):
        with pytest.raises(PermissionDenied):
            issuing.issue(draft, other, DAY, NOW)
        with pytest.raises(PermissionDenied):
            drafting.start(draft.cycle, other, DAY, NOW)
        with pytest.raises(PermissionDenied):
            drafting.refill(draft, other, DAY, NOW)
    draft.refresh_from_db()
    assert not draft.is_issued


@pytest.mark.parametrize("lacking", ["number", "issued_on", "signatory_name", "signatory_title", "recipients"])
def test_it_is_not_issued_without_number_date_signatory_and_recipients(draft, lacking):
    setattr(draft, lacking, None if lacking in ("number", "issued_on") else "")
    draft.save()
    with pytest.raises(ValidationError) as refusal:
        issuing.issue(draft, make_consolidator(), DAY, NOW)
    assert len(refusal.value.messages) == 1
    draft.refresh_from_db()
    assert not draft.is_issued and draft.content is None


def test_it_is_not_issued_while_a_place_is_still_to_be_filled_in(draft):
    own = drafting.add(draft, "V", make_consolidator(), NOW)
    own.write("Năm tới [nêu nhiệm vụ …].", 0, make_consolidator(), NOW)
    with pytest.raises(ValidationError, match=r"\[nêu nhiệm vụ …\]"):
        issuing.issue(draft, make_consolidator(), DAY, NOW)
    own.refresh_from_db()
    own.take_out(make_consolidator(), NOW)
    issuing.issue(draft, make_consolidator(), DAY, NOW)


def test_whoever_looked_at_an_older_draft_is_shown_the_new_one_first(draft):
    seen = issuing.fingerprint(report.build(draft, DAY))
    draft.number = 6  # the head is typed on the page of issue itself, so it is no change
    draft.save()
    drafting.add(draft, "VI", make_consolidator(), NOW).write("Kiến nghị thêm.", 0, make_consolidator(), NOW)
    with pytest.raises(ValidationError) as refusal:
        issuing.issue(draft, make_consolidator(), DAY, NOW, seen)
    assert refusal.value.code == "changed"
    issuing.issue(draft, make_consolidator(), DAY, NOW, issuing.fingerprint(report.build(draft, DAY)))


def test_the_second_of_two_who_issue_is_told_that_it_is_done(draft):
    colleague = ConsolidatedReport.objects.get(pk=draft.pk)
    issuing.issue(draft, make_consolidator("Hoa"), DAY, NOW)
    with pytest.raises(ValidationError) as refusal:
        issuing.issue(colleague, make_consolidator("Nam"), DAY, NOW)
    assert refusal.value.code == "issued"
    assert ConsolidatedReport.objects.get(pk=draft.pk).issued_by.full_name == "Hoa"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_issue_in_the_same_second_issue_once():
    draft, outcomes = make_draft(), []

    def press(user):
        try:
            issuing.issue(ConsolidatedReport.objects.get(pk=draft.pk), user, DAY, NOW)
            outcomes.append("done")
        except ValidationError as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    presses = [Thread(target=press, args=[make_consolidator()]) for _n in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(outcomes) == ["done", "issued"]  # "issued" is also what the second is refused with


def test_a_correction_is_a_new_edition_with_the_paragraphs_and_edits_of_the_last(draft):
    hoa = make_consolidator()
    issuing.issue(draft, hoa, DAY, NOW)
    second = drafting.start(draft.cycle, hoa, DAY, NOW)
    assert (second.edition, second.number, second.issued_on, second.signatory_name) == (2, None, None, "Nguyễn Thị Ánh")
    assert second.verification != draft.verification
    assert [(p.section, p.slot, p.text, p.is_edited) for p in second.paragraphs.all()] == [
        (p.section, p.slot, p.text, p.is_edited) for p in draft.paragraphs.all()
    ]
    assert drafting.start(draft.cycle, hoa, DAY, NOW) == second  # there is one draft at a time
    assert issuing.newer_edition(draft) is None  # it counts once it is issued
    second.number, second.issued_on = 6, DAY
    second.save()
    issuing.issue(second, hoa, DAY, NOW)
    assert issuing.newer_edition(draft) == second


def test_the_same_number_in_a_year_is_noticed(draft):
    issuing.issue(draft, make_consolidator(), DAY, NOW)
    other = ConsolidatedReport(cycle=make_cycle(2027), number=5)
    assert issuing.same_number(other, 5, date(2026, 12, 30)) == draft
    assert issuing.same_number(other, 5, date(2027, 1, 5)) is None  # numbers begin again every year
    assert issuing.same_number(other, 6, date(2026, 12, 30)) is None
    assert issuing.same_number(draft, 5, DAY) is None


def test_two_people_in_one_paragraph_are_told_and_lose_nothing(draft):
    hoa, nam = make_consolidator("Hoa"), make_consolidator("Nam")
    paragraph = draft.paragraphs.get(slot="II.1:count")
    seen = paragraph.revision
    paragraph.write("Bản của Hoa", seen, hoa, NOW)
    with pytest.raises(TextChanged) as change:
        paragraph.write("Bản của Nam", seen, nam, NOW)
    assert (change.value.paragraph.text, change.value.paragraph.updated_by) == ("Bản của Hoa", hoa)
    assert paragraph.write("Bản của Hoa", seen, nam, NOW).revision == seen + 1  # the same text again is no quarrel
    paragraph.write("Bản của cả hai", change.value.paragraph.revision, nam, NOW)
    texts = [record.text for record in paragraph.history.all()]
    assert texts[:2] == ["Bản của cả hai", "Bản của Hoa"]
    restored = paragraph.restore_prefilled(hoa, NOW)
    assert restored.text == restored.prefilled and not restored.is_edited


def test_a_paragraph_left_out_is_not_printed_and_an_own_one_is(draft):
    hoa = make_consolidator()
    draft.paragraphs.get(slot="II.1:count").take_out(hoa, NOW)
    drafting.add(draft, "II.1", hoa, NOW).write("Hai đoạn\n\nThêm một đoạn.", 0, hoa, NOW)
    section = next(one for one in report.build(draft, DAY).sections if one.key == "II.1")
    printed = [paragraph.text for paragraph in section.paragraphs]
    assert printed[-2:] == ["Hai đoạn", "Thêm một đoạn."]  # a new line in the box is a new paragraph on paper
    assert not any(text.startswith("Tổng số 02 nhiệm vụ") for text in printed)
    draft.paragraphs.get(slot="II.1:count").put_back(hoa, NOW)
    section = next(one for one in report.build(draft, DAY).sections if one.key == "II.1")
    assert any(paragraph.text.startswith("Tổng số 02 nhiệm vụ") for paragraph in section.paragraphs)
