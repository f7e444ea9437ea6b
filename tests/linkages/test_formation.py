"""Whether a chain is formed: line by line, on any day, and whatever officers did in which order."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from firms.models import Zone
from linkages import chaindrawing, chains, demonstrationchains, formation, formationrules, links, loading
from linkages.models import Chain, ChainLink, ChainRole, EvidenceLevel, FormationRule, Link, LinkEvidence, Party
from parkportal import indicators
from tasks import figures, prefill
from tests.builders import make_cycle
from tests.builders_firms import make_editor, make_zone
from tests.builders_linkages import join, make_chain, make_link, make_party, make_supplied_chain, prove, tie

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def standing(chain, day=DAY):
    return formation.standing(formation.CHAINS.get(pk=chain.pk), day, formation.rules())


@pytest.fixture
def world():
    """A lead in the park and two firms of another zone that supply it, without a single piece of evidence."""
    return make_supplied_chain()


# The rule ------------------------------------------------------------------------------------------------------------
def test_the_default_rule_asks_for_one_of_the_park_two_of_other_zones_and_two_proven_links(world):
    now = standing(world)
    assert [(len(it.have), it.need, it.missing) for it in now.conditions] == [(1, 1, 0), (2, 2, 0), (0, 2, 2)]
    assert not now.is_formed
    prove(world.ties[0], EvidenceLevel.MEMORANDUM)
    assert not standing(world).is_formed and len(standing(world).conditions[2].have) == 1
    prove(world.ties[1])
    assert standing(world).is_formed


def test_declarations_and_photos_prove_nothing_and_links_not_in_force_do_not_count(world):
    prove(world.ties[0], EvidenceLevel.MINUTES)
    prove(world.ties[1])
    assert [it.counts for it in standing(world).links] == [False, True]
    prove(world.ties[0])
    Link.objects.filter(pk=world.ties[0].pk).update(state=Link.State.NEGOTIATED)
    world.ties[0].refresh_from_db()
    world.ties[0].save()
    assert [it.counts for it in standing(world).links] == [False, True]


def test_a_body_outside_the_registry_is_no_firm_of_a_zone(world):
    role = world.roles.last()
    join(role, make_party("Trường Đại học Bách khoa", kind=Party.Kind.SCHOOL))
    assert len(standing(world).conditions[1].have) == 2


def test_a_partner_with_two_roles_counts_once(world):
    join(world.roles.first(), world.members[1].party)
    assert len(standing(world).conditions[1].have) == 2


def test_the_lead_counts_from_the_day_on_which_it_is_a_member(world):
    world.lead = world.members[0].party
    world.save()
    world.members[0].delete()
    assert not standing(world).conditions[0].have
    join(world.roles.first(), world.lead, date(2026, 6, 1))
    assert not standing(world, date(2026, 5, 31)).conditions[0].have
    assert standing(world, date(2026, 6, 1)).conditions[0].have == (world.lead,)


def test_a_new_rule_holds_from_its_day_and_the_past_keeps_its_own(world):
    for link in world.ties:
        prove(link)
    yen = make_editor()
    values = {"park_firms": 1, "zone_firms": 3, "links": 2, "evidence_level": 2, "basis": "QĐ 1"}
    formationrules.set_rule(values | {"starts_on": date(2026, 7, 1)}, yen)
    assert standing(world, date(2026, 6, 30)).is_formed
    assert not standing(world, date(2026, 7, 1)).is_formed
    formationrules.set_rule(values | {"starts_on": date(2026, 9, 1), "zone_firms": 2}, yen)
    assert [standing(world, date(2026, month, 1)).is_formed for month in (6, 7, 8, 9)] == [True, False, False, True]
    # The same day once more takes the first one's place; its history keeps both.
    formationrules.set_rule(values | {"starts_on": date(2026, 9, 1), "evidence_level": 3}, yen)
    assert FormationRule.objects.count() == 2 and FormationRule.history.count() == 3


# Days ----------------------------------------------------------------------------------------------------------------
def test_evidence_counts_from_its_own_day_until_it_runs_out_or_is_taken_back(world):
    link, other = world.ties
    prove(other)
    piece = prove(link, dated_on=date(2026, 3, 1), valid_until=date(2026, 8, 31))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 8, 31), date(2026, 9, 1)]
    assert [standing(world, day).is_formed for day in days] == [False, True, True, False]
    links.remove_evidence(piece, make_editor(), timezone.make_aware(datetime(2026, 5, 4, 10)))
    assert [standing(world, date(2026, 5, day)).is_formed for day in (3, 4)] == [True, False]


def test_a_link_that_is_taken_up_again_was_in_force_before_too(world):
    yen = make_editor()
    for link in world.ties:
        prove(link)
    links.move(world.ties[0], "ended", date(2026, 4, 30), yen)
    links.move(world.ties[0], "running", date(2026, 8, 1), yen)
    answers = {month: standing(world, date(2026, month, 1)).is_formed for month in (4, 5, 7, 8)}
    assert answers == {4: True, 5: False, 7: False, 8: True}


def test_a_possible_link_that_comes_to_nothing_was_never_in_force():
    link = make_link(state=Link.State.POSSIBLE, starts_on=None)
    links.move(link, "ended", DAY, make_editor())
    link.refresh_from_db()
    assert formation.stretches_of([link]) == {link.pk: []}
    assert not formation.is_in_force(link, date(2026, 1, 1))


RUN, END, MAYBE = "running", "ended", "possible"
D1, D2, D3, D4 = (date(2026, month, 1) for month in (1, 3, 6, 9))


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ([(MAYBE, None, None)], []),
        ([(RUN, D1, None)], [(D1, None)]),
        ([(RUN, None, None), (END, None, D2)], [(None, D2)]),
        ([(END, D1, D2)], [(D1, D2)]),
        ([(END, None, D2)], [(None, D2)]),
        ([(MAYBE, None, None), (END, None, D2)], []),
        ([(RUN, D1, None), (RUN, D2, None)], [(D2, None)]),  # a corrected day
        ([(RUN, D1, None), (END, D1, D2), (END, D1, D3)], [(D1, D3)]),
        ([(RUN, D1, None), (END, D1, D2), (RUN, D3, None)], [(D1, D2), (D3, None)]),
        ([(RUN, D1, None), (END, D1, D2), (MAYBE, None, None), (RUN, D3, None), (END, D3, D4)], [(D1, D2), (D3, D4)]),
    ],
)
def test_stretches_are_read_from_the_steps(steps, wanted):
    assert formation.stretches(steps) == wanted


LEVELS = st.integers(min_value=0, max_value=3)
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2028, 12, 31))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), LEVELS, DAYS), min_size=1, max_size=8), DAYS)
def test_adding_evidence_never_unforms_a_chain(pieces, day):
    """Whatever is added, in whatever order: on no day does a condition have less than before."""
    world = make_supplied_chain()
    before = [len(it.have) for it in standing(world, day).conditions]
    for which, level, dated_on in pieces:
        prove(world.ties[which], level, dated_on)
        now = [len(it.have) for it in standing(world, day).conditions]
        assert all(have >= had for have, had in zip(now, before, strict=True))
        before = now


class Years(RuleBasedStateMachine):
    """Officers do this and that on days that go on; in the end every day must be told as it was told on that day."""

    @initialize()
    def begin(self):
        self.chain, self.by = make_supplied_chain(), make_editor(f"Biên tập {Link.objects.count()}")
        self.day, self.told = date(2026, 1, 5), {}

    def at(self):
        return timezone.make_aware(datetime(self.day.year, self.day.month, self.day.day, 9))

    @rule(days=st.integers(1, 40))
    def the_days_go_on(self, days):
        self.told[self.day] = (
            standing(self.chain, self.day).is_formed,
            [len(it.have) for it in standing(self.chain, self.day).conditions],
        )
        self.day += timedelta(days=days)

    @rule(which=st.integers(0, 1), level=LEVELS)
    def evidence_is_added(self, which, level):
        prove(self.chain.ties[which], level, self.day, added_at=self.at())

    def pieces(self):
        """Evidence of this chain alone: what earlier examples left behind is none of its own."""
        return LinkEvidence.objects.filter(removed_at=None, link__in=self.chain.ties).order_by("pk")

    @precondition(lambda self: self.pieces().exists())
    @rule()
    def evidence_is_taken_back(self):
        links.remove_evidence(self.pieces().first(), self.by, self.at())

    @rule(which=st.integers(0, 1))
    def a_link_ends_or_is_taken_up_again(self, which):
        link = Link.objects.get(pk=self.chain.ties[which].pk)
        if link.state == RUN:
            # Its last day is the day before: on the day of the press it is no longer in force.
            links.move(link, END, max(self.day - timedelta(days=1), link.starts_on), self.by)
            self.told.pop(self.day, None)
        elif link.ends_on < self.day:
            links.move(link, RUN, self.day, self.by)

    @rule(place=st.integers(0, 2))
    def a_member_leaves_or_another_joins(self, place):
        member = self.chain.members[place]
        if member.ends_on is None and member.starts_on < self.day:
            self.chain.members[place] = chains.end(member, self.day - timedelta(days=1), self.by)
        elif member.ends_on is not None and member.ends_on < self.day:
            self.chain.members[place] = chains.join(member.role, member.party, self.day, "", self.by)

    @rule(which=st.integers(0, 1))
    def a_link_leaves_the_chain_or_comes_in_again(self, which):
        row = ChainLink.objects.filter(chain=self.chain, link=self.chain.ties[which]).order_by("-added_on").first()
        if row and row.removed_on is None and row.added_on < self.day:
            chains.untie(row, self.by, self.day)
        elif row and row.removed_on and row.removed_on < self.day:
            chains.tie(self.chain, self.chain.ties[which], self.day, self.by)

    @rule(zone_firms=st.integers(0, 3), links_needed=st.integers(0, 2))
    def the_rule_changes(self, zone_firms, links_needed):
        values = {"park_firms": 1, "zone_firms": zone_firms, "links": links_needed, "evidence_level": 2, "basis": ""}
        formationrules.set_rule(values | {"starts_on": self.day}, self.by)

    def teardown(self):
        for day, said in getattr(self, "told", {}).items():
            now = standing(self.chain, day)
            assert (now.is_formed, [len(it.have) for it in now.conditions]) == said, day
        FormationRule.objects.all().delete()


def test_every_day_is_told_later_as_it_was_told_then():
    run_state_machine_as_test(Years, settings=settings(max_examples=12, stateful_step_count=14, deadline=None))


# The gauge and the yearly report -------------------------------------------------------------------------------------
def test_the_gauge_counts_real_chains_only(world):
    for link in world.ties:
        prove(link)
    Chain.objects.filter(pk=world.pk).update(is_demonstration=True)
    gauge = formation.gauge(DAY)
    assert (gauge.formed, gauge.marks, gauge.standings[0].is_formed) == (0, [False] * 3, True)
    Chain.objects.filter(pk=world.pk).update(is_demonstration=False)
    assert formation.gauge(DAY).marks == [True, False, False]


def test_a_hundred_chains_cost_no_more_queries_than_one(world, django_assert_num_queries):
    for _number in range(5):
        make_supplied_chain()
    with django_assert_num_queries(7):
        formation.gauge(DAY)


def test_the_yearly_report_has_the_figure_once_a_chain_was_entered(world):
    def figure(day=DAY):
        return {it.key: it for it in indicators.readings(day, prefill.TARGETS)}["linkage_chains_2030"]

    assert (figure().value, figure().target, figure().unit) == (0, 3, "chuỗi liên kết")
    assert figure().source.startswith("Ban Quản lý")
    for link in world.ties:
        prove(link)
    assert figure().value == 1 and figure(date(2025, 1, 10)).value == 0


def test_section_ii_4_of_the_report_prints_how_many_chains_are_formed(world):
    for link in world.ties:
        prove(link)
    cycle = make_cycle()
    said = [it.text for it in prefill.suggest(figures.load(cycle, DAY)) if it.section == "II.4"]
    assert any("ít nhất 03 chuỗi liên kết" in text and "đạt 1 chuỗi liên kết (nguồn: Ban Quản lý" in text for text in said)


def test_nobody_knows_the_figure_before_a_real_chain_was_entered():
    assert formation.indicator(DAY) is None
    make_chain(is_demonstration=True)
    assert formation.indicator(DAY) is None
    make_chain()
    assert formation.indicator(DAY) == 0


# The picture ---------------------------------------------------------------------------------------------------------
def test_the_picture_shows_strangers_nobody_who_is_hidden(world):
    hidden = world.members[1].party
    type(hidden.firm).objects.filter(pk=hidden.firm_id).update(is_public=False)
    for is_officer, unseen in [(False, 1), (True, 0)]:
        picture = chaindrawing.draw(standing(world), is_officer)
        said = [seat.full for box in picture.boxes for seat in box.seats]
        assert (hidden.firm.name in said) == is_officer
        assert (len(picture.arcs), picture.unseen) == (2 - unseen, unseen)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=80), st.integers(80, 240))
def test_words_are_cut_to_their_box(words, width):
    lines = chaindrawing.wrapped(words, 2, width)
    assert 1 <= len(lines) <= 2 and all(chaindrawing.measure(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Công ty TNHH Tokyo Keiki Precision Technology", "Tokyo Keiki Precision Technology"),
        ("Công ty Cổ phần Dược Danapha", "Dược Danapha"),
        ("Công ty CP VSAP LAB", "VSAP LAB"),
        ("Công ty TNHH Một thành viên Sông Hàn", "Sông Hàn"),
        ("Niwa Foundry Vietnam Co., Ltd", "Niwa Foundry Vietnam"),
        ("Long Hau Corporation", "Long Hau"),
        ("Công ty Cơ khí Chu Lai - Trường Hải", "Cơ khí Chu Lai - Trường Hải"),
        ("Công ty", "Công ty"),
    ],
)
def test_a_picture_leaves_the_legal_form_out(name, short):
    assert chaindrawing.short(name) == short


def test_arcs_pass_boxes_and_numbers_do_not_cover_each_other(world):
    far = ChainRole.objects.create(chain=world, name="Phôi", tier=3, needed=4)
    lead = world.members[0].party
    for _number in range(4):
        member = join(far, make_party(zone=make_zone(kind=Zone.Kind.INDUSTRIAL_ZONE)))
        tie(world, make_link(member.party, lead))
    picture = chaindrawing.draw(standing(world), True)
    places = [(arc.x, arc.y) for arc in picture.arcs]
    near = [(a, b) for a in places for b in places if a < b and (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 < (2 * 11) ** 2]
    assert not near
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in places)
    assert picture.heads[0][0] == "Cấp 3" and picture.heads[-1][0] == "Đầu chuỗi"


# Demonstration -------------------------------------------------------------------------------------------------------
def test_demonstration_chains_name_only_what_is_there_and_are_made_once(world):
    fields = {it["field"] for it in loading.read("demonstration.json")["chains"]}
    assert fields == {"supporting", "incubation", "logistics"}
    # Without the registry's firms nobody leads them, so that none is made; the second time nothing is made either.
    assert demonstrationchains.load_chains() == demonstrationchains.load_chains() == 0
    assert not Chain.objects.filter(is_demonstration=True).exists()
