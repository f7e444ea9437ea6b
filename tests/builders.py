"""Builders by state: each makes the smallest world in which its name is true. Dates are passed in, never patched."""

from datetime import date, datetime
from itertools import count

from django.utils import timezone

from parkportal.models import User
from tasks import drafting, issuing
from tasks.models import Agency, AgencyReport, Membership, Plan, Progress, ReportingCycle, Succession, Task
from tasks.status import State

PASSWORD = "mat-khau-dai-2812"
TODAY = date(2026, 11, 23)
_serial = count(1)


def at(day, hour=9, minute=0):
    """A moment of a day on the city's clock."""
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))


NOW = at(TODAY)
# Older than anything that a test tells. The machine's own clock would be after NOW on some days and before it on others.
BEGINNING = at(date(2020, 4, 29))


def begin(record):
    """Saves a new record whose history begins on a day of the tests' own, whatever day they run on."""
    record._history_date = BEGINNING
    record.save(force_insert=True)
    return record


def make_user(name="Trần Thị Lan", role=User.Role.STAFF, **fields):
    email = fields.pop("email", f"nguoi{next(_serial)}@danang.test")
    user = User(email=email, full_name=name, role=role, **fields)
    user.set_password(PASSWORD)
    return begin(user)


def make_consolidator(name="Lê Thị Hoa", **fields):
    return make_user(name, User.Role.CONSOLIDATOR, **fields)


def make_agency(name="Sở Công Thương", **fields):
    serial = next(_serial)
    return begin(Agency(key=fields.pop("key", f"co-quan-{serial}"), name=name, **fields))


def make_member(agency, name="Trần Thị Lan", duty=Membership.Duty.OFFICER, role=User.Role.STAFF, **fields):
    user = make_user(name, role, **fields)
    begin(Membership(user=user, agency=agency, duty=duty, starts_on=date(2020, 1, 1)))
    return user


def make_head(agency, name="Nguyễn Văn Trưởng", **fields):
    return make_member(agency, name, Membership.Duty.HEAD, **fields)


def make_plan():
    return Plan.objects.get_or_create(
        code="2812/KH-UBND",
        defaults={
            "title": "Kế hoạch thực hiện Chương trình số 36-CTr/TU",
            "short_title": "Kế hoạch 2812/KH-UBND",
            "issued_on": date(2020, 4, 29),
            "issuer": "UBND thành phố Đà Nẵng",
            "starts_year": 2020,
            "ends_year": 2030,
        },
    )[0]


def make_task(lead=None, code=None, content="Phát triển công nghiệp hỗ trợ", ends=2030, yearly=False, **fields):
    serial = next(_serial)
    kind = Task.Period.YEARLY if yearly else Task.Period.YEARS
    years = {} if yearly else {"running_starts": 2020, "running_ends": ends, "period_starts": 2020, "period_ends": ends}
    return begin(
        Task(
            plan=make_plan(),
            code=code or f"I.{serial}",
            position=serial,
            printed_content=content,
            printed_lead=lead.name if lead else "",
            content=content,
            lead=lead,
            period_kind=kind,
            running_kind=kind,
            **years,
            **fields,
        )
    )


def make_cycle(year=2026, state=ReportingCycle.State.OPEN, **fields):
    """A cycle with the plan's own dates: before 10 and before 15 December."""
    values = {
        "opens_on": date(year, 11, 1),
        "agencies_due_on": date(year, 12, 10),
        "consolidation_due_on": date(year, 12, 15),
        "cutoff_on": date(year, 11, 30),
        "opened_at": at(date(year, 11, 1)),
    } | fields
    return begin(ReportingCycle(plan=make_plan(), year=year, state=state, **values))


def make_report(agency=None, cycle=None, tasks=1, state=AgencyReport.State.EMPTY, **fields):
    """An agency's report in an open cycle, with an empty row for each of its tasks (made here if it has none)."""
    agency = agency or make_agency()
    cycle = cycle or make_cycle()
    for _ in range(tasks - Task.objects.filter(lead=agency).count()):
        make_task(agency)
    report = begin(AgencyReport(cycle=cycle, agency=agency, agency_name=agency.name, state=state, **fields))
    for task in Task.objects.filter(lead=agency):
        begin(Progress(report=report, task=task))
    return report


def make_filled_report(agency=None, cycle=None, tasks=1, **fields):
    """A draft in which every row has a state and results."""
    report = make_report(agency, cycle, tasks, state=AgencyReport.State.DRAFT, **fields)
    for row in report.rows.all():
        row.state, row.percent, row.results = State.IN_PROGRESS, 60, "Đã ban hành kế hoạch và tổ chức 02 hội nghị."
        row._history_date = BEGINNING
        row.save()
    return report


def make_submitted_report(agency=None, cycle=None, tasks=1, by=None, now=NOW):
    report = make_filled_report(agency, cycle, tasks)
    report.submit(by or make_head(report.agency), now)
    return report


def make_accepted_report(agency=None, cycle=None, tasks=1, by=None, now=NOW):
    report = make_submitted_report(agency, cycle, tasks, now=now)
    report.accept(by or make_consolidator(), now)
    return report


def make_succession(predecessor, successor, effective_on=date(2025, 3, 1), **fields):
    """One agency's duties passing to another, since before TODAY unless said otherwise."""
    values = {"change": "hợp nhất", "legal_basis": "Nghị quyết ngày 20/02/2025 của HĐND thành phố"} | fields
    return begin(Succession(predecessor=predecessor, successor=successor, effective_on=effective_on, **values))


def make_consolidated_draft(by):
    """A draft over two agencies: Sở Công Thương has reported on I.1, I.2 and II.1; Sở Tài chính not on its II.2."""
    cycle = make_cycle()
    trade, finance = make_agency("Sở Công Thương"), make_agency("Sở Tài chính")
    for code in ("I.1", "I.2", "II.1"):
        make_task(trade, code)
    make_task(finance, "II.2")
    make_submitted_report(trade, cycle)
    make_report(finance, cycle)
    return drafting.start(cycle, by, TODAY, NOW)


def fill_blanks(draft, by):
    """Leaves nothing in a draft that would keep it from being issued, apart from its number, date and signatory."""
    for one in draft.paragraphs.all():
        if one.blanks:
            one.write("Sở đã ban hành 02 công văn đôn đốc.", one.revision, by, NOW)
    draft.refresh_from_db()
    draft.recipients = "Như trên\nLưu: VT, KHTC"
    draft.save()
    return draft


def issue_draft(draft, by, number=5):
    fill_blanks(draft, by)
    draft.number, draft.issued_on, draft.signatory_name = number, TODAY, "Nguyễn Thị Ánh"
    draft.save()
    issuing.issue(draft, by, TODAY, NOW)
    return draft
