"""Addresses of the read interface. They have no language and, once given away, never change: what breaks them is version 2."""

from django.urls import path

from firms.views import api

READ, ONE = {"get": "list"}, {"get": "retrieve"}

urlpatterns = [
    path("", api.open_to_all(api.Root.as_view()), name="api_root"),
    path("firms/", api.open_to_all(api.FirmApi.as_view(READ)), name="api_firm_list"),
    path("firms/<slug:code>/", api.open_to_all(api.FirmApi.as_view(ONE)), name="api_firm_detail"),
    path("zones/", api.open_to_all(api.ZoneApi.as_view(READ)), name="api_zone_list"),
    path("zones/<slug:code>/", api.open_to_all(api.ZoneApi.as_view(ONE)), name="api_zone_detail"),
    path("projects/", api.open_to_all(api.ProjectApi.as_view(READ)), name="api_project_list"),
    path("projects/<int:pk>/", api.open_to_all(api.ProjectApi.as_view(ONE)), name="api_project_detail"),
    path("sectors/", api.open_to_all(api.SectorApi.as_view(READ)), name="api_sector_list"),
    path("sectors/<slug:key>/", api.open_to_all(api.SectorApi.as_view(ONE)), name="api_sector_detail"),
    path("schema/", api.open_to_all(api.Schema.as_view()), name="api_schema"),
    path("docs/", api.docs, name="api_docs_asked"),
    path("<path:rest>/", api.open_to_all(api.Missing.as_view()), name="api_missing"),
]
