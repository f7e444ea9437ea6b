"""Rows of firms and projects counted by whatever they say."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter

from firms.models import Currency


@dataclass
class Count:
    """Totals of some rows. `stated` of the projects state a capital, `employing` of the firms a number of people."""

    firms: int = 0
    projects: int = 0
    capital: dict = field(default_factory=lambda: defaultdict(Decimal))  # {currency: amount}
    stated: int = 0
    jobs: int = 0
    employing: int = 0
    planned: int = 0
    planning: int = 0

    def of(self, measure):
        """One of its figures; a measure is a field's name or a currency."""
        return self.capital.get(measure, 0) if measure in Currency.values else getattr(self, measure)

    @property
    def is_nothing(self):
        return not (self.firms or self.projects)

    def add(self, other):
        for name in ("firms", "projects", "stated", "jobs", "employing", "planned", "planning"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for currency, amount in other.capital.items():
            self.capital[currency] += amount


class Tally:
    """Rows counted by whatever they say. What few rows state (people, capital) is looked up once for all divisions."""

    def __init__(self, firms, projects, day, today):
        self.firms, self.projects = firms, projects
        told = ((row, row.jobs_on(day)) for row in firms if row.jobs)
        self.employing = [(row, people) for row, people in told if people is not None]
        amounts = ((row, row.amount_on(day, today)) for row in projects)
        self.stated = [(row, amount) for row, amount in amounts if amount[0] is not None]
        self.counted = {}
        self.planning = [row for row in projects if row.jobs_planned is not None]

    def by(self, name):
        """{what rows say: their count}; `name` is a row's field. Counted once; the counts are not to be changed."""
        if name not in self.counted:
            self.counted[name] = self._count(name)
        return self.counted[name]

    def _count(self, name):
        counts, said = defaultdict(Count), attrgetter(name)
        for value, number in Counter(map(said, self.firms)).items():
            counts[value].firms = number
        for value, number in Counter(map(said, self.projects)).items():
            counts[value].projects = number
        for row, people in self.employing:
            count = counts[said(row)]
            count.jobs += people
            count.employing += 1
        for row, (amount, currency) in self.stated:
            count = counts[said(row)]
            count.capital[currency] += amount
            count.stated += 1
        for row in self.planning:
            count = counts[said(row)]
            count.planned += row.jobs_planned
            count.planning += 1
        return counts

    @property
    def total(self):
        total = Count()
        for part in self.by("capital_type").values():
            total.add(part)
        return total
