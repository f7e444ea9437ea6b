"""What every page's frame needs: which way to the other language, and whether this is a demonstration."""

from django.conf import settings
from django.urls import translate_url
from django.utils.translation import get_language


def frame(request):
    language = get_language()
    other = "en" if language == "vi" else "vi"
    return {
        "is_demonstration": settings.DEMONSTRATION,
        "language": language,
        "other_language": other,
        "other_language_url": translate_url(request.get_full_path(), other),
    }
