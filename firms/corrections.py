"""Corrections: somebody outside says what is wrong, the editor compares and decides, the sender hears what became of it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from firms import proposals
from firms.letters import About
from firms.models import Correction, Zone
from parkportal import mail

State, Origin = Correction.State, Correction.Origin
WHY = {
    Origin.FIRM: gettext_noop("Stated by the firm itself (correction {number})"),
    Origin.VISITOR: gettext_noop("Reported by a visitor (correction {number})"),
}


def report(target, proposed, message, now, origin=Origin.VISITOR, name="", email="", language="vi", link=None):
    """Writes down what somebody says is wrong; None if it says nothing."""
    fields = proposals.changes(target, proposed)
    if not fields and not message:
        return None
    aim = {"zone": target} if isinstance(target, Zone) else {"firm": target}
    return Correction.objects.create(
        **aim, origin=origin, fields=fields, message=message, name=name, email=email, language=language, link=link, created_at=now
    )


def target_of(correction):
    return correction.firm or correction.zone


def rows_of(correction, target):
    """What stands now beside what is proposed, one row a field."""
    rows = []
    for key, (before, after) in correction.fields.items():
        now_stands = proposals.current(target, key)
        rows.append(
            {
                "key": key,
                "label": proposals.label(target, key),
                "now": proposals.shown(target, key, now_stands),
                "proposed": proposals.shown(target, key, after),
                "before": proposals.shown(target, key, before),
                "has_moved": now_stands != before,
                "is_there": now_stands == after,
                "seen": proposals.fingerprint(now_stands),
            }
        )
    return rows


def decide(pk, chosen, seen, reply, by, now):
    """Takes over the chosen fields (none of them: refuses) and tells the sender. `seen` holds how each stood on the page.

    `chosen` is None when there is nothing to choose: the editor has put right by hand what the message says."""
    with transaction.atomic():
        correction = Correction.objects.select_for_update().get(pk=pk)
        if correction.state != State.WAITING:
            raise ValidationError(
                _("{name} decided this already, at {at}: {state}. Nothing was changed now.").format(
                    name=correction.decided_by,
                    at=date_format(localtime(correction.decided_at), "SHORT_DATETIME_FORMAT"),
                    state=correction.get_state_display(),
                )
            )
        if chosen:
            _take_over(correction, chosen, seen, by, now)
        correction.state = _outcome(correction, chosen)
        correction.reply, correction.decided_by, correction.decided_at = reply, by, now
        correction._history_user = by
        correction.save()
        _tell(correction, now)
    return correction


def _take_over(correction, chosen, seen, by, now):
    target = proposals.locked(target_of(correction))
    moved = [key for key in chosen if seen.get(key) != proposals.fingerprint(proposals.current(target, key))]
    if moved:
        names = ", ".join(proposals.label(target, key) for key in moved)
        raise ValidationError(
            _("The entry was changed since you opened this page: {fields}. Compare again, then decide.").format(fields=names)
        )
    why = proposals.reason(WHY[correction.origin], number=correction.pk)
    taken = {key: pair for key, pair in correction.fields.items() if key in chosen}
    proposals.take_over(target, taken, correction.origin, by, why, now)


def _outcome(correction, chosen):
    if chosen is None:
        return State.ACCEPTED
    if not chosen:
        return State.REFUSED
    return State.ACCEPTED if set(chosen) >= set(correction.fields) else State.PARTLY


def _tell(correction, now):
    """The answer to whoever left an address, in his language."""
    if not correction.email:
        return
    target = target_of(correction)
    subject = About(gettext_noop("Your correction"), target)
    context = {"correction": correction, "target": target}
    key = f"correction:{correction.pk}:decided"
    mail.queue_outside(key, correction.email, correction.language, subject, "correction_decided", context, now=now)


def in_words(error, target):
    """An error of a field in the words of the field's name."""
    if not hasattr(error, "error_dict"):
        return error.messages
    return [f"{proposals.label(target, key)}: {words}" for key, found in error.message_dict.items() for words in found]
