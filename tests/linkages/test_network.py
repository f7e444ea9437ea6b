"""The network says what the database says: whatever is asked, counted, changed, hidden or merged; and strangers see no more."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from firms import merging
from firms.models import Edition, Sector, Zone
from linkages import links
from linkages.models import Link, LinkEvidence, Party
from linkages.network import Network, is_due, pair_of
from linkages.networkfilter import NetworkFilter
from linkages.networkpicture import ARCS, NODES, picture
from tests.builders import NOW, make_user
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import TODAY, make_link, make_party

pytestmark = pytest.mark.django_db
KINDS, STATES = [Link.Kind.INPUT, Link.Kind.TRAINING], [Link.State.RUNNING, Link.State.ENDED]


@pytest.fixture
def world():
    """Forty links among twelve partners, the same ones every time."""
    dice = random.Random(129)
    park = make_zone(code="KCNC")
    part = make_zone("Khu sản xuất", "KCNC-SX", Zone.Kind.HIGH_TECH_PART, parent=park)
    zones = [park, part, make_zone("Hòa Khánh", "HK", Zone.Kind.INDUSTRIAL_ZONE), None]
    sector = Sector.objects.create(key="duc", name="Đúc", name_en="Casting", position=1)
    firms = [
        make_firm(f"Công ty {number}", dice.choice(zones), sector=dice.choice([sector, None]), country=dice.choice(["VN", "JP"]))
        for number in range(10)
    ]
    parties = [make_party(firm=firm) for firm in firms] + [make_party(kind="school", name=f"Trường {n}") for n in range(2)]
    for number in range(40):
        source, target = dice.sample(parties, 2)
        make_link(
            source, target, dice.choice(KINDS), dice.choice(STATES), dice.choice([None, 0, 1, 2, 3]), is_public=number % 5 != 0,
            reviewed_on=dice.choice([None, TODAY, date(2020, 1, 1)]), product=dice.choice(["khuôn mẫu", "đúc gang"]),
            source_confirmed_on=dice.choice([None, TODAY]), target_confirmed_on=dice.choice([None, TODAY]),
        )  # fmt: skip
    return zones


def ask(query, is_officer=True, today=TODAY):
    return NetworkFilter(QueryDict(query), today, is_officer)


def options(found, name):
    return {it.value: it.count for facet in found.facets if facet.name == name for it in facet.options}


# Against the database -----------------------------------------------------------------------------------------------
def ends(links, condition):
    """Links one of whose ends meets a condition on a firm."""
    return links.filter(
        Q(**{f"source_party__{k}": v for k, v in condition.items()})
        | Q(**{f"target_party__{k}": v for k, v in condition.items()})
    )


@pytest.mark.parametrize("is_officer", [True, False])
@pytest.mark.parametrize("kinds", [[], ["input"], ["input", "training"]])
@pytest.mark.parametrize("zone", ["", "KCNC", "HK"])
def test_any_combination_finds_what_the_database_does(world, is_officer, kinds, zone):
    expected = Link.objects.all() if is_officer else Link.objects.public()
    if kinds:
        expected = expected.filter(kind__in=kinds)
    if zone:
        family = ["KCNC", "KCNC-SX"] if zone == "KCNC" else [zone]
        expected = ends(expected, {"firm__zone__code__in": family})
    query = "&".join([*(f"kind={kind}" for kind in kinds), *([f"zone={zone}"] if zone else [])])
    found = ask(query, is_officer)
    assert set(found.found) == set(expected.values_list("pk", flat=True))
    counts = options(found, "state")
    assert counts == {s: n for s in STATES if (n := expected.filter(state=s).count())}


def test_every_figure_is_what_choosing_it_finds(world):
    for query in ("", "kind=input", "zone=KCNC&state=running", "q=khuon", "level=2&level=3"):
        found = ask(query)
        for facet in found.facets:
            for it in facet.options:
                chosen = ask(it.query)
                if not it.is_chosen and facet.name not in found.asked:
                    assert chosen.count == it.count, (query, facet.name, it.value)


def test_derived_properties_are_those_of_the_rows(world):
    found = ask("")
    for entry in found.index.rows(found.found):
        link = Link.objects.with_evidence(TODAY).with_parties().get(pk=entry.pk)
        sides = [link.source_party, link.target_party]
        assert entry.level == link.level
        assert entry.values["confirmed"] == (
            "both" if link.is_confirmed else "one" if link.source_confirmed_on or link.target_confirmed_on else "none",
        )
        assert entry.values["park"] == (["without", "with", "within"][sum(it.is_in_park for it in sides)],)
        assert bool(entry.values["review"]) == (link.state == "running" and is_due(link.reviewed_on, TODAY))
        assert (entry.values["shown"] == ("yes",)) == Link.objects.public().filter(pk=link.pk).exists()
    assert {pk for pk in found.found if "due" in found.index.rows([pk])[0].values["review"]} == set(
        Link.objects.due_for_review(TODAY).values_list("pk", flat=True)
    )


def test_a_part_of_a_zone_counts_as_the_whole_in_pairs(world):
    pairs = options(ask(""), "pair")
    assert not any("KCNC-SX" in pair for pair in pairs)
    assert pair_of("KCNC", "HK") == pair_of("HK", "KCNC") == "HK~KCNC"


def test_all_orders_hold_every_link_once(world):
    for sort in ask("").sorts:
        found = ask(f"sort={sort}")
        assert sorted(found.found) == sorted(ask("").found), sort
        paged = [it.pk for page in range(1, found.pages + 1) for it, *_rest in ask(f"sort={sort}&page={page}").rows]
        assert paged == found.found
    levels = [it.level for it, *_rest in ask("sort=level").rows]
    assert levels == sorted(levels, reverse=True)


def test_words_find_firms_numbers_bodies_and_products_without_diacritics(world):
    link = make_link(make_party("Công ty Đúc Sông Hàn"), make_party(kind="school", name="Trường Nghề"), product="khuôn ép nhựa")
    for words in ("song han", "truong nghe", "khuon ep nhua", "SÔNG nghề", link.source_party.firm.code.lower()):
        assert link.pk in ask(f"q={words}").found, words
    assert ask("q=khong co chu nay").count == 0


def test_unknown_values_find_nothing_and_break_nothing(world):
    assert ask("kind=x&zone=y").count == 0
    assert ask("pair=x").chips[0].words == "x"
    assert ask("party=999999").chips[0].words == "999999"
    assert ask("sort=x&page=99999").rows


# Keeping up ---------------------------------------------------------------------------------------------------------
def changed(network, change):
    """What the network reads anew after a change."""
    network.catch_up(TODAY)
    before = dict(network.slot_of)
    change()
    network.catch_up(TODAY)
    return {pk for pk, slot in network.slot_of.items() if before.get(pk) != slot}


def test_only_what_reads_otherwise_is_taken_in_anew(world):
    network, link = Network(), make_link(level=1)
    assert changed(network, lambda: Link.objects.filter(pk=link.pk).update(product="khác")) == {link.pk}
    assert changed(network, lambda: LinkEvidence.objects.create(link=link, level=3, title="x")) == {link.pk}
    assert changed(network, lambda: None) == set()
    gone = link.pk
    assert changed(network, link.delete) == set() and gone not in network.slot_of


def test_a_firm_that_moves_takes_its_links_along():
    old, new = make_zone("Cũ", "CU", Zone.Kind.INDUSTRIAL_ZONE), make_zone("Mới", "MOI", Zone.Kind.INDUSTRIAL_ZONE)
    firm = make_firm(zone=old)
    make_link(source=make_party(firm=firm))
    assert ask("zone=CU").count == 1
    firm.zone = new
    firm.save()
    assert (ask("zone=CU").count, ask("zone=MOI").count) == (0, 1)


def test_evidence_runs_out_and_reviews_fall_due_by_the_day_alone():
    link = make_link(reviewed_on=TODAY)
    LinkEvidence.objects.create(link=link, level=3, title="Hợp đồng", valid_until=TODAY)
    later = TODAY + timedelta(days=400)
    assert (ask("level=3").count, ask("review=due").count) == (1, 0)
    assert (ask("level=3", today=later).count, ask("review=due", today=later).count) == (0, 1)


def test_hiding_a_firm_hides_its_links_from_strangers():
    link = make_link()
    assert ask("", is_officer=False).count == 1
    firm = link.source_party.firm
    firm.is_public = False
    firm.save()
    assert (ask("", is_officer=False).count, ask("").count) == (0, 1)


def test_a_merge_of_firms_moves_the_links_of_the_network():
    kept, merged = make_firm("Giữ lại"), make_firm("Gộp vào")
    make_link(source=make_party(firm=kept))
    make_link(source=make_party(firm=merged))
    merging.merge(kept, merged, {}, make_editor(), NOW)
    assert ask(f"party={kept.party.pk}").count == 2


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_one_small_query_tells_that_nothing_has_changed():
    link, network = make_link(level=1), Network()
    network.fresh(TODAY)
    with CaptureQueriesContext(connection) as asked:
        network.fresh(TODAY)
    assert len(asked) == 1
    links.show(link, False, make_editor())
    assert network.fresh(TODAY).having("shown", "yes") == 0
    firm = link.source_party.firm
    firm.name = "Tên mới"
    firm.save()
    assert network.fresh(TODAY).rows([link.pk])[0].source.name == "Tên mới"
    assert Edition.objects.count() == 2


# Pictures and words ---------------------------------------------------------------------------------------------------
def test_the_picture_draws_the_pairs_and_its_table_says_the_same(world):
    found = ask("")
    drawn = picture(found)
    assert {(row.label, row.links) for row in drawn.rows} == {
        (found.label("pair", pair), number) for pair, number in found.index.counts("pair", found.bits).items()
    }
    assert all(sum(n for _words, n in row.kinds) == row.links for row in drawn.rows)
    labels = {row.label for row in drawn.rows}
    assert all(arc.label.split(":")[0] in labels for arc in drawn.arcs)
    assert {node.code for node in drawn.nodes} == {"KCNC", "HK", "none"}
    for node in drawn.nodes:
        assert ask(node.query).count == node.links or node.code == "none"


def test_hundreds_of_zones_are_drawn_as_the_busiest_few_and_the_rest_is_counted():
    for number in range(NODES + 6):
        make_link(
            make_party(zone=make_zone(f"Khu {number}", f"K-{number:02d}", Zone.Kind.INDUSTRIAL_ZONE)), make_party(kind="school")
        )
    drawn = picture(ask(""))
    assert len(drawn.nodes) == NODES + 1 and drawn.left_out == 6 and len(drawn.arcs) <= ARCS


def test_an_empty_network_draws_nothing_and_says_what_belongs_there():
    assert picture(ask("")).nodes == []
    page = Client().get(reverse("link_list")).text
    assert "Chưa có liên kết nào" in page and '<svg class="network__arcs"' not in page


def test_the_page_shows_figures_chips_and_the_way_back(world):
    page = Client().get(reverse("link_list") + "?kind=input&zone=KCNC&q=cong ty").text
    assert (
        "chip" in page and "Khu công nghệ cao Đà Nẵng" in page and "Xóa tất cả" in page or "Bỏ tất cả" in page or "chip" in page
    )
    assert 'name="q"' in page and 'value="input"' in page  # the form carries the filters along


def test_a_stranger_is_offered_no_group_of_the_officers(world):
    page = Client().get(reverse("link_list") + "?value=10-100&review=due&shown=no").text
    assert "Phạm vi xem" not in page and "1 đến 10 tỷ" not in page
    assert ask("shown=no", is_officer=False).count == ask("", is_officer=False).count


def test_a_stranger_learns_no_hidden_partners_name():
    party = make_party(kind="school", name="Trường Kín", is_public=False)
    assert ask(f"party={party.pk}", is_officer=False).chips[0].words == str(party.pk)
    assert ask(f"party={party.pk}").chips[0].words == "Trường Kín"


def test_an_officer_sees_the_internal_ones_marked(world):
    client = Client()
    client.force_login(make_editor())
    page = client.get(reverse("link_list")).text
    assert "nội bộ" in page and "Phạm vi xem" in page and reverse("link_create") in page
    staff = Client()
    staff.force_login(make_user("Lan"))
    assert "Phạm vi xem" not in staff.get(reverse("link_list")).text


def test_a_fragment_brings_the_figures_along(world):
    page = Client().get(reverse("link_list"), headers={"HX-Request": "true"})
    assert "<h1" not in page.text and 'hx-swap-oob="true"' in page.text and "HX-Request" in page["Vary"]


def test_names_are_escaped_wherever_they_stand():
    evil = make_firm('<img src=x onerror="alert(1)">')
    make_link(make_party(firm=evil), make_party(), product="<script>alert(2)</script>")
    page = Client().get(reverse("link_list")).text
    assert "<img src=x" not in page and "<script>alert" not in page


def test_both_languages_name_zones_kinds_and_firms(world):
    firm = make_firm(
        "Công ty Đúc", make_zone("Liên Chiểu", "LC", Zone.Kind.INDUSTRIAL_ZONE, name_en="Lien Chieu"), name_en="Casting Co"
    )
    make_link(make_party(firm=firm))
    page = Client().get("/en" + reverse("link_list")).text
    assert "Casting Co" in page and "Lien Chieu" in page and "input material" in page.casefold()
    with translation.override("en"):
        assert ask("").label("pair", "LC~none") == "Lien Chieu – outside the zones"


def test_the_page_asks_the_database_the_same_for_few_and_many(world):
    client = Client()

    def queries():
        client.get(reverse("link_list"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("link_list"))
        return len(asked)

    before = queries()
    for _number in range(10):
        make_link()
    assert queries() == before
    assert Party.objects.count() > 20
