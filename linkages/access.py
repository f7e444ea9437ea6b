"""Who may do what with the linkages: everybody sees what is published, the authority's officers keep it, boards their own."""

from functools import wraps

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from firms.models import Authority
from linkages.models import BoardMember


def officers_only(view):
    """Answers 404 to whoever does not keep the linkages; a stranger is sent to sign in before (LoginRequiredMiddleware)."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.keeps_linkages:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def boards_of(user, today):
    """The boards of zones for which a person acts on a day; none for a stranger."""
    if not user.is_authenticated:
        return Authority.objects.none()
    holding = Q(ends_on=None) | Q(ends_on__gte=today)
    return Authority.objects.filter(members__in=BoardMember.objects.filter(holding, user=user, starts_on__lte=today)).distinct()


def boards_only(view):
    """For people of a board of other zones: `request.boards` holds theirs. 404 to everybody else."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        request.boards = list(boards_of(request.user, timezone.localdate()))
        if not request.boards:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
