"""The ledger of reminders as people read it: whose rows they see, by what they filter, which mails they may open."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet, ModelChoiceFilter

from parkportal.models import OutgoingMail, User
from tasks.models import Agency, Reminder, ReportingCycle, agency_ids_of

State = OutgoingMail.State


def reads_everything(user):
    return user.is_consolidator or user.is_administrator or user.is_leadership


def may_send_again(user):
    """Who sees failed mails of everybody and puts them back into the queue."""
    return user.is_consolidator or user.is_administrator


def may_read(user, today):
    return reads_everything(user) or bool(agency_ids_of(user, today))


def visible_mails(user, today):
    """One's own mails; those in which every row is visible, for an agency; all of them, for those who read the whole ledger.

    Mails to people without an account (askers, firms) are not of the plan: the registry's editors see those on their pages.
    Mails that stand for no reminder (a report accepted or sent back) are their addressee's, and those who manage the year."""
    if may_send_again(user):
        return OutgoingMail.objects.filter(person__isnull=False)
    if user.is_leadership:
        return OutgoingMail.objects.filter(Q(person=user) | Q(reminders__isnull=False)).distinct()
    rows = Reminder.objects.visible_to(user, today)
    hidden = Reminder.objects.exclude(pk__in=rows.values("pk"))
    told = OutgoingMail.objects.filter(reminders__in=rows).exclude(reminders__in=hidden)
    return OutgoingMail.objects.filter(Q(person=user) | Q(pk__in=told.values("pk")))


def failed_mails(user):
    """Those that could not be delivered, for who may send them again."""
    return visible_mails(user, today=None).filter(state=State.FAILED) if may_send_again(user) else OutgoingMail.objects.none()


class LedgerFilter(FilterSet):
    cycle = ModelChoiceFilter(label=_("Cycle"), queryset=None, empty_label=_("every cycle"))
    agency = ModelChoiceFilter(label=_("Agency"), queryset=None, empty_label=_("every agency"))
    person = ModelChoiceFilter(label=_("Person"), queryset=None, empty_label=_("everybody"))
    state = ChoiceFilter(label=_("Delivery"), method="in_state", empty_label=_("all"))

    # What people call it: which states of the mail it stands for.
    STATES = {
        State.SENT: (_("sent"), [State.SENT]),
        State.WAITING: (_("waiting"), [State.WAITING, State.SENDING]),
        State.FAILED: (_("failed"), [State.FAILED]),
        State.WITHDRAWN: (_("no longer needed"), [State.WITHDRAWN]),
    }

    def __init__(self, data, rows):
        super().__init__(data, queryset=rows)
        named = Reminder.objects.filter(pk__in=rows.order_by().values("pk"))
        self.filters["cycle"].queryset = ReportingCycle.objects.filter(pk__in=named.values("cycle"))
        self.filters["agency"].queryset = Agency.objects.filter(pk__in=named.values("agency")).in_order()
        self.filters["person"].queryset = User.objects.filter(pk__in=named.values("person"))
        self.filters["state"].extra["choices"] = [(value, label) for value, (label, _states) in self.STATES.items()]

    def in_state(self, rows, name, value):
        return rows.filter(mail__state__in=self.STATES[value][1])
