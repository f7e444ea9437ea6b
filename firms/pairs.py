"""Likely pairs: entries that look like one firm, found by night, put before a person once, and her verdict remembered."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from firms import matching
from firms.merging import final_of
from firms.models import Firm, LikelyPair

# One run puts at most so many new pairs before people: the likeliest first, the rest on another night.
MOST_NEW = 500


def queue():
    """Pairs that wait for a word, of firms that both still stand for themselves."""
    return LikelyPair.objects.filter(
        verdict=LikelyPair.Verdict.OPEN, first__merged_into__isnull=True, second__merged_into__isnull=True
    )


def find(now, changed_since=None, most=MOST_NEW):
    """Looks for likely pairs among all firms, or only those of firms touched since a moment. Number of new pairs."""
    wholes = matching.whole_zones()
    firms = Firm.objects.current().prefetch_related("other_names").order_by("pk")
    likely, chosen = matching.Likely(), []
    for firm in firms.iterator(chunk_size=2000):
        entry = matching.entry_of(firm, wholes)
        likely.add(entry)
        if changed_since is None or firm.touched_at >= changed_since:
            chosen.append(entry)
    found = {}
    for entry in chosen:
        for other, likeness in likely.near(entry):
            found[min(entry.id, other), max(entry.id, other)] = likeness
    with transaction.atomic():
        _forget_unlike({entry.id for entry in chosen}, found)
        return _remember(found, now, most)


def _forget_unlike(looked_at, found):
    """An open question whose two names have been corrected meanwhile is none any more."""
    unlike = [
        pair.pk
        for pair in LikelyPair.objects.filter(verdict=LikelyPair.Verdict.OPEN)
        if (pair.first_id in looked_at or pair.second_id in looked_at) and (pair.first_id, pair.second_id) not in found
    ]
    LikelyPair.objects.filter(pk__in=unlike).delete()


def _remember(found, now, most):
    known = {(pair.first_id, pair.second_id): pair for pair in LikelyPair.objects.all()}
    apart = _told_apart()
    news, changed = [], []
    for key, likeness in sorted(found.items(), key=lambda it: (-it[1].score, it[0])):
        pair = known.get(key)
        if pair is None and frozenset(key) not in apart:
            news.append(
                LikelyPair(first_id=key[0], second_id=key[1], score=likeness.score, reasons=likeness.reasons, found_at=now)
            )
        elif (
            pair and pair.verdict == LikelyPair.Verdict.OPEN and (pair.score, pair.reasons) != (likeness.score, likeness.reasons)
        ):
            pair.score, pair.reasons = likeness.score, likeness.reasons
            changed.append(pair)
    news = news[:most]
    LikelyPair.objects.bulk_create(news, ignore_conflicts=True, batch_size=500)
    LikelyPair.objects.bulk_update(changed, ["score", "reasons"], batch_size=500)
    return len(news)


def _told_apart():
    """Pairs of today's firms of which somebody has said that they are two: also where an entry was merged since."""
    different = LikelyPair.objects.filter(verdict=LikelyPair.Verdict.DIFFERENT)
    merged = different.filter(Q(first__merged_into__isnull=False) | Q(second__merged_into__isnull=False))
    pairs = merged.select_related("first__merged_into", "second__merged_into")
    return {frozenset((final_of(pair.first).pk, final_of(pair.second).pk)) for pair in pairs}


def decide(pair, verdict, by, now):
    """Says that the two are two firms, or asks again (OPEN). That they are one is said by merging them."""
    with transaction.atomic():
        pair = LikelyPair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
        if pair.verdict == verdict:
            return pair
        if pair.verdict == LikelyPair.Verdict.SAME:
            raise ValidationError(_("These two have been merged meanwhile. Undo the merge to tell them apart again."))
        is_open = verdict == LikelyPair.Verdict.OPEN
        pair.verdict, pair.decided_by, pair.decided_at = verdict, None if is_open else by, None if is_open else now
        pair.save()
    return pair
