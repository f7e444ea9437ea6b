"""Which entries may be one firm: how alike two are, with the reasons, and likely pairs in a list without comparing all with all.

The cascade of certainty is tax code, project code, name and zone; what is merely alike is for a person to decide. Names in which
the numbers differ (ICT Vina, ICT Vina II) are never alike."""

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from firms.models import Firm, FirmName, Zone
from firms.names import firm_key, numbers_of

LIKELY = 84  # points of 100 from which on two names are put before a person
COMMON_WORD = 10  # a word that more names share says little
COMMON_REST = 30  # so does a name's rest without one word
REASONS = {
    "same_code": _("same registry number"),
    "same_tax_code": _("same tax code {code}"),
    "same_project": _("same project code {code}"),
    "same_name": _("same name"),
    "same_name_and_zone": _("same name, same zone"),
    "similar_name": _("names {percent}% alike"),
    "name_within": _("one name is contained in the other"),
    "same_zone": _("same zone"),
    "other_zone": _("another zone"),
    "other_tax_code": _("another tax code ({code})"),
    "other_name": _("but quite another name ({name})"),
    "branch": _("one is a branch of the other by its tax code"),
}


def tell(reasons):
    """Reasons as words in the reader's language: [["similar_name", {"percent": 91}]] -> ["names 91% alike"]."""
    return [str(REASONS[key]).format(**values) for key, values in reasons]


class Entry(NamedTuple):
    """A firm as far as likeness goes: stored (id is its key) or a row of a file (id is minus the row's number)."""

    id: int
    keys: tuple  # firm_key of each of its names, the main one first
    zone: str = ""  # code of its zone; a part of a zone counts as the whole
    tax_code: str = ""


class Likeness(NamedTuple):
    score: int  # 0-100; 0: certainly two firms
    reasons: list


NOT_ALIKE = Likeness(0, [])


@lru_cache(maxsize=65536)
def numbers_in(key):
    return numbers_of(key)


def entry_of(firm, wholes=None):
    """The entry of a stored firm; `other_names` may be prefetched. `wholes` are {zone id: code of the whole zone}."""
    keys = [firm.name_key, firm_key(firm.name_en), *(name.name_key for name in firm.other_names.all())]
    wholes = whole_zones() if wholes is None else wholes
    return Entry(firm.pk, tuple(dict.fromkeys(filter(None, keys))), wholes.get(firm.zone_id, ""), firm.tax_code or "")


def whole_zones():
    """{zone id: code of the zone, or of the whole one of which it is a part}."""
    rows = Zone.objects.values_list("pk", "code", "kind", "parent__code")
    return {pk: parent if kind in Zone.PARTS and parent else code for pk, code, kind, parent in rows}


def similarity(first, second):
    """How alike two entries are, with reasons."""
    if first.tax_code and second.tax_code:
        if first.tax_code == second.tax_code:
            return Likeness(100, [["same_tax_code", {"code": first.tax_code}]])
        if first.tax_code[:10] != second.tax_code[:10]:
            return NOT_ALIKE
    score, reason = max((_names(one, other) for one in first.keys for other in second.keys), default=(0, None))
    if not reason:
        return NOT_ALIKE
    reasons = [[reason, {"percent": score} if reason == "similar_name" else {}]]
    if first.tax_code and second.tax_code:
        reasons.append(["branch", {}])
        score = min(score, 90)
    if first.zone and second.zone:
        same = first.zone == second.zone
        reasons.append(["same_zone" if same else "other_zone", {}])
        score = min(score + 3, 100) if same else score - 6
    return Likeness(max(score, 0), reasons)


def _names(one, other):
    """(points, reason) of two keys; no reason where the numbers in them differ."""
    if one == other:
        return 100, "same_name"
    if numbers_in(one) != numbers_in(other):
        return 0, None
    score = max(
        fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other), fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    )
    words, others = set(one.split()), set(other.split())
    if (words <= others or others <= words) and min(len(one), len(other)) >= 3 and score < 88:
        return 88, "name_within"
    return (min(round(score), 99), "similar_name") if score >= 60 else (0, None)


class Likely:
    """Entries found again by what a slip leaves untouched: a rare word, or all words but one, or all letters but one."""

    def __init__(self):
        self.entries, self.found = {}, defaultdict(list)

    def add(self, entry):
        self.entries[entry.id] = entry
        found = self.found
        for key in entry.keys:
            for trace in _traces(key):
                found[trace].append(entry.id)

    def near(self, entry, least=LIKELY):
        """[(id, Likeness)] of entries that may be the same firm, the most alike first."""
        ids = set()
        for key in entry.keys:
            for trace in _traces(key):
                ones = self.found.get(trace)
                if ones and len(ones) <= (COMMON_WORD if type(trace) is str else COMMON_REST):
                    ids.update(ones)
        ids.discard(entry.id)
        alike = [(one, similarity(entry, self.entries[one])) for one in ids]
        return sorted((pair for pair in alike if pair[1].score >= least), key=lambda pair: (-pair[1].score, pair[0]))


def _traces(key):
    """Words as texts, rests as numbers (hashes are smaller than the tuples)."""
    words = sorted(key.split())
    traces = [word for word in words if len(word) > 2]
    traces.append(hash(tuple(words)))
    if len(words) > 1:
        traces.extend(hash((*words[:place], *words[place + 1 :])) for place in range(len(words)))
    whole = "".join(key.split())
    traces.append(hash(whole))
    if len(words) <= 2 and 4 <= len(whole) <= 16:
        traces.extend(hash(whole[:place] + whole[place + 1 :]) for place in range(len(whole)))
    return traces


def candidates(entries):
    """(first id, second id, Likeness) of each likely pair of a list, each pair once."""
    likely = Likely()
    for entry in entries:
        for other, likeness in likely.near(entry):
            yield other, entry.id, likeness
        likely.add(entry)


class Registry:
    """The registry's firms as an upload looks for them, read at once: by number, tax code, project, name and zone."""

    def __init__(self):
        self.codes, self.tax_codes, self.projects, self.project_ids = {}, {}, {}, {}
        self.names, self.merged, self.labels = defaultdict(list), {}, {}
        wholes = whole_zones()
        self.wholes = {code: wholes[pk] for pk, code in Zone.objects.values_list("pk", "code")}
        others = defaultdict(list)
        for pk, key in FirmName.objects.values_list("firm_id", "name_key"):
            others[pk].append(key)
        self.entries = {}
        rows = Firm.objects.values_list("pk", "code", "tax_code", "name", "name_key", "name_en", "zone_id", "merged_into_id")
        for pk, code, tax_code, name, key, name_en, zone, merged in rows.iterator(chunk_size=5000):
            self.codes[code] = pk
            if merged:
                self.merged[pk] = merged
                if tax_code:
                    self.tax_codes[tax_code] = pk
                continue
            if tax_code:
                self.tax_codes[tax_code] = pk
            keys = [key, *([firm_key(name_en)] if name_en and name_en != name else []), *others.get(pk, ())]
            entry = Entry(pk, tuple(dict.fromkeys(filter(None, keys))), wholes.get(zone, ""), tax_code or "")
            self.entries[pk], self.labels[pk] = entry, name
            for one in entry.keys:
                self.names[one].append(pk)
        self._likely = None

    def add_projects(self, rows):
        """(pk, firm, code) of the projects."""
        for pk, firm, code in rows:
            self.project_ids[pk] = firm
            if code:
                self.projects[code] = (pk, firm)

    def standing(self, pk):
        """The firm that an entry was merged into, or itself."""
        while pk in self.merged:
            pk = self.merged[pk]
        return pk

    @property
    def likely(self):
        if self._likely is None:
            self._likely = Likely()
            for entry in self.entries.values():
                self._likely.add(entry)
        return self._likely


def pairs_of_stored(firms):
    """Likely pairs among stored firms: (pk, pk, Likeness) with the smaller key first."""
    wholes = whole_zones()
    for first, second, likeness in candidates(entry_of(firm, wholes) for firm in firms):
        yield min(first, second), max(first, second), likeness
