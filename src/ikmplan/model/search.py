"""`solve(case) -> Plan`: the best plan that can be found and proven in the time given.

The search lets wholeness go where it costs most and gives it back step by step:

1. nothing whole: a bound, and with its classes and machines, each rounded up or down,
   a plan a few percent below it, within a tenth of a second;
2. classes, quarters and machines whole, seats and units not: a better bound, and a guess,
   with a first plan from what it has when it is near;
3. all whole but the units, from the best plan so far;
4. only where that does not end within the gap, or its units cannot be whole: everything whole.

Classes and machines found by a stage are held and all else is made whole around them, which
takes milliseconds; so are those of a plan of a case like this one (`start`), before all.
Every stage's bound is a bound on the whole problem, so the search ends as soon as plan and
bound are within the gap asked. Then the cheapest plan within the gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.model.conflicts import Conflict, NoPlan, find_conflicts
from ikmplan.model.decisions import decisions_of, names_of, values_of
from ikmplan.model.highs import Abandoned, Model, SearchResult, Stop, Values, ctrl_c_sets
from ikmplan.model.other_solver import search_with
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import MILLION, total_cost
from ikmplan.model.rules import RULES, Rule
from ikmplan.plan.audit import audit
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, make_proof, relative_gap, value_of

HIGHS = "HiGHS"
FIRST_GAP = 5e-2  # of a first plan that is good enough to go on from
NEAR_GAP = 3e-2  # of the first plan, which is a few percent from the best anyway
ROUGH_GAP = 1e-2  # of a guess in the rough, which is there in half a second
GUESS_GAP = 5e-4  # of the guess that the proof begins at
FEW_NODES = 50  # a limit in nodes, not seconds: the same plan on every machine
VALUE_TOLERANCE = 1e-6  # of a value: what lies nearer is the same
AROUND_GAP = 1e-3  # of plans on the way to the best
POLISH_GAP = 1e-4
POLISH_SECONDS = 5.0  # it takes hundredths of one
NODES = 500  # of each stage of a question
NEARLY_ALL_SPENT = 0.99  # of the budget: beyond it the search has found already how to spend least
SearchProgress = Callable[[float, float], None]


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
    (by more than a hundredth of a percent; 3 % where it is watched and soon stopped).
    `stop` (or Ctrl-C) ends the search with the best plan so far; `on_better` hears
    (value, bound) whenever either is better than before, `on_plan` each better plan, audited.
    Where there is none, `on_none` hears it at once, with no conflicts, and then of each conflict.
    Raises `NoPlan` where no plan keeps every rule, with the reasons in words, or where the
    time was too short to find one; `engine.Broken` where the solver is not there;
    `engine.Abandoned` where `stop` is an `engine.Stop` that was abandoned.
    """
    stop = stop or threading.Event()
    search = _Search(case, stop, on_better or (lambda _value, _bound: None), on_plan=on_plan)
    with ctrl_c_sets(stop):
        search.run(start)
        if search.best is None:
            conflicts = find_conflicts(case, stop, on_conflict=on_none) if search.impossible else []
            search.raise_if_abandoned()
            raise NoPlan(conflicts, search.stopped, search.impossible)
        return search.plan(search.cheapest_within_gap())


class Answer(NamedTuple):
    """What a question was answered with; `value` is None where no plan keeps every rule."""

    value: float | None  # of the best plan found
    bound: float  # no plan is better
    plan: Plan | None


def ask(
    case: Case,
    start: Plan | None = None,
    *,
    rules: Iterable[Rule] = RULES,
    lawful: bool = True,
    stop: threading.Event | None = None,
    nodes: int = NODES,
) -> Answer:
    """What a case is worth, to a hundredth of a unit or so: one of many questions.

    Neither the cheapest plan is looked for nor the reasons where there is none. The search is
    limited in nodes and not in seconds, so that the answer is the same on every machine.
    `rules` may be stricter than RULES; where they are not (`lawful` is False), there is no plan
    in the answer, for it might break its audit. None of RULES may be missing: the cuts follow
    from them.
    """
    stop = stop or threading.Event()
    search = _Search(case, stop, lambda _value, _bound: None, tuple(rules), nodes)
    search.run(start)
    if search.best is None:
        return Answer(None, float("-inf") if search.impossible else search.bound, None)
    plan = search.plan(decisions_of(case, search.v, search.best)) if lawful else None
    return Answer(search.value, search.bound, plan)


@dataclass
class _Search:
    """The state of one search: the best values so far and the bound."""

    case: Case
    stop: threading.Event
    on_better: SearchProgress
    rules: tuple[Rule, ...] = RULES
    nodes: int | None = None  # a limit for each stage
    on_plan: Callable[[Plan], None] | None = None
    best: Values | None = None
    first_plan_tried: bool = False  # a first plan was looked for
    value: float = float("-inf")
    least: float = float("-inf")  # the value where it began, which is not given up
    bound: float = float("inf")
    impossible: bool = False
    stopped: bool = False
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.given_up = self.stop.abandoned if isinstance(self.stop, Stop) else threading.Event()
        problem, self.v = make_problem(self.case, rules=self.rules)
        self.model = Model(problem)

    def run(self, start: Plan | None = None) -> None:
        """Search until proven, stopped, or out of time; `start` is where it may begin."""
        relaxed = self._relaxed() if self.case.scenario.solver == HIGHS else None
        if start is not None and not self.impossible:
            values = values_of(self.v, start)
            if self.on_plan:  # somebody who watches would rather see a plan now than its last unit
                self._complete_with_fixed(
                    values, NEAR_GAP, FEW_NODES, self.v.classes, self.v.machines
                )
            else:
                self._complete(values, self._finest, self.nodes)
            self.least = self.value
        if relaxed is not None:
            self.in_stages(relaxed)
        else:
            self.by_other_solver()

    def plan(self, decisions: Decisions) -> Plan:
        s = self.case.scenario
        proof = make_proof(self.case, decisions, self.bound, s.gap, s.solver)
        made = make_plan(self.case, decisions, proof)
        audit(made, self.case)
        return made

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.case.scenario.time_limit - (time.monotonic() - self.began))

    @property
    def is_over(self) -> bool:
        gap = relative_gap(self.value, self.bound)
        proven = self.best is not None and gap <= self.case.scenario.gap
        return self.impossible or self.stopped or proven or self.left <= 0

    def in_stages(self, relaxed: SearchResult) -> None:
        asked, v = self.case.scenario.gap, self.v
        self._first_plan(relaxed)
        guess = self._decide_counts()
        if guess is not None:
            self._complete(guess, POLISH_GAP, FEW_NODES)
        made = False
        if not self.is_over:
            whole = self._search(asked, continuous=names_of(v.units), start=self.best)
            made = whole.values is not None and self._complete_with_fixed(
                whole.values, self._finest, self.nodes, v.classes, v.machines, v.seats
            )
        if not self.is_over and not (made and self.nodes):
            self._accept(self._search(asked, start=self.best))

    def _relaxed(self) -> SearchResult:
        """With nothing whole: a bound."""
        everything = self.model.integers
        relaxed = self._ask(0, self.left, continuous=everything, stop=self.given_up)
        self._update_bound(relaxed)
        self.on_better(self.value, self.bound)
        return relaxed

    def _decide_counts(self) -> Values | None:
        """Classes and machines that are best while seats and units are not whole.

        On the way to them, a plan from the first that are not far from it: they are off by a
        class or two, so the plans around them are worth a look.
        """
        if self.is_over:
            return None
        return self._search(
            max(self.case.scenario.gap, GUESS_GAP),
            continuous=names_of(self.v.units, self.v.seats),
            start=self.best,
            within=ROUGH_GAP,
            on_within=lambda values: self._complete_with_one_fewer(values, AROUND_GAP),
        ).values

    def _first_plan(self, relaxed: SearchResult) -> None:
        """A first plan, where there is none good enough; and a poor one is better than none."""
        counts = (self.v.classes, self.v.machines)
        if relaxed.values is not None and self._gap_too_wide:
            rounded = self.model.dive(names_of(*counts), POLISH_SECONDS, self._stop)
            self.raise_if_abandoned()
            if rounded is not None:
                self._complete_with_fixed(rounded, NEAR_GAP, FEW_NODES, *counts)
            if self._gap_too_wide:
                self._round_relaxation(relaxed.values)
        self.first_plan_tried = True
        if self._gap_too_wide:  # a better one has been told
            self._report_plan()

    def _round_relaxation(self, at: Values) -> None:
        """A plan whose classes and machines are the relaxation's, rounded up or down, or fewer."""
        flowing = names_of(self.v.units, self.v.seats)
        counts = (self.v.classes, self.v.machines)
        for least in (floor, lambda _n: 0):
            sides = {
                n: (least(at[n] + VALUE_TOLERANCE), ceil(at[n] - VALUE_TOLERANCE))
                for n in names_of(*counts)
            }
            near = self._short(NEAR_GAP, self.nodes, continuous=flowing, bounds=sides)
            if near.values and self._complete_with_fixed(near.values, NEAR_GAP, FEW_NODES, *counts):
                return

    def by_other_solver(self) -> None:
        s = self.case.scenario
        found = search_with(s.solver, self.model.problem, s.gap, s.time_limit)
        self._update_bound(found)
        self.first_plan_tried = True
        self._accept(found)

    def _search(
        self, gap: float, *, continuous: Iterable[str] = (), **options: Any
    ) -> SearchResult:
        told = self.value

        def heard(value: float, bound: float) -> None:
            nonlocal told
            # where something is not whole yet, its value is of no plan; its bound is a bound
            better = not continuous and told < value < float("inf")
            if better or bound < self.bound:
                told = max(self.value, value if better else told)
                self.bound = min(self.bound, bound)
                self.on_better(told, self.bound)

        found = self._ask(
            gap,
            self.left,
            seed=self.case.scenario.seed,
            continuous=continuous,
            stop=self.stop,
            nodes=self.nodes,
            on_better=heard,
            **options,
        )
        self._update_bound(found)
        return found

    def _update_bound(self, found: SearchResult) -> None:
        self.impossible |= found.impossible and self.best is None
        self.stopped |= found.stopped
        if not found.impossible and found.bound >= self.value - VALUE_TOLERANCE:
            self.bound = min(self.bound, found.bound)

    def _complete(self, values: Values, gap: float, nodes: int | None) -> None:
        """Keep the best plan with these classes and machines, or with one less of some."""
        if not self._complete_with_fixed(values, gap, nodes, self.v.classes, self.v.machines):
            self._complete_with_one_fewer(values, gap)

    def _complete_with_one_fewer(self, values: Values, gap: float) -> None:
        """Make the rest whole with the classes and machines, or one less of some.

        Where seats and units flow, a plan counts on parts of people; whole ones may not fit
        until a class is given up somewhere. It takes a tenth of a second.
        """
        names = names_of(self.v.classes, self.v.machines)
        near = {name: (max(0, round(values[name]) - 1), round(values[name])) for name in names}
        self._accept(self._short(gap, FEW_NODES, bounds=near))

    def _complete_with_fixed(
        self, values: Values, gap: float, nodes: int | None, *kinds: dict[Any, Any]
    ) -> bool:
        """Make the rest whole around the decisions as they are; False where that cannot be."""
        fixed = {name: (round(values[name]),) * 2 for name in names_of(*kinds)}
        return self._accept(self._short(gap, nodes, bounds=fixed))

    @property
    def _finest(self) -> float:
        return min(self.case.scenario.gap / 10, POLISH_GAP)

    @property
    def _stop(self) -> threading.Event:
        """A first plan is worth a few seconds even to somebody who has pressed Stop."""
        return self.given_up if self.best is None else self.stop

    def _short(self, gap: float, nodes: int | None, **options: Any) -> SearchResult:
        """A search of a moment; where nodes are the limit, seconds would make answers differ."""
        seconds = POLISH_SECONDS if self.nodes is None else self.left
        return self._ask(gap, seconds, nodes=nodes, stop=self._stop, **options)

    def _ask(self, gap: float, seconds: float, **options: Any) -> SearchResult:
        found = self.model.search(gap, seconds, **options)
        self.raise_if_abandoned()
        return found

    def raise_if_abandoned(self) -> None:
        """Go no further where nobody waits any more."""
        if self.given_up.is_set():
            raise Abandoned

    def _accept(self, found: SearchResult) -> bool:
        """Take what is better; False where nothing was found."""
        if found.values is not None and found.value > self.value:
            self.best, self.value = found.values, found.value
            if (
                self.value > self.bound + VALUE_TOLERANCE
            ):  # a solver's bound that a plan proves wrong
                self.bound = max(self.model.relaxation(), self.value)
            self.on_better(self.value, self.bound)
            self._report_plan()
        return found.values is not None

    @property
    def _gap_too_wide(self) -> bool:
        return relative_gap(self.value, self.bound) > FIRST_GAP

    def _report_plan(self) -> None:
        """Whoever watches sees the best plan; a poor one when no better is there in a moment."""
        if self.on_plan and self.best and (self.first_plan_tried or not self._gap_too_wide):
            self.on_plan(self.plan(decisions_of(self.case, self.v, self.best)))

    def cheapest_within_gap(self) -> Decisions:
        """The cheapest plan within the gap that a short search finds.

        Where nearly all money is spent anyway, only seats and units are looked at again.
        """
        assert self.best is not None
        best = decisions_of(self.case, self.v, self.best)
        if self.stopped or self.left <= 0:
            return best
        enough = max(self.least, self.bound * (1 - self.case.scenario.gap))
        # a hair below, so that rounding does not shut out the plan in hand
        least = min(value_of(self.case, best), enough) - 1e-6
        problem, v = make_problem(self.case, least=least)
        model = Model(problem)
        solver_cpu_seconds = sum(
            cost * self.best[x.name] for x, cost in total_cost(self.case, self.v).items()
        )
        kept = (
            names_of(v.classes, v.machines)
            if solver_cpu_seconds * MILLION > NEARLY_ALL_SPENT * self.case.budget
            else []
        )
        found = model.search(
            1e-4,
            self.left,
            seed=self.case.scenario.seed,
            bounds={name: (round(self.best[name]),) * 2 for name in kept},
            start=self.best,
            stop=self.stop,
            nodes=FEW_NODES,
        )
        self.raise_if_abandoned()
        if found.values is None:
            return best
        decisions = decisions_of(self.case, v, found.values)
        return decisions if value_of(self.case, decisions) >= least else best
