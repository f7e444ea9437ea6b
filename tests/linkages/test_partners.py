"""Partners: found by words and numbers, bodies entered by hand, and what follows a firm's partner through a merge."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from firms import merging, registry, unmerging
from linkages import partners
from linkages.models import Agreement, Application, Link, Match, Participant, Party, following
from tests.builders import NOW
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import join, make_chain, make_link, make_party, make_posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_editor())
    return client


class TestFinding:
    def test_words_find_firms_and_bodies(self):
        firm, school = make_firm("Công ty Đúc Sông Hàn"), make_party(kind="school", name="Trường Sông Hàn")
        assert partners.find("song han") == [firm, school]

    def test_an_exact_name_is_taken_though_others_contain_it(self):
        firm = make_firm("Công ty TNHH Crown")
        make_firm("Crown Beverage")
        assert partners.find("Crown Co., Ltd") == [firm]

    def test_a_number_leads_through_a_merge(self):
        kept, merged = make_firm("Giữ"), make_firm("Gộp")
        merging.merge(kept, merged, {}, make_editor(), NOW)
        assert partners.find(merged.code.lower()) == [kept]
        assert partners.by_key(f"firm:{merged.code}") == kept

    @pytest.mark.parametrize("key", ["", "firm:", "party:x", "party:99999999999", "x:1", "firm:\x00", "party:\x00"])
    def test_a_key_that_leads_nowhere(self, key):
        assert partners.by_key(key) is None

    def test_odd_words_find_nobody(self):
        assert partners.find("\x00") == partners.find("") == []


class TestList:
    def test_the_busiest_stand_first_with_the_number_of_their_links(self, client):
        busy, idle = make_party("Bận"), make_party("Rảnh")
        for _number in range(2):
            make_link(busy)
            make_link(target=busy)
        found = list(partners.Asked.of({}).parties)
        assert (found[0], found[0].links) == (busy, 4) and found[-1] == idle
        page = client.get(reverse("partner_list")).text
        assert f"?party={busy.pk}" in page

    def test_kinds_are_counted_and_filtered(self, client):
        make_party("Một")
        make_party(kind="school", name="Trường Nghề")
        asked = partners.Asked.of({"kind": "school"})
        assert [it.name for it in asked.parties] == ["Trường Nghề"] and asked.total == 2
        assert "Trường Nghề" in client.get(reverse("partner_list") + "?kind=school").text

    def test_firms_of_the_registry_that_are_no_partners_yet_are_offered(self, client):
        firm = make_firm("Công ty Mới tinh")
        page = client.get(reverse("partner_list") + "?q=moi tinh").text
        assert f"{reverse('link_create')}?source={firm.code}" in page and not Party.objects.exists()

    def test_an_empty_list_offers_the_first_step(self, client):
        page = client.get(reverse("partner_list")).text
        assert "Chưa có đối tác nào" in page and reverse("link_create") in page

    def test_it_asks_the_same_for_few_and_many(self, client):
        def queries():
            client.get(reverse("partner_list"))
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("partner_list"))
            return len(asked)

        make_link()
        before = queries()
        for number in range(8):
            make_link(make_party(zone=make_zone(f"Khu {number}")))
        assert queries() == before


class TestBodies:
    def form(self, **changes):
        return {
            "name": "Trường Cao đẳng Nghề",
            "kind": "school",
            "is_public": "on",
            "confidence": "unstated",
            "seen": "0",
        } | changes

    def test_a_school_is_entered_and_corrected(self, client):
        response = client.post(reverse("partner_create"), self.form())
        party = Party.objects.get()
        assert response.url == reverse("partner_edit", args=[party.pk]) and party.is_public
        client.post(response.url, self.form(name_en="Vocational College", seen=registry.version_of(party)))
        party.refresh_from_db()
        assert party.name_en == "Vocational College"
        page = client.get(response.url).text
        assert "Vocational College" in page and "Lịch sử" in page

    def test_whoever_is_there_already_is_shown_first(self, client):
        make_party(kind="school", name="Trường Đông Á")
        assert "Có thể đã có sẵn" in client.get(reverse("partner_create") + "?name=truong dong a").text

    def test_a_body_without_a_name_is_refused_in_words(self, client):
        page = client.post(reverse("partner_create"), self.form(name=""))
        assert page.status_code == 422 and not Party.objects.exists()

    def test_two_officers_at_once_lose_nothing(self, client):
        party = make_party(kind="school", name="Trường A")
        seen = registry.version_of(party)
        party.name, party._history_user = "Trường B", make_editor("Người khác")
        party.save()
        page = client.post(reverse("partner_edit", args=[party.pk]), self.form(name="Trường C", seen=seen)).text
        party.refresh_from_db()
        assert party.name == "Trường B" and "Trường C" in page and "Người khác" in page

    def test_a_firms_partner_is_edited_at_the_firm(self, client):
        party = make_party()
        assert client.get(reverse("partner_edit", args=[party.pk])).url == party.firm.get_absolute_url()


class TestMerges:
    """Two entries of one firm become one: what points to the partner of the merged one goes along, and comes back."""

    @pytest.fixture
    def firms(self):
        return make_firm("Giữ lại"), make_firm("Gộp vào")

    def test_nothing_points_to_a_partner_without_saying_what_a_merge_does_with_it(self):
        assert following.unknown() == []
        how = merging.RELATIONS[Link, "source_party"]
        merging.unrelate(Link, "source_party")
        try:
            assert following.unknown() == [(Link, "source_party")]
        finally:
            merging.RELATIONS[Link, "source_party"] = how

    def test_a_partner_alone_goes_along_as_it_is(self, firms):
        kept, merged = firms
        party, editor = make_party(firm=merged), make_editor()
        link = make_link(party)
        done = merging.merge(kept, merged, {}, editor, NOW)
        party.refresh_from_db()
        link.refresh_from_db()
        assert (party.firm, link.source_party) == (kept, party)
        unmerging.undo(done, editor, NOW)
        party.refresh_from_db()
        assert party.firm == merged

    def test_where_both_have_a_partner_everything_moves_to_the_kept_one_and_back(self, firms):
        kept, merged = firms
        mine, theirs, editor = make_party(firm=kept), make_party(firm=merged), make_editor()
        chain = make_chain(lead=theirs)
        member = join(chain.roles.all()[0], theirs)
        need = make_posting(owner=theirs)
        rows = {
            make_link(theirs): "source_party", make_link(target=theirs): "target_party", chain: "lead", member: "party",
            need: "owner", Application.objects.create(role=chain.roles.all()[1], party=theirs, firm_name="x"): "party",
            Match.objects.create(need=make_posting(), party=theirs): "party",
        }  # fmt: skip
        agreement = Agreement.objects.create(title="Khung", kind=Agreement.Kind.values[0])
        agreement.parties.add(theirs)

        def owners():
            for row in rows:
                row.refresh_from_db()
            return {getattr(row, name) for row, name in rows.items()} | set(agreement.parties.all())

        assert owners() == {theirs}
        done = merging.merge(kept, merged, {}, editor, NOW)
        assert owners() == {mine}
        told = next(iter(rows)).history.first()
        assert (told.history_user, told.history_change_reason) == (editor, f"merge {done.pk}")
        found = unmerging.undo(done, editor, NOW)
        assert owners() == {theirs} and not found.obstacles

    def test_what_the_kept_one_has_already_stays_with_the_merged_one(self, firms):
        kept, merged = firms
        mine, theirs = make_party(firm=kept), make_party(firm=merged)
        role, need = make_chain().roles.all()[0], make_posting()
        join(role, mine)
        twice = join(role, theirs)
        Match.objects.create(need=need, party=mine)
        match = Match.objects.create(need=need, party=theirs)
        between = make_link(theirs, mine)
        merging.merge(kept, merged, {}, make_editor(), NOW)
        for row, name, owner in ((twice, "party", theirs), (match, "party", theirs), (between, "source_party", theirs)):
            row.refresh_from_db()
            assert getattr(row, name) == owner
        assert not Link.objects.public().filter(pk=between.pk).exists(), "a link of a firm with itself is shown to nobody"

    def test_the_plan_tells_of_links_by_side(self, firms):
        kept, merged = firms
        make_party(firm=kept)
        make_link(make_party(firm=merged))
        labels = [move.label for move in merging.plan(kept, merged).moves if move.rows]
        assert labels == ["Liên kết với vai trò bên cung cấp"]

    def test_a_participant_of_one_session_is_not_there_twice(self):
        assert merging.RELATIONS[Participant, "party"].once == ("session_id",)
