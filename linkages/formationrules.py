"""Setting the rule of formation: dated, so that each day keeps the rule that held then."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linkages.links import written
from linkages.models import FormationRule

SET = ["park_firms", "zone_firms", "links", "evidence_level", "basis"]


def set_rule(values, by):
    """Keeps a rule from a day on, in place of another one from the same day (which stays in the history)."""
    try:
        with transaction.atomic():
            rule = FormationRule.objects.select_for_update().filter(starts_on=values["starts_on"]).first()
            rule = rule or FormationRule(starts_on=values["starts_on"])
            for name in SET:
                setattr(rule, name, values[name])
            rule.set_by = by
            return written(rule, by)
    except IntegrityError as taken:
        raise ValidationError(_("Somebody has just set a rule from that day on. Look at it, then decide.")) from taken


def withdraw(rule, by, today):
    """Takes back a rule that has not come into force yet; False where it is gone already."""
    with transaction.atomic():
        rule = FormationRule.objects.select_for_update().filter(pk=rule.pk).first()
        if rule is None:
            return False
        if rule.starts_on <= today:
            raise ValidationError(_("This rule is in force already. Set a new one; days behind us keep this one."))
        rule._history_user = by
        rule.delete()
        return True
