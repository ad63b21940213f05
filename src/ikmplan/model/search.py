"""`solve(case) -> Plan`: the best plan that can be found and proven in the time given.

`stages` finds and proves it; then `finish` chooses among those within the gap.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.model.conflicts import Conflict, NoPlan, find_conflicts
from ikmplan.model.decisions import decisions_of
from ikmplan.model.distance import Counts
from ikmplan.model.finish import finished, finished_answer, nearest_within_gap
from ikmplan.model.incumbent import FIRST_GAP as FIRST_GAP
from ikmplan.model.incumbent import SearchProgress
from ikmplan.model.rules import RULES, Rule
from ikmplan.model.stages import HIGHS as HIGHS
from ikmplan.model.stages import Search
from ikmplan.plan.plan import VALUE_TOLERANCE, Plan

NODES = 500  # of each stage of a question


def solve(
    case: Case,
    *,
    start: Plan | None = None,
    stop: threading.Event | None = None,
    on_better: SearchProgress | None = None,
    on_plan: Callable[[Plan], None] | None = None,
    on_none: Callable[[list[Conflict]], None] | None = None,
) -> Plan:
    """The best plan of the case, audited.

    `start` is a plan of a case like this one: the search begins there, and never ends worse
    (by more than a hundredth of a percent). Where `on_plan` is given, its classes and machines
    are only shown at once: what a search proves depends on the case alone, and one that is ended
    before gives the better of both.
    `stop` (or Ctrl-C) ends the search with the best plan so far. `on_better` is called with
    (value, bound) whenever either improves, `on_plan` with each better plan, audited. Where
    there is no plan, `on_none` is called with [] at once, then with the conflicts found so far.
    Raises `NoPlan` where no plan keeps every rule, with the reasons in words, or where the
    time was too short to find one; `SolverFailed` where the solver is not installed or fails;
    `Abandoned` where `stop` is a `Stop` that was abandoned.
    """
    stop = stop or threading.Event()
    search = Search(case, stop, on_better=on_better, on_plan=on_plan)
    with _ctrl_c_sets(stop):
        search.run(start)
        found = search.incumbent
        if found.best is None:
            conflicts = (
                find_conflicts(search.case, stop, on_conflict=on_none) if found.impossible else []
            )
            search.raise_if_abandoned()
            raise NoPlan(conflicts, found.stopped, found.impossible)
        return search.plan(finished(search))


class Answer(NamedTuple):
    """The answer to a question; `value` is None where no plan keeps every rule."""

    value: float | None  # of the best plan found
    bound: float  # no plan is better
    plan: Plan | None
    timed_out: bool = False  # the time limit ended it and not its nodes: it depends on the machine


def ask(
    case: Case,
    start: Plan | None = None,
    *,
    rules: Iterable[Rule] = RULES,
    lawful: bool = True,
    stop: threading.Event | None = None,
    nodes: int = NODES,
    near: Counts | None = None,
    fewer_worth: tuple[int, float] = (0, inf),
    shown: bool = False,
) -> Answer:
    """What a case is worth, to a hundredth of a unit or so: one of many questions.

    The search is limited in nodes and not in seconds, so that the answer is the same on every
    machine; it gives neither the cheapest plan nor the reasons where there is none.
    `rules` may be stricter than RULES; where some are not (`lawful` is False), the answer has no
    plan, for it might break its audit. None of RULES may be missing: the cuts follow from them.
    With `near`, the plan is that of the value found which changes these counts least; where
    `fewer_worth` is (k, value), no plan with fewer than k changes is worth more than that value.
    A plan that is `shown` reaches what the one of `solve` would where units do not count.
    """
    search = Search(case, stop or threading.Event(), tuple(rules), nodes)
    search.run(start)
    found = search.incumbent
    timed_out = search.left <= 0 and not found.impossible and found.gap > case.scenario.gap
    if found.best is None:
        bound = -inf if found.impossible else found.bound * search.scale
        return Answer(None, bound, None, timed_out)
    plan = None
    if lawful:
        values = found.best
        if near is not None:
            least = found.value - VALUE_TOLERANCE
            k, worth = fewer_worth
            fewest = k if least * search.scale > worth else 0
            values = nearest_within_gap(search, values, {}, near, least, fewest)
        if shown:
            held = search.counts if near is not None else []
            decisions = finished_answer(search, values, held)
        else:
            decisions = decisions_of(search.case, search.v, values)
        plan = search.plan(decisions)
    return Answer(found.value * search.scale, found.bound * search.scale, plan, timed_out)


@contextmanager
def _ctrl_c_sets(stop: threading.Event) -> Iterator[None]:
    """Inside, Ctrl-C sets `stop` instead of raising `KeyboardInterrupt`."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals; it may set `stop` itself
        return
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: stop.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
