"""The cheapest plan, and the ladder turned round: what each further unit costs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from math import inf, isinf
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import MILLION
from ikmplan.input.scenario import COST
from ikmplan.insight.demands import changed
from ikmplan.insight.gains import at_least, question_gap
from ikmplan.model.search import ask
from ikmplan.plan.plan import Plan

COST_SHARES = (0.5, 0.75, 0.9, 1.0, 1.1)  # of what is asked
RUNG_SECONDS = 600.0  # the nodes of a question are the limit; a slow machine may need more


class CostRung(NamedTuple):
    """The cheapest plan found for a share of what is asked. Without a plan: where `bound` is None
    too, it is proven that no plan reaches so much; else the search ended before it found one."""

    share: float
    asked: float | None  # units expected to be reached, where that is asked for
    plan: Plan | None
    bound: int | None  # rupiah: no plan that reaches so much costs less; 0: nothing is proven
    timed_out: bool = False  # the time limit ended the search, so that it depends on the machine

    @property
    def cost(self) -> int | None:
        return None if self.plan is None else self.plan.cost


def cheapest_for(case: Case, reached: float) -> Case:
    """The case that asks for the cheapest plan with so many units expected to be reached."""
    return changed(case, goal=COST, target_reached=reached, near=())


def cost_ladder(
    case: Case,
    plan: Plan | None = None,
    *,
    shares: Sequence[float] = COST_SHARES,
    stop: threading.Event | None = None,
) -> tuple[CostRung, ...]:
    """The cheapest plans for parts of what a case with goal `cost` asks, the smallest first.

    `plan` is that of the case itself. Each rung asks for more than the one before, so its plan
    is no answer to less that costs more: where one is cheaper, it is the answer to both.
    """
    rungs: list[CostRung] = []
    for share in sorted(shares, reverse=True):  # the largest first: its plan answers less too
        part = changed(
            _asking(case, share), gap=question_gap(case), time_limit=RUNG_SECONDS, near=()
        )
        larger = next((rung.plan for rung in reversed(rungs) if rung.plan is not None), None)
        answer = ask(part, plan if share == 1 else larger, stop=stop, shown=True)
        answer = at_least(at_least(answer, larger), plan if share == 1 else None)
        least = None
        if answer.bound > -inf:
            least = 0 if isinf(answer.bound) else max(0, round(-answer.bound * MILLION))
        asked = part.scenario.target_reached
        rungs.append(CostRung(share, asked, answer.plan, least, answer.timed_out))
    return tuple(reversed(rungs))


def further_units(rungs: Sequence[CostRung]) -> Iterator[tuple[CostRung, float | None]]:
    """Each rung with the rupiah that one further unit costs since the rung before; None where
    there is none before."""
    before: CostRung | None = None
    for rung in rungs:
        each = None
        if rung.plan is not None and before is not None and before.plan is not None:
            units = _reach(rung) - _reach(before)
            each = (rung.plan.cost - before.plan.cost) / units if units > 0 else None
        yield rung, each
        before = rung if rung.plan is not None else before


def _reach(rung: CostRung) -> float:
    assert rung.plan is not None
    return rung.plan.reached if rung.asked is None else rung.asked


def _asking(case: Case, share: float) -> Case:
    """The case with this share of each number that it asks for."""
    s = case.scenario
    fields: dict[str, Any] = {
        "floor": min(1.0, s.floor * share),
        "floors": {c: min(1.0, floor * share) for c, floor in s.floors.items()},
    }
    if s.target_reached is not None:
        fields["target_reached"] = s.target_reached * share
    for name in ("target_units", "target_classes"):
        if (n := getattr(s, name)) is not None:
            fields[name] = int(n * share)
    return changed(case, **fields)
