"""What everybody reads of chains: the gauge, one chain with its picture, on any day; and what strangers never see."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from firms.models import Firm
from linkages import chainsheet, formation
from linkages.models import Chain, Link
from parkportal.documents import pdf
from tests.builders_firms import make_editor
from tests.builders_linkages import make_chain, make_supplied_chain, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    return make_supplied_chain(name="Chuỗi van thủy lực", name_en="Hydraulic valves")


@pytest.fixture
def yen(client):
    yen = make_editor()
    client.force_login(yen)
    return yen


def page(client, name, *args, **asked):
    return client.get(reverse(name, args=args), asked)


def words(response):
    return response.content.decode()


def test_everybody_sees_how_far_each_chain_is_and_what_it_lacks(client, chain):
    said = words(page(client, "chain_list"))
    assert "0/3 chuỗi đã hình thành" in said and "Chuỗi van thủy lực" in said
    assert "liên kết còn hiệu lực có bằng chứng từ mức 2" in said and "còn thiếu 2" in said
    for link in chain.ties:
        prove(link)
    assert "1/3 chuỗi đã hình thành" in words(page(client, "chain_list"))


def test_the_figure_is_the_same_for_everybody_but_strangers_read_of_published_chains_only(client, chain):
    for link in chain.ties:
        prove(link)
    Chain.objects.update(is_public=False)
    said = words(page(client, "chain_list"))
    assert "1/3 chuỗi đã hình thành" in said and "Chuỗi van thủy lực" not in said
    assert page(client, "chain_detail", chain.code).status_code == 404
    assert page(client, "chain_pdf", chain.code).status_code == 404
    client.force_login(make_editor())
    assert "Chuỗi van thủy lực" in words(page(client, "chain_list"))
    assert "Chưa công bố" in words(page(client, "chain_detail", chain.code))


def test_any_day_can_be_asked_for_and_nonsense_means_today(client, chain):
    for link in chain.ties:
        prove(link, dated_on=date(2026, 3, 1))
    assert "0/3" in words(page(client, "chain_list", on="2026-02-28"))
    assert "1/3" in words(page(client, "chain_list", on="2026-03-01"))
    assert "Vì sao chưa hình thành, tính đến 28/02/2026" in words(page(client, "chain_detail", chain.code, on="2026-02-28"))
    for odd in ["9999-12-31", "0001-01-01", "x", "9" * 40]:
        assert page(client, "chain_list", on=odd).status_code == 200
        assert page(client, "chain_detail", chain.code, on=odd).status_code == 200


def test_one_chain_tells_in_words_and_in_a_picture_who_plays_which_part(client, chain):
    lead, supplier = chain.members[0].party, chain.members[1].party
    said = words(page(client, "chain_detail", chain.code))
    assert said.count("<svg") >= 1 and "chain-badge" in said
    assert f'href="{lead.get_absolute_url()}"' in said and lead.title in said and supplier.title in said
    assert reverse("link_detail", args=[chain.ties[0].pk]) in said
    assert "chưa: tiêu chí yêu cầu “biên bản ghi nhớ”" in said
    english = client.get(f"/en{reverse('chain_detail', args=[chain.code])}")
    assert "Hydraulic valves" in words(english) and "Why it is not formed yet" in words(english)


def test_a_stranger_never_meets_a_hidden_member_or_link(client, chain):
    hidden, link = chain.members[1].party, chain.ties[1]
    Firm.objects.filter(pk=hidden.firm_id).update(is_public=False)
    Link.objects.filter(pk=link.pk).update(is_public=False, product="hàng kín")
    for name in ("chain_detail", "chain_list"):
        said = words(page(client, name, *([chain.code] if name == "chain_detail" else [])))
        assert hidden.firm.name not in said and "hàng kín" not in said
    assert "một thành viên chưa công bố" in words(page(client, "chain_detail", chain.code))
    assert "Còn 2 liên kết được tính nhưng chưa công bố" in words(page(client, "chain_detail", chain.code))
    sheet = chainsheet.html(formation.CHAINS.get(pk=chain.pk), timezone.localdate(), False)
    assert hidden.firm.name not in sheet and "hàng kín" not in sheet
    client.force_login(make_editor())
    assert hidden.firm.name in words(page(client, "chain_detail", chain.code))


def test_the_blocker_is_for_officers(client, chain):
    Chain.objects.update(blocker="Thiếu vốn")
    assert "Thiếu vốn" not in words(page(client, "chain_detail", chain.code))
    client.force_login(make_editor())
    assert "Thiếu vốn" in words(page(client, "chain_detail", chain.code))


def test_demonstration_is_said_wherever_a_chain_is_seen(client, chain):
    Chain.objects.update(is_demonstration=True)
    assert "không được tính vào kết quả" in words(page(client, "chain_list"))
    assert "Minh họa: chuỗi này được đặt ra" in words(page(client, "chain_detail", chain.code))
    assert "sheet-demonstration" in chainsheet.html(formation.CHAINS.get(), timezone.localdate(), False)


def test_nothing_published_yet_is_said_with_the_next_step(client):
    said = words(page(client, "chain_list"))
    assert "0/3" in said and reverse("link_list") in said
    chain = make_chain(roles=0)
    assert page(client, "chain_detail", chain.code).status_code == 200


def test_odd_codes_are_not_there(client):
    for code in ["khong-co", "x\x00y", "9" * 60]:
        assert client.get(f"/chains/{code.replace(chr(0), '%00')}/").status_code == 404


def test_the_pages_ask_the_database_no_more_for_more_chains_and_members(client, chain, django_assert_max_num_queries):
    for _number in range(4):
        make_supplied_chain()
    with django_assert_max_num_queries(12):
        page(client, "chain_list")
    with django_assert_max_num_queries(14):
        page(client, "chain_detail", chain.code)


def test_only_reading_is_answered(client, chain):
    for name in ("chain_list", "chain_detail", "chain_pdf"):
        assert client.post(reverse(name, args=[] if name == "chain_list" else [chain.code])).status_code == 405


@pytest.mark.pdf
def test_the_sheet_is_a_pdf_of_the_day_asked_for(client, chain):
    response = page(client, "chain_pdf", chain.code, on="2026-02-28")
    assert response["Content-Type"] == "application/pdf" and response.content.startswith(b"%PDF")
    assert f"{chain.code}-2026-02-28.pdf" in response["Content-Disposition"]


def test_without_fonts_the_page_stands_and_officers_read_why(client, chain, yen, monkeypatch):
    monkeypatch.setattr(pdf, "why_not", lambda: "Tinos-Regular.ttf: apt-get install fonts-croscore")
    response = page(client, "chain_pdf", chain.code)
    assert response.status_code == 503 and "apt-get install" in words(response)
    client.logout()
    response = page(client, "chain_detail", chain.code)
    assert response.status_code == 200 and "apt-get" not in words(response)
