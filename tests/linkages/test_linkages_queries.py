"""No page of the linkages asks the database more often because there is more to show on it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from firms.models import Authority
from linkages import urls as linkage_urls
from linkages.models import (
    Agreement,
    Application,
    BoardMember,
    Chain,
    Commitment,
    FollowUp,
    FormationRule,
    Interest,
    Link,
    Match,
    MatchingSession,
    Meeting,
    Party,
    Posting,
    SkillNeed,
    TrainingProgramme,
)
from tests.builders_linkages import (
    join,
    make_chain,
    make_link,
    make_participant,
    make_party,
    make_posting,
    make_session,
    prove,
    tie,
)
from tests.test_roles import address, expected
from tests.test_roles import world as world  # a fixture, under the name by which tests ask for it

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
# Made by a program of their own, with its own tests; and what answers with a file or leads elsewhere.
LEFT_OUT = {"chain_pdf", "phase_report", "session_badges", "session_sheets", "link_evidence_download", "agreement_file"}


def more_of_everything(opened):
    """Three more of each thing that any page lists."""
    chain, link = Chain.objects.get(code=opened["chain_detail"]), Link.objects.get(pk=opened["link_detail"])
    need = Posting.objects.get(code=opened["posting_detail"])
    agreement = Agreement.objects.get(pk=opened["agreement_detail"])
    session = MatchingSession.objects.get(code=opened["session_detail"])
    role = chain.roles.last()
    for number in range(3):
        one, other = make_party(), make_party()
        join(role, one), join(chain.roles.first(), other)
        tie(chain, prove(make_link(one, other)).link)
        make_chain(roles=1).roles.update(is_open=True, opened_on=TODAY, needed=9)
        Application.objects.create(role=role, party=one, firm_name="Xưởng", name="A", email="a@shop.test", message="Mạ kẽm.")
        prove(link, 2)
        link.confirmations.create(
            side="target", email="b@firm.test", token_hash=f"{number}", sent_by=opened["by"], expires_at=timezone.now()
        )
        school = make_party(f"Trường {number}", kind=Party.Kind.SCHOOL)
        offer = make_posting(direction="offer", owner=one, contact_email="b@firm.test")
        Interest.objects.create(
            posting=need,
            party=other,
            organisation="Xưởng",
            name="A",
            email="a@shop.test",
            message="Xin hỏi.",
            handled_by=opened["by"],
        )
        Match.objects.create(need=need, offer=offer, verdict="fits", officer=opened["by"])
        Match.objects.create(need=need, party=other, verdict="unfit", verdict_reason="Khác nghề")
        Match.objects.create(need=make_posting(owner=other), offer=make_posting(direction="offer", owner=one), verdict="fits")
        agreement.parties.add(one, school)
        Commitment.objects.create(agreement=agreement, text="Đào tạo", owner=school, due_on=TODAY - timedelta(days=9))
        Agreement.objects.create(title="Biên bản", kind="memorandum", is_public=True).parties.add(one, school)
        SkillNeed.objects.create(party=one, skill="Thợ hàn", level="worker", stated_on=TODAY)
        TrainingProgramme.objects.create(party=school, name="Hàn", skills="hàn", level="worker")
        make_session(timezone.now() + timedelta(days=number + 2))
        pair = make_participant(session, one), make_participant(session, other)
        pair[0].wishes.add(pair[1])
        meeting = Meeting.objects.create(session=session, first=pair[0], second=pair[1], slot=number + 1, table=0)
        FollowUp.objects.create(meeting=meeting, days=30, due_on=TODAY)
        FormationRule.objects.create(starts_on=TODAY + timedelta(days=99 + number), set_by=opened["by"])


def asked(client, world):
    """{page: how many queries it asks}."""
    found = {}
    for pattern in linkage_urls.urlpatterns:
        if ("get", pattern.name) in expected() and pattern.name not in LEFT_OUT:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(pattern, world)).status_code < 400, pattern.name
            found[pattern.name] = len(queries)
    return found


def test_no_page_asks_more_for_more_rows(world):
    editor = world["people"]["editor"]
    world["open"]["by"] = editor
    BoardMember.objects.create(user=editor, authority=Authority.objects.create(name="Ban khác"), starts_on=TODAY)
    client = Client()
    client.force_login(editor)
    asked(client, world)  # what is read once and kept
    few = asked(client, world)
    more_of_everything(world["open"])
    asked(client, world)
    many = asked(client, world)
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name]}
    assert grown == {}
