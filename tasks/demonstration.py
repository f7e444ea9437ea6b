"""A believable reporting year to try the portal with: last year closed, this year under way, dated relative to today.

The plan and the agencies are real; every person, answer and number written here is made up and marked as demonstration.
None of it can exist in production: the command refuses there, and so does the sign-in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from parkportal.models import User
from tasks import cycles
from tasks.loading import read
from tasks.models import Agency, AgencyReport, Contribution, Membership, Plan, Progress, ReportingCycle, Succession, Task
from tasks.status import State

PASSWORD = "minh-hoa-2812"  # noqa: S105 - printed by `make run`; these accounts cannot sign in in production
DOMAIN = "minhhoa.invalid"
DAYS_TO_DEADLINE = 18
EVERYBODY_SINCE = date(2020, 1, 1)


@dataclass(frozen=True)
class Cast:
    """The people who act in the demonstration, by what they do."""

    accepting: User
    sending_back: User
    officers: dict[int, User]  # by agency id
    signers: dict[int, User]


def at(day, hour, minute=0):
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def exists():
    return User.objects.filter(is_demonstration=True).exists()


@transaction.atomic
def load(today):
    """Makes the people, last year's cycle and this year's; False if they are there already."""
    if exists():
        return False
    script = read("demonstration.json")
    due = today + timedelta(days=DAYS_TO_DEADLINE)
    last_due = due - timedelta(days=365)
    cast = _people(script, today, last_due)
    _last_year(script, cast, last_due)
    _this_year(script, cast, due, today)
    return True


def accounts():
    """(e-mail, name, what she is) of the accounts worth trying first, in the order of the year."""
    logins = [person["login"] for person in read("demonstration.json")["people"]]
    users = {user.email: user for user in User.objects.filter(is_demonstration=True)}
    return [users[email] for login in logins if (email := f"{login}@{DOMAIN}") in users]


# People -------------------------------------------------------------------------------------------------------------
def _person(login, name, position, role=User.Role.STAFF):
    return User.objects.create(
        email=f"{login}@{DOMAIN}",
        password=_hashed_password(),
        full_name=name,
        position=f"{position} (minh họa)",
        role=role,
        is_demonstration=True,
    )


@cache
def _hashed_password():
    """One slow hash for all of them: they share the password anyway."""
    return make_password(PASSWORD)


def _people(script, today, last_due):
    agencies = {agency.key: agency for agency in Agency.objects.all()}
    heirs = Succession.objects.heirs(today)
    officers, signers, by_login = {}, {}, {}
    for person in script["people"]:
        agency = agencies.get(person["agency"])
        position = f"{person['position']}, {agency.short}" if agency else person["position"]
        user = _person(person["login"], person["full_name"], position, person["role"])
        by_login[person["login"]] = user
        if agency:
            _join(user, agency, person["duty"])
            (officers if person["duty"] == "officer" else signers)[agency.pk] = user
    bearing = {heirs.get(pk, pk) for pk in Task.objects.assignments().values_list("lead_id", flat=True)}
    others = Agency.objects.filter(pk__in=bearing - set(officers)).in_order()
    for agency, officer, head in zip(others, script["officers"], script["heads"], strict=False):
        officers[agency.pk] = _person(f"canbo.{agency.key}", officer, f"Chuyên viên, {agency.short}")
        _join(officers[agency.pk], agency, Membership.Duty.OFFICER)
        signers[agency.pk] = _person(f"lanhdao.{agency.key}", head, f"Thủ trưởng, {agency.short}")
        _join(signers[agency.pk], agency, Membership.Duty.HEAD)
    for succession in Succession.objects.filter(effective_on__gt=last_due - timedelta(days=60), successor_id__in=signers):
        # Last year's report of a body that has gone since was signed by its own head of that day.
        head = signers[succession.successor_id]
        _join(head, succession.predecessor, Membership.Duty.HEAD, ends_on=succession.effective_on - timedelta(days=1))
        signers[succession.predecessor_id] = head
        officers[succession.predecessor_id] = officers[succession.successor_id]
    return Cast(by_login["tonghop2"], by_login["tonghop"], officers, signers)


def _join(user, agency, duty, ends_on=None):
    Membership.objects.create(user=user, agency=agency, duty=duty, starts_on=EVERYBODY_SINCE, ends_on=ends_on)


# Years --------------------------------------------------------------------------------------------------------------
def _cycle(due, opens_on, by):
    cycle = ReportingCycle(
        plan=Plan.objects.get(code="2812/KH-UBND"),
        year=due.year,
        opens_on=opens_on,
        agencies_due_on=due,
        consolidation_due_on=due + timedelta(days=5),
        cutoff_on=due - timedelta(days=10),
        is_demonstration=True,
    )
    cycle._history_user, cycle._history_date = by, at(opens_on - timedelta(days=5), 9)
    cycle.save()
    return cycle


def _last_year(script, cast, due):
    opens_on = due - timedelta(days=39)
    cycle = _cycle(due, opens_on, cast.accepting)
    cycles.open_cycle(cycle, cast.accepting, at(opens_on, 8))
    for place, report in enumerate(cycle.reports.select_related("agency", "cycle").in_order()):
        signer = cast.signers[report.agency_id]
        sent_on = due - timedelta(days=1 + place % 9) if place % 7 != 6 else due + timedelta(days=1)
        for row in report.rows.select_related("task", "report__cycle"):
            answer = script["answers"][row.task.code]
            _answer(row, answer, answer["last"], cast.officers[report.agency_id], at(sent_on, 9, place))
        _cover(report, script, cast.officers[report.agency_id], at(sent_on, 10))
        report.submit(signer, at(sent_on, 15, 20 + place))
        report.accept(cast.accepting, at(sent_on, 16, 10 + place))
    cycles.close_cycle(cycle, cast.accepting, at(due + timedelta(days=6), 9))


def _this_year(script, cast, due, today):
    opens_on = today - timedelta(days=21)
    cycle = _cycle(due, opens_on, cast.accepting)
    cycles.open_cycle(cycle, cast.accepting, at(opens_on, 8))
    stages = {key: stage for stage, keys in script["states"].items() for key in keys}
    for place, report in enumerate(cycle.reports.select_related("agency", "cycle").in_order()):
        stage = stages.get(report.agency.key)
        if not stage:
            continue
        officer, day = cast.officers[report.agency_id], today - timedelta(days=2 + place % 5)
        rows = [row for row in report.rows.select_related("task", "report__cycle") if not row.is_settled]
        for row in rows if stage != "draft" else rows[: max(1, len(rows) * 7 // 10)]:
            answer = script["answers"][row.task.code]
            if answer["this"]:
                _answer(row, answer, answer["this"], officer, at(day, 9, place))
        _cover(report, script, officer, at(day, 10))
        if stage != "draft":
            report.submit(cast.signers[report.agency_id], at(day, 15, place))
        if stage == "accepted":
            report.accept(cast.accepting, at(today - timedelta(days=1), 9, place))
        if stage == "returned":
            report.send_back(cast.sending_back, script["return_reason"], at(today - timedelta(days=1), 10))
    _ask(cycle, cast, today)


def _answer(row, answer, year, officer, now):
    for name in ("obstacles", "causes", "proposals", "next_directions"):
        setattr(row, name, answer[name])
    row.state = State(year["state"])
    row.percent = year["percent"]
    row.results = year["results"].replace("{year}", str(row.report.cycle.year))
    row.completed_on = date.fromisoformat(year["completed_on"]) if year["completed_on"] else None
    row.revision, row.updated_by, row.updated_at = row.revision + 1, officer, now
    row._history_user, row._history_date = officer, now
    row.save()


def _cover(report, script, officer, now):
    cover = script["covers"].get(report.agency.key) or script["covers"][""]
    for name in AgencyReport.COVER:
        setattr(report, name, cover[name].replace("{year}", str(report.cycle.year)))
    report.state, report.revision = AgencyReport.State.DRAFT, report.revision + 1
    report._history_user, report._history_date = officer, now
    report.save()


def _ask(cycle, cast, today):
    """The park's authority asks the department of science and technology about the scheme that both work on."""
    asking, asked = Agency.objects.get(key="bqlkcnc"), Agency.objects.get(key="skhcn")
    Contribution.objects.create(
        row=Progress.objects.get(report__cycle=cycle, task__code="I.10"),
        agency=asked,
        question="Đề nghị Sở cung cấp kết quả các nhiệm vụ khoa học và công nghệ thuộc Đề án trong năm.",
        due_on=today + timedelta(days=7),
        asked_by=cast.officers[asking.pk],
        asked_at=at(today - timedelta(days=1), 14),
    )
