"""How the history of accounts is told."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import timeline
from parkportal.models import User


def account_step(record, previous):
    if turn := timeline.turned(record, previous, "is_active"):
        return _("reopened the account") if turn[1] else _("closed the account")
    return None


timeline.register(
    User,
    entered=gettext_lazy("created the account"),
    step=account_step,
    told_by_step={"is_active"},
    untold={"date_joined"},
    labels={"is_superuser": gettext_lazy("All rights")},
)
