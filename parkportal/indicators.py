"""Figures that one app offers and another prints, so that neither imports the other.

An app registers in its AppConfig.ready(); the yearly report of tasks asks by key. A function that knows no figure returns
None, which is printed as "no figure", never as zero."""

from dataclasses import dataclass

_registry = {}


@dataclass(frozen=True)
class Indicator:
    key: str  # startups_2026_2030
    label: str  # Vietnamese, as the report prints it
    target: int | float | None  # None where no document states a number
    unit: str  # doanh nghiệp
    source: str  # who vouches for the figure
    function: object  # as_of (date) -> number, or None where nothing is known


@dataclass(frozen=True)
class Reading:
    """What an indicator stood at on a day; `value` is None where nobody knows."""

    key: str
    label: str
    target: int | float | None
    unit: str
    source: str = ""
    value: int | float | None = None


def register(key, label, target, function, unit, source):
    """Offers a figure. The same key twice is a mistake of ours, told at the start and not in a report."""
    if key in _registry:
        raise ValueError(f"The indicator {key} is registered twice.")
    _registry[key] = Indicator(key, label, target, unit, source, function)


def unregister(key):
    _registry.pop(key, None)


def readings(as_of, expected=()):
    """The indicators expected, in their order and whether offered or not, then whatever else is offered."""
    known = {key: _read(indicator, as_of) for key, indicator in _registry.items()}
    first = [known.get(reading.key, reading) for reading in expected]
    return [*first, *(reading for key, reading in known.items() if key not in {one.key for one in expected})]


def _read(indicator, as_of):
    value = indicator.function(as_of)
    source = indicator.source if value is not None else ""
    return Reading(indicator.key, indicator.label, indicator.target, indicator.unit, source, value)
