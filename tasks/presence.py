"""Who else has an agency's report open, and at which row: a note of each person in the cache that fades by itself."""

from django.core.cache import cache

from tasks.models import Membership, Succession

SECONDS = 50  # two and a half heartbeats of the page


def _key(report_id, user_id):
    return f"presence:{report_id}:{user_id}"


def note(report, user, row):
    cache.set(_key(report.pk, user.pk), {"name": user.full_name, "row": row}, SECONDS)


def leave(report, user):
    cache.delete(_key(report.pk, user.pk))


def others(report, user, today):
    """[{"name", "row"}] of the other people of the agency who have the page open."""
    heir = Succession.objects.heirs(today).get(report.agency_id, report.agency_id)
    people = Membership.objects.active(today).filter(agency_id=heir).exclude(user=user).values_list("user_id", flat=True)
    return list(cache.get_many([_key(report.pk, pk) for pk in sorted(set(people))]).values())
