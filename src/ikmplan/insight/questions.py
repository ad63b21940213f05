"""The questions that reviewers ask of a plan, each as a case of its own to be solved.

"What would one more trainer bring?" is the same case with ten more days; "why not batik in
Belawan?" is the same case with that class asked for. A marginal value is such a second
search and no dual price: those of a model with whole numbers are zero or wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS
from ikmplan.input.scenario import Scenario
from ikmplan.input.tables import Tables
from ikmplan.model.quantities import Variables
from ikmplan.model.rules import RULES, Rule, resource_days
from ikmplan.plan.plan import Plan

MONEY = 100_000_000  # rupiah, one step
EXTRA_DAYS = 10.0  # in a year, one step
SLACK = 0.02  # a floor that coverage exceeds by more does not press


@dataclass(frozen=True)
class Question:
    """A case to be solved, and where its answer goes: a row of a table of the insight."""

    table: str  # steps, left_out or asked
    key: dict[str, Any]  # the columns that say what is asked
    column: str  # that the answer fills
    case: Case
    days: dict[str, float] = field(default_factory=dict)  # resource -> days more, any quarter


def questions(plan: Plan, case: Case) -> list[Question]:
    """Every question about the plan, those that take longest first."""
    return [*_asked(plan, case), *_steps(plan, case), *_left_out(plan, case)]


def changed(case: Case, **fields: Any) -> Case:
    return Case(case.tables, case.scenario.changed(**fields))


# --- one step more ---------------------------------------------------------------------------


def _steps(plan: Plan, case: Case) -> Iterator[Question]:
    """One step of each scarce thing: what more would bring, and less of the money cost."""
    # a quarter in which a trainer has no days at all is no news
    news = (plan.limits["limit"] > 0) | (plan.limits["quarter"] == 0)
    binding = plan.limits[plan.limits["binding"] & news]
    tight = {rule: list(dict.fromkeys(keys)) for rule, keys in binding.groupby("rule")["key"]}
    yield from _money(case)
    for r in tight.get("resource_days", ()):
        row = {"kind": "days", "key": r, "step": EXTRA_DAYS}
        yield Question("steps", row, "more", case, days={r: EXTRA_DAYS})
    for e in tight.get("machines_in_stock", ()):
        row = {"kind": "stock", "key": e, "step": 1.0}
        yield Question("steps", row, "more", _with_row(case, "equipment", e, stock=1))
    for c in dict.fromkeys(
        [*tight.get("power_at_site", ()), *tight.get("floor_space_at_site", ())]
    ):
        suited = [case.equipment[e] for e, h in case.machine_hosts if h == c]
        row = {"kind": "site", "key": c, "step": 1.0}
        kva, floor_m2 = (max(getattr(e, what) for e in suited) for what in ("kva", "floor_m2"))
        with_site = _with_row(case, "clusters", c, kva=kva, floor_m2=floor_m2)
        yield Question("steps", row, "more", with_site)


def _money(case: Case) -> Iterator[Question]:
    """The budget where it is less than the funds hold; each fund where it is all of them."""
    amounts, s = case.fund_amount, case.scenario
    if case.budget < sum(amounts.values()):
        row = {"kind": "money", "key": "budget", "step": float(MONEY)}
        yield Question("steps", row, "more", changed(case, budget=case.budget + MONEY))
        less = changed(case, budget=max(0, case.budget - MONEY))
        yield Question("steps", row, "less", less)
        return
    for f, amount in amounts.items():
        row = {"kind": "money", "key": f, "step": float(MONEY)}
        for column, now in (("more", amount + MONEY), ("less", max(0, amount - MONEY))):
            # a budget that is as much as the funds hold goes with them
            budget = None if s.budget is None else s.budget + now - amount
            changes = {"funds": {**s.funds, f: now}, "budget": budget}
            yield Question("steps", row, column, changed(case, **changes))


def _with_row(case: Case, table: str, key: str, **more: float) -> Case:
    """The case with more of something in one row of one table."""
    rows = getattr(case.tables, table)
    made = tuple(
        row.model_copy(update={name: getattr(row, name) + n for name, n in more.items()})
        if getattr(row, row.KEY[0]) == key
        else row
        for row in rows
    )
    return Case(_replaced(case.tables, table, made), case.scenario)


def _replaced(tables: Tables, name: str, rows: tuple[Any, ...]) -> Tables:
    return replace(tables, **{name: rows})  # type: ignore[arg-type]


def rules_with_days(days: dict[str, float]) -> tuple[Rule, ...]:
    """The rules, where some resources have days more that may fall into any quarter.

    Σ_q max(0, used − capacity) ≤ more, which is: for every set of quarters, what is used in
    them together exceeds what they have by no more than that.
    """

    def resource_days_and_more(case: Case, v: Variables) -> Iterator[Any]:
        """Classes use no more days of a resource than it has, and those that are added.
        Σ_{q∈Q} Σ_p uses[p,r] · scheduled[p,q] ≤ Σ_{q∈Q} capacity[r,q] + more[r]
        for every resource r and set of quarters Q [days]"""
        for key, row in resource_days(case, v):
            if key[0] not in days:
                yield key, row
        for r, more in days.items():
            for size in range(1, len(QUARTERS) + 1):
                for chosen in combinations(QUARTERS, size):
                    used = lpSum(
                        case.uses[p, r] * x
                        for (p, q), x in v.scheduled.items()
                        if q in chosen and (p, r) in case.uses
                    )
                    there = sum(case.capacity[r, q] for q in chosen) + more
                    yield (r, "".join(map(str, chosen))), used <= there

    return tuple(
        Rule(resource_days_and_more, rule.kind) if rule.rows is resource_days else rule
        for rule in RULES
    )


# --- why not ---------------------------------------------------------------------------------


def _left_out(plan: Plan, case: Case) -> Iterator[Question]:
    """Each class and machine that suits somebody and is not in the plan; each cluster without
    anything. The answer says what it costs to force it in."""
    held = set(zip(plan.classes["course"], plan.classes["host"], strict=True))
    placed = set(zip(plan.machines["equipment"], plan.machines["host"], strict=True))
    for item, h in [*case.course_hosts, *case.machine_hosts]:
        if (item, h) not in held | placed:
            at = "" if h == CITY else h
            lock = f"{item} @ {at} >= 1" if at else f"{item} >= 1"
            row = {"item": item, "cluster": at, "count": 1}
            asked = changed(case, locks=(*case.scenario.locks, lock))
            yield Question("left_out", row, "cost", asked)
    for c in plan.coverage.loc[plan.coverage["coached"] == 0, "cluster"]:
        if case.packages[c]:
            least = min(case.chance[c, k] for k in case.packages[c]) / case.size[c]
            row = {"item": "", "cluster": c, "count": 1}
            floors = {**case.scenario.floors, c: least * (1 - 1e-9)}
            yield Question("left_out", row, "cost", changed(case, floors=floors))


# --- what was asked for ------------------------------------------------------------------------


def _asked(plan: Plan, case: Case) -> Iterator[Question]:
    """Each demand of the scenario, and what would be gained without it."""
    s = case.scenario
    for kind, key, fields in [*_floors(plan, case), *_lists(s), *_others(s)]:
        yield Question("asked", {"kind": kind, "key": key}, "gain", changed(case, **fields))


Asked = Iterable[tuple[str, str, dict[str, Any]]]


def _floors(plan: Plan, case: Case) -> Asked:
    """The general floor, and each cluster that stands on its floor."""
    s = case.scenario
    if s.floor > 0:
        yield "floor", "", {"floor": 0.0}
    cover = plan.coverage.set_index("cluster")["coverage"]
    for c, floor in case.floors.items():
        if cover[c] < floor + SLACK:
            yield "floor", c, {"floors": {**s.floors, c: 0.0}}


def _lists(s: Scenario) -> Asked:
    for kind, field_name in (("lock", "locks"), ("exclusion", "exclusions")):
        texts = getattr(s, field_name)
        for text in texts:
            yield kind, text, {field_name: tuple(other for other in texts if other != text)}


def _others(s: Scenario) -> Asked:
    for kind, name in (
        ("target", "target_units"),
        ("target", "target_classes"),
        ("share", "training_share_min"),
        ("share", "training_share_max"),
        ("users_trained", "users_trained"),
    ):
        default = Scenario.model_fields[name].default
        if getattr(s, name) != default:
            yield kind, name, {name: default}
