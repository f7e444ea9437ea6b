"""Agreements with their commitments, training links, and what a board of other zones sees of its own."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from firms.models import Authority, ZoneAuthority
from linkages import agreements, training
from linkages.models import Agreement, BoardMember, Commitment, Party, SkillNeed, TrainingProgramme
from tests.builders import make_user
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_party

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


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


def test_what_is_done_says_on_which_day(officer):
    agreement = make_agreement()
    answer = officer.post(reverse("commitment_create", args=[agreement.pk]), {"text": "Trao đổi số liệu", "state": "done"})
    assert answer.status_code == 422 and not Commitment.objects.exists()


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
    assert [fit.programme for fit in asked.fits] == [fits] and "cnc" in asked.fits[0].words and asked.fits[0].is_level
    page = Client().get(reverse("training_list")).text
    assert "Cắt gọt kim loại" in page and len(programmes) == 2


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
