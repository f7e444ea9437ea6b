"""From whom an agency took over its duties, and to whom they passed on: the successions in force on a day, followed."""

from tasks.models import Succession


class Inheritance:
    """All successions in force on a day, read once."""

    def __init__(self, today):
        self.today = today
        found = Succession.objects.in_force(today).select_related("predecessor", "successor").order_by("effective_on")
        self.step = {succession.predecessor_id: succession for succession in found}

    def onward(self, agency_id):
        """The successions that lead from an agency to the one that bears its duty today, first step first."""
        path, seen = [], {agency_id}
        while (step := self.step.get(agency_id)) and step.successor_id not in seen:
            path.append(step)
            agency_id = step.successor_id
            seen.add(agency_id)
        return path

    def heir(self, agency):
        """The agency that bears the duty today."""
        path = self.onward(agency.pk)
        return path[-1].successor if path else agency

    def inherited(self, agency):
        """[the path to this agency] of every agency whose duty it bears today, oldest step first."""
        paths = [self.onward(start) for start in self.step]
        return [path for path in paths if path and path[-1].successor_id == agency.pk]
