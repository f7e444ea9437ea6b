"""Files of a shortlist, in both languages: what goes in, asking for one, making it in the background, forgetting it.

What has been asked for and how far it is stands in the database. The same content is made once, whoever asks for it."""

import hashlib
import json
import logging
import uuid
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from firms import facts
from firms import shortlist as lists
from firms.documents import html, xlsx
from firms.models import Dossier
from parkportal.documents import pdf

LANGUAGES = ("vi", "en")
LEASE = timedelta(minutes=2)  # a worker silent for longer is taken for dead
KEPT = timedelta(days=14)
FAILURES = {
    "libraries": _("This server lacks what PDF files are made with. Take the Excel file instead: it holds the same facts."),
    "storage": _("The file could not be stored. Ask for it once more in a while."),
    "layout": _("The file could not be laid out. The administrator finds the reason in the log; the other format may work."),
}

log = logging.getLogger(__name__)


# What goes in -----------------------------------------------------------------------------------------------------------
def content(entries, today):
    """Everything that is printed, as plain values; a text is a pair [Vietnamese, English]. Empty where nothing was found."""
    both = [_profiles(entries, language, today) for language in LANGUAGES]
    if not both[0]:
        return {}
    officers, sources = {}, {}
    shown = [_entry(pair, officers, sources) for pair in zip(*both, strict=True)]
    return {
        "made_on": today.isoformat(),
        "is_demonstration": settings.DEMONSTRATION,
        "address": settings.SITE_URL,
        "list_url": _list_url(both[0]),
        "entries": shown,
        "officers": list(officers.values()),
        "sources": list(sources.values()),
    }


def _profiles(entries, language, today):
    with translation.override(language):
        found = lists.find(entries, facts.FIRMS, facts.ZONES)
        around = facts.Around(today)
        profiles = facts.firm_profiles(found.firms, around) + facts.zone_profiles(found.zones, around)
        return [json.loads(json.dumps(asdict(profile), default=str)) for profile in profiles]


def _list_url(profiles):
    with translation.override("vi"):
        query = "&".join(f"{profile['kind']}={profile['code']}" for profile in profiles)
        return f"{settings.SITE_URL}{reverse('shortlist')}?{query}"


def _entry(pair, officers, sources):
    """One firm or zone in both languages; its officer and its sources are numbered over the whole dossier."""
    first, second = pair
    entry = {
        "kind": first["kind"],
        "code": first["code"],
        "title": _both(first, second, "title"),
        "url": [f"{settings.SITE_URL}{profile['url']}" for profile in pair],
        "is_demonstration": first["is_demonstration"],
        "officer": None,
        "facts": [_fact(*facts_of, sources) for facts_of in zip(first["facts"], second["facts"], strict=True)],
    }
    if first["officer"]:
        one = {name: _both(first["officer"], second["officer"], name) for name in first["officer"]}
        entry["officer"] = officers.setdefault(first["officer"]["key"], one | {"number": len(officers) + 1})["number"]
    return entry


def _fact(first, second, sources):
    lines = [_line(*lines, sources) for lines in zip(first["lines"], second["lines"], strict=True)]
    if first["key"] == "sources":
        lines = [line | {"refs": [_number(line["text"][0], None, sources)]} for line in lines]
    return {
        "key": first["key"],
        "label": _both(first, second, "label"),
        "lines": lines,
        "number": first["number"],
        "amounts": first["amounts"],
        "is_long": first["is_long"],
    }


def _line(first, second, sources):
    origin = first["origin"] or {"sources": []}
    return {
        "text": _both(first, second, "text"),
        "doubt": _both(first, second, "doubt"),
        "url": first["url"],
        "refs": [
            _number(source, second["origin"] and [first["origin"], second["origin"]], sources) for source in origin["sources"]
        ],
    }


def _number(source, origins, sources):
    """The source's number in the dossier; with the day it speaks of and the day it was read, where a line says so."""
    origin = {name: [one[name] for one in origins] if origins else ["", ""] for name in ("as_of", "read_on")}
    known = sources.setdefault(source, {"number": len(sources) + 1, "text": source} | origin)
    for name, words in origin.items():
        if not any(known[name]):
            known[name] = words
    return known["number"]


def _both(first, second, name):
    return [str(first[name]), str(second[name])]


def digest(content):
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# Asking for one ---------------------------------------------------------------------------------------------------------
def formats():
    """[(value, label, why it cannot be made here)]."""
    return [(value, label, why_not(value)) for value, label in Dossier.Format.choices]


def why_not(format):
    return pdf.why_not() if format == Dossier.Format.PDF else ""


def made_before(wanted, format, now):
    """The file of this content if it is there or being made: asking for it again costs nothing."""
    dossier = Dossier.objects.filter(sha256=digest(wanted), format=format).first()
    return dossier if dossier and _is_usable(dossier, now) else None


def ask(wanted, format, now):
    """The file of this content, queued now unless it is there or in somebody's hands."""
    with transaction.atomic():
        dossier, is_new = Dossier.objects.select_for_update().get_or_create(
            sha256=digest(wanted),
            format=format,
            defaults={"number": uuid.uuid4(), "content": wanted, "asked_at": now},
        )
        if is_new:
            return dossier
        dossier.asked_at = now
        if not _is_usable(dossier, now):
            dossier.state, dossier.percent, dossier.error, dossier.claimed_until = Dossier.State.QUEUED, 0, "", None
        dossier.save()
    return dossier


def _is_usable(dossier, now):
    """Waiting, in the hands of a worker that is heard of, or made and still on the disk."""
    if dossier.state == Dossier.State.READY:
        return default_storage.exists(dossier.file.name)
    is_unfinished = dossier.state in (Dossier.State.QUEUED, Dossier.State.RUNNING)
    return is_unfinished and not (dossier.claimed_until and dossier.claimed_until < now)


# Making it --------------------------------------------------------------------------------------------------------------
def make(pk, clock):
    """Makes the file unless another worker has it."""
    now = clock()
    claimed = Dossier.objects.claimable(now).filter(pk=pk)
    if not claimed.update(state=Dossier.State.RUNNING, claimed_until=now + LEASE, percent=10, error=""):
        return
    dossier = Dossier.objects.get(pk=pk)
    try:
        made = _made(dossier, clock)
        name = _store(f"dossiers/{now:%Y}/{dossier.number}.{dossier.format}", made)
    except pdf.NotPossibleHere as reason:
        _fail(dossier, "libraries", reason)
    except OSError as reason:
        _fail(dossier, "storage", reason)
    except Exception as reason:  # whatever goes wrong in somebody else's library is told in words and kept in the log
        _fail(dossier, "layout", reason)
    else:
        Dossier.objects.filter(pk=pk).update(state=Dossier.State.READY, percent=100, file=name, claimed_until=None)


def _made(dossier, clock):
    if dossier.format == Dossier.Format.XLSX:
        return xlsx.make(dossier.content)
    page = html.page(dossier.content)
    Dossier.objects.filter(pk=dossier.pk).update(percent=40, claimed_until=clock() + LEASE)
    return pdf.make(page, html.css())


def _fail(dossier, failure, reason):
    log.error("Dossier %s (%s) failed: %s", dossier.pk, dossier.format, reason, exc_info=reason)
    Dossier.objects.filter(pk=dossier.pk).update(state=Dossier.State.FAILED, error=failure, claimed_until=None)


def _store(name, made):
    """The file under exactly this name, in place of what a worker that died while writing may have left there."""
    if default_storage.exists(name):
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(made))


def unfinished(now):
    """Those that no worker has in hand: to be handed out again."""
    return list(Dossier.objects.claimable(now).filter(asked_at__lt=now - timedelta(minutes=1)).values_list("pk", flat=True))


def forget_old(now):
    """Deletes what nobody asked for in a fortnight, file and row."""
    for dossier in Dossier.objects.filter(asked_at__lt=now - KEPT):
        if dossier.file:
            default_storage.delete(dossier.file.name)
        dossier.delete()


def file_name(dossier):
    """ho-so-dau-tu-2026-12-02.pdf."""
    return f"ho-so-dau-tu-{dossier.content['made_on']}.{dossier.format}"
