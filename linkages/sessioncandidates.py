"""Several participants at once: whom the postings and open matches suggest, and what a pasted list of numbers or names means."""

from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from firms.models import Contact, Firm
from linkages import matches, partners, sessions
from linkages.models import Match, MatchingSession, Participant, Party, Posting
from parkportal.text import fold

MOST = 200  # of one press
MOST_SHOWN = 100
Side = Participant.Side


@dataclass(frozen=True)
class Suggested:
    """A partner with a published need or offer: `key` leads to it, `matches` are its pairs under way."""

    key: str
    party: Party
    postings: tuple
    matches: int


@dataclass(frozen=True)
class Line:
    """What became of one line of the list: whom it means (`key` leads there), or why it is not taken."""

    words: str
    candidate: object = None
    trouble: str = ""


def suggested(session, words, sector, today):
    """Partners with something published that says every word and who are not on the list yet; most open matches first."""
    known = Posting.objects.published(today).filter(owner__isnull=False).select_related("owner__firm__zone")
    known = known.exclude(owner__participations__session=session)
    for word in fold(words).split():
        known = known.filter(Q(search_text__contains=word) | Q(owner__search_text__contains=word)
                             | Q(owner__firm__search_text__contains=word) | Q(code__iexact=word))  # fmt: skip
    if sector:
        known = known.filter(Q(sector=sector) | Q(sector__parent=sector))
    by_owner = {}
    for posting in known.order_by("pk"):
        by_owner.setdefault(posting.owner_id, []).append(posting)
    pairs = _pairs_of(by_owner)
    found = [
        Suggested(partners.candidate_of(its[0].owner).key, its[0].owner, tuple(its), pairs[owner])
        for owner, its in by_owner.items()
    ]
    return sorted(found, key=lambda it: (-it.matches, it.party.title))


def others(session, words, sector, but):
    """Candidates from the registry and among the partners, once there are words or a sector; `but` are keys shown already."""
    if not words and not sector:
        return []
    firms = partners.firms_saying(words).filter(status__in=Firm.PRESENT)
    firms = firms.exclude(party__participations__session=session)
    bodies = Party.objects.filter(firm__isnull=True).matching(words).exclude(participations__session=session)
    if sector:
        firms, bodies = firms.filter(Q(sector=sector) | Q(sector__parent=sector)), []
    found = [partners.candidate_of(it) for it in [*firms[:MOST_SHOWN], *bodies[:MOST_SHOWN]]]
    return [it for it in found if it.key not in but][:MOST_SHOWN]


def _pairs_of(owners):
    """{owner: number of its pairs under way}"""
    pairs = matches.under_way(Match.objects).filter(Q(need__owner__in=owners) | Q(offer__owner__in=owners) | Q(party__in=owners))
    count = Counter()
    for row in pairs.values_list("need__owner", "offer__owner", "party"):
        count.update({owner for owner in row if owner in owners})
    return count


# What was chosen -----------------------------------------------------------------------------------------------------
def read(session, keys, text):
    """A line for each key and each line of text, in their order; each partner once."""
    lines, seen = [], set()
    rows = session.participants.values_list("party", "party__firm__code")
    there = {f"firm:{code}" if code else f"party:{pk}" for pk, code in rows}
    pasted = [words for words in dict.fromkeys(" ".join(it.split()) for it in text.splitlines()) if words]
    given = [*((key, _keyed) for key in keys), *((words, partners.find) for words in pasted)]
    for words, look_up in given[:MOST]:
        found = look_up(words)
        candidate = partners.candidate_of(found[0]) if len(found) == 1 else None
        if not found:
            trouble = _("Nothing in the registry or among the partners is called so.")
        elif candidate is None:
            names = "; ".join(partners.candidate_of(it).label for it in found[:3])
            trouble = _("Several may be meant: {names}. Write the registry number.").format(names=names)
        elif candidate.key in seen:
            trouble = _("It stands in the list twice.")
        elif candidate.key in there:
            trouble = _("It is among the participants already.")
        else:
            trouble = ""
            seen.add(candidate.key)
        lines.append(Line(words, candidate, trouble))
    beyond = _("{n} are taken at once. Add this one afterwards.").format(n=MOST)
    return lines + [Line(words, trouble=beyond) for words, _look_up in given[MOST:]]


def _keyed(key):
    return [found] if (found := partners.by_key(key)) else []


def add(session, keys, by, today):
    """Puts the partners on the session's list and gives how many. The address is that of their published need or offer, else
    the partner's own, else of a firm's contact in the registry."""
    parties = [party for key in dict.fromkeys(keys[:MOST]) if (party := _party(key))]
    with transaction.atomic():
        session = sessions.held(session.pk)
        if session.state == MatchingSession.State.CANCELLED:
            raise ValidationError(_("The session was cancelled. Plan it anew first."))
        there = set(session.participants.values_list("party", flat=True))
        postings = Posting.objects.published(today).filter(owner__in=parties).order_by("pk")
        of = {}
        for posting in postings:
            of.setdefault(posting.owner_id, []).append(posting)
        fresh = list({it.pk: it for it in parties if it.pk not in there}.values())
        contacts = {}
        for it in Contact.objects.filter(firm__party__in=fresh).exclude(email="").order_by("-pk"):
            contacts[it.firm_id] = it
        for party in fresh:
            sessions.written(_participant(session, party, of.get(party.pk, []), contacts.get(party.firm_id)), by)
        return len(fresh)


def _party(key):
    found = partners.by_key(key)
    return found if found is None or isinstance(found, Party) else Party.objects.of_firm(found)


def _participant(session, party, postings, contact):
    first = next((it for it in postings if it.contact_email), postings[0] if postings else None)
    sides = {Side.SEEKS if it.direction == Posting.Direction.NEED else Side.OFFERS for it in postings}
    known = [(first.contact_name, first.contact_email)] if first else []
    known += [("", party.email), (contact.person, contact.email) if contact else ("", "")]
    person, email = next((it for it in known if it[1]), ("", ""))
    return Participant(
        session=session,
        party=party,
        posting=first,
        person=person,
        email=email,
        language=first.language if first else "vi",
        side=sides.pop() if len(sides) == 1 else Side.BOTH,
    )
