"""What the OpenAPI document says beyond what the serializers say by themselves: parameters, refusals, limits."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from firms.opendata.errors import ProblemSerializer
from firms.opendata.filters import SORTS, firm_parameters

WORDS_OF_LISTS = _(
    "Page by page; the Link header leads on. Several values of one filter: any of them; several filters: all of them. "
    "What is not known is refused in words."
)
FORMS = {
    name: {"type": "array", "items": {"type": "string", "pattern": pattern}}
    for name, pattern in {"country": "^([A-Z]{2}|none)$", "year": "^([0-9]{4}|none)$"}.items()
}
HEADERS = [
    OpenApiParameter(
        "ETag",
        str,
        OpenApiParameter.HEADER,
        response=[200],
        required=True,
        description=_("The version of the answer. Send it as If-None-Match when you ask again."),
    ),
    OpenApiParameter(
        "Retry-After", int, OpenApiParameter.HEADER, response=[429], description=_("Seconds until you may ask again.")
    ),
]
SAME = {304: OpenApiResponse(description=_("Nothing has changed since the version that you have."))}
REFUSALS = {
    400: OpenApiResponse(ProblemSerializer, _("A parameter cannot be understood.")),
    404: OpenApiResponse(ProblemSerializer, _("There is nothing under this address.")),
    429: OpenApiResponse(ProblemSerializer, _("Too many requests.")),
}


def firm_filters():
    found = [
        OpenApiParameter(name, FORMS[name], description=label)
        if name in FORMS
        else OpenApiParameter(name, str, description=label, many=several, enum=values)
        for name, label, values, several in firm_parameters()
    ]
    found.append(OpenApiParameter("sort", str, enum=SORTS, description=_("Order of the list")))
    since = _("Only firms whose entry has changed since this day or moment (ISO 8601)")
    return [*found, OpenApiParameter("changed_since", OpenApiTypes.STR, description=since)]


def listed(serializer, summary, parameters=()):
    return extend_schema(
        summary=summary,
        description=WORDS_OF_LISTS,
        parameters=[*parameters, *HEADERS],
        responses={200: serializer(many=True)} | SAME | REFUSALS,
    )


def single(serializer, summary, moves=False):
    moved = {301: OpenApiResponse(ProblemSerializer, _("The entry was merged into another one: its address stands in Location."))}
    return extend_schema(
        summary=summary,
        description="",
        parameters=[*HEADERS],
        responses={200: serializer} | (moved if moves else {}) | SAME | REFUSALS,
    )
