"""What of the linkages is the officers' alone: a word in every internal fact, and no page that tells it to anybody else."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms.models import Authority, Firm, ZoneAuthority
from linkages import agreements, chainsheet, formation
from linkages import urls as linkage_urls
from linkages.access import boards_of
from linkages.models import (
    Agreement,
    Application,
    BoardMember,
    Chain,
    ChainMember,
    Commitment,
    FollowUp,
    Interest,
    Link,
    LinkConfirmation,
    LinkEvidence,
    Match,
    MatchingSession,
    Meeting,
    Party,
    Posting,
    SkillNeed,
    TrainingProgramme,
)
from tests.builders import make_user
from tests.builders_firms import make_firm, make_zone
from tests.builders_linkages import join, make_chain, make_link, make_party, make_posting, make_session
from tests.test_roles import address
from tests.test_roles import patterns as all_patterns
from tests.test_roles import world as world  # a fixture, under the name by which tests ask for it

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
# Beside the linkages' own pages: wherever else in the portal a word of theirs could come up.
ELSEWHERE = {
    "home", "search", "sitemap", "sitemap_part", "firm_list", "firm_detail", "firm_map", "zone_detail", "figures", "figure_rows",
    "open_data", "api_firm_list", "api_firm_detail", "embed_firms", "audit", "my_work", "board", "registry_desk",
}  # fmt: skip
# Behind her own link the owner of a posting reads what she wrote herself.
HER_OWN = {"posting_own", "posting_own_edit"}
FOR_THE_INVITED = {("session_answer", "online address"), ("session_calendar", "online address")}
# What the history of the whole portal calls things; whoever answers for every change reads that there was one, and of what.
TITLES = ("internal ", "hidden ", "posting in review", "withdrawn posting", "anonymous owner")


def signed_in(person):
    client = Client()
    if person:
        client.force_login(person)
    return client


class Secrets(dict):
    """A word that stands nowhere else, for each fact that is asked for by its name."""

    def __call__(self, name, ending=""):
        return self.setdefault(name, f"zq{len(self):02d}zq{ending}")


def changed(row, **values):
    """Written as the portal writes: with its line in the history, before and after."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


@pytest.fixture
def secrets(world):
    """A word in every fact of the linkages that only officers read, on things that have an address of their own."""
    secret, opened = Secrets(), world["open"]
    whole_and_hidden(secret, opened)
    of_links(secret, opened)
    of_the_exchange(secret, opened)
    of_chains(secret, opened)
    of_sessions(secret, opened)
    of_agreements(secret, opened)
    return secret


def whole_and_hidden(secret, opened):
    """Things that are not published at all, and partners that are not, as they hang on things that are."""
    make_link(is_public=False, product=secret("internal link"))
    make_chain(secret("internal chain"), is_public=False)
    make_session(timezone.now() + timedelta(days=9), title=secret("internal session"), is_public=False)
    make_posting(secret("posting in review"), state="review")
    make_posting(secret("withdrawn posting"), state="withdrawn")
    Agreement.objects.create(title=secret("internal agreement"), kind="framework")
    SkillNeed.objects.create(party=make_party(), skill=secret("internal need"), level="worker", stated_on=TODAY, is_public=False)
    school = make_party(kind=Party.Kind.SCHOOL)
    TrainingProgramme.objects.create(
        party=school, name=secret("internal programme"), skills="hàn", level="worker", is_public=False
    )
    body = make_party(secret("hidden body"), kind=Party.Kind.SCHOOL, is_public=False)
    firm = make_party(secret("hidden firm"))
    Firm.objects.filter(pk=firm.firm_id).update(is_public=False)
    for party in (body, firm):
        join(Chain.objects.get(code=opened["chain_detail"]).roles.first(), party)
        make_link(source=party)
        SkillNeed.objects.create(party=party, skill="Thợ hàn", level="worker", stated_on=TODAY)
        TrainingProgramme.objects.create(party=party, name="Hàn công nghệ cao", skills="hàn", level="worker")
        Agreement.objects.get(pk=opened["agreement_detail"]).parties.add(party)
        Commitment.objects.create(agreement_id=opened["agreement_detail"], text="Cử giảng viên", owner=party)
        make_posting(owner=party, is_anonymous=False)


def of_links(secret, opened):
    link = Link.objects.get(pk=opened["link_detail"])
    changed(link, value_band=Link.Value.FROM_100, note=secret("note of a link"), source=secret("source of a link"))
    secret.setdefault("value of a link", str(Link.Value.FROM_100.label))
    changed(link.source_party, email=secret("address of a partner", "@a.test"), phone=secret("telephone of a firm"))
    changed(
        Party.objects.get(pk=opened["partner_edit"]), phone=secret("telephone of a partner"), note=secret("note of a partner")
    )
    changed(
        LinkEvidence.objects.get(link=link, pk=opened["link_evidence_download"]), title=secret("title of evidence"),
        note=secret("note of evidence"), source=secret("source of evidence"), file_name=secret("file of evidence", ".pdf"),
    )  # fmt: skip
    LinkConfirmation.objects.filter(link=link).update(answer="no", answered_at=timezone.now(), remark=secret("remark of a side"))


def of_the_exchange(secret, opened):
    need = Posting.objects.get(code=opened["posting_detail"])
    changed(
        need, confidential=secret("confidential"), owner_words=secret("anonymous firm"), contact_name=secret("contact"),
        owner=make_party(secret("anonymous owner"), kind=Party.Kind.SCHOOL),
    )  # fmt: skip
    changed(
        Interest.objects.get(), organisation=secret("who is interested"), email=secret("address of interest", "@a.test"),
        message=secret("message of interest"), reply=secret("reply to interest"), party=make_party(),
    )  # fmt: skip
    changed(Match.objects.get(), next_step=secret("next step"), value_vnd=7654321)
    Match.objects.create(need=need, offer=make_posting(direction="offer"), verdict="unfit", verdict_reason=secret("verdict"))


def of_chains(secret, opened):
    chain = Chain.objects.get(code=opened["chain_detail"])
    changed(chain, blocker=secret("blocker"))
    changed(ChainMember.objects.filter(role__chain=chain).first(), note=secret("note of a member"))
    changed(
        Application.objects.get(), firm_name=secret("applicant"), name=secret("person applying"),
        email=secret("address of application", "@a.test"), message=secret("application"), officer_note=secret("officer's note"),
        reply=secret("reply to application"),
    )  # fmt: skip


def of_sessions(secret, opened):
    session = MatchingSession.objects.get(code=opened["session_detail"])
    changed(session, minutes=secret("minutes"), online_address=f"https://{secret('online address')}.test/")
    meeting = Meeting.objects.get(pk=opened["meeting_move"])
    changed(meeting.second, person=secret("who comes"), email=secret("address of a participant", "@a.test"))
    changed(meeting, note=secret("note of a meeting"), result="memorandum", value_vnd=8765432)
    changed(FollowUp.objects.get(), note=secret("what was heard"))


def of_agreements(secret, opened):
    changed(Agreement.objects.get(pk=opened["agreement_detail"]), note=secret("note of an agreement"))


def pages(world):
    ours = {pattern.name for pattern in linkage_urls.urlpatterns} - HER_OWN
    asked = {"q": "zq", "on": f"{TODAY}", "value": "from-100", "shown": "no", "state": "all", "history": "1"}
    for pattern in all_patterns():
        if pattern.name in ours | ELSEWHERE:
            for data in ({}, asked):
                yield pattern.name, address(pattern, world), data


def told(client, world, secrets):
    """{(name of the page, what it tells)} of everything internal that one reader finds."""
    found = set()
    for name, path, data in pages(world):
        answer = client.get(path, data)
        if answer.status_code == 200 and not answer.headers["Content-Type"].startswith(("application/pdf", "application/vnd")):
            text = b"".join(answer).decode() if answer.streaming else answer.text
            found |= {(name, what) for what, word in secrets.items() if word in text}
    return found


@pytest.mark.parametrize("reader", ["stranger", "officer", "consolidator"])
def test_whoever_keeps_no_linkages_reads_no_internal_fact_on_any_page(reader, world, secrets):
    person = world["people"][reader]
    if reader == "officer":  # she also acts for a board of another province, which opens its own page to her and nothing else
        BoardMember.objects.create(user=person, authority=Authority.objects.create(name="Ban khác"), starts_on=TODAY)
    found = told(signed_in(person), world, secrets) - FOR_THE_INVITED
    if reader == "consolidator":
        found = {(page, what) for page, what in found if page != "audit" or not what.startswith(TITLES)}
    assert found == set()


def test_an_officer_reads_every_one_of_them_so_the_words_above_are_the_right_ones(world, secrets):
    read = {what for _name, what in told(signed_in(world["people"]["editor"]), world, secrets)}
    assert set(secrets) - read <= {"minutes", "telephone of a firm"}  # kept, and shown on no page that is asked for here


def test_the_printed_chain_says_no_more_than_the_page(world, secrets):
    chain = formation.CHAINS.get(code=world["open"]["chain_detail"])
    text = chainsheet.html(chain, TODAY, is_officer=False)
    assert not [what for what, word in secrets.items() if word in text]
    assert secrets["hidden firm"] in chainsheet.html(chain, TODAY, is_officer=True)


# Boards of other provinces -------------------------------------------------------------------------------------------
@pytest.fixture
def board():
    """A board with its zone, a firm in it, and an agreement of its own that is not published."""
    board = Authority.objects.create(key="chu-lai", name="Ban Quản lý Khu kinh tế mở Chu Lai")
    zone = make_zone("Khu công nghiệp Bắc Chu Lai", "KCN-BCL")
    ZoneAuthority.objects.create(zone=zone, authority=board, starts_on=date(2020, 1, 1))
    board.firm = make_firm("Công ty Của Ban", zone)
    agreement = Agreement.objects.create(title="Khung chưa công bố", kind="framework")
    agreement.parties.add(Party.objects.create(kind=Party.Kind.BOARD, name=board.name, authority=board))
    return board


def act_for(board, person, since=TODAY, until=None):
    return BoardMember.objects.create(user=person, authority=board, starts_on=since, ends_on=until)


def test_a_person_of_another_board_finds_its_zones_and_firms_and_opens_no_officers_page(world, board):
    person, editor_pages = world["people"]["other"], [it for it in linkage_urls.urlpatterns if it.name not in HER_OWN]
    client = signed_in(person)
    before = {it.name: client.get(address(it, world)).status_code for it in editor_pages}
    act_for(board, person)
    after = {it.name: client.get(address(it, world)).status_code for it in editor_pages}
    assert {name for name in after if after[name] != before[name]} == {"board_home"}
    text = client.get(reverse("board_home")).text
    assert "Khu công nghiệp Bắc Chu Lai" in text and "Khung chưa công bố" in text


def test_a_board_stays_hers_though_an_earlier_term_is_over_and_a_colleague_has_left(board):
    yen, minh = make_user("Lê Yến"), make_user("Phạm Minh")
    act_for(board, minh, date(2020, 1, 1), TODAY - timedelta(days=1))
    act_for(board, yen, date(2020, 1, 1), date(2021, 1, 1))
    act_for(board, yen)
    assert list(boards_of(yen, TODAY)) == [board]
    assert list(boards_of(minh, TODAY)) == []


@pytest.mark.parametrize("since, until", [(date(2020, 1, 1), TODAY - timedelta(days=1)), (TODAY + timedelta(days=1), None)])
def test_whoever_acts_for_the_board_no_more_or_not_yet_reads_nothing_of_its_internal_agreements(board, since, until):
    person = make_user("Lê Yến")
    act_for(board, person, since, until)
    assert not agreements.visible_to(person, TODAY).exists()
    client = signed_in(person)
    assert client.get(Agreement.objects.get().get_absolute_url()).status_code == 404
    assert client.get(reverse("board_home")).status_code == 404
    BoardMember.objects.update(starts_on=TODAY, ends_on=TODAY)
    assert client.get(Agreement.objects.get().get_absolute_url()).status_code == 200
