"""The consolidator's editor, the preview, the issue and the public verification, as each person meets them."""

import pytest
from django.urls import reverse

from tasks import drafting
from tests.builders import TODAY, at, make_agency, make_consolidator, make_cycle, make_report, make_submitted_report, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    cycle = make_cycle()
    trade, finance = make_agency("Sở Công Thương"), make_agency("Sở Tài chính")
    for code in ("I.1", "I.2", "II.1"):
        make_task(trade, code)
    make_task(finance, "II.2")
    make_submitted_report(trade, cycle)
    make_report(finance, cycle)
    hoa = make_consolidator()
    client.force_login(hoa)
    return drafting.start(cycle, hoa, TODAY, at(TODAY))


def test_pages_open(world, client):
    for name in ("consolidated_detail", "consolidated_preview", "consolidated_issue"):
        answer = client.get(reverse(name, args=[world.pk]))
        assert answer.status_code == 200, name
