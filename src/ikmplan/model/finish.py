"""The last steps of a search, after the proof: of all plans within the gap, which one."""

from __future__ import annotations

from ikmplan.model.decisions import decisions_of
from ikmplan.model.highs import Model
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import MILLION, total_cost
from ikmplan.model.stages import FEW_NODES, Search
from ikmplan.plan.plan import Decisions, value_of

NEARLY_ALL_SPENT = 0.99  # of the budget: with more spent, only seats and units can save money


def cheapest_within_gap(search: Search) -> Decisions:
    """The cheapest plan within the gap that a short search finds.

    Where nearly all money is spent anyway, only seats and units are decided again.
    """
    case, best, values = search.case, search.decisions, search.incumbent.best or {}
    if search.incumbent.stopped or search.left <= 0:
        return best
    enough = max(search.start_value, search.incumbent.bound * (1 - case.scenario.gap))
    # a little less, so that rounding does not exclude the plan there is
    least = min(value_of(case, best), enough) - 1e-6
    problem, v = make_problem(case, least=least)
    cost = sum(price * values[x.name] for x, price in total_cost(case, search.v).items())
    held = search.counts if cost * MILLION > NEARLY_ALL_SPENT * case.budget else []
    found = Model(problem).search(
        1e-4,
        search.left,
        seed=case.scenario.seed,
        bounds={name: (round(values[name]),) * 2 for name in held},
        start=values,
        stop=search.stop,
        nodes=FEW_NODES,
    )
    search.raise_if_abandoned()
    if found.values is None:
        return best
    decisions = decisions_of(case, v, found.values)
    return decisions if value_of(case, decisions) >= least else best
