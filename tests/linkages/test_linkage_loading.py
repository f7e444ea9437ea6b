"""The links that public pages tell of: loaded once, with the evidence that each page carries, and left alone afterwards."""

import json

import pytest
from django.core.management import call_command

from firms import loading as registry
from firms import merging
from firms.models import Firm
from linkages import loading
from linkages.models import Link, LinkEvidence, Party
from tests.builders import NOW
from tests.builders_firms import make_editor

pytestmark = pytest.mark.django_db
LINKS = json.loads((loading.FIXTURES / "links.json").read_text())


@pytest.fixture
def loaded(settings):
    settings.DEMONSTRATION = False
    registry.load_all()
    return loading.load_all()


def test_a_second_load_creates_nothing(loaded):
    assert (loaded["links"], loaded["partners"]) == (len(LINKS["links"]), len(LINKS["parties"]))
    again = loading.load_all()
    assert (again["links"], again["partners"], again["pieces of evidence"]) == (0, 0, 0)


def test_every_link_names_its_source_and_claims_no_more_than_it(loaded):
    for link in Link.objects.all():
        assert link.sources and link.is_public and not link.is_demonstration and not link.is_confirmed
        assert all(it.sources if hasattr(it, "sources") else it.source for it in link.evidence.all())
    levels = list(LinkEvidence.objects.values_list("level", flat=True))
    assert max(levels) == 2 and levels.count(2) == 1
    memorandum = LinkEvidence.objects.get(level=2)
    assert "ghi nhớ" in memorandum.title and memorandum.link.state == Link.State.NEGOTIATED


def test_no_evidence_is_younger_than_the_page_was_read(loaded):
    for piece in LinkEvidence.objects.exclude(dated_on=None).select_related("link"):
        assert piece.dated_on <= piece.link.retrieved_on


def test_firms_are_those_of_the_registry_under_whatever_number_they_have(loaded):
    crown = Firm.objects.get(name="Crown Beverage Cans Da Nang")
    assert crown.party.links_out.count() == 5
    assert crown.party.links_out.filter(target_party__firm__name__startswith="Coca-Cola").exists()
    assert Party.objects.filter(firm__isnull=True).count() == len(LINKS["parties"])


def test_the_authority_is_a_partner_by_its_entry(loaded):
    assert Party.objects.get(authority__key="dseza").kind == Party.Kind.BOARD


def test_what_people_changed_or_took_out_stays_so(loaded):
    link = Link.objects.get(product_en="loan for the expansion (200 billion VND)")
    link.product = "sửa lại"
    link.save()
    gone = Link.objects.exclude(pk=link.pk).first()
    gone.delete()
    loading.load_all()
    link.refresh_from_db()
    assert link.product == "sửa lại" and Link.objects.count() == len(LINKS["links"]) - 1


def test_without_the_registry_only_links_between_bodies_are_loaded(settings):
    settings.DEMONSTRATION = False
    assert loading.load_all()["links"] == sum(
        not any(entry[side].startswith("firm:") or entry[side] == "party:dseza" for side in ("source_party", "target_party"))
        for entry in LINKS["links"]
    ) + sum(entry["target_party"] == "party:dseza" for entry in LINKS["links"])
    registry.load_all()
    loading.load_all()
    assert Link.objects.count() == len(LINKS["links"])


def test_a_firm_that_was_merged_meanwhile_is_found_where_it_went(settings):
    settings.DEMONSTRATION = False
    registry.load_all()
    crown = Firm.objects.get(name="Crown Beverage Cans Da Nang")
    kept = Firm.objects.create(name="Công ty TNHH Nước giải khát Crown Đà Nẵng")
    merging.merge(kept, crown, {}, make_editor(), NOW)
    loading.load_all()
    assert kept.party.links_out.count() == 5


def test_invented_inputs_come_with_the_demonstration_alone_and_hidden(settings, capsys):
    registry.load_all()
    settings.DEMONSTRATION = False
    call_command("load_linkages")
    assert not Firm.objects.filter(is_demonstration=True).exists()
    settings.DEMONSTRATION = True
    call_command("load_linkages")
    invented = Firm.objects.filter(is_demonstration=True, capabilities__kind="input").distinct()
    assert len(invented) == 3 and not any(firm.is_public for firm in invented)
    assert "links: 16 created" in capsys.readouterr().out
    before = Firm.objects.count()
    call_command("load_linkages")
    assert Firm.objects.count() == before
