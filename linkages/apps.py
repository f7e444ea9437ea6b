from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkagesConfig(AppConfig):
    name = "linkages"
    verbose_name = _("Linkage chains")

    def ready(self):
        import_module("linkages.annexes")  # registers what firms' pages say of their links
