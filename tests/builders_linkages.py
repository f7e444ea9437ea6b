"""Builders of the linkages: partners, links, chains, needs and offers in the smallest world in which each name is true."""

from datetime import date, timedelta
from itertools import count

from firms.models import Zone
from linkages.models import (
    Chain,
    ChainLink,
    ChainMember,
    ChainRole,
    EvidenceLevel,
    Link,
    LinkEvidence,
    MatchingSession,
    Participant,
    Party,
    Posting,
)
from tests.builders_firms import make_firm, make_zone

_serial = count(1)
TODAY = date(2026, 11, 23)


def make_party(name=None, zone=None, firm=None, kind=Party.Kind.FIRM, **fields):
    """A firm's party (the firm is made here unless given), or with another kind a body outside of the registry."""
    if kind == Party.Kind.FIRM:
        firm = firm or make_firm(name or f"Công ty Đối tác {next(_serial)}", zone)
        return Party.objects.of_firm(firm)
    return Party.objects.create(kind=kind, name=name or "Trường Cao đẳng Nghề", **fields)


def make_link(source=None, target=None, kind=Link.Kind.INPUT, state=Link.State.RUNNING, level=None, **fields):
    """A running link; with a level, with evidence of that level."""
    values = {"starts_on": date(2025, 1, 1), "is_public": True, "product": "sản phẩm đúc"} | fields
    link = Link.objects.create(
        source_party=source or make_party(), target_party=target or make_party(), kind=kind, state=state, **values
    )
    if level is not None:
        LinkEvidence.objects.create(link=link, level=level, title=str(EvidenceLevel(level).label), dated_on=date(2025, 1, 15))
    return link


def make_chain(name="Chuỗi công nghiệp hỗ trợ cơ khí", roles=2, **fields):
    values = {"code": f"CHUOI-{next(_serial)}", "field": Chain.Field.SUPPORTING, "is_public": True} | fields
    chain = Chain.objects.create(name=name, **values)
    for number in range(roles):
        ChainRole.objects.create(chain=chain, name=f"Vai trò {number + 1}", tier=number, position=number)
    return chain


def join(role, party, starts_on=date(2025, 2, 1), **fields):
    return ChainMember.objects.create(role=role, party=party, starts_on=starts_on, **fields)


def tie(chain, link, added_on=date(2025, 2, 1)):
    return ChainLink.objects.create(chain=chain, link=link, added_on=added_on)


def make_supplied_chain(**fields):
    """A lead in the park and two firms of another zone that supply it, without a single piece of evidence.

    `members` (the lead first) and `ties` (the links) are set on it."""
    park = make_zone(code=f"kcnc-{next(_serial)}")
    other = make_zone("Khu công nghiệp Hòa Khánh", f"kcn-hk-{next(_serial)}", Zone.Kind.INDUSTRIAL_ZONE)
    chain = make_chain(roles=2, **fields)
    lead_role, supplier_role = chain.roles.all()
    lead, suppliers = make_party(zone=park), [make_party(zone=other), make_party(zone=other)]
    chain.members = [join(lead_role, lead), *(join(supplier_role, it) for it in suppliers)]
    chain.ties = [make_link(it, lead) for it in suppliers]
    for link in chain.ties:
        tie(chain, link)
    return chain


def prove(link, level=EvidenceLevel.CONTRACT, dated_on=date(2025, 3, 1), **fields):
    return LinkEvidence.objects.create(link=link, level=level, title="Hợp đồng", dated_on=dated_on, **fields)


def make_posting(title="Cần gia công CNC 5 trục", direction=Posting.Direction.NEED, state=Posting.State.PUBLISHED, **fields):
    values = {
        "code": f"{'NC' if direction == Posting.Direction.NEED else 'CB'}{next(_serial) + 5000:05d}",
        "kind": Posting.Kind.PRODUCTION,
        "summary": "Tìm đối tác gia công chi tiết nhôm chính xác.",
        "published_on": date(2026, 6, 1),
        "expires_on": date(2027, 6, 1),
    } | fields
    return Posting.objects.create(direction=direction, title=title, state=state, **values)


def make_session(starts_at, state="planned", **fields):
    """A morning of four hours with ten tables, published."""
    values = {"code": f"KN-{next(_serial)}", "title": "Phiên kết nối cơ khí", "is_public": True} | fields
    return MatchingSession.objects.create(starts_at=starts_at, ends_at=starts_at + timedelta(hours=4), state=state, **values)


def make_participant(session, party=None, state="confirmed", **fields):
    values = {"email": f"nguoi{next(_serial)}@firm.test"} | fields
    return Participant.objects.create(session=session, party=party or make_party(), state=state, **values)
