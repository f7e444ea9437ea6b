"""The import: all or nothing, with history, never over somebody else's newer edit, and never twice."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from firms.models import Capability, Certificate, Edition, Firm, Project, Upload
from firms.uploads import choices, deciding, importing, steps, writing
from tests.builders_firms import check_upload, import_upload, make_editor, make_firm, make_project, make_zone, workbook

pytestmark = pytest.mark.django_db
State = Upload.State
HEADS = [
    "Tên doanh nghiệp", "MST", "Khu", "Địa chỉ", "Tên dự án", "Vốn đăng ký (triệu USD)", "Sản phẩm", "Số giấy chứng nhận",
]  # fmt: skip


@pytest.fixture
def park():
    return make_zone(code="KCNC-DN")


def listed(*rows, by=None, **more):
    return check_upload(workbook(rows, HEADS), by, **more)


def decide(upload, **said):
    problem = choices.decide(upload, said, said.pop("posted", {}))
    upload.refresh_from_db()
    return problem


def two_firms():
    return [
        ["Công ty TNHH A", "0400101404", "KCNC-DN", "Lô 1", "Nhà máy A", 20, "van; bơm", "43/GCN"],
        ["Công ty TNHH B", None, "KCNC-DN", "Lô 2", None, None, None, None],
    ]


def test_new_firms_come_with_project_certificate_products_source_and_history(park):
    lan = make_editor()
    upload = import_upload(listed(*two_firms(), by=lan, options={"source": "Báo cáo 12/BC", "as_of": "2026-06-30"}))
    assert upload.state == State.DONE
    firm = Firm.objects.get(tax_code="0400101404")
    project, certificate = Project.objects.get(), Certificate.objects.get()
    assert (firm.zone, firm.address, firm.source, firm.confidence) == (park, "Lô 1", "Báo cáo 12/BC", "medium")
    assert (str(firm.as_of), firm.name_key, firm.search_text != "") == ("2026-06-30", "a", True)
    assert (project.firm, project.zone, project.capital, project.currency) == (firm, park, 20_000_000, "USD")
    assert (certificate.number, certificate.project, certificate.capital) == ("43/GCN", project, 20_000_000)
    assert list(Capability.objects.values_list("name", flat=True)) == ["van", "bơm"]
    for written in [firm, project, certificate, *Capability.objects.all()]:
        record = written.history.get()
        assert (record.history_type, record.history_user, record.history_change_reason) == (
            "+",
            lan,
            f"upload {upload.pk}, row 2",
        )
    assert Firm.objects.exclude(pk=firm.pk).get().history.get().history_change_reason == f"upload {upload.pk}, row 3"
    assert upload.counts["done"] == {"firms": 2, "changed": 0, "projects": 1, "rows": 2}


def test_numbers_of_the_registry_go_on_after_an_import(park):
    import_upload(listed(*two_firms()))
    codes = [make_firm("Công ty C", park).code, *Firm.objects.values_list("code", flat=True)]
    assert len(set(codes)) == 3


def test_only_changed_cells_are_written_with_a_line_of_history_each(park):
    firm = make_firm("Công ty TNHH A", park, tax_code="0400101404", address="Lô 9", unsure={"address": "conflict"})
    project = make_project(firm, "Nhà máy A", capital=5, currency="USD")
    before = firm.touched_at
    upload = import_upload(listed(two_firms()[0]))
    firm.refresh_from_db()
    project.refresh_from_db()
    assert (firm.address, firm.unsure, project.capital) == ("Lô 1", {}, 20_000_000)
    assert firm.touched_at > before
    assert [record.history_type for record in firm.history.all()] == ["~", "+"]
    assert firm.history.first().address == "Lô 1"
    assert project.history.first().history_change_reason == f"upload {upload.pk}, row 2"


def test_an_empty_cell_changes_nothing_and_no_product_is_taken_away(park):
    firm = make_firm("Công ty TNHH B", park, address="Lô 7")
    Capability.objects.create(firm=firm, kind="product", name="giấy")
    import_upload(listed(["Công ty TNHH B", None, "KCNC-DN", None, None, None, "bìa", None]))
    firm.refresh_from_db()
    assert firm.address == "Lô 7"
    assert {one.name for one in firm.capabilities.all()} == {"giấy", "bìa"}


def test_the_directory_is_told_once(park):
    before = Edition.current()
    upload = listed(*two_firms())
    with transaction.atomic():
        pass
    import_upload(upload)
    assert Edition.objects.count() <= 1
    assert before is None or Edition.current() != before


def test_rows_with_errors_are_left_out_only_on_purpose(park):
    upload = listed(*two_firms(), ["Công ty lỗi", "123", None, None, None, None, None, None])
    assert upload.counts["problem"] == 1
    import_upload(upload, leave_out=True)
    assert upload.state == State.DONE
    assert Firm.objects.count() == 2


@pytest.mark.parametrize("model", [Firm, Project, Capability])
def test_a_fault_in_the_middle_leaves_nothing_behind(park, monkeypatch, model):
    upload, written = listed(*two_firms()), writing.create

    def stumble(kind, *rest):
        written(kind, *rest)
        if kind is model:
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(writing, "create", stumble)
    import_upload(upload)
    assert (upload.state, upload.problem) == (State.READY, "import_failed")
    assert [kind.objects.count() for kind in (Firm, Project, Certificate, Capability)] == [0, 0, 0, 0]
    assert Firm.history.count() == 0
    monkeypatch.undo()
    assert import_upload(upload).state == State.DONE


# Decisions -----------------------------------------------------------------------------------------------------------
def test_a_doubtful_row_becomes_the_firm_that_the_editor_names(park):
    firm = make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park, address="Lô 8")
    upload = listed(["Tokyo Keiki Precision Technolgy", "0400101404", "KCNC-DN", "Lô 1", None, None, None, None])
    assert deciding.waiting(steps.kept_rows(upload), upload.decisions) == [2]
    assert decide(upload, row=2, what=f"firm:{firm.pk}") == ""
    import_upload(upload)
    firm.refresh_from_db()
    assert (Firm.objects.count(), firm.tax_code, firm.address) == (1, "0400101404", "Lô 1")


def test_it_may_fill_in_only_what_is_empty(park):
    firm = make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park, address="Lô 8")
    upload = listed(["Tokyo Keiki Precision Technolgy", "0400101404", "KCNC-DN", "Lô 1", None, None, None, None])
    decide(upload, row=2, what=f"fill:{firm.pk}")
    import_upload(upload)
    firm.refresh_from_db()
    assert (firm.tax_code, firm.address) == ("0400101404", "Lô 8")
    assert firm.name == "Công ty TNHH Tokyo Keiki Precision Technology"


def test_or_a_new_firm_or_nothing(park):
    make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    row = ["Tokyo Keiki Precision Technolgy", None, "KCNC-DN", "Lô 1", None, None, None, None]
    for what, firms in [("skip", 1), ("new", 2)]:
        upload = listed(row)
        decide(upload, row=2, what=what)
        import_upload(upload)
        assert Firm.objects.count() == firms


def test_a_row_that_is_the_same_as_an_earlier_one_enters_no_second_firm(park):
    rows = [["Công ty CP Sao Mai Xanh", None, "KCNC-DN", None, "Dự án 1", None, None, None]]
    rows += [["Công ty CP Sao Mai Xamh", None, "KCNC-DN", "Lô 4", "Dự án 2", None, None, None]]
    upload = listed(*rows)
    decide(upload, row=3, what="row:2")
    import_upload(upload)
    firm = Firm.objects.get()
    assert (firm.name, firm.address, firm.projects.count()) == ("Công ty CP Sao Mai Xanh", "Lô 4", 2)


def test_a_row_follows_the_row_that_it_repeats_to_a_stored_firm(park):
    firm = make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    name = "Tokyo Keiki Precision Technolgy"
    upload = listed(
        [name, None, "KCNC-DN", None, "Dự án 1", 1, None, None], [name, None, "KCNC-DN", "Lô 6", "Dự án 2", 2, None, None]
    )
    decide(upload, row=2, what=f"firm:{firm.pk}")
    import_upload(upload)
    firm.refresh_from_db()
    assert Firm.objects.count() == 1
    assert {project.name for project in firm.projects.all()} == {"Dự án 1", "Dự án 2"}
    assert firm.address == "Lô 6"


def test_all_doubtful_rows_are_decided_in_one_press(park):
    firm = make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    upload = listed(["Tokyo Keiki Precision Technolgy", None, "KCNC-DN", "Lô 1", None, None, None, None])
    decide(upload, what="undecided:first")
    assert upload.decisions["2"]["what"] == f"firm:{firm.pk}"
    decide(upload, what="undecided:")
    decide(upload, what="undecided:new")
    assert not deciding.waiting(steps.kept_rows(upload), upload.decisions)
    import_upload(upload)
    assert Firm.objects.count() == 2


def test_a_decision_that_was_never_offered_is_not_taken(park):
    make_firm("Công ty TNHH Tokyo Keiki Precision Technology", park)
    other = make_firm("Khác hẳn", park)
    upload = listed(["Tokyo Keiki Precision Technolgy", None, "KCNC-DN", "Lô 1", None, None, None, None])
    for what in [f"firm:{other.pk}", "firm:99999999", "row:1", "firm:x", "haha", "fill:"]:
        assert decide(upload, row=2, what=what)
    assert decide(upload, row=999, what="new")
    assert decide(upload, what="conflict:haha")
    assert not upload.decisions.get("2")


# Others at work ------------------------------------------------------------------------------------------------------
def test_what_somebody_changed_since_the_check_becomes_a_conflict_and_nothing_is_written(park):
    firm = make_firm("Công ty TNHH A", park, tax_code="0400101404", address="Lô 9")
    upload = listed(*two_firms())
    firm.address = "Lô 10"
    firm.save()
    import_upload(upload)
    assert (upload.state, upload.problem) == (State.CHECKING, "row_stale")
    assert Firm.objects.count() == 1
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    assert (upload.state, upload.counts["conflict"]) == (State.READY, 1)
    [row] = [row for row in steps.kept_rows(upload).rows() if row["k"] == "conflict"]
    assert [change for change in row["c"] if change[3]] == [["address", "Lô 10", "Lô 1", "!"]]
    decide(upload, row=2, all="mine")
    import_upload(upload)
    firm.refresh_from_db()
    assert (upload.state, firm.address, Firm.objects.count()) == (State.DONE, "Lô 10", 2)


def test_a_firm_that_somebody_entered_meanwhile_is_not_entered_twice(park):
    upload = listed(*two_firms())
    make_firm("Công ty TNHH A", park, tax_code="0400101404")
    import_upload(upload)
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    assert (upload.state, upload.counts["changed"], upload.counts["new"]) == (State.READY, 1, 1)
    assert Firm.objects.count() == 1


def test_two_workers_do_not_do_one_step_twice(park):
    upload = listed(*two_firms())
    steps.start_import(upload, False)
    Upload.objects.filter(pk=upload.pk).update(claimed_until=timezone.now() + steps.LEASE)
    steps.work(upload.pk, timezone.now)
    assert not Firm.objects.exists()


@pytest.mark.parametrize("state", [State.READING, State.CHECKING, State.IMPORTING])
def test_what_a_dead_worker_left_is_taken_up_again(park, state):
    upload = listed(*two_firms())
    now = timezone.now()
    Upload.objects.filter(pk=upload.pk).update(state=state, claimed_until=now + steps.LEASE, percent=40)
    assert steps.unfinished(now) == []
    later = now + steps.LEASE + timedelta(seconds=1)
    assert steps.unfinished(later) == [upload.pk]
    steps.work(upload.pk, lambda: later)
    upload.refresh_from_db()
    assert upload.state == {State.READING: State.MAPPING, State.CHECKING: State.READY, State.IMPORTING: State.DONE}[state]


def test_a_worker_that_lost_its_lease_writes_nothing(park, monkeypatch):
    upload = listed(*two_firms())
    steps.start_import(upload, False)
    rows = steps.kept_rows

    def slow(held):
        Upload.objects.filter(pk=upload.pk).update(claimed_until=timezone.now() + timedelta(hours=1))  # another one took it
        return rows(held)

    monkeypatch.setattr(steps, "kept_rows", slow)
    steps.work(upload.pk, timezone.now)
    assert not Firm.objects.exists()


def test_a_withdrawn_upload_is_not_imported_and_an_import_not_withdrawn(park):
    upload = listed(*two_firms())
    assert steps.withdraw(upload)
    assert not steps.start_import(upload, False)
    upload = listed(*two_firms())
    steps.start_import(upload, False)
    assert not steps.withdraw(upload)


def test_a_check_that_ends_after_the_withdrawal_changes_nothing(park, monkeypatch):
    upload = listed(*two_firms())
    Upload.objects.filter(pk=upload.pk).update(state=State.CHECKING)
    upload.refresh_from_db()
    pack = steps.kept.pack

    def withdrawn(rows):
        steps.withdraw(Upload.objects.get(pk=upload.pk))
        return pack(rows)

    monkeypatch.setattr(steps.kept, "pack", withdrawn)
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    assert upload.state == State.WITHDRAWN


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_the_same_moment_write_everything_once():
    make_zone(code="KCNC-DN")
    upload = listed(*two_firms())
    steps.start_import(upload, False)

    def run():
        steps.work(upload.pk, timezone.now)
        connection.close()

    workers = [threading.Thread(target=run) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    upload.refresh_from_db()
    assert (upload.state, Firm.objects.count(), Firm.history.count()) == (State.DONE, 2, 2)


def test_the_sweep_hands_everything_out_again(park):
    upload = listed(*two_firms())
    assert steps.unannotated() == [upload.pk]
    assert importing.NOTHING
