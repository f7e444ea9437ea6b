"""What the agencies' pages tell: who bears which duty today and since when, through whom, and who acts for whom."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from parkportal import timeline
from parkportal.text import fold
from tasks.inheritance import Inheritance
from tasks.models import Agency, AgencyReport, Membership, ReportingCycle, Succession, Task, TaskCoordinator
from tasks.taskpage import started_cycles, year_in_hand


@dataclass(frozen=True)
class Entry:
    """One agency in the list: tasks it bears today, tasks it helps with, who took over from it."""

    agency: Agency
    tasks: int
    inherited: int
    coordinates: int
    heir: Agency | None
    since: object
    report: AgencyReport | None  # of the cycle in hand, for those who may see it


@dataclass(frozen=True)
class Share:
    """Tasks that an agency bears, under the name by which the plan gave them out, and how they came to it."""

    agency: Agency
    path: list[Succession]
    tasks: list[Task]


def overview(words, user, today):
    """Agencies by their part in the plan, each part in the order of the Vietnamese alphabet."""
    inheritance = Inheritance(today)
    wanted = fold(words).split()
    agencies = [agency for agency in Agency.objects.in_order() if all(word in agency.search_text for word in wanted)]
    leads = Counter(Task.objects.assignments().values_list("lead_id", flat=True))
    helps = Counter(TaskCoordinator.objects.exclude(agency=None).values_list("agency_id", flat=True))
    borne, helped, inherited = Counter(), Counter(), Counter()
    for pk, number in leads.items():
        heir = _heir_id(inheritance, pk)
        borne[heir] += number
        inherited[heir] += number if heir != pk else 0
    for pk, number in helps.items():
        helped[_heir_id(inheritance, pk)] += number
    cycle = ReportingCycle.objects.current()
    reports = AgencyReport.objects.visible_to(user, today).filter(cycle=cycle) if cycle else []
    reports = {report.agency_id: report for report in reports}
    entries = []
    for agency in agencies:
        path = inheritance.onward(agency.pk)
        entries.append(
            Entry(
                agency,
                borne[agency.pk],
                inherited[agency.pk],
                helped[agency.pk],
                path[-1].successor if path else None,
                path[0].effective_on if path else None,
                reports.get(agency.pk),
            )
        )
    ended = [it for it in entries if it.heir or (it.agency.dissolved_on and it.agency.dissolved_on <= today)]
    rest = [it for it in entries if it not in ended]
    return {
        "cycle": cycle,
        "parts": [
            (_("Bear tasks of the plan today"), [it for it in rest if it.tasks], "duty"),
            (_("Work with them"), [it for it in rest if not it.tasks], "helps"),
            (_("Exist no more"), ended, "ended"),
        ],
        "number": len(entries),
        "total": Agency.objects.count(),
    }


def _heir_id(inheritance, pk):
    path = inheritance.onward(pk)
    return path[-1].successor_id if path else pk


def page(agency, user, today):
    inheritance = Inheritance(today)
    onward = inheritance.onward(agency.pk)
    inherited = sorted(inheritance.inherited(agency), key=lambda path: (path[-1].effective_on, path[0].predecessor.sort_key))
    sources = [agency.pk, *(path[0].predecessor_id for path in inherited)]
    year = year_in_hand(started_cycles(), today)
    tasks = list(Task.objects.assignments().filter(lead__in=sources).order_by("position").with_status(year, today))
    given_to = {pk: [it for it in tasks if it.lead_id == pk] for pk in sources}
    shares = [Share(path[0].predecessor, path, given_to[path[0].predecessor_id]) for path in inherited]
    people = Membership.objects.active(today).filter(agency__in=[agency.pk]).select_related("user")
    reports = AgencyReport.objects.visible_to(user, today).filter(agency=agency).select_related("cycle")
    changes = Succession.objects.filter(predecessor=agency) | Succession.objects.filter(successor=agency)
    return {
        "agency": agency,
        "year": year,
        "onward": onward,
        "heir": onward[-1].successor if onward else None,
        "own": [] if onward else given_to[agency.pk],
        "passed": given_to[agency.pk] if onward else [],
        "shares": shares if not onward else [],
        "inherited": inherited,
        "later": [it for it in changes.select_related("predecessor", "successor") if it.effective_on > today],
        "heads": [it for it in people if it.duty in Membership.SIGNERS],
        "officers": [it for it in people if it.duty == Membership.Duty.OFFICER],
        "reports": sorted(reports, key=lambda it: (it.cycle.year, it.cycle.agencies_due_on), reverse=True),
        "coordinated": Task.objects.filter(coordinators__agency=agency).distinct().order_by("position"),
        "events": timeline.of(agency, changes, Membership.objects.filter(agency=agency)),
    }
