"""How well needs are matched with offers, on needs and offers whose right pairs were marked by hand (fixtures/linkages).

    .venv/bin/python -m tests.bench.matching [--misses]

Precision at 3 (how many of the first three are right) and recall at 10 (how many of the right ones stand among the first ten),
for ours, for plain keyword search as the floor (offers by how many of the need's words they say), and for BM25, which weighs
words by their rarity. Needs with an odd number served to choose the weights; only the even ones say how good it is. Glossary and
needs are of one hand, so texts by strangers will fare worse than these; how much worse, only they can show."""

import json
import math
import os
import random
import sys
from collections import Counter
from pathlib import Path

from linkages import terms
from linkages.matching import Weighing, profile, ranked
from parkportal.text import fold

ROOT = Path(__file__).resolve().parent.parent.parent
AT_PRECISION, AT_RECALL = 3, 10
BOOTSTRAPS = 2000


def read():
    data = json.loads((ROOT / "fixtures/linkages/matching.json").read_text(encoding="utf-8"))
    sectors = json.loads((ROOT / "fixtures/registry/sectors.json").read_text(encoding="utf-8"))
    return data["needs"], data["offers"], {one["key"]: tuple(filter(None, (one["key"], one.get("parent")))) for one in sectors}


def profile_of(entry, sectors):
    """As linkages.suggestions makes one of a stored posting."""
    return profile(
        entry["key"],
        [entry["title"], entry.get("title_en", "")],
        [entry["summary"], entry.get("summary_en", ""), entry.get("requirements", "")],
        process=entry.get("process", ""),
        materials=entry.get("materials", ""),
        kinds=(entry["kind"],),
        sectors=sectors.get(entry.get("sector"), ()),
        readiness=entry.get("readiness", ""),
        transfers=frozenset(entry.get("transfers", ())),
        countries=frozenset(entry.get("countries", ())),
    )


def text_of(entry):
    return fold(*(entry.get(name, "") for name in ("title", "summary", "requirements", "process", "materials")))


def by_ours(needs, offers, sectors):
    profiles = {it["key"]: profile_of(it, sectors) for it in [*needs, *offers]}
    weighing = Weighing(profiles.values())
    others = [profiles[it["key"]] for it in offers]
    return {need["key"]: [hit.profile.key for hit in ranked(weighing, profiles[need["key"]], others)] for need in needs}


def by_keywords(needs, offers):
    """Offers by how many different words of the need they say, as a search box finds them."""
    words = {it["key"]: set(text_of(it).split()) for it in [*needs, *offers]}
    return {
        need["key"]: sorted(
            (it["key"] for it in offers if words[it["key"]] & words[need["key"]]),
            key=lambda key, asked=words[need["key"]]: (-len(words[key] & asked), key),
        )
        for need in needs
    }


def by_bm25(needs, offers, k=1.2, b=0.75):
    bags = {it["key"]: Counter(text_of(it).split()) for it in offers}
    mean = sum(sum(bag.values()) for bag in bags.values()) / len(bags)
    seen = Counter(word for bag in bags.values() for word in bag)
    found = {}
    for need in needs:
        scores = {}
        for key, bag in bags.items():
            length = k * (1 - b + b * sum(bag.values()) / mean)
            scores[key] = sum(
                math.log(1 + (len(bags) - seen[word] + 0.5) / (seen[word] + 0.5)) * bag[word] * (k + 1) / (bag[word] + length)
                for word in set(text_of(need).split()) if word in bag
            )  # fmt: skip
        found[need["key"]] = sorted((key for key in scores if scores[key]), key=lambda key, of=scores: (-of[key], key))
    return found


def figures(needs, found):
    """[(precision at 3, recall at 10, whether the first one is right)] of each need."""
    answers = []
    for need in needs:
        right, list_ = set(need["fits"]), found[need["key"]]
        answers.append((
            len(right & set(list_[:AT_PRECISION])) / AT_PRECISION,
            len(right & set(list_[:AT_RECALL])) / len(right),
            float(bool(list_) and list_[0] in right),
        ))  # fmt: skip
    return answers


def mean(answers):
    return tuple(sum(column) / len(answers) for column in zip(*answers, strict=True))


def ceiling(needs):
    """The best precision at 3 that there can be: most needs have one right offer."""
    return sum(min(AT_PRECISION, len(need["fits"])) / AT_PRECISION for need in needs) / len(needs)


def range_of(answers, place):
    """Between which values 95 of 100 means lie, of needs drawn again and again: so few needs leave chance some room."""
    dice = random.Random(1)
    means = sorted(sum(it[place] for it in dice.choices(answers, k=len(answers))) / len(answers) for _ in range(BOOTSTRAPS))
    return means[BOOTSTRAPS // 40], means[-BOOTSTRAPS // 40]


def halves(needs):
    odd = [need for need in needs if int(need["key"][1:]) % 2]
    return odd, [need for need in needs if need not in odd]


def report(needs, offers, sectors):
    ways = {"ours": by_ours(needs, offers, sectors), "keyword search": by_keywords(needs, offers), "BM25": by_bm25(needs, offers)}
    tuned, kept = halves(needs)
    print(f"{len(needs)} needs, {len(offers)} offers, {len(terms.glossary().concepts)} things in the glossary")
    for words, some in [("held out (even numbers): this counts", kept), ("weights were chosen on these (odd numbers)", tuned)]:
        print(f"\n{words}: {len(some)} needs; the best possible precision at 3 is {ceiling(some):.3f}")
        for name, found in ways.items():
            answers = figures(some, found)
            precision, recall, first = mean(answers)
            low, high = range_of(answers, 1)
            told = f"precision at 3 {precision:.3f}   recall at 10 {recall:.3f} ({low:.2f}–{high:.2f})"
            print(f"  {name:15} {told}   first is right {first:.3f}")
    languages = {it["key"]: it["language"] for it in [*needs, *offers]}
    near = [need for need in kept if any(languages[key] == need["language"] for key in need["fits"])]
    for words, some in [("in one language", near), ("across the two languages", [need for need in kept if need not in near])]:
        told = ", ".join(f"{name} {mean(figures(some, found))[1]:.3f}" for name, found in ways.items())
        print(f"\nrecall at 10 of the held out, {words} ({len(some)} needs): {told}", end="")
    print()
    precision, recall, _first = mean(figures(kept, ways["ours"]))
    floor = mean(figures(kept, ways["keyword search"]))
    missed = "" if precision > floor[0] and recall > floor[1] else "  MISSED"
    print(
        f"held out: precision {precision / floor[0]:.2f} x and recall {recall / floor[1]:.2f} x the floor (aim: above 1){missed}"
    )
    return ways


def misses(needs, ways):
    for need in halves(needs)[0]:
        found = ways["ours"][need["key"]]
        for right in need["fits"]:
            place = found.index(right) + 1 if right in found else 0
            if place == 0 or place > len(need["fits"]):
                print(need["key"], need["title"], "->", right, "place", place or "none", "after", found[:3])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    all_needs, all_offers, known_sectors = read()
    ways_found = report(all_needs, all_offers, known_sectors)
    if "--misses" in sys.argv:
        print()
        misses(all_needs, ways_found)
