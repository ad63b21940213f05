"""What there is to show at one moment of a planner's work, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from ikmplan.faults import Fault
from ikmplan.input.case import Case
from ikmplan.model.conflicts import NoPlan
from ikmplan.plan.plan import Plan, relative_gap

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ProofProgress(NamedTuple):
    """Of the search so far: the plan's value, what no plan can exceed, the share between."""

    value: float
    bound: float
    gap: float


class Cost(NamedTuple):
    """What a lock or exclusion costs, in units of the objective: proven to lie between."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All there is to show at one moment; it never changes, the next moment is another."""

    case: Case
    plan: Plan | None = None  # the best so far of this very case, audited
    programme: Plan | None = None  # as announced, where there is one
    bound: float = float("inf")
    none: NoPlan | None = None  # while busy, its reasons are still being worked out
    error_text: str = ""  # what broke, in words
    busy: bool = True
    stopped: bool = False
    faults: tuple[Fault, ...] = ()  # of what was asked for last; the case before it stays
    costs: Mapping[str, Cost] = field(
        default_factory=lambda: _NOTHING
    )  # lock or exclusion -> what it costs

    @property
    def plan_possible(self) -> bool:
        """Whether there is a plan or one may still come."""
        return self.plan is not None or (self.busy and self.none is None)

    @property
    def progress(self) -> ProofProgress | None:
        if self.plan is None:
            return None
        value, bound = self.plan.proof.value, min(self.bound, self.plan.proof.bound)
        bound = max(value, bound)
        return ProofProgress(value, bound, relative_gap(value, bound))

    @property
    def unpriced(self) -> list[tuple[str, str]]:
        """(field, text) of the plan's locks and exclusions whose cost is not known yet."""
        s = self.case.scenario
        texts = [("locks", t) for t in s.locks] + [("exclusions", t) for t in s.exclusions]
        return [(name, text) for name, text in texts if self.plan and text not in self.costs]
