"""Any app's models are told once they are registered: in their own words, on /history/ and by themselves."""

import pytest
from django.urls import reverse
from django.utils import translation

from parkportal import timeline
from parkportal.models import User
from tasks.models import Agency
from tests.builders import make_agency, make_consolidator, make_member


@pytest.fixture
def register():
    """register(Model, …) in the place of what the model's own app says."""
    own = dict(timeline._registry)

    def again(model, **how):
        timeline.unregister(model)
        timeline.register(model, **how)

    yield again
    timeline._registry.clear()
    timeline._registry.update(own)


def renamed(record, previous):
    return "thay biển tên" if timeline.turned(record, previous, "name") else None


def test_a_model_is_told_in_the_words_that_its_app_registers(db, register):
    lan = make_member(make_agency("Sở Y tế", abbreviation="SYT"), "Trần Thị Lan")
    register(
        Agency,
        name=lambda it: f"cơ quan {it.short}",
        url=lambda it: f"/o-day/{it.pk}/",
        entered="dựng cơ quan",
        step=renamed,
        told_by_step={"name"},
        untold={"key", "kind"},
        labels={"abbreviation": "Chữ tắt"},
        actor=lambda record: lan.pk,
        reason=lambda record, step: "theo nghị quyết" if step else None,
    )
    agency = make_agency("Sở Công Thương", abbreviation="SCT")
    agency.name = "Sở Công Thương và Năng lượng"
    agency.save()
    agency.abbreviation, agency.kind = "SCTNL", Agency.Kind.BOARD
    agency._change_reason = "gõ nhầm"
    agency.save()
    with translation.override("en"):
        edited, step, entered = timeline.of(agency)
    assert [event.sentence for event in (step, entered)] == ["thay biển tên", "dựng cơ quan"]
    assert step.changes == () and step.reason == entered.reason == "theo nghị quyết"
    assert [(change.label, change.after) for change in edited.changes] == [("Chữ tắt", "SCTNL")]
    assert (edited.sentence, edited.reason) == ("edited Chữ tắt", "gõ nhầm")
    assert (edited.subject, edited.url) == ("cơ quan SCTNL", f"/o-day/{agency.pk}/")
    assert (edited.who, edited.agency) == ("Trần Thị Lan", "SYT")


def test_the_history_shows_what_is_registered_and_nothing_else(client, db, register):
    client.force_login(make_consolidator())
    agency = make_agency("Sở Công Thương")
    one = f"{reverse('audit')}?kind=agency&object={agency.pk}"
    assert 'value="agency"' in client.get(reverse("audit")).text
    assert [event.model for event in client.get(one).context["events"]] == [Agency]
    timeline.unregister(Agency)
    page = client.get(reverse("audit"))
    assert 'value="agency"' not in page.text and Agency not in {event.model for event in page.context["events"]}
    assert "one" not in client.get(one).context
    register(Agency, entered="dựng cơ quan")
    assert "dựng cơ quan" in client.get(reverse("audit")).text


def test_a_persons_position_is_told_under_the_name_that_its_field_has(db):
    lan = make_member(make_agency())
    lan.position = "Phó trưởng phòng"
    lan.save()
    assert [change.label for change in timeline.of(lan)[0].changes] == ["Chức vụ"]


def test_the_same_model_twice_is_a_mistake_told_at_the_start():
    with pytest.raises(ValueError, match=r"parkportal\.User is registered twice"):
        timeline.register(User)


@pytest.mark.parametrize("model", timeline.models(), ids=lambda model: model._meta.label)
def test_an_app_names_only_fields_that_its_records_have(model):
    subject = timeline._registry[model]
    kept = {column.name for column in model.history.model.tracked_fields}
    assert {*subject.untold, *subject.told_by_step, *subject.labels} - kept == set()
    model._default_manager.select_related(*subject.related).query.get_compiler("default").as_sql()  # names what it can join
