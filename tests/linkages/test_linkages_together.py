"""Two officers with one page open: neither writes over the other unseen, and the history says who wrote what."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from lxml import html

from linkages import agreements
from linkages.models import (
    Agreement,
    Chain,
    Commitment,
    FollowUp,
    Link,
    MatchingSession,
    Meeting,
    Participant,
    Party,
    Posting,
    SkillNeed,
    Target,
    TrainingProgramme,
)
from linkages.models.chains import ChainRole
from parkportal import timeline
from tests.builders_firms import make_editor
from tests.test_roles import world as world  # a fixture, under the name by which tests ask for it

pytestmark = pytest.mark.django_db

# Address, model, a box that both write in, and another one in which only the second does.
PAGES = [
    ("link_edit", Link, "product", "product_en"),
    ("partner_edit", Party, "name", "place"),
    ("chain_part", Chain, "name", "summary"),
    ("role_edit", ChainRole, "name", "description"),
    ("agreement_edit", Agreement, "title", "fields"),
    ("commitment_edit", Commitment, "text", "evidence"),
    ("skill_need_edit", SkillNeed, "skill", "skill_en"),
    ("programme_edit", TrainingProgramme, "name", "skills"),
    ("target_edit", Target, "blocker", ""),
    ("session_edit", MatchingSession, "title", "organisers"),
    ("participant_edit", Participant, "person", "position"),
    ("posting_edit", Posting, "title", "summary"),
    ("meeting_result", Meeting, "note", ""),
    ("follow_up_edit", FollowUp, "note", ""),
]
# What a press of a button sends; each writes at least one line of history.
PRESSED = {
    "link_move": {"to": "ended", "on": "2026-01-31", "reason": "Hết hợp đồng"}, "link_review": {}, "link_show": {"public": "no"},
    "link_evidence_add": {"level": 2, "title": "Biên bản", "source": "Số 12/BB"}, "link_evidence_remove": {},
    "chain_move": {"to": "canvassed", "was": "idea"}, "chain_show": {"public": "no"}, "role_open": {"open": "no"},
    "role_create": {"name": "Mạ kẽm", "tier": 1, "needed": 1, "seen": 0}, "member_end": {"last_day": "2026-06-30"},
    "member_remove": {}, "chain_link_remove": {}, "rule_withdraw": {},
    "rule_set": {"starts_on": "2030-01-01", "park_firms": 1, "zone_firms": 2, "links": 2, "evidence_level": 2},
    "application_detail": {"what": "talk", "was": "new"}, "posting_decide": {"what": "withdraw"},
    "interest_detail": {"what": "decline", "reply": "Không phù hợp."}, "match_detail": {"next_step": "Gửi mẫu"},
    "match_move": {"seen": "suggested", "to": "met"}, "agreement_party_add": {"party": "DN0000018"},
    "agreement_party_remove": {}, "commitment_create": {"text": "Trao đổi số liệu", "state": "open"},
    "session_move": {"step": "cancel"}, "participant_answer": {"comes": "no"}, "participant_attend": {"note": "came"},
    "participant_invite": {}, "meeting_move": {"fix": "1"}, "meeting_result": {"result": "again", "seen": 0},
    "follow_up_edit": {"outcome": "met", "note": "Đã gặp", "seen": 0}, "target_edit": {"blocker": "Thiếu vốn", "seen": 0},
}  # fmt: skip


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def sent_by(client, path):
    """What a browser sends when the page's form is pressed as it stands."""
    page = client.get(path)
    assert page.status_code == 200
    return in_form(page)


def in_form(page):
    form = html.fromstring(page.text).xpath("//form[.//input[@name='seen']]")[0]
    chosen = {it.get("name"): it.get("value", "on") for it in form.xpath(".//input[@type='radio'][@checked]")}
    return {name: value or "" for name, value in form.form_values()} | chosen


def address_of(world, name):
    given = world["open"].get(name, ())
    return reverse(name, args=given if isinstance(given, tuple) else [given])


@pytest.fixture
def two():
    return make_editor("Bùi Hải Yến"), make_editor("Lê Văn Hai")


@pytest.fixture
def filled(world):
    """Numbers and days in every box, so that what a form shows and what it reads again can differ."""
    Link.objects.update(starts_on=date(2025, 1, 31), value_band=Link.Value.TO_10, as_of=date(2025, 2, 1))
    SkillNeed.objects.update(number=1500, needed_by=date(2027, 6, 1), skill_en="Welder")
    TrainingProgramme.objects.update(places=1200)
    Agreement.objects.update(signed_on=date(2025, 3, 1), ends_on=date(2030, 3, 1), number="12/BBGN")
    Commitment.objects.update(due_on=date(2027, 1, 31))
    Meeting.objects.update(value_vnd=Decimal("1234.567"), note="Đã trao đổi", result="sample")
    FollowUp.objects.update(value_vnd=Decimal("1234.5"), note="Đang thử mẫu", outcome="tested")
    Posting.objects.update(summary="Tìm đối tác gia công chi tiết nhôm chính xác, loạt nhỏ.", deadline=date(2027, 1, 1))
    return world


def test_every_page_sent_as_it_stands_changes_nothing(filled, two):
    client, changed = browser_of(two[0]), []
    for name, model in [(it[0], it[1]) for it in PAGES]:
        path, before = address_of(filled, name), list(model.objects.order_by("pk").values())
        if name == "follow_up_edit":
            continue  # sending it notes that somebody has asked
        answer = client.post(path, sent_by(client, path))
        if answer.status_code != 302 or list(model.objects.order_by("pk").values()) != before:
            changed.append((name, answer.status_code))
    assert not changed


@pytest.mark.parametrize("name, model, field, other", PAGES, ids=[it[0] for it in PAGES])
def test_two_who_edit_one_row_see_each_other_and_lose_nothing(world, two, name, model, field, other):
    path, (first, second) = address_of(world, name), map(browser_of, two)
    mine, theirs = sent_by(first, path), sent_by(second, path)
    assert first.post(path, mine | {field: "Bản của người thứ nhất"}).status_code == 302
    row = model.history.latest().instance
    assert model.history.latest().history_user == two[0]

    def stored(what):
        return getattr(model.objects.get(pk=row.pk), what)

    if other:  # another box: both stand
        assert second.post(path, theirs | {other: "Ô khác của người thứ hai, viết thêm cho đủ dài."}).status_code == 302
        assert stored(field) == "Bản của người thứ nhất" and stored(other).startswith("Ô khác")
        assert model.history.latest().history_user == two[1]
    answer = second.post(path, theirs | {field: "Bản của người thứ hai"})
    assert answer.status_code in (200, 409, 422) and stored(field) == "Bản của người thứ nhất"
    assert "Bản của người thứ nhất" in answer.text and "Bản của người thứ hai" in answer.text
    assert second.post(path, in_form(answer)).status_code == 302
    assert stored(field) == "Bản của người thứ hai"


def test_every_press_leaves_who_did_it_in_the_history(world, two):
    client, missing = browser_of(two[0]), []
    kept = [model.history.model.objects for model in timeline.models() if model._meta.app_label == "linkages"]
    for name, data in PRESSED.items():
        data |= {"seen": client.get(address_of(world, name)).context["seen"]} if data.get("seen") == 0 else {}
        with transaction.atomic():
            before = {rows.model: rows.count() for rows in kept}
            client.post(address_of(world, name), data)
            new = [it for rows in kept for it in rows.order_by("-history_id")[: rows.count() - before[rows.model]]]
            transaction.set_rollback(True)
        if not new or any(it.history_user != two[0] for it in new):
            missing.append((name, new))
    assert not missing


def test_a_party_named_while_somebody_else_edits_undoes_nothing_and_is_told(world, two):
    stale, party = Agreement.objects.get(), Party.objects.filter(kind=Party.Kind.SCHOOL).last()
    first = browser_of(two[0])
    path = address_of(world, "agreement_edit")
    first.post(path, sent_by(first, path) | {"title": "Khung hợp tác mới"})
    agreements.add_party(stale, party, two[1])
    agreements.remove_party(stale, party, two[1])
    stale.refresh_from_db()
    assert stale.title == "Khung hợp tác mới"
    told = [(event.who, event.sentence) for event in timeline.of(stale)]
    assert told[:2] == [(str(two[1]), f"bỏ {party} khỏi các bên tham gia"), (str(two[1]), f"ghi {party} là một bên tham gia")]
