"""The agencies: who they are, what they bear today and through whom, and where what is unsure stays unsure."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from tasks import agencypage
from tasks.inheritance import Inheritance
from tasks.models import AgencyAlias, AgencyReport, Membership, TaskCoordinator
from tests.builders import (
    NOW,
    TODAY,
    make_accepted_report,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_succession,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = reverse("agency_list")


@pytest.fixture(autouse=True)
def vietnamese():
    with translation.override("vi"):
        yield


def read(client, user, agency):
    client.force_login(user)
    response = client.get(reverse("agency_detail", args=[agency.key]))
    assert response.status_code == 200
    return response.content.decode()


def entries(words="", user=None, today=TODAY):
    overview = agencypage.overview(words, user or make_user(), today)
    return {part: [it.agency.name for it in found] for _title, found, part in overview["parts"]}


class TestTheList:
    def test_agencies_stand_in_the_order_of_the_vietnamese_alphabet(self):
        for name in ("Sở Y tế", "Đài Phát thanh", "Ủy ban", "Ban Quản lý", "Sở Công Thương", "Đại học Đà Nẵng"):
            make_task(make_agency(name))
        assert entries()["duty"] == ["Ban Quản lý", "Đại học Đà Nẵng", "Đài Phát thanh", "Sở Công Thương", "Sở Y tế", "Ủy ban"]

    def test_each_stands_by_its_part_in_the_plan(self):
        old, heir, helper = make_agency("Sở Cũ"), make_agency("Sở Mới"), make_agency("Sở Phụ")
        task = make_task(old)
        TaskCoordinator.objects.create(task=task, agency=helper, text="Sở Phụ", position=0)
        make_succession(old, heir, date(2026, 1, 1))
        assert entries(today=date(2026, 1, 1)) == {"duty": ["Sở Mới"], "helps": ["Sở Phụ"], "ended": ["Sở Cũ"]}
        assert entries(today=date(2025, 12, 31)) == {"duty": ["Sở Cũ"], "helps": ["Sở Mới", "Sở Phụ"], "ended": []}

    def test_inherited_tasks_are_counted_apart(self):
        old, heir = make_agency("Sở Cũ"), make_agency("Sở Mới")
        make_task(old)
        make_task(old)
        make_task(heir)
        make_succession(old, heir)
        (entry,) = agencypage.overview("", make_user(), TODAY)["parts"][0][1]
        assert (entry.tasks, entry.inherited) == (3, 2)

    @pytest.mark.parametrize("words", ["khoa hoc", "SKHCN", "khoa HỌC và"])
    def test_a_name_or_abbreviation_finds_it_without_diacritics(self, words):
        make_agency("Sở Khoa học và Công nghệ", abbreviation="SKHCN")
        make_agency("Sở Y tế")
        assert entries(words)["helps"] == ["Sở Khoa học và Công nghệ"]

    def test_a_name_that_nobody_bears_offers_the_whole_list(self, client):
        client.force_login(make_user())
        html = client.get(LIST, {"q": "<b>zzz"}).content.decode()
        assert "Không có cơ quan nào tên" in html and "<b>zzz" not in html and 'href="?"' in html

    def test_where_a_report_stands_is_shown_to_those_who_may_see_it(self):
        agency = make_agency()
        make_filled_report(agency)
        (seen,) = agencypage.overview("", make_consolidator(), TODAY)["parts"][0][1]
        (unseen,) = agencypage.overview("", make_user(), TODAY)["parts"][0][1]
        assert seen.report.state == AgencyReport.State.DRAFT and unseen.report is None

    def test_the_number_of_queries_stays_the_same(self, client, django_assert_max_num_queries):
        client.force_login(make_user())
        for number in range(40):
            agency = make_agency(f"Sở {number}")
            make_task(agency)
            if number % 2:
                make_succession(agency, make_agency(f"Sở Mới {number}"))
        with django_assert_max_num_queries(11):
            client.get(LIST)


class TestOneAgency:
    def test_it_says_who_it_is(self, client):
        agency = make_agency(
            "Viện Nghiên cứu", abbreviation="VNC", unsure="Chưa rõ ngày sáp nhập", source_url="https://danang.test/nguon"
        )
        AgencyAlias.objects.create(agency=agency, name="Viên Nghiên cứu")
        make_head(agency, "Nguyễn Trưởng")
        officer = make_member(agency, "Trần Thị Lan")
        html = read(client, make_user(), agency)
        for words in ("VNC", "Viên Nghiên cứu", "Chưa rõ ngày sáp nhập", "Nguyễn Trưởng", "Trần Thị Lan", officer.email):
            assert words in html
        assert 'href="https://danang.test/nguon"' in html

    def test_a_source_that_is_no_address_is_no_link(self, client):
        html = read(client, make_user(), make_agency(source_url="javascript:alert(1)"))
        assert 'href="javascript' not in html

    def test_people_who_left_are_not_named_as_acting(self):
        agency = make_agency()
        former = make_user("Người Cũ")
        Membership.objects.create(
            user=former, agency=agency, duty="officer", starts_on=date(2020, 1, 1), ends_on=TODAY - timedelta(1)
        )
        closed = make_member(agency, "Tài Khoản Khóa")
        closed.is_active = False
        closed.save()
        page = agencypage.page(agency, make_user(), TODAY)
        assert page["officers"] == [] and page["heads"] == []

    def test_what_it_inherited_stands_under_the_name_of_whom_with_date_and_law(self, client):
        first, second, heir = make_agency("Sở Một"), make_agency("Sở Hai"), make_agency("Sở Ba")
        own, inherited = make_task(heir), make_task(first)
        make_succession(first, second, date(2024, 5, 1), legal_basis="Nghị quyết 01")
        make_succession(second, heir, date(2025, 3, 1), legal_basis="Nghị quyết 02")
        page = agencypage.page(heir, make_user(), TODAY)
        assert page["own"] == [own]
        tasks = {share.agency.name: share.tasks for share in page["shares"]}
        assert tasks == {"Sở Một": [inherited], "Sở Hai": []}
        html = read(client, make_user(), heir)
        assert "Thừa kế từ Sở Một" in html and "Thừa kế từ Sở Hai" not in html
        assert "01/05/2024" in html and "Nghị quyết 01" in html and "Nghị quyết 02" in html

    def test_one_that_ended_says_who_bears_its_duty_now(self, client):
        old, heir = make_agency("Sở Cũ", dissolved_on=date(2025, 3, 1)), make_agency("Sở Mới")
        make_task(old, code="I.1")
        make_succession(old, heir)
        html = read(client, make_user(), old)
        assert "Từ 01/03/2025, nhiệm vụ của cơ quan này đã chuyển giao" in html
        assert f'<a href="{reverse("agency_detail", args=[heir.key])}">Sở Mới</a>' in html
        assert "Nhiệm vụ kế hoạch đã giao" in html and "Nhiệm vụ đang chủ trì" not in html

    def test_a_succession_still_to_come_is_announced_and_moves_nothing(self, client):
        old, heir = make_agency("Sở Cũ"), make_agency("Sở Mới")
        make_task(old)
        make_succession(old, heir, timezone.localdate() + timedelta(30))
        html = read(client, make_user(), old)
        assert "Chưa có hiệu lực" in html and "Nhiệm vụ đang chủ trì" in html

    def test_only_reports_that_the_reader_may_open_are_listed(self):
        agency = make_agency()
        drafted = make_filled_report(agency, make_cycle(2025))
        accepted = make_accepted_report(agency, make_cycle(2026))
        assert agencypage.page(agency, make_consolidator(), TODAY)["reports"] == [accepted, drafted]
        assert agencypage.page(agency, make_member(agency), TODAY)["reports"] == [accepted, drafted]
        assert agencypage.page(agency, make_member(make_agency("Sở Y tế")), TODAY)["reports"] == []

    def test_its_history_tells_of_names_successions_and_duties(self):
        agency, heir = make_agency("Sở Cũ"), make_agency("Sở Mới")
        make_member(agency)
        make_succession(agency, heir)
        agency.abbreviation = "SC"
        agency._history_date = NOW
        agency.save()
        told = [(event.kind, event.sentence) for event in agencypage.page(agency, make_user(), TODAY)["events"]]
        assert ("cơ quan", "sửa Tên viết tắt") in told
        assert len(told) == 4

    def test_a_stranger_is_asked_to_sign_in(self, client):
        agency = make_agency()
        for address in (LIST, reverse("agency_detail", args=[agency.key])):
            assert client.get(address).headers["Location"].startswith(reverse("account_login"))

    def test_an_unknown_agency_is_not_found_and_nothing_can_be_posted(self, client):
        client.force_login(make_user())
        assert client.get("/agencies/khong-co/").status_code == 404
        assert client.post(LIST).status_code == client.post("/agencies/x/").status_code == 405

    def test_the_number_of_queries_stays_the_same(self, client, django_assert_max_num_queries):
        heir = make_agency("Sở Mới")
        client.force_login(make_consolidator())
        for number in range(20):
            old = make_agency(f"Sở Cũ {number}")
            make_task(old)
            make_task(heir)
            make_member(heir, f"Người {number}")
            make_succession(old, heir)
        for year in range(2006, 2026):
            AgencyReport.objects.create(cycle=make_cycle(year), agency=heir, agency_name="x")
        with django_assert_max_num_queries(24):
            client.get(reverse("agency_detail", args=[heir.key]))


class TestInheritance:
    def test_a_chain_ends_with_the_last_heir_on_that_day(self):
        agencies = [make_agency(f"Sở {number}") for number in range(4)]
        for number, (before, after) in enumerate(zip(agencies, agencies[1:], strict=False)):
            make_succession(before, after, date(2023 + number, 1, 1))
        for year, heir in ((2022, 0), (2023, 1), (2024, 2), (2025, 3)):
            assert Inheritance(date(year, 6, 1)).heir(agencies[0]) == agencies[heir]

    def test_agencies_that_pass_duties_round_in_a_ring_do_not_hang_the_page(self):
        first, second = make_agency("Sở Một"), make_agency("Sở Hai")
        make_succession(first, second)
        make_succession(second, first)
        assert [step.successor for step in Inheritance(TODAY).onward(first.pk)] == [second]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_no_barrier_on_the_agencies_pages(signed_in_page, axe, width, scheme):
    old, heir = make_agency("Sở Cũ", key="cu", unsure="Chưa rõ"), make_agency("Sở Mới", key="moi")
    make_task(old)
    make_task(heir)
    make_succession(old, heir)
    make_member(heir)
    page = signed_in_page(make_consolidator(), color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    for address in (LIST, "/en/agencies/", "/agencies/cu/", "/agencies/moi/", "/agencies/?q=zzz"):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
