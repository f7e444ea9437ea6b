"""What a reader asks of the plan's rows, and how many rows each further answer would leave.

The plan is small, so its rows are read once with their status and everything else is counted here: the figure beside a
value is the number of rows it would show if the values chosen in the other groups stay as they are."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from django.forms import CheckboxSelectMultiple, MultipleChoiceField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django_filters import CharFilter, FilterSet, MultipleChoiceFilter

from parkportal.text import fold, whole_number
from tasks.models import Agency, AgencyReport, Succession, Task
from tasks.status import State, Timeliness
from tasks.taskpage import started_cycles, year_in_hand

NOTHING, UNREPORTED, UNSTATED = "nothing", "none", "unstated"
URGENCY = [Timeliness.OVERDUE, Timeliness.DUE_SOON, Timeliness.ON_TIME, Timeliness.NO_DEADLINE]
DENSITIES = ["compact", "open"]


@dataclass(frozen=True)
class Option:
    """One value that a reader may choose, and the number of rows it would show."""

    value: str
    label: str
    count: int
    is_chosen: bool
    query: str  # of the list with this value chosen, or no longer chosen


@dataclass(frozen=True)
class Facet:
    """One group of values: rows match any chosen value of a group, and every group."""

    name: str
    label: str
    options: list[Option]
    chosen: int


@dataclass(frozen=True)
class Chip:
    """A chosen value and the address of the list without it."""

    label: str
    words: str
    query: str


@dataclass(frozen=True)
class Line:
    """A row as shown: an assignment that matches, or a heading above one (`is_heading`)."""

    task: Task
    is_heading: bool = False


class AnyValueField(MultipleChoiceField):
    """Values come from addresses that people keep for years: an unknown one finds nothing instead of being refused."""

    def valid_value(self, value):
        return True


class FacetFilter(MultipleChoiceFilter):
    field_class = AnyValueField

    def __init__(self, *, values, **options):
        self.values_of = values  # the values of one row
        super().__init__(widget=CheckboxSelectMultiple, **options)


def brief(group):
    """A group's title without the words that both groups share."""
    for shared in ("Nhóm nhiệm vụ, giải pháp về ", "Tasks and solutions for "):
        if group.title.startswith(shared):
            rest = group.title.removeprefix(shared)
            return rest[:1].upper() + rest[1:]
    return group.title


class TaskFilter(FilterSet):
    """The list for people with an account: what was sent in counts."""

    q = CharFilter(label=gettext_lazy("Search"))
    year = CharFilter(label=gettext_lazy("Year"))
    group = FacetFilter(label=gettext_lazy("Group"), values=lambda task: {task.code.split(".")[0]})
    timeliness = FacetFilter(label=gettext_lazy("Timeliness"), values=lambda task: {task.timeliness})
    state = FacetFilter(label=gettext_lazy("State"), values=lambda task: {task.standing})
    lead = FacetFilter(label=gettext_lazy("Lead agency"), values=lambda task: {task.duty.key})
    kind = FacetFilter(label=gettext_lazy("Kind"), values=lambda task: {task.effective_kind or UNSTATED})
    coordinator = FacetFilter(label=gettext_lazy("Coordinating agency"), values=lambda task: task.coordinating)

    report_states = AgencyReport.SENT

    def __init__(self, data, today, plan_tasks=None):
        self.today = today
        super().__init__(data, queryset=Task.objects.all() if plan_tasks is None else plan_tasks)

    # What the rows are -------------------------------------------------------------------------------------------------
    @cached_property
    def cycles(self):
        return started_cycles()

    @cached_property
    def years(self):
        return sorted({cycle.year for cycle in self.cycles}, reverse=True)

    @cached_property
    def year_shown(self):
        """The year asked for, if there was a cycle; else the one that people work in now."""
        asked = whole_number(self.data.get("year"))
        return asked if asked in self.years else year_in_hand(self.cycles, self.today)

    @property
    def as_of(self):
        """The day on which timeliness is judged: today for the year in hand, an earlier year's own data cut-off."""
        cutoffs = [cycle.cutoff_on for cycle in self.cycles if cycle.year == self.year_shown]
        is_past = bool(self.years) and self.year_shown < self.years[0]
        return min(self.today, *cutoffs[:1]) if is_past and cutoffs else self.today

    @cached_property
    def agencies(self):
        return Agency.objects.in_bulk()

    @cached_property
    def heirs(self):
        return Succession.objects.heirs(self.today)

    def today_of(self, agency_id):
        """The agency that bears the duty of another one today; most bear their own."""
        return self.agencies[self.heirs.get(agency_id, agency_id)]

    @cached_property
    def rows(self):
        """Every row of the plan in printed order, with its status, the agency that bears it, and who coordinates."""
        tasks = self.queryset.order_by("position").prefetch_related("coordinators")
        rows = list(tasks.with_status(self.year_shown, self.as_of, self.report_states))
        for task in rows:
            task.duty = self.today_of(task.lead_id) if task.lead_id else None
            task.is_inherited = bool(task.duty and task.duty.pk != task.lead_id)
            task.coordinating = {self.today_of(it.agency_id).key for it in task.coordinators.all() if it.agency_id}
            task.standing = task.state or (NOTHING if task.is_nothing else UNREPORTED)
            task.haystack = f"{task.search_text} {task.duty.search_text}" if task.duty else task.search_text
        return rows

    @cached_property
    def assignments(self):
        return [task for task in self.rows if task.lead_id]

    # What was asked ----------------------------------------------------------------------------------------------------
    @property
    def facet_filters(self):
        return {name: it for name, it in self.filters.items() if isinstance(it, FacetFilter)}

    @cached_property
    def asked(self):
        """{name of a group: chosen values}. A lead that was succeeded stands for the one that bears its duty now."""
        asked = {name: [it for it in self.data.getlist(name) if it] for name in self.facet_filters}
        now = {agency.key: self.today_of(agency.pk).key for agency in self.agencies.values() if agency.pk in self.heirs}
        for name in {"lead", "coordinator"} & set(asked):
            asked[name] = [now.get(key, key) for key in asked[name]]
        return asked

    @cached_property
    def words(self):
        return fold(self.data.get("q", "")).split()

    def _says(self, task):
        return all(word in task.haystack for word in self.words)

    def _matches(self, task, apart_from=None):
        return self._says(task) and all(
            it.values_of(task) & set(self.asked[name])
            for name, it in self.facet_filters.items()
            if name != apart_from and self.asked[name]
        )

    def filter_queryset(self, queryset):
        return [task for task in self.assignments if self._matches(task)]

    @cached_property
    def found(self):
        """The assignments that match, in the order asked for."""
        return sorted(self.filter_queryset(None), key=self._order)

    # What is shown -----------------------------------------------------------------------------------------------------
    @property
    def sorts(self):
        return {
            "plan": _("As in the plan"),
            "urgent": _("Overdue first"),
            "percent": _("Least done first"),
            "lead": _("By lead agency"),
        }

    @property
    def sort(self):
        asked = self.data.get("sort")
        return asked if asked in self.sorts else "plan"

    @property
    def density(self):
        asked = self.data.get("density")
        return asked if asked in DENSITIES else DENSITIES[0]

    def _order(self, task):
        return {
            "plan": (),
            "urgent": (URGENCY.index(task.timeliness),),
            "percent": (task.percent is not None and task.percent, task.percent or 0),
            "lead": (task.duty.sort_key,),
        }[self.sort] + (task.position,)

    @cached_property
    def lines(self):
        """The rows to show; in the plan's own order with the headings above them."""
        if self.sort != "plan":
            return [Line(task) for task in self.found]
        shown, above = {task.pk for task in self.found}, set()
        parents = {task.pk: task.parent_id for task in self.rows}
        for pk in shown:
            while (pk := parents.get(pk)) and pk not in above:
                above.add(pk)
        return [Line(task, task.pk not in shown) for task in self.rows if task.pk in shown or task.pk in above]

    @property
    def facets(self):
        return [self._facet(name, it) for name, it in self.facet_filters.items()]

    def _facet(self, name, it):
        counts = Counter()
        for task in self.assignments:
            if self._matches(task, apart_from=name):
                counts.update(it.values_of(task))
        chosen = self.asked[name]
        labels = getattr(self, f"_{name}_labels")()
        options = [
            Option(value, label, counts[value], value in chosen, self._toggled(name, value)) for value, label in labels.items()
        ]
        return Facet(name, it.label, [it for it in options if it.count or it.is_chosen], len(set(chosen)))

    def _toggled(self, name, value):
        chosen = self.asked[name]
        return self.query(**{name: [it for it in chosen if it != value] if value in chosen else [*chosen, value]})

    def _group_labels(self):
        return {task.code: f"{task.code}. {brief(task)}" for task in self.rows if task.depth == 0 and not task.lead_id}

    def _timeliness_labels(self):
        return {str(value): str(value.label) for value in URGENCY}

    def _state_labels(self):
        known = {str(value): str(value.label) for value in State}
        return known | {NOTHING: _("nothing to report"), UNREPORTED: _("no report yet")}

    def _kind_labels(self):
        return {str(value): str(value.label) for value in Task.Kind} | {UNSTATED: pgettext("kind", "not stated")}

    def _agency_labels(self, keys):
        agencies = sorted(self.agencies.values(), key=lambda agency: agency.sort_key)
        return {agency.key: agency.title for agency in agencies if agency.key in keys}

    def _lead_labels(self):
        return self._agency_labels({task.duty.key for task in self.assignments})

    def _coordinator_labels(self):
        return self._agency_labels(set().union(*(task.coordinating for task in self.assignments)))

    @property
    def chips(self):
        chips = [Chip(_("Search"), self.data["q"], self.query(q=None))] if self.words else []
        for name, it in self.facet_filters.items():
            labels = getattr(self, f"_{name}_labels")()
            for value in dict.fromkeys(self.data.getlist(name)):
                others = [other for other in self.data.getlist(name) if other != value]
                chips.append(Chip(it.label, self._chip_words(labels, name, value), self.query(**{name: others})))
        return [chip for chip in chips if chip.words]

    def _chip_words(self, labels, name, value):
        if name in ("lead", "coordinator"):
            named = {agency.key: agency.title for agency in self.agencies.values()}
            return named.get(value, value)
        return labels.get(value, value)

    # Addresses ---------------------------------------------------------------------------------------------------------
    def query(self, **changes):
        """The address's query with some parts changed; None or an empty list takes a part out."""
        data = self.data.copy()
        data.setlist("export", [])
        for name, value in changes.items():
            data.setlist(name, value if isinstance(value, list) else [] if value is None else [value])
        for name in list(data):
            if not (kept := [value for value in data.getlist(name) if value]):
                del data[name]
            else:
                data.setlist(name, kept)
        return data.urlencode()

    @property
    def kept(self):
        """[(name, values)] of the address that the search form carries along without showing them."""
        shown = {"q", "sort", "year", "export"}
        return [(name, values) for name, values in self.data.lists() if name not in shown]

    @property
    def bare_query(self):
        """The same view of the list with nothing filtered out."""
        return self.query(q=None, **{name: [] for name in self.facet_filters})

    @property
    def density_choices(self):
        words = {"compact": _("Compact"), "open": pgettext("density", "Open")}
        return [(words[name], self.query(density=name), name == self.density) for name in DENSITIES]

    @property
    def xlsx_query(self):
        return self.query(export="xlsx")

    @property
    def csv_query(self):
        return self.query(export="csv")


class PublicTaskFilter(TaskFilter):
    """The list for everybody: only what was accepted counts."""

    kind = None
    coordinator = None
    report_states = [AgencyReport.State.ACCEPTED]
