"""The questions that reviewers ask of a plan, each as a case of its own to be solved.

"What would one more trainer bring?" is the same case with ten more days; "why not batik in
Belawan?" is the same case with that class asked for. A marginal value is such a second
search and no dual price: those of a model with whole numbers are zero or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from typing import Any, NamedTuple

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS
from ikmplan.input.scenario import Lock
from ikmplan.insight.demands import changed, relaxations
from ikmplan.model.quantities import Variables
from ikmplan.model.rules import RULES, Rule, resource_days
from ikmplan.model.search import Answer
from ikmplan.plan.plan import Plan

MONEY = 100_000_000  # rupiah, one step
EXTRA_DAYS = 10.0  # in a year, one step
SLACK = 0.02  # a floor that coverage exceeds by more costs nothing


Rows = dict[str, list[dict[str, Any]]]


class Subject(NamedTuple):
    """What every question begins with."""

    plan: Plan
    case: Case
    worth: Answer  # what the case is worth, more exactly than the plan's own proof may state


Task = Callable[[Subject], Rows]  # what one process works out, in any order


@dataclass(frozen=True)
class Question:
    """A case to be solved, and where its answer goes: a row of a table of the insight."""

    table: str  # steps, left_out or asked
    key: dict[str, Any]  # the columns that state what is asked
    column: str  # that the answer fills
    case: Case
    days: dict[str, float] = field(default_factory=dict)  # resource -> days more, any quarter

    @property
    def wider(self) -> bool:
        """Whether its case allows every plan that there was; else it allows no other plan."""
        return self.column in ("more", "gain")


def questions(plan: Plan, case: Case) -> list[Question]:
    """Every question about the plan, those that take longest first."""
    return [*_asked(plan, case), *_steps(plan, case), *_left_out(plan, case)]


# --- one step more ---------------------------------------------------------------------------


def _steps(plan: Plan, case: Case) -> Iterator[Question]:
    """One step of each scarce thing: what more would bring, and less of the money cost."""
    # a quarter in which a trainer has no days at all is left out
    relevant = (plan.limits["limit"] > 0) | (plan.limits["quarter"] == 0)
    binding = plan.limits[plan.limits["binding"] & relevant]

    def tight(*rules: str) -> Iterable[str]:
        keys = (binding.loc[binding["rule"] == rule, "key"] for rule in rules)
        return dict.fromkeys(chain.from_iterable(keys))

    yield from _money(case)
    for r in tight("resource_days"):
        key = {"kind": "days", "key": r, "step": EXTRA_DAYS}
        yield Question("steps", key, "more", case, days={r: EXTRA_DAYS})
    for e in tight("machines_in_stock"):
        key = {"kind": "stock", "key": e, "step": 1.0}
        yield Question("steps", key, "more", _with_more(case, "equipment", e, stock=1))
    for c in tight("power_at_site", "floor_space_at_site"):
        suited = [case.equipment[e] for e, h in case.machine_hosts if h == c]
        of_site = "openings" if c in case.openings else "clusters"
        largest = {what: max(getattr(e, what) for e in suited) for what in ("kva", "floor_m2")}
        key = {"kind": "site", "key": c, "step": 1.0}
        yield Question("steps", key, "more", _with_more(case, of_site, c, **largest))


def _money(case: Case) -> Iterator[Question]:
    """The budget where it is less than the funds hold; each fund where it is all of them."""
    s = case.scenario
    is_budget = case.budget < sum(case.fund_amount.values())
    for name, amount in ({"budget": case.budget} if is_budget else case.fund_amount).items():
        key = {"kind": "money", "key": name, "step": float(MONEY)}
        for column, now in (("more", amount + MONEY), ("less", max(0, amount - MONEY))):
            fields: dict[str, Any] = {"budget": now}
            if not is_budget:  # a budget that is as much as the funds hold changes with them
                budget = None if s.budget is None else s.budget + now - amount
                fields = {"funds": {**s.funds, name: now}, "budget": budget}
            yield Question("steps", key, column, changed(case, **fields))


def _with_more(case: Case, table: str, key: str, **more: float) -> Case:
    """The case with more of something in one row of one table."""
    rows: Any = tuple(
        row.model_copy(update={name: getattr(row, name) + n for name, n in more.items()})
        if getattr(row, row.KEY[0]) == key
        else row
        for row in getattr(case.tables, table)
    )
    return Case(replace(case.tables, **{table: rows}), case.scenario)


def rules_with_days(days: dict[str, float]) -> tuple[Rule, ...]:
    """The rules, where some resources have days more that may fall into any quarter.

    Σ_q max(0, used − capacity) ≤ more, which is: for every set of quarters, what is used in
    them together exceeds what they have by no more than that.
    """

    def resource_days_and_more(case: Case, v: Variables) -> Iterator[Any]:
        """Classes use no more days of a resource than it has, and those that are added.
        Σ_{q∈Q, p, j<quarters[p]} uses[p,r,j] · scheduled[p,q−j] ≤ Σ_{q∈Q} capacity[r,q] + more[r]
        for every resource r and set of quarters Q [days]"""
        for key, row in resource_days(case, v):
            if key[0] not in days:
                yield key, row
        for r, more in days.items():
            for size in range(1, len(QUARTERS) + 1):
                for chosen in combinations(QUARTERS, size):
                    each = [
                        (sum(case.days_in(p, r, start, q) for q in chosen), x)
                        for (p, start), x in v.scheduled.items()
                    ]
                    used = lpSum(n * x for n, x in each if n)
                    there = sum(case.capacity[r, q] for q in chosen) + more
                    yield (r, "".join(map(str, chosen))), used <= there

    return tuple(
        Rule(resource_days_and_more, rule.kind) if rule.rows is resource_days else rule
        for rule in RULES
    )


# --- why not ---------------------------------------------------------------------------------


def _left_out(plan: Plan, case: Case) -> Iterator[Question]:
    """Each class and machine that suits somebody and is not in the plan; each cluster without
    anything. The answer is what it costs to force it in."""
    there = {(item, host) for _kind, item, host, _n in plan.held}
    openings = [(o, CITY) for o in case.open_to_plan]
    for item, host in [*case.course_hosts, *case.machine_hosts, *openings]:
        if (item, host) not in there:
            locks = (*case.scenario.locks, lock_text(item, host, ">=", 1))
            key = {"item": item, "cluster": "" if host == CITY else host, "count": 1}
            yield Question("left_out", key, "cost", changed(case, locks=locks))
    for c in plan.coverage.loc[plan.coverage["coached"] == 0, "cluster"]:
        if case.packages[c]:
            least = min(case.chance[c, k] for k in case.packages[c]) / case.size[c]
            key = {"item": "", "cluster": c, "count": 1}
            floors = {**case.scenario.floors, c: least * (1 - 1e-9)}
            yield Question("left_out", key, "cost", changed(case, floors=floors))


def lock_text(item: str, host: str, sign: str, count: int) -> str:
    """A lock as scenario files write it: "oven @ kue_denai >= 1"."""
    return str(Lock(item, None if host == CITY else host, sign, count))


# --- what was asked for ------------------------------------------------------------------------


def _asked(plan: Plan, case: Case) -> Iterator[Question]:
    """Each demand that limits the plan, and what would be gained without it."""
    coverage = plan.coverage.set_index("cluster")["coverage"]
    for kind, key, fields in relaxations(case):
        exceeded = kind == "floor" and key and coverage[key] >= case.floors[key] + SLACK
        if not exceeded:
            asked = {"kind": kind, "key": key}
            yield Question("asked", asked, "gain", changed(case, **fields))
