"""What one app adds to a page of another, so that neither imports the other.

An app registers in a module that is read at the start; the page asks for its annexes by the page's name and includes each
one's template. A function gives (template, context), or None where it has nothing to say; it asks the database a fixed number
of times."""

_registry = {}


def register(page, function):
    """Has a function asked whenever a page of this name is shown: function(subject, user) -> (template, context) or None."""
    _registry.setdefault(page, []).append(function)


def unregister(page, function):
    _registry[page].remove(function)


def of(page, subject, user):
    """[(template, context)] for a page that shows a subject to a person."""
    found = (function(subject, user) for function in _registry.get(page, []))
    return [annex for annex in found if annex]
