"""Open roles for everybody, an application without an account, and the officer who answers it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from firms import gatekeeper
from firms.models import Authority
from linkages import applications, chains
from linkages.models import Application, Chain, ChainMember, ChainRole
from parkportal.models import OutgoingMail
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_chain, make_party

pytestmark = pytest.mark.django_db
TAX_CODE = "0400101404"
APPLICATION = {
    "firm_name": "Công ty Mạ Ba Khuôn", "tax_code": "", "name": "Lê Thị Mạ", "email": "ma@bakhuon.test", "phone": "0905 000 000",
    "message": "Mạ kẽm, phốt phát, 20 tấn một tháng.",
}  # fmt: skip


@pytest.fixture
def role():
    cache.clear()
    Authority.objects.create(key="bql", name="Ban Quản lý", email="bql@danang.test", is_ours=True)
    chain = make_chain(name="Chuỗi van thủy lực", roles=0)
    return ChainRole.objects.create(
        chain=chain,
        name="Xử lý bề mặt",
        tier=2,
        needed=2,
        is_open=True,
        opened_on=timezone.localdate(),
        description="Mạ, nhiệt luyện",
    )


@pytest.fixture
def yen():
    return make_editor()


def form_data(**changes):
    return APPLICATION | {gatekeeper.STAMP: gatekeeper.stamp(timezone.now() - timedelta(seconds=30))} | changes


def send(client, role, **changes):
    return client.post(reverse("opportunity_detail", args=[role.pk]), form_data(**changes))


def applied(role, **changes):
    return applications.apply(role, APPLICATION | changes, "vi", timezone.now())


def mails(to):
    return list(OutgoingMail.objects.filter(to=to).order_by("pk"))


# For everybody -------------------------------------------------------------------------------------------------------
def test_open_roles_are_listed_by_field_and_tier_with_their_numbers(client, role):
    logistics = make_chain(name="Chuỗi kho vận", roles=0, field=Chain.Field.LOGISTICS)
    ChainRole.objects.create(chain=logistics, name="Vận tải", tier=1, is_open=True)
    ChainRole.objects.create(chain=logistics, name="Đóng", tier=1)
    said = client.get(reverse("opportunity_list")).content.decode()
    assert "2 vai trò đang mở" in said and "Xử lý bề mặt" in said and "Vận tải" in said and "Đóng" not in said
    said = client.get(reverse("opportunity_list"), {"field": "logistics"}).content.decode()
    assert "1 vai trò đang mở" in said and "Xử lý bề mặt" not in said
    said = client.get(reverse("opportunity_list"), {"field": "logistics", "tier": "2"}).content.decode()
    assert "Không có vai trò nào khớp bộ lọc" in said
    for odd in ["9" * 30, "x", "-1", "²"]:
        assert client.get(reverse("opportunity_list"), {"tier": odd, "field": odd}).status_code == 200


def test_what_is_filled_hidden_or_closed_is_no_opportunity(client, role, yen):
    address = reverse("opportunity_detail", args=[role.pk])
    assert client.get(address).status_code == 200
    for _number in range(2):
        chains.join(role, make_party(), timezone.localdate(), "", yen)
    response = client.get(address)
    assert response.status_code == 410 and "Cơ hội này đã đóng" in response.content.decode()
    ChainMember.objects.all().delete()
    Chain.objects.update(is_public=False)
    assert client.get(address).status_code == 404
    Chain.objects.update(is_public=True)
    ChainRole.objects.update(is_open=False, opened_on=None)
    assert client.get(address).status_code == 404
    assert "Hiện chưa có vai trò nào đang mở" in client.get(reverse("opportunity_list")).content.decode()


def test_a_firm_applies_gets_a_receipt_and_the_office_is_told(client, role):
    response = send(client, role)
    assert response.status_code == 302 and response.url.endswith("?sent=1")
    application = Application.objects.get()
    assert (application.state, application.party, application.language) == ("new", None, "vi")
    assert "Đã nhận đăng ký tham gia" in mails("ma@bakhuon.test")[0].subject
    assert "Mạ kẽm" in mails("bql@danang.test")[0].text
    said = client.get(response.url).content.decode()
    assert "Đăng ký của ông/bà đã đến cán bộ phụ trách" in said


def test_the_chains_officer_is_told_instead_of_the_office(client, role, yen):
    Chain.objects.update(officer=yen)
    send(client, role)
    assert mails(yen.email) and not mails("bql@danang.test")


def test_the_tax_code_is_checked_and_the_firm_recognised(client, role):
    firm = make_firm("Công ty Tokyo Keiki", make_zone(), tax_code=TAX_CODE)
    response = send(client, role, tax_code="0400101405")
    assert response.status_code == 422 and "chữ số" in response.content.decode() and not Application.objects.exists()
    send(client, role, tax_code=" 400101404 ")  # Excel has dropped the zero
    application = Application.objects.get()
    assert application.tax_code == TAX_CODE and application.party.firm == firm


@pytest.mark.parametrize("name", ["firm_name", "name", "email", "message"])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, role, name):
    response = send(client, role, **{name: ""})
    assert response.status_code == 422 and not Application.objects.exists()
    kept = "Mạ kẽm" if name != "message" else "Lê Thị Mạ"
    assert kept in response.content.decode()


def test_machines_links_floods_and_double_presses_are_kept_out(client, role):
    assert send(client, role, **{gatekeeper.BAIT: "x"}).status_code == 422
    assert "casino.example.com" in send(client, role, message="Xem casino.example.com").content.decode()
    data = form_data()
    for _number in range(2):
        assert client.post(reverse("opportunity_detail", args=[role.pk]), data).status_code == 302
    assert Application.objects.count() == 1
    for _number in range(applications.FROM_ONE_ADDRESS - 1):
        applied(role)
    assert send(client, role).status_code == 422
    assert Application.objects.count() == applications.FROM_ONE_ADDRESS


def test_what_applicants_say_of_themselves_stays_out_of_history_and_is_forgotten(role, yen):
    application = applied(role)
    now = timezone.now()
    applications.decline(application, "new", {"reply": "Chưa phù hợp."}, yen, now)
    assert not hasattr(application.history.first(), "email")
    assert applications.forget(now + timedelta(days=364)) == 0
    assert applications.forget(now + timedelta(days=366)) == 1
    application.refresh_from_db()
    assert (application.email, application.message, application.reply) == ("", "", "")
    assert application.firm_name and application.state == "declined"


# The officer ---------------------------------------------------------------------------------------------------------
def handle(client, application, what, **data):
    given = {"what": what, "was": application.state, "reply": "", "officer_note": ""} | data
    return client.post(reverse("application_detail", args=[application.pk]), given, follow=True)


def test_an_accepted_firm_joins_the_chain_on_request_and_is_told(client, role, yen):
    client.force_login(yen)
    firm = make_firm("Công ty Mạ Ba Khuôn", make_zone(), tax_code=TAX_CODE)
    application = applied(role, tax_code=TAX_CODE)
    opened = client.get(reverse("application_detail", args=[application.pk])).content.decode()
    assert "có trong danh mục" in opened and firm.get_absolute_url() in opened
    response = handle(client, application, "accept", party=firm.code, joins="on", starts_on="2026-12-01", reply="Mời ông/bà họp.")
    assert response.status_code == 200
    application.refresh_from_db()
    member = ChainMember.objects.get()
    assert (application.state, application.handled_by, member.party.firm, str(member.starts_on)) == (
        "accepted",
        yen,
        firm,
        "2026-12-01",
    )
    assert "Mời ông/bà họp" in mails("ma@bakhuon.test")[-1].text


def test_accepting_without_a_partner_or_without_joining(client, role, yen):
    client.force_login(yen)
    application = applied(role)
    response = handle(client, application, "accept", joins="on")
    assert response.status_code == 409 and "Nêu đối tác" in response.content.decode()
    assert not Application.objects.exclude(state="new").exists() and len(mails("ma@bakhuon.test")) == 1
    handle(client, application, "accept")
    assert Application.objects.get().state == "accepted" and not ChainMember.objects.exists()


def test_a_declined_firm_gets_the_reply_and_an_advertisement_gets_none(client, role, yen):
    client.force_login(yen)
    one, other = applied(role), applied(role, email="quangcao@example.test")
    handle(client, one, "decline", reply="Chưa phù hợp.")
    handle(client, other, "decline")
    assert "Chưa phù hợp." in mails("ma@bakhuon.test")[-1].text and len(mails("quangcao@example.test")) == 1
    assert set(Application.objects.values_list("state", flat=True)) == {"declined"}


def test_a_conversation_ends_in_a_member_or_in_a_withdrawal(client, role, yen):
    client.force_login(yen)
    application = applied(role)
    handle(client, application, "talk", officer_note="Hẹn gọi thứ hai")
    application.refresh_from_db()
    assert (application.state, application.officer_note, len(mails("ma@bakhuon.test"))) == ("talking", "Hẹn gọi thứ hai", 1)
    handle(client, application, "withdraw", officer_note="Hẹn gọi thứ hai")
    application.refresh_from_db()
    assert application.state == "withdrawn" and len(mails("ma@bakhuon.test")) == 1


def test_the_second_of_two_officers_changes_nothing_and_reads_who_was_quicker(client, role, yen):
    application, an = applied(role), make_editor("Lê An")
    applications.decline(application, "new", {"reply": "Chưa phù hợp."}, an, timezone.now())
    client.force_login(yen)
    response = handle(client, application, "accept")
    assert response.status_code == 409 and "Lê An" in response.content.decode()
    assert Application.objects.get().state == "declined" and len(mails("ma@bakhuon.test")) == 2
    with pytest.raises(ValidationError):
        applications.talk(application, "declined", {}, yen, timezone.now())


def test_a_member_twice_is_refused_and_the_application_stays(client, role, yen):
    client.force_login(yen)
    firm = make_firm("Công ty Mạ", make_zone())
    application = applied(role)
    chains.join(role, make_party(firm=firm), timezone.localdate(), "", yen)
    response = handle(client, application, "accept", party=firm.code, joins="on")
    assert response.status_code == 409 and "đã giữ vai trò này" in response.content.decode()
    assert Application.objects.get().state == "new"


def test_the_desk_lists_by_state_and_only_for_officers(client, role, yen, django_assert_max_num_queries):
    for address in (reverse("application_list"), reverse("application_detail", args=[applied(role).pk])):
        assert client.get(address).status_code == 302
    client.force_login(yen)
    assert "Công ty Mạ Ba Khuôn" in client.get(reverse("application_list")).content.decode()
    for number in range(4):
        applied(role, email=f"{number}@example.test")
    with django_assert_max_num_queries(14):
        assert client.get(reverse("application_list"), {"state": "all"}).content.decode().count("row-link") == 5
    assert (
        "Không có đăng ký nào ở trạng thái này" in client.get(reverse("application_list"), {"state": "declined"}).content.decode()
    )
    for odd in ["x", "9" * 30]:
        assert client.get(reverse("application_list"), {"state": odd, "page": odd}).status_code == 200
    for odd in ["", "x"]:
        assert handle(client, Application.objects.first(), odd).status_code == 409


def test_the_list_of_open_roles_costs_no_more_for_more_roles(client, role, django_assert_max_num_queries):
    for number in range(6):
        ChainRole.objects.create(chain=role.chain, name=f"Vai trò {number}", tier=1, is_open=True)
    with django_assert_max_num_queries(5):
        client.get(reverse("opportunity_list"))
