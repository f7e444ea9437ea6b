"""Officers build chains: facts, roles, members, links, stage, publishing, the rule; two at once, mistakes, and the way back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from firms import registry
from linkages import chains, formation
from linkages.models import Chain, ChainLink, ChainMember, ChainRole, FormationRule, Link
from tests.builders import make_consolidator
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import join, make_chain, make_link, make_party, make_supplied_chain, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def yen(client):
    yen = make_editor()
    client.force_login(yen)
    return yen


@pytest.fixture
def chain(yen):
    return make_supplied_chain(name="Chuỗi van thủy lực", is_public=False)


def today():
    return timezone.localdate()


def press(client, name, pk, **data):
    """What the officer reads after a press."""
    response = client.post(reverse(name, args=pk if isinstance(pk, tuple) else [pk]), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


# Facts ---------------------------------------------------------------------------------------------------------------
def test_a_new_chain_gets_a_number_an_officer_and_its_lead_as_the_first_member(client, yen):
    firm = make_firm("Công ty TNHH Van Sông Hàn", make_zone())
    data = {"name": "Chuỗi van", "field": "supporting", "lead": firm.code, "summary": "Van\nvà phôi"}
    said = client.post(reverse("chain_create"), data, follow=True).content.decode()
    chain = Chain.objects.get()
    assert (chain.code, chain.officer, chain.stage, chain.is_public) == ("CLK-01", yen, "idea", False)
    member = ChainMember.objects.get()
    assert (member.party.firm, member.starts_on, member.role.tier) == (firm, today(), 0)
    assert "Đã lập chuỗi" in said and "Doanh nghiệp đầu chuỗi" in said
    assert chains.next_code() == "CLK-02"


def test_a_lead_that_several_are_called_is_asked_for(client, yen):
    make_firm("Cơ khí Sông Hàn"), make_firm("Cơ khí Sông Thu")
    response = client.post(reverse("chain_create"), {"name": "Chuỗi", "field": "other", "lead": "cơ khí"})
    assert response.status_code == 422 and response.content.decode().count('name="lead-chosen"') == 2
    assert not Chain.objects.exists()


def test_two_officers_at_once_lose_nothing(client, chain, yen):
    address = reverse("chain_part", args=[chain.code, "work"])
    seen = registry.version_of(chain)
    chain.blocker, chain._history_user = "Thiếu phôi", make_editor("Lê An")
    chain.save()
    said = client.post(address, {"seen": seen, "blocker": "Thiếu vốn", "officer": "", "decision": ""}).content.decode()
    assert "Lê An" in said and "Thiếu phôi" in said and "Thiếu vốn" in said
    chain.refresh_from_db()
    assert chain.blocker == "Thiếu phôi"
    # Where only one of the two changed a box, both changes stand.
    client.post(address, {"seen": seen, "blocker": "", "officer": "", "decision": "QĐ 12"})
    chain.refresh_from_db()
    assert (chain.blocker, chain.decision) == ("Thiếu phôi", "QĐ 12")


def test_a_lead_that_is_no_member_is_pointed_out(client, chain):
    Chain.objects.filter(pk=chain.pk).update(lead=make_party("Công ty Khác"))
    said = client.get(reverse("chain_edit", args=[chain.code])).content.decode()
    assert "Chưa là thành viên nên chưa được tính" in said


# Stage and publishing ------------------------------------------------------------------------------------------------
def test_formed_is_refused_with_the_missing_lines_until_the_rule_holds(client, chain):
    said = press(client, "chain_move", chain.code, to="formed", was="idea")
    assert "Chưa thể ghi chuỗi là “hình thành”" in said and "có 0/2, còn thiếu 2" in said
    assert Chain.objects.get().stage == "idea"
    assert "Đã chuyển giai đoạn" in press(client, "chain_move", chain.code, to="canvassed", was="idea")
    for link in chain.ties:
        prove(link)
    press(client, "chain_move", chain.code, to="formed", was="canvassed")
    assert Chain.objects.get().stage == "formed"


def test_a_formed_chain_that_no_longer_meets_the_rule_says_so(client, chain, yen):
    for link in chain.ties:
        prove(link)
    chains.move(chain, "lasting", "idea", yen, today())
    chains.end(chain.members[1], today() - timedelta(days=1), yen)
    said = client.get(reverse("chain_edit", args=[chain.code])).content.decode()
    assert "Giai đoạn ghi “bền vững”, nhưng chuỗi không còn đạt tiêu chí" in said
    assert "doanh nghiệp ở các khu khác: có 1/2, còn thiếu 1" in said


def test_the_second_of_two_presses_changes_nothing(client, chain):
    press(client, "chain_move", chain.code, to="canvassed", was="idea")
    said = press(client, "chain_move", chain.code, to="tried", was="idea")
    assert "Trong lúc đó, chuỗi đã ở giai đoạn “vận động”" in said
    assert Chain.objects.get().stage == "canvassed"
    for odd in ["", "x", "\x00", "canvassed"]:
        press(client, "chain_move", chain.code, to=odd, was="canvassed")
    assert Chain.history.count() == 2


def test_a_chain_is_published_once_it_has_a_role_and_hidden_again(client, yen, chain):
    press(client, "chain_show", chain.code, public="yes")
    assert Chain.objects.get().is_public
    press(client, "chain_show", chain.code, public="no")
    assert not Chain.objects.get().is_public
    empty = make_chain(roles=0, is_public=False)
    assert "Hãy mô tả ít nhất một vai trò trước" in press(client, "chain_show", empty.code, public="yes")


# Roles ---------------------------------------------------------------------------------------------------------------
def test_a_role_is_described_changed_and_taken_out_while_nobody_had_it(client, chain):
    data = {"name": "Xử lý bề mặt", "tier": 2, "needed": 2, "is_required": "on", "position": ""}
    client.post(reverse("role_create", args=[chain.code]), data)
    role = ChainRole.objects.get(name="Xử lý bề mặt")
    assert (role.chain, role.tier, role.needed, role.is_required) == (chain, 2, 2, True)
    client.post(reverse("role_edit", args=[role.pk]), data | {"needed": 3, "seen": registry.version_of(role)})
    role.refresh_from_db()
    assert role.needed == 3
    said = press(client, "role_remove", role.pk)
    assert "Đã bỏ vai trò" in said and not ChainRole.objects.filter(pk=role.pk).exists()
    key = chains.gone(chain)[0].key
    assert key in said
    press(client, "chain_put_back", chain.code, row=key)
    assert ChainRole.objects.get(pk=role.pk).needed == 3
    assert "được giữ lại" in press(client, "role_remove", chain.members[0].role_id)


@pytest.mark.parametrize(("field", "value"), [("tier", 10), ("needed", 0), ("needed", 51), ("tier", "9" * 30), ("name", "")])
def test_a_role_needs_a_name_and_numbers_that_make_sense(client, chain, field, value):
    data = {"name": "Đúc", "tier": 1, "needed": 1} | {field: value}
    assert "error-summary" in client.post(reverse("role_create", args=[chain.code]), data).content.decode()
    assert ChainRole.objects.filter(chain=chain).count() == 2


def test_a_role_is_published_only_in_a_published_chain_with_a_place_left(client, chain):
    lead, supplier = chain.roles.all()
    assert "Hãy công bố chuỗi trước" in press(client, "role_open", supplier.pk, open="yes")
    press(client, "chain_show", chain.code, public="yes")
    assert "đã đủ doanh nghiệp" in press(client, "role_open", lead.pk, open="yes")
    ChainRole.objects.filter(pk=supplier.pk).update(needed=3)
    assert "Đã công bố" in press(client, "role_open", supplier.pk, open="yes")
    supplier.refresh_from_db()
    assert (supplier.is_open, supplier.opened_on) == (True, today())
    press(client, "role_open", supplier.pk, open="no")
    supplier.refresh_from_db()
    assert (supplier.is_open, supplier.opened_on) == (False, today())


# Members -------------------------------------------------------------------------------------------------------------
def test_a_member_is_named_ended_and_taken_back_and_the_past_keeps_it(client, chain):
    role = chain.roles.last()
    firm = make_firm("Công ty Đúc Ba Khuôn", chain.members[1].party.zone)
    address = reverse("member_add", args=[role.pk])
    client.post(address, {"party": firm.code, "starts_on": "2026-05-04", "note": "đang thử"})
    member = ChainMember.objects.get(party__firm=firm)
    assert (member.role, member.starts_on, member.note) == (role, date(2026, 5, 4), "đang thử")
    twice = client.post(address, {"party": firm.code, "starts_on": "2026-06-01"})
    assert twice.status_code == 422 and "đã giữ vai trò này từ 04/05/2026" in twice.content.decode()
    assert "tham gia ngày 04/05/2026" in press(client, "member_end", member.pk, last_day="2026-05-03")
    press(client, "member_end", member.pk, last_day="2026-06-30")
    assert "đã được ghi: 30/06/2026" in press(client, "member_end", member.pk, last_day="2026-07-30")
    counted = [len(standing(chain, date(2026, *day)).conditions[1].have) for day in [(5, 3), (5, 4), (6, 30), (7, 1)]]
    assert counted == [2, 3, 3, 2]
    press(client, "member_return", member.pk)
    member.refresh_from_db()
    assert member.ends_on is None
    assert "không có gì thay đổi" in press(client, "member_return", member.pk)


def standing(chain, day):
    return formation.standing(formation.CHAINS.get(pk=chain.pk), day, formation.rules())


def test_a_membership_entered_by_mistake_goes_and_comes_back(client, chain):
    member = chain.members[2]
    assert "vì nhập nhầm" in press(client, "member_remove", member.pk)
    assert not ChainMember.objects.filter(pk=member.pk).exists()
    press(client, "chain_put_back", chain.code, row=chains.gone(chain)[0].key)
    assert ChainMember.objects.get(pk=member.pk).party == member.party
    other = make_chain()
    for key in ["", "x", "chainmember:\x00", f"chainmember:{'9' * 30}", "chainrole:1"]:
        assert press(client, "chain_put_back", other.code, row=key)


def test_a_member_may_leave_and_join_once_more_but_never_twice_at_a_time(chain, yen):
    member = chains.end(chain.members[1], date(2026, 3, 31), yen)
    with pytest.raises(ValidationError, match="muộn hơn"):
        chains.join(member.role, member.party, date(2026, 3, 31), "", yen)
    chains.join(member.role, member.party, date(2026, 4, 1), "", yen)
    with pytest.raises(ValidationError):
        chains.come_back(member, yen)


@pytest.mark.parametrize("day", ["", "9999-12-31", "0001-01-01", "x"])
def test_an_odd_last_day_is_answered_in_words(client, chain, day):
    press(client, "member_end", chain.members[0].pk, last_day=day)
    assert not ChainMember.objects.exclude(ends_on=None).exists()


# Links ---------------------------------------------------------------------------------------------------------------
def test_only_links_between_partners_of_the_chain_are_offered_and_taken(client, chain):
    lead, supplier, other = (it.party for it in chain.members)
    inner, outer = make_link(supplier, other), make_link(supplier)
    assert list(chains.may_tie(chain)) == [inner]
    press(client, "chain_link_add", chain.code, link=inner.pk, added_on="2026-05-04")
    row = ChainLink.objects.get(link=inner)
    assert row.added_on == date(2026, 5, 4) and not list(chains.may_tie(chain))
    press(client, "chain_link_add", chain.code, link=outer.pk, added_on="2026-05-04")
    press(client, "chain_link_add", chain.code, link="9" * 30, added_on="x")
    assert chain.chain_links.count() == 3
    said = press(client, "chain_link_remove", row.pk)
    row.refresh_from_db()
    assert row.removed_on == today() - timedelta(days=1) and "không còn thuộc chuỗi" in said
    assert list(chains.may_tie(chain)) == [inner]
    press(client, "chain_link_add", chain.code, link=inner.pk, added_on=f"{today()}")
    assert [it.removed_on for it in chain.chain_links.filter(link=inner).order_by("pk")] == [row.removed_on, None]


def test_a_link_added_and_taken_out_on_one_day_was_a_mistake(client, chain):
    link = make_link(chain.members[1].party, chain.members[2].party)
    press(client, "chain_link_add", chain.code, link=link.pk, added_on=f"{today()}")
    press(client, "chain_link_remove", ChainLink.objects.get(link=link).pk)
    assert not ChainLink.objects.filter(link=link).exists()


def test_a_new_link_is_entered_on_the_way_and_belongs_to_the_chain_at_once(client, chain):
    source, target = chain.members[1].party, chain.members[2].party
    address = reverse("chain_link_create", args=[chain.code])
    begun = client.get(address, {"source": source.pk, "target": target.pk}).content.decode()
    assert source.title in begun and target.title in begun
    data = {"source_party": source.firm.code, "target_party": target.firm.code, "kind": "supporting", "state": "running",
            "confidence": "high"}  # fmt: skip
    said = client.post(address, data, follow=True).content.decode()
    link = Link.objects.get(source_party=source, target_party=target)
    assert chain.chain_links.get(link=link).added_on == today() and "đưa vào chuỗi" in said
    assert reverse("link_evidence_add", args=[link.pk]) + "?level=2" in said
    stranger = make_firm("Công ty Ngoài Cuộc")
    said = client.post(address, data | {"target_party": stranger.code}, follow=True).content.decode()
    assert "một bên chưa giữ vai trò nào" in said and not chain.chain_links.filter(link__target_party__firm=stranger).exists()


# The rule ------------------------------------------------------------------------------------------------------------
RULE = {"park_firms": 1, "zone_firms": 1, "links": 1, "evidence_level": 3, "basis": "QĐ 88/QĐ-BQL"}


def test_a_rule_is_set_from_a_day_on_listed_and_taken_back_while_it_is_to_come(client, chain, yen):
    coming = today() + timedelta(days=30)
    said = client.post(reverse("rule_set"), RULE | {"starts_on": f"{coming}"}, follow=True).content.decode()
    rule = FormationRule.objects.get()
    assert (rule.starts_on, rule.set_by, rule.evidence_level) == (coming, yen, 3) and "QĐ 88/QĐ-BQL" in said
    assert formation.rule_on(today(), formation.rules()).pk is None
    press(client, "rule_withdraw", rule.pk)
    assert not FormationRule.objects.exists()
    client.post(reverse("rule_set"), RULE | {"starts_on": f"{today()}"})
    assert "QĐ 88/QĐ-BQL" in client.get(reverse("chain_detail", args=[chain.code])).content.decode()
    assert "đã có hiệu lực" in press(client, "rule_withdraw", FormationRule.objects.get().pk)
    assert FormationRule.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_on": "2020-01-01"}, {"starts_on": "9999-12-31"}, {"starts_on": ""}, {"links": 99}, {"links": "9" * 30},
        {"park_firms": 0, "zone_firms": 0, "links": 0}, {"evidence_level": 7},
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_in_words(client, yen, wrong):
    response = client.post(reverse("rule_set"), RULE | {"starts_on": f"{today()}"} | wrong)
    assert response.status_code == 422 and not FormationRule.objects.exists()


# Who may --------------------------------------------------------------------------------------------------------------
def addresses(chain):
    member, row = chain.members[0], chain.chain_links.first()
    code = ["chain_edit", "chain_move", "chain_show", "chain_put_back", "role_create", "chain_link_add", "chain_link_create"]
    found = [reverse(name, args=[chain.code]) for name in code] + [reverse("chain_part", args=[chain.code, "facts"])]
    found += [reverse(name, args=[member.role_id]) for name in ("role_edit", "role_open", "role_remove", "member_add")]
    found += [reverse(name, args=[member.pk]) for name in ("member_end", "member_return", "member_remove")]
    return [
        *found,
        reverse("chain_link_remove", args=[row.pk]),
        reverse("rule_list"),
        reverse("rule_set"),
        reverse("chain_create"),
    ]


def test_nobody_but_officers_changes_a_chain(client, chain):
    for person, wanted in [(None, 302), (make_consolidator(), 404)]:
        client.logout()
        if person:
            client.force_login(person)
        for address in addresses(chain):
            assert {client.get(address).status_code, client.post(address).status_code} <= {wanted, 405, 404}
    assert Chain.history.count() == 1 and ChainMember.history.count() == 3


def test_the_officers_page_costs_no_more_for_more_members_and_links(client, chain, django_assert_max_num_queries):
    role = chain.roles.last()
    for _number in range(5):
        party = make_party(zone=chain.members[1].party.zone)
        join(role, party)
        make_link(party, chain.members[0].party)
    with django_assert_max_num_queries(40):
        said = client.get(reverse("chain_edit", args=[chain.code])).content.decode()
    assert said.count('name="link"') == 5


def test_the_history_tells_who_did_what(client, chain):
    press(client, "chain_move", chain.code, to="canvassed", was="idea")
    press(client, "member_end", chain.members[1].pk, last_day="2026-06-30")
    said = client.get(reverse("chain_edit", args=[chain.code])).content.decode()
    assert "chuyển giai đoạn sang “vận động”" in said and "ghi ngày rời vai trò" in said and "Bùi Hải Yến" in said
