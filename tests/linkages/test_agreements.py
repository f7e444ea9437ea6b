"""Agreements with their commitments, training links, and what a board of other zones sees of its own."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from firms.models import Authority, ZoneAuthority
from linkages import agreementreminders, agreements, demonstrationprogramme, targets, training
from linkages.models import Agreement, BoardMember, Commitment, Party, SkillNeed, TrainingProgramme
from parkportal.models import OutgoingMail, User
from tests.builders import make_user
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_party

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def officer():
    client = Client()
    client.force_login(make_editor())
    return client


def make_agreement(title="Khung hợp tác với Ban Quản lý Chu Lai", **fields):
    return Agreement.objects.create(title=title, kind=Agreement.Kind.FRAMEWORK, **{"is_public": True} | fields)


def test_an_officer_enters_an_agreement_names_the_parties_and_writes_what_is_owed(officer):
    school = make_party("Trường Đại học Bách khoa", kind=Party.Kind.SCHOOL)
    answer = officer.post(reverse("agreement_create"), {"title": "Biên bản ghi nhớ", "kind": "memorandum", "confidence": "high"})
    agreement = Agreement.objects.get()
    assert answer.url == agreement.get_absolute_url()
    officer.post(reverse("agreement_party_add", args=[agreement.pk]), {"party": school.name})
    assert list(agreement.parties.all()) == [school]
    officer.post(
        reverse("commitment_create", args=[agreement.pk]),
        {"text": "Đào tạo 50 kỹ sư", "owner": school.name, "due_on": "2026-01-31", "state": "open"},
    )
    page = officer.get(agreement.get_absolute_url()).text
    assert "Đào tạo 50 kỹ sư" in page and "Trường Đại học Bách khoa" in page
    late = officer.get(reverse("agreement_list")).text
    assert "Đào tạo 50 kỹ sư" in late
    officer.post(reverse("agreement_party_remove", args=[agreement.pk, school.pk]))
    assert not agreement.parties.exists()


def test_an_unknown_party_is_told_and_keeps_what_was_typed(officer):
    answer = officer.post(reverse("agreement_party_add", args=[make_agreement().pk]), {"party": "Không có ai"})
    assert answer.status_code == 422 and "Không có ai" in answer.text


def test_what_is_done_says_on_which_day_and_what_shows_it(officer):
    address = reverse("commitment_create", args=[make_agreement().pk])
    values = {"text": "Trao đổi số liệu", "state": "done"}
    answer = officer.post(address, values)
    assert answer.status_code == 422 and {"done_on", "evidence"} <= answer.context["form"].errors.keys()
    assert "Trao đổi số liệu" in answer.text and not Commitment.objects.exists()
    assert officer.post(address, values | {"state": "open", "done_on": "2026-06-01"}).status_code == 422
    officer.post(address, values | {"done_on": "2026-06-01", "evidence": "Công văn 12/MH, https://minhhoa.invalid/12"})
    page = officer.get(Agreement.objects.get().get_absolute_url()).text
    assert "Công văn 12/MH" in page and 'href="https://minhhoa.invalid/12"' in page


def test_the_list_begins_with_what_runs_out_first_and_ends_with_what_is_over(officer):
    over, soon = make_agreement("Đã hết", ends_on=TODAY - timedelta(days=9)), make_agreement("Sắp hết", ends_on=TODAY)
    later, open_end = make_agreement("Còn lâu", ends_on=TODAY + timedelta(days=900)), make_agreement("Không hạn")
    for state, due in (("done", TODAY), ("running", TODAY - timedelta(days=1)), ("dropped", TODAY - timedelta(days=1))):
        Commitment.objects.create(agreement=later, text="Việc", state=state, due_on=due)
    rows = officer.get(reverse("agreement_list")).context["rows"]
    assert [it.agreement for it in rows] == [soon, later, open_end, over]
    assert (rows[1].done, rows[1].owed, rows[1].late) == (1, 2, 1)


def test_an_empty_list_leads_an_officer_to_the_first_entry_and_tells_a_stranger_what_will_stand_here(officer):
    assert reverse("agreement_create") in officer.get(reverse("agreement_list")).text
    page = Client().get(reverse("agreement_list")).text
    assert "empty" in page and reverse("agreement_create") not in page


# The document ---------------------------------------------------------------------------------------------------------
def test_the_signed_document_is_for_officers_and_the_boards_that_are_a_party(officer):
    data = {"title": "Khung hợp tác", "kind": "framework", "confidence": "high", "is_public": "on"}
    officer.post(reverse("agreement_create"), data | {"upload": SimpleUploadedFile("khung.pdf", PDF, "application/pdf")})
    agreement = Agreement.objects.get()
    address = reverse("agreement_file", args=[agreement.pk])
    board, member = make_board(agreement)
    for person, status in ((None, 302), (make_user("Người Khác"), 404), (member, 200)):
        client = Client()
        if person:
            client.force_login(person)
        assert client.get(address).status_code == status
        assert (address in client.get(agreement.get_absolute_url()).text) is (status == 200)
    got = officer.get(address)
    assert b"".join(got.streaming_content) == PDF and "khung.pdf" in got["Content-Disposition"]
    edit = reverse("agreement_edit", args=[agreement.pk])
    officer.post(edit, data | {"title": "Khung hợp tác mới", "seen": officer.get(edit).context["seen"]})
    agreement.refresh_from_db()
    assert agreement.title == "Khung hợp tác mới" and agreement.file_name == "khung.pdf"
    newer = SimpleUploadedFile("khung-2.pdf", PDF, "application/pdf")
    officer.post(edit, data | {"upload": newer, "seen": officer.get(edit).context["seen"]})
    agreement.refresh_from_db()
    assert agreement.file_name == "khung-2.pdf"


def test_a_file_that_is_no_document_is_refused_and_the_words_stay(officer):
    data = {"title": "Khung hợp tác", "kind": "framework", "confidence": "high", "upload": SimpleUploadedFile("x.pdf", b"MZ")}
    answer = officer.post(reverse("agreement_create"), data)
    assert answer.status_code == 422 and "Khung hợp tác" in answer.text and not Agreement.objects.exists()
    assert officer.get(reverse("agreement_file", args=[make_agreement().pk])).status_code == 404


# What the office is told -----------------------------------------------------------------------------------------------
def told(day):
    return agreementreminders.remind(day, timezone.now())


def test_the_office_is_told_half_a_year_a_quarter_and_a_month_before_an_agreement_ends_each_once():
    Authority.objects.create(key="dseza", name="Ban Quản lý", is_ours=True, email="vanphong@minhhoa.invalid")
    agreement = make_agreement(ends_on=date(2027, 6, 30))
    assert told(date(2026, 12, 31)) == 0
    assert [told(date(2027, 1, day)) for day in (1, 2)] == [1, 0]
    assert told(date(2027, 4, 15)) == 1  # the night of 1 April was missed
    assert [told(date(2027, 6, 1)), told(date(2027, 7, 1))] == [1, 0]
    mail = OutgoingMail.objects.first()
    assert mail.to == "vanphong@minhhoa.invalid" and agreement.title in mail.text and agreement.get_absolute_url() in mail.text
    agreement.ends_on = date(2027, 6, 20)
    agreement.save()
    assert told(date(2027, 6, 2)) == 1  # a moved day starts anew


def test_without_an_address_of_the_office_each_officer_is_told_once():
    make_editor(), make_user("Lê Hai", User.Role.EDITOR)
    make_agreement(ends_on=TODAY + timedelta(days=20))
    assert told(TODAY) == 1 and OutgoingMail.objects.count() == 2
    assert told(TODAY) == 0


def test_a_commitment_is_told_before_its_day_and_when_it_is_late_but_not_once_it_is_done():
    Authority.objects.create(key="dseza", name="Ban Quản lý", is_ours=True, email="vanphong@minhhoa.invalid")
    school = make_party("Trường Minh Họa", kind=Party.Kind.SCHOOL)
    it = Commitment.objects.create(agreement=make_agreement(), text="Gửi danh mục", owner=school, due_on=date(2027, 3, 31))
    days = (date(2027, 2, 1), date(2027, 3, 5), date(2027, 3, 25), date(2027, 3, 31), date(2027, 4, 1), date(2027, 5, 1))
    assert [told(day) for day in days] == [0, 1, 1, 0, 1, 0]
    last = OutgoingMail.objects.order_by("-pk").first()
    assert "quá hạn" in last.subject and "Gửi danh mục" in last.text and "Trường Minh Họa" in last.text
    it.state, it.due_on = Commitment.State.DONE, date(2027, 4, 2)
    it.save()
    assert told(date(2027, 5, 1)) == 0


def test_of_demonstration_nobody_is_told():
    make_editor()
    agreement = make_agreement(ends_on=TODAY, is_demonstration=True)
    Commitment.objects.create(agreement=agreement, text="Việc", due_on=TODAY)
    assert told(TODAY) == 0


def test_an_agreement_is_to_be_renewed_half_a_year_before_it_ends():
    agreement = make_agreement(ends_on=TODAY + timedelta(days=100))
    assert agreements.ends_soon(agreement, TODAY) and not agreements.is_over(agreement, TODAY)
    agreement.ends_on = TODAY + timedelta(days=400)
    assert not agreements.ends_soon(agreement, TODAY)
    agreement.ends_on = TODAY - timedelta(days=1)
    assert agreements.is_over(agreement, TODAY) and not agreements.ends_soon(agreement, TODAY)


def test_what_is_internal_is_for_officers_and_the_board_that_is_a_party():
    board = Authority.objects.create(key="chulai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    agreement = make_agreement(is_public=False)
    agreement.parties.add(Party.objects.create(kind=Party.Kind.BOARD, name=board.name, authority=board))
    member, other = make_user("Võ Thị Board"), make_user("Người Khác")
    BoardMember.objects.create(user=member, authority=board, starts_on=date(2026, 1, 1))
    for person, status in ((None, 404), (other, 404), (member, 200), (make_editor(), 200)):
        client = Client()
        if person:
            client.force_login(person)
        assert client.get(agreement.get_absolute_url()).status_code == status


def test_the_list_asks_no_more_for_many_agreements(officer):
    make_agreement()
    officer.get(reverse("agreement_list"))
    with CaptureQueriesContext(connection) as few:
        officer.get(reverse("agreement_list"))
    for number in range(12):
        make_agreement(f"Thỏa thuận {number}").parties.add(make_party(f"Trường {number}", kind=Party.Kind.SCHOOL))
    with CaptureQueriesContext(connection) as many:
        officer.get(reverse("agreement_list"))
    assert len(many) <= len(few) + 2  # parties and their firms, once for all


# Boards -------------------------------------------------------------------------------------------------------------
def make_board(agreement=None, **fields):
    """A board with a person who acts for it; a party of an agreement, if one is given."""
    board = Authority.objects.create(key="chulai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    member = make_user("Võ Thị Board")
    BoardMember.objects.create(user=member, authority=board, **{"starts_on": date(2026, 1, 1)} | fields)
    if agreement:
        agreement.parties.add(Party.objects.create(kind=Party.Kind.BOARD, name=board.name, authority=board))
    return board, member


def test_whoever_left_the_board_reads_its_internal_agreements_no_more():
    agreement = make_agreement(is_public=False)
    _board, member = make_board(agreement, starts_on=date(2024, 1, 1), ends_on=TODAY - timedelta(days=1))
    client = Client()
    client.force_login(member)
    assert client.get(agreement.get_absolute_url()).status_code == 404
    assert reverse("board_home") not in client.get(reverse("agreement_list")).text


def test_a_board_finds_the_way_to_its_page_its_figures_and_what_it_owes():
    agreement = make_agreement(is_public=False, ends_on=TODAY + timedelta(days=30))
    board, member = make_board(agreement)
    zone = make_zone("Chu Lai", "KKT-CL", "KKT")
    ZoneAuthority.objects.create(zone=zone, authority=board)
    for name, country in (("Một", "KR"), ("Hai", "KR"), ("Ba", "JP")):
        make_firm(f"Công ty {name}", zone, country=country)
    late = TODAY - timedelta(days=1)
    Commitment.objects.create(agreement=agreement, text="Gửi danh mục", owner=board.party, due_on=late)
    client = Client()
    client.force_login(member)
    assert reverse("board_home") in client.get(reverse("agreement_list")).text
    answer = client.get(reverse("board_home"))
    (page,) = answer.context["pages"]
    assert page.counted["firms"] == 3 and page.countries == [("Hàn Quốc", 2), ("Nhật Bản", 1)]
    assert page.agreements == [(agreement, True, False)] and page.commitments[0][1] is True
    assert "Gửi danh mục" in answer.text and agreement.get_absolute_url() in answer.text


def test_the_board_page_asks_no_more_for_many_firms_and_agreements():
    board, member = make_board(make_agreement())
    zone = make_zone("Chu Lai", "KKT-CL", "KKT")
    ZoneAuthority.objects.create(zone=zone, authority=board)
    client = Client()
    client.force_login(member)
    client.get(reverse("board_home"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("board_home"))
    for number in range(9):
        make_firm(f"Công ty {number}", zone)
        make_agreement(f"Thỏa thuận {number}").parties.add(board.party)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("board_home"))
    assert len(many) <= len(few)


def test_an_administrator_appoints_a_person_to_a_board():
    board = Authority.objects.create(key="chulai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    person, client = make_user("Võ Thị Board"), Client()
    client.force_login(make_user("Đặng Quốc Việt", User.Role.ADMINISTRATOR))
    address = reverse("admin:linkages_boardmember_add")
    assert client.get(address).status_code == 200
    client.post(address, {"user": person.pk, "authority": board.pk, "starts_on": "01/01/2026"})
    assert BoardMember.objects.get().user == person
    other = Client()
    other.force_login(make_editor())
    assert other.get(address).status_code in (302, 403, 404)


def test_an_officer_says_which_board_a_partner_is(officer):
    board = Authority.objects.create(key="chulai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    values = {"name": "Ban Quản lý Chu Lai", "authority": board.pk, "confidence": "high"}
    assert officer.post(reverse("partner_create"), values | {"kind": "school"}).status_code == 422
    assert officer.post(reverse("partner_create"), values | {"kind": "board"}).status_code == 302
    assert board.party.name == "Ban Quản lý Chu Lai"
    assert officer.post(reverse("partner_create"), values | {"kind": "board", "name": "Ban khác"}).status_code == 422


def test_a_board_sees_its_own_zones_firms_and_links():
    board = Authority.objects.create(key="chulai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    mine, theirs = make_zone("Chu Lai", "KKT-CL", "KKT"), make_zone("Dung Quất", "KKT-DQ", "KKT")
    ZoneAuthority.objects.create(zone=mine, authority=board)
    make_firm("Công ty của mình", mine)
    make_firm("Công ty của người", theirs)
    member = make_user("Võ Thị Board")
    BoardMember.objects.create(user=member, authority=board, starts_on=date(2026, 1, 1))
    client = Client()
    client.force_login(member)
    page = client.get(reverse("board_home")).text
    assert "Chu Lai" in page and "Dung Quất" not in page


def test_whoever_left_the_board_sees_it_no_more():
    board = Authority.objects.create(key="chulai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    member = make_user("Võ Thị Board")
    BoardMember.objects.create(user=member, authority=board, starts_on=date(2024, 1, 1), ends_on=date(2025, 1, 1))
    client = Client()
    client.force_login(member)
    assert client.get(reverse("board_home")).status_code == 404


# Training -----------------------------------------------------------------------------------------------------------
def test_a_need_of_people_stands_beside_the_programmes_that_teach_it():
    firm = make_party("Công ty TNHH UAC")
    school = make_party("Trường Cao đẳng Nghề", kind=Party.Kind.SCHOOL)
    SkillNeed.objects.create(party=firm, skill="Vận hành máy CNC", level="college", number=20, stated_on=TODAY)
    fits = TrainingProgramme.objects.create(
        party=school, name="Cắt gọt kim loại", skills="Lập trình, vận hành máy CNC", level="college"
    )
    TrainingProgramme.objects.create(party=school, name="Kế toán", skills="Sổ sách, thuế", level="college")
    (asked,), programmes = training.pairs(is_officer=False)
    assert [fit.programme for fit in asked.fits] == [fits] and asked.fits[0].words == ("CNC",) and asked.fits[0].is_level
    page = Client().get(reverse("training_list")).text
    assert "Cắt gọt kim loại" in page and len(programmes) == 2


def test_a_need_said_in_english_meets_a_programme_said_in_vietnamese_and_a_syllable_in_common_is_no_match():
    firm, school = make_party("Công ty Khuôn"), make_party("Trường Đại học", kind=Party.Kind.SCHOOL)
    SkillNeed.objects.create(party=firm, skill="Injection mould design", level="engineer", stated_on=TODAY)
    fits = TrainingProgramme.objects.create(party=school, name="Khuôn mẫu", skills="Thiết kế khuôn ép nhựa", level="college")
    TrainingProgramme.objects.create(party=school, name="Thiết kế thời trang", skills="Fashion design", level="engineer")
    (asked,), _programmes = training.pairs(is_officer=False)
    assert [fit.programme for fit in asked.fits] == [fits] and not asked.fits[0].is_level
    assert "khác trình độ" in Client().get(reverse("training_list")).text


def test_an_officer_enters_a_need_and_a_programme(officer):
    make_party("Trường Cao đẳng Nghề", kind=Party.Kind.SCHOOL)
    data = {"party": "Trường Cao đẳng Nghề", "name": "Hàn công nghệ cao", "skills": "Hàn TIG, MIG", "level": "college"}
    assert officer.post(reverse("programme_create"), data).url == reverse("training_list")
    firm = make_firm("Công ty Hàn Việt", make_zone())
    data = {"party": firm.code, "skill": "Thợ hàn", "level": "worker", "number": 5, "stated_on": "2026-11-01"}
    officer.post(reverse("skill_need_create"), data)
    assert SkillNeed.objects.get().party.firm == firm
    address = reverse("skill_need_edit", args=[SkillNeed.objects.get().pk])
    officer.post(address, data | {"number": 9, "seen": officer.get(address).context["seen"]})
    assert SkillNeed.objects.get().number == 9


def test_a_stranger_opens_no_officers_page():
    for name in ("agreement_create", "skill_need_create", "programme_create", "board_home"):
        assert Client().get(reverse(name)).status_code == 302


def test_the_demonstration_shows_each_kind_once_marked_and_counted_nowhere():
    assert demonstrationprogramme.load_programme(TODAY) == 8 and demonstrationprogramme.load_programme(TODAY) == 0
    rows = agreements.rows(make_editor(), TODAY)
    assert [(it.ends_soon, it.is_over) for it in rows] == [(True, False), (False, False), (False, True)]
    assert rows[0].late == 1 and all(it.agreement.is_demonstration for it in rows)
    asked, programmes = training.pairs(is_officer=False)
    assert all(it.fits for it in asked) and len(programmes) == 3
    assert targets.frameworks(TODAY) == targets.training_links(TODAY) == 0
    page = Client().get(rows[0].agreement.get_absolute_url()).text
    assert "thử" in page and "minh họa" in page


def test_the_history_of_an_invented_agreement_names_no_public_source():
    demonstrationprogramme.load_programme(TODAY)
    client = Client()
    client.force_login(make_editor())
    page = client.get(Agreement.objects.first().get_absolute_url()).text
    assert "Nội dung minh họa để dùng thử cổng" in page and "Nạp từ nguồn công khai" not in page
