"""What a case is worth, and how much more another one is: found, and proven to lie between.

Both are searched to a gap. The case that all answers are compared with is searched ten times
as exactly as each of them, so that its own gap does not blur every difference.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.insight.demands import changed, reaching
from ikmplan.model.search import HIGHS, Answer, ask
from ikmplan.plan.plan import Plan

QUESTION_GAP = 1e-3  # of each answer, or the scenario's gap where that is larger
TIMES_FINER = 10  # is the gap of the case that answers are compared with


def question_gap(case: Case) -> float:
    """The gap of every question about a plan of the case."""
    return max(QUESTION_GAP, case.scenario.gap)


def worth(plan: Plan, case: Case, stop: threading.Event | None = None) -> Answer:
    """What the case of the plan is worth, to a tenth of the gap of the questions about it.

    The plan's own proof is enough if its gap is as small; else the search goes on from there.
    """
    gap = question_gap(case) / TIMES_FINER
    if plan.proof.gap <= gap or case.scenario.solver != HIGHS:
        return Answer(plan.proof.value, plan.proof.bound, plan)
    answer = at_least(ask(changed(case, gap=gap), plan, stop=stop), plan)
    return answer._replace(bound=min(answer.bound, plan.proof.bound))


def reaching_case(plan: Plan, case: Case) -> Case:
    """The case whose budget is cut or raised: that of the cheapest plan is what it costs."""
    if not case.scenario.is_cheapest:
        return case
    return reaching(case, budget=plan.cost, target_units=None, target_reached=None)


def at_least(answer: Answer, plan: Plan | None = None) -> Answer:
    """The answer, where `plan` is one to the same question, measured alike.

    No value is above its bound, not even by the solver's tolerance.
    """
    value, best = answer.value, answer.plan
    if plan is not None and (value is None or value < plan.proof.value):
        value, best = plan.proof.value, plan
    bound = answer.bound if value is None else max(answer.bound, value)
    return answer._replace(value=value, bound=bound, plan=best)


class Gain(NamedTuple):
    """How much more one case is worth than another, in units of the objective."""

    found: float
    low: float  # proven: it is no less
    high: float  # and no more


def gain(narrow: Case, less: Answer, wide: Case, more: Answer) -> Gain | None:
    """How much more the wide case is worth, which allows every plan that the narrow one allows.

    None where one of them has no plan. It is below zero only where the same plan is worth less
    in the wide case: without an exclusion, another cluster may count as the worst-off.
    """
    if less.value is None or more.value is None:
        return None
    found = Gain(more.value - less.value, more.value - less.bound, more.bound - less.value)
    if narrow.scenario.equity == 0 or set(narrow.reachable) == set(wide.reachable):
        # the same clusters may be the worst-off: a hair below zero is the gap of a search
        found = Gain(*(max(0.0, n) for n in found))
    return found
