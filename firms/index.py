"""The directory in memory: which firms have which property, which words say it, and in what order they stand.

A set of firms is one whole number with a bit for each firm, so that combining filters and counting a value take microseconds
at a hundred thousand firms, on SQLite as on PostgreSQL and with the same answers. Every process holds its own copy, reads it
from the database the first time it is asked, and afterwards only those firms whose `touched_at` is another one, whenever the
directory's Edition has turned. Nothing is stored here that the database does not say."""

import threading
import time
from array import array
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from firms import entries
from firms.models import Edition, Firm
from parkportal.bitsets import Shelf, to_bits
from parkportal.text import WORD, fold

# Where a word may stand, the heaviest first: what a hit there is called stands in firms.filters.
FIELDS = ("name", "capability", "about")
PHRASES = FIELDS[:2]  # there, each pair of neighbours ("co khi") is kept as a word: a phrase is a chain of such pairs
LOOK_AGAIN = 300  # seconds after which every firm's stamp is compared even if no edition was turned (a process died in between)
MOST_SLIPS = 8  # spellings that one mistyped word may stand for


class Index(Shelf):
    """One process's copy. `entry` of a firm is what firms.entries.read() gives: its values by facet, its texts, its ranks."""

    orders = entries.ORDERS

    def __init__(self):
        self.lock = threading.RLock()
        self.edition, self.looked_at = None, 0.0
        self.clear()

    def clear(self):
        self.touched, self.surroundings = {}, None
        self.postings = {field: defaultdict(lambda: array("I")) for field in FIELDS}  # of changed firms: passed over, then swept
        super().clear()

    def settle(self):
        """What is derived from everything, made when it is next needed."""
        super().settle()
        self._vocabulary, self._bits = None, {}
        self.standing_for.cache_clear()

    # Keeping up ---------------------------------------------------------------------------------------------------------
    def fresh(self):
        """This index, as the database stands. One small query where nothing has changed."""
        token = None if connection.in_atomic_block else Edition.current()
        if token is not None and token == self.edition and time.monotonic() - self.looked_at < LOOK_AGAIN:
            return self
        with self.lock:
            self.catch_up()
            # What is seen inside a transaction may still be taken back.
            self.edition, self.looked_at = token, time.monotonic()
        return self

    def catch_up(self):
        """Reads the firms whose stamp is another one, and forgets those that are no longer public."""
        surroundings = entries.Surroundings.read()
        if surroundings != self.surroundings or self.forgotten > len(self.pks):
            self.clear()
            self.surroundings = surroundings
        stamps = dict(Firm.objects.public().order_by().values_list("pk", "touched_at"))
        if stamps == self.touched:
            return
        gone = [pk for pk in self.touched if pk not in stamps]
        changed = [pk for pk, stamp in stamps.items() if self.touched.get(pk) != stamp]
        for pk in gone + [pk for pk in changed if pk in self.slot_of]:
            self.forget(pk)
        for entry in entries.read(changed, surroundings):
            self.add(entry)
        self.touched = {pk: stamp for pk, stamp in stamps.items() if pk in self.slot_of}
        self.settle()

    def add(self, entry):
        slot = self.put(entry)
        for field in FIELDS:
            postings = self.postings[field]
            words = WORD.findall(entry.texts[field])
            if field in PHRASES:
                words += [f"{one} {two}" for one, two in pairwise(words)]
            for word in set(words):
                postings[word].append(slot)
        entry.texts.clear()  # kept as postings; the page reads its own firms' texts

    # Asking -------------------------------------------------------------------------------------------------------------
    def saying(self, word, field=None):
        """The firms in whose texts (or one of them) a word stands exactly so."""
        key = (word, field)
        if key not in self._bits:
            size, bits = len(self.pks), 0
            for one in [field] if field else FIELDS:
                if slots := self.postings[one].get(word):
                    bits |= to_bits(slots, size)
            if len(self._bits) > 500:
                self._bits.clear()
            self._bits[key] = bits & self.everything
        return self._bits[key]

    @property
    def vocabulary(self):
        """Every single word that stands anywhere, sorted."""
        if self._vocabulary is None:
            words = {word for postings in self.postings.values() for word in postings if " " not in word}
            self._vocabulary = sorted(words)
        return self._vocabulary

    @lru_cache(maxsize=2000)  # noqa: B019 (there is one index, and it lives as long as the process)
    def standing_for(self, word):
        """What a typed word is taken for: (itself,) if it stands anywhere, else words that begin so, else words one slip away.

        Numbers are taken as they are: a code that is nearly right is another firm's code."""
        vocabulary = self.vocabulary
        place = bisect_left(vocabulary, word)
        if vocabulary[place : place + 1] == [word]:
            return (word,)
        begun = []
        while place < len(vocabulary) and vocabulary[place].startswith(word) and len(begun) < 50:
            begun.append(vocabulary[place])
            place += 1
        if begun or len(word) < 3 or not word.isalpha():
            return tuple(begun)
        slips = 1 if len(word) < 8 else 2
        near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=MOST_SLIPS)
        return tuple(found for found, _distance, _place in near)

    def search(self, query):
        """(the firms that say every word, [sets of the better hits, the best first], {typed word: words it was taken for})."""
        typed = WORD.findall(fold(query))[:12]
        if not typed:
            return self.everything, [], {}
        meant = {word: self.standing_for(word) for word in typed}
        found = in_name = in_capability = self.everything
        for word in typed:
            anywhere = name = capability = 0
            for one in meant[word]:
                anywhere |= self.saying(one)
                name |= self.saying(one, "name")
                capability |= self.saying(one, "capability")
            found, in_name, in_capability = found & anywhere, in_name & name, in_capability & capability
        tiers = []
        if len(typed) > 1:
            pairs = [f"{one} {two}" for one, two in pairwise(typed)]
            for field in PHRASES:
                phrase = found
                for pair in pairs:
                    phrase &= self.saying(pair, field)
                tiers.append(phrase)
            tiers = [tiers[0], in_name, tiers[1], in_capability]
        else:
            tiers = [in_name, in_capability]
        return found, [tier for tier in tiers if tier], meant

    def cards(self, pks):
        """What a row shows of these firms."""
        return [self.entries[self.slot_of[pk]].card for pk in pks]


_INDEX = Index()


def current():
    """The directory as it stands now."""
    return _INDEX.fresh()
