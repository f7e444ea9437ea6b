"""What the interface answers when it cannot answer: always the same four lines of JSON, in words, in the asker's language."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import exception_handler


class ProblemSerializer(serializers.Serializer):
    """`errors` names the parameters that were refused, with the reasons."""

    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


def detail_of(error):
    if isinstance(error, exceptions.ValidationError):
        return _("Some parameters cannot be understood. What is wrong with each stands under errors.")
    if isinstance(error, exceptions.Throttled):
        return _("Too many requests. Wait {seconds} seconds, and ask less often.").format(seconds=round(error.wait or 1))
    if isinstance(error, exceptions.MethodNotAllowed):
        return _("This interface only answers GET and HEAD.")
    if isinstance(error, Http404):
        return _("There is nothing under this address.")
    if isinstance(error, PermissionDenied):
        return _("This is not open to you.")
    return str(error.detail)


def in_words(error, context):
    """REST framework's own handler with the answer put into the form above."""
    response = exception_handler(error, context)
    if response is None:
        return None
    given = response.data if isinstance(error, exceptions.ValidationError) and isinstance(response.data, dict) else {}
    response.data = {
        "status": response.status_code,
        "code": getattr(error, "default_code", "not_found"),
        "detail": detail_of(error),
        "errors": {name: [str(it) for it in (words if isinstance(words, list) else [words])] for name, words in given.items()},
    }
    return response


class JsonAlone(BaseContentNegotiation):
    """There is one form of answer, so nobody is turned away for the one that a browser asks for."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
