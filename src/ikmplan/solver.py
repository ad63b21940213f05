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
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any, NamedTuple

from pulp import LpMinimize, LpProblem, lpSum

from ikmplan.auditor import audit
from ikmplan.case import Case
from ikmplan.engine import Abandoned, Found, Model, Stop, Values, ctrl_c_sets, search_with
from ikmplan.model import make_problem
from ikmplan.plan import Decisions, Plan, make_plan, make_proof, relative_gap, value_of
from ikmplan.reasons import Conflict, NoPlan, reasons
from ikmplan.rules import MILLION, RULES, Rule, Variables, row_name, total_cost
from ikmplan.tables import QUARTERS

HIGHS = "HiGHS"
FIRST_GAP = 5e-2  # of a first plan that is good enough to go on from
NEAR_GAP = 3e-2  # of the first plan, which is a few percent from the best anyway
ROUGH_GAP = 1e-2  # of a guess in the rough, which is there in half a second
GUESS_GAP = 5e-4  # of the guess that the proof begins at
FEW_NODES = 50  # a limit in nodes, not seconds: the same plan on every machine
EXACT = 1e-6  # of a value: what lies nearer is the same
AROUND_GAP = 1e-3  # of plans on the way to the best
POLISH_GAP = 1e-4
POLISH_SECONDS = 5.0  # it takes hundredths of one
NODES = 500  # of each stage of a question
SPENT = 0.99  # of the budget: beyond it the search has found already how to spend least
Progress = Callable[[float, float], None]


def solve(
    case: Case,
    *,
    start: Plan | None = None,
    stop: threading.Event | None = None,
    on_better: Progress | None = None,
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
            conflicts = reasons(case, stop, on_conflict=on_none) if search.impossible else []
            search.heed()
            raise NoPlan(conflicts, search.stopped, search.impossible)
        return search.plan(search.cheaper())


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
    plan = search.plan(_decisions(case, search.v, search.best)) if lawful else None
    return Answer(search.value, search.bound, plan)


@dataclass
class _Search:
    """The state of one search: the best values so far and the bound."""

    case: Case
    stop: threading.Event
    on_better: Progress
    rules: tuple[Rule, ...] = RULES
    nodes: int | None = None  # a limit for each stage
    on_plan: Callable[[Plan], None] | None = None
    best: Values | None = None
    begun: bool = False  # a first plan was looked for
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
            values = _values(self.v, start)
            if self.on_plan:  # somebody who watches would rather see a plan now than its last unit
                self._fix(values, NEAR_GAP, FEW_NODES, self.v.classes, self.v.machines)
            else:
                self._make_whole(values, self._finest, self.nodes)
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
    def over(self) -> bool:
        gap = relative_gap(self.value, self.bound)
        proven = self.best is not None and gap <= self.case.scenario.gap
        return self.impossible or self.stopped or proven or self.left <= 0

    def in_stages(self, relaxed: Found) -> None:
        asked, v = self.case.scenario.gap, self.v
        self._begin(relaxed)
        guess = self._guess()
        if guess is not None:
            self._make_whole(guess, POLISH_GAP, FEW_NODES)
        made = False
        if not self.over:
            whole = self._search(asked, continuous=_names(v.units), start=self.best)
            made = whole.values is not None and self._fix(
                whole.values, self._finest, self.nodes, v.classes, v.machines, v.seats
            )
        if not self.over and not (made and self.nodes):
            self._keep(self._search(asked, start=self.best))

    def _relaxed(self) -> Found:
        """With nothing whole: a bound."""
        everything = self.model.integers
        relaxed = self._ask(0, self.left, continuous=everything, stop=self.given_up)
        self._learn(relaxed)
        self.on_better(self.value, self.bound)
        return relaxed

    def _guess(self) -> Values | None:
        """Classes and machines that are best while seats and units are not whole.

        On the way to them, a plan from the first that are not far from it: they are off by a
        class or two, so the plans around them are worth a look.
        """
        if self.over:
            return None
        return self._search(
            max(self.case.scenario.gap, GUESS_GAP),
            continuous=_names(self.v.units, self.v.seats),
            start=self.best,
            within=ROUGH_GAP,
            on_within=lambda values: self._around(values, AROUND_GAP),
        ).values

    def _begin(self, relaxed: Found) -> None:
        """A first plan, where there is none good enough; and a poor one is better than none."""
        counts = (self.v.classes, self.v.machines)
        if relaxed.values is not None and self._poor:
            rounded = self.model.dive(_names(*counts), POLISH_SECONDS, self._stop)
            self.heed()
            if rounded is not None:
                self._fix(rounded, NEAR_GAP, FEW_NODES, *counts)
            if self._poor:
                self._near(relaxed.values)
        self.begun = True
        if self._poor:  # a better one has been told
            self._tell()

    def _near(self, at: Values) -> None:
        """A plan whose classes and machines are the relaxation's, rounded up or down, or fewer."""
        flowing = _names(self.v.units, self.v.seats)
        counts = (self.v.classes, self.v.machines)
        for least in (floor, lambda _n: 0):
            sides = {n: (least(at[n] + EXACT), ceil(at[n] - EXACT)) for n in _names(*counts)}
            near = self._short(NEAR_GAP, self.nodes, continuous=flowing, between=sides)
            if near.values and self._fix(near.values, NEAR_GAP, FEW_NODES, *counts):
                return

    def by_other_solver(self) -> None:
        s = self.case.scenario
        found = search_with(s.solver, self.model.problem, s.gap, s.time_limit)
        self._learn(found)
        self.begun = True
        self._keep(found)

    def _search(self, gap: float, *, continuous: Iterable[str] = (), **options: Any) -> Found:
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
        self._learn(found)
        return found

    def _learn(self, found: Found) -> None:
        self.impossible |= found.impossible and self.best is None
        self.stopped |= found.stopped
        if not found.impossible and found.bound >= self.value - EXACT:
            self.bound = min(self.bound, found.bound)

    def _make_whole(self, values: Values, gap: float, nodes: int | None) -> None:
        """Keep the best plan with these classes and machines, or with one less of some."""
        if not self._fix(values, gap, nodes, self.v.classes, self.v.machines):
            self._around(values, gap)

    def _around(self, values: Values, gap: float) -> None:
        """Make the rest whole with the classes and machines, or one less of some.

        Where seats and units flow, a plan counts on parts of people; whole ones may not fit
        until a class is given up somewhere. It takes a tenth of a second.
        """
        names = _names(self.v.classes, self.v.machines)
        near = {name: (max(0, round(values[name]) - 1), round(values[name])) for name in names}
        self._keep(self._short(gap, FEW_NODES, between=near))

    def _fix(self, values: Values, gap: float, nodes: int | None, *kinds: dict[Any, Any]) -> bool:
        """Make the rest whole around the decisions as they are; False where that cannot be."""
        fixed = {name: (round(values[name]),) * 2 for name in _names(*kinds)}
        return self._keep(self._short(gap, nodes, between=fixed))

    @property
    def _finest(self) -> float:
        return min(self.case.scenario.gap / 10, POLISH_GAP)

    @property
    def _stop(self) -> threading.Event:
        """A first plan is worth a few seconds even to somebody who has pressed Stop."""
        return self.given_up if self.best is None else self.stop

    def _short(self, gap: float, nodes: int | None, **options: Any) -> Found:
        """A search of a moment; where nodes are the limit, seconds would make answers differ."""
        seconds = POLISH_SECONDS if self.nodes is None else self.left
        return self._ask(gap, seconds, nodes=nodes, stop=self._stop, **options)

    def _ask(self, gap: float, seconds: float, **options: Any) -> Found:
        found = self.model.search(gap, seconds, **options)
        self.heed()
        return found

    def heed(self) -> None:
        """Go no further where nobody waits any more."""
        if self.given_up.is_set():
            raise Abandoned

    def _keep(self, found: Found) -> bool:
        """Take what is better; False where nothing was found."""
        if found.values is not None and found.value > self.value:
            self.best, self.value = found.values, found.value
            if self.value > self.bound + EXACT:  # a solver's bound that a plan proves wrong
                self.bound = max(self.model.relaxation(), self.value)
            self.on_better(self.value, self.bound)
            self._tell()
        return found.values is not None

    @property
    def _poor(self) -> bool:
        return relative_gap(self.value, self.bound) > FIRST_GAP

    def _tell(self) -> None:
        """Whoever watches sees the best plan; a poor one when no better is there in a moment."""
        if self.on_plan and self.best and (self.begun or not self._poor):
            self.on_plan(self.plan(_decisions(self.case, self.v, self.best)))

    def cheaper(self) -> Decisions:
        """The cheapest plan within the gap that a short search finds.

        Where nearly all money is spent anyway, only seats and units are looked at again.
        """
        assert self.best is not None
        best = _decisions(self.case, self.v, self.best)
        if self.stopped or self.left <= 0:
            return best
        enough = max(self.least, self.bound * (1 - self.case.scenario.gap))
        # a hair below, so that rounding does not shut out the plan in hand
        least = min(value_of(self.case, best), enough) - 1e-6
        problem, v = make_problem(self.case, least=least)
        model = Model(problem)
        spent = sum(cost * self.best[x.name] for x, cost in total_cost(self.case, self.v).items())
        kept = _names(v.classes, v.machines) if spent * MILLION > SPENT * self.case.budget else []
        found = model.search(
            1e-4,
            self.left,
            seed=self.case.scenario.seed,
            between={name: (round(self.best[name]),) * 2 for name in kept},
            start=self.best,
            stop=self.stop,
            nodes=FEW_NODES,
        )
        self.heed()
        if found.values is None:
            return best
        decisions = _decisions(self.case, v, found.values)
        return decisions if value_of(self.case, decisions) >= least else best


def _names(*kinds: dict) -> list[str]:  # type: ignore[type-arg]
    return [variable.name for variables in kinds for variable in variables.values()]


def _values(v: Variables, plan: Plan) -> Values:
    """The plan's classes and machines as values of the model's; what it lacks is 0."""
    held = {(item, host): float(n) for _kind, item, host, n in plan.held}
    return {x.name: held.get(key, 0.0) for key, x in [*v.classes.items(), *v.machines.items()]}


def _decisions(case: Case, v: Variables, values: Values) -> Decisions:
    """Whole decisions of a solution, its classes given to quarters."""

    def whole(variables: dict) -> dict:  # type: ignore[type-arg]
        rounded = {key: round(values[x.name]) for key, x in variables.items()}
        return {key: n for key, n in rounded.items() if n > 0}

    classes, given = whole(v.classes), whole(v.scheduled)
    totals: Counter[str] = Counter()
    for (p, _h), n in classes.items():
        totals[p] += n
    even = evenly(case, totals) or {(p, q): given.get((p, q), 0) for p in totals for q in QUARTERS}
    return Decisions(_by_host(classes, even), whole(v.seats), whole(v.machines), whole(v.units))


def evenly(case: Case, totals: dict[str, int]) -> dict[tuple[str, int], int] | None:
    """Classes of each course by quarter, so that no trainer or hall is fuller than it must be.

    None where the classes do not fit into the quarters (or in the time of a small search).
    """
    problem = LpProblem("quarters", LpMinimize)
    held = {
        (p, q): problem.add_variable(row_name("held", (p, q)), 0, n, "Integer")
        for p, n in totals.items()
        for q in QUARTERS
    }
    if not held:
        return {}
    fullest = problem.add_variable("fullest", 0, 1)
    problem += -1 * fullest, "fullest_first"  # the engine maximises
    for p, n in totals.items():
        problem += lpSum(held[p, q] for q in QUARTERS) == n, row_name("all", (p,))
    for (r, q), days in case.capacity.items():
        used = lpSum(case.uses.get((p, r), 0) * held[p, q] for p in totals)
        problem += used <= days, row_name("days", (r, q))
        problem += used - days * fullest <= 0, row_name("full", (r, q))
    found = Model(problem).search(0.02, 5.0, nodes=200)
    if found.values is None:
        return None
    return {key: round(found.values[x.name]) for key, x in held.items()}


def _by_host(
    classes: dict[tuple[str, str], int], scheduled: dict[tuple[str, int], int]
) -> dict[tuple[str, str, int], int]:
    """Hand a course's quarters out to its hosts in turn, so that nobody gets all the late ones."""
    given: dict[tuple[str, str, int], int] = {}
    for p in dict.fromkeys(p for p, _h in classes):
        left = {h: n for (course, h), n in classes.items() if course == p}
        for q in QUARTERS:
            for _n in range(scheduled[p, q]):
                h = max(left, key=lambda host: left[host])
                left[h] -= 1
                given[p, h, q] = given.get((p, h, q), 0) + 1
    return given
