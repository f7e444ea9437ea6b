"""A consolidator reads one agency's report against last year's, and accepts it or sends it back with word to its people."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.html import format_html, format_html_join
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkportal import mail
from tasks.board import NOTHING, UNANSWERED, day_of, status_of
from tasks.models import AgencyReport, Evidence, Membership, Progress, Succession
from tasks.status import DONE, State, Timeliness, deadline, timeliness
from tasks.writing import earlier_report, earlier_rows

# Beyond this the comparison costs more than it tells: both texts are shown plain.
MOST_WORDS = 4000


@dataclass(frozen=True)
class Pair:
    """One box of the report beside last year's, with the words that differ marked on both sides."""

    label: str
    before: str
    now: str

    @property
    def is_same(self):
        return self.before == self.now


@dataclass(frozen=True)
class ReviewedRow:
    row: Progress
    key: str  # the column of the board in which it is counted
    earlier: Progress | None
    status: str
    timeliness: str
    earlier_words: str  # "2025: đang thực hiện, 60%"
    now_words: str
    pairs: list[Pair]
    evidence: list[Evidence]
    contributions: list
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Review:
    rows: list[ReviewedRow]
    cover: list[Pair]
    earlier: AgencyReport | None
    flags: list[str]

    @property
    def flagged(self):
        return [it for it in self.rows if it.flags]

    def rows_in(self, key):
        """Rows behind one figure of the board: those of a state, of a timeliness, unanswered ones, or all."""
        return [it for it in self.rows if not key or key in (it.key, it.timeliness)]


def build(report, today):
    """Everything that the page shows, in a number of queries that does not grow with the rows."""
    before, cover = earlier_rows(report), earlier_report(report)
    day = day_of(report.cycle, today)
    rows = report.rows.in_order().select_related("task", "updated_by")
    rows = rows.prefetch_related("evidence__uploaded_by", "contributions__agency", "contributions__answered_by")
    return Review(
        rows=[_reviewed(row, before.get(row.task_id), report.cycle, day) for row in rows],
        cover=_pairs(report, cover, AgencyReport.COVER),
        earlier=cover,
        flags=_report_flags(report),
    )


def _reviewed(row, earlier, cycle, day):
    due = deadline(row.task.running_kind, row.task.running_ends, cycle.year)
    time = timeliness(due, row.state, row.completed_on, day)
    evidence = [it for it in row.evidence.all() if it.removed_at is None]
    return ReviewedRow(
        row=row,
        key=(row.state or NOTHING) if row.is_answered else UNANSWERED,
        earlier=earlier,
        status=status_of(row, time),
        timeliness=time,
        earlier_words=_year_words(earlier, earlier.report.cycle) if earlier else _("Not reported before"),
        now_words=_year_words(row, cycle) if row.is_answered else str(cycle.year),
        pairs=_pairs(row, earlier, Progress.TEXTS),
        evidence=evidence,
        contributions=list(row.contributions.all()),
        flags=list(_row_flags(row, earlier, evidence, time)),
    )


def _year_words(row, cycle):
    """The year of an answer and what was its state: "2025: đang thực hiện, 60%"."""
    state = str(State(row.state).label) if row.state else _("no state given")
    percent = f", {row.percent}%" if row.percent is not None else ""
    return f"{cycle.year}: {state}{percent}"


def _row_flags(row, earlier, evidence, time):
    """What a consolidator would otherwise have to find by reading."""
    if row.is_settled:
        return
    if not row.is_answered:
        yield _("not answered yet")
    if time == Timeliness.OVERDUE:
        yield _("overdue")
    if earlier and None not in (row.percent, earlier.percent) and row.percent < earlier.percent:
        yield _("percentage went down from %(before)s%% to %(now)s%%") % {"before": earlier.percent, "now": row.percent}
    if earlier and row.results.strip() and row.results.strip() == earlier.results.strip():
        yield _("results are last year's word for word")
    if row.state in DONE and not evidence:
        yield _("claims completion without evidence")
    if unanswered := sum(not it.is_answered for it in row.contributions.all()):
        yield ngettext("%(count)s contribution not answered", "%(count)s contributions not answered", unanswered) % {
            "count": unanswered
        }


def _report_flags(report):
    flags = []
    if days := report.days_late:
        flags.append(ngettext("%(count)s day late", "%(count)s days late", days) % {"count": days})
    return flags


def _pairs(this, before, fields):
    """The boxes in which either side says something."""
    pairs = []
    for name in fields:
        old, new = getattr(before, name) if before else "", getattr(this, name)
        if old.strip() or new.strip():
            pairs.append(Pair(str(this._meta.get_field(name).verbose_name), *sides(old, new)))
    return pairs


def sides(before, now):
    """Both texts as HTML that is safe to show, with the words that only one of them has marked as <del> or <ins>."""
    old, new = _words(before), _words(now)
    if not before.strip() or not now.strip() or len(old) + len(new) > MOST_WORDS:
        return format_html("{}", before), format_html("{}", now)
    steps = _steps(old, new)
    return (
        format_html_join("", "{}", ((_marked("del", same, old[i:j]),) for same, i, j, _k, _l in steps)),
        format_html_join("", "{}", ((_marked("ins", same, new[k:end]),) for same, _i, _j, k, end in steps)),
    )


def _steps(old, new):
    """[(same, from, to, from, to)]; changes with nothing but a space between them are one change, as a reader sees it."""
    steps = []
    for verb, i, j, k, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = verb == "equal" and (not steps or bool("".join(old[i:j]).strip()))
        if steps and steps[-1][0] == same:
            _same, first, _j, begin, _end = steps.pop()
            steps.append((same, first, j, begin, end))
        else:
            steps.append((same, i, j, k, end))
    return steps


def _words(text):
    """Words, marks and the spaces between them, so that joining them gives the text back."""
    return re.findall(r"\s+|\w+|[^\w\s]+", text)


def _marked(tag, same, words):
    """The words in their mark, with the spaces around them left outside it."""
    text = "".join(words)
    core = text.strip()
    if same or not core:
        return text
    before, after = text[: text.index(core)], text[text.index(core) + len(core) :]
    return format_html("{0}<{1}>{2}</{1}>{3}", before, tag, core, after)


# Deciding -----------------------------------------------------------------------------------------------------------
def accept(report, by, now, today, seen=None):
    """Receives the report and tells its people. `seen` is the submission that the consolidator had before her (its mark)."""
    with transaction.atomic():
        _refuse_another(report, seen)
        report.accept(by, now)
        subject = format_lazy(gettext_lazy("Accepted: {cycle}, {agency}"), cycle=report.cycle, agency=report.agency_name)
        _tell(report, "accepted", subject, today, {"by": by, "now": now})


def send_back(report, by, reason, now, today, redo=(), seen=None):
    """Returns the report and tells its people why, row by row where rows are to be redone."""
    with transaction.atomic():
        _refuse_another(report, seen)
        report.send_back(by, reason, now, redo)
        rows = report.rows.in_order().filter(pk__in=redo).select_related("task")
        subject = format_lazy(gettext_lazy("Sent back: {cycle}, {agency}"), cycle=report.cycle, agency=report.agency_name)
        _tell(report, "returned", subject, today, {"by": by, "now": now, "rows": list(rows)})


def mark_of(report):
    """What tells one submission of a report from the next."""
    return report.submitted_at.isoformat() if report.submitted_at else ""


def _refuse_another(report, seen):
    """Refuses to decide on a submission that nobody has read: it was taken back, changed and sent in again meanwhile."""
    if seen is None:
        return
    held = AgencyReport.objects.held(report.pk)
    if mark_of(held) != seen:
        raise ValidationError(
            _("The agency sent the report in again after you opened this page. Read it again below."), code="again"
        )


def people_of(report, today):
    """Active officers and signers of the agency that bears the duty today, each once."""
    heir = Succession.objects.heirs(today).get(report.agency_id, report.agency_id)
    duties = Membership.objects.active(today).filter(agency_id=heir).select_related("user")
    return list({duty.user_id: duty.user for duty in duties}.values())


def _tell(report, event, subject, today, context):
    """One mail to each of the agency's people. The time is in the key: the next decision is another occasion."""
    for person in people_of(report, today):
        key = f"{event}:{report.pk}:{context['now']:%Y%m%d%H%M%S%f}:{person.pk}"
        mail.queue(key, person, subject, f"report_{event}", {"report": report, "cycle": report.cycle} | context)


def waiting_beside(report):
    """The reports before and after this one among those of its cycle that wait for acceptance."""
    waiting = AgencyReport.objects.filter(cycle=report.cycle_id, state=AgencyReport.State.SUBMITTED).exclude(pk=report.pk)
    waiting = list(waiting.select_related("agency").order_by("agency__sort_key"))
    key = report.agency.sort_key
    before = [it for it in waiting if it.agency.sort_key < key]
    after = [it for it in waiting if it.agency.sort_key >= key]
    return (before[-1] if before else None), (after[0] if after else None), len(waiting)
