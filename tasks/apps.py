from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tasks import checks  # noqa: F401 (registers them)


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("Plan and reports")
