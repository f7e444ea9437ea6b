from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from parkportal import checks  # noqa: F401 (registers them)


class ParkportalConfig(AppConfig):
    name = "parkportal"
    verbose_name = _("Accounts")

    def ready(self):
        autodiscover_modules("story")  # each app's story.py registers its models with parkportal.timeline
