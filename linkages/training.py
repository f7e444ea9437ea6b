"""Firms' need of people beside what schools teach: pairs by the words that both say and by level, with the reason."""

from dataclasses import dataclass

from linkages.models import Party, SkillNeed, TrainingProgramme
from parkportal.text import fold

MOST = 4  # programmes shown beside a need
# Words that every programme says and that tell nothing.
COMMON = {
    "va", "cua", "cac", "cong", "nghe", "thuat", "nganh", "cho", "trong", "and", "the", "technology", "engineering",
}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """A programme that may meet a need: the words in common, and whether its level is the one asked for."""

    programme: TrainingProgramme
    words: tuple
    is_level: bool


@dataclass(frozen=True)
class Asked:
    need: SkillNeed
    fits: tuple


def _words(*texts):
    """{folded: as written} of the words that tell something, in their order."""
    said = [word.strip(".,;:()") for text in texts if text for word in text.split()]
    return {fold(word): word for word in said if len(word) > 2 and fold(word) not in COMMON}


def pairs(is_officer):
    """Every need with the programmes that fit best. Two queries."""
    needs = SkillNeed.objects.select_related("party__firm__zone")
    programmes = TrainingProgramme.objects.select_related("party__firm")
    if not is_officer:
        shown = {"is_public": True, "party__in": Party.objects.shown()}
        needs, programmes = needs.filter(**shown), programmes.filter(**shown)
    known = [(it, _words(it.name, it.name_en, it.skills).keys()) for it in programmes]
    found = []
    for need in needs:
        wanted = _words(need.skill, need.skill_en)
        fits = [
            Fit(it, tuple(said for word, said in wanted.items() if word in words), it.level == need.level)
            for it, words in known
            if wanted.keys() & words
        ]
        fits.sort(key=lambda fit: (-len(fit.words), not fit.is_level, fit.programme.pk))
        found.append(Asked(need, tuple(fits[:MOST])))
    return found, [it for it, _said in known]
