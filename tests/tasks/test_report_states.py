"""The life of a report under random presses by the right and the wrong people, and under two people pressing at once."""

import threading
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from parkportal.models import User
from tasks import review
from tasks.cycles import close_cycle, open_cycle, reopen_cycle
from tasks.models import AgencyReport, Progress, ReportingCycle
from tasks.status import State
from tests.builders import (
    NOW,
    TODAY,
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_submitted_report,
    make_task,
    make_user,
)

PEOPLE = ["lan", "truong", "nguoi_la", "hoa", "nam", "lanh_dao", "quan_tri"]


class Life(RuleBasedStateMachine):
    """One report. Lan writes it, Trưởng signs it off, Hoa and Nam consolidate; Nam is a head of the agency as well."""

    def __init__(self):
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.cycle = make_cycle()
        self.report = make_filled_report(cycle=self.cycle, tasks=2)
        row = self.report.rows.first()
        row.state, row.completed_on = State.AWAITING, TODAY
        row.save()
        agency = self.report.agency
        self.people = {
            "lan": make_member(agency),
            "truong": make_head(agency),
            "nguoi_la": make_head(make_agency("Sở khác")),
            "hoa": make_consolidator(),
            "nam": make_head(agency, "Hoàng Văn Nam", role=User.Role.CONSOLIDATOR),
            "lanh_dao": make_user(role=User.Role.LEADERSHIP),
            "quan_tri": make_user(role=User.Role.ADMINISTRATOR),
        }
        self.now = NOW
        self.before = self.stored()

    def stored(self):
        report = AgencyReport.objects.get(pk=self.report.pk)
        rows = list(Progress.objects.filter(report=report).order_by("pk").values_list("state", flat=True))
        return report.state, rows, report.history.count()

    def press(self, verb, allowed):
        """Does it, and holds what came of it against the rules of the house."""
        self.now += timedelta(minutes=1)
        self.cycle.refresh_from_db()
        was_open = self.cycle.is_open
        before, _rows, histories = self.before = self.stored()
        try:
            verb(AgencyReport.objects.get(pk=self.report.pk))
        except (PermissionDenied, ValidationError):
            assert self.stored() == self.before, "a refused press changes nothing"
            return
        after, _rows, now_histories = self.stored()
        assert was_open, "nothing changes in a closed cycle"
        assert allowed, "only those who may"
        assert after in AgencyReport.TRANSITIONS[before]
        assert now_histories == histories + 1, "each change leaves one row in the history"
        assert AgencyReport.history.filter(id=self.report.pk).first().history_date == self.now

    @rule(who=st.sampled_from(PEOPLE))
    def submit(self, who):
        self.press(lambda report: report.submit(self.people[who], self.now), who in ("truong", "nam"))

    @rule(who=st.sampled_from(PEOPLE))
    def withdraw(self, who):
        self.press(lambda report: report.withdraw(self.people[who], self.now), who in ("truong", "nam"))

    @rule(who=st.sampled_from(PEOPLE), redo=st.booleans(), reason=st.sampled_from(["", "  ", "Thiếu số liệu"]))
    def send_back(self, who, redo, reason):
        rows = [self.report.rows.first().pk] if redo else []
        allowed = who in ("hoa", "nam") and bool(reason.strip())
        self.press(lambda report: review.send_back(report, self.people[who], reason, self.now, TODAY, rows), allowed)

    @rule(who=st.sampled_from(PEOPLE))
    def accept(self, who):
        self.press(lambda report: review.accept(report, self.people[who], self.now, TODAY), who in ("hoa", "nam"))

    @rule()
    def mend(self):
        """Lan does what was to be redone."""
        report = AgencyReport.objects.get(pk=self.report.pk)
        if report.can_edit(self.people["lan"], TODAY):
            for row in report.rows.filter(state=State.REDO):
                row.state = State.AWAITING
                row.save()

    @rule(who=st.sampled_from(PEOPLE))
    def close(self, who):
        self.move_cycle(lambda: close_cycle(self.cycle, self.people[who], self.now), who)

    @rule(who=st.sampled_from(PEOPLE), reason=st.sampled_from(["", "Đóng nhầm"]))
    def reopen(self, who, reason):
        self.move_cycle(lambda: reopen_cycle(self.cycle, self.people[who], reason, self.now), who, bool(reason))

    def move_cycle(self, verb, who, allowed=True):
        before, events = self.stored(), self.cycle.events.count()
        try:
            verb()
        except (PermissionDenied, ValidationError):
            assert self.cycle.events.count() == events
        else:
            assert allowed and who in ("hoa", "nam", "quan_tri")
            assert self.cycle.events.count() == events + 1
        assert self.stored() == before, "closing and reopening leave the reports as they are"

    @invariant()
    def never_accepted_by_the_one_who_sent_it(self):
        report = AgencyReport.objects.get(pk=self.report.pk)
        if report.state == AgencyReport.State.ACCEPTED:
            assert report.accepted_by_id != report.submitted_by_id
            assert not report.rows.filter(state=State.AWAITING).exists()
        else:
            assert not report.rows.filter(state=State.COMPLETED).exists()
        if report.state == AgencyReport.State.RETURNED:
            assert report.return_reason.strip()
        if report.is_sent:
            assert report.submitted_by_id in (self.people["truong"].pk, self.people["nam"].pk)
            assert report.first_submitted_at <= report.submitted_at


def test_no_order_of_presses_breaks_the_rules(db):
    run_state_machine_as_test(Life, settings=settings(max_examples=40, stateful_step_count=20, deadline=None, derandomize=True))


# Two at once --------------------------------------------------------------------------------------------------------
def at_once(*verbs):
    """Runs each in a thread of its own, all let go at the same moment; returns what each came to."""
    gate, outcomes = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(place, verb):
        gate.wait()
        try:
            outcomes[place] = verb() or "done"
        except ValidationError as refusal:
            outcomes[place] = refusal.messages[0]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def test_when_two_consolidators_accept_at_once_one_wins_and_the_other_is_told(transactional_db):
    report, hoa, nam = make_submitted_report(), make_consolidator(), make_consolidator("Hoàng Văn Nam")
    one, two = AgencyReport.objects.get(pk=report.pk), AgencyReport.objects.get(pk=report.pk)
    outcomes = at_once(lambda: review.accept(one, hoa, NOW, TODAY), lambda: review.accept(two, nam, NOW, TODAY))
    assert outcomes.count("done") == 1
    refusal = next(words for words in outcomes if words != "done")
    assert "đã tiếp nhận" in refusal and "xem lại báo cáo" in refusal
    report.refresh_from_db()
    assert report.accepted_by == (hoa if outcomes[0] == "done" else nam)
    assert report.history.filter(state="accepted").count() == 1


def test_when_one_accepts_while_another_sends_back_the_report_ends_where_the_rules_allow(transactional_db):
    report, hoa, nam = make_submitted_report(), make_consolidator(), make_consolidator("Hoàng Văn Nam")
    one, two = AgencyReport.objects.get(pk=report.pk), AgencyReport.objects.get(pk=report.pk)
    at_once(lambda: review.accept(one, hoa, NOW, TODAY), lambda: review.send_back(two, nam, "Thiếu số liệu", NOW, TODAY))
    path = list(report.history.order_by("history_id").values_list("state", flat=True))
    assert path in (["draft", "submitted", "returned"], ["draft", "submitted", "accepted", "returned"])


def test_a_report_is_either_sent_before_the_closing_or_refused_after_it(transactional_db):
    report = make_filled_report()
    head, hoa = make_head(report.agency), make_consolidator()
    sending, cycle = AgencyReport.objects.get(pk=report.pk), report.cycle
    outcomes = at_once(lambda: sending.submit(head, NOW), lambda: close_cycle(cycle, hoa, NOW))
    report = AgencyReport.objects.get(pk=report.pk)
    assert outcomes[1] == "done" and report.cycle.is_closed
    assert (outcomes[0] == "done") == report.is_sent == (not report.is_missing_at_close)


def test_when_two_open_a_cycle_at_once_every_report_is_written_once(transactional_db):
    make_task(make_agency()), make_task(make_agency("Sở Y tế"))
    cycle, hoa, nam = make_cycle(state="planned", opened_at=None), make_consolidator(), make_consolidator("Hoàng Văn Nam")
    one, two = ReportingCycle.objects.get(pk=cycle.pk), ReportingCycle.objects.get(pk=cycle.pk)
    assert at_once(lambda: open_cycle(one, hoa, NOW), lambda: open_cycle(two, nam, NOW)) == ["done", "done"]
    assert (AgencyReport.objects.count(), Progress.objects.count(), cycle.events.count()) == (2, 2, 1)
