"""What the planner's page shows at one moment, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ikmplan.faults import Fault
from ikmplan.input.case import Case
from ikmplan.insight.gains import Gain
from ikmplan.model.conflicts import NoPlan
from ikmplan.plan.plan import Plan, relative_gap

MOST_PRICED = 24  # locks, exclusions and limits whose cost is worked out
SEARCHING, NO_PLAN, FAILED = "searching", "none", "failed"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is known of a case at one moment. Frozen: each change makes another."""

    case: Case
    plan: Plan | None = None  # the best so far of this very case, audited
    programme: Plan | None = None  # as announced, where there is one
    bound: float = float("inf")
    none: NoPlan | None = None  # while busy, its reasons are still being worked out
    error_text: str = ""  # of an error that ended the search
    busy: bool = True
    stopped: bool = False
    faults: tuple[Fault, ...] = ()  # of the last change, which was not made
    costs: Mapping[str, Gain] = field(default_factory=dict)  # without it, by its text

    @property
    def plan_possible(self) -> bool:
        """Whether there is a plan or one may still come."""
        return self.plan is not None or (self.busy and self.none is None)

    @property
    def status(self) -> str:
        """SEARCHING, then "proven", "feasible" (stopped early), NO_PLAN or FAILED (an error)."""
        if self.error_text:
            return FAILED
        if self.busy:
            return SEARCHING
        return NO_PLAN if self.plan is None else self.plan.proof.status

    @property
    def gap(self) -> float | None:
        """How far the plan may be from the best, as a share of the best; None without a plan."""
        if self.plan is None:
            return None
        value = self.plan.proof.value
        return relative_gap(value, max(value, min(self.bound, self.plan.proof.bound)))

    @property
    def unpriced(self) -> list[tuple[str, str]]:
        """(field, text) of the plan's locks, exclusions and limits whose cost is not known yet.

        None where there are many: together they are a whole plan, and each alone costs nothing."""
        s = self.case.scenario
        if len(s.locks) + len(s.exclusions) + len(s.limits) > MOST_PRICED:
            return []
        return [
            (name, text)
            for name in ("locks", "exclusions", "limits")
            for text in getattr(s, name)
            if self.plan and text not in self.costs
        ]
