from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkportal import checks  # noqa: F401 (registers them)


class ParkportalConfig(AppConfig):
    name = "parkportal"
    verbose_name = _("Accounts")
