"""Whatever stands in an address or a form, a person is answered in words: nothing breaks, and nothing is changed unseen."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from linkages import urls as linkage_urls
from parkportal import timeline
from tasks import urls as plan_urls
from tasks.views.unsent import page_token
from tests.test_roles import ROLES, address, expected, patterns
from tests.test_roles import world as world  # a fixture, under the name by which tests ask for it

pytestmark = pytest.mark.django_db

# One value at a time for every part of an address that a view reads.
ODD = {
    "a NUL byte": "\x00",
    "a number that no column holds": "9" * 30,
    "a number that no machine converts": "9" * 4400,
    "a day at the end of the calendar": "9999-12-31",
    "words with signs of several languages": "'\"><script>alert(1)</script>%s{{7*7}}\u202e",
    "the first day of the calendar": "0001-01-01",
}
ASKED = [
    "q", "page", "year", "state", "cycle", "rows", "sort", "density", "group", "lead", "kind", "coordinator", "timeliness",
    "on", "authority", "measure", "of", "stated", "zone", "sector", "country", "capital_type", "free", "province", "export",
    "show", "kept", "merged", "person", "since", "until", "object", "offset", "day", "hash", "history", "email", "only", "next",
    "agency", "level", "park", "pair", "confirmed", "value", "shown", "party", "source", "target", "product", "side", "found",
    "origin", "firm", "direction", "readiness", "transfer", "protection", "sent",
    "field", "tier",
]  # fmt: skip
POSTED = [
    "revision", "text", "reason", "redo", "go", "row", "contribution", "copy", "choice", "section", "way", "what", "format",
    "rows_seen", "codes", "verdict", "review", "take-out", "merged", "name", "name_en", "tax_code", "capital", "currency",
    "years-TOTAL_FORMS", "years-INITIAL_FORMS", "land-TOTAL_FORMS", "land-INITIAL_FORMS", "land-0-area_ha", "outline", "moved_to",
    "seen", "question", "due_on", "agencies", "other", "answer", "year", "kind", "opens_on", "agencies_due_on", "leave",
    "consolidation_due_on", "cutoff_on", "reading", "number", "symbol", "issued_on", "place", "addressee", "signing_as",
    "signatory_title", "signatory_name", "recipients", "full_name", "position", "phone", "c-revision", "c-direction", "nothing",
    "take", "reply", "query", "message", "name", "organisation", "terms", "entry_founded_year", "entry_website", "products",
    "header_row", "sheet", "look", "all", "column_0", "numbers", "source", "as_of", "source_party", "source_party-chosen",
    "source_party-said", "target_party", "target_party-chosen", "target_party-said", "product", "starts_on", "ends_on", "level",
    "title", "dated_on", "valid_until", "note", "to", "on", "side", "remark", "public", "website", "retrieved_on", "direction",
    "title_en", "summary", "summary_en", "requirements", "sector", "process", "materials", "readiness", "protection", "transfers",
    "partner_sought", "countries", "deadline", "owner", "owner-chosen", "owner-said", "owner_words", "contact_name", "language",
    "contact_email", "confidential", "expires_on", "key", "offer", "party", "party-chosen", "party-said", "next_step", "next_due",
    "value_vnd",
    "was", "open", "last_day", "link", "added_on", "tier", "needed", "field", "lead", "lead-chosen", "park_firms", "links",
    "evidence_level", "firm_name", "officer", "officer_note", "owner", "done_on", "evidence", "signed_on", "term", "fields",
    "blocker", "skill", "skills", "places", "stated_on", "needed_by", "confidence", "code", "topic", "starts_at", "ends_at",
    "slot_minutes", "pause_minutes", "tables", "most_meetings", "venue", "online_address", "minutes", "step", "person", "email",
    "available_from", "available_until", "comes", "wishes", "keys", "pasted", "first", "second", "slot", "table", "result",
    "outcome", "link-source", "link-kind", "link-product", "state",
]  # fmt: skip
BOXES = ["revision", "state", "percent", "results", "obstacles", "causes", "proposals", "next_directions", "completed_on"]
READERS = ["stranger", "officer", "consolidator", "administrator"]
FORM = "application/x-www-form-urlencoded"  # as a browser sends a form without files; quicker to read than one with files
SCRIPT = {"X_Requested_With": "fetch", "Accept": "application/json"}  # only the pages of the plan answer a script otherwise


def client_of(person):
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def open_to(role, method):
    """What this role may open: everything else is refused before a word of the address is read.

    Of two roles, what strangers open too is left to the others."""
    answers = {name: dict(zip(ROLES, words, strict=True)) for (how, name), words in expected().items() if how == method}
    left_out = "stranger" if role in ("head", "consolidator") else None
    return [it for it in patterns() if (of := answers.get(it.name, {})).get(role) == "yes" and of.get(left_out) != "yes"]


def broken(client, method, pattern, world, data, **headers):
    """What the server said where it broke, else nothing. Whatever was done is undone."""
    with transaction.atomic():
        path = address(pattern, world)
        sent = {"data": data} if method == "get" else {"data": urlencode(data, doseq=True), "content_type": FORM}
        response = getattr(client, method)(path, **sent, headers=headers)
        transaction.set_rollback(True)
    return f"{response.status_code} {method} {path} {headers}" if response.status_code >= 500 else ""


@pytest.mark.parametrize("role", ["stranger", "head", "consolidator", "editor"])
def test_an_odd_address_breaks_no_page(role, world):
    client = client_of(world["people"][role])
    found = []
    for odd, value in ODD.items():
        for pattern in open_to(role, "get"):
            found += [(odd, said) for said in [broken(client, "get", pattern, world, dict.fromkeys(ASKED, value))] if said]
    assert not found


def test_an_odd_address_breaks_no_part_of_a_page(world):
    client = client_of(world["people"]["consolidator"])
    for value in ODD.values():
        for pattern in patterns():
            if pattern.name in ("board", "task_list", "plan_public", "rendition_status", "rendition_ask"):
                assert not broken(client, "get", pattern, world, dict.fromkeys(ASKED, value), HX_Request="true")


@pytest.mark.parametrize("role", ["head", "consolidator", "other", "editor"])
def test_an_odd_form_is_answered_in_words(role, world):
    person = world["people"][role]
    client, rows = client_of(person), world["report"].rows.all()
    names = POSTED + [f"r{row.pk}-{box}" for row in rows for box in BOXES]
    paragraph, kept = world["numbers"]["paragraphs"].pk, world["numbers"]["kept"].pk
    names += [f"text-{paragraph}", f"revision-{paragraph}", f"kept-{kept}-seen"]
    found = []
    for odd, value in ODD.items():
        data = dict.fromkeys(names, value) | {"page": page_token(person, world["report"])}
        for pattern in open_to(role, "post"):
            data |= {"choice": "both"} if pattern.name == "kept_text_settle" else {}
            for headers in ({}, SCRIPT) if pattern in plan_urls.urlpatterns else ({},):
                found += [(odd, said) for said in [broken(client, "post", pattern, world, data, **headers)] if said]
    assert not found


def test_a_form_of_the_linkages_that_cannot_be_read_writes_nothing(world):
    client, answers = client_of(world["people"]["editor"]), expected()
    forms = [it for it in linkage_urls.urlpatterns if {("get", it.name), ("post", it.name)} <= set(answers)]
    kept = [model.history.model.objects for model in timeline.models() if model._meta.app_label == "linkages"]
    data, wrote = dict.fromkeys(POSTED, "\x00"), []
    for pattern in forms:
        before = sum(rows.count() for rows in kept)
        response = client.post(address(pattern, world), data)
        if sum(rows.count() for rows in kept) != before or response.status_code not in (200, 302, 404, 409, 422):
            wrote.append((pattern.name, response.status_code))
    assert not wrote


@pytest.mark.parametrize("role", READERS)
def test_an_empty_form_breaks_nothing(role, world):
    client = client_of(world["people"][role])
    assert not list(filter(None, (broken(client, "post", pattern, world, {}) for pattern in patterns())))


@pytest.mark.parametrize("path", ["/admin/parkportal/user/", "/admin/tasks/agency/", "/admin/tasks/membership/"])
@pytest.mark.parametrize("odd", ["a NUL byte", "a number that no column holds"])
def test_the_administrators_lists_bear_odd_words(path, odd, world):
    client = client_of(world["people"]["administrator"])
    for name in ["q", "p", "o", "role", "agency__id__exact", "e"]:
        assert client.get(path, {name: ODD[odd]}).status_code < 500, name


@pytest.mark.once
@pytest.mark.parametrize("way", ["put", "delete"])
def test_another_way_of_asking_changes_nothing(way, world):
    client = client_of(world["people"]["head"])
    for pattern in patterns():
        assert getattr(client, way)(address(pattern, world)).status_code < 500, pattern.name


def test_an_address_without_a_thing_behind_it_is_answered_in_words(world):
    for role in ("consolidator", "editor"):
        client, todo = client_of(world["people"][role]), {(it.name, how) for how in ("get", "post") for it in open_to(role, how)}
        for pattern in [it for it in patterns() if "<int:pk>" in str(it.pattern)]:
            for pk in (0, 10**30):
                path = reverse(pattern.name, args=[pk] * str(pattern.pattern).count("<int:"))
                for how in ("get", "post"):
                    is_open = (pattern.name, how) in todo
                    assert not is_open or getattr(client, how)(path).status_code == 404, (how, path)


def test_whoever_sends_more_than_the_portal_takes_is_told_so_in_words(world, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client = client_of(world["people"]["officer"])
    response = client.post(reverse("report_edit", args=[world["report"].pk]), {"c-direction": "Dài quá. " * 500})
    assert response.status_code == 400
    assert "viewport" in response.text  # a page, not the bare words of the framework
