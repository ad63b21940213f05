"""The search for a plan, and its stages, which make more and more variables whole.

`relax`, `first_plan`, `decide_counts`, `complete_units`, `solve_whole`: the classes and machines
that a stage finds are held and all else is made whole around them, which takes milliseconds; so
are those of `start`, a plan of a case like this one. The bound of every stage is a bound on the
whole problem, so the search ends as soon as plan and bound are within the gap asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, floor, inf
from typing import Any

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.model.decisions import count_names, decisions_of, names_of, values_of
from ikmplan.model.highs import Abandoned, Model, SearchResult, SolverFailed, Stop
from ikmplan.model.incumbent import FIRST_GAP, Incumbent, SearchProgress
from ikmplan.model.other_solver import search_with
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import Expression, Variables, reached
from ikmplan.model.rules import RULES, Rule
from ikmplan.model.run_highs import Values
from ikmplan.plan.audit import audit
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import VALUE_TOLERANCE, Decisions, Plan, make_proof
from ikmplan.text import _

HIGHS = "HiGHS"
NEAR_GAP = 3e-2  # of the search for a first plan, which is a few percent from the best anyway
ROUGH_GAP = 1e-2  # of the counts that are completed on the way, after half a second
# of the counts that the proof begins at: this share of the gap asked, and no less than this gap
GUESS_SHARE, GUESS_GAP = 0.3, 2e-4
FEW_NODES = 50  # a limit in nodes, not seconds: the same plan on every machine
AROUND_GAP = 1e-3  # of plans on the way to the best
POLISH_GAP = 1e-4
MANY_WHOLE = 500  # whole variables of a proof: from here on HiGHS's restarts save time
POLISH_NODES = 2000
POLISH_SECONDS = 5.0  # it takes hundredths of one


def with_unit_weights(case: Case) -> tuple[Case, float]:
    """The case with 1 as the largest weight, and by how much that was divided.

    Twelve digits are kept, so that scaled weights become the same ones to the last digit.
    """
    scale = max(case.weights.values(), default=0.0)
    if scale in (0, 1):
        return case, 1.0
    rows = tuple(
        row.model_copy(update={"weight": float(f"{row.weight / scale:.12g}")})
        for row in case.tables.clusters
    )
    in_money = case.scenario.is_cheapest  # its value is no sum of weights
    return Case(replace(case.tables, clusters=rows), case.scenario), 1.0 if in_money else scale


def as_searched(case: Case) -> tuple[Case, float]:
    """The case as it is searched, in the order of its keys and with 1 as the largest weight, and
    by how much that was divided: neither the order of rows nor the scale changes what is found."""
    return with_unit_weights(case.ordered)


@dataclass
class Search:
    """One search: its problem, its limits and what it has found; the stages are given it.

    It searches the case in the order of its keys, with 1 as the largest weight, so that neither
    the order of rows nor the scale of weights changes what it finds. Its values and bounds are
    of that case; those of plans and progress are multiplied by `scale`.
    """

    given: Case
    stop: threading.Event
    rules: tuple[Rule, ...] = RULES
    nodes: int | None = None  # a limit for each stage
    on_better: SearchProgress | None = None
    on_plan: Callable[[Plan], None] | None = None
    start_value: float = -inf  # of the plan made from `start`; no worse plan is given back
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.abandoned = self.stop.abandoned if isinstance(self.stop, Stop) else threading.Event()
        self.case, self.scale = as_searched(self.given)
        problem, self.v = make_problem(self.case, rules=self.rules)
        self.model = Model(problem)
        self.counts = count_names(self.v)
        self.incumbent = Incumbent(self.model, self._report_progress, self._report_plan)

    def run(self, start: Plan | None = None) -> None:
        """Search until proven, stopped, or out of time; `start` is where it may begin."""
        if self.case.scenario.solver != HIGHS:
            self._begin(start)
            self._solve_with_other()
            self.incumbent.fall_back(self.case.scenario.gap)
            return
        relaxed = relax(self)
        self._begin(start)
        first_plan(self, relaxed)
        for stage in (decide_counts, complete_units, solve_whole):
            if self.is_over or stage(self):
                break
        self.incumbent.fall_back(self.case.scenario.gap)

    def _begin(self, start: Plan | None) -> None:
        """Complete the classes and machines of `start`."""
        if start is None or self.incumbent.impossible:
            return
        values = values_of(self.v, start)
        if self.on_plan:  # a plan now is better than its last unit
            bounds = {name: (values[name],) * 2 for name in self.counts}
            self.incumbent.show(self.search_briefly(NEAR_GAP, FEW_NODES, bounds=bounds))
            return
        if not self.complete(values, self.counts, self.finest_gap, self.nodes):
            self.complete_with_one_fewer(values, self.finest_gap)
        self.start_value = self.incumbent.value

    def _solve_with_other(self) -> None:
        """Search by another solver; where its counts, rounded, break a row, complete them here."""
        s, model = self.case.scenario, self.model
        whole = dict.fromkeys(model.integers)  # before PuLP adds a variable of its own
        found = search_with(s.solver, model.problem, s.gap, s.time_limit)
        self.incumbent.update_bound(found)
        self.incumbent.first_plan_tried = True
        if found.values is None:
            return
        values = {name: round(n) if name in whole else n for name, n in found.values.items()}
        if (value := model.value(values)) is not None:
            self.incumbent.accept(replace(found, values=values, value=value))
            return
        most = round(max(values[name] for name in self.counts)) if self.counts else 0
        # with its counts, else with one or any number less of each
        if not any(
            self.complete(values, self.counts, self.finest_gap, FEW_NODES, fewer)
            for fewer in (0, 1, most)
        ):
            raise SolverFailed(
                _(
                    "{solver} is not exact enough for this case: its plan breaks a rule as soon as "
                    "its counts are rounded. The input is not at fault. Choose HiGHS.",
                    solver=s.solver,
                )
            )

    @property
    def decisions(self) -> Decisions:
        """Those of the best solution."""
        assert self.incumbent.best is not None
        return decisions_of(self.case, self.v, self.incumbent.best)

    def plan(self, decisions: Decisions) -> Plan:
        """The audited plan of the decisions."""
        s = self.case.scenario
        bound = self.incumbent.bound * self.scale
        proof = make_proof(self.given, decisions, bound, s.gap, s.solver)
        plan = make_plan(self.given, decisions, proof)
        audit(plan, self.given)
        return plan

    def _report_progress(self, value: float, bound: float) -> None:
        if self.on_better:
            self.on_better(value * self.scale, bound * self.scale)

    def _report_plan(self, values: Values) -> None:
        if self.on_plan:
            self.on_plan(self.plan(decisions_of(self.case, self.v, values)))

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.case.scenario.time_limit - (time.monotonic() - self.began))

    @property
    def moment(self) -> float:
        """Seconds for what nodes limit: all that are left, and a few where there are none."""
        return max(POLISH_SECONDS, self.left)

    @property
    def is_over(self) -> bool:
        found = self.incumbent
        proven = found.best is not None and found.gap <= self.case.scenario.gap
        return found.impossible or found.stopped or proven or self.left <= 0

    @property
    def finest_gap(self) -> float:
        return min(self.case.scenario.gap / 10, POLISH_GAP)

    @property
    def stop_with_plan(self) -> threading.Event:
        """`stop`, as soon as there is a plan; the few seconds for a first one are always spent."""
        found = self.incumbent
        return self.abandoned if found.best is None and found.neighbour is None else self.stop

    def search(self, gap: float, seconds: float, **options: Any) -> SearchResult:
        """Search the model; raise `Abandoned` if that was cancelled."""
        found = self.model.search(gap, seconds, **options)
        self.raise_if_abandoned()
        return found

    def search_stage(
        self, *continuous: str, gap: float | None = None, **options: Any
    ) -> SearchResult:
        """Search from the best solution, to the gap asked or another one, the time or the nodes."""

        def on_better(value: float, bound: float) -> None:
            # the bound is one on the whole problem; the value is of no plan if it is not whole
            self.incumbent.update_from_running(-inf if continuous else value, bound)

        found = self.search(
            self.case.scenario.gap if gap is None else gap,
            self.left,
            seed=self.case.scenario.seed,
            continuous=continuous,
            start=self.incumbent.best,
            stop=self.stop,
            nodes=self.nodes,
            on_better=on_better,
            **options,
        )
        self.incumbent.update_bound(found)
        return found

    def search_briefly(self, gap: float, nodes: int | None, **options: Any) -> SearchResult:
        """A search of a moment. Nodes are its limit: seconds would make answers differ."""
        nodes = POLISH_NODES if nodes is None else nodes
        return self.search(gap, self.moment, nodes=nodes, stop=self.stop_with_plan, **options)

    def complete(
        self, values: Values, names: list[str], gap: float, nodes: int | None, fewer: int = 0
    ) -> bool:
        """Accept the best plan with these values, each at most `fewer` less; False without one."""
        most = {name: round(values[name]) for name in names}
        bounds = {name: (max(0, n - fewer), n) for name, n in most.items()}
        return self.incumbent.accept(self.search_briefly(gap, nodes, bounds=bounds))

    def complete_with_one_fewer(self, values: Values, gap: float) -> bool:
        """Accept the best plan with these classes and machines, or one less of some.

        Whole seats and units often fit only if a class is given up. It takes a tenth of a second.
        """
        return self.complete(values, self.counts, gap, FEW_NODES, fewer=1)

    def raise_if_abandoned(self) -> None:
        if self.abandoned.is_set():
            raise Abandoned


def relax(search: Search) -> SearchResult:
    """With nothing whole: a bound."""
    integers = search.model.integers
    relaxed = search.search(0, search.left, continuous=integers, stop=search.abandoned)
    search.incumbent.update_bound(relaxed)
    search.incumbent.report()
    return relaxed


def first_plan(search: Search, relaxed: SearchResult) -> None:
    """A plan near the relaxation, where there is none within FIRST_GAP yet."""
    incumbent, counts = search.incumbent, search.counts
    if relaxed.values is not None and incumbent.gap > FIRST_GAP:
        rounded = search.model.dive(counts, search.moment, search.stop_with_plan)
        search.raise_if_abandoned()
        if rounded is not None:
            search.complete(rounded, counts, NEAR_GAP, FEW_NODES)
        if incumbent.gap > FIRST_GAP and search.case.scenario.is_cheapest:
            _reach_most(search)
        elif incumbent.gap > FIRST_GAP:
            _round_relaxation(search, relaxed.values)
    incumbent.first_plan_tried = True
    if incumbent.gap > FIRST_GAP:  # else it has been reported
        incumbent.report_best()


def _round_relaxation(search: Search, at: Values) -> None:
    """A plan whose classes and machines are the relaxation's, rounded up or down, or fewer."""
    continuous = names_of(search.v.units, search.v.seats)
    for least in (floor, lambda _n: 0):
        bounds = {
            n: (least(at[n] + VALUE_TOLERANCE), ceil(at[n] - VALUE_TOLERANCE))
            for n in search.counts
        }
        near = search.search_briefly(NEAR_GAP, search.nodes, continuous=continuous, bounds=bounds)
        if near.values and search.complete(near.values, search.counts, NEAR_GAP, FEW_NODES):
            return


def _reach_most(search: Search) -> None:
    """A plan for which money is no object: it keeps what is asked of the cheapest one.

    To find that no rounding of the cheapest relaxation does can take seconds.
    """

    def units_reached(case: Case, v: Variables) -> Expression:
        return lpSum(reached(case, v, c) for c in case.clusters)

    problem, _v = make_problem(search.case, aim=units_reached, rules=search.rules)
    near = Model(problem).dive(search.counts, search.moment, search.stop_with_plan)
    search.raise_if_abandoned()
    if near is not None and not search.complete(near, search.counts, NEAR_GAP, FEW_NODES):
        search.complete_with_one_fewer(near, NEAR_GAP)


def decide_counts(search: Search) -> bool:
    """Classes and machines that are best while seats and units are not whole, completed.

    They are searched finer than the default gap: what they lose once all is whole is often less
    than the rest, and then that is the proof. On the way, the first that are within ROUGH_GAP are
    completed too. They are off by a class or two, so one less of each is allowed.
    """
    found = search.search_stage(
        *names_of(search.v.units, search.v.seats),
        gap=max(GUESS_GAP, GUESS_SHARE * search.case.scenario.gap),
        within=ROUGH_GAP,
        on_within=lambda values: search.complete_with_one_fewer(values, AROUND_GAP),
    )
    if found.values and not search.complete(found.values, search.counts, POLISH_GAP, FEW_NODES):
        search.complete_with_one_fewer(found.values, POLISH_GAP)
    return False


def complete_units(search: Search) -> bool:
    """All is whole but the units, which then are completed; of many whole variables that is enough
    for a question."""
    v, units = search.v, names_of(search.v.units)
    many = len(search.model.integers) - len(units) >= MANY_WHOLE
    # what there is was made whole from the best counts: roundings are hardly better
    found = search.search_stage(*units, restarts=many, rens=search.incumbent.best is None)
    if found.values is None:
        return False
    names = [*search.counts, *names_of(v.seats)]
    completed = search.complete(found.values, names, search.finest_gap, search.nodes)
    return completed and search.nodes is not None and not search.model.is_small


def solve_whole(search: Search) -> bool:
    """All is whole."""
    return search.incumbent.accept(search.search_stage())
