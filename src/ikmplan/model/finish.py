"""The last steps of a search, after the proof: of all plans within the gap, which one.

`lift_next_worst` (where nothing but the worst-off cluster counts); `cheapest_within_gap` or, where
the scenario names a plan to stay near, `nearest_within_gap`; and `fill`, which gives what is paid
for to those who have nothing. None of them makes the objective less than the proof needs, so that
its bound, its gap and its outcome stay true.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import MILLION
from ikmplan.model.decisions import decisions_of
from ikmplan.model.distance import (
    Bounds,
    Counts,
    change_values,
    changes_counted,
    changes_from,
    counts_between,
)
from ikmplan.model.highs import Model, Slack
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import Expression, Variables, reached, row_name, total_cost
from ikmplan.model.rules import Rule
from ikmplan.model.run_highs import Values
from ikmplan.model.stages import FEW_NODES, Search
from ikmplan.plan.plan import VALUE_TOLERANCE, Decisions, exact_total, value_of

NEARLY_ALL_SPENT = 0.99  # of the budget: with more spent, only seats and units can save money
FILL_NODES = 500
NEAR_NODES = 50
NEAR_PLAN_GAP = 1e-4  # of the number of changes
HALF_A_CHANGE = 0.49
CANDIDATE = 1e-3  # a new entrepreneur who does not count, beside an IKM unit
Levels = dict[str, float]  # cluster -> expected units that it keeps at least


def finished(search: Search) -> Decisions:
    """The decisions of the plan to show; a search that was stopped is only filled."""
    values, levels = search.incumbent.best or {}, Levels()
    if not search.incumbent.stopped and search.left > 0:
        s = search.case.scenario
        if _worst_off_alone(search.case):
            values, levels = lift_next_worst(search, values)
        if s.near:
            small = search.model.is_small  # else it takes as long as the proof
            values = nearest_within_gap(search, values, levels, s.near_counts, everywhere=small)
        elif not s.is_cheapest:
            values = cheapest_within_gap(search, values, levels)
    return fill(search, values, levels)


def finished_answer(search: Search, values: Values, held: list[str]) -> Decisions:
    """The decisions of a plan that answers a question and is shown, `held` of its counts as they
    are. Where the objective does not count units, it reaches what the plan of `solve` would."""
    levels = Levels()
    if _worst_off_alone(search.case):
        values, levels = lift_next_worst(search, values, held)
    elif not search.case.scenario.is_cheapest:
        return decisions_of(search.case, search.v, values)
    return fill(search, values, levels)


def _worst_off_alone(case: Case) -> bool:
    """Whether nothing but the worst-off cluster counts, and there are others."""
    s = case.scenario
    return s.equity == 1 and not s.is_cheapest and len(case.reachable) > 1


def lift_next_worst(
    search: Search, values: Values, held: list[str] | None = None
) -> tuple[Values, Levels]:
    """The next worst-off cluster lifted as far as a short search can, and what each then keeps;
    `held` are counts that stay.

    The sum of the k smallest coverages is made largest: max k · t − Σ_c max(0, t − coverage[c]).
    Where it is no more than k times the smallest, k clusters are stuck there, and k grows.
    """
    case = search.case
    size = {c: case.size[c] for c in case.reachable}
    before = _decided(search, values)
    least = value_of(case, before) - VALUE_TOLERANCE

    def coverage_counted(case: Case, v: Variables) -> Iterator[Any]:
        """Its slack is t − coverage[c], where that is positive."""
        for c in size:
            yield c, reached(case, v, c) >= 0

    problem, _v = make_problem(
        case, least=least, rules=(*search.rules, Rule(coverage_counted, "sense"))
    )
    model = Model(problem)
    rows = {c: row_name("coverage_counted", c) for c in size}
    short = {c: Slack(f"short_of_{c}", 1.0, {rows[c]: size[c]}) for c in size}
    level = 0.0
    for k in range(2, len(size) + 1):
        level, shares = _smallest(case, before, k)[-1], _shares(case, before)
        lacking = {slack.name: max(0.0, level - shares[c]) for c, slack in short.items()}
        top = Slack("top", -k, {rows[c]: -size[c] for c in size})
        start = values | lacking | {top.name: level}
        slacks = [top, *short.values()]
        found = _search(search, model, 1e-4, FEW_NODES, start, held, slacks=slacks)
        after = _decided(search, found or values)
        more = sum(_smallest(case, after, k)) > sum(_smallest(case, before, k)) + VALUE_TOLERANCE
        if found is not None and more and value_of(case, after) >= least:
            values, before = {name: found[name] for name in values}, after
        level = _smallest(case, before, k)[-1]
        if level > _smallest(case, before, 1)[0] + VALUE_TOLERANCE or search.left <= 0:
            break
    kept = {c: min(level, share) for c, share in _shares(case, before).items()}
    return values, {c: share * size[c] - VALUE_TOLERANCE for c, share in kept.items()}


def _shares(case: Case, d: Decisions) -> dict[str, float]:
    """The coverage of each cluster that can be reached."""
    units = exact_total((c, case.chance[c, k] * n) for (c, k), n in d.units.items())
    return {c: units.get(c, 0.0) / case.size[c] for c in case.reachable}


def _smallest(case: Case, d: Decisions, k: int) -> list[float]:
    return sorted(_shares(case, d).values())[:k]


def cheapest_within_gap(search: Search, values: Values, levels: Levels) -> Values:
    """The cheapest plan within the gap that a short search finds.

    Where nearly all money is spent anyway, only seats and units are decided again.
    """
    case = search.case
    least = _enough(search, values)

    def cheap(case: Case, v: Variables) -> Expression:
        return -1 * total_cost(case, v)

    rules = (*search.rules, _kept(levels))
    problem, _v = make_problem(case, aim=cheap, least=least, rules=rules)
    cost = _cost(search, values)
    held = search.counts if cost * MILLION > NEARLY_ALL_SPENT * case.budget else []
    found = _search(search, Model(problem), 1e-4, FEW_NODES, values, held)
    if found is not None and value_of(case, _decided(search, found)) >= least:
        return found
    return values


def _enough(search: Search, values: Values) -> float:
    """The least value that keeps the proof, and no less than that of the plan begun with."""
    best = value_of(search.case, _decided(search, values))
    bound = search.incumbent.bound
    within = bound - search.case.scenario.gap * abs(bound)
    return min(best, max(search.start_value, within)) - VALUE_TOLERANCE


def nearest_within_gap(
    search: Search,
    values: Values,
    levels: Levels,
    given: Counts,
    least: float | None = None,
    fewest: int = 0,
    everywhere: bool = True,
) -> Values:
    """Of the plans worth `least` (None: within the gap), that with the fewest changes from the
    given counts that a short search finds; of those with as few, a cheap one.

    `fewest` is a number of changes that all of these plans are known to have. Without
    `everywhere` only plans between the one found and the given counts are searched."""
    case = search.case
    least = _enough(search, values) if least is None else least
    whole = 2.0 * (case.budget / MILLION + 1)  # no plan costs half of it: a change weighs more

    def near(case: Case, v: Variables) -> Expression:
        return -1 * changes_from(case, v, given) - total_cost(case, v) / whole

    rules = (*search.rules, _kept(levels), changes_counted(given))
    problem, v = make_problem(case, aim=near, least=least, rules=rules)
    model = Model(problem)

    def nearer(gap: float, bounds: Bounds, continuous: tuple[str, ...] = ()) -> Values | None:
        start = values | change_values(case, v, given, values)
        options = {"bounds": bounds, "continuous": continuous}
        return _search(search, model, gap, NEAR_NODES, start, **options)  # type: ignore[arg-type]

    def kept(found: Values | None) -> Values:
        enough = found is not None and value_of(case, _decided(search, found)) >= least
        return {name: found[name] for name in values} if found and enough else values

    # first between both plans, which counts to take back; that is a small search
    values = kept(nearer(NEAR_PLAN_GAP, counts_between(case, v, given, values)))
    changes = _changes(search, v, given, values)
    if changes <= fewest or not everywhere:
        return values
    # what a plan costs weighs less than half a change: within it, none has fewer changes
    gap = HALF_A_CHANGE / (changes + 0.5)
    counts = {*search.counts}
    rough = nearer(gap, {}, tuple(name for name in model.integers if name not in counts))
    if rough is None or _changes(search, v, given, rough) >= changes:
        return values
    # its seats and units are not whole; a plan that is whole may lie near it
    return kept(nearer(gap, counts_between(case, v, given, values, rough)))


def _changes(search: Search, v: Variables, given: Counts, values: Values) -> int:
    """From the given counts, of values that need not be whole but for the counts."""
    whole = {name: float(round(values[name])) for name in search.counts}
    counted = changes_from(search.case, v, given)
    known = {**whole, **change_values(search.case, v, given, whole)}
    terms = (float(n) * known[x.name] for x, n in counted.items())
    return round(sum(terms) + float(counted.constant))


def fill(search: Search, values: Values, levels: Levels) -> Decisions:
    """As many units reached as the classes, machines and money of these values can.

    The objective may be flat in units that are not the worst-off, or be within the gap without
    them: no seat that is paid for stays empty while somebody whom it suits gets nothing.
    """
    case = search.case
    before = _decided(search, values)
    cost = _cost(search, values)
    least = value_of(case, before) - VALUE_TOLERANCE

    def no_dearer(case: Case, v: Variables) -> Iterator[Any]:
        """The plan costs no more than it did."""
        yield "all", total_cost(case, v) <= cost + 0.5 / MILLION

    rules = (*search.rules, _kept(levels), Rule(no_dearer, "demand"))
    problem, _v = make_problem(case, aim=_all_reached, least=least, rules=rules)
    found = _search(search, Model(problem), 0.0, FILL_NODES, values, search.counts, always=True)
    if found is not None:
        after = _decided(search, found)
        more = _weighed(case, after) > _weighed(case, before) + VALUE_TOLERANCE
        if more and value_of(case, after) >= least:
            values = found
    return decisions_of(case, search.v, values)


def _all_reached(case: Case, v: Variables) -> Expression:
    return lpSum(_importance(case, c) * reached(case, v, c) for c in case.clusters)


def _importance(case: Case, c: str) -> float:
    """Of a unit of the cluster to those who fill what is paid for."""
    return 1.0 if case.is_ikm(c) else max(CANDIDATE, case.clusters[c].weight)


def _weighed(case: Case, d: Decisions) -> float:
    """`_all_reached` of whole decisions."""
    units = exact_total((c, case.chance[c, k] * n) for (c, k), n in d.units.items())
    return sum(n * _importance(case, c) for c, n in units.items())


def _kept(levels: Levels) -> Rule:
    def levels_kept(case: Case, v: Variables) -> Iterator[Any]:
        """A cluster keeps what an earlier step gave it."""
        for c, units in levels.items():
            yield c, reached(case, v, c) >= units

    return Rule(levels_kept, "demand")


def _decided(search: Search, values: Values) -> Decisions:
    """What a value is of: the quarters of classes are not."""
    v = search.v

    def whole(variables: dict[Any, Any]) -> dict[Any, int]:
        return {key: round(values[x.name]) for key, x in variables.items()}

    classes = {(p, h, 0): n for (p, h), n in whole(v.classes).items()}
    counts = whole(v.seats), whole(v.machines), whole(v.units), whole(v.opened), whole(v.revived)
    return Decisions(classes, *counts)


def _cost(search: Search, values: Values) -> float:
    """Million rupiah, of whole numbers."""
    priced = total_cost(search.case, search.v).items()
    return float(sum(price * round(values[x.name]) for x, price in priced))


def _search(
    search: Search,
    model: Model,
    gap: float,
    nodes: int,
    start: Values,
    held: list[str] | None = None,
    always: bool = False,
    slacks: list[Slack] | None = None,
    bounds: Bounds | None = None,
    continuous: tuple[str, ...] = (),
) -> Values | None:
    """Search from `start` with these counts held, or within these bounds; `always` even where the
    search was stopped."""
    found = model.search(
        gap,
        search.moment if always else search.left,
        seed=search.case.scenario.seed,
        bounds={**(bounds or {}), **{name: (round(start[name]),) * 2 for name in held or ()}},
        start=start,
        stop=search.abandoned if always else search.stop,
        nodes=nodes,
        slacks=slacks,
        continuous=continuous,
    )
    search.raise_if_abandoned()
    return found.values
