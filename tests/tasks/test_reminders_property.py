"""Whatever the calendar, the outages and the changes of date: one mail a day at most, no rung twice, nothing after the report."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parkportal.dates import is_working_day
from tasks import ladder, reminders
from tasks.models import AgencyReport, Holiday, Reminder, ReportingCycle
from tests.builders import at, make_agency, make_cycle, make_head, make_member, make_report

START, END = date(2026, 11, 1), date(2027, 1, 15)
DAYS = [START + timedelta(days=n) for n in range((END - START).days + 1)]
some_days = st.sets(st.sampled_from(DAYS), max_size=12)


class TestDates:
    @given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from(ladder.LADDERS["report"]), some_days)
    def test_every_rung_falls_on_a_working_day_on_the_right_side_of_the_last_day(self, last_day, rung, holidays):
        day = ladder.rung_day(last_day, rung, holidays)
        assert is_working_day(day, holidays)
        assert day < last_day if rung > 0 else day > last_day

    @given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), some_days)
    def test_days_bring_the_ladder_down_and_never_up_again(self, last_day, holidays):
        days = [last_day + timedelta(days=n) for n in range(-40, 30)]
        rungs = [ladder.reached("report", last_day, day, holidays) for day in days]
        reached = [rung for rung in rungs if rung is not None]
        assert reached == sorted(reached, reverse=True)
        assert reached[-1] == min(ladder.LADDERS["report"])


@pytest.mark.django_db
class TestYear:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        running=st.sets(st.sampled_from(DAYS), min_size=3, max_size=14),
        holidays=some_days,
        moved_on=st.one_of(st.none(), st.sampled_from(DAYS)),
        moved_by=st.integers(1, 10),
        sent_in_on=st.one_of(st.none(), st.sampled_from(DAYS)),
    )
    def test_nobody_is_flooded_and_nobody_is_forgotten(self, running, holidays, moved_on, moved_by, sent_in_on):
        for model in (Reminder, Holiday):
            model.objects.all().delete()
        ReportingCycle.objects.update(state=ReportingCycle.State.CLOSED)
        Holiday.objects.bulk_create(Holiday(date=day, name="Nghỉ lễ") for day in holidays)
        number = ReportingCycle.objects.count()
        cycle = make_cycle(
            2026 + number, opens_on=START, agencies_due_on=date(2026, 12, 10), consolidation_due_on=date(2026, 12, 29)
        )
        report = make_report(make_agency(f"Cơ quan {number}"), cycle)
        lan, head = make_member(report.agency), make_head(report.agency)
        for day in sorted(running | {day for day in (moved_on, sent_in_on) if day}):
            if day == moved_on:
                cycle.agencies_due_on += timedelta(days=moved_by)
                cycle.save()
            if day == sent_in_on:
                AgencyReport.objects.filter(pk=report.pk).update(state=AgencyReport.State.SUBMITTED)
            if day in running:
                for hour in (8, 8, 15):
                    reminders.send_due(at(day, hour))
        rows = list(Reminder.objects.filter(report=report).select_related("mail"))
        told = {(row.person_id, row.created_at.date(), row.mail_id) for row in rows}
        assert max(Counter((person, day) for person, day, _mail in told).values(), default=0) <= 1
        assert len({(row.due_on, row.rung, row.person_id) for row in rows}) == len(rows)
        assert all(is_working_day(row.created_at.date(), holidays) for row in rows)
        assert all(sent_in_on is None or row.created_at.date() < sent_in_on for row in rows)
        last_day = cycle.agencies_due_on - timedelta(days=1)
        after = ladder.rung_day(last_day, -7, holidays)
        ran_after = [day for day in running if day >= max(after, moved_on or after) and is_working_day(day, holidays)]
        if ran_after and (sent_in_on is None or min(ran_after) < sent_in_on):
            final = {row.person_id for row in rows if (row.due_on, row.rung) == (last_day, -7)}
            assert final == {lan.pk, head.pk}
