"""Somebody saves a search and gets a mail on the days on which it finds something new; and what strangers left is forgotten."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from firms import confirmations, corrections, enquiries, forgetting, jobs, searches
from firms.models import ConfirmationLink, Contact, Correction, Enquiry, SavedSearch
from parkportal.models import OutgoingMail
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.firms.outsiders import by_hand, link_in, mails_to

pytestmark = pytest.mark.django_db
ADDRESS = "anna@investor.example"
SAVE = "/searches/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


@pytest.fixture
def zone():
    return make_zone(code="khu-cnc")


@pytest.fixture
def firm(zone):
    return make_firm(zone=zone)


def form(**changes):
    return by_hand(email=ADDRESS, query="zone=khu-cnc&page=3&sort=name") | changes


@pytest.fixture
def running(firm):
    """A search that was confirmed yesterday, and its link."""
    yesterday = timezone.now() - DAY
    search = searches.save("zone=khu-cnc", ADDRESS, "en", yesterday)
    searches.confirm(search, yesterday)
    search.refresh_from_db()
    return search


def path_of(search, name="search_confirm"):
    return reverse(name, args=[searches.token_of(search)])


def news():
    return [one for one in mails_to(ADDRESS) if "asked" not in one.key]


class TestSaving:
    def test_a_search_begins_when_its_address_is_confirmed(self, firm, client):
        sent = client.post("/en" + SAVE, form(), follow=True)
        assert "A mail is on its way to you" in sent.text
        search = SavedSearch.objects.get()
        assert (search.query, search.language, search.confirmed_at) == ("zone=khu-cnc", "en", None)
        [letter] = mails_to(ADDRESS)
        path = link_in(letter, "/searches/")
        assert path.startswith("/en/") and firm.zone.name in letter.text
        page = client.get(path)
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        search.refresh_from_db()
        assert search.confirmed_at is None  # looking began nothing
        client.post(path)
        search.refresh_from_db()
        assert search.confirmed_at and list(search.known) == [firm.code]
        assert searches.token_of(search) not in str(SavedSearch.objects.values().get())

    def test_the_directory_page_offers_it_with_its_own_search(self, firm, client):
        page = client.get(SAVE, {"query": "zone=khu-cnc&view=map"})
        assert 'value="zone=khu-cnc"' in page.text and firm.zone.name in page.text

    @pytest.mark.parametrize(
        "change, words",
        [
            ({"email": "anna"}, "ten@example.org"),
            ({"email": ""}, "Nhập địa chỉ nhận thư"),
            ({"query": ""}, "chọn một điều kiện lọc"),
            ({"query": "view=map&page=2"}, "chọn một điều kiện lọc"),
            ({"nickname": "x"}, "không nhìn thấy"),
            ({"email": "a\x00@b.vn"}, "thư điện tử"),
        ],
    )
    def test_what_is_amiss_is_told_and_kept(self, firm, client, change, words):
        page = client.post(SAVE, form(**change))
        assert page.status_code == 422 and words in page.text
        assert not SavedSearch.objects.exists()

    @pytest.mark.parametrize("query", ["\x00", "zone=" + "9" * 4000, "q=%00%ff", "a=b&&&==", "q='\"><script>", "zone=9999-12-31"])
    def test_an_odd_query_breaks_nothing(self, firm, client, query):
        assert client.post(SAVE, form(query=query)).status_code in (302, 422)
        assert client.get(SAVE, {"query": query.replace("\x00", "")}).status_code == 200

    def test_equal_searches_of_one_address_are_one_and_one_mail_a_day(self, firm, client):
        for query in ("zone=khu-cnc&q=co+khi", "q=co+khi&zone=khu-cnc&view=map", "q=co+khi&zone=khu-cnc&zone=khu-cnc"):
            client.post(SAVE, form(query=query, email=ADDRESS.upper()))
        assert SavedSearch.objects.count() == 1 and len(mails_to(ADDRESS)) == 1

    def test_who_has_the_search_already_is_told_so_by_mail_and_nobody_else_learns_it(self, running, client):
        known = client.post(SAVE, form(), follow=True).text
        unknown = client.post(SAVE, form(email="khac@example.org"), follow=True).text
        main = [text.split("<main")[1].split("</main")[0] for text in (known, unknown)]
        assert main[0] == main[1]
        assert "đang nhận thư" in mails_to(ADDRESS)[-1].text or "already" in mails_to(ADDRESS)[-1].text

    def test_a_search_that_finds_too_much_is_to_be_narrowed(self, firm, monkeypatch):
        monkeypatch.setattr(searches, "MOST_RESULTS", 0)
        with pytest.raises(ValidationError):
            searches.save("zone=khu-cnc", ADDRESS, "vi", timezone.now())

    def test_one_connection_saves_twelve_an_hour(self, firm, client):
        answers = [client.post(SAVE, form(email=f"a{n}@x.example")) for n in range(13)]
        assert [one.status_code for one in answers] == [302] * 12 + [422]

    def test_one_address_is_not_drowned_in_searches(self, firm):
        for n in range(searches.MOST_OF_ONE_ADDRESS + 3):
            searches.save(f"q=a{n}", ADDRESS, "vi", timezone.now())
        assert SavedSearch.objects.count() == searches.MOST_OF_ONE_ADDRESS


class TestEveryDay:
    def test_nothing_new_is_no_mail(self, running):
        assert searches.look(timezone.now()) == []
        running.refresh_from_db()
        assert running.looked_at.date() == timezone.now().date()

    def test_new_and_changed_firms_are_told_in_the_searchs_language_with_links(self, running, firm, zone):
        make_firm("Công ty Mới", zone=zone, name_en="New Tools Ltd")
        make_firm("Công ty Nơi khác", zone=make_zone("Khu khác"))
        firm.address = "Lô 9"
        firm.save()
        [letter] = searches.look(timezone.now())
        assert letter.subject == "New and changed firms in your search: 2"
        assert letter.text.index("New Tools Ltd") < letter.text.index("Changed") < letter.text.index(firm.name)
        assert f"/en/firms/{firm.code}/" in letter.text and "Nơi khác" not in letter.text
        assert f"/en/firms/{firm.code}/" in letter.html

    def test_a_second_look_on_the_same_day_tells_nothing_twice(self, running, zone):
        make_firm("Công ty Mới", zone=zone)
        now = timezone.now()
        assert len(searches.look(now)) == 1
        make_firm("Công ty Mới nữa", zone=zone)
        assert searches.look(now + timedelta(seconds=1)) == [] and len(news()) == 1
        [letter] = searches.look(now + DAY)
        assert "Mới nữa" in letter.text and letter.text.count("Công ty Mới") == 1

    def test_after_days_without_a_worker_everything_is_told_once(self, running, zone):
        for n in range(3):
            make_firm(f"Công ty số {n}", zone=zone)
        [letter] = searches.look(timezone.now() + 5 * DAY)
        assert all(f"Công ty số {n}" in letter.text for n in range(3))
        assert searches.look(timezone.now() + 6 * DAY) == []

    def test_a_firm_that_left_the_search_is_no_news_and_its_return_is(self, running, firm, zone):
        other = make_zone("Khu khác")
        firm.zone = other
        firm.save()
        assert searches.look(timezone.now()) == []
        firm.zone = zone
        firm.save()
        assert len(searches.look(timezone.now() + DAY)) == 1

    def test_one_search_that_cannot_be_looked_at_does_not_stop_the_others(self, running, zone, monkeypatch, caplog):
        second = searches.save("zone=khu-cnc", "b@x.example", "vi", timezone.now() - DAY)
        searches.confirm(second, timezone.now() - DAY)
        make_firm("Công ty Mới", zone=zone)
        standing = searches.standing

        def breaks(search):
            if search.pk == running.pk:
                raise RuntimeError
            return standing(search)

        monkeypatch.setattr(searches, "standing", breaks)
        assert [one.to for one in searches.look(timezone.now())] == ["b@x.example"]
        assert "could not be looked at" in caplog.text

    def test_a_search_without_confirmation_or_ended_gets_nothing(self, running, zone):
        searches.save("zone=khu-cnc", "b@x.example", "vi", timezone.now() - DAY)
        searches.end(running, timezone.now())
        make_firm("Công ty Mới", zone=zone)
        assert searches.look(timezone.now()) == []

    def test_the_job_looks_at_all_of_them(self, running, zone):
        make_firm("Công ty Mới", zone=zone)
        jobs.look_at_saved_searches()
        assert len(news()) == 1

    def test_a_long_list_is_cut_and_leads_to_the_rest(self, running, zone, monkeypatch):
        monkeypatch.setattr(searches, "MOST_TOLD", 2)
        for n in range(5):
            make_firm(f"Công ty số {n}", zone=zone)
        [letter] = searches.look(timezone.now())
        assert "and 3 more" in letter.text and "/en/firms/?zone=khu-cnc" in letter.text

    def test_a_search_ends_when_its_address_does_not_exist(self, running, zone):
        OutgoingMail.objects.update(state="failed", trouble="address")
        make_firm("Công ty Mới", zone=zone)
        assert searches.look(timezone.now()) == []
        running.refresh_from_db()
        assert running.ended_at


class TestEnding:
    def test_one_press_on_the_page_from_the_mail(self, running, zone, client):
        make_firm("Công ty Mới", zone=zone)
        [letter] = searches.look(timezone.now())
        path = link_in(letter, "/searches/").removesuffix("/")
        path = path if path.endswith("/end") else path + "/end"
        assert client.get(path + "/").status_code == 200
        running.refresh_from_db()
        assert running.ended_at is None  # looking ended nothing
        page = client.post(path + "/", follow=True)
        assert "No mail comes any more" in page.text
        running.refresh_from_db()
        assert running.ended_at

    def test_the_mail_programs_own_button_ends_it_without_a_page(self, running, zone):
        make_firm("Công ty Mới", zone=zone)
        [letter] = searches.look(timezone.now())
        source = bytes(letter.source.data).decode()
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in source
        ending = path_of(running, "search_end")
        assert searches.token_of(running) in source.replace("\r\n ", "")
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(ending, {"List-Unsubscribe": "One-Click"}).status_code == 302
        running.refresh_from_db()
        assert running.ended_at and OutgoingMail.objects.get(pk=letter.pk).state == "withdrawn"

    def test_a_mistaken_press_is_taken_back(self, running, client):
        client.post(path_of(running, "search_end"))
        client.post(path_of(running))
        running.refresh_from_db()
        assert running.ended_at is None and searches.is_active(running)

    @pytest.mark.parametrize("token", ["x", "a" * 2000, "%00"])
    def test_a_wrong_link_says_what_to_do(self, client, token):
        for end in ("", "end/"):
            assert client.get(f"/searches/{token}/{end}").status_code == 404
            assert client.post(f"/searches/{token}/{end}").status_code == 404


class TestForgetting:
    @pytest.fixture
    def left(self, firm):
        """What strangers left two years ago, and what they left yesterday."""
        yen, old, new = make_editor(), timezone.now() - 730 * DAY, timezone.now() - DAY
        values = {"name": "Anna", "organisation": "Nordic", "email": ADDRESS, "message": "Xin báo giá trục máy."}
        contact = {"contact": {"person": "Lê An", "position": "", "email": "an@x.vn", "phone": "", "consent": True}}
        Contact.objects.create(firm=firm, email="firm@x.vn", consented_on=old.date())
        for moment in (old, new):
            enquiries.answer(enquiries.ask(firm, values, "vi", moment), "Giá 5 USD", moment)
            one = corrections.report(firm, contact | {"address": f"Lô {moment:%Y}"}, "Sai", moment, name="Anna", email=ADDRESS)
            corrections.decide(one.pk, [], {}, "Không", yen, moment)
            confirmations.send(firm, f"a{moment:%Y}@x.vn", yen, moment)
            search = searches.save(f"q=a{moment:%Y}", ADDRESS, "vi", moment)
            searches.confirm(search, moment)
            searches.end(search, moment)
        OutgoingMail.objects.update(state="sent")

    def test_after_a_year_no_name_address_or_word_is_left_and_the_counts_stay(self, left):
        jobs.forget_what_is_over()
        old, new = Enquiry.objects.order_by("created_at")
        assert (old.name, old.email, old.message, old.answer, old.organisation) == ("",) * 5 and old.took is not None
        assert new.name == "Anna" and new.answer
        old, new = Correction.objects.order_by("created_at")
        assert (old.name, old.email, old.message, old.reply) == ("",) * 4 and list(old.fields) == ["address"]
        assert new.email == ADDRESS and "contact" in new.fields
        assert ["" in (link.email,) for link in ConfirmationLink.objects.order_by("sent_at")] == [True, False]
        assert SavedSearch.objects.count() == 1

    def test_mails_to_strangers_lose_their_text_after_a_month(self, left):
        forgetting.forget(timezone.now())
        old = OutgoingMail.objects.filter(created_at__lt=timezone.now() - 31 * DAY, person=None)
        assert old and not old.exclude(text="", to="", subject="").exists()
        assert all(bytes(one.source.data) == b"" for one in old)
        assert OutgoingMail.objects.filter(to=ADDRESS).exclude(text="").exists()

    def test_a_second_night_finds_nothing_to_do(self, left):
        forgetting.forget(timezone.now())
        assert set(forgetting.forget(timezone.now()).values()) == {0}

    def test_a_search_that_nobody_confirmed_goes_after_a_week(self, firm):
        searches.save("q=a", ADDRESS, "vi", timezone.now() - 8 * DAY)
        searches.save("q=b", ADDRESS, "vi", timezone.now() - 6 * DAY)
        forgetting.forget(timezone.now())
        assert SavedSearch.objects.get().query == "q=b"
