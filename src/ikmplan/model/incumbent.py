"""What a search has found so far: its best solution, and the bound that no solution exceeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from ikmplan.model.highs import Model, SearchResult
from ikmplan.model.run_highs import Values
from ikmplan.plan.plan import VALUE_TOLERANCE, relative_gap

FIRST_GAP = 5e-2  # of a first plan that is good enough to go on from
SearchProgress = Callable[[float, float], None]


@dataclass
class Incumbent:
    """The best solution so far, and the bound: no solution is better."""

    model: Model
    on_better: SearchProgress | None
    on_best: Callable[[Values], None]
    best: Values | None = None
    value: float = -inf  # of `best`
    bound: float = inf
    # a plan that is shown and never searched from, so that the plan found does not depend on it
    neighbour: SearchResult | None = None
    reported: float = -inf  # the best value of a running search, or of `best`
    reported_bound: float = inf  # of a running search: it depends on the clock
    impossible: bool = False  # proven to have no solution
    stopped: bool = False  # by the caller
    first_plan_tried: bool = False  # after that a wide gap is no reason to wait for a better plan

    @property
    def gap(self) -> float:
        return relative_gap(self.value, self.bound)

    def accept(self, found: SearchResult) -> bool:
        """Keep the solution found if it is better; False where none was found."""
        if found.values is not None and found.value > self.value:
            self.best, self.value = found.values, found.value
            self.reported = max(self.reported, found.value)
            if self.value > self.bound + VALUE_TOLERANCE:  # the solver's bound was wrong
                self.bound = max(self.model.relaxation(), self.value)
            self.report()
            self.report_best()
        return found.values is not None

    def update_bound(self, found: SearchResult) -> None:
        self.impossible |= found.impossible and self.best is None
        self.stopped |= found.stopped
        if not found.impossible and self.value - VALUE_TOLERANCE <= found.bound < self.bound:
            shown = min(self.bound, self.reported_bound)
            self.bound = found.bound
            if self.bound < shown:
                self.report()

    def update_from_running(self, value: float, bound: float) -> None:
        """Take value and bound of a running search, and report where either is better."""
        if self.reported < value < inf or bound < min(self.bound, self.reported_bound):
            self.reported = max(self.reported, value if value < inf else -inf)
            self.reported_bound = min(self.reported_bound, bound)
            self.report()

    def report(self) -> None:
        if self.on_better:
            self.on_better(self.reported, min(self.bound, self.reported_bound))

    def report_best(self) -> None:
        """Report the best solution; one with a wide gap only after `first_plan`."""
        value, values, other = self.value, self.best, self.neighbour
        if other is not None and other.value > value:
            value, values = other.value, other.values
        gap = relative_gap(value, min(self.bound, self.reported_bound))
        if values and (self.first_plan_tried or gap <= FIRST_GAP):
            self.on_best(values)

    def show(self, found: SearchResult) -> None:
        """Report a plan of a case like this one, without searching from it."""
        if found.values is not None:
            self.neighbour, self.reported = found, found.value
            self.report()
            self.report_best()

    def fall_back(self, gap: float) -> None:
        """Accept the neighbour where it is better than what was found and that is not proven."""
        if self.neighbour is not None and (self.best is None or self.gap > gap):
            self.accept(self.neighbour)
