"""Who may do what in the registry: everybody reads, the authority's editors write."""

from functools import wraps

from django.http import Http404


def editors_only(view):
    """Answers 404 to whoever does not keep the registry; a stranger is sent to sign in before (LoginRequiredMiddleware)."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.keeps_registry:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
