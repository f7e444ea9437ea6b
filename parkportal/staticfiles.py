"""Static files with hashed names, compressed by gzip alone: brotli takes ten times as long at set-up."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFiles(StaticFilesConfig):
    # Extensions of htmx that no page loads; one of them imports a name that is no file.
    # The short form of the clusters' script names a map that its package lacks; the long form has its own.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "hx-*.js", "leaflet.markercluster.js"]


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # A page must not fail because one file was added after set-up.
    manifest_strict = False
    # Modules import each other by name; the names in them are hashed too.
    support_js_module_import_aggregation = True

    def create_compressor(self, **kwargs):
        return Compressor(use_brotli=False, **kwargs)
