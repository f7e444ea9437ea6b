"""Firms' need of people beside what schools teach: pairs by what both are about and by level, with the reason.

What they are about is read as for needs and offers (linkages.terms): "vận hành máy CNC" and "5-axis CNC operation" meet."""

from dataclasses import dataclass

from linkages import terms
from linkages.models import Party, SkillNeed, TrainingProgramme

MOST = 4  # programmes shown beside a need
ENOUGH = 0.7  # one trade term, or a pair of words that stand together: a single syllable in common says nothing


@dataclass(frozen=True)
class Fit:
    """A programme that may meet a need: what both are about, and whether its level is the one asked for."""

    programme: TrainingProgramme
    words: tuple
    is_level: bool


@dataclass(frozen=True)
class Asked:
    need: SkillNeed
    fits: tuple


def _common(need, programme):
    """(how much two texts have in common, the words for it: trade terms in the reader's language, else as the need says it)."""
    shared = {term: min(weight, programme.weights[term]) for term, weight in need.weights.items() if term in programme.weights}
    named = [terms.shown(term) for term in shared if term.startswith(terms.CONCEPT) and term[2:] in need.named]
    pairs = [need.said[term][2:] for term in shared if term.startswith(terms.PAIR)]
    words = [need.said[term][2:] for term in shared if term.startswith(terms.WORD)]
    return sum(shared.values()), tuple(named or pairs or words)


def pairs(is_officer):
    """Every need with the programmes that fit best. Two queries."""
    needs = SkillNeed.objects.select_related("party__firm__zone")
    programmes = TrainingProgramme.objects.select_related("party__firm")
    if not is_officer:
        shown = {"is_public": True, "party__in": Party.objects.shown()}
        needs, programmes = needs.filter(**shown), programmes.filter(**shown)
    known = [(it, terms.read((it.name, 1), (it.name_en, 1), (it.skills, 1))) for it in programmes]
    found = []
    for need in needs:
        wanted = terms.read((need.skill, 1), (need.skill_en, 1))
        fits = [(*_common(wanted, said), it) for it, said in known]
        fits = sorted((it for it in fits if it[0] >= ENOUGH), key=lambda it: (it[2].level != need.level, -it[0], it[2].pk))
        found.append(Asked(need, tuple(Fit(it, words, it.level == need.level) for _score, words, it in fits[:MOST])))
    return found, [it for it, _said in known]
