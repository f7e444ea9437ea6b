"""What follows a firm's partner when two entries of one firm are merged (firms.merging), and comes back with the merge's undo.

If only one of the two has a partner, the partner goes along by itself with everything that points to it. If both have one, the
rows here move from the one to the other; a link between the two stays, since it would lead from a firm to itself."""

from django.utils.translation import gettext_lazy as _

from firms import merging
from linkages.models.agreements import Agreement, Commitment, SkillNeed, TrainingProgramme
from linkages.models.chains import Application, Chain, ChainMember
from linkages.models.links import Link
from linkages.models.market import Interest, Match, Posting
from linkages.models.parties import Party
from linkages.models.sessions import Participant


def follow(model, name, **how):
    """Says that the rows of a model whose field points to a partner follow the partner's firm."""
    merging.relate(model, name, through="party", **how)


follow(Link, "source_party", apart="target_party", label=_("links as who supplies"))
follow(Link, "target_party", apart="source_party", label=_("links as who takes"))
follow(Chain, "lead")
follow(ChainMember, "party", once=("role_id", "starts_on"))
follow(Application, "party")
follow(Posting, "owner")
follow(Interest, "party")
follow(Match, "party", once=("need_id", "offer_id"))
follow(Participant, "party", once=("session_id",))
follow(Agreement.parties.through, "party", once=("agreement_id",), label=_("agreements"))
follow(Commitment, "owner")
follow(SkillNeed, "party")
follow(TrainingProgramme, "party")


def unknown():
    """Fields that point to a partner and of which nobody has said what a merge does with them."""
    related = (it for it in Party._meta.get_fields(include_hidden=True) if it.auto_created and it.is_relation and not it.concrete)
    keys = ((it.related_model, it.field.name) for it in related if it.one_to_many or it.one_to_one)
    return [key for key in keys if key not in merging.RELATIONS and not key[0].__name__.startswith("Historical")]
