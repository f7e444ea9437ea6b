"""The nouns of the linkage programme: partners, links, chains, needs and offers, sessions, agreements, targets."""

from linkages.models import following  # noqa: F401 (says what a merge of firms does)
from linkages.models.agreements import Agreement, Commitment, SkillNeed, Target, TrainingProgramme
from linkages.models.chains import Application, Chain, ChainLink, ChainMember, ChainRole, FormationRule
from linkages.models.links import EvidenceLevel, Link, LinkConfirmation, LinkEvidence
from linkages.models.market import Interest, Match, Posting
from linkages.models.parties import BoardMember, Party
from linkages.models.sessions import FOLLOW_UP_DAYS, FollowUp, MatchingSession, Meeting, Participant

__all__ = [
    "FOLLOW_UP_DAYS",
    "Agreement",
    "Application",
    "BoardMember",
    "Chain",
    "ChainLink",
    "ChainMember",
    "ChainRole",
    "Commitment",
    "EvidenceLevel",
    "FollowUp",
    "FormationRule",
    "Interest",
    "Link",
    "LinkConfirmation",
    "LinkEvidence",
    "Match",
    "MatchingSession",
    "Meeting",
    "Participant",
    "Party",
    "Posting",
    "SkillNeed",
    "Target",
    "TrainingProgramme",
]
