"""The draft of the consolidated report: begun from the agencies' reports, filled again as they change, edited by people."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from tasks import figures, prefill, report_words
from tasks.models import ConsolidatedReport, ReportingCycle, ReportParagraph

# What a new edition takes over from the one before it; number and date are its own.
HEAD = ["symbol", "place", "addressee", "signing_as", "signatory_title", "signatory_name", "recipients"]


def start(cycle, by, today, now):
    """The cycle's draft: the one that is there, else a new edition, made from the last issued one if there is one."""
    _refuse_others(by)
    with transaction.atomic():
        ReportingCycle.objects.select_for_update().get(pk=cycle.pk)
        draft = cycle.consolidated_reports.drafts().first()
        if draft:
            return draft
        if cycle.state == ReportingCycle.State.PLANNED:
            raise ValidationError(_("This cycle is not open yet, so there is nothing to consolidate."), code="planned")
        last = cycle.consolidated_reports.order_by("edition").last()
        draft = ConsolidatedReport(cycle=cycle, edition=last.edition + 1 if last else 1, recipients=report_words.RECIPIENTS)
        if last:
            for name in HEAD:
                setattr(draft, name, getattr(last, name))
        draft._history_user, draft._history_date = by, now
        draft.save()
        if last:
            _copy(last, draft, by, now)
        else:
            refill(draft, by, today, now)
    return draft


def _copy(last, draft, by, now):
    copies = [
        ReportParagraph(
            report=draft,
            updated_by=one.updated_by,
            updated_at=one.updated_at,
            **{
                name: getattr(one, name) for name in ("section", "position", "slot", "prefilled", "text", "sources", "is_removed")
            },
        )
        for one in last.paragraphs.all()
    ]
    bulk_create_with_history(copies, ReportParagraph, default_user=by, default_date=now)
    draft.prepared_at = last.prepared_at
    draft.save()


@dataclass(frozen=True)
class Refilled:
    added: int
    changed: int
    dropped: int
    kept: int  # edited by people, with something new beside them


def refill(report, by, today, now):
    """Brings what nobody touched up to date. A person's text is never overwritten: the new one is shown beside it."""
    _refuse_others(by)
    with transaction.atomic():
        report = ConsolidatedReport.objects.select_for_update(of=("self",)).select_related("cycle__plan").get(pk=report.pk)
        if report.is_issued:
            raise ValidationError(
                _("This edition is issued and never changes. Start a new edition to correct it."), code="issued"
            )
        suggestions = prefill.suggest(figures.load(report.cycle, today))
        done = _merge(report, suggestions, by, now)
        report.prepared_at = now
        report._history_user, report._history_date = by, now
        report.save()
    return done


def _merge(report, suggestions, by, now):
    there = list(report.paragraphs.order_by("section", "position", "pk"))
    by_slot = {paragraph.slot: paragraph for paragraph in there if paragraph.slot}
    wanted = {one.slot: one for one in suggestions}
    dropped = [p for slot, p in by_slot.items() if slot not in wanted and not p.is_edited]
    changed, kept = [], 0
    for slot, paragraph in by_slot.items():
        one = wanted.get(slot)
        if one is None or (one.text, one.sources) == (paragraph.prefilled, paragraph.sources):
            continue
        if paragraph.is_edited:
            kept += 1
            continue
        paragraph.text = paragraph.prefilled = one.text
        paragraph.sources = one.sources
        paragraph.revision += 1
        paragraph.updated_by, paragraph.updated_at = by, now
        changed.append(paragraph)
    fresh = _placed(there, dropped, suggestions, report)
    for paragraph in dropped:
        paragraph._history_user, paragraph._history_date = by, now
        paragraph.delete()
    bulk_update_with_history(
        changed,
        ReportParagraph,
        ["text", "prefilled", "sources", "revision", "updated_by", "updated_at"],
        default_user=by,
        default_date=now,
    )
    bulk_create_with_history(fresh, ReportParagraph, default_user=by, default_date=now)
    return Refilled(len(fresh), len(changed), len(dropped), kept)


def _placed(there, dropped, suggestions, report):
    """New paragraphs, each put behind the suggestion before it; the places of a section are counted afresh."""
    gone = {paragraph.pk for paragraph in dropped}
    order = defaultdict(list)
    for paragraph in there:
        if paragraph.pk not in gone:
            order[paragraph.section].append(paragraph)
    known = {paragraph.slot for paragraph in there if paragraph.slot}
    fresh, before = [], None
    for one in suggestions:
        if one.slot not in known:
            new = ReportParagraph(
                report=report, section=one.section, slot=one.slot, text=one.text, prefilled=one.text, sources=one.sources
            )
            line = order[one.section]
            slots = [paragraph.slot for paragraph in line]
            line.insert(slots.index(before) + 1 if before in slots else 0, new)
            fresh.append(new)
        before = one.slot
    moved = []
    for line in order.values():
        for place, paragraph in enumerate(line):
            if paragraph.position != place:
                paragraph.position = place
                if paragraph.pk:
                    moved.append(paragraph)
    ReportParagraph.objects.bulk_update(moved, ["position"])  # where a paragraph stands is not part of its history
    return fresh


def add(report, section, by, now):
    """An empty paragraph of one's own at the end of a section."""
    if section not in {key for key, *_rest in report_words.sections(report.cycle.kind)}:
        raise ValidationError(_("This report has no such section."))
    last = report.paragraphs.filter(section=section).aggregate(last=Max("position"))["last"]
    paragraph = ReportParagraph(
        report=report, section=section, position=0 if last is None else last + 1, updated_by=by, updated_at=now
    )
    paragraph._history_user, paragraph._history_date = by, now
    paragraph.save()
    return paragraph


def move(paragraph, up):
    """One place up or down; from the edge of a section into the neighbouring one. False at the very edge of the report."""
    with transaction.atomic():
        report = ConsolidatedReport.objects.select_for_update().get(pk=paragraph.report_id)
        sections = [key for key, *_rest in report_words.sections(report.cycle.kind)]
        line = list(report.paragraphs.filter(section=paragraph.section).order_by("position", "pk"))
        place = line.index(paragraph)
        paragraph = line[place]  # as it is now: the one that came along may have been written into meanwhile
        if 0 <= place + (-1 if up else 1) < len(line):
            line.insert(place + (-1 if up else 1), line.pop(place))
            return _stand(line)
        at = sections.index(report_words.home_of(paragraph.section, report.cycle.kind)) + (-1 if up else 1)
        if not 0 <= at < len(sections):
            return False
        _stand(line[:place] + line[place + 1 :])
        other = list(report.paragraphs.filter(section=sections[at]).order_by("position", "pk"))
        paragraph.section = sections[at]
        paragraph.save()
        return _stand([*other, paragraph] if up else [paragraph, *other])


def _stand(line):
    for place, paragraph in enumerate(line):
        paragraph.position = place
    ReportParagraph.objects.bulk_update(line, ["position"])
    return True


@dataclass(frozen=True)
class News:
    """What today's rows say where a paragraph says something else; no suggestion if they no longer say anything."""

    suggestion: prefill.Suggestion | None


def news(paragraphs, suggestions):
    """{paragraph id: News} for every paragraph whose rows changed after it was drafted."""
    wanted = {one.slot: one for one in suggestions}
    return {
        paragraph.pk: News(wanted.get(paragraph.slot))
        for paragraph in paragraphs
        if paragraph.slot
        and (paragraph.slot not in wanted or wanted[paragraph.slot].text != paragraph.prefilled)
        and not (paragraph.slot not in wanted and paragraph.is_removed)
    }


def unplaced(paragraphs, suggestions):
    """How many sentences the rows now give that the draft has no place for yet: refilling adds them."""
    known = Counter(paragraph.slot for paragraph in paragraphs)
    return [one for one in suggestions if one.slot not in known]


def _refuse_others(by):
    if not by.is_consolidator:
        raise PermissionDenied("Only a consolidator drafts the consolidated report.")
