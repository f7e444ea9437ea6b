"""An entry as its editor reads it: every part with what it says, what it lacks, and where it is written."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse

from firms import doubts, matching, pairs, registry, story
from firms.fieldwords import columns, described, is_blank, label_of, shown
from firms.forms import FIRM_PARTS
from firms.forms_rows import FIRM_ROWS, PAGES
from firms.forms_zone import ZONE_PARTS, ZONE_ROWS
from firms.models import Certificate, Firm, FirmMerge
from firms.names import firm_key, words_of

LONG = {"intro", "intro_en", "infrastructure", "infrastructure_en", "incentives", "incentives_en", "note"}
ALIKE = 5


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    doubt: str = ""
    is_long: bool = False
    links: tuple = ()  # sources that are addresses


@dataclass(frozen=True)
class Row:
    words: str
    url: str = ""
    gaps: tuple = ()
    inner: tuple = ()  # rows below it, in words
    sources: tuple = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Section:
    """A part of an entry: facts, or rows; `missing` names the fields that say nothing."""

    key: str
    title: str
    url: str
    facts: list = field(default_factory=list)
    missing: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    add_url: str = ""
    add_words: str = ""
    has_rows: bool = False


def firm_context(firm, now):
    sections = [_facts(firm, key, title, form, "firm_part") for key, (title, form) in FIRM_PARTS.items()]
    sections[2:2] = [_pages(firm, page) for page in PAGES.values()]
    sections[-1:-1] = [_rows(firm, kind, "firm_part") for kind in FIRM_ROWS.values()]
    merges = FirmMerge.objects.filter(Q(kept=firm) | Q(merged=firm), undone_at=None).select_related("kept", "merged")
    return _shared(firm, sections, story.of_firm(firm), registry.gone_rows(story.OF_FIRM, firm_id=firm.pk)) | {
        "firm": firm,
        "merges": list(merges),
        "pairs": [
            (pair.second if pair.first_id == firm.pk else pair.first, pair)
            for pair in pairs.queue().filter(Q(first=firm) | Q(second=firm)).select_related("first", "second")
        ],
        "now": now,
    }


def zone_context(zone):
    sections = [_facts(zone, key, title, form, "zone_part") for key, (title, form) in ZONE_PARTS.items()]
    sections[1:1] = [_rows(zone, kind, "zone_part") for kind in ZONE_ROWS.values()]
    return _shared(zone, sections, story.of_zone(zone), registry.gone_rows(story.OF_ZONE, zone_id=zone.pk)) | {
        "zone": zone,
        "firms": Firm.objects.current().filter(zone=zone).count(),
    }


def _shared(entry, sections, events, gone):
    return {"entry": entry, "entry_sections": sections, "events": events, "gone": gone, "doubt": registry.doubt_of(entry)}


def _facts(entry, key, title, form, view):
    names = [name for name in form.base_fields if name != "unsure"]
    facts = [_fact(entry, name) for name in names if not is_blank(entry, name) or name == "is_public"]
    missing = [label_of(entry, name) for name in names if is_blank(entry, name) and name != "is_public"]
    if key == "source":  # doubts about what is blank have no place of their own
        unsaid = [(name, why) for name, why in entry.unsure.items() if name not in columns(entry) or is_blank(entry, name)]
        facts += [Fact(label_of(entry, name), "", str(doubts.REASONS.get(why, why))) for name, why in unsaid]
    return Section(key, title, reverse(view, args=[entry.code, key]), facts, missing)


def _fact(entry, name):
    value, links = shown(entry, name), ()
    if name == "source":
        links, value = tuple(entry.sources), ""
    elif name == "outline":
        value = entry.outline["type"]
    why = entry.unsure.get(name, "")
    return Fact(label_of(entry, name), value, str(doubts.REASONS.get(why, why)), name in LONG, links)


def _rows(entry, kind, view):
    rows = [Row(described(row, kind.fields), sources=tuple(getattr(row, "sources", ()) or ())) for row in kind.rows(entry)]
    url = reverse(view, args=[entry.code, kind.key])
    return Section(kind.key, kind.title, url, rows=rows, add_words=kind.add_words, has_rows=True)


def _pages(firm, page):
    certificates = {}
    if page.inner:
        for certificate in Certificate.objects.filter(firm=firm).order_by("amendment", "pk"):
            certificates.setdefault(certificate.project_id, []).append(certificate)
    rows = []
    for row in page.model.objects.filter(firm=firm).order_by("pk"):
        inner = certificates.get(row.pk, [])
        rows.append(
            Row(
                row.title,
                reverse("firm_row", args=[firm.code, page.key, row.pk]),
                tuple(registry.gaps(row, inner)) if page.inner else (),
                tuple(described(one, page.inner.fields) for one in inner),
                tuple(row.sources),
                not row.is_public,
            )
        )
    add_url = reverse("firm_row_new", args=[firm.code, page.key])
    return Section(page.key, page.title, "", rows=rows, add_url=add_url, add_words=page.add_words, has_rows=True)


def alike(name, name_en="", tax_code=""):
    """Entries that may be the firm that somebody is about to enter: [(firm, reasons in words)]."""
    words = [word for text in (name, name_en) for word in words_of(text or "") if len(word) > 2]
    condition = Q(pk__in=[])
    for word in dict.fromkeys(words):
        condition |= Q(search_text__contains=word)
    if not words:
        return []
    wholes = matching.whole_zones()
    new = matching.Entry(
        0, tuple(filter(None, dict.fromkeys([firm_key(name or ""), firm_key(name_en or "")]))), "", tax_code or ""
    )
    found = []
    for firm in Firm.objects.current().filter(condition).prefetch_related("other_names")[:500]:
        likeness = matching.similarity(new, matching.entry_of(firm, wholes))
        if likeness.score >= matching.LIKELY:
            found.append((likeness.score, firm, matching.tell(likeness.reasons)))
    found.sort(key=lambda it: (-it[0], it[1].pk))
    return [(firm, reasons) for _score, firm, reasons in found[:ALIKE]]
