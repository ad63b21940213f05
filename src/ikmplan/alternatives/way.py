"""The way from a given plan: for 1, 2, 3, … changes the best plan with no more of them.

The given plan may be the announced programme, another run or a pinned plan; it need not keep the
rules. Then the first step is its repair: the best plan with the fewest changes that keeps them.
Each step is a question of its own, asked of the whole model with the rule `changes_within`, so
that its bound holds for every plan with as many changes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, inf
from typing import NamedTuple, TypedDict, Unpack

from ikmplan.input.case import Case
from ikmplan.insight.demands import changed
from ikmplan.insight.gains import at_least
from ikmplan.insight.questions import lock_text
from ikmplan.model.conflicts import NoPlan, find_conflicts
from ikmplan.model.distance import (
    Counts,
    change_count,
    changes_counted,
    changes_from,
    changes_within,
    counts_of,
    places_of,
)
from ikmplan.model.highs import Model
from ikmplan.model.problem import make_problem
from ikmplan.model.rules import RULES
from ikmplan.model.search import ask
from ikmplan.plan.audit import find_breaches
from ikmplan.plan.breaches import Breach
from ikmplan.plan.plan import VALUE_TOLERANCE, Plan, price_of_line, relative_gap

WAY_GAP = 3e-3  # of each step
WAY_STEPS = 20
STEP_SECONDS = 600.0  # never needed on a city of Medan's size: nodes are the limit
REPAIR_NODES = 2000
# rules of what a plan is worth and not of what is decided: the audit checks by them the value, the
# bound and the gap that a plan states, and a plan made for another goal states those of that goal
OF_THE_VALUE = {"worst_off", "bad_seasons", "smaller_clusters"}


@dataclass(frozen=True)
class Step:
    """The best plan with at most `most` changes from the given one."""

    most: int
    plan: Plan
    bound: float  # no plan with so few changes is worth more

    @property
    def value(self) -> float:
        return self.plan.proof.value

    @property
    def gap(self) -> float:
        return relative_gap(self.value, max(self.value, self.bound))


class Fewest(NamedTuple):
    """The fewest changes that make the given plan keep the rules."""

    changes: int  # 0: it keeps them
    proven: bool = True  # no plan with fewer of them keeps the rules


@dataclass(frozen=True)
class Way:
    """The steps from a given plan to the best one; the first has the fewest changes possible."""

    given: Plan
    case: Case  # its budget is the money of the way
    best: Plan  # of the case, where the way leads
    steps: tuple[Step, ...]
    nested: bool
    fewest: Fewest

    @property
    def repaired(self) -> bool:
        return self.fewest.changes > 0

    @cached_property
    def breaches(self) -> tuple[Breach, ...]:
        """What the given plan breaks of the rules, as the audit finds it."""
        rules = {rule.name for rule in RULES} - OF_THE_VALUE
        found = find_breaches(self.given, self.case)
        return tuple(breach for breach in found if breach.rule in rules)


class WayOptions(TypedDict, total=False):
    """How a way is searched; what is left out is as in `walk`."""

    steps: int  # at most, after the first
    nested: bool  # each step keeps what the steps before it changed
    gap: float
    fewest: Fewest | None  # where they are known
    stop: threading.Event | None


def way(given: Plan, case: Case, best: Plan, **options: Unpack[WayOptions]) -> Way:
    """The way from `given` to `best`, the best plan of the case.

    Raises `NoPlan` where no plan keeps every rule, with the reasons.
    """
    *_before, whole = growing_way(given, case, best, **options)
    return whole


def growing_way(
    given: Plan, case: Case, best: Plan, **options: Unpack[WayOptions]
) -> Iterator[Way]:
    """What `way` finds: first without a step, then with each step as soon as it is found."""
    fewest = options.get("fewest")
    if fewest is None:
        asked = _asked(case, options.get("gap", WAY_GAP))
        fewest = fewest_changes(asked, counts_of(given), best, options.get("stop"))
    options["fewest"] = fewest
    found = Way(given, case, best, (), options.get("nested", False), fewest)
    yield found
    for step in walk(given, case, best, **options):
        found = replace(found, steps=(*found.steps, step))
        yield found


def walk(
    given: Plan,
    case: Case,
    best: Plan,
    *,
    fewest: Fewest | None = None,
    steps: int = WAY_STEPS,
    nested: bool = False,
    gap: float = WAY_GAP,
    stop: threading.Event | None = None,
) -> Iterator[Step]:
    """The steps of `way`, each as soon as it is found."""
    asked, counts = _asked(case, gap), counts_of(given)
    if fewest is None:
        fewest = fewest_changes(asked, counts, best, stop)
    to_best = change_count(counts, counts_of(best))
    before: Plan | None = None
    bound = inf  # of the plans with fewer changes than the step has
    for most in range(fewest.changes, fewest.changes + steps + 1):
        inside = _keeping(asked, counts, before) if nested and before is not None else asked
        rules = (*RULES, changes_within(counts, most))
        start = best if before is None and most >= to_best else before
        worth = (most, max(bound, before.proof.value)) if before is not None else (0, inf)
        answer = ask(
            inside, start, rules=rules, near=counts, fewer_worth=worth, stop=stop, shown=True
        )
        bound = answer.bound
        answer = at_least(answer, before)
        if most >= to_best and not nested:
            answer = at_least(answer, best)
        if answer.plan is None:  # more nodes were needed: the next step may find one
            continue
        if before is None or answer.plan.proof.value > before.proof.value + VALUE_TOLERANCE:
            before = answer.plan
        # the best plan's own bound is one too: it may change whatever it likes
        yield Step(most, before, min(answer.bound, max(best.proof.bound, best.proof.value)))
        done = before.proof.value >= best.proof.value - VALUE_TOLERANCE
        if done or (stop is not None and stop.is_set()):
            return


def fewest_changes(
    case: Case, given: Counts, best: Plan | None = None, stop: threading.Event | None = None
) -> Fewest:
    """The fewest changes from the given counts that any plan needs which keeps the rules.

    They are not proven where the search ends, or is stopped, before; where it finds no plan they
    are those of `best`, a plan of the case.

    Raises `NoPlan` where no plan keeps them.
    """

    def near(case: Case, v):  # type: ignore[no-untyped-def]
        return -1 * changes_from(case, v, given)

    problem, _v = make_problem(case.ordered, aim=near, rules=(*RULES, changes_counted(given)))
    found = Model(problem).search(0.0, STEP_SECONDS, nodes=REPAIR_NODES, stop=stop)
    if found.values is None and best is not None and not found.impossible:
        return Fewest(change_count(given, counts_of(best)), proven=False)
    if found.values is None:
        raise NoPlan(find_conflicts(case) if found.impossible else [], False, found.impossible)
    changes = ceil(-found.value - 0.5)
    return Fewest(changes, proven=ceil(-found.bound - 1e-6) >= changes)


def own_money(given: Plan, case: Case) -> Case:
    """The case with no more money than the given plan costs, at the prices of the case."""
    columns = ["kind", "item", "host", "component", "quantity", "price"]
    cost = sum(
        int(n) * price_of_line(case, kind, item, host, component, int(paid))
        for kind, item, host, component, n, paid in given.lines[columns].itertuples(index=False)
    )
    return changed(case, budget=min(cost, case.budget))


def _asked(case: Case, gap: float) -> Case:
    return changed(case, gap=gap, time_limit=STEP_SECONDS, near=())


def _keeping(case: Case, given: Counts, before: Plan) -> Case:
    """The case with locks that keep what was changed of the given counts."""
    there = counts_of(before)
    locks = [
        lock_text(item, host, ">=" if there.get(at, 0) > given.get(at, 0) else "<=", n)
        for at in places_of(case)
        for item, host in [at]
        for n in [there.get(at, 0)]
        if n != given.get(at, 0)
    ]
    return changed(case, locks=(*case.scenario.locks, *locks))
