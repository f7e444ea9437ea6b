"""The visitor's shortlist: collected without an account, kept in her own browser, nothing of it lost by a slip."""

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from firms import shortlist as lists
from firms.codes import code_of
from firms.shortlist import Entry, NoRoom, Shortlist
from tests.builders import make_user
from tests.builders_firms import make_firm, make_zone

CODES = st.integers(1, 999_999).map(code_of)
ENTRIES = st.builds(Entry, st.just("firm"), CODES) | st.builds(
    Entry, st.just("zone"), st.from_regex(r"[A-Z0-9-]{1,30}", fullmatch=True)
)


# The list itself ----------------------------------------------------------------------------------------------------
@given(st.lists(ENTRIES, unique_by=lambda entry: entry.key, max_size=lists.MOST))
def test_what_is_signed_comes_back_in_its_order(entries):
    assert Shortlist.loads(Shortlist(tuple(entries)).dumps()).entries == tuple(entries)


@given(st.lists(ENTRIES, max_size=20), st.lists(ENTRIES, max_size=20))
def test_nothing_stands_on_a_list_twice_however_it_is_added(first, second):
    try:
        joined = Shortlist().added(*first).added(*second)
    except NoRoom:
        return
    assert len(joined.keys) == len(joined) <= lists.MOST
    assert joined.entries[: len(set(first))] == tuple(dict.fromkeys(first))


@given(st.lists(ENTRIES, min_size=1, unique_by=lambda entry: entry.key, max_size=20), st.data())
def test_moving_up_and_down_changes_the_order_within_a_kind_and_nothing_else(entries, data):
    before = Shortlist(tuple(entries))
    one = data.draw(st.sampled_from(entries))
    step = data.draw(st.sampled_from([-1, 0, 1]))
    after = before.moved(one.kind, one.code, step)
    assert after.keys == before.keys
    assert sorted(after.firms) == sorted(before.firms)
    assert sorted(after.zones) == sorted(before.zones)


def test_thirty_entries_fit_and_the_next_is_refused():
    full = Shortlist().added(*(Entry("firm", code_of(n)) for n in range(1, 31)))
    assert full.is_full
    with pytest.raises(NoRoom):
        full.added(Entry("zone", "KCN-HC"))


def test_thirty_entries_with_a_line_of_notes_each_fit_into_the_browsers_cookie():
    full = Shortlist().added(*(Entry("firm", code_of(n), f"Hỏi về công suất dập nguội {n}") for n in range(1, 31)))
    assert len(full.dumps()) <= lists.COOKIE_BYTES


def test_more_notes_than_the_cookie_holds_are_refused_and_not_cut_in_silence():
    full = Shortlist().added(*(Entry("firm", code_of(n), f"{n} " + "ắằẳẵặ" * (n % 7) * 6 + str(n * 7919)) for n in range(1, 31)))
    long = full.noted("firm", code_of(1), "".join(chr(0x1EA0 + n % 90) for n in range(200)))
    for n in range(2, 31):
        long = long.noted("firm", code_of(n), "".join(chr(0x1EA0 + n * 7 * m % 90) for m in range(200)))
    with pytest.raises(NoRoom):
        long.dumps()


@pytest.mark.parametrize(
    "text",
    ["", "x", "a:b:c", "\x00", signing.dumps([["f", "DN0000018"]], salt="another")],
    ids=["nothing", "a letter", "odd parts", "a NUL byte", "signed for something else"],
)
def test_a_cookie_that_was_not_signed_here_is_an_empty_list(text):
    assert Shortlist.loads(text) == Shortlist()


def test_a_list_older_than_a_week_is_forgotten():
    text = Shortlist((Entry("zone", "KCN-HC"),)).dumps()
    assert Shortlist.loads(text, max_age=lists.KEPT_SECONDS).zones == ["KCN-HC"]
    assert Shortlist.loads(text, max_age=-1) == Shortlist()


def test_addresses_name_only_what_can_be_a_code():
    data = {"firm": "DN0000018"}, {"firm": "DN0000019"}, {"firm": "\x00"}, {"zone": "KCN-HC"}, {"zone": "a b"}, {"zone": "K" * 31}
    assert [[entry.code for entry in lists.asked(one)] for one in data] == [["DN0000018"], [], [], ["KCN-HC"], [], []]


# In the browser -----------------------------------------------------------------------------------------------------
@pytest.fixture
def world(db):
    zone = make_zone()
    return {"zone": zone, "first": make_firm(zone=zone), "second": make_firm("Công ty TNHH Khuôn mẫu Hòa Khánh", zone=zone)}


def add(client, thing, kind="firm", **more):
    return client.post(reverse("shortlist_add"), {"kind": kind, "code": thing.code} | more)


def kept(client):
    return Shortlist.loads(client.cookies[lists.COOKIE].value) if lists.COOKIE in client.cookies else Shortlist()


def test_a_stranger_collects_firms_and_zones_and_no_session_is_made_for_it(world, client):
    address = reverse("plan_public")
    response = add(client, world["first"], next=address)
    assert response.status_code == 302
    assert response.url == address
    add(client, world["zone"], "zone")
    assert kept(client).firms == [world["first"].code]
    assert kept(client).zones == [world["zone"].code]
    assert "sessionid" not in client.cookies
    page = client.get(reverse("shortlist")).text
    assert world["first"].name in page
    assert world["zone"].name in page


def test_taking_off_on_a_firms_page_answers_with_the_button_and_on_the_list_with_the_list(world, client):
    for more, status in (({"next": "/"}, 200), ({}, 302)):
        add(client, world["first"])
        data = {"kind": "firm", "code": world["first"].code} | more
        assert client.post(reverse("shortlist_remove"), data, headers={"HX-Request": "true"}).status_code == status


def test_the_list_outlives_signing_in_and_out(world, client):
    add(client, world["first"])
    client.force_login(make_user())
    client.post(reverse("account_logout"))
    assert kept(client).firms == [world["first"].code]


def test_the_cookie_lasts_a_week_and_no_script_reads_it(world, client):
    add(client, world["first"])
    cookie = client.cookies[lists.COOKIE]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (7 * 24 * 3600, True, "Lax")


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", "\\\\example.org"])
def test_no_form_leads_to_another_site(elsewhere, world, client):
    assert add(client, world["first"], next=elsewhere).url == reverse("shortlist")


def test_htmx_gets_the_other_button_and_the_counter(world, client):
    answer = client.post(reverse("shortlist_add"), {"kind": "firm", "code": world["first"].code}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert reverse("shortlist_remove") in answer.text
    assert 'hx-swap-oob="innerHTML"' in answer.text
    assert '<span class="badge">1</span>' in answer.text


def test_taking_off_is_undone_with_place_and_note(world, client):
    add(client, world["first"])
    add(client, world["second"])
    client.post(reverse("shortlist_note"), {"kind": "firm", "code": world["first"].code, "note": "  Hỏi  về khuôn "})
    full = kept(client)
    assert full.get("firm", world["first"].code).note == "Hỏi về khuôn"
    client.post(reverse("shortlist_remove"), {"kind": "firm", "code": world["first"].code})
    assert kept(client).firms == [world["second"].code]
    assert "Đã bỏ 1 mục." in client.get(reverse("shortlist")).text
    client.post(reverse("shortlist_undo"))
    assert kept(client).entries == full.entries


def test_clearing_is_undone_and_the_undo_too(world, client):
    add(client, world["first"])
    add(client, world["zone"], "zone")
    full = kept(client)
    client.post(reverse("shortlist_clear"))
    assert kept(client) == Shortlist()
    assert "Đã bỏ 2 mục." in client.get(reverse("shortlist")).text
    client.post(reverse("shortlist_undo"))
    assert kept(client).entries == full.entries
    client.post(reverse("shortlist_undo"))
    assert kept(client) == Shortlist()


def test_a_firm_taken_off_by_mistake_comes_back_with_its_note(world, client):
    add(client, world["first"])
    client.post(reverse("shortlist_note"), {"kind": "firm", "code": world["first"].code, "note": "Gọi thứ Hai"})
    client.post(reverse("shortlist_remove"), {"kind": "firm", "code": world["first"].code})
    add(client, world["first"])
    assert kept(client).get("firm", world["first"].code).note == "Gọi thứ Hai"


def test_the_thirty_first_is_refused_in_words(world, client):
    client.cookies[lists.COOKIE] = Shortlist().added(*(Entry("firm", code_of(n + 100)) for n in range(30))).dumps()
    for headers in ({}, {"HX-Request": "true"}):
        response = client.post(
            reverse("shortlist_add"), {"kind": "firm", "code": world["first"].code}, headers=headers, follow=True
        )
        assert "tối đa 30 mục" in response.text
    assert len(kept(client)) == 30


def test_a_merged_firm_leads_to_the_one_that_was_kept(world, client):
    add(client, world["first"])
    chain = make_firm("Công ty CP Cơ khí Sông Hàn")
    world["first"].merged_into = chain
    world["first"].save()
    chain.merged_into = world["second"]
    chain.save()
    page = client.get(reverse("shortlist")).text
    assert world["second"].name in page
    assert f"Số {world['first'].code} mà bạn đã chọn nay được gộp" in page
    add(client, world["zone"], "zone")
    assert kept(client).firms == [world["second"].code]


def test_what_the_directory_no_longer_shows_is_named_and_can_be_taken_off(world, client):
    add(client, world["first"])
    type(world["first"]).objects.update(is_public=False)
    page = client.get(reverse("shortlist")).text
    assert world["first"].name not in page
    assert world["first"].code in page
    client.post(reverse("shortlist_remove"), {"kind": "firm", "code": world["first"].code})
    assert kept(client) == Shortlist()


def test_order_is_hers(world, client):
    add(client, world["first"])
    add(client, world["second"])
    client.post(reverse("shortlist_move"), {"kind": "firm", "code": world["second"].code, "way": "up"})
    assert kept(client).firms == [world["second"].code, world["first"].code]


def test_a_list_without_entries_says_what_belongs_here_and_where_to_begin(db, client):
    page = client.get(reverse("shortlist")).text
    assert "Danh sách quan tâm còn trống" in page
    assert reverse("firm_list") in page


def test_reading_pages_writes_no_cookie(world, client):
    client.get(reverse("shortlist"))
    client.get(f"{reverse('shortlist')}?firm={world['first'].code}")
    assert lists.COOKIE not in client.cookies


def test_pages_of_a_visitor_with_a_list_stay_out_of_caches(world, client):
    add(client, world["first"])
    response = client.get(reverse("plan_public"))
    assert response["Cache-Control"] == "private"
    assert "Cookie" in response["Vary"]
    assert "no-store" in client.get(reverse("shortlist"))["Cache-Control"]


# Sharing --------------------------------------------------------------------------------------------------------------
def shared(firm, zone):
    return f"{reverse('shortlist')}?firm={firm.code}&zone={zone.code}"


def test_somebody_elses_list_is_shown_and_mine_stays_as_it_was(world, client):
    add(client, world["first"])
    page = client.get(shared(world["second"], world["zone"])).text
    assert world["second"].name in page
    assert "Danh sách của bạn vẫn nguyên như trước" in page
    assert kept(client).firms == [world["first"].code]


@pytest.mark.parametrize(("way", "expected"), [("", ["first", "second"]), ("replace", ["second"])])
def test_it_is_added_to_mine_or_takes_its_place_and_can_be_undone(way, expected, world, client):
    add(client, world["first"])
    mine = kept(client)
    client.post(reverse("shortlist_take"), {"firm": world["second"].code, "way": way})
    assert kept(client).firms == [world[name].code for name in expected]
    client.post(reverse("shortlist_undo"))
    assert kept(client).entries == mine.entries


def test_hundreds_of_codes_are_read_as_far_as_a_list_goes(world, client):
    codes = [code_of(n) for n in range(1000, 1400)]
    address = f"{reverse('shortlist')}?" + "&".join(f"firm={code}" for code in [world["first"].code, *codes])
    response = client.get(address)
    assert response.status_code == 200
    assert "371" in response.text
    assert client.post(reverse("shortlist_take"), {"firm": codes}).status_code == 302


@pytest.mark.parametrize("odd", ["", "DN0000000", "x" * 5000, "'\"><script>alert(1)</script>", "9" * 4400, "../../etc"])
def test_odd_codes_are_answered_in_words(odd, world, client):
    response = client.get(reverse("shortlist"), {"firm": odd, "zone": odd})
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    for name in ["add", "remove", "move", "note"]:
        for kind in ["firm", "zone", odd]:
            assert client.post(reverse(f"shortlist_{name}"), {"kind": kind, "code": odd or "\x00"}).status_code in (302, 404)


@pytest.mark.parametrize("name", ["add", "remove", "move", "note", "clear", "undo", "take"])
def test_no_address_changes_a_list_by_being_opened(name, db, client):
    assert client.get(reverse(f"shortlist_{name}")).status_code == 405


def test_a_form_from_another_site_is_refused(world):
    strict = Client(enforce_csrf_checks=True)
    assert add(strict, world["first"]).status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_list(world, client, django_assert_max_num_queries):
    firms = [make_firm(f"Công ty số {n}", zone=world["zone"]) for n in range(20)]
    client.cookies[lists.COOKIE] = Shortlist().added(*(Entry("firm", firm.code) for firm in firms)).dumps()
    client.get(reverse("shortlist"))
    with django_assert_max_num_queries(3):
        client.get(reverse("shortlist"))
