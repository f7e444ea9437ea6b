"""What officers do with links: take them further, review them, show or hide them, add and take back evidence.

Each is one transaction over the row as it is stored now, with a line in its history; nothing is deleted."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from linkages.models import Link, LinkEvidence
from parkportal.attachments import TYPES, clean_name

State = Link.State
# Where a link may go from where it is. One that came to nothing, or was broken off, may be taken up again.
STEPS = {
    State.POSSIBLE: [State.NEGOTIATED, State.RUNNING, State.ENDED],
    State.NEGOTIATED: [State.RUNNING, State.POSSIBLE, State.ENDED],
    State.RUNNING: [State.ENDED],
    State.ENDED: [State.POSSIBLE, State.RUNNING],
}


def held(pk):
    """The link as it is stored, held until the transaction ends."""
    return Link.objects.select_for_update(of=("self",)).get(pk=pk)


def written(row, by, reason=""):
    row._history_user, row._change_reason = by, reason or None
    row.save()
    return row


def move(link, to, on, by, reason=""):
    """Takes a link a step further from a day on; ValidationError in words where there is no such step (any more)."""
    with transaction.atomic():
        link = held(link.pk)
        if to not in STEPS[link.state]:
            message = _("The link is “{now}” now: from there it cannot become “{then}”.")
            raise ValidationError(message.format(now=link.get_state_display(), then=dict(State.choices).get(to, to)))
        if link.state == State.RUNNING and link.starts_on and on < link.starts_on:
            day = date_format(link.starts_on, "SHORT_DATE_FORMAT")
            raise ValidationError(_("The link began on {day}. Choose that day or a later one.").format(day=day))
        if link.state == State.ENDED and link.ends_on and on < link.ends_on:
            day = date_format(link.ends_on, "SHORT_DATE_FORMAT")
            raise ValidationError(_("The link ended on {day}. Choose that day or a later one.").format(day=day))
        if to == State.RUNNING:
            link.starts_on, link.ends_on = on, None
        elif to == State.ENDED:
            link.ends_on = on
            link.starts_on = link.starts_on if link.starts_on and link.starts_on <= on else None
        else:
            link.starts_on = link.ends_on = None
        link.state = to
        return written(link, by, reason)


def review(link, by, today):
    """False where somebody has reviewed it today already."""
    with transaction.atomic():
        link = held(link.pk)
        if link.reviewed_on == today:
            return False
        link.reviewed_on = today
        written(link, by)
        return True


def show(link, is_public, by):
    """Shows a link to everybody or hides it; False where it stands so already."""
    with transaction.atomic():
        link = held(link.pk)
        if link.is_public == is_public:
            return False
        hidden = [end for end in (link.source_party, link.target_party) if not end.is_shown]
        if is_public and hidden:
            message = _("{partner} is hidden, so a link with it cannot be shown. Show the partner first.")
            raise ValidationError(message.format(partner=hidden[0].title))
        link.is_public = is_public
        written(link, by)
        return True


# Evidence ------------------------------------------------------------------------------------------------------------
def add_evidence(link, evidence, upload, by, now):
    """Keeps a filled-in, unsaved piece of evidence, with its checked file if there is one."""
    with transaction.atomic():
        evidence.link = held(link.pk)
        evidence.added_by, evidence.added_at = by, now
        if upload:
            evidence.file_name = clean_name(upload.name)
            evidence.file.save(evidence.file_name, upload, save=False)
        return written(evidence, by)


def remove_evidence(evidence, by, now, reason=""):
    return _hide(evidence, by, now, reason)


def restore_evidence(evidence, by):
    return _hide(evidence, by, None)


def _hide(evidence, by, at, reason=""):
    """False where it is so already."""
    with transaction.atomic():
        held(evidence.link_id)
        evidence = LinkEvidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
        if bool(evidence.removed_at) == bool(at):
            return False
        evidence.removed_at, evidence.removed_by = at, by if at else None
        written(evidence, by, reason)
        return True


def content_type(evidence):
    """By its name: what is in it agreed with the name when it was taken."""
    _stem, dot, extension = evidence.file_name.rpartition(".")
    return TYPES.get(f"{dot}{extension.lower()}", "application/octet-stream")


def level_of(evidence, today):
    """The highest level among pieces that are there and valid on the day; None where there is none at all."""
    valid = [it.level for it in evidence if is_valid(it, today)]
    return max(valid, default=None)


def is_valid(evidence, today):
    begun = evidence.dated_on is None or evidence.dated_on <= today
    return begun and evidence.removed_at is None and (evidence.valid_until is None or evidence.valid_until >= today)
