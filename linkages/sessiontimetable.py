"""The timetable of a matching session: made from wishes and matches, then changed by hand, never with a clash.

Slots are counted from 0; a slot begins `slot_minutes + pause_minutes` after the one before it."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from linkages import matches, timetable
from linkages.models import Match, MatchingSession, Meeting, Participant
from linkages.sessions import COMING, TIMETABLE, held, written

State = MatchingSession.State
MOST_SLOTS = 200
WISH, MUTUAL = 200, 500  # a wish of one side, and of both; a match adds its score of 0-100


@dataclass(frozen=True)
class Slot:
    number: int
    starts_at: object
    ends_at: object

    @property
    def hours(self):
        return f"{timezone.localtime(self.starts_at):%H:%M}–{timezone.localtime(self.ends_at):%H:%M}"

    @property
    def words(self):
        return f"{self.number + 1}. {self.hours}"


def slots_of(session):
    length, pause = timedelta(minutes=max(1, session.slot_minutes)), timedelta(minutes=session.pause_minutes)
    number = min(MOST_SLOTS, int((session.ends_at - session.starts_at + pause) / (length + pause)))
    begins = [session.starts_at + it * (length + pause) for it in range(number)]
    return [Slot(it, begin, begin + length) for it, begin in enumerate(begins)]


def there(participant, slots):
    """The slots in which a participant is there from the first minute to the last."""
    since, until = participant.available_from, participant.available_until
    return {
        it.number
        for it in slots
        if (since is None or timezone.localtime(it.starts_at).time() >= since)
        and (until is None or timezone.localtime(it.ends_at).time() <= until)
    }


def coming(session):
    return session.participants.filter(state__in=COMING).select_related("party__firm")


def meetings_of(session):
    return list(session.meetings.select_related("first__party__firm", "second__party__firm"))


def own(people, meetings, slots):
    """[(participant, [(slot, table, the other one)])] of each of some participants, in the order of time."""
    found = {it.pk: (it, []) for it in people}
    for it in sorted(meetings, key=lambda it: it.slot):
        for one, other in ((it.first, it.second), (it.second, it.first)):
            if one.pk in found and it.slot < len(slots):
                found[one.pk][1].append((slots[it.slot], it.table, other))
    return list(found.values())


def grid(meetings, slots):
    """(tables that are used, [(slot, [its meeting at each of them or None])])."""
    at = {(it.slot, it.table): it for it in meetings}
    tables = range(max((it.table for it in meetings), default=-1) + 1)
    return tables, [(slot, [at.get((slot.number, table)) for table in tables]) for slot in slots]


# What is wanted -------------------------------------------------------------------------------------------------------
def wanted(participants):
    """{(lower pk, higher pk): (weight, match or None)} of pairs that wish to meet or fit by a match under way."""
    by_party = {it.party_id: it for it in participants}
    known, found = {it.pk for it in participants}, {}
    through = Participant.wishes.through.objects.filter(from_participant__in=known, to_participant__in=known)
    wishes = set(through.values_list("from_participant_id", "to_participant_id"))
    for one, other in wishes:
        if one != other:
            found[min(one, other), max(one, other)] = (MUTUAL if (other, one) in wishes else WISH, None)
    for match in _matches(by_party):
        need, supplier = by_party.get(match.need.owner_id), matches.supplier_of(match)
        other = by_party.get(supplier.pk) if supplier else None
        if need and other and need != other:
            pair = tuple(sorted((need.pk, other.pk)))
            weight, known_match = found.get(pair, (0, None))
            if known_match is None:
                found[pair] = (weight + match.score + 1, match)
    return found


def _matches(by_party):
    ours = Q(party__in=by_party) | Q(offer__owner__in=by_party)
    found = matches.under_way(Match.objects).filter(ours, need__owner__in=by_party)
    return found.select_related("need", "offer__owner", "party").order_by("-score", "pk")


def make_timetable(session, by):
    """Makes the timetable anew; fixed meetings keep their place. Gives the pairs (of Participants) that found none."""
    with transaction.atomic():
        session = held(session.pk)
        if session.state not in (State.INVITING, State.SCHEDULED):
            raise ValidationError(_("A timetable is made between the invitations and the day itself."))
        there_are = list(coming(session))
        if len(there_are) < 2:
            raise ValidationError(_("Fewer than two participants have said that they come, so nobody can meet."))
        slots, known = slots_of(session), {it.pk: it for it in there_are}
        old = list(session.meetings.all())
        fixed = {(it.first_id, it.second_id): (it.slot, it.table) for it in old if it.is_fixed or it.result}
        weights = wanted(there_are)
        ordered = sorted((pair for pair in weights if pair not in fixed), key=lambda pair: (-weights[pair][0], pair))
        pairs = timetable.most_wanted([*fixed, *ordered], session.most_meetings)
        hours = {it.pk: there(it, slots) for it in there_are if it.available_from or it.available_until}
        plan = timetable.plan([it for it in pairs if it not in fixed], len(slots), session.tables, hours, fixed)
        for meeting in old:
            if (meeting.first_id, meeting.second_id) not in fixed:
                meeting._history_user = by
                meeting.delete()
        made = [
            Meeting(session=session, first_id=pair[0], second_id=pair[1], slot=slot, table=table, match=weights[pair][1])
            for pair, (slot, table) in plan.places.items()
            if pair not in fixed
        ]
        bulk_create_with_history(made, Meeting, default_user=by)
        session.state = State.SCHEDULED
        written(session, by, TIMETABLE)
        return [(known[one], known[other]) for one, other in plan.left_out if one in known and other in known]


@dataclass(frozen=True)
class Unplaced:
    """Two who want to meet and have no meeting; `slot` and `table` say where there is room for them, None if there is none."""

    first: Participant
    second: Participant
    is_mutual: bool
    why: str
    slot: Slot | None = None
    table: int | None = None


def unplaced(session, people, meetings, slots):
    """Pairs of those who come that are wanted and not in the timetable, with the reason in words: first those for whom there is
    room now, then the most wanted."""
    known, busy, tables, number = {it.pk: it for it in people}, defaultdict(set), defaultdict(set), Counter()
    placed = {(it.first_id, it.second_id) for it in meetings}
    for it in meetings:
        tables[it.slot].add(it.table)
        for pk in (it.first_id, it.second_id):
            busy[pk].add(it.slot)
            number[pk] += 1
    hours, found = {it.pk: there(it, slots) for it in people}, []
    weights = wanted(people)
    for pair in sorted((it for it in weights if it not in placed), key=lambda it: (-weights[it][0], it)):
        one, other = (known[pk] for pk in pair)
        together = [it for it in slots if all(it.number in hours[pk] - busy[pk] for pk in pair)]
        room = next((it for it in together if len(tables[it.number]) < session.tables), None)
        full, place = [it for it in (one, other) if number[it.pk] >= session.most_meetings], None
        if not hours[one.pk] & hours[other.pk]:
            why = _("They are there at different hours.")
        elif full:
            words = _("{name} has {n} meetings already, as many as the session allows.")
            why = words.format(name=full[0].party.title, n=number[full[0].pk])
        elif not together:
            why = _("Whenever the one is free, the other one meets somebody.")
        elif room is None:
            why = _("Every table is taken whenever both are free.")
        else:
            why, place = _("There is room."), room
        table = next(it for it in range(session.tables) if it not in tables[place.number]) if place else None
        found.append(Unplaced(one, other, weights[pair][0] >= MUTUAL, why, place, table))
    return sorted(found, key=lambda it: it.slot is None)


# By hand --------------------------------------------------------------------------------------------------------------
def _changeable(session):
    session = held(session.pk)
    if session.state != State.SCHEDULED:
        raise ValidationError(_("Meetings are changed while the timetable is out and the session was not held yet."))
    return session


def clash(session, first, second, slot, table, but=None):
    """Why two participants cannot meet in a slot at a table, in words; nothing where they can."""
    slots = slots_of(session)
    if not 0 <= slot < len(slots):
        return _("There are {n} slots; choose one of them.").format(n=len(slots))
    if not 0 <= table < session.tables:
        return _("There are {n} tables; choose one of them.").format(n=session.tables)
    for one in (first, second):
        if one.state not in COMING:
            return _("{name} has not said that it comes.").format(name=one)
        if slot not in there(one, slots):
            return _("{name} is not there at that time.").format(name=one)
    others = session.meetings.filter(slot=slot).exclude(pk=but).select_related("first__party__firm", "second__party__firm")
    for meeting in others:
        if meeting.table == table:
            return _("Table {table} has another meeting then: {meeting}.").format(table=table + 1, meeting=meeting)
        for one in (first, second):
            if one.pk in (meeting.first_id, meeting.second_id):
                return _("{name} meets somebody else then: {meeting}.").format(name=one, meeting=meeting)
    return ""


def move(meeting, slot, table, by):
    """A meeting goes elsewhere and stays there when the timetable is made again."""
    with transaction.atomic():
        session = _changeable(meeting.session)
        meeting = Meeting.objects.select_related("first__party__firm", "second__party__firm").get(pk=meeting.pk)
        if (meeting.slot, meeting.table) == (slot, table):
            return meeting
        if words := clash(session, meeting.first, meeting.second, slot, table, meeting.pk):
            raise ValidationError(words)
        meeting.slot, meeting.table, meeting.is_fixed = slot, table, True
        return written(meeting, by)


def fix(meeting, is_fixed, by):
    with transaction.atomic():
        _changeable(meeting.session)
        meeting.refresh_from_db()
        if meeting.is_fixed == is_fixed:
            return False
        meeting.is_fixed = is_fixed
        written(meeting, by)
        return True


def add(session, one, other, slot, table, by):
    """A meeting by hand, which stays when the timetable is made again."""
    with transaction.atomic():
        session = _changeable(session)
        if one.pk == other.pk:
            raise ValidationError(_("Choose two different participants."))
        first, second = sorted((one, other), key=lambda it: it.pk)
        if session.meetings.filter(first=first, second=second).exists():
            raise ValidationError(_("These two meet already. Move their meeting instead."))
        if words := clash(session, first, second, slot, table):
            raise ValidationError(words)
        return written(Meeting(session=session, first=first, second=second, slot=slot, table=table, is_fixed=True), by)


def remove(meeting, by):
    with transaction.atomic():
        _changeable(meeting.session)
        if meeting.result:
            raise ValidationError(_("A result is noted for this meeting, so it stays."))
        meeting._history_user = by
        meeting.delete()
