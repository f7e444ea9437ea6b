"""What must hold in the settings and the database before the portal is trusted with a year's reports."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Error, Tags, register
from django.db import OperationalError, ProgrammingError


@register(Tags.database, deploy=True)
def no_demonstration_accounts(app_configs, databases=None, **kwargs):
    """Demonstration passwords are printed on a screen: such accounts must not exist where real reports are kept."""
    if not settings.PRODUCTION or not databases:
        return []
    try:
        found = get_user_model().objects.filter(is_demonstration=True).count()
    except (OperationalError, ProgrammingError):  # not migrated yet
        return []
    if not found:
        return []
    return [
        Error(
            f"The database holds {found} demonstration accounts.",
            hint="Start production on a database of its own; never on one that load_demonstration has filled.",
            id="parkportal.E001",
        )
    ]
