"""What the front page says: where the plan stands by accepted reports, and what waits for the person who signed in."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks import mywork
from tasks.cycles import may_manage
from tasks.filters import NOTHING, UNREPORTED
from tasks.models import Agency, AgencyReport, ConsolidatedReport, Membership, Plan, ReportingCycle, Task
from tasks.planpage import STANDINGS
from tasks.status import State, Timeliness


@dataclass(frozen=True)
class Share:
    """One part of a whole that is drawn as a bar: `start` is the sum of the parts before it."""

    key: str
    label: str
    number: int
    start: int


@dataclass(frozen=True)
class PlanFigures:
    plan: Plan
    year: int
    as_of: date
    tasks: int
    agencies: int
    overdue: int
    by_timeliness: list
    by_state: list


def plan_figures(cycle, today):
    """Counts of the plan's assignments, by what accepted reports say of them; None while no plan is loaded. Three queries."""
    plan = Plan.objects.first()
    if plan is None:
        return None
    year = cycle.year if cycle else today.year
    rows = Task.objects.assignments().filter(plan=plan).with_status(year, today, [AgencyReport.State.ACCEPTED]).order_by()
    told = list(rows.values_list("timeliness", "state", "is_nothing"))
    times = Counter(time for time, _state, _nothing in told)
    standings = Counter(state or (NOTHING if is_nothing else UNREPORTED) for _time, state, is_nothing in told)
    names = dict(State.choices) | {NOTHING: _("nothing to report"), UNREPORTED: _("no accepted report yet")}
    return PlanFigures(
        plan,
        year,
        today,
        len(told),
        Agency.objects.with_duty().count(),
        times[Timeliness.OVERDUE],
        _shares(times, dict(Timeliness.choices), [time.value for time in Timeliness]),
        _shares(standings, names, STANDINGS),
    )


def _shares(counts, names, order):
    """The parts that count anything, each knowing where on the bar it begins."""
    shares, start = [], 0
    for key in order:
        if number := counts[str(key)]:
            shares.append(Share(str(key), names[key], number, start))
            start += number
    return shares


def issued_reports():
    """Issued editions, the newest first: anybody may verify them."""
    return ConsolidatedReport.objects.issued().select_related("cycle").order_by("-cycle__year", "-edition")[:5]


@dataclass(frozen=True)
class Turn:
    """One thing that waits for this person: a sentence, where it is done, and on which last day."""

    words: str
    url: str
    action: str
    last_day: date | None = None
    left: int | None = None

    @property
    def tone(self):
        if self.left is None:
            return ""
        return "overdue" if self.left < 0 else "due-soon" if self.left <= 14 else "on-time"

    @property
    def past(self):
        return -self.left


def turns_of(user, cycle, today):
    """What is this person's to do now, the nearest first; empty if nothing is."""
    turns = _agency_turns(user, today)
    if cycle and cycle.is_open and (user.is_consolidator or user.is_administrator or user.is_leadership):
        turns.append(_board_turn(user, cycle, today))
    if cycle and cycle.is_closed and may_manage(user):
        turns += _issue_turns(cycle, today)
    return turns + _first_steps(user, cycle, today)


def _first_steps(user, cycle, today):
    """What a new server lacks before anybody can report, and what begins the next year."""
    turns = []
    if user.is_administrator and not Membership.objects.active(today).exists():
        words = _("Nobody acts for an agency yet. Make accounts, then say who is focal officer or head of which agency.")
        turns.append(Turn(words, reverse("admin:index"), _("Add the people")))
    if may_manage(user) and not (cycle and cycle.is_open):
        planned = ReportingCycle.objects.filter(state=ReportingCycle.State.PLANNED).order_by("opens_on").first()
        if planned:
            words = _("{cycle} is set up; agencies can report once it is open.").format(cycle=planned)
            turns.append(Turn(words, reverse("cycle_detail", args=[planned.pk]), _("Look at it and open it")))
        elif not cycle:
            words = _("There is no reporting cycle yet. Set its dates, then open it.")
            turns.append(Turn(words, reverse("cycle_create"), _("Set the dates of the first one")))
    return turns


def _agency_turns(user, today):
    work = mywork.build(user, today)
    turns = [_report_turn(desk, today) for desk in work.desks if desk.report.is_writable]
    if work.contributions:
        number, due = len(work.contributions), min(contribution.due_on for contribution in work.contributions)
        words = ngettext("{n} contribution is asked of your agency.", "{n} contributions are asked of your agency.", number)
        turns.append(Turn(words.format(n=number), reverse("contribution_list"), _("Answer"), due, (due - today).days))
    return turns


def _report_turn(desk, today):
    """The next step of one agency's report, as far as it is this person's."""
    report, cycle = desk.report, desk.report.cycle
    lacking, page = len(desk.missing), "report_edit"
    if report.state == AgencyReport.State.RETURNED:
        words, action = _("{agency}: the report was sent back."), _("See why and correct it")
    elif lacking:
        words = ngettext("{agency}: {n} task still needs an answer.", "{agency}: {n} tasks still need an answer.", lacking)
        action = _("Go on writing")
    elif desk.is_mine_to_sign:
        words, action, page = _("{agency}: every task is answered."), _("Read it through and send it in"), "report_detail"
    else:
        words = _("{agency}: every task is answered; the head or a deputy sends it in.")
        action, page = _("Read the report"), "report_detail"
    words = words.format(agency=report.agency.title, n=lacking)
    return Turn(words, reverse(page, args=[report.pk]), action, cycle.agencies_last_day, cycle.days_left(today))


def _board_turn(user, cycle, today):
    reports = AgencyReport.objects.filter(cycle=cycle)
    waiting, missing = reports.filter(state=AgencyReport.State.SUBMITTED).count(), reports.missing().count()
    last = cycle.consolidation_last_day
    words = _("{waiting} reports wait to be read, {missing} have not been sent in.").format(waiting=waiting, missing=missing)
    return Turn(words, reverse("board"), _("To the board"), last, (last - today).days)


def _issue_turns(cycle, today):
    """After the close: the consolidated report, until it is issued."""
    editions = list(cycle.consolidated_reports.order_by("-edition"))
    if any(edition.is_issued for edition in editions):
        return []
    last = cycle.consolidation_last_day
    if editions:
        words, action = _("{cycle}: the consolidated report is a draft."), _("Go on editing")
        url = reverse("consolidated_detail", args=[editions[0].pk])
    else:
        words, action = _("{cycle}: the consolidated report is still to be drawn up."), _("To the cycle")
        url = reverse("cycle_detail", args=[cycle.pk])
    return [Turn(words.format(cycle=cycle), url, action, last, (last - today).days)]


def current_cycle():
    return ReportingCycle.objects.select_related("plan").current()


def found_tasks(words, cycle, today, report_states):
    """Tasks that contain every word, with their status."""
    year = cycle.year if cycle else today.year
    return Task.objects.matching(words).with_status(year, today, report_states).select_related("lead").order_by("position")


def found_agencies(words):
    return Agency.objects.matching(words).in_order()
