"""The read interface, version 1: firms, zones, projects and sectors as JSON, for everybody and without a key."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, get_language_from_request, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from firms import firmpage
from firms.models import Firm, LandFigures, Sector
from firms.opendata import version
from firms.opendata.described import firm_filters, listed, single
from firms.opendata.filters import FIRM_PARAMETERS, ProjectFilter, ZoneFilter, firms, moment, refuse_unknown
from firms.opendata.serializers import FirmSerializer, ProjectSerializer, SectorSerializer, ZoneSerializer

PAGING = ["page", "page_size"]


def open_to_all(view):
    """Lets scripts of any site read the answers, and says what goes wrong in the language that the asker prefers."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        with override(get_language_from_request(request)):
            response = HttpResponse(status=204) if request.method == "OPTIONS" else view(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
            response.setdefault("Content-Language", get_language())
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link, Location, Retry-After"
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = response["Allow"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = "Accept-Language, If-None-Match, If-Modified-Since"
            response["Access-Control-Max-Age"] = "86400"
        response.setdefault("Cache-Control", "no-cache")  # keep it, and ask each time whether it is still right
        return response

    return answered


def _version(request):
    """The version of what this request asks for; read once for a request."""
    view = request.parser_context["view"]
    if not hasattr(view, "shown_version"):
        view.shown_version = view.version()
    return view.shown_version


def _etag(request, *args, **kwargs):
    return version.etag(_version(request)[0], request.get_full_path())


def _last_modified(request, *args, **kwargs):
    return _version(request)[1]


unless_known = method_decorator(condition(_etag, _last_modified))


class OpenData(ReadOnlyModelViewSet):
    """One resource. An answer with the version that the asker already has is not made a second time."""

    parameters = []

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action == "list":
            refuse_unknown(request.query_params, [*self.parameters, *PAGING])
        elif self.action == "retrieve":
            refuse_unknown(request.query_params, [])

    @unless_known
    def list(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)

    @unless_known
    def retrieve(self, request, *args, **kwargs):
        return super().retrieve(request, *args, **kwargs)


@extend_schema_view(
    list=listed(FirmSerializer, gettext_lazy("Firms, found as in the directory"), firm_filters()),
    retrieve=single(FirmSerializer, gettext_lazy("One firm"), moves=True),
)
class FirmApi(OpenData):
    serializer_class = FirmSerializer
    lookup_field = "code"
    parameters = FIRM_PARAMETERS
    version = staticmethod(version.of_firms)

    def get_queryset(self):
        return FirmSerializer.rows()

    @unless_known
    def list(self, request):
        found = firms(request.query_params).found
        if since := request.query_params.get("changed_since"):
            changed = set(Firm.objects.public().changed_since(moment(since)).values_list("pk", flat=True))
            found = [pk for pk in found if pk in changed]
        pks = self.paginate_queryset(found)
        rows = self.get_queryset().in_bulk(pks)
        data = self.get_serializer([rows[pk] for pk in pks if pk in rows], many=True).data
        return self.get_paginated_response(data)

    @unless_known
    def retrieve(self, request, code):
        firm = firmpage.resolve(code)
        if firm is None or not firm.is_public:
            raise Http404
        if firm.code != code:
            return moved(request, firm)
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=firm.pk)).data)


def moved(request, firm):
    """Leads to the entry that stands for a merged one today."""
    address = request.build_absolute_uri(reverse("api_firm_detail", args=[firm.code]))
    words = _("This entry was merged into {code}.").format(code=firm.code)
    return Response({"status": 301, "code": "moved", "detail": words, "errors": {}}, status=301, headers={"Location": address})


@extend_schema_view(
    list=listed(ZoneSerializer, gettext_lazy("Zones and their parts")),
    retrieve=single(ZoneSerializer, gettext_lazy("One zone")),
)
class ZoneApi(OpenData):
    serializer_class = ZoneSerializer
    lookup_field = "code"
    filter_backends, filterset_class, parameters = [DjangoFilterBackend], ZoneFilter, list(ZoneFilter.base_filters)
    version = staticmethod(version.of_zones)

    def get_queryset(self):
        return ZoneSerializer.rows()

    def get_serializer_context(self):
        return super().get_serializer_context() | {"land": LandFigures.objects.latest(timezone.localdate())}


@extend_schema_view(
    list=listed(ProjectSerializer, gettext_lazy("Investment projects")),
    retrieve=single(ProjectSerializer, gettext_lazy("One project")),
)
class ProjectApi(OpenData):
    serializer_class = ProjectSerializer
    lookup_value_converter = "int"
    filter_backends, filterset_class, parameters = [DjangoFilterBackend], ProjectFilter, list(ProjectFilter.base_filters)
    version = staticmethod(version.of_firms)

    def get_queryset(self):
        return ProjectSerializer.rows()


@extend_schema_view(
    list=listed(SectorSerializer, gettext_lazy("Sectors in two levels")),
    retrieve=single(SectorSerializer, gettext_lazy("One sector")),
)
class SectorApi(OpenData):
    serializer_class = SectorSerializer
    lookup_field = "key"
    queryset = Sector.objects.select_related("parent").order_by("position", "name")
    version = staticmethod(version.of_sectors)


class Root(APIView):
    """Where everything stands."""

    @extend_schema(exclude=True)
    def get(self, request):
        names = {"firms": "api_firm_list", "zones": "api_zone_list", "projects": "api_project_list", "sectors": "api_sector_list"}
        names |= {"schema": "api_schema", "docs": "api_docs"}
        return Response({name: request.build_absolute_uri(reverse(view)) for name, view in names.items()})


class Missing(APIView):
    @extend_schema(exclude=True)
    def get(self, request, rest):
        raise Http404


class AsAsked(DefaultContentNegotiation):
    """JSON or YAML, whichever is asked for; JSON for whoever asks for neither."""

    def select_renderer(self, request, renderers, format_suffix=None):
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type


class Schema(SpectacularAPIView):
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]
    content_negotiation_class = AsAsked


class Docs(SpectacularSwaggerSplitView):
    """The description as a page on which the interface can be tried out; it stands among the pages, in both languages."""

    throttle_classes = []
    template_name = "firms/api_docs.html"
    url_name = "api_schema"

    def _get_schema_url(self, request):
        return f"{reverse(self.url_name)}?lang={get_language()}"


@require_safe
@login_not_required
def docs(request):
    """The address under which a program's author looks for the page."""
    with override(get_language_from_request(request)):
        return redirect("api_docs")
